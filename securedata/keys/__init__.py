"""The service's own keys: all of them, in a file, under a passphrase, and how they change."""
