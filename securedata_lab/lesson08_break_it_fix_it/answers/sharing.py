"""Answers to 8.12: whole designs. Each wrong one has a short story that ends badly."""

HEAD = "class MyStore(Store):\n"
KEY = """
    def key(self, record_id, to): return f"share {record_id} {to}"
"""
OWNED = """
    def share(self, caller, record_id, to):
        self.text(record_id, owner=caller)
        self.put(record_id, to)
"""
TAKEN = """
    def unshare(self, caller, record_id, to):
        self.text(record_id, owner=caller)
        self.notes.pop(self.key(record_id, to), None)
"""
SIGNED = """
    def put(self, record_id, to):
        self.notes[self.key(record_id, to)] = self.signed("may read", record_id, to)
    def may_read(self, caller, record_id):
        note = self.notes.get(self.key(record_id, caller))
        return self.parts(note) == ["may read", record_id, caller]
"""
PLAIN = """
    def put(self, record_id, to):
        self.notes[self.key(record_id, to)] = "yes"
    def may_read(self, caller, record_id):
        return self.key(record_id, caller) in self.notes
"""
# A list of names for each record, and a number that must be the newest one.
READ = """
    def read(self, key):
        signed, *rest = self.parts(self.notes.get(key)) or [""]
        return rest if signed == key else [""]
    def readers(self, record_id):
        number, *names = self.read(f"who {record_id}")
        return names if self.read(f"now {record_id}") == [number] else []
"""
CHANGE = """
    def share(self, caller, record_id, to):
        self.write(caller, record_id, {*self.readers(record_id), to})
    def unshare(self, caller, record_id, to):
        self.write(caller, record_id, {*self.readers(record_id)} - {to})
    def may_read(self, caller, record_id):
        return caller in self.readers(record_id)
"""


def numbered(number: str, read: str = READ) -> str:
    """The list and its number, which comes from this expression."""
    return f"""{HEAD}{read}
    def write(self, caller, record_id, names):
        self.text(record_id, owner=caller)
        number = {number}
        for key, more in ((f"who {{record_id}}", names), (f"now {{record_id}}", [])):
            self.notes[key] = self.signed(key, number, *more)
{CHANGE}"""


# One signed table of all shares, and each share signed, too.
TABLE = f"""{HEAD}{KEY}
    def others(self): return sorted(it for it in self.notes if it != "table")
    def is_whole(self):
        return self.parts(self.notes.get("table")) == ["table", *self.others()]
    def share(self, caller, record_id, to):
        self.change(caller, record_id, self.key(record_id, to), True)
    def unshare(self, caller, record_id, to):
        self.change(caller, record_id, self.key(record_id, to), False)
    def change(self, caller, record_id, key, shared):
        self.text(record_id, owner=caller)
        assert not self.notes or self.is_whole()
        self.notes.pop(key, None)
        if shared:
            self.notes[key] = self.signed(key)
        self.notes["table"] = self.signed("table", *self.others())
    def may_read(self, caller, record_id):
        key = self.key(record_id, caller)
        return self.is_whole() and self.parts(self.notes.get(key)) == [key]
"""
HALVES = f"""{HEAD}
    def keys(self, record_id, to): return [f"{{half}} {{record_id}} {{to}}" for half in "12"]
    def share(self, caller, record_id, to):
        self.text(record_id, owner=caller)
        for key in self.keys(record_id, to):
            self.notes[key] = self.signed(key)
    def unshare(self, caller, record_id, to):
        self.text(record_id, owner=caller)
        for key in self.keys(record_id, to):
            self.notes.pop(key, None)
    def may_read(self, caller, record_id):
        keys = self.keys(record_id, caller)
        return all(self.parts(self.notes.get(key)) == [key] for key in keys)
"""
# A note that is signed, and that /unshare deletes.
SIMPLE = HEAD + KEY + OWNED + TAKEN + SIGNED
PROOF = "        self.text(record_id, owner=caller)\n"
REVOKED = """
    def unshare(self, caller, record_id, to):
        self.text(record_id, owner=caller)
        self.notes["no " + self.key(record_id, to)] = self.signed("no", record_id, to)
"""
POP = 'self.notes.pop("no " + self.key(record_id, to), None)'
SHARED = f"""
    def share(self, caller, record_id, to):
        self.text(record_id, owner=caller)
        {POP}
        self.put(record_id, to)
"""
NOT_REVOKED = ' and "no " + self.key(record_id, caller) not in self.notes'
TOMBSTONE = f"{HEAD}{KEY}{SHARED}{SIGNED.rstrip()}{NOT_REVOKED}{REVOKED}"
ONE_LIST = """
    def put(self, record_id, to):
        names = self.parts(self.notes.get(self.key(record_id, to)))[1:]
        self.notes[self.key(record_id, to)] = self.signed(record_id, *names, to)
    def may_read(self, caller, record_id):
        first, *names = self.parts(self.notes.get(self.key(record_id, ""))) or [""]
        return first == record_id and caller in names
"""
BY_PART = """
    def may_read(self, caller, record_id):
        return caller in str([key for key in self.notes if record_id in key])
"""
HASHED = """
    def signed(self, *parts): return hashlib.sha256(repr(parts).encode()).hexdigest()
    def may_read(self, caller, record_id):
        note = self.notes.get(self.key(record_id, caller))
        return note == self.signed("may read", record_id, caller)
"""
COPY = """
    def share(self, caller, record_id, to):
        copy = self.sealed(self.text(record_id, owner=caller), to)
        self.rows.put(copy)
        self.notes[self.key(record_id, to)] = self.signed(record_id, to, copy.record_id)
    def retrieve(self, caller, record_id):
        note = self.parts(self.notes.get(self.key(record_id, caller)))
        mine = note[2] if note[:2] == [record_id, caller] else record_id
        return self.text(mine, owner=caller)
"""

