"""Who asks: the owner whose token a request bears, or `local` where there never were tokens.

It knows HTTP's Authorization header and whom the vault's ring lets in; no records.
"""

import re

from flask import request

from securedata.errors import TokenError
from securedata.keys.service_keys import LOCAL, ServiceKeys
from securedata.vault import Vault
from securedata.web.contract import CALLER_UNKNOWN

# The scheme in any case (RFC 9110, 11.1), then the 32 bytes that we handed out, as we wrote them.
BEARER = re.compile("(?i:bearer) +([0-9a-f]{64})")


class Gate:
    """Tells who asks, or refuses.

    A class, because it remembers: once it has asked for tokens it never stops. A key file from
    before there were tokens, put back under a running server, must not open the door to everybody.

    >>> from flask import Flask
    >>> from securedata import RecordStore, ServiceKeys
    >>> gate = Gate(Vault(RecordStore("sqlite://"), ServiceKeys.generate()))
    >>> with Flask("example").test_request_context():
    ...     gate.owner()
    'local'
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._closed = vault.service_keys.tokens is not None

    @property
    def asks(self) -> bool:
        """Whether a token is needed now.

        Raises:
            KeyFileError: the key file cannot be read: nobody can tell.
        """
        return self._asks_in(self._vault.service_keys)

    def owner(self) -> str:
        """The owner as whom the request that is being answered may store and retrieve.

        Raises:
            TokenError: a token is needed, and is missing, malformed, unknown or revoked.
            KeyFileError: the key file cannot be read: nobody can tell who asks.
        """
        service_keys = self._vault.service_keys
        return service_keys.owner_of(_token()) if self._asks_in(service_keys) else LOCAL

    def _asks_in(self, service_keys: ServiceKeys) -> bool:
        self._closed = self._closed or service_keys.tokens is not None
        return self._closed


def _token() -> str:
    sent = request.headers.get("Authorization")
    if sent is None:
        raise TokenError(CALLER_UNKNOWN)
    borne = BEARER.fullmatch(sent)
    if borne is None:
        raise TokenError('The Authorization header must be "Bearer", a space, and 64 hex digits.')
    return borne[1]
