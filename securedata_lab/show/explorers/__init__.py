"""Things to touch in a lesson: each a function that computes, a script and a style sheet."""
