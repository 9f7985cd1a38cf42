"""Each rule of sanitize.cfg hides what it is for, and nothing else."""

import configparser
import re
from pathlib import Path

import pytest

RULES = configparser.ConfigParser()
RULES.read(Path(__file__).with_name("sanitize.cfg"))


def sanitized(text: str) -> str:
    for rule in RULES.values():
        if rule.name != "DEFAULT":
            text = re.sub(rule["regex"], rule["replace"], text)
    return text


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        ("port", "runs at https://localhost:43211/x", "runs at https://localhost:PORT/x"),
        ("port", "runs at http://localhost:43211", "runs at http://localhost:43211"),
        ("record-id", f"record {'0a' * 16}: no", "record RECORD-ID: no"),
        (
            "picture",
            '<img alt="A" src="data:image/png;base64,iVBO=">',
            '<img alt="A" src="PICTURE">',
        ),
        ("record-id", f"tag {'0a' * 16}", f"tag {'0a' * 16}"),
    ],
)
def test_a_rule_hides_what_it_is_for_and_nothing_else(rule: str, before: str, after: str) -> None:
    assert rule in RULES
    assert sanitized(before) == after


def test_there_are_fewer_than_ten_rules_and_the_file_is_ascii() -> None:
    assert len(RULES.sections()) < 10
    assert Path(__file__).with_name("sanitize.cfg").read_bytes().isascii()
