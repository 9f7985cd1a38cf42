"""Methods for my_vault.py: a right one for each flaw, and patches that cure only a symptom."""

from textwrap import dedent, indent

from securedata_lab.lesson08_break_it_fix_it.auditing.given import BEGINNING

IMPORTS = "import hmac, os, random, time, unicodedata"

RIGHT = {
    "nonce": "def nonce(self, receipt): return secrets.token_bytes(12)",
    "signed_bytes": """
        def signed_bytes(self, receipt):
            parts = [receipt[field].encode() for field in SIGNED]
            return b"".join(len(part).to_bytes(8, "big") + part for part in parts)
        """,
    "public_number": "def public_number(self, receipt): return self.keys.y",
    "admit": "def admit(self, name, receipt): return name == receipt['owner']",
    "answer": """
        def answer(self, receipt, text, genuine):
            if not genuine:
                raise Refused("This receipt was changed.")
            return super().answer(receipt, text, genuine)
        """,
}

# Whole vaults that do it in another way.
OTHER_RIGHT = [
    """
    def __init__(self, keys, folder):
        super().__init__(keys, folder)
        self.sessions, self.start = {}, secrets.token_bytes(8)
    def token(self, name):
        token = secrets.token_urlsafe(24)
        self.sessions[token] = name
        return token
    def who(self, token):
        if token not in self.sessions:
            raise Refused("Log in first.")
        return self.sessions[token]
    def nonce(self, receipt):
        self.stored += 1
        return self.start + self.stored.to_bytes(4, "big")
    def signed_bytes(self, receipt): return json.dumps([receipt[f] for f in SIGNED]).encode()
    """,
    """
    def key_of(self, number):
        return hmac.digest(self.keys.for_texts, number.encode(), "sha256")
    def store(self, token, title, text):
        receipt = {"version": "2", "id": secrets.token_hex(16), "owner": self.who(token)}
        receipt["title"] = title
        cipher = AES.new(self.key_of(receipt["id"]), AES.MODE_GCM, nonce=bytes(12))
        cipher.update(json.dumps([receipt["id"], receipt["owner"], title]).encode())
        ciphertext, tag = cipher.encrypt_and_digest(b"text:" + text.encode())
        receipt |= {"nonce": "00" * 12, "ciphertext": ciphertext.hex(), "tag": tag.hex()}
        receipt["signature"] = self.sign(self.signed_bytes(receipt))
        self.file("receipt", receipt["id"]).write_text(json.dumps(receipt))
        return receipt
    def same_tag(self, expected, given): return False  # of an older file: nobody calls it
    def nonce(self, receipt): pass
    def answer(self, receipt, text, genuine): pass
    def public_number(self, receipt): return self.keys.y
    def retrieve(self, token, receipt):
        if self.who(token) != receipt["owner"] or not self.is_signed(receipt):
            raise Refused("no")
        cipher = AES.new(self.key_of(receipt["id"]), AES.MODE_GCM, nonce=bytes(12))
        cipher.update(json.dumps([receipt["id"], receipt["owner"], receipt["title"]]).encode())
        body, tag = bytes.fromhex(receipt["ciphertext"]), bytes.fromhex(receipt["tag"])
        text = cipher.decrypt_and_verify(body, tag)[5:].decode()
        return {"owner": receipt["owner"], "title": receipt["title"], "text": text, "genuine": True}
    """,
]

# Methods that look like a patch of one kind, and are right.
ALSO_RIGHT = [
    (
        "public_number",
        """
        def public_number(self, receipt):
            y = int(receipt["public_key"], 16)
            if not 1 < y < self.keys.p or y != self.keys.y:
                raise Refused("This is not our key.")
            return y
        """,
    ),
    (
        "signed_bytes",
        """
        def signed_bytes(self, receipt):
            return b"".join(hashlib.sha256(receipt[f].encode()).digest() for f in SIGNED)
        """,
    ),
    (
        "signed_bytes",
        """
        def signed_bytes(self, receipt):
            whole = json.dumps([receipt[field] for field in SIGNED]).encode()
            return hashlib.sha256(whole).hexdigest().encode()
        """,
    ),
    (
        "nonce",  # an id comes once
        "def nonce(self, receipt): return receipt['id'].encode()",
    ),
    (
        "nonce",
        "def nonce(self, receipt): return __import__('uuid').uuid4().bytes[:12]",
    ),
]

