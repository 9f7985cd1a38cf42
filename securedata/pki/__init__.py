"""Who may speak to whom: a certificate authority, its leaves, and TLS contexts made of them."""
