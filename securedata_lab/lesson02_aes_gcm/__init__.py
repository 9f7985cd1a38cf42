"""Lesson 02, aes gcm: its services to break into, its checks, its explorer."""
