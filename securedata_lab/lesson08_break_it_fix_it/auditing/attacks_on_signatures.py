"""The attacks on signed_bytes(), secret_number() and public_number(): what a signature says."""

import hashlib
import math
import re
import secrets
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import reduce
from html import escape
from itertools import accumulate, combinations, pairwise
from json import dumps
from operator import add, and_, or_
from urllib.parse import quote

from securedata_lab.basics.small_dsa import REAL, Signed, hashed, to_bytes
from securedata_lab.lesson04_dsa_attacks.dsa import key_from_short_ks
from securedata_lab.lesson08_break_it_fix_it.auditing.attack import Attack, Kind, Won
from securedata_lab.lesson08_break_it_fix_it.auditing.audit_run import AuditRun, Receipt

INSTEAD = ("", " ", "?", "_", "ü", "🎈")  # of what is not wanted in signed bytes, or as little
ESCAPED_BY_SOME = "|,;:/\\\"'&<>%\n\té²💶"
# In decimal, filled up with zeros or not; in hex; in binary.
LENGTHS_OF_ONES = (
    *((1, 11), (11, 111), (111, 1111), (1111, 11111)),
    *((1, 17), (17, 273), (273, 4369), (1, 3)),
)
WHOLE_BLOCKS = ((60, 120),)  # of Base32, 64 and 85
SHOWN_LENGTH = 40
SAMPLES, SHORT_HASH_BITS, ALIKE_SECONDS, BATCH = 300, 33, 4, 5000
OTHERS = ("id", "nonce", "ciphertext", "tag")
RECEIPTS, RECEIPTS_OF_A_RESTART = 32, 8  # from which k is judged
BITS = 256
SOLVABLE_BITS = 40  # so many known bits in each k, and LLL takes less than a second
HASHES = ("sha256", "sha512", "sha384", "sha1")
FOLLOWING = 100  # of the last ks that were drawn
UNEVEN = 75  # of chi-squared, with 15 degrees of freedom
SEEN_BITS = re.compile("11+")  # two bits are the same in 24 numbers once in 10^13 audits


# signed_bytes: one signature, two readings.


def attack_signed_bytes(run: AuditRun) -> Won:
    """Find a second reading of a signed receipt: an owner or a title that was never stored."""
    won = dict[str, str]()
    number = f"{run.random.randint(10, 99)} {run.word(4)} {run.random.randint(1, 9)}000"
    claims = [
        *(("moved", it) for it in _moved(_stored(run, run.word(6), run.word(8)))),
        *(("number", it) for it in _to_others(_stored(run, run.word(6), number))),
        *(("digits", it) for it in _colliding(run, _of_ones(LENGTHS_OF_ONES))),
        *(("moved", it) for it in _colliding(run, _of_ones(WHOLE_BLOCKS))),
        *(("long", it) for it in _wrapped(run)),
        *(("spelling", it) for it in _respelled(run)),
        *(("separator", it) for it in _colliding(run, _cut_elsewhere(run))),
        *(("spelling", it) for it in _escapes(run)),
        *(("number", it) for it in _shifted(run)),
        *(("long", it) for it in _moved(_stored(run, run.word(300), run.word(300)))),
        *(("hash", it) for it in _hashed_alike(run)),
    ]
    for field, claim in run.shuffled(_changed(run)):
        if run.is_believed(claim):
            won["left out"] = f"a receipt with another {field}"
    for kind, claim in run.shuffled(claims):
        if kind not in won and "signature" in claim and run.is_believed(claim):
            owner, title = (_shortened(claim[field]) for field in ("owner", "title"))
            won[kind] = f"owner “{owner}”, title “{title}”"
    return won


def _shortened(text: str) -> str:
    return text if len(text) <= SHOWN_LENGTH else f"{text[: SHOWN_LENGTH - 1]}…"


def _stored(run: AuditRun, name: str, title: str) -> Receipt:
    """A receipt for this owner and title; an empty one where the vault takes no such names."""
    owner = run.may_enrol(name)
    return (owner and run.may_store(owner, title)) or {}


