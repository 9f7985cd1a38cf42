"""Exercise 7.3: a hash chain over the records' signatures, and a rollback that it notices."""

import os
from collections.abc import Callable
from typing import Annotated

from securedata_lab.judging.attempts import UnjudgedError
from securedata_lab.judging.engine import exercise, returned
from securedata_lab.judging.interpreter import globals_known, globals_read, names_in
from securedata_lab.lesson07_secure_store.rollback import head_of

Head = Annotated[bytes, "a head is bytes: .digest() is bytes, .hexdigest() is text"]
Next = Callable[[bytes, bytes], Head]
HEAD_BYTES, SIGNATURE_BYTES = 32, 64
CHANCE = {"getrandbits", "randbytes", "randint", "random", "token_bytes", "urandom"}
MANY = 20_000  # signatures, of which two would share a shortened hash of 3 bytes or less
FEWER = 2_000  # heads: of 2 bytes or less
A_CHECKSUM = "a checksum, or a part of a hash, is easy to forge: take all of a good hash"


@exercise(
    "7.3",
    "after a rollback, the signatures lead to another head",
    points=4,
    errors={
        "takes at most 1": "a hash is given one piece of bytes: join the two",
        "no attribute 'digest'": "update returns None: give sha256 the bytes at once",
        "no attribute 'encode'": "head and signature are bytes already",
        "name 'sha256'": "write hashlib. before it",
        "Strings must be": "head and signature are bytes already: write their names, no quotes",
    },
)
def notices_a_rollback(my_next: Next) -> str | None:
    """my_next(head, signature): the next head, 32 bytes."""
    return _no_head(my_next) or _not_a_chain(my_next) or _no_hash(my_next)


def _no_head(my_next: Next) -> str | None:
    """What to say if it does not make a head of a head and a signature."""
    head, signature = os.urandom(HEAD_BYTES), os.urandom(SIGNATURE_BYTES)
    try:
        answer = returned(my_next, head, signature)
    except UnjudgedError as error:
        if "got None" not in str(error) or "update" not in names_in(my_next):
            raise
        return "expected 32 bytes, got None; update returns None: return .digest() after it"
    if len(answer) > HEAD_BYTES:
        return f"expected 32 bytes, got {len(answer)}; hash it: the head must not grow"
    if len(answer) != HEAD_BYTES:
        return f"expected 32 bytes, got {len(answer)}; SHA-256 has 32"
    if answer == head:
        return "expected a new head, got the head itself; hash head and signature"
    return None


def _not_a_chain(my_next: Next) -> str | None:
    """What to say if some change of the signatures does not change the head."""
    head = os.urandom(HEAD_BYTES)
    a, b, c = (os.urandom(SIGNATURE_BYTES) for _ in range(3))
    if my_next(head, a) != my_next(head, a):
        return "expected the same head again, got another; no chance, no clock, no memory in it"
    if chance := sorted(names_in(my_next) & CHANCE):
        return (
            f"expected no random bytes, got {chance[-1]}; "
            "chance is no hash: compute the next head from head and signature alone"
        )
    old = _unused(lambda head: my_next(head, a), head)
    new = _unused(lambda signature: my_next(head, signature), a)
    if old + new == len(head + a):
        return (
            "expected another head for other bytes, got the same; "
            "head and signature are not in it: are they names, without quotes?"
        )
    if old == len(head):
        return (
            "expected the old head to count, got the same for another; "
            "without the old head, only the last signature counts"
        )
    if old or new:
        which = "old head" if old else "signature"
        return (
            f"expected another head for another {which}, got the same; "
            f"every byte of the {which} must go into the hash"
        )
    # Three tries: a hash cut to one byte stays the same by chance, once in 256.
    if all(
        my_next(head, it) in (my_next(head, it[::-1]), my_next(head[::-1], it)) for it in (a, b, c)
    ):
        return (
            "expected another head for the same bytes in another order, got the same; "
            "sorted forgets the order: take head and signature as they are"
        )
    pairs = [(a, b), (b, c), (a, c)]  # one pair may have one head by chance, if a hash is cut
    if all(head_of(my_next, [x, y]) == head_of(my_next, [y, x]) for x, y in pairs):
        return (
            "expected the order to count, got one head for both orders; "
            "XOR and plus forget the order: hash head and signature together"
        )
    return None


def _no_hash(my_next: Next) -> str | None:
    """What to say of a checksum, of a part of a hash, or of Python's own hash."""
    if "hash" in globals_read(my_next) and "hash" not in globals_known(my_next):
        return (
            "expected the same head tomorrow, got Python's hash(); "
            "hash() has another value after each restart of Python: a head that was kept is lost"
        )
    head = os.urandom(HEAD_BYTES)
    a = os.urandom(SIGNATURE_BYTES)
    first = my_next(head, a)
    for size in (1, 2, 4, 8, 16):
        if first == first[:size] * (HEAD_BYTES // size):
            return (
                f"expected 32 bytes of one hash, got the same {size} bytes "
                f"{HEAD_BYTES // size} times; {A_CHECKSUM}"
            )
    if unmixed := _not_mixed(my_next, head, a):
        return unmixed
    if old := sorted(names_in(my_next) & {"md5", "sha1"}):
        return (
            f"expected a good hash, got {old[0]}; "
            "MD5 and SHA-1 collide: two signatures with one head can be made. Take SHA-256"
        )
    many = {bytes(my_next(head, os.urandom(SIGNATURE_BYTES))) for _ in range(MANY)}
    if len(many) < MANY:
        return (
            f"expected {MANY} heads for {MANY} signatures, got {len(many)}; "
            "only a part of a hash went in: two signatures with the same part are soon found"
        )
    if len({bytes(my_next(os.urandom(HEAD_BYTES), a)) for _ in range(FEWER)}) < FEWER:
        return (
            f"expected {FEWER} heads after {FEWER} others, got fewer; "
            "every byte of the old head must go into the hash"
        )
    return None


def _not_mixed(my_next: Next, head: bytes, signature: bytes) -> str | None:
    """What to say if a changed bit does not change half of each byte's bits."""
    first = my_next(head, signature)
    flips = [
        my_next(_changed(head, place, 1 << bit), signature)
        for place in range(HEAD_BYTES)
        for bit in range(8)
    ]
    flips += [
        my_next(head, _changed(signature, place, 1 << bit))
        for place in range(SIGNATURE_BYTES)
        for bit in range(8)
    ]
    for place in range(HEAD_BYTES):
        flipped = sum((first[place] ^ other[place]).bit_count() for other in flips)
        share = flipped / (8 * len(flips))
        # 6,144 coins: 45 % to 55 % is eight standard deviations to each side.
        if not 0.45 < share < 0.55:
            return (
                "expected each changed bit to change half of all bits, "
                f"got {share:.0%} of them in byte {place}; {A_CHECKSUM}"
            )
    return None


def _unused(head_of: Callable[[bytes], bytes], data: bytes) -> int:
    """How many bytes of the data do not count: no change of one of them changes the head.

    Three changes of each byte: a hash cut to one byte stays the same by chance, once in 256.
    """
    before = head_of(data)
    return sum(
        all(head_of(_changed(data, place, bits)) == before for bits in (1, 2, 4))
        for place in range(len(data))
    )


def _changed(data: bytes, place: int, bits: int) -> bytes:
    return data[:place] + bytes([data[place] ^ bits]) + data[place + 1 :]
