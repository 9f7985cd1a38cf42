"""What this lesson's notebook takes from lesson 05, and from the room that reads TLS."""

from securedata_lab import wire
from securedata_lab.lesson05_tls_certificates.tap import Tap, replay

__all__ = ["Tap", "replay", "wire"]