def _moved(receipt: Receipt) -> Iterator[Receipt]:
    """Characters go from owner to title or back, whichever stands first in the signed bytes."""
    owner, title = receipt.get("owner", ""), receipt.get("title", "")
    for count in (1, 2):
        yield receipt | {"owner": owner[:-count], "title": owner[-count:] + title}
        yield receipt | {"owner": owner + title[:count], "title": title[count:]}
        yield receipt | {"owner": title[-count:] + owner, "title": title[:-count]}
        yield receipt | {"owner": owner[count:], "title": title + owner[:count]}
    yield receipt | {"owner": title, "title": owner}


def _to_others(receipt: Receipt) -> Iterator[Receipt]:
    """Two digits of the title go to a field in hex that may stand beside it: 1000 becomes 10."""
    title = receipt.get("title", "")
    for other in OTHERS:
        if other in receipt:
            yield receipt | {"title": title[:-2], other: title[-2:] + receipt[other]}
            yield receipt | {"title": title[2:], other: receipt[other] + title[:2]}


def _read_off(run: AuditRun) -> list[str]:
    """What stands between owner and title in the signed bytes: everybody knows the code."""
    between = _between(run, _stored(run, run.word(12), run.word(13)))
    return [between] if between else []


def _between(run: AuditRun, receipt: Receipt) -> str:
    if not receipt:
        return ""
    text = run.proved_bytes(receipt).decode(errors="replace")
    one, other = sorted((receipt["owner"], receipt["title"]), key=text.find)
    between, found, _ = text.partition(one)[2].partition(other)
    return between if found else ""


def _of_ones(lengths: Iterable[tuple[int, int]]) -> Iterator[tuple[Receipt, Receipt]]:
    """Parts of ones alone, and swapped: lengths without an end run together, and with the parts.

    It does not matter where the lengths stand.
    """
    for short, long in lengths:
        one, other = "1" * short, "1" * long
        yield {"owner": one, "title": other}, {"owner": other, "title": one}


def _wrapped(run: AuditRun) -> Iterator[Receipt]:
    """Lengths in one byte: a part that is 256 letters longer has the same one."""
    length = run.random.randint(97, 122)  # as a byte, a letter
    for fields in (("owner", "title"), ("title", "owner")):
        first, end = run.word(6), run.word(length)
        short = dict(zip(fields, (first, end), strict=True))
        mark = _between(run, _stored(run, short["owner"], short["title"]))
        filling = run.word(256 - len(mark.encode()))
        long = short | {fields[1]: filling + mark + end}
        other = dict(zip(fields, (first + mark + filling, end), strict=True))
        yield _stored(run, long["owner"], long["title"]) | other


def _respelled(run: AuditRun) -> Iterator[Receipt]:
    """The same name to a careless eye: other case, other spelling of é, more spaces, cut."""
    owner, title = f"{run.word(4)}é", f"{run.word(5)}é{run.word(300)}"
    receipt = _stored(run, owner, title)
    for field, text in (("owner", owner), ("title", title)):
        for other in (
            text.upper(),
            unicodedata.normalize("NFD", text),
            f"{text} ",
            f" {text}",
            f"0{text}",
            f"{text}\0",
            f"{text[:-1]}{'a' if text[-1] == 'b' else 'b'}",
        ):
            yield receipt | {field: other}


def _colliding(run: AuditRun, suspects: Iterable[tuple[Receipt, Receipt]]) -> Iterator[Receipt]:
    """Pairs of an owner and a title: one of each is stored, and the other one is claimed."""
    for one, other in suspects:
        yield _stored(run, one["owner"], one["title"]) | other


def _cut_elsewhere(run: AuditRun) -> Iterator[tuple[Receipt, Receipt]]:
    """What separates two parts also stands inside one: the cut may be at another place.

    In the last pair, a backslash at the end of a part hides the separator after it.
    """
    one, two, three = (run.word(length) for length in (6, 3, 7))
    for mark in _read_off(run):
        for parts, others in (
            ((one, two + mark + three), (one + mark + two, three)),
            ((one + mark, three), (one, mark + three)),
            ((f"{one}\\", two + mark + three), (f"{one}{mark}{two}\\", three)),
        ):
            for fields in (("owner", "title"), ("title", "owner")):
                yield (
                    dict(zip(fields, parts, strict=True)),
                    dict(zip(fields, others, strict=True)),
                )


