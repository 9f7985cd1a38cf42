"""Lesson 07, secure store: its services to break into, its checks, its explorer."""
