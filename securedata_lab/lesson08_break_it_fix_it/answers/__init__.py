"""Answers to lesson 08: files with right methods, and with usual wrong ones."""

from securedata_lab.basics.bits import xor
from securedata_lab.lesson08_break_it_fix_it.answers import sharing
from securedata_lab.lesson08_break_it_fix_it.answers.patches import ALSO_RIGHT, SYMPTOMS, vault
from securedata_lab.lesson08_break_it_fix_it.answers.patches import RIGHT as FIXED
from securedata_lab.lesson08_break_it_fix_it.auditing.live_vault import RESTARTS, WRONG_CODE

LENGTHS = """
    def signed_bytes(self, receipt):
        return "".join(f"{len(receipt[f])}:{receipt[f]}" for f in SIGNED).encode()
    """
ALL_OF_IT = "def signed_bytes(self, receipt): return str(receipt).encode()"


def patches(method: str) -> list[tuple[str, str]]:
    return [
        (vault(patch), f"got “symptom patch”: the kind “{kind}” gets ")
        for one, kind, patch in SYMPTOMS
        if one == method
    ]


def also_right(method: str) -> list[str]:
    return [vault(patch) for one, patch in ALSO_RIGHT if one == method]


def one(head: str, body: str) -> str:
    return vault(f"def {head}: {body}")


NONCE, BYTES = "nonce(self, receipt)", "signed_bytes(self, receipt)"
KEY = "public_number(self, receipt)"
ANSWER = "answer(self, receipt, text, genuine)"
GRAFT = 'mine | {field: hers[field] for field in ("nonce", "ciphertext")}'
SAID = f"answer = {RESTARTS!r}"
ATTACK = """
def answer(vault):
    hers = vault.receipts[0]
    {before}
    text = {text}
    mine = vault.store("tea", text)
    return {returned}
"""
LONG = '"a" * len(hexed(hers, "ciphertext"))'
BOTH_TEXTS = 'xor(hexed(hers, "ciphertext"), hexed(mine, "ciphertext"))'
READ = f"xor({BOTH_TEXTS}, text.encode())"


def attack(before: str = "vault.restart()", text: str = LONG, returned: str = READ) -> str:
    return ATTACK.format(before=before, text=text, returned=returned)