def _escapes(run: AuditRun) -> Iterator[Receipt]:
    """For a title with a character, claims with what some put in its place.

    Most are not tried: in a title with all of them, one can see in the signed bytes that they
    differ.
    """
    characters = [*ESCAPED_BY_SOME, *_read_off(run)]
    texts = sorted(set[str]().union(characters, *map(_spellings, characters)))
    owner, signed = run.may_enrol(run.word(5)), _signed_among(run, texts)
    start, end = run.word(4), run.word(3)
    for character in characters:
        others = _spellings(character) - {character}
        alike = [it for it in others if not signed or signed[it] == signed[character]]
        if owner and alike and (receipt := run.may_store(owner, f"{start}{character}{end}")):
            for other in alike:
                yield receipt | {"title": f"{start}{other}{end}"}


def _signed_among(run: AuditRun, texts: list[str]) -> dict[str, bytes]:
    """What becomes of each text in the signed bytes of one title; empty if that cannot be seen."""
    words = [run.word(5) for _ in range(len(texts) + 1)]
    title = words[0] + "".join(map(add, texts, words[1:]))
    if not (receipt := _stored(run, run.word(5), title)):
        return {}
    pattern = b"(.*?)".join(it.encode() for it in words)
    found = re.search(pattern, run.proved_bytes(receipt), re.DOTALL)
    return dict(zip(texts, found.groups(), strict=True)) if found else {}


def _spellings(character: str) -> set[str]:
    return {
        *INSTEAD,
        f"{character}{character}",
        f"\\{character}",
        quote(character, safe=""),
        quote(character, safe="").lower(),
        escape(character),
        "".join(f"&#{ord(it)};" for it in character),
        "".join(f"&#x{ord(it):x};" for it in character),
        character.encode("ascii", "backslashreplace").decode(),
        character.encode("unicode_escape").decode(),
        dumps(character)[1:-1],
        f"\r{character}",
        unicodedata.normalize("NFKD", character)[:1],
    }


def _shifted(run: AuditRun) -> Iterator[Receipt]:
    """Every border between two fields moves by as much: a length in front of some shows nothing."""
    owner, title = (f"{secrets.token_hex(4)}{run.random.randint(10, 99)}" for _ in range(2))
    receipt = _stored(run, owner, title)
    if not receipt:
        return
    text = run.proved_bytes(receipt).decode(errors="replace")
    fields = sorted(
        {*OTHERS, "owner", "title"} & receipt.keys(), key=lambda it: text.find(receipt[it])
    )
    for first, last in combinations(range(len(fields)), 2):
        moved = fields[first : last + 1]
        if "".join(receipt[field] for field in moved) in text:  # no mark stands between them
            for count in (1, 2):
                for changed in _with_moved_borders(receipt, moved, count):
                    yield receipt | changed


def _hashed_alike(run: AuditRun) -> Iterator[Receipt]:
    """Owners, and titles, of which only a short hash is signed: two of them have the same one."""
    base = _stored(run, run.word(5), run.word(6))
    for field in ("owner", "title") if base else ():
        for one, other in _alike(run, base, field):
            claim = base | {field: one}
            yield _stored(run, claim["owner"], claim["title"]) | {field: other}


def _alike(run: AuditRun, receipt: Receipt, field: str) -> Iterator[tuple[str, str]]:
    """Two texts for this field with which a receipt has the same signed bytes, if they are few.

    The bytes that change are looked at first. Where they can be 2^33 or more, none are sought.
    """

    def signed(count: int) -> dict[str, bytes]:
        texts = [secrets.token_hex(8) for _ in range(count)]
        made = run.signed_bytes_of_each(receipt, field, texts)
        return dict(zip(texts, made, strict=True))

    sample = [*signed(SAMPLES).values()]
    values = (len(set(column)) for column in zip(*sample, strict=False))
    if sum(map(math.log2, values)) > SHORT_HASH_BITS or len(set(map(len, sample))) > 1:
        return
    seen, end = dict[bytes, str](), time.monotonic() + ALIKE_SECONDS
    while time.monotonic() < end:
        for text, made in signed(BATCH).items():
            if (other := seen.setdefault(made, text)) != text:
                yield other, text
                return


def _with_moved_borders(receipt: Receipt, fields: list[str], count: int) -> Iterator[Receipt]:
    """To the left, and to the right; the fields between keep their length."""
    lengths = [len(receipt[field]) for field in fields]
    text = "".join(receipt[field] for field in fields)
    for move in (count, -count):
        new = [lengths[0] + move, *lengths[1:-1], lengths[-1] - move]
        ends = list(accumulate(new))
        yield {
            field: text[end - length : end]
            for field, length, end in zip(fields, new, ends, strict=True)
        }


