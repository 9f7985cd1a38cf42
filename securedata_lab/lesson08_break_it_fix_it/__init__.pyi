from .auditing.live_vault import serve_vault
from .strangers import meet_stranger
from .vault_theft import show_theft

__all__ = [
    "meet_stranger",
    "serve_vault",
    "show_theft",
]
