"""Points: the seven rules, on tables that can be worked out by hand."""

import pytest

from securedata.classroom.tournament.flags import FLAGS
from securedata.classroom.tournament.match import Result
from securedata.classroom.tournament.scoring import Matches, points
from securedata.classroom.tournament.teams import FLAWED


def took(*flags: str) -> Result:
    return Result(frozenset(flags), "", ())


UNFAIR = Result(frozenset(), "honest use fails", ())
ALL, NOTHING = took(*FLAGS), took()


def scored(matches: Matches) -> dict[str, tuple[float | None, float | None]]:
    return {it.player: (it.defence, it.attack) for it in points(matches)}


def test_a_flag_is_shared_by_those_who_took_it_from_one_vault() -> None:
    figures = scored(
        {
            ("ada", "bob"): [took("text", "gone")],
            ("ada", "eve"): [took("text")],
            ("bob", "eve"): [took("text")],
        }
    )
    assert figures["bob"][1] == pytest.approx(1 / 2 + 1)
    assert figures["eve"][1] == pytest.approx(1 / 2 + 1)


def test_a_vault_is_measured_only_against_those_who_can() -> None:
    figures = scored(
        {
            (FLAWED, "bob"): [ALL],
            (FLAWED, "eve"): [took("text")],
            (FLAWED, "sam"): [NOTHING],
            ("ada", "bob"): [NOTHING],
            ("ada", "eve"): [took("text")],
            ("ada", "sam"): [NOTHING],
        }
    )
    # Bob failed five times, Eve not at the one flag that she can take, and Sam does not count.
    assert figures["ada"] == (pytest.approx((1 / 2 + 1 + 1 + 1 + 1) / 5), None)


def test_a_flag_that_nobody_can_take_is_no_defence() -> None:
    assert scored({(FLAWED, "eve"): [NOTHING], ("ada", "eve"): [NOTHING]})["ada"] == (0, None)


def test_where_honest_use_failed_nobody_gets_anything() -> None:
    figures = scored({(FLAWED, "eve"): [ALL], ("ada", "eve"): [UNFAIR]})
    assert figures == {FLAWED: (0, None), "ada": (0, None), "eve": (None, 5)}


@pytest.mark.parametrize(
    ("results", "value"),
    [
        ([took("text"), NOTHING, took("text")], 1),
        ([took("text"), NOTHING, NOTHING], 0),
        ([took("text"), UNFAIR, took("text")], 1),
        ([took("text"), UNFAIR, UNFAIR], 0),
        ([took("text"), NOTHING], 0),
    ],
)
def test_the_median_of_the_repetitions_counts(results: list[Result], value: float) -> None:
    assert scored({("ada", "eve"): results})["eve"] == (None, value)
