"""Bytes in, bytes out: no files, no clock, no network, no SQL."""
