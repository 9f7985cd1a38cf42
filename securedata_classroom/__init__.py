"""For lecturers: the grader, quizzes, and what a class knew before and after the course.

Only the command line imports it.
"""
