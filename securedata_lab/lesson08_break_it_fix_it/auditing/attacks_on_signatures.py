"""The attacks on signed_bytes() and public_number(): what a signature says, and whose it is."""

import unicodedata
from collections.abc import Iterator
from itertools import permutations, product

from securedata_lab.lesson08_break_it_fix_it.auditing.attack import Attack, Kind, Won
from securedata_lab.lesson08_break_it_fix_it.auditing.audit_run import AuditRun, Receipt
from securedata_lab.lesson08_break_it_fix_it.auditing.vault_to_fix import SIGNED

ODD = "é²🎈"  # which some lose or change on the way to bytes
MARKS = "|,;:/\n"  # which some take out of a part, or replace
ONES = ((1, 11), (11, 111), (1, 17))  # lengths of parts, in decimal and in hex: ones, too
SHOWN_LENGTH = 40

Claim = tuple[str, Receipt]  # a kind, and a second reading of a receipt: it was never given


# signed_bytes: one signature, two readings.


def attack_signed_bytes(run: AuditRun) -> Won:
    """Find a second reading of a signed receipt: a statement that was never signed."""
    won, mark = dict[str, str](), _between(run)
    claims = [*_of_one(run), *_cut_elsewhere(run, mark), *_respelled(run, mark)]
    for kind, claim in run.shuffled(claims):
        if kind not in won and run.is_believed(claim):
            owner, title = (_shortened(claim[field]) for field in ("owner", "title"))
            won[kind] = f"owner “{owner}”, title “{title}”"
    return won


def _shortened(text: str) -> str:
    return text if len(text) <= SHOWN_LENGTH else f"{text[: SHOWN_LENGTH - 1]}…"


def _stored(run: AuditRun, owner: str, title: str) -> Receipt:
    """A receipt for this owner and title; an empty one where the vault takes no such names."""
    person = run.may_enrol(owner)
    return (person and run.may_store(person, title)) or {}


def _of_one(run: AuditRun) -> Iterator[Claim]:
    """A character moves from any field to any other, owner and title change places, one changes."""
    receipt = _stored(run, run.word(6), f"{run.word(8)}0")
    fields = [field for field in SIGNED if receipt.get(field)]
    for one, other in permutations(fields, 2):  # no field if the vault took no such names
        text, second = receipt[one], receipt[other]
        kind = "moved" if {one, other} == {"owner", "title"} else "number"
        yield kind, receipt | {one: text[:-1], other: text[-1] + second}
    owner, title = receipt.get("owner", ""), receipt.get("title", "")
    yield "order", receipt | {"owner": title, "title": owner}
    for field in fields:
        start, last = receipt[field][:-1], receipt[field][-1]
        yield "left out", receipt | {field: start + ("1" if last == "0" else "0")}


def _between(run: AuditRun) -> str:
    """What stands between owner and title in the signed bytes: everybody knows the code."""
    owner, title = run.word(12), run.word(13)
    receipt = _stored(run, owner, title)
    text = run.proved_bytes(receipt).decode(errors="replace") if receipt else ""
    one, other = sorted((owner, title), key=text.find)
    between, found, _ = text.partition(one)[2].partition(other)
    return between if found and len(between) < SHOWN_LENGTH else ""


def _cut_elsewhere(run: AuditRun, mark: str) -> Iterator[Claim]:
    """Two parts that could be cut at another place, whichever stands first in the signed bytes.

    What separates them also stands inside one. Or a backslash hides it, a length in one byte is
    the same again after 256, or lengths without an end run together with parts of ones.
    """
    one, two, three = (run.word(length) for length in (6, 3, 7))
    end = run.word(run.random.randint(97, 122))  # its length, as a byte, is a letter
    middle = chr(len(end)) + run.word(255)
    cuts = [("long", (one, middle[1:] + middle[0] + end), (one + middle, end))]
    if mark:
        cuts += [
            ("separator", (one, two + mark + three), (one + mark + two, three)),
            ("separator", (one + mark, three), (one, mark + three)),
            ("separator", (f"{one}\\", two + mark + three), (f"{one}{mark}{two}\\", three)),
        ]
    for short, long in ONES:
        cuts.append(("digits", ("1" * short, "1" * long), ("1" * long, "1" * short)))
    for kind, parts, others in cuts:
        for fields in (("owner", "title"), ("title", "owner")):
            stored, claimed = (dict(zip(fields, it, strict=True)) for it in (parts, others))
            if receipt := _stored(run, stored["owner"], stored["title"]):
                yield kind, receipt | claimed


