"""Lesson 08, break it fix it: its services to break into, its checks, its explorer."""
