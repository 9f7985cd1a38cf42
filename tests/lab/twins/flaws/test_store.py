"""The flaw of the twin of the whole store: its attack works there, and not at the control.

Eve has a token of her own, and can change rows.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from securedata.errors import FormatError, UnavailableError
from securedata.lab import Twin, User, xor
from securedata.lab.servers.starting import LabServer
from securedata.lab.twins.flaws import AlgorithmFromRow
from securedata.lab.twins.store_twin import ALGORITHM, StoreTwin
from securedata.lab.twins.twin import FLAWS, TwinServer

TEXT = "My vote: party B"
INVALID = "400 Invalid signature. Data may be compromised."
KINDS = [kind for kind in FLAWS.values() if issubclass(kind, StoreTwin)]


def choose_no_algorithm(server: TwinServer, eve: User) -> str:
    """She rewrites a text of her own, and says that nothing is signed."""
    record_id = eve.store("My vote: party A")["record_id"]
    row = server.rows[record_id]
    ciphertext = row.ciphertext[:15] + xor(row.ciphertext[15:16], xor(b"A", b"B"))
    server.rows[record_id] = replace(row, ciphertext=ciphertext, algorithm="none")
    return eve.retrieve({"record_id": record_id})


@pytest.mark.parametrize("kind", KINDS)
def test_a_forgery_without_a_signature_opens_at_the_twin_with_the_flaw_alone(
    kind: type[StoreTwin],
) -> None:
    assert [StoreTwin, AlgorithmFromRow] == KINDS  # every flaw has its attack
    with TwinServer(kind()) as server:
        got = choose_no_algorithm(server, User(server, "eve"))
    assert got == (INVALID if kind is StoreTwin else TEXT)


def test_the_control_opens_a_row_for_its_owner_as_it_was_signed_and_in_no_other_way() -> None:
    with TwinServer(StoreTwin()) as server:
        ada = User(server, "ada")
        receipts = [ada.store(TEXT) for _ in range(2)]
        one, other = (receipt["record_id"] for receipt in receipts)
        assert ada.retrieve(receipts[0]["data"]) == ada.retrieve({"record_id": one}) == TEXT
        row = server.rows[one]
        for changed in (
            server.rows[other],  # another record of hers, under this id
            replace(row, ciphertext=row.ciphertext[::-1]),
            replace(row, signature=server.rows[other].signature),
            replace(row, algorithm=ALGORITHM.upper()),
        ):
            server.rows[one] = changed
            assert ada.retrieve({"record_id": one}) == INVALID
        server.rows[one] = row
        assert ada.retrieve({"record_id": one}) == TEXT


@pytest.mark.parametrize("start", [LabServer, lambda: TwinServer(StoreTwin())])
def test_without_a_token_everybody_is_local_and_with_one_nobody(
    start: Callable[[], LabServer | TwinServer],
) -> None:
    with start() as server:
        ada, again = User(server, "ada"), User(server, "ada")
        wanted = {"record_id": ada.store(TEXT)["record_id"]}
        assert again.retrieve(wanted) == TEXT
        assert User(server, "eve").retrieve(wanted).startswith("400 ")
        ada._session.headers.pop("Authorization")
        assert ada.retrieve(wanted).startswith("401 ")
    with pytest.raises(UnavailableError, match="Run the server cell again"):
        again.retrieve(wanted)
    with TwinServer(Twin()) as unowned, pytest.raises(FormatError, match="knows no owners"):
        User(unowned, "ada")
