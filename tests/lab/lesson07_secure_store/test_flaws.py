"""The flaw of lesson 07's twin: its attack works there, and not at the control."""

from dataclasses import replace

import pytest

from securedata.errors import UnavailableError
from securedata_lab import User, xor
from securedata_lab.lesson03_dsa_signatures.signed_twin import SignedTwin
from securedata_lab.lesson07_secure_store.flaws import AlgorithmFromRow
from securedata_lab.servers.starting import LabServer
from securedata_lab.twins.twin import TwinServer

TEXT = "My vote: party B"
INVALID = "400 Invalid signature. Data may be compromised."


def choose_no_algorithm(server: TwinServer, eve: User) -> str:
    """She rewrites a text of her own, and says that nothing is signed."""
    record_id = eve.store("My vote: party A")["record_id"]
    row = server.rows[record_id]
    ciphertext = row.ciphertext[:15] + xor(row.ciphertext[15:16], xor(b"A", b"B"))
    server.rows[record_id] = replace(row, ciphertext=ciphertext, algorithm="none")
    return eve.retrieve({"record_id": record_id})


@pytest.mark.parametrize(("kind", "answer"), [(AlgorithmFromRow, TEXT), (SignedTwin, INVALID)])
def test_a_forgery_without_a_signature_opens_at_the_twin_with_the_flaw_alone(
    kind: type[SignedTwin], answer: str
) -> None:
    with TwinServer(kind()) as server:
        assert choose_no_algorithm(server, User(server, "eve")) == answer


def test_without_a_token_everybody_is_local_and_with_one_nobody() -> None:
    with LabServer() as server:
        ada, again = User(server, "ada"), User(server, "ada")
        wanted = {"record_id": ada.store(TEXT)["record_id"]}
        assert again.retrieve(wanted) == TEXT
        assert User(server, "eve").retrieve(wanted).startswith("400 ")
        ada._session.headers.pop("Authorization")
        assert ada.retrieve(wanted).startswith("401 ")
    with pytest.raises(UnavailableError, match="Run the server cell again"):
        again.retrieve(wanted)
