"""Lesson 05's checks: in the middle, a fixed app, a robbery, and a chain."""
