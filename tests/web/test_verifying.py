"""A client verifies receipts by /public-key, and refuses what was made after a signer's end."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, Response
from vocabulary import a_server, client_of, flipped

from securedata import BackgroundServer, Client, KeyFile, ServiceKeys
from securedata.errors import RefusedError, SignatureError, UnavailableError
from securedata.record import ML_DSA_65
from securedata.web.contract import SIGNER_UNTIL

TIME = "2026-01-02T03:04:05Z"


@pytest.fixture
def client(own: BackgroundServer) -> Client:
    return client_of(own)


def test_receipts_of_every_signer_are_verified_and_changed_ones_refused(
    client: Client, key_file: KeyFile
) -> None:
    receipts = [client.store("text")]
    for scheme in (ML_DSA_65, None):
        key_file.update(lambda keys, scheme=scheme: keys.promote_signer(scheme))
        receipts.append(client.store("text"))
    for receipt in receipts:
        client.verify(receipt)
        with pytest.raises(SignatureError):
            client.verify(replace(receipt, tag=flipped(receipt.tag, 0)))
    unknown = replace(receipts[0].header, signer_id="0" * 16)
    with pytest.raises(RefusedError, match="signer_id"):
        client.verify(replace(receipts[0], header=unknown))


def test_a_receipt_of_after_the_signers_end_is_refused_and_still_opens(
    client: Client, key_file: KeyFile
) -> None:
    receipt = client.store("text")
    key_file.update(ServiceKeys.promote_signer)
    signer_id, created = receipt.header.signer_id, receipt.header.created
    key_file.update(lambda keys: keys.end_signer(signer_id, created))
    client.verify(receipt)
    key_file.update(lambda keys: keys.end_signer(signer_id, TIME))
    with pytest.raises(SignatureError, match=f"signed nothing after {TIME}"):
        client.verify(receipt)
    assert client.retrieve(receipt.record_id, receipt) == "text"


@pytest.mark.parametrize("wrong", ["another key", "no key", "no time"])
def test_an_answer_that_is_not_the_services_verifies_nothing(
    client: Client, tmp_path: Path, wrong: str
) -> None:
    receipt = client.store("text")
    pem = client.public_key()
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
