"""AES, DSA and others, written to be read: for looking at, never for protecting anything."""

from securedata_lab.basics import small_dsa

__all__ = ["small_dsa"]
