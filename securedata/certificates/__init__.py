"""X.509: a CA issues leaves, a leaf becomes a TLS context, and the files on disk."""
