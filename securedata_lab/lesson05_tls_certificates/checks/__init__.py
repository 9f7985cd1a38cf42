"""Lesson 05's checks: in the middle, a mended app, a robbery, and a chain."""
