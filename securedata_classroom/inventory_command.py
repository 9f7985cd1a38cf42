"""`securedata inventory`: what a class knew before the course, and what after."""

from pathlib import Path

import click

from securedata.cli.options import ENVIRONMENT, PATH, Command
from securedata.errors import FormatError
from securedata_classroom.comparison import compare, report
from securedata_classroom.inventory_answers import read_class
from securedata_classroom.questions import read_questions


@click.command(cls=Command, context_settings=ENVIRONMENT)
@click.argument("before", type=PATH)
@click.argument("after", type=PATH)
@click.option(
    "--questions",
    "page",
    envvar="SECUREDATA_QUESTIONS",
    default="docs/teaching/inventory.md",
    type=PATH,
    help="The page with the inventory and its key. It is in the repository, not in the package.",
)
def inventory(before: Path, after: Path, page: Path) -> None:
    """Compare what a class answered to the inventory before and after the course.

    BEFORE and AFTER are what your learning platform saves as CSV. Or they are folders with the
    files answers-before.json and answers-after.json that students handed in: one folder can hold
    both. docs/teaching/inventory.md says how to get them, and how to read the result.
    """
    if not page.exists():
        raise FormatError(
            f"{page} is not here: go to the folder of the repository, or name it with --questions"
        )
    questions = read_questions(page)
    known = read_class(before, "before", questions), read_class(after, "after", questions)
    click.echo(report(compare(questions, *known)))
