"""The twin of the whole store: owners with tokens, and a header that is signed with each row.

It is the third control: a row opens for its owner alone, and only as it was sealed. Its flaws are
in lab/twins/flaws/store.py.
"""

from dataclasses import replace

from securedata.errors import RecordNotFoundError, TokenError
from securedata.keys.service_keys import LOCAL
from securedata.lab.twins.signed_twin import SignedTwin
from securedata.lab.twins.twin import Row, Twin
from securedata.record import frame

ALGORITHM = "dsa-2048-256-sha256"


class StoreTwin(SignedTwin):
    """A `SignedTwin` whose rows have owners. Without tokens, everybody is `local`.

    A flaw is a subclass that changes one of the steps below.

    >>> twin = StoreTwin(seed=1)
    >>> ada, eve = twin.token_of("ada"), twin.token_of("eve")
    >>> twin.rows["1"] = twin.seal_for(twin.owner_of(f"Bearer {ada}"), b"text", record_id="1")
    >>> twin.open(twin.find("1", owner="ada"), "1")
    b'text'
    >>> twin.find("1", twin.owner_of(f"Bearer {eve}"))
    Traceback (most recent call last):
        ...
    securedata.errors.RecordNotFoundError: There is no such record.
    """

    flaw = "store"

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(seed)
        self._tokens: dict[str, str] = {}  # by owner

    # The steps.

    def header(self, row: Row) -> bytes:
        """What is signed besides the ciphertext: the algorithm, which record, and whose."""
        return frame("securedata/twin", row.algorithm, row.record_id, row.owner)

    def find(self, record_id: str, owner: str) -> Row:
        """The row with this id, if this owner has it. The header says what was asked for."""
        row = super().find(record_id, owner)
        if row.owner != owner:
            raise RecordNotFoundError("There is no such record.")
        return replace(row, record_id=record_id)

    # What the endpoints do with them.

    def token_of(self, owner: str) -> str:
        """The token of this owner. Once there is a token, every request needs one."""
        return self._tokens.setdefault(owner, self.random.randbytes(32).hex())

    def owner_of(self, authorization: str | None) -> str:
        """Whose token came with a request.

        Raises:
            TokenError: a token is needed, and there is none or a wrong one.
        """
        if not self._tokens:
            return LOCAL
        owners = {f"Bearer {token}": owner for owner, token in self._tokens.items()}
        if authorization not in owners:
            raise TokenError("This service needs a token.")
        return owners[authorization]

    def seal(self, plaintext: bytes, record_id: str) -> Row:
        """Seal a text of `local`."""
        return self.seal_for(LOCAL, plaintext, record_id)

    def seal_for(self, owner: str, plaintext: bytes, record_id: str) -> Row:
        """Encrypt, add the header, then sign."""
        return self.signed(self.handed_in(Twin.seal(self, plaintext, record_id), record_id, owner))

    def handed_in(self, row: Row, record_id: str | None, owner: str) -> Row:
        """The row with its header, as the service would know it: the caller is the owner.

        Without a record id, the stored row with this nonce names it.
        """
        if record_id is None:
            same = (it.record_id for it in self.rows.values() if it.nonce == row.nonce)
            record_id = next(same, "")
        return replace(row, record_id=record_id, owner=owner, algorithm=ALGORITHM)

    def signed_bytes(self, row: Row) -> bytes:
        """The header, and the parts of a `SignedTwin`, each after its length."""
        return frame(self.header(row), row.nonce, row.ciphertext, row.tag)
