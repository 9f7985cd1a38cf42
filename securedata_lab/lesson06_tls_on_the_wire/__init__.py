"""Lesson 06: a handshake byte by byte, and keys that were found later."""

from securedata_lab import wire
from securedata_lab.lesson05_tls_certificates.tap import Tap, replay
from securedata_lab.lesson05_tls_certificates.verdicts import ask_standard_library
from securedata_lab.lesson06_tls_on_the_wire.explorer_session import explore_session
from securedata_lab.lesson06_tls_on_the_wire.old_shop import FFDHE2048, open_shop, show_attacks
from securedata_lab.lesson06_tls_on_the_wire.pcap import write_pcap
from securedata_lab.lesson06_tls_on_the_wire.recorder import record_post
from securedata_lab.lesson06_tls_on_the_wire.two_days import record_two_days, show_two_days

__all__ = [
    "FFDHE2048",
    "Tap",
    "ask_standard_library",
    "explore_session",
    "open_shop",
    "record_post",
    "record_two_days",
    "replay",
    "show_attacks",
    "show_two_days",
    "wire",
    "write_pcap",
]
