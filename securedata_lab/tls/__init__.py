"""TLS for lessons: servers with bad certificates, a man in the middle, a tap, and clients."""