# Genuine notes are looked for at the start only.
AT_START = """
    def __init__(self, *given):
        super().__init__(*given)
        self.mine = {key for key, note in self.notes.items() if self.parts(note)[1:]}
    def put(self, record_id, to):
        self.mine.add(self.key(record_id, to))
        self.notes[self.key(record_id, to)] = self.signed("may read", record_id, to)
    def unshare(self, caller, record_id, to):
        self.text(record_id, owner=caller)
        self.mine.discard(self.key(record_id, to))
        self.notes.pop(self.key(record_id, to), None)
    def may_read(self, caller, record_id):
        return self.key(record_id, caller) in self.mine
"""
# Anybody can write this list; its hash is signed.
HASH_OF_LIST = """
    def hash(self, text): return hashlib.sha256(text.encode()).hexdigest()
    def readers(self, record_id):
        text = self.notes.get(f"who {record_id}", "")
        proof = self.parts(self.notes.get(f"now {record_id}"))
        return json.loads(text)["readers"] if proof == [record_id, self.hash(text)] else []
    def write(self, caller, record_id, names):
        self.text(record_id, owner=caller)
        text = json.dumps({"id": record_id, "readers": sorted(names)})
        self.notes[f"who {record_id}"] = text
        self.notes[f"now {record_id}"] = self.signed(record_id, self.hash(text))
"""


def without(what: str, design: str = SIMPLE, instead: str = "") -> str:
    """The design with something else in this place."""
    assert what in design
    return design.replace(what, instead)


