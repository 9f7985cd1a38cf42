"""Tests of cafe.py: who gets a password, and who learns one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from securedata.certificates.issuing import Certified
from securedata.errors import CertificateError
from securedata_lab.basics import chance
from securedata_lab.lesson05_tls_certificates import cafe as cafes
from securedata_lab.lesson05_tls_certificates import issue_certificate
from securedata_lab.lesson05_tls_certificates.cafe import Cafe, NotYoursError
from securedata_lab.servers.clients import NoAnswerError
from securedata_lab.servers.starting import LabServer

OWN = issue_certificate("localhost", names=["localhost"])


@pytest.fixture(scope="module")
def shop() -> Iterator[LabServer]:
    with LabServer() as server:
        yield server


@pytest.fixture
def cafe(shop: LabServer) -> Cafe:
    return Cafe(shop)


def last_word(text: str) -> str:
    return text.split()[-1]


def careful(post: cafes.Post, url: str, body: cafes.Json, ca_file: Path) -> object:
    return post(url, json=body, verify=ca_file, timeout=10)


def test_the_app_tells_its_password_to_whoever_answers(cafe: Cafe) -> None:
    assert cafe.log_in(OWN, last_word).endswith("Welcome, Ada. Your next cake is free.")
    wrong = cafe.log_in(OWN, lambda text: "saddle-basket")
    assert wrong.endswith("'saddle-basket' is not Ada's password.")


def test_a_stub_sends_nothing(cafe: Cafe) -> None:
    not_yet: Any = ...
    for certificate, words in {not_yet: "is still `...`", "PEM": "issue_certificate"}.items():
        said = cafe.log_in(certificate, last_word)
        assert said.startswith("Nothing was sent: your certificate ")
        assert words in said
    assert cafe.log_in(OWN, lambda text: None).endswith("nobody has told it a password yet.")
    assert cafe.order(lambda text: None) == (
        "Nothing was passed on: your function returned None, not a text."
    )
    assert "returned {'data': 'pay" in cafe.order(lambda text: {"data": text})

    def unchanged(post: cafes.Post, url: str, body: cafes.Json, ca_file: Path) -> object:
        return post(url, json=body, verify=..., timeout=10)

    assert cafe.install(unchanged) == "Nothing was sent: verify is still `...`."


def test_the_shop_signs_what_you_pass_on(cafe: Cafe) -> None:
    said = cafe.order(lambda text: text.replace("10 EUR", "99 EUR"))
    assert said.splitlines()[1] == (
        "The shop reads: pay 99 EUR for cake at table 4. Signature is valid."
    )
    with pytest.raises(ZeroDivisionError):
        cafe.order(lambda text: 1 / 0)


def test_each_app_sends_its_password_to_these(cafe: Cafe, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the environment says whom requests trusts."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(cafe.ca_file))
    bought = cafe.buy_certificate("eve.localhost")
    assert "run your cell of 5.3" in cafe.compare(bought)
    assert cafe.compare(bought).count("run 5.1 first") == 3
    assert cafe.install(careful).endswith("unknown CA (20)")  # also before 5.1
    ca = issue_certificate("Eve's CA", is_ca=True)
    cafe.log_in(issue_certificate("localhost", by=ca, names=["localhost"]), last_word)
    said = cafe.install(careful)
    assert said == "The app to the shop: password sent\nThe app to you:      unknown CA (20)"
    rows = [" ".join(row.split()) for row in cafe.compare(bought).splitlines()]
    assert rows == [
        "your leaf bought the shop itself",
        "the app password sent password sent password sent",
        "version 2 unknown CA (20) password sent password sent",
        "your app unknown CA (20) wrong name (62) password sent",
        "the kit’s client hangs up hangs up password sent",
    ]


def test_an_app_that_fails_names_its_error(cafe: Cafe) -> None:
    def wrong(post: cafes.Post, url: str, body: cafes.Json, ca_file: Path) -> object:
        raise KeyError(url)

    assert cafe.install(wrong).startswith("The app to the shop: KeyError\n")


def test_a_stopped_shop_is_said_in_one_sentence() -> None:
    with LabServer() as shop:
        cafe = Cafe(shop)
    for ask in (
        lambda: cafe.log_in(OWN, last_word),
        lambda: cafe.order(str),
        lambda: cafe.install(careful),
        lambda: cafe.compare(OWN),
    ):
        with pytest.raises(NoAnswerError, match="Run the server cell again"):
            ask()


@pytest.mark.parametrize("name", ["localhost", "bank.example"])
def test_the_public_ca_sells_nothing_for_a_name_that_is_not_yours(cafe: Cafe, name: str) -> None:
    with pytest.raises(NotYoursError, match=f"not shown that {name} is yours"):
        cafe.buy_certificate(name)


def test_a_students_app_has_a_password_of_its_own(
    cafe: Cafe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chance, "fixed", "same")
    read: list[str] = []

    def telling(post: cafes.Post, url: str, body: cafes.Json, ca_file: Path) -> None:
        read.append(last_word(body["data"]))

    cafe.install(telling)
    cafe.compare(OWN)
    assert len(set(read)) == 1
    assert cafe.log_in(OWN, lambda text: read[0]).endswith("is not Ada's password.")


def test_a_certificate_needs_its_own_key(cafe: Cafe) -> None:
    other = issue_certificate("localhost", names=["localhost"])
    with pytest.raises(CertificateError):
        cafe.log_in(Certified(OWN.certificate_pem, other.private_key_pem), last_word)
