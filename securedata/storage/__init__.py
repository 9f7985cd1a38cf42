"""Sealed records in SQL: SQLite or PostgreSQL."""
