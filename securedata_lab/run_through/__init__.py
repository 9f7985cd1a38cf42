"""The run-through: what its notebook takes from the lessons."""

from securedata_lab.lesson05_tls_certificates import ManInTheMiddle, Tap, serve_without_tls

__all__ = ["ManInTheMiddle", "Tap", "serve_without_tls"]