def _changed(run: AuditRun) -> Iterator[tuple[str, Receipt]]:
    """The last digit of each field in hex is another."""
    receipt = _stored(run, run.word(5), run.word(6))
    for field in OTHERS:
        if value := receipt.get(field, ""):
            yield field, receipt | {field: value[:-1] + "01"[value[-1] == "0"]}


STATEMENT = "a statement that was never signed"
FRAMING = Attack(
    "signed_bytes",
    "each signature had one reading only",
    {
        "moved": Kind(STATEMENT, "Two receipts have the same signed bytes."),
        "left out": Kind("a changed receipt that is valid", "A field is not signed."),
        "number": Kind(STATEMENT, "The end of a title can move to the next part: 1000 is 10."),
        "spelling": Kind(STATEMENT, "Two different texts give the same signed bytes."),
        "separator": Kind(STATEMENT, "The separator may also stand inside a part."),
        "long": Kind(STATEMENT, "A part of 300 letters has the same length byte as one of 44."),
        "digits": Kind(STATEMENT, "A length has no end: the digits after it belong to it, too."),
        "hash": Kind(STATEMENT, "Only a short hash is signed, and two texts have the same one."),
    },
    attack_signed_bytes,
    ("verify, ms",),
)


# secret_number: what is known of k gives x.


def attack_secret_number(run: AuditRun) -> Won:
    """Find the private key from public receipts, and, as its owner could, look at the ks."""
    receipts = [_stored_now(run) for _ in range(RECEIPTS)]
    run.restart()
    receipts += [_stored_now(run) for _ in range(RECEIPTS_OF_A_RESTART)]
    messages = [run.proved_bytes(it) for it in receipts]
    seen = [
        Signed.seen(message, bytes.fromhex(it["signature"]), REAL.q)
        for message, it in zip(messages, receipts, strict=True)
    ]
    won = dict[str, str]()
    key = f"it begins with {run.x >> 200:014x}"
    rs = {int(stored.receipt["signature"][:64], 16) for stored in run.stored}
    copied = [run.copy().ask("sign", receipt=it).value for it in receipts[RECEIPTS:]]
    if len(rs) < len(run.stored) or rs & {int(str(it)[:64], 16) for it in copied if it}:
        won["known"] = key
    ks = [(one.h + run.x * one.r) * pow(one.s, -1, REAL.q) % REAL.q for one in seen]
    for kind, count in _equal_runs(ks):
        if count >= SOLVABLE_BITS and kind != "looked" and _solved(run, seen, kind, count):
            won[kind] = key
    ends = {k & 1 for k in ks}, {k >> BITS - 1 for k in ks}  # equal once in 5 million audits
    patterns = any(_equal_runs(numbers) for numbers in (ks, *_without_hashes(ks, messages)))
    if patterns or _near(ks) or any(len(bits) == 1 for bits in ends):
        won["looked"] = "what all k have in common"
    drawn = _drawn_ks(run)
    if len(set(drawn)) < len(drawn):
        won["known"] = key
    elif _follow(ks[:RECEIPTS]) or _follow(drawn[-FOLLOWING:]):
        won["looked"] = "how each k follows from the one before"
    elif _is_uneven(drawn):
        won["uneven"] = "how often k lies in each sixteenth of its range"
    return won


def _stored_now(run: AuditRun) -> Receipt:
    return run.store(run.people[0], run.word(5), run.text()).receipt


def _without_hashes(ks: list[int], messages: list[bytes]) -> Iterator[list[int]]:
    """What is left of each k without a hash of its message, if that was added or multiplied."""
    for name in HASHES:
        digests = [hashlib.new(name, message).digest() for message in messages]
        hs = [int.from_bytes(digest, "big") for digest in digests]
        yield [(k - h) % REAL.q for k, h in zip(ks, hs, strict=True)]
        yield [(k - 1 - h) % (REAL.q - 1) for k, h in zip(ks, hs, strict=True)]
        yield [k ^ h % 2**BITS for k, h in zip(ks, hs, strict=True)]
        yield [k * pow(h, -1, REAL.q) % REAL.q for k, h in zip(ks, hs, strict=True)]


