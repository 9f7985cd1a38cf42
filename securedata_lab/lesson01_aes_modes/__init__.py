"""Lesson 01, aes modes: its services to break into, its checks, its explorer."""
