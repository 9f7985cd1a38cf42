"""GET /ready: whether the service can store now. Load balancers and containers ask it.

Anyone may ask as often as they like: the database is looked at once a second at most.
"""

import threading
import time
from collections.abc import Callable

from flask import Flask, Response, jsonify

from securedata.errors import SecureDataError
from securedata.web.contract import READY

LOOK_SECONDS = 1


def add_ready(app: Flask, look: Callable[[], None]) -> None:
    """Add GET /ready. `look` raises the error that a store would raise now.

    >>> app = Flask("example")
    >>> add_ready(app, lambda: None)
    >>> app.test_client().get("/ready").json
    {'status': 'ready'}
    """
    lock, looked, trouble = threading.Lock(), float("-inf"), None

    @app.get(READY.path)
    def ready() -> Response:
        nonlocal looked, trouble
        with lock:  # all who ask during a look get its result
            if time.monotonic() - looked >= LOOK_SECONDS:
                trouble = _trouble(look)
                looked = time.monotonic()
        if trouble:
            raise trouble.with_traceback(None)
        return jsonify(status="ready")


def _trouble(look: Callable[[], None]) -> SecureDataError | None:
    try:
        look()
    except SecureDataError as error:
        return error
    return None