def _follow(ks: list[int]) -> bool:
    """Whether sums, differences, products or quotients of neighbours come again."""
    q, pairs = REAL.q, [(a, b) for a, b in pairwise(ks) if a and b]
    steps = [(b - a) % q for a, b in pairs]
    relations = (
        steps,
        [(a + b) % q for a, b in pairs],
        [a * b % q for a, b in pairs],
        [b * pow(a, -1, q) % q for a, b in pairs],
        [b * pow(a, -2, q) % q for a, b in pairs],
        [b * pow(a, -1, q) % q for a, b in pairwise(steps) if a],
    )
    return any(len(set(numbers)) < len(numbers) for numbers in relations)


def _drawn_ks(run: AuditRun) -> list[int]:
    """Many ks of a copy of the vault, modulo q; none if its signatures come from elsewhere."""
    message = run.word(20)
    answer = run.copy().ask("draw_ks", message=message)
    if not isinstance(answer.value, list):
        return []
    signature, used, ks = answer.value
    one = Signed.seen(message.encode(), bytes.fromhex(signature), REAL.q)
    k = (one.h + run.attackers_x * one.r) * pow(one.s, -1, REAL.q) % REAL.q
    return [int(it, 16) % REAL.q for it in ks] if k == int(used, 16) % REAL.q else []


