"""PostgreSQL connections whose commits are durable, and whose waits all end.

A stopped server refuses at once. A server that hangs, or a network that loses packets, says
nothing: then the server's own time limits do not help, and the limits here do. It needs psycopg.
"""

import time
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import InvalidatePoolError

POOL_SIZE = 16  # connections of a process: /store and /retrieve have up to 8 threads each
CONNECT_SECONDS = 5
STATEMENT_SECONDS = 8  # then PostgreSQL itself ends a statement, and the connection is kept
SILENCE_SECONDS = 10  # then we disconnect: PostgreSQL does not even end the statement
FRESH_SECONDS = 0.1  # no restart is so quick: a connection used so lately is still open

DEFAULTS: dict[str, Any] = {
    "application_name": "securedata",
    "connect_timeout": CONNECT_SECONDS,
}
# Of the levels of synchronous_commit only `off` loses what was acknowledged; others are kept.
SESSION = f"""
    SET statement_timeout = '{STATEMENT_SECONDS}s';
    SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') = 'off'
"""

Result = TypeVar("Result")


def open_postgresql(url: URL) -> Engine:
    """Make an engine for this url. No connection is made yet.

    >>> from sqlalchemy.engine import make_url
    >>> open_postgresql(make_url("postgresql+psycopg://user@host/name")).pool.size()
    16
    """
    engine = create_engine(
        url,
        hide_parameters=True,  # no ciphertext in error texts
        pool_size=POOL_SIZE,
        pool_timeout=CONNECT_SECONDS,
        max_overflow=0,
        # Each statement is a transaction: this spares the round trips of BEGIN and COMMIT.
        # `transaction` in database.py is for several statements.
        isolation_level="AUTOCOMMIT",
    )
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "checkout", _ping_if_idle)
    return engine


def _prepare(connection: psycopg.Connection[Any], _: object) -> None:
    connection.execute(SESSION)


def _ping_if_idle(connection: "_Connection", *_: object) -> None:
    # Replaces a connection that a restart has cut. Under load it costs no round trip.
    if time.monotonic() - connection.heard_at > FRESH_SECONDS:
        try:
            connection.execute("")
        except psycopg.Error:
            raise InvalidatePoolError from None  # SQLAlchemy then connects anew


def _connect(
    dialect: object, record: object, arguments: list[Any], options: dict[str, Any]
) -> psycopg.Connection[Any]:
    # Else texts come as bytes, in a database of encoding SQL_ASCII for one. The context is
    # SQLAlchemy's, whatever the url says.
    given = DEFAULTS | options | {"client_encoding": "utf8", "context": None}
    try:
        # Only libpq's parameters: psycopg would take a url's text for one of its own objects, too.
        return _Connection.connect(
            make_conninfo(*arguments, **given), context=options.get("context")
        )
    except UnicodeError:  # psycopg asks for the address of `a..b`
        raise psycopg.OperationalError("its url has a name that cannot be encoded") from None


class _Connection(psycopg.Connection[Any]):
    """A connection that does not wait for ever, and knows when it last heard the server."""

    heard_at = 0.0

    def wait(self, gen: PQGen[Result], *arguments: Any, **options: Any) -> Result:
        """Wait for the server's answer as psycopg does, but not for ever."""
        try:
            result = super().wait(_not_for_ever(gen), *arguments, **options)
        except TimeoutError:
            self.close()  # a late answer must not be taken for the next one
            raise psycopg.OperationalError(f"silent for {SILENCE_SECONDS} seconds") from None
        self.heard_at = time.monotonic()
        return result


def _not_for_ever(steps: PQGen[Result]) -> PQGen[Result]:
    """The same steps towards an answer, ending in TimeoutError if they take too long.

    psycopg takes a step when it hears the server, and ten times a second when it does not. Before
    3.2.11 it did not say which.
    """
    deadline = time.monotonic() + SILENCE_SECONDS
    try:
        wish = next(steps)
        while True:
            wish = steps.send((yield wish))
            if time.monotonic() > deadline:
                raise TimeoutError
    except StopIteration as end:
        result: Result = end.value
        return result
