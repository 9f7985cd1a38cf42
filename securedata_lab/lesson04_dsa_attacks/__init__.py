"""Lesson 04, dsa attacks: its services to break into, its checks, its explorer."""
