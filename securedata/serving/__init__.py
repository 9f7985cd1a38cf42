"""An app over HTTPS: a background thread, whole bodies, sockets, workers, renewal and the log."""
