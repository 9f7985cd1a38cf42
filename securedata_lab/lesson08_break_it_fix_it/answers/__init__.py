"""Answers to lesson 08: files with right methods, and with usual wrong ones."""

from securedata_lab.lesson08_break_it_fix_it.answers.patches import OTHER_RIGHT, SYMPTOMS, vault
from securedata_lab.lesson08_break_it_fix_it.answers.patches import RIGHT as FIXED

LENGTHS = """
    def signed_bytes(self, receipt):
        return "".join(f"{len(receipt[f])}:{receipt[f]}" for f in SIGNED).encode()
    """
ALL_OF_IT = "def signed_bytes(self, receipt): return str(receipt).encode()"
BOTH = """
    def login(self, name, password):
        known = self.is_customer(name)
        kept = json.loads(self.file("customer", name).read_text()) if known else {"salt": "ab"}
        hashed = self.slow_hash(password, bytes.fromhex(kept["salt"])).hex()
        if known and secrets.compare_digest(hashed, kept["hash"]):
            return self.token(name)
        raise Refused("No.")
    """


def three(**others: str) -> str:
    """The three of 8.6, some in another way."""
    names = ("same_tag", "public_number", "tls_to_backup")
    return vault(*(others.get(it, FIXED[it]) for it in names if others.get(it) != ""))


def patches(method: str) -> list[tuple[str, str]]:
    return [
        (vault(patch), f"the kind “{kind}” gets ") for one, kind, patch in SYMPTOMS if one == method
    ]


TLS = "def tls_to_backup(self): return ssl.create_default_context({})"
CUT = next(patch for _, kind, patch in SYMPTOMS if kind == "cut")


def one(head: str, body: str) -> str:
    return vault(f"def {head}: {body}")


