"""The time, as text: in the form of records and key files. Nothing else here."""

from datetime import datetime, timezone


def now() -> str:
    """The time in UTC, `YYYY-MM-DDTHH:MM:SSZ`.

    >>> len(now())
    20
    """
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
