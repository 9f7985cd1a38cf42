"""A server that runs for months serves its next certificate before the last one ends."""

import logging
import ssl
import threading
import time
from collections.abc import Callable

from securedata.certificates.authority import Leaf
from securedata.certificates.tls import server_context

LOOK_SECONDS = 3600
STEP_SECONDS = 30  # how soon a jump of the clock is noticed


class Renewal:
    """Looks at start, and then once an hour, for another leaf to serve.

    It looks in a thread, since files may be slow. New clients get a new context, so no context
    changes while a handshake uses it. A leaf that cannot be served is logged, and changes nothing.

    >>> from securedata import CertificateAuthority
    >>> leaf = CertificateAuthority.create("Example CA").issue("localhost")
    >>> Renewal(leaf, lambda: leaf).start(print, logging.getLogger(), ended := threading.Event())
    >>> ended.set()
    """

    def __init__(self, served: Leaf, open_leaf: Callable[[], Leaf]) -> None:
        self._served, self._open_leaf = served, open_leaf

    def start(
        self,
        serve_with: Callable[[ssl.SSLContext], None],
        log: logging.Logger,
        ended: threading.Event,
    ) -> None:
        """Look in a thread of this process until the server has ended."""
        threading.Thread(
            target=self._look_hourly, args=(serve_with, log, ended), daemon=True
        ).start()

    def _look_hourly(
        self,
        serve_with: Callable[[ssl.SSLContext], None],
        log: logging.Logger,
        ended: threading.Event,
    ) -> None:
        looked = None
        while not ended.is_set():
            now = time.time()
            if looked is None or abs(now - looked) >= LOOK_SECONDS:  # the clock may be set back
                looked = now
                try:
                    self._look(serve_with, log)
                except Exception as error:  # whatever it is, it may be over in an hour
                    log.warning("the certificate stays as it was: %s", error)
            ended.wait(STEP_SECONDS)

    def _look(self, serve_with: Callable[[ssl.SSLContext], None], log: logging.Logger) -> None:
        found = self._open_leaf()
        if found != self._served:
            serve_with(server_context(found))
            log.info("a new certificate is served, for %.0f days", found.days_left)
        self._served = found
