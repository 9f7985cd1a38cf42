from .auditing.live_vault import serve_vault
from .sharing.cell import kept_in, play_stories
from .sharing.store import Store
from .strangers import meet_stranger
from .vault_theft import show_theft

__all__ = [
    "Store",
    "kept_in",
    "meet_stranger",
    "play_stories",
    "serve_vault",
    "show_theft",
]
