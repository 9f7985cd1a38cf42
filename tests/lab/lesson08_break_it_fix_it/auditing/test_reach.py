"""The look at a vault's text finds what reaches for the interpreter, and no honest vault."""

from pathlib import Path

import pytest
from lab.lesson08_break_it_fix_it.auditing.judging import audited

from securedata_lab.lesson08_break_it_fix_it.answers.patches import (
    ALSO_RIGHT,
    OTHER_RIGHT,
    RIGHT,
    SYMPTOMS,
    vault,
)
from securedata_lab.lesson08_break_it_fix_it.auditing.duel import played
from securedata_lab.lesson08_break_it_fix_it.auditing.reach import reach_of

HONEST = (
    "import base64, datetime, functools, itertools, math, random, string, struct, threading, uuid\n"
    "from Crypto.Hash import SHA256\nfrom cryptography.exceptions import InvalidTag\n"
    "import re\nre.compile(getattr(re, 'escape')('sys.modules'))\n"
    "class A:\n    def __init__(self):\n        super().__init__()\n        self.code = 1\n"
    "print(int.__eq__)\n"
)


@pytest.mark.parametrize(
    "source",
    [
        HONEST,
        *(vault(it) for it in (*RIGHT.values(), *OTHER_RIGHT)),
        *(vault(it) for _, it in ALSO_RIGHT),
        *(vault(it) for *_, it in SYMPTOMS),
    ],
    ids=range(1 + len(RIGHT) + len(OTHER_RIGHT) + len(ALSO_RIGHT) + len(SYMPTOMS)),
)
def test_the_text_of_an_honest_vault_is_not_refused(source: str) -> None:
    assert reach_of(source) is None


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("import __main__", "__main__"),
        ("__import__('sys')", "sys"),
        ("__import__('s' + 'ys')", "__import__"),
        ("import os; os.sys.modules", "sys"),
        ("from threading import _sys as s", "_sys"),
        ("import os; os.kill(1, 2)", "kill"),
        ("getattr(os, 'ki' + 'll')", "getattr"),
        ("json.dumps = str", "json.dumps"),
        ("Vault.store = str", "Vault.store"),
        ("setattr(Vault, 'store', str)", "setattr"),
        ("().__class__.__subclasses__()", "__subclasses__"),
        ("(lambda: 0).__globals__", "__globals__"),
        ("(it for it in ()).gi_frame", "gi_frame"),
        ("from operator import attrgetter", "attrgetter"),
        ("match 1:\n    case int(__class__=x, __doc__=y, __reduce__=z): pass", "__reduce__"),
        ("object.__setattr__(1, 'a', 1)", "__setattr__"),
        ("exec('1')", "exec"),
        ("import helper", "helper"),
    ],
)
@pytest.mark.whole
def test_a_text_that_reaches_for_the_interpreter_is_refused_with_its_line(
    tmp_path: Path, line: str, word: str
) -> None:
    source = vault(RIGHT["nonce"]) + line
    report = audited(tmp_path, source, only="nonce")
    said = str(report.unusable)
    assert (f"line {len(source.splitlines())} " in said, report.points) == (True, 0)
    assert f"`{word}`: a vault " in said
    assert str(played(source, print)) == f"no vault that works: {said}"