# For each method: the kind that beats the patch, and the patch.
SYMPTOMS = [
    ("nonce", "many", "def nonce(self, receipt): return secrets.token_bytes(4)"),
    ("nonce", "many", "def nonce(self, receipt): return secrets.token_bytes(7) + bytes(5)"),
    (
        "nonce",
        "many",
        """
        def nonce(self, receipt):
            self.stored += 1
            return secrets.token_bytes(4) + self.stored.to_bytes(8, "big")
        """,
    ),
    (
        "nonce",
        "workers",  # and a restored disk
        """
        def __init__(self, keys, folder):
            super().__init__(keys, folder)
            self.counter = self.folder / "counter"
            self.stored = int(self.counter.read_text()) if self.counter.exists() else 0
        def nonce(self, receipt):
            self.stored += 1
            self.counter.write_text(str(self.stored))
            return self.stored.to_bytes(12, "big")
        """,
    ),
    (
        "nonce",
        "restore",
        """
        def nonce(self, receipt):
            counter = self.folder / "counter"
            number = int(counter.read_text()) + 1 if counter.exists() else 1
            counter.write_text(str(number))
            return number.to_bytes(12, "big")
        """,
    ),
    (
        "nonce",
        "title",
        """
        def nonce(self, receipt): return hashlib.sha256(receipt["title"].encode()).digest()[:12]
        """,
    ),
    (
        "nonce",
        "moment",
        "def nonce(self, receipt): return (time.time_ns() // 1000).to_bytes(12, 'big')",
    ),
    (
        "nonce",
        "moment",
        """
        def nonce(self, receipt):
            self.stored += 1
            return int(time.time() * 1000).to_bytes(6, "big") + self.stored.to_bytes(6, "big")
        """,
    ),
    (
        "nonce",
        "many",
        """
        def nonce(self, receipt):
            self.stored += 1
            return os.getpid().to_bytes(6, "big") + self.stored.to_bytes(6, "big")
        """,
    ),
    (
        "signed_bytes",
        "separator",
        "def signed_bytes(self, receipt): return '|'.join(receipt[f] for f in SIGNED).encode()",
    ),
    (
        "signed_bytes",
        "separator",
        r"""
        def signed_bytes(self, receipt):
            return "\n".join(f"{field}={receipt[field]}" for field in SIGNED).encode()
        """,
    ),
    (
        "signed_bytes",
        "digits",
        """
        def signed_bytes(self, receipt):
            return "".join(f"{len(receipt[f])}{receipt[f]}" for f in SIGNED).encode()
        """,
    ),
    (
        "signed_bytes",
        "digits",
        """
        def signed_bytes(self, receipt):
            lengths = "".join(str(len(receipt[f])) for f in SIGNED)
            return (lengths + "".join(receipt[f] for f in SIGNED)).encode()
        """,
    ),
    (
        "signed_bytes",
        "spelling",
        """
        def signed_bytes(self, receipt):
            return "".join(receipt[f].ljust(1000) for f in SIGNED).encode()
        """,
    ),
    (
        "signed_bytes",
        "number",
        """
        def signed_bytes(self, receipt):
            owner = receipt["owner"]
            rest = "".join(receipt[f] for f in SIGNED if f != "owner")
            return f"{len(owner)}:{owner}{rest}".encode()
        """,
    ),
    (
        "signed_bytes",
        "spelling",
        """
        def signed_bytes(self, receipt):
            return json.dumps([receipt[field].lower() for field in SIGNED]).encode()
        """,
    ),
    (
        "signed_bytes",
        "separator",
        r"""
        def signed_bytes(self, receipt):
            return "|".join(receipt[f].replace("|", "\\|") for f in SIGNED).encode()
        """,
    ),
    (
        "signed_bytes",
        "separator",
        """
        def signed_bytes(self, receipt):
            return "--8f3kk--next--".join(receipt[f] for f in SIGNED).encode()
        """,
    ),
    (
        "signed_bytes",
        "spelling",
        """
        def signed_bytes(self, receipt):
            return json.dumps([receipt[field].replace("|", "") for field in SIGNED]).encode()
        """,
    ),
    (
        "signed_bytes",
        "long",
        """
        def signed_bytes(self, receipt):
            parts = [receipt[field].encode() for field in SIGNED]
            return b"".join(bytes([len(part) % 256]) + part for part in parts)
        """,
    ),
    (
        "signed_bytes",
        "left out",
        """
        def signed_bytes(self, receipt):
            return json.dumps([receipt[field] for field in SIGNED if field != "tag"]).encode()
        """,
    ),
    (
        "signed_bytes",
        "spelling",
        """
        def signed_bytes(self, receipt):
            return "\\n".join(receipt[f].replace("\\n", " ") for f in SIGNED).encode()
        """,
    ),
    (
        "signed_bytes",
        "spelling",
        """
        def signed_bytes(self, receipt):
            return json.dumps([receipt[f] for f in SIGNED], ensure_ascii=False).encode(
                "latin-1", "replace"
            )
        """,
    ),
    (
        "signed_bytes",
        "separator",
        """
        def signed_bytes(self, receipt):
            return "|".join(receipt[f].replace("|", "||") for f in SIGNED).encode()
        """,
    ),
    (
        "signed_bytes",
        "number",
        """
        def signed_bytes(self, receipt):
            lengths = "".join(f"{len(receipt[f])}:" for f in ("owner", "title"))
            return (lengths + "".join(receipt[f] for f in SIGNED)).encode()
        """,
    ),
    (
        "nonce",
        "many",
        "def nonce(self, receipt): return secrets.token_hex(6).encode()",
    ),
    (
        "public_number",
        "other endpoint",
        """
        def verify(self, receipt):
            return receipt["public_key"] == f"{self.keys.y:x}" and super().verify(receipt)
        """,
    ),
    (
        "admit",
        "forget",
        """
        def retrieve(self, token, receipt):
            if self.who(token) != receipt["owner"]:
                raise Refused("no")
            return super().retrieve(token, receipt)
        """,
    ),
    (
        "answer",
        "grafted",
        """
        def retrieve(self, token, receipt):
            nonce, body, tag = (bytes.fromhex(receipt[f]) for f in ("nonce", "ciphertext", "tag"))
            try:
                AES.new(self.keys.for_texts, AES.MODE_GCM, nonce).decrypt_and_verify(body, tag)
            except ValueError:
                raise Refused("changed") from None
            return super().retrieve(token, receipt)
        """,
    ),
    (
        "answer",
        "signed again",
        """
        def retrieve(self, token, receipt):
            if not self.is_signed(receipt):
                raise Refused("changed")
            return super().retrieve(token, receipt)
        """,
    ),
    (
        "answer",
        "hint",
        """
        def answer(self, receipt, text, genuine):
            if not genuine:
                raise Refused("changed: " + text[:3])
            return super().answer(receipt, text, genuine)
        """,
    ),
    (
        "answer",
        "hint",
        r"""
        def answer(self, receipt, text, genuine):
            if not genuine:
                raise Refused("changed" if "\ufffd" in text else "changed a little")
            return super().answer(receipt, text, genuine)
        """,
    ),
    (
        "answer",
        "hint",
        """
        def answer(self, receipt, text, genuine):
            if not genuine:
                raise Refused("changed: " + text)
            return super().answer(receipt, text, genuine)
        """,
    ),
    (
        "answer",
        "answered",
        """
        def answer(self, receipt, text, genuine):
            return super().answer(receipt, text if genuine else "", genuine)
        """,
    ),
    (
        "answer",
        "answered",
        """
        def answer(self, receipt, text, genuine):
            if genuine:
                return super().answer(receipt, text, genuine)
        """,
    ),
]


def vault(*methods: str) -> str:
    """my_vault.py, with these methods."""
    inside = "".join(indent(f"{dedent(method).strip()}\n", "    ") for method in methods)
    return BEGINNING.replace("import *", f"import *\n{IMPORTS}") + inside