RIGHT = {
    "8.8": [
        [GRAFT, SAID],
        ['hers | {"owner": mine["owner"]}', SAID],
        [
            'mine | {field: hers[field] for field in ("nonce", "ciphertext", "tag", "signature")}',
            SAID,
        ],
        [
            """
            def answer(mine, hers):
                mine["nonce"], mine["ciphertext"] = hers["nonce"], hers["ciphertext"]
                return mine
            """,
            SAID,
        ],
    ],
    "8.9": [
        attack(),
        attack("vault.restore()"),
        """
        def answer(vault):
            vault.restart()
            for _ in range(5):
                mine = vault.store("x", "a" * 200)
                for hers in vault.receipts[:2]:
                    if hers["nonce"] == mine["nonce"]:
                        theirs, ours = hexed(hers, "ciphertext"), hexed(mine, "ciphertext")
                        read = xor(theirs, ours[: len(theirs)])
                        return xor(read, b"a" * len(theirs)).decode()
        """,
    ],
    "8.3": [
        vault(FIXED["nonce"]),
        one(NONCE, "return AES.new(self.keys.for_tokens, AES.MODE_GCM).nonce[:12]"),
        one(NONCE, "return __import__('os').urandom(16)"),
        one(NONCE, "return hashlib.sha256(receipt['id'].encode()).digest()[:12]"),
        *also_right("nonce"),
    ],
    "8.10": [
        vault(FIXED["signed_bytes"]),
        one(BYTES, "return json.dumps([receipt[field] for field in SIGNED]).encode()"),
        vault(LENGTHS),
        *also_right("signed_bytes"),
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
    "8.13": [
        vault(FIXED["public_number"]),
        one(KEY, "return pow(self.keys.g, self.keys.x, self.keys.p)"),
        vault(
            """
            def is_signed(self, receipt):
                return super().is_signed(receipt | {"public_key": f"{self.keys.y:x}"})
            """
        ),
        *also_right("public_number"),
    ],
}
WRONG = {
    "8.8": [
        (["hers", SAID], "my_theft: its owner is 'ada', you are eve: what does admit compare?"),
        (['hers | {"owner": "Eve"}', SAID], "its owner is 'Eve', you are eve: what does admit"),
        (["mine", SAID], "got your own; my_theft: which of her fields hide it?"),
        (['mine | {"tag": hers["tag"], "signature": hers["signature"]}', SAID], "fields hide it?"),
        (
            ['mine | {"ciphertext": hers["ciphertext"]}', SAID],
            "noise; my_theft: a ciphertext opens",
        ),
        (['mine | {"nonce": hers["nonce"]}', SAID], "opens only under its own nonce"),
        ([f"{GRAFT} | {{'ciphertext': '00ff'}}", SAID], "noise; my_theft: use the two arguments"),
        ([f'{GRAFT} | {{"nonce": ...}}', SAID], "my_theft: is a field missing, or is its value no"),
        (['{"nonce": hers["nonce"]}', SAID], "my_theft: is a field missing, or"),
        (['str(mine | {"nonce": hers["nonce"]})', SAID], "my_theft: that is a text"),
        (['hers["ciphertext"]', SAID], "return mine or hers with changes: the cell sends it"),
        (["mine | A_GLOBAL_HERS", SAID], "my_theft: use the two arguments: this receipt is of"),
        (["def answer(mine, hers): mine.update(hers)", SAID], "end with return"),
        ([GRAFT, "answer = ..."], "my_theft: right. Go on with said"),
        ([GRAFT, f"answer = {WRONG_CODE!r}"], "my_theft: right. said: type what your theft"),
        ([GRAFT, 'answer = "parrot-timber-83"'], "my_theft: right. said: hand over what the vault"),
    ],
    "8.9": [
        (attack("pass"), "your nonce is none of hers, and no text of hers was returned; when does"),
        (attack(returned=BOTH_TEXTS), "your text 1 and her receipts[0] have one nonce: XOR these"),
        (attack(returned=f"({READ})[1:]"), "“not read yet”; that is a part of a text of hers"),
        (attack(text='"short"'), "XOR needs two equal lengths"),
        (attack(returned='hers["text"]'), "“no attack”; it raised KeyError: 'text'"),
        (attack(returned="None"), "your attack returned nothing: it held, or a return is missing"),
        (attack(returned="hers"), "it returned {"),
        (attack("[vault.restart() for _ in range(4)]"), "a vault is restarted 3 times at most"),
        (attack(returned="vault.store('x', b'y')"), "TypeError: the vault takes texts"),
        (
            "vault.retrieve(vault.receipts[0])",
            "“it held”; no text of hers was returned, and no text of yours was stored",
        ),
        ("b'Tom lost the flower at the desert, 18:32.'", "no text of yours was stored"),
        ("vault.aloud", "she has read this text aloud: take another of hers"),
        ("[vault.store('x', 'y') for _ in range(2001)]", "2000 calls or 60 s are over; none of"),
    ],
    "8.3": [
        *patches("nonce"),
        (one(NONCE, "return bytes(12)"), "; nonces come again, after a restart at"),
        (one(NONCE, "return secrets.token_hex(12)"), "gets and returns"),
        (one(NONCE, "secrets.token_bytes(12)"), "gets and returns"),
        (one(NONCE, "return secrets.token_bytes(8) + bytes(4)"), "; count the random bytes"),
        (one(NONCE, "return hmac.token_bytes(12)"), "no attribute 'token_bytes' (line "),
    ],
    "8.10": [
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
        (one(BYTES, "return str(sorted(receipt[f] for f in SIGNED)).encode()"), "order is lost"),
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
                (("id", "owner", "nonce", "ciphertext", "tag"), "; one field is not signed"),
            )
        ],
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
    "8.13": [
        *patches("public_number"),
        (one(KEY, 'return int(receipt["public_key"], 16)'), "; the attacker sends a key along"),
        (one(KEY, "return self.y"), "… at /retrieve: it raised AttributeError: 'MyVault' object"),
        (one(KEY, "return self.keys.Y"), "'Y' (line 9 of my_vault.py, in public_number()); keys"),
        (one(KEY, "return self.keys.x"), "; x signs: which number of the same key verifies?"),
        (one(KEY, "self.keys.y"), "return int, and returned nothing"),
        (one(KEY, 'return receipt["public_key"]'), "return int, and returned str"),
        (one(KEY, "raise Refused('no')"), "honest customers must notice nothing"),
        (
            vault(
                """
                def public_number(self, receipt):
                    y = int(receipt["public_key"], 16)
                    if not 1 < y < self.keys.p:
                        raise Refused("This is no key.")
                    return y
                """
            ),
            "whose key must it be?",
        ),
    ],
}

RIGHT["8.12"], WRONG["8.12"] = sharing.RIGHT, sharing.WRONG


def hexed(receipt: dict[str, str], field: str) -> bytes:
    return bytes.fromhex(receipt[field])


HEADS = {"8.8": "mine, hers", "8.9": "vault"}
A_GLOBAL_HERS = {"nonce": "01" * 12, "ciphertext": "ab" * 40, "signature": "01" * 64}
NAMES = {"hexed": hexed, "xor": xor, "A_GLOBAL_HERS": A_GLOBAL_HERS}
IS_FILE = True
