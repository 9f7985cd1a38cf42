"""The vault, seen from far away: an app of routes, a server in a thread, a client."""
