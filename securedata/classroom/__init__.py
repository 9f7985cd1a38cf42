"""For lecturers: what a class hands in, run and judged. Only the command line imports it."""
