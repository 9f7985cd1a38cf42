"""Lab tools for the lesson on certificates: a tap, a man in the middle, bad servers, clients."""
