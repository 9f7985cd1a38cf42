"""Tests of cafe.py, town.py and scoreboard.py: who gets a password, and who learns one."""

import ast
import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from securedata_lab.basics import chance
from securedata_lab.lesson05_tls_certificates import issue_certificate, open_cafe
from securedata_lab.lesson05_tls_certificates.cafe import Cafe, Json, Post, post
from securedata_lab.lesson05_tls_certificates.card import Card, Proof, cards_of
from securedata_lab.lesson05_tls_certificates.town import WELCOME, WRONG, open_kept
from securedata_lab.servers.clients import NoAnswerError

OWN = issue_certificate("localhost", names=["localhost"])
NOT_YET: Any = ...


@pytest.fixture(scope="module")
def cafe() -> Iterator[Cafe]:
    cafe = Cafe()
    cafe.start()
    yield cafe
    cafe.stop()


def asks(chain: list[Card], ca: Card, name: str, today: datetime.date, proof: Proof) -> list[bool]:
    """What 5.7 asks for."""
    links = [*zip(chain, [*chain[1:], ca], strict=True)]
    return [
        all(card.signed_by(by) and by.is_ca for card, by in links),
        all(card.starts <= today <= card.ends for card in chain),
        name in chain[0].names,
        chain[0].has_signed(proof),
    ]


def careful(post: Post, url: str, body: Json, ca_file: Path) -> object:
    return post(url, json=body, verify=ca_file, timeout=10)


def password_in(told: str) -> str:
    read = ast.literal_eval(told.splitlines()[0].removeprefix("The app to you: "))
    return str(read["password"])


def compared(
    cafe: Cafe, capsys: pytest.CaptureFixture[str], client: Any = asks, send: Any = careful
) -> list[list[str]]:
    """The fields of the table, row by row."""
    capsys.readouterr()
    cafe.compare(client, send)
    rows = ast.literal_eval(capsys.readouterr().out)["text/html"].split("<tr>")[2:]
    return [[it.partition("</td>")[0] for it in row.split("<td>")[1:]] for row in rows]


def test_the_app_tells_one_password_each_time_and_it_opens_the_shop(cafe: Cafe) -> None:
    first, again = (password_in(cafe.log_in(OWN)) for _ in range(2))  # a cell may be run twice
    assert first == again
    assert cafe.as_ada(first) == f"The shop to you: {WELCOME}"


def test_a_stub_sends_nothing(cafe: Cafe) -> None:
    for certificate, words in {NOT_YET: "is still `...`", "PEM": "issue_certificate"}.items():
        said = cafe.log_in(certificate)
        assert said.startswith("Nothing was sent: your certificate ")
        assert words in said
    assert cafe.as_ada(...) == "Nothing was sent: the password is still `...`."
    assert cafe.as_ada(18) == "Nothing was sent: a password stands in quotes."
    assert "in: issuer is still `...`." in repr(cafe.try_client(lambda *five: [...] * 4))
    assert "in a list, and not True" in repr(cafe.try_client(lambda *five: True))
    assert "names must be True or False, and not 1" in repr(
        cafe.try_client(lambda *five: [True, True, 1, True])
    )


def test_each_impostor_is_kept_out_by_one_answer_alone(cafe: Cafe) -> None:
    """So whoever leaves one out, or asks it of the leaf alone, lets somebody in."""
    shop, *impostors = cafe.try_client(asks).rows
    assert shop.title == "the shop"
    assert all(shop.answers)
    no = [[place for place, yes in enumerate(row.answers) if not yes] for row in impostors]
    assert no == [[0], [0], [0], [1], [2], [3], [3]]


def test_the_scoreboard_says_the_same_in_text_and_on_a_phone(cafe: Cafe) -> None:
    board = cafe.try_client(asks)
    lines, page = repr(board).splitlines(), board._repr_html_()
    assert lines[0].split() == ["issuer", "dates", "names", "key"]
    assert lines[6].split()[-7:] == ["yes", "yes", "NO", "yes", "kept", "out", "✓"]
    assert lines[-1] == "right: 8 of 8"
    assert page.count("<details>") == 8
    assert page.count("<b>NO</b>") == 7
    assert "issuer&nbsp;yes · dates&nbsp;yes · names&nbsp;<b>NO</b> · key&nbsp;yes" in page
    assert "signed by" in page  # the cards
    careless = cafe.try_client(lambda *five: [True] * 4)
    assert repr(careless).count("gets in ✗ wrong") == 7
    begun = cafe.try_client(lambda *five: [False, ..., ..., ...])
    assert [it.right for it in (careless, begun)] == ["right: 1 of 8", "right: 7 of 8"]


