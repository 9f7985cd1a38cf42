"""Lesson 05's checks: in the middle, a fixed app, and a chain."""
