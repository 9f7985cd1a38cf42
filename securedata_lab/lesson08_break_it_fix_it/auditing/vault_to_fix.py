"""A vault for texts, by a consultant who meant well. It works, and it has flaws.

Customers log in and store texts. For each text they get a receipt, with the text encrypted and
signed. Receipts are public: anybody may keep and verify them. Only the owner may have the text.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from Crypto.Cipher import AES

# The endpoints, to be called over HTTPS: by the operator, and by anybody.
OPERATORS_ENDPOINTS = ["enrol"]
ENDPOINTS = ["login", "who", "store", "verify", "retrieve", "retrieve_by_id", "forget"]

# The fields of a receipt that are signed. The other two are public_key and signature.
SIGNED = ["id", "owner", "title", "nonce", "ciphertext", "tag"]

Receipt = dict[str, str]  # title and owner are text, all else is in hex


class Refused(Exception):  # noqa: N818  # said as a vault says it
    """The vault says no, and why."""


@dataclass
class Keys:
    """The operator's: a DSA key and two AES keys."""

    p: int
    q: int
    g: int
    x: int
    y: int
    for_texts: bytes
    for_tokens: bytes


class Vault:
    """Customers, their texts, and an endpoint for each thing that somebody may ask."""

    def __init__(self, keys: Keys, folder: str) -> None:
        self.keys = keys
        self.folder = Path(folder)  # the disk: a file for each customer and for each receipt
        self.stored = 0

    # Customers, and the tokens that they get when they log in.

    def enrol(self, name: str, password: str) -> None:
        """Keep a slow hash of the password, not the password."""
        salt = secrets.token_bytes(16)
        hashed = self.slow_hash(password, salt).hex()
        self.file("customer", name).write_text(json.dumps({"salt": salt.hex(), "hash": hashed}))

    def login(self, name: str, password: str) -> str:
        """A token, for the right password. A stranger waits as long, and reads the same."""
        customer = {"salt": "", "hash": ""}
        if self.is_customer(name):
            customer = json.loads(self.file("customer", name).read_text())
        hashed = self.slow_hash(password, bytes.fromhex(customer["salt"])).hex()
        if not secrets.compare_digest(hashed, customer["hash"]):
            raise Refused("The name or the password is wrong.")
        return self.token(name)

    def who(self, token: str) -> str:
        """The name in a token: AES-GCM has sealed it."""
        nonce, sealed, tag = (bytes.fromhex(part) for part in token.split("."))
        cipher = AES.new(self.keys.for_tokens, AES.MODE_GCM, nonce=nonce)
        try:
            return cipher.decrypt_and_verify(sealed, tag).decode()
        except ValueError:
            raise Refused("Log in first.") from None

    def token(self, name: str) -> str:
        """The name, sealed: nonce, ciphertext and tag."""
        cipher = AES.new(self.keys.for_tokens, AES.MODE_GCM)
        sealed, tag = cipher.encrypt_and_digest(name.encode())
        return f"{cipher.nonce.hex()}.{sealed.hex()}.{tag.hex()}"

    def slow_hash(self, password: str, salt: bytes) -> bytes:
        """A hash that takes a guesser time."""
        return hashlib.scrypt(password.encode(), salt=salt, n=2048, r=8, p=1)

    # Texts.

    def store(self, token: str, title: str, text: str) -> Receipt:
        """Encrypt, then sign, then keep."""
        receipt = {"id": secrets.token_hex(12), "owner": self.who(token), "title": title}
        nonce = self.nonce(receipt)
        cipher = AES.new(self.keys.for_texts, AES.MODE_GCM, nonce=nonce)
        ciphertext, tag = cipher.encrypt_and_digest(text.encode())
        receipt |= {"nonce": nonce.hex(), "ciphertext": ciphertext.hex(), "tag": tag.hex()}
        receipt["public_key"] = f"{self.keys.y:x}"
        receipt["signature"] = self.sign(self.signed_bytes(receipt))
        self.file("receipt", receipt["id"]).write_text(json.dumps(receipt))
        return receipt

    def retrieve(self, token: str, receipt: Receipt) -> dict[str, Any]:
        """The text of a receipt, for a customer who has it."""
        if not self.admit(self.who(token), receipt):
            raise Refused("This is not for you.")
        nonce, ciphertext = bytes.fromhex(receipt["nonce"]), bytes.fromhex(receipt["ciphertext"])
        cipher = AES.new(self.keys.for_texts, AES.MODE_GCM, nonce=nonce)
        text = cipher.decrypt(ciphertext).decode(errors="replace")
        genuine = self.is_signed(receipt)
        try:
            cipher.verify(bytes.fromhex(receipt["tag"]))
        except ValueError:
            genuine = False
        return self.answer(receipt, text, genuine)

    def retrieve_by_id(self, token: str, id: str) -> dict[str, Any]:
        """The same, for a customer who has only the id."""
        return self.retrieve(token, self.kept(id))

    def forget(self, token: str, id: str) -> None:
        """Throw a receipt away."""
        if not self.admit(self.who(token), self.kept(id)):
            raise Refused("This is not for you.")
        self.file("receipt", id).unlink()

    def nonce(self, receipt: Receipt) -> bytes:
        """12 bytes, and never the same: a counter."""
        self.stored += 1
        return self.stored.to_bytes(12, "big")

    def admit(self, name: str, receipt: Receipt) -> bool:
        """Whether somebody may have a text or throw it away: our customers may."""
        return self.is_customer(name)

    def answer(self, receipt: Receipt, text: str, genuine: bool) -> dict[str, Any]:
        """What /retrieve says: the text, and whether the receipt is genuine."""
        about = {"owner": receipt["owner"], "title": receipt["title"]}
        return {**about, "text": text, "genuine": genuine}

    # Signatures: DSA with SHA-256 (FIPS 186-4, 4.6 and 4.7).

    def verify(self, receipt: Receipt) -> bool:
        """Whether a receipt is one of ours. Anybody may ask."""
        return self.is_signed(receipt)

    def sign(self, message: bytes) -> str:
        """r and s, in hex."""
        p, q, g, x = self.keys.p, self.keys.q, self.keys.g, self.keys.x
        h = int.from_bytes(hashlib.sha256(message).digest(), "big")
        k = secrets.randbelow(q - 1) + 1
        r = pow(g, k, p) % q
        return f"{r:064x}{pow(k, -1, q) * (h + x * r) % q:064x}"

    def is_signed(self, receipt: Receipt) -> bool:
        """Whether r and s fit the signed bytes and the public number y."""
        p, q, g, y = self.keys.p, self.keys.q, self.keys.g, self.public_number(receipt)
        h = int.from_bytes(hashlib.sha256(self.signed_bytes(receipt)).digest(), "big")
        r, s = int(receipt["signature"][:64], 16), int(receipt["signature"][64:], 16)
        if not (0 < r < q and 0 < s < q):
            return False
        w = pow(s, -1, q)
        return pow(g, h * w % q, p) * pow(y, r * w % q, p) % p % q == r

    def signed_bytes(self, receipt: Receipt) -> bytes:
        """All that the signature covers. An auditor calls this, too."""
        return "".join(receipt[field] for field in SIGNED).encode()

    def public_number(self, receipt: Receipt) -> int:
        """y, which every receipt brings along."""
        return int(receipt["public_key"], 16)

    # The disk.

    def is_customer(self, name: str) -> bool:
        """Whether there is such a customer."""
        return self.file("customer", name).exists()

    def kept(self, id: str) -> Receipt:
        """The receipt on the disk with this id."""
        if not self.file("receipt", id).exists():
            raise Refused("There is no such receipt.")
        receipt: Receipt = json.loads(self.file("receipt", id).read_text())
        return receipt

    def file(self, kind: str, name: str) -> Path:
        """Where something is kept: any name gives a file name."""
        return self.folder / f"{kind}-{hashlib.sha256(name.encode()).hexdigest()}"
