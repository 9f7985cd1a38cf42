"""Lesson 05, tls certificates: its services to break into, its checks, its explorer."""