NONCE, BYTES = "nonce(self, receipt)", "signed_bytes(self, receipt)"
K, ANSWER = "secret_number(self, message)", "answer(self, receipt, text, genuine)"
GRAFT = 'mine | {field: hers[field] for field in ("nonce", "ciphertext")}'
RIGHT = {
    "8.1": [
        GRAFT,
        'hers | {"owner": mine["owner"]}',
        'mine | {field: hers[field] for field in ("nonce", "ciphertext", "tag", "signature")}',
        """
        def answer(mine, hers):
            mine["nonce"], mine["ciphertext"] = hers["nonce"], hers["ciphertext"]
            return mine
        """,
    ],
    "8.3": [
        vault(FIXED["nonce"]),
        one(NONCE, "return AES.new(self.keys.for_tokens, AES.MODE_GCM).nonce[:12]"),
        one(NONCE, "return __import__('os').urandom(16)"),
        one(NONCE, "return hashlib.sha256(receipt['id'].encode()).digest()[:12]"),
    ],
    "8.4": [
        vault(FIXED["signed_bytes"]),
        one(BYTES, "return json.dumps([receipt[field] for field in SIGNED]).encode()"),
        vault(LENGTHS),
    ],
    "8.5": [
        vault(FIXED["secret_number"]),
        one(K, "return int.from_bytes(secrets.token_bytes(48), 'big') % (self.keys.q - 1) + 1"),
        vault(OTHER_RIGHT[0]),
    ],
    "8.2": [
        vault(FIXED["answer"]),
        vault(
            """
            def retrieve(self, token, receipt):
                said = super().retrieve(token, receipt)
                if said.pop("genuine"):
                    return said | {"genuine": True}
                raise Refused("changed")
            """
        ),
    ],
    "8.6": [
        three(),
        three(
            same_tag="def same_tag(self, expected, given): return expected == given",
            public_number="def is_signed(self, receipt): return "
            "Vault.is_signed(self, receipt | {'public_key': f'{self.keys.y:x}'})",
        ),
        three(
            tls_to_backup="""
            def tls_to_backup(self):
                context = super().tls_to_backup()
                context.check_hostname = True
                return context
            """,
        ),
    ],
    "8.7": [
        vault(FIXED["login"]),
        vault(BOTH),
        vault(BOTH.replace('"salt": "ab"', '"salt": secrets.token_hex(16)')),
    ],
}
WRONG = {
    "8.1": [
        ("hers", "its owner is 'ada', you are eve: what does admit compare?"),
        ('hers | {"owner": "Eve"}', "its owner is 'Eve', you are eve: what does admit compare?"),
        ("mine", "got your own; which of her fields hide it?"),
        ('mine | {"tag": hers["tag"], "signature": hers["signature"]}', "which of her fields hide"),
        ('mine | {"ciphertext": hers["ciphertext"]}', "noise; a ciphertext opens only under its"),
        ('mine | {"nonce": hers["nonce"]}', "noise; a ciphertext opens only under its own nonce"),
        (f"{GRAFT} | {{'ciphertext': '00ff'}}", "noise; use the two arguments"),
        (f'{GRAFT} | {{"nonce": ...}}', "got a refusal; is a field missing, or is its value no"),
        ('{"nonce": hers["nonce"]}', "got a refusal; is a field missing, or"),
        ('hers["ciphertext"]', "return mine or hers with changes: the last line sends it"),
        ("def answer(mine, hers): mine.update(hers)", "end with return"),
    ],
    "8.3": [
        *patches("nonce"),
        (one(NONCE, "return bytes(12)"), "; nonces come again, after a restart at"),
        (one(NONCE, "return secrets.token_hex(12)"), "gets and returns"),
        (one(NONCE, "secrets.token_bytes(12)"), "gets and returns"),
        (one(NONCE, "return secrets.token_bytes(8) + bytes(4)"), "; count the random bytes"),
        (one(NONCE, "return hmac.token_bytes(12)"), "no attribute 'token_bytes' (line "),
    ],
    "8.4": [
        *patches("signed_bytes"),
        (
            one(BYTES, "return hmac.digest(self.keys.for_texts, super().signed_bytes(receipt), 1)"),
            "gets and returns",
        ),
        (
            one(BYTES, "return self.keys.for_texts + super().signed_bytes(receipt)"),
            "nothing secret, and nothing that changes",
        ),
        (one(BYTES, "return json.dumps([receipt[f] for f in SIGNED])"), "gets and returns"),
        (one(BYTES, "return json.dumps(receipt).encode()"), "gains public_key and signature"),
        (vault(ALL_OF_IT, FIXED["answer"]), "gains public_key and signature"),
        *[
            (vault(LENGTHS.replace(".encode()", end)), "leave out nothing, not even in “é”")
            for end in (
                '.encode("ascii", "ignore")',
                '.encode("cp1252", "ignore")',
                '.encode("ascii", "replace")',
            )
        ],
        (
            vault(LENGTHS.replace("{receipt[f]}", "{unicodedata.normalize('NFKC', receipt[f])}")),
            "not even in “é”",
        ),
        (
            one(BYTES, "return json.dumps([receipt[f].strip() for f in SIGNED]).encode()"),
            "“spelling”",
        ),
        *[
            (one(BYTES, f"return json.dumps({{it: receipt[it] for it in {names}}}).encode()"), end)
            for names, end in (
                (("owner", "title"), "; not every field is signed"),
                (("owner", "title", "ciphertext"), "; one field is not signed"),
                (("id", "owner", "nonce", "ciphertext", "tag"), "cut and leave out nothing"),
            )
        ],
    ],
    "8.5": [
        *patches("secret_number"),
        (
            one(K, "return secrets.randbits(200)"),
            "“broken”: the kind “short” gets the private key x; ",
        ),
        (
            one(K, "return 12345"),
            "“known” gets the private key x; others can compute k, or it came twice",
        ),
    ],
    "8.2": [
        *patches("answer"),
        (
            one(ANSWER, "return {'text': text, 'genuine': genuine}"),
            "; look at genuine first.",
        ),
        (one(ANSWER, "raise Refused('no')"), "honest customers must notice nothing"),
        (
            one(ANSWER, "return genuine and text"),
            "no dict with the text in it; what does the",
        ),
        (
            vault(
                """
                def answer(self, receipt, text, genuine):
                    if not genuine:
                        Refused("no")
                    return super().answer(receipt, text, genuine)
                """
            ),
            "Only raise refuses, a Refused alone does not",
        ),
        *[
            (
                one(ANSWER, f"{line}; return super().answer(receipt, text, genuine)"),
                f"expected a vault that works, got: honest use fails: a changed receipt: {end}",
            )
            for line, end in (
                ("assert genuine", "it raised AssertionError"),
                ("_ = genuine or 1 / 0", "it raised ZeroDivisionError"),
                ("_ = genuine or refused('no')", "it raised NameError: name"),
            )
        ],
        (
            one(ANSWER, "return super().answer(receipt, text, True) if genuine else Refused('no')"),
            "Object of type Refused is not JSON serializable; raise it: a return is an answer",
        ),
        (one(ANSWER, "return {'text': text}"), "not call it genuine; what does the consultant's"),
    ],
    "8.6": [
        (three(public_number=""), "it is still the consultant's"),
        (three(same_tag=CUT), "how long must a tag be?"),
        (three(tls_to_backup=TLS.format("")), "; whose CA must your context trust?"),
        (three(tls_to_backup=TLS.format("self.keys.backup_ca")), " … (line "),
        *[
            (three(**{method: patch}), f"the kind “{kind}” gets ")
            for method, kind, patch in SYMPTOMS
            if method in ("public_number", "tls_to_backup")
        ],
    ],
    "8.7": [
        *patches("login"),
        (vault(BOTH.replace('"No."', 'f"{known}"')), "what does a stranger read"),
        (vault(BOTH.replace("if known and", "if")), "what does a stranger read"),
    ],
}


HEADS = {"8.1": "mine, hers"}
IS_FILE = True
