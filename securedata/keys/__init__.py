"""The service's own keys: the key file, its passphrase, and how keys change."""
