"""The minutes of a lesson are counted as first readers needed them."""

from collections import Counter

import pytest
from minutes import count, lines_to_write, main, minutes
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from vocabulary import ROOT

EVERYWHERE = {"start": 1, "recap": 1, "first reading": 1}
WHAT = [
    "words",
    "drawings",
    "predictions",
    "outputs",
    "tables",
    "by hand",
    "one line",
    "two lines",
    "more lines",
    "duels",
]
# What stood in the class parts of kit 0.2.0 and of today, and the minutes of first readers.
FIRST_READERS = {
    "readers of 0.2.0": {
        "01": ([989, 2, 3, 3, 1, 1, 1, 1, 1, 0], 56),
        "02": ([1047, 1, 2, 2, 1, 0, 0, 0, 2, 0], 48),
        "03": ([1016, 0, 2, 2, 1, 0, 1, 2, 0, 0], 48),
        "04": ([1042, 0, 4, 6, 1, 0, 1, 0, 1, 0], 46),
        "05": ([1028, 2, 3, 2, 1, 0, 2, 0, 1, 0], 47),
        "06": ([1025, 2, 2, 1, 1, 0, 0, 1, 2, 0], 56),
        "07": ([1034, 1, 3, 4, 1, 0, 1, 1, 1, 0], 53),
        "08": ([1028, 1, 3, 3, 1, 0, 1, 2, 1, 1], 83),
    },
    "readers today": {
        "01": ([835, 1, 1, 2, 1, 1, 2, 0, 1, 0], 40),
        "02": ([948, 1, 2, 3, 1, 1, 2, 1, 0, 0], 43),
        "03": ([1033, 0, 1, 3, 1, 0, 1, 2, 0, 0], 44),
        "04": ([933, 0, 1, 2, 1, 0, 0, 0, 2, 0], 45),
        "05": ([828, 2, 1, 1, 0, 0, 1, 1, 1, 0], 41),
        "06": ([1021, 2, 1, 1, 0, 0, 0, 3, 0, 0], 42),
        "07": ([923, 0, 3, 3, 0, 0, 3, 0, 1, 0], 45),
        "08": ([1049, 1, 3, 6, 1, 1, 1, 0, 3, 0], 69),
    },
}


@pytest.mark.parametrize(("readers", "off"), [("readers of 0.2.0", 3), ("readers today", 6)])
def test_the_rates_say_what_first_readers_needed_and_the_page_shows_it(
    readers: str, off: int
) -> None:
    needed = [clock for _, clock in FIRST_READERS[readers].values()]
    said = [
        minutes(Counter(EVERYWHERE | dict(zip(WHAT, counts, strict=True))))
        for counts, _ in FIRST_READERS[readers].values()
    ]
    assert max(abs(a - b) for a, b in zip(said, needed, strict=True)) <= off, said
    rows = [
        f"| {name} | {' | '.join(f'{it:.0f}' for it in row)} |"
        for name, row in ((readers, needed), ("counted", said))
    ]
    assert "\n".join(rows) in (ROOT / "docs" / "teaching" / "before.md").read_text("utf-8")


def test_everything_in_a_notebook_is_counted_in_its_part() -> None:
    exercise = {"securedata": {"exercise": "9.1"}}
    table = {"securedata": {"kind": "table"}}
    fold = "<details>A hint\n\n```python\nmy_x = 1\ntaken = my_x\n```\n</details>"
    notebook = new_notebook(
        cells=[
            new_markdown_cell('# Two words <img alt="a b c" data-drawing="x" src="">'),
            new_code_cell("import x", metadata={"tags": ["setup"]}),
            new_markdown_cell("Now by hand. **Before you run this:** which [page](of/these)?"),
            new_code_cell("print(1)"),
            new_markdown_cell("## Exercise 9.1", metadata=exercise),
            new_code_cell("my_x = ...", metadata=exercise | {"tags": ["stub"]}),
            new_code_cell("my_x = 1", metadata=exercise | {"tags": ["solution"]}),
            new_code_cell('check("9.1", my_x)', metadata=exercise),
            new_markdown_cell(fold, metadata=exercise),
            new_markdown_cell("## Your attacks", metadata=table),
            new_code_cell("show()"),
            new_markdown_cell("a model answer", metadata={"tags": ["answer"]}),
            new_markdown_cell("## At home"),
            new_code_cell("def my_attack():\n    ..."),
        ]
    )
    in_class, at_home = count(notebook)
    once = ["drawings", "by hand", "predictions", "two lines", "tables"]
    expected = Counter({"words": 18, "outputs": 2} | dict.fromkeys(once, 1))
    assert in_class == expected + Counter({"start": 1, "recap": 1, "first reading": 1})
    assert at_home == Counter({"start": 1, "words": 3, "duels": 1})


STUB = "def my_read(a):\n    ...\n\nprint(my_read(1))\nprint(say(...))  # what you have read"


@pytest.mark.parametrize(
    ("stub", "solution", "lines"),
    [
        ("a = ...\nb = ...", "a = 1\nb = 2", 2),
        (STUB, "def my_read(a):\n    return (\n        a)", 2),  # what was read is typed
        ("def f(a):\n    return ..., ...", "def f(a):\n    return a, a", 2),
        ("class A(B):\n    def n(self):\n        ...", "class A(B):\n    def n(self): return 1", 1),
        ('text = "yours"\nf(text)', 'text = "x" * 3\nmore = text\nf(text)', 2),
    ],
)
def test_lines_are_counted_and_not_how_they_are_wrapped(
    stub: str, solution: str, lines: int
) -> None:
    assert lines_to_write(stub, solution) == lines


def test_the_program_prints_a_line_for_each_lesson(capsys: pytest.CaptureFixture[str]) -> None:
    main(ROOT / "notebooks")
    lines = capsys.readouterr().out.splitlines()
    assert [line[:2] for line in lines] == [f"0{number}" for number in range(1, 9)]
