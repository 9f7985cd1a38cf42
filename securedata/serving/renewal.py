"""A server that runs for months serves its next certificate before the last one ends."""

import logging
import ssl
import time
from collections.abc import Callable
from typing import Any

from securedata.certificates.authority import Leaf
from securedata.certificates.tls import load_leaf
from securedata.errors import CertificateError, KeyFileError

LOOK_SECONDS = 3600


def keep_fresh(
    context: ssl.SSLContext, served: Leaf, open_leaf: Callable[[], Leaf], log: logging.Logger
) -> None:
    """Have the context of a server look once an hour for another leaf to serve.

    It looks when a client comes, so it needs no thread. That client still gets the old leaf; later
    clients get the new one. A leaf that cannot be served is logged, and changes nothing.

    >>> from securedata import CertificateAuthority, server_context
    >>> leaf = CertificateAuthority.create("Example CA").issue("localhost")
    >>> context = server_context(leaf)
    >>> keep_fresh(context, leaf, lambda: leaf, logging.getLogger())
    >>> context.sni_callback is None
    False
    """
    looked = time.time()

    # OpenSSL calls this in every handshake, whether or not the client names a server.
    def at_a_handshake(*_: Any) -> None:
        nonlocal looked, served
        if abs(time.time() - looked) < LOOK_SECONDS:  # somebody may set the clock back
            return
        looked = time.time()
        try:
            found = open_leaf()
            if found != served:
                load_leaf(context, found)
                log.info("a new certificate is served, for %.0f days", found.days_left)
            served = found
        except (CertificateError, KeyFileError) as error:
            log.warning("the certificate stays as it was: %s", error)

    context.sni_callback = at_a_handshake