def _respelled(run: AuditRun, mark: str) -> Iterator[Claim]:
    """The same text to a careless eye: other case, other spelling, other marks, cut, lost."""
    odd = ODD + MARKS + mark
    receipt = _stored(run, run.word(4) + odd, run.word(5) + odd + run.word(300))
    for field in ("owner", "title") if receipt else ():
        text = receipt[field]
        others = [text.upper(), f"{text} ", f" {text}", f"{text[:-1]}{'ab'[text[-1] == 'a']}"]
        others += [text.replace(ODD, it) for it in ("ü²🎈", "é²💶", "???")]
        others += [unicodedata.normalize(form, text) for form in ("NFD", "NFKC")]
        others += [
            text.encode(code, errors).decode(code)
            for code, errors in product(("ascii", "cp1252"), ("ignore", "replace"))
        ]
        others += [text.replace(one, it) for one in (*MARKS, mark) if one for it in ("", " ")]
        for other in others:
            if other != text:
                yield "spelling", receipt | {field: other}


STATEMENT = "a statement that was never signed"
FRAMING = Attack(
    "signed_bytes",
    "each signature had one reading only",
    {
        "moved": Kind(STATEMENT, "Two receipts have the same signed bytes."),
        "left out": Kind("a changed receipt that is valid", "A field is not signed."),
        "number": Kind(STATEMENT, "The end of a title can move to the next part: 1000 is 10."),
        "order": Kind(STATEMENT, "Two fields can change places: their order is lost."),
        "spelling": Kind(STATEMENT, "Two different texts give the same signed bytes."),
        "separator": Kind(STATEMENT, "The separator may also stand inside a part."),
        "long": Kind(STATEMENT, "A part of 300 letters has the same length byte as one of 44."),
        "digits": Kind(STATEMENT, "A length has no end: the digits after it belong to it, too."),
    },
    attack_signed_bytes,
)


# public_number: whose signature is it?


def attack_public_number(run: AuditRun) -> Won:
    """Sign a statement of somebody else with a key of one's own."""
    victim, attacker = run.people[:2]
    theirs = run.random.choice([it for it in run.stored if it.owner == victim]).receipt
    mine = run.store(attacker, run.word(6), run.text()).receipt
    debt = {"title": f"I owe {run.name()} {run.random.randint(100, 999)} EUR"}
    won = dict[str, str]()
    for change in ({}, debt):  # without a change, the signed bytes are proved
        claim = run.signed_by_attacker(theirs, change)
        if run.vault.verifies(claim):
            won["own"] = f"{claim['owner']}'s title “{claim['title']}”"
        claim = run.signed_by_attacker(mine, change)
        answer = run.vault.ask("retrieve", token=run.token(attacker), receipt=claim).value
        said = answer if isinstance(answer, dict) else {}
        if said.get("genuine") is True and said.get("title") == claim["title"]:
            won["other endpoint"] = f"{claim['owner']}'s title “{claim['title']}”"
    return won


PUBLIC_KEY = Attack(
    "public_number",
    "only the vault's own key was believed",
    {
        "own": Kind("another customer's statement", "Anybody's key is believed."),
        "other endpoint": Kind(
            "a statement called genuine", "Only one endpoint checks whose key it is."
        ),
    },
    attack_public_number,
)
