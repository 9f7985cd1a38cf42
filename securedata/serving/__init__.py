"""An app over HTTPS: a background thread, connections, whole bodies, renewal and the log."""
