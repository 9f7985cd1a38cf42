"""A client verifies receipts by /public-key, and refuses what was made after a signer's end."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from flask import Flask, Response
from vocabulary import a_server, client_of, flipped

from securedata import (
    Client,
    KeyFile,
    RecordStore,
    ServiceKeys,
    Vault,
    create_app,
)
from securedata.errors import RefusedError, SignatureError, UnavailableError
from securedata.record import ML_DSA_65
from securedata.web.contract import SIGNER_UNTIL

TIME = "2026-01-02T03:04:05Z"


class Service(NamedTuple):
    """A client of a running service, and its key file."""

    client: Client
    key_file: KeyFile


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    key_file = KeyFile.create(tmp_path / "keys.json")
    app = create_app(Vault(RecordStore("sqlite://"), key_file))
    with a_server(app, tmp_path) as server:
        yield Service(client_of(server), key_file)


def test_receipts_of_every_signer_are_verified_and_changed_ones_refused(service: Service) -> None:
    receipts = [service.client.store("text")]
    for scheme in (ML_DSA_65, None):
        service.key_file.update(lambda keys, scheme=scheme: keys.promote_signer(scheme))
        receipts.append(service.client.store("text"))
    for receipt in receipts:
        service.client.verify(receipt)
        with pytest.raises(SignatureError):
            service.client.verify(replace(receipt, tag=flipped(receipt.tag, 0)))
    unknown = replace(receipts[0].header, signer_id="0" * 16)
    with pytest.raises(RefusedError, match="signer_id"):
        service.client.verify(replace(receipts[0], header=unknown))


def test_a_receipt_of_after_the_signers_end_is_refused_and_still_opens(service: Service) -> None:
    receipt = service.client.store("text")
    service.key_file.update(ServiceKeys.promote_signer)
    signer_id, created = receipt.header.signer_id, receipt.header.created
    for until, is_refused in ((created, False), (TIME, True)):
        service.key_file.update(lambda keys, until=until: keys.end_signer(signer_id, until))
        if is_refused:
            with pytest.raises(SignatureError, match=f"signed nothing after {TIME}"):
                service.client.verify(receipt)
        else:
            service.client.verify(receipt)
    assert service.client.retrieve(receipt.record_id, receipt) == "text"


@pytest.mark.parametrize("wrong", ["another key", "no key", "no time"])
def test_an_answer_that_is_not_the_services_verifies_nothing(
    service: Service, tmp_path: Path, wrong: str
) -> None:
    receipt = service.client.store("text")
    pem = service.client.public_key()
    liar = Flask("liar")

    @liar.get("/public-key")
    def public_key() -> Response:
        other = ServiceKeys.generate().signer.verifying_key.to_pem()
        body = {"another key": other, "no key": "<p>hello", "no time": pem}[wrong]
        return Response(body, headers={SIGNER_UNTIL: "never"} if wrong == "no time" else {})

    folder = tmp_path / "liar"
    folder.mkdir()
    with a_server(liar, folder) as server, pytest.raises(UnavailableError, match="is it the serv"):
        client_of(server).verify(receipt)
