"""Lesson 07's checks, one file an exercise."""
