"""The errors of reading TLS: each says where in the stream the problem is."""

from securedata.errors import SecureDataError


class WireError(SecureDataError):
    """These bytes are not the TLS that was expected; `offset` says where in the stream."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(f"{message} (at offset {offset})")
        self.offset = offset


class NoSuchFieldError(SecureDataError, KeyError):
    """A field has no part of this name; the message lists the names that there are."""

    def __str__(self) -> str:
        return str(self.args[0])  # a KeyError would show it in quotes