def _is_uneven(ks: list[int]) -> bool:
    """Whether chance would spread them so only once in 10^9 audits, by the chi-squared test."""
    counts, expected = Counter(16 * k // REAL.q for k in ks), len(ks) / 16
    return sum((counts[it] - expected) ** 2 for it in range(16)) > UNEVEN * expected


def _equal_runs(numbers: list[int]) -> list[tuple[str, int]]:
    """Runs of bits that are the same in all numbers: the kind, and how many."""
    always, ever = reduce(and_, numbers), reduce(or_, numbers)
    same = f"{always ^ ever ^ ((1 << BITS) - 1):0{BITS}b}"
    found = []
    for equal in SEEN_BITS.finditer(same):
        begin = "top" if ever >> BITS - equal.end() else "short"
        end = "end" if equal.end() == BITS else "looked"
        found.append((end if equal.start() else begin, len(equal[0])))
    return found


def _near(ks: list[int]) -> bool:
    """Whether two of them are closer than chance puts them: a counter, or a common beginning."""
    ordered = sorted(ks)
    return any(b - a < 1 << 200 for a, b in pairwise(ordered))


def _solved(run: AuditRun, seen: list[Signed], kind: str, count: int) -> bool:
    """Whether LLL finds x from as many signatures as these bits need (lesson 04)."""
    if kind == "short":
        few = seen[: BITS // count + 2]
        return key_from_short_ks(REAL, run.y, few, count) == run.x
    # What is the same in two ks is not in their difference; zeros at its end are divided away.
    few, q = seen[: BITS // (count - 1) + 3], REAL.q
    shift = pow(2, -count, q) if kind == "end" else 1
    inverses = [pow(one.s, -1, q) for one in few]
    t = [one.r * inverse * shift % q for one, inverse in zip(few, inverses, strict=True)]
    a = [one.h * inverse * shift % q for one, inverse in zip(few, inverses, strict=True)]
    differences = [Signed((a[i] - a[0]) % q, (t[i] - t[0]) % q, 1) for i in range(1, len(few))]
    return key_from_short_ks(REAL, run.y, differences, count - 1) == run.x


KEY = "the private key x"
K = Attack(
    "secret_number",
    "no pattern was found in the ks",
    {
        "short": Kind(KEY, "Each k is short: a lattice finds x from a few signatures."),
        "known": Kind(KEY, "One k comes twice, or anybody can compute it."),
        "top": Kind(KEY, "All k begin alike: their differences are short, and a lattice finds x."),
        "end": Kind(KEY, "All k end alike: their differences, divided, are short."),
        "looked": Kind(
            "a pattern in k",
            "All k have something in common. Who finds it knows a part of each.",
        ),
        "uneven": Kind("a pattern in k", "Some k come more often: many signatures give x away."),
    },
    attack_secret_number,
    ("store, ms", "receipt, bytes"),
    processes=1,
)


# public_number: whose signature is it?


def attack_public_number(run: AuditRun) -> Won:
    """Sign a statement of somebody else with a key of one's own."""
    victim, attacker = run.people[:2]
    theirs = run.random.choice([it for it in run.stored if it.owner == victim]).receipt
    mine = run.store(attacker, run.word(6), run.text()).receipt
    newcomers = run.store(run.enrol(run.word(6)), run.word(6), run.text()).receipt
    elsewhere = run.made_elsewhere(victim.name, _debt(run)["title"])
    won = dict[str, str]()

    def note(kind: str, receipt: Receipt) -> None:
        won[kind] = f"{receipt['owner']}'s title “{receipt['title']}”"

    run.vault.verifies(theirs)  # a vault that believes first keys has now seen this owner's
    other = run.another(run.disk)  # a process that has seen no key yet
    for change in ({}, _debt(run)):  # without a change, the signed bytes are proved

        def forged(receipt: Receipt, change: Receipt = change) -> Receipt:
            return run.signed_by_attacker(receipt, change)

        for kind, process, claim in (
            ("first", other, forged(theirs)),
            ("own", run.vault, forged(theirs)),
            ("y = 1", run.vault, _with_y_1(run, theirs, change, 1)),
            ("newcomer", run.vault, forged(newcomers)),
            ("other id", run.vault, forged(theirs, change | {"id": secrets.token_hex(12)})),
            ("other id", run.vault, elsewhere),
            ("", run.vault, forged(mine, {})),  # no forgery: it shows the key
            ("shown", run.vault, forged(theirs)),
        ):
            if process.verifies(claim) and kind:
                note(kind, claim)
        claim = forged(mine)
        answer = run.vault.ask("retrieve", token=run.token(attacker), receipt=claim).value
        said = answer if isinstance(answer, dict) else {}
        if said.get("genuine") is True and said.get("title") == claim["title"]:
            note("other endpoint", claim)
    y = f"{run.attackers_y:x}"  # of a vault that has almost the attacker's key
    likes = (f"{y[:it]}{'12'[y[it] == '1']}{y[it + 1 :]}" for it in (len(y) // 2, len(y) - 1))
    if not won and any(run.with_public_number(int(it, 16)).verifies(elsewhere) for it in likes):
        note("alike", elsewhere)
    for number in run.shuffled(_above_p(run)):
        for change in ({}, _debt(run)):
            claim = _with_y_1(run, theirs, change, number)
            if not won and run.vault.verifies(claim):
                note("above p", claim)
    return won


def _debt(run: AuditRun) -> Receipt:
    """A title that the owner has never written."""
    return {"title": f"I owe {run.name()} {run.random.randint(100, 999)} EUR"}


def _above_p(run: AuditRun) -> list[int]:
    """Numbers above p that are 1 modulo p: also one that begins, and one that ends, like y."""
    begins, place = (16 ** len(f"{number:x}") for number in (REAL.p, run.y))
    begins *= run.y
    before = (1 - run.y) * pow(place, -1, REAL.p) % REAL.p
    return [REAL.p + 1, begins + (1 - begins) % REAL.p, before * place + run.y]


def _with_y_1(run: AuditRun, stored: Receipt, change: Receipt, y: int) -> Receipt:
    """With y = 1 modulo p, every r = g^u and s = h / u fit: g^(h/s)·1 is r."""
    h = hashed(run.bytes_to_sign(stored, change), REAL.q)
    u = secrets.randbelow(REAL.q - 1) + 1
    signature = pow(REAL.g, u, REAL.p) % REAL.q, h * pow(u, -1, REAL.q) % REAL.q
    return stored | change | {"public_key": f"{y:x}", "signature": to_bytes(signature).hex()}


PUBLIC_KEY = Attack(
    "public_number",
    "only the vault's own key was believed",
    {
        "own": Kind("another customer's statement", "Anybody's key is believed."),
        "y = 1": Kind("another customer's statement", "With y = 1, anybody can sign."),
        "shown": Kind("another customer's statement", "A key is believed after it was shown once."),
        "newcomer": Kind("another customer's statement", "The first key of an owner is believed."),
        "other id": Kind("another customer's statement", "Only the key of a known id is checked."),
        "first": Kind("another customer's statement", "After a restart any key is believed."),
        "alike": Kind("another customer's statement", "Only some digits of the key are compared."),
        "above p": Kind("another customer's statement", "A key above p may be 1 modulo p."),
        "other endpoint": Kind(
            "a statement called genuine", "Only one endpoint checks whose key it is."
        ),
    },
    attack_public_number,
    ("receipt, bytes", "verify, ms"),
    processes=4,
)
