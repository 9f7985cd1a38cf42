"""Which question keeps out whom: what stands in the explorer is what handshakes say."""

from itertools import combinations
from typing import Any

from securedata_lab.lesson05_tls_certificates import explorer_questions as questions
from securedata_lab.lesson05_tls_certificates.bad_servers import bad_server
from securedata_lab.lesson05_tls_certificates.hello_server import hello_server


def test_a_question_keeps_out_the_same_impostors_alone_and_beside_others() -> None:
    """The page puts single answers together: so must real handshakes."""
    for name in (None, *questions.IMPOSTORS):
        with hello_server() if name is None else bad_server(name) as server:
            alone = {it: questions.is_let_in(server, {it}) for it in questions.QUESTIONS}
            assert all(alone.values()) == (name is None)
            for count in range(len(alone) + 1):
                for asked in combinations(alone, count):
                    together = all(alone[it] for it in asked)
                    assert questions.is_let_in(server, {*asked}) == together, (name, asked)


def test_each_question_alone_keeps_somebody_out() -> None:
    data: Any = questions.explore_questions().data
    answers = [it["answers"] for it in data["servers"][1:]]
    for place in range(len(data["questions"])):
        only = [yes[:place] + yes[place + 1 :] for yes in answers if not yes[place]]
        assert any(map(all, only))
