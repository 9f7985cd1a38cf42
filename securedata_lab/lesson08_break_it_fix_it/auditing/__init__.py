"""The audit of lesson 08: a flawed vault, which a student mends, is used and attacked over TLS."""
