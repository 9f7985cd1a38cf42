"""AES, DSA and others, written to be read: for looking at, never for protecting anything."""
