"""Lesson 06, tls on the wire: its services to break into, its checks, its explorer."""
