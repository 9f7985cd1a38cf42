"""The key ring on disk: one private file that holds every key of a vault.

JSON, so that any editor can show it. It knows files and key types, and no records.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from securedata import privatefile
from securedata.crypto.aead import AeadKey
from securedata.crypto.keyring import KeyRing
from securedata.crypto.signature import SigningKey, VerifyingKey
from securedata.errors import FormatError, KeyFileError

FORMAT = "securedata/v1/keys"


@dataclass(frozen=True)
class KeyFile:
    """What a vault needs: keys that wrap data keys, the signer, and all signers it accepts.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "keys.json"
    ...     written = KeyFile.create(path)
    ...     KeyFile.load(path).signer.key_id == written.signer.key_id
    True
    """

    keys: KeyRing[AeadKey]
    signer: SigningKey
    signers: KeyRing[VerifyingKey]

    @classmethod
    def create(cls, path: Path) -> "KeyFile":
        """Make new keys and write them, mode 0600. A file that is there is never written over.

        Raises:
            KeyFileError: there is a file already, or it cannot be written.
        """
        if privatefile.exists(path):
            raise KeyFileError(f"{path} exists already: keys are never written over")
        signer = SigningKey.generate()
        made = cls(KeyRing(AeadKey.generate()), signer, KeyRing(signer.verifying_key))
        privatefile.write(path, made._to_json().encode())
        return made

    @classmethod
    def load(cls, path: Path) -> "KeyFile":
        """Read the keys, and check that every one is what its id says.

        Raises:
            KeyFileError: the file is missing, unreadable, damaged, or open to others.
        """
        content = privatefile.read(path)
        try:
            return cls._from_json(content)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, FormatError):
            # `from None`: the cause could quote a key.
            raise KeyFileError(f"{path} is damaged: restore it from a backup") from None

    def _to_json(self) -> str:
        return json.dumps(
            {
                "format": FORMAT,
                "keys": [{"key_id": key.key_id, "secret": key.secret.hex()} for key in self.keys],
                "signer": {"key_id": self.signer.key_id, "private_key": self.signer.to_pem()},
            },
            indent=2,
        )

    @classmethod
    def _from_json(cls, content: bytes) -> "KeyFile":
        ring = json.loads(content)
        keys = [AeadKey(bytes.fromhex(entry["secret"])) for entry in ring["keys"]]
        signer = SigningKey.from_pem(ring["signer"]["private_key"])
        written_ids = [entry["key_id"] for entry in (*ring["keys"], ring["signer"])]
        true_ids = [*(key.key_id for key in keys), signer.key_id]
        if ring["format"] != FORMAT or written_ids != true_ids:
            raise FormatError("a key is not what its id says")
        return cls(KeyRing(*keys), signer, KeyRing(signer.verifying_key))
