"""The owner of a request: its token says who it is. Without any tokens it is `local`.

It reads HTTP's Authorization header out of the WSGI environ (PEP 3333), and the tokens among the
service's keys. No records here.
"""

import re
from dataclasses import dataclass
from typing import Any

from securedata.errors import TokenError
from securedata.keys.service_keys import LOCAL, ServiceKeys
from securedata.vault import Vault
from securedata.web.contract import CALLER_UNKNOWN

# The scheme in any case (RFC 9110, 11.1), then the 64 hex digits that we handed out.
BEARER = re.compile("(?i:bearer) +([0-9a-f]{64})")

Environ = dict[str, Any]


@dataclass(frozen=True)
class Caller:
    """The owner of a request, and the service's keys, which were read to find the owner.

    >>> Caller("local", ServiceKeys.generate()).owner
    'local'
    """

    owner: str
    keys: ServiceKeys


class Authenticator:
    """Finds the owner of a request, or refuses it.

    A class, because it remembers: once it has asked for tokens, it always does. Otherwise an old
    key file without tokens, put back while the server runs, would let everybody in.

    >>> from securedata import RecordStore
    >>> authenticator = Authenticator(Vault(RecordStore("sqlite://"), ServiceKeys.generate()))
    >>> authenticator.caller({}).owner
    'local'
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._closed = vault.service_keys.tokens is not None

    @property
    def asks(self) -> bool:
        """Whether a token is needed now.

        Raises:
            KeyFileError: the key file cannot be read.
        """
        return self._asks_in(self._vault.service_keys)

    def caller(self, environ: Environ) -> Caller:
        """Who sent the request of this environ, by the keys as they are now.

        Raises:
            TokenError: a token is needed, and is missing, malformed, unknown or revoked.
            KeyFileError: the key file cannot be read.
        """
        keys = self._vault.service_keys
        if not self._asks_in(keys):
            return Caller(LOCAL, keys)
        owner = keys.owner_of(_token(environ))
        # A server that has too many connections spares this one longest.
        environ.get("securedata.connection", {})["has_token"] = True
        return Caller(owner, keys)

    def _asks_in(self, keys: ServiceKeys) -> bool:
        self._closed = self._closed or keys.tokens is not None
        return self._closed


def _token(environ: Environ) -> str:
    sent = environ.get("HTTP_AUTHORIZATION")
    if sent is None:
        raise TokenError(CALLER_UNKNOWN)
    borne = BEARER.fullmatch(sent)
    if borne is None:
        raise TokenError('The Authorization header must be "Bearer", a space, and 64 hex digits.')
    return borne[1]
