"""Two signature schemes in one service: the key decides which one, and nothing else does."""

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest
from flask.testing import FlaskClient
from vocabulary import by_hand, changed

from securedata import (
    RecordStore,
    SealedRecord,
    ServiceKeys,
    SigningKey,
    Vault,
    create_app,
    unseal,
)
from securedata.errors import SignatureError, TagError
from securedata.record import SCHEMES, Scheme
from securedata.web.contract import COMPROMISED, HEX_FIELDS

TEXT = "attack at dawn"
PAIRS = [*product(SCHEMES.values(), repeat=2)]


class Scene(NamedTuple):
    """A record, signed before the signer was changed; and the private key of a later signer."""

    path: Path
    vault: Vault
    keys: ServiceKeys
    record: SealedRecord
    other: SigningKey

    @property
    def client(self) -> FlaskClient:
        return create_app(self.vault).test_client()


@pytest.fixture(params=PAIRS, ids=lambda pair: f"{pair[0].name} and {pair[1].name}")
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Scene:
    ours, others = request.param
    keys = ServiceKeys.generate(ours)
    path = tmp_path / "records.sqlite3"
    records = RecordStore(f"sqlite:///{path}")
    record = Vault(records, keys).store(TEXT)
    later = keys.promote_signer(others)
    return Scene(path, Vault(records, later), later, record, later.signer)


def signed(record: SealedRecord, signer: SigningKey) -> SealedRecord:
    return replace(record, signature=signer.sign(record.signed_bytes))


def resized(record: SealedRecord, length: int) -> SealedRecord:
    return replace(record, signature=(record.signature + bytes(length))[:length])


def confusions(scene: Scene) -> dict[str, SealedRecord]:
    """The record, changed so that another key or scheme might be taken for its signer's."""
    record, other = scene.record, scene.other
    found = {
        "another signer's id": changed(record, signer_id=other.key_id),
        "another key's signature over the same bytes": signed(record, other),
        "another id, signed by that stolen key": signed(
            changed(record, signer_id=other.key_id), other
        ),
    }
    for prefix, scheme in SCHEMES.items():
        own = changed(record, signer_id=prefix + record.header.signer_id[-16:])
        theirs = changed(record, signer_id=prefix + other.key_id[-16:])
        found |= {
            f"the other's digits as {scheme.name}": theirs,
            f"its own digits as {scheme.name}, signed by a stolen key": signed(own, other),
            f"a signature as long as one of {scheme.name}": resized(
                signed(record, other), scheme.signature_bytes
            ),
        }
        if own != record:
            found[f"its own digits as {scheme.name}"] = own
    return found


@pytest.mark.whole
def test_every_confusion_is_refused_in_the_library_in_the_row_and_over_http(scene: Scene) -> None:
    for confusion, forged in confusions(scene).items():
        with pytest.raises((SignatureError, TagError)):
            unseal(forged, keys=scene.keys.wrapping_keys, signers=scene.keys.signers)

        submitted = {name: getattr(forged, ours).hex() for name, ours in HEX_FIELDS.items()}
        if forged.signature != scene.record.signature:  # no field of a request has the signer's id
            answer = scene.client.post("/retrieve", json=submitted)
            assert (answer.status_code, answer.json) == (400, {"error": COMPROMISED}), confusion

        change = "UPDATE records SET signer_id = ?, signature = ?"
        by_hand(scene.path, change, forged.header.signer_id, forged.signature)
        answer = scene.client.post("/retrieve", json={"record_id": forged.record_id})
        assert (answer.status_code, answer.json) == (400, {"error": COMPROMISED}), confusion


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=lambda scheme: scheme.name)
def test_a_routine_change_keeps_the_scheme(scheme: Scheme) -> None:
    keys = ServiceKeys.generate(scheme)
    assert keys.signer.to_pem().endswith("-----END PRIVATE KEY-----\n")  # one line feed
    assert keys.signer.verifying_key.to_pem().endswith("-----END PUBLIC KEY-----\n")
    for rotated in (keys.promote_signer(), keys.prepare_signer().promote_signer()):
        assert rotated.signer.scheme == scheme
        assert rotated.signer.key_id != keys.signer.key_id
