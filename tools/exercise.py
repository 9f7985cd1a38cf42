"""Play an exercise's answers, show the line that each really gets, and name forgotten places.

    .venv/bin/python tools/exercise.py 6.6

It ends with 1 if a right answer is refused, a wrong one is accepted or gets another line, or
something is missing. The tests in tests/lab/judging do the work.
"""

import argparse
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
JUDGING = ROOT / "tests" / "lab" / "judging"
OPTIONS = (  # in parallel: each answer to lesson 08 is a vault in a process of its own
    "-q --no-header --tb=short --override-ini=console_output_style=classic --numprocesses=auto"
)
SHOWN = 79  # letters of an answer: its end, since a lesson's long answers begin alike


class Lines:
    """Prints an answer and its line in place of a dot: green, or red if the line is false."""

    played = 0

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """No dots: the lines of the answers are shown instead."""
        if report.when != "call":
            return None
        said = dict(report.user_properties)  # of an answer that is played three times, the last
        self.played += len(said)
        lines = "".join(f"\n{str(code)[-SHOWN:]}\n    {line}" for code, line in said.items())
        return report.outcome, lines, report.outcome.upper()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("number", help="of the exercise, such as 6.6")
    number = parser.parse_args().number
    tests = [str(JUDGING / name) for name in ("test_answers.py", "test_places.py")]
    # -m "": also the answers that `make test` leaves out.
    chosen, lines = ["-m", "", "-k", f"{number} or 0{number[0]}_"], Lines()
    code = pytest.main([*tests, *OPTIONS.split(), *chosen], plugins=[lines])
    if not lines.played:
        print(f"{number} has no answers: securedata_lab/lesson0{number[0]}_…/answers.py")
    if number not in (ROOT / "CHANGELOG.md").read_text("utf-8").split("\n## ")[1]:
        print(f"CHANGELOG.md does not name {number} among what is new: would users notice it?")
    return int(code != pytest.ExitCode.OK or not lines.played)


if __name__ == "__main__":
    raise SystemExit(main())
