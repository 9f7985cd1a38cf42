from .changes import show_changes
from .days import meet_stranger, show_days
from .explorer_session import explore_session
from .from_others import Tap, replay, wire
from .own_keys import open_request
from .pcap import write_pcap
from .recorder import record_post
from .search_again import FFDHE2048, show_search
from .shop_client import open_shop
from .x25519 import power

__all__ = [
    "FFDHE2048",
    "Tap",
    "explore_session",
    "meet_stranger",
    "open_request",
    "open_shop",
    "power",
    "record_post",
    "replay",
    "show_changes",
    "show_days",
    "show_search",
    "wire",
    "write_pcap",
]
