"""The time, as text: the form in which records and key rings keep it. It knows nothing else."""

from datetime import datetime, timezone


def now() -> str:
    """The time in UTC, `YYYY-MM-DDTHH:MM:SSZ`.

    >>> len(now())
    20
    """
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
