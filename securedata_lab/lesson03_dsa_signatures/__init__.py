"""Lesson 03, dsa signatures: its services to break into, its checks, its explorer."""
