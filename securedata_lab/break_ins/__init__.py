"""Running services to break into. What they hide was drawn at random, and no notebook holds it."""
