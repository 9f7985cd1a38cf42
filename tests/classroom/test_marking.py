"""The page to mark on: what stands in it, before a browser opens it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from classroom.handing_in import LESSONS, NOTEBOOKS, THREE, graded

from securedata_classroom.grading import UNGRADED, Graded, Verdict
from securedata_classroom.lessons import Lesson, questions
from securedata_classroom.marking import MOST_ANSWER, models, to_marking

NO_MODEL = {"8.12"}  # its solution has no line left for a sentence


def data_in(page: str) -> dict[str, Any]:
    found = re.search(r'<script id="data" type="application/json">(.*?)</script>', page)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def columns(*grades: Graded) -> dict[str, Any]:
    data = data_in(to_marking("points.csv", THREE, grades, ["zoe"]))
    return {it["heading"]: it for it in data["columns"]}


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda it: it.stem)
def test_each_question_has_its_model_and_no_question_in_it(lesson: Lesson) -> None:
    found, asked = models(NOTEBOOKS, lesson), questions(lesson)
    assert {it for it in asked if not found[it]} <= NO_MODEL
    assert [it for it in asked if asked[it] in found[it] or "<" in found[it]] == []
    assert models(Path("nowhere"), lesson) == {}


def test_equal_answers_stand_side_by_side_after_case_and_spaces() -> None:
    said = {"ada": "It is  not bound.", "bob": "It is.", "fay": "it is not\nBound. ", "mia": ""}
    (groups,) = (
        it["groups"]
        for heading, it in columns(*(graded(*it) for it in said.items())).items()
        if heading == "3.1 sentence"
    )
    assert [[it["answer"] for it in group] for group in groups] == [
        ["It is  not bound.", "it is not\nBound. "],
        ["It is."],  # and mia, who wrote nothing, has 0 already
    ]
    assert {it["state"] for group in groups for it in group} == {"correct"}


def test_what_was_not_graded_waits_for_points_and_what_was_not_handed_in_does_not() -> None:
    report = Graded("oli", "", "", (Verdict("", UNGRADED, "report.pdf"),))
    found = columns(graded("ada", "So."), graded("fay", "So.", UNGRADED), report)
    waiting = [it for group in found["3.1 check"]["groups"] for it in group]
    assert [(it["state"], it["words"]) for it in waiting] == [
        (UNGRADED, "why"),
        (UNGRADED, "report.pdf"),
    ]
    assert len([it for group in found["3.1 sentence"]["groups"] for it in group]) == 3
    rows = data_in(to_marking("", THREE, [graded("ada", "")], ["zoe"]))["table"]
    assert [it[0] for it in rows] == ["student", "points possible", "ada", "zoe"]


def test_of_a_hand_in_that_was_graded_again_only_changed_answers_have_new_keys() -> None:
    def keys(*said: str) -> list[str]:
        found = columns(graded("ada", said[0]), graded("bob", said[1]))
        return [it["key"] for group in found["3.1 sentence"]["groups"] for it in group]

    (ada, bob), (still_ada, changed_bob) = keys("So.", "Why?"), keys("So.", "Because.")
    assert (ada, bob != changed_bob) == (still_ada, True)
    assert len({ada, *keys("So.", "So.")}) == 2  # equal words of two students are two answers


@pytest.mark.parametrize("text", ["</script><script>x()</script>", "<!--<script>", "{{data}}"])
def test_no_name_and_no_answer_ends_the_script_that_holds_them(text: str) -> None:
    page = to_marking("", THREE, [graded(text, f"{text}\x1b\u202e\n{text}" + MOST_ANSWER * "a")])
    data = data_in(page)
    assert data["table"][2][0] == text
    (item,) = data["columns"][0]["groups"][0]
    assert item["answer"].startswith(f"{text}\\x1b\\u202e\n{text}aaa")
    assert item["answer"].endswith("a …")
    assert page.count("<script") == page.count("</script>") == 2


def test_the_page_may_load_and_send_nothing() -> None:
    page = to_marking("", THREE, [])
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert found
    rules = dict(it.split(" ", 1) for it in found[1].split("; "))
    assert rules.pop("default-src") == rules.pop("base-uri") == rules.pop("form-action") == "'none'"
    assert [*rules] == ["style-src", "script-src"]
    assert all(it.startswith("'sha256-") and " " not in it for it in rules.values())
