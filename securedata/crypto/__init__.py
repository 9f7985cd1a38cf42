"""AES-GCM, DSA, and how records are sealed: bytes in, bytes out. No files, network or SQL here."""
