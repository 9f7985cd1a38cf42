"""The time as text."""

from datetime import datetime, timedelta, timezone

from securedata.clock import now


def test_now_is_the_time_in_utc_to_the_second() -> None:
    told = datetime.strptime(now(), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    assert abs(datetime.now(timezone.utc) - told) < timedelta(seconds=2)
