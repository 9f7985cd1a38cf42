"""The weak twins of the service: each has one flaw to attack, and keys of its own."""