def test_a_password_is_sent_where_a_server_has_heard_it(
    cafe: Cafe, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the environment says whom requests trusts; each field by itself."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(cafe.ca_file))
    ca = issue_certificate("Eve's CA", is_ca=True)
    cafe.log_in(issue_certificate("localhost", by=ca, names=["localhost"]))
    sent = ["sent"] * 3
    assert compared(cafe, capsys) == [
        sent,
        ["hangs up: issuer", "hangs up: names", "sent"],
        ["hangs up: unknown CA", "hangs up: wrong name", "sent"],
    ]

    def tries_again(post: Post, url: str, body: Json, ca_file: Path) -> object:
        try:
            return post(url, json=body, verify=ca_file)
        except requests.ConnectionError:
            return post(url, json=body, verify=False)

    assert compared(cafe, capsys, lambda *five: [True] * 4, tries_again) == [sent] * 3
    nothing = compared(cafe, capsys, lambda *five: [...] * 4, lambda *four: None)
    assert nothing[1:] == [["run your cell of 5.7"] * 3, ["nothing sent"] * 3]

    def unchanged(post: Post, url: str, body: Json, ca_file: Path) -> object:
        return post(url, json=body, verify=...)

    assert compared(cafe, capsys, send=unchanged)[2] == ["verify is still `...`"] * 3
    assert compared(cafe, capsys, send=lambda *four: {}["x"])[2] == ["KeyError"] * 3


def test_without_a_leaf_the_table_says_which_cell_it_needs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Cafe().compare(asks, careful)
    assert capsys.readouterr().out.startswith("Run your cell of 5.6 first")


def test_a_stopped_shop_is_said_in_one_sentence() -> None:
    cafe = open_cafe()
    cafe.log_in(OWN)
    cafe.stop()
    for ask in (
        lambda: cafe.look(),
        lambda: cafe.log_in(OWN),
        lambda: cafe.as_ada("saddle-basket-18"),
        lambda: cafe.try_client(asks),
        lambda: cafe.compare(asks, careful),
    ):
        with pytest.raises(NoAnswerError, match="Run the server cell again"):
            ask()
    assert open_cafe() is cafe
    assert cafe.look()
    cafe.stop()


def test_a_students_app_has_a_password_of_its_own(
    cafe: Cafe, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chance, "fixed", "same")
    read: list[str] = []
    cafe.log_in(OWN)
    cafe.compare(asks, lambda post, url, body, ca_file: read.append(body["password"]))
    assert len(set(read)) == 1
    assert cafe.as_ada(read[0]).endswith(WRONG)


def test_no_key_of_the_shop_or_of_its_ca_is_told() -> None:
    """With what is told one is an impostor, and no more."""
    kept = open_kept()
    (copy_pem, copy_key), *others = reversed(
        [kept.told["bought"], *kept.told["impostors"].values()]
    )
    shop = cards_of(copy_pem + Path(kept.told["ca_file"]).read_text())
    assert len(shop) == 3  # leaf, branch, root
    for _, key_pem in others:
        key = load_pem_private_key(key_pem.encode(), password=None)
        point = key.public_key().public_numbers()  # type: ignore[union-attr]
        assert f"{point.x:064x}"[:16] not in [card.key for card in shop]
    with pytest.raises(ValueError, match="Invalid key"):  # its two halves are of two keys
        load_pem_private_key(copy_key.encode(), password=None)


def test_an_app_of_the_phone_asks_no_proxy(monkeypatch: pytest.MonkeyPatch, cafe: Cafe) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://localhost:1")
    assert post(cafe.shop.url, json={}, verify=str(cafe.ca_file)) == {"said": WRONG}
