"""The audit of lesson 08: a flawed vault, which a student fixes, is used and attacked over TLS."""
