"""Pictures and charts for the lessons, each with a text that says the same."""