NAME_UNSIGNED = without(
    '"may read", record_id, caller',
    without('"may read", record_id, to', SIMPLE, "record_id"),
    "record_id",
)
ID_UNSIGNED = without(
    '"may read", record_id, caller', without('"may read", record_id, to', SIMPLE, "to"), "caller"
)
COUNT = "str(int(self.read(f'now {record_id}')[0] or 0) + 1)"
DRAWN = "secrets.token_hex(16)"
NUMBER_UNSIGNED = without(
    'self.read(f"now {record_id}") == [number]',
    without(
        "self.signed(key, number, *more)",
        numbered(DRAWN),
        "self.signed(key, number, *more) if more else number",
    ),
    'self.notes.get(f"now {record_id}") == number',
)
TABLE_OF_UNSIGNED = without(
    "self.parts(self.notes.get(key)) == [key]",
    without("= self.signed(key)", TABLE, '= "yes"'),
    "key in self.notes",
)
PASSED_ON = without(
    PROOF, OWNED, "        self.may_read(caller, record_id) or self.text(record_id, owner=caller)\n"
)
OLD = "eve puts one old note back"
READS = " reads a record of ada's; "
# It shares with whoever is on the list, also on an old one.
SIGNS_ANEW = without(
    "{*self.readers(record_id), to}",
    numbered(DRAWN),
    '{*self.read(f"who {record_id}")[1:], to}',
)
# A signed hash of a record's notes: the next change signs whatever is there.
HASH_OF_ALL = f"""import hashlib
{HEAD}{KEY}
    def all_of(self, record_id):
        found = [it for it in self.notes.items() if it[0].startswith(f"share {{record_id}} ")]
        return hashlib.sha256(repr(sorted(found)).encode()).hexdigest()
    def change(self, caller, record_id, to, note):
        self.text(record_id, owner=caller)
        self.notes.pop(self.key(record_id, to), None)
        if note:
            self.notes[self.key(record_id, to)] = note
        self.notes[f"all {{record_id}}"] = self.signed("all", record_id, self.all_of(record_id))
    def share(self, caller, record_id, to):
        self.change(caller, record_id, to, self.signed("may read", record_id, to))
    def unshare(self, caller, record_id, to):
        self.change(caller, record_id, to, "")
    def may_read(self, caller, record_id):
        whole = ["all", record_id, self.all_of(record_id)]
        note = self.parts(self.notes.get(self.key(record_id, caller)))
        is_whole = self.parts(self.notes.get(f"all {{record_id}}")) == whole
        return is_whole and note == ["may read", record_id, caller]
"""
# What is taken back goes into the rows, which Eve leaves alone; but only if the note is there.
TOMBSTONE_IF_THERE = f"""import secrets
{HEAD}{KEY}
    def gone(self, note):
        return f"gone {{note}}" in [self.text(it) for it in self.rows.by_id]
    def share(self, caller, record_id, to):
        self.text(record_id, owner=caller)
        new = secrets.token_hex(16)
        self.notes[self.key(record_id, to)] = self.signed("may read", record_id, to, new)
    def unshare(self, caller, record_id, to):
        self.text(record_id, owner=caller)
        note = self.notes.pop(self.key(record_id, to), None)
        if note:
            self.rows.put(self.sealed(f"gone {{note}}", "nobody"))
    def may_read(self, caller, record_id):
        note = self.notes.get(self.key(record_id, caller))
        return self.parts(note)[:3] == ["may read", record_id, caller] and not self.gone(note)
"""
RIGHT = [numbered(DRAWN), TABLE, HALVES]
WRONG = [
    (HEAD + KEY + without(PROOF, OWNED) + TAKEN + SIGNED, "got: eve shares ada's record with eve"),
    (HEAD + KEY + OWNED + without(PROOF, TAKEN) + SIGNED, "eve takes ada's record back from"),
    (
        without(PROOF, SIMPLE, "        self.rows.get(record_id, owner=caller)\n"),
        "in the owner column, eve writes ada · eve reads a record of ada's",
    ),
    (HEAD + KEY + OWNED + TAKEN + PLAIN, "in the notes, eve writes eve for"),
    (NAME_UNSIGNED, "in the notes, eve writes eve for"),
    (ID_UNSIGNED, "eve writes the other's id for the record's"),
    (SIMPLE, f"{OLD} · "),
    (
        without("self.notes", SIMPLE, "self.mine").replace(KEY, f"    mine = {{}}\n{KEY}"),
        "restarts",
    ),
    ("shares = {}\n" + without("self.notes", SIMPLE, "shares"), "the store restarts"),
    (without('f"share {record_id} {to}"', SIMPLE, 'f"share {to}"'), "ada shares another with"),
    (HEAD + without(" {to}", KEY) + OWNED + TAKEN + ONE_LIST, "got: ada shares it with"),
    (HEAD + KEY + OWNED + SIGNED, "ada takes it back from"),
    (HEAD + KEY + OWNED + TAKEN + SIGNED + BY_PART, READS),
    (TOMBSTONE, "eve deletes a note · "),
    (f"{TOMBSTONE}        self.notes.pop(self.key(record_id, to), None)\n", f"note · {OLD}"),
    (without('self.read(f"now {record_id}") == [number]', numbered(DRAWN), "True"), f"{OLD} · "),
    (
        HEAD + KEY + OWNED + TAKEN.replace("self.text", "caller == to or self.text") + SIGNED,
        "takes ada's record back from",
    ),
    (SIGNS_ANEW, f"{OLD} · ada shares it with"),
    (HASH_OF_ALL, f"{OLD} · ada shares"),
    (TOMBSTONE_IF_THERE, "eve deletes a note · ada takes it back from"),
    (numbered("str(len(names))"), f"{OLD} · "),
    (numbered(COUNT), "eve deletes a note · ada takes it back from"),
    (NUMBER_UNSIGNED, f"{OLD}, with what she can write"),
    (without("        assert not self.notes or self.is_whole()\n", TABLE), f"{OLD} · ada shares"),
    (TABLE_OF_UNSIGNED, f"{OLD}, with what she can write"),
    (f"import hashlib\n{SIMPLE}{HASHED}", "a copy of the store, with eve's keys"),
    (HEAD + KEY + PASSED_ON + TAKEN + SIGNED, " shares ada's record with "),
    (HEAD + KEY + OWNED + AT_START, f"{OLD} · the store restarts"),
    (f"import hashlib\n{HEAD}{HASH_OF_LIST}{CHANGE}", f"{OLD}, with what she can write"),
    (HEAD + KEY + TAKEN + COPY, "ada takes it back from"),
    ("class Mine(Store): ...", "KeyError: 'MyStore'; does"),
    (without("self.put(", SIMPLE, "while True: self.put("), "does each loop end"),
    (without("self.put(", SIMPLE, "self.put_it("), "'MyStore' object has no attribute 'put_it'"),
]
