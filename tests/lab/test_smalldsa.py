"""The small DSA: by brute force in toy groups, and against every published vector there is."""

import hashlib
import random
from collections import Counter
from collections.abc import Callable
from functools import cache
from itertools import product
from typing import Any

import pytest
from Crypto.Hash import SHA224, SHA256, SHA512
from Crypto.PublicKey import DSA
from Crypto.Signature import DSS
from hypothesis import given, settings
from hypothesis import strategies as st
from lab.groups import a_group
from rfc6979 import (
    RFC6979_G,
    RFC6979_KS,
    RFC6979_P,
    RFC6979_Q,
    RFC6979_SIGNATURES,
    RFC6979_X,
    SMALLER_G,
    SMALLER_K,
    SMALLER_P,
    SMALLER_Q,
    SMALLER_SIGNATURE,
    SMALLER_X,
    number,
)
from vocabulary import nist_vectors, wycheproof

from securedata import SigningKey
from securedata.errors import FormatError
from securedata.lab.smalldsa import (
    REAL,
    TOY,
    Domain,
    fits,
    from_bytes,
    hashed,
    leftmost_bits,
    sign,
    to_bytes,
)

# p, q, g; in the last two some power of g leaves r = 0.
TOYS = [TOY, Domain(47, 23, 2), Domain(67, 11, 64), Domain(11, 5, 3), Domain(43, 7, 4)]
HASHES = {f"SHA-{n}": f"sha{n}" for n in (1, 224, 256, 384, 512)}
KEY = SigningKey.generate()
X, Y = int(KEY._key.x), int(KEY._key.y)
fuzzing = settings(max_examples=50, deadline=None, derandomize=True, database=None)
toy_groups = pytest.mark.parametrize("toy", TOYS, ids=lambda toy: f"{toy.p}/{toy.q}")


@cache
def powers(domain: Domain) -> list[int]:
    """All powers of g, by multiplying and nothing else."""
    found = [1]
    while len(found) < domain.q:
        found.append(found[-1] * domain.g % domain.p)
    return found


@cache
def quotient(a: int, b: int, q: int) -> int:
    """a / b modulo q, by trying all."""
    return next(c for c in range(q) if (b * c - a) % q == 0)


def digest(message: bytes, name: str) -> bytes:
    return hashlib.new(HASHES[name], message).digest()


# Every number there is, in toy groups.


@toy_groups
def test_every_signature_is_that_of_the_formula_or_refused_as_degenerate(toy: Domain) -> None:
    assert len(set(powers(toy))) == toy.q
    for x, h, k in product(range(1, toy.q), range(2 * toy.q), range(1, toy.q)):
        r = powers(toy)[k] % toy.q
        s = quotient(h + x * r, k, toy.q)
        if r and s:
            assert sign(toy, x, h, k) == (r, s)
        else:
            with pytest.raises(FormatError, match="take another k"):
                sign(toy, x, h, k)


@toy_groups
def test_a_pair_fits_exactly_if_some_k_makes_it(toy: Domain) -> None:
    for x, h in product(range(1, toy.q), range(2 * toy.q)):
        rs = {k: powers(toy)[k] % toy.q for k in range(1, toy.q)}
        made = {(r, quotient(h + x * r, k, toy.q)) for k, r in rs.items()}
        # k = 0 is no k, but a verifier cannot know: g^0 = 1, and h + x·r must be 0.
        made |= {(1, s) for s in range(toy.q) if (h + x) % toy.q == 0}
        pairs = product(range(-1, toy.q + 2), repeat=2)
        fitting = {pair for pair in pairs if fits(toy, powers(toy)[x], h, pair)}
        assert fitting == {(r, s) for r, s in made if r and s}


@pytest.mark.parametrize("k", [0, 11])
def test_a_k_that_is_zero_signs_nothing(k: int) -> None:
    with pytest.raises((FormatError, ValueError)):
        sign(TOY, x=8, h=7, k=k)


@pytest.mark.parametrize("q_bits", [64, 160, 224, 256, 521])
def test_in_a_group_of_any_size_a_signature_fits_its_h_and_key_alone(q_bits: int) -> None:
    group, chance = a_group(q_bits), random.Random(q_bits)
    for _ in range(5):
        x, h, k = (chance.randrange(1, group.q) for _ in range(3))
        y, (r, s) = pow(group.g, x, group.p), sign(group, x, h, k)
        assert fits(group, y, h, (r, s))
        assert fits(group, y, h + group.q, (r, s))
        assert not fits(group, y, h ^ 1, (r, s))
        assert not fits(group, y * group.g % group.p, h, (r, s))
        for other in ((r, group.q - s), (group.q - r, s), (s, r)):
            assert not fits(group, y, h, other)


# The leftmost bits of a hash.


@settings(fuzzing, max_examples=300)
@given(st.binary(min_size=1, max_size=70), st.integers(2, 600), st.integers(0, 2**600))
def test_a_hash_is_cut_to_the_length_of_q_and_not_reduced(
    whole: bytes, n: int, low_bits: int
) -> None:
    q = 2 ** (n - 1) + low_bits % 2 ** (n - 1)
    in_binary = "".join(f"{byte:08b}" for byte in whole)
    assert leftmost_bits(whole, q) == int(in_binary[:n], 2)


def test_what_is_signed_is_sha_256_cut() -> None:
    whole = int(hashlib.sha256(b"sample").hexdigest(), 16)
    for q, too_many in [(REAL.q, 0), (a_group(224).q, 32), (a_group(521).q, 0), (TOY.q, 252)]:
        assert hashed(b"sample", q) == whole >> too_many


# Published vectors.


@pytest.mark.parametrize(
    ("file", "valid", "invalid"),
    [
        ("2048_224_sha224", 51, 58),
        ("2048_224_sha256", 79, 58),
        ("2048_256_sha256", 81, 58),
        ("3072_256_sha256", 81, 58),
    ],
)
def test_wycheproof_fits_where_it_is_valid_and_nowhere_else(
    file: str, valid: int, invalid: int
) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    for group in wycheproof(f"Signature/wycheproof/dsa_{file}_p1363_test.json"):
        key = group["publicKey"]
        domain, y = Domain(*(int(key[name], 16) for name in "pqg")), int(key["y"], 16)
        length = (domain.q.bit_length() + 7) // 8
        for case in group["tests"]:
            h = leftmost_bits(digest(bytes.fromhex(case["msg"]), group["sha"]), domain.q)
            signature = bytes.fromhex(case["sig"])
            r, s = (int.from_bytes(it, "big") for it in (signature[:length], signature[length:]))
            if len(signature) != 2 * length:
                counts[case["result"], "other length"] += 1
            else:
                counts[case["result"], "fits" if fits(domain, y, h, (r, s)) else "refused"] += 1
    refused = counts["invalid", "refused"], counts["invalid", "other length"]
    assert counts["valid", "fits"] >= valid
    assert sum(refused) >= invalid
    assert min(refused) > 0
    assert counts["valid", "fits"] + sum(refused) == counts.total()


@pytest.mark.parametrize(
    ("edition", "good", "bad"), [("FIPS_186-2", 7, 8), ("FIPS_186-3", 140, 160)]
)
def test_nists_signatures_of_every_size_and_hash_fit_where_they_passed(
    edition: str, good: int, bad: int
) -> None:
    counts: Counter[tuple[str, bool]] = Counter()
    for case in nist_vectors(f"asymmetric/DSA/{edition}/SigVer.rsp"):
        if "P" in case:
            domain = Domain(number(case["P"]), number(case["Q"]), number(case["G"]))
            continue
        name = case["mod"].rpartition(", ")[2] if "SHA" in case["mod"] else "SHA-1"
        h = leftmost_bits(digest(bytes.fromhex(case["Msg"]), name), domain.q)
        pair = number(case["R"]), number(case["S"])
        counts[case["Result"][0], fits(domain, number(case["Y"]), h, pair)] += 1
    assert counts == {("P", True): good, ("F", False): bad}


def test_rfc_6979s_signatures_fit_and_follow_from_its_k() -> None:
    domain, x = Domain(*map(number, (RFC6979_P, RFC6979_Q, RFC6979_G))), number(RFC6979_X)
    cases = [
        (domain, x, message, number(RFC6979_KS[message]), number(signature))
        for message, signature in RFC6979_SIGNATURES.items()
    ]
    smaller = Domain(*map(number, (SMALLER_P, SMALLER_Q, SMALLER_G)))  # its hash is cut
    r, s = map(number, SMALLER_SIGNATURE)
    cases.append((smaller, number(SMALLER_X), b"sample", number(SMALLER_K), r << 256 | s))
    for domain, x, message, k, signature in cases:
        h, pair = hashed(message, domain.q), divmod(signature, 2**256)
        assert sign(domain, x, h, k) == pair
        assert fits(domain, pow(domain.g, x, domain.p), h, pair)


# The service's own DSA, and PyCryptodome's.


@settings(fuzzing, max_examples=20)
@given(st.binary(max_size=200), st.integers(1, REAL.q - 1))
def test_the_service_accepts_what_we_sign_and_we_what_it_signs(message: bytes, k: int) -> None:
    h = hashed(message, REAL.q)
    KEY.verifying_key.verify(message, to_bytes(sign(REAL, X, h, k)))
    assert fits(REAL, Y, h, from_bytes(KEY.sign(message)))
    assert not fits(REAL, Y, h ^ 1, from_bytes(KEY.sign(message)))


@pytest.mark.parametrize("make_hash", [SHA224.new, SHA256.new, SHA512.new])
@pytest.mark.parametrize("mod", ["L=1024, N=160", "L=2048, N=224", "L=2048, N=256", "L=3072"])
def test_pycryptodome_agrees_in_every_size(mod: str, make_hash: Callable[[bytes], Any]) -> None:
    blocks = nist_vectors("asymmetric/DSA/FIPS_186-3/SigVer.rsp")
    block = next(block for block in blocks if "P" in block and block["mod"].startswith(mod))
    domain, chance = Domain(*(number(block[name]) for name in "PQG")), random.Random(mod)
    x, k = (chance.randrange(1, domain.q) for _ in range(2))
    y = pow(domain.g, x, domain.p)
    scheme = DSS.new(DSA.construct((y, domain.g, domain.p, domain.q, x)), "fips-186-3")
    length = domain.q.bit_length() // 8
    hash_of_text = make_hash(b"attack at dawn")
    h = leftmost_bits(hash_of_text.digest(), domain.q)
    scheme.verify(hash_of_text, b"".join(n.to_bytes(length, "big") for n in sign(domain, x, h, k)))
    theirs = scheme.sign(hash_of_text)
    pair = int.from_bytes(theirs[:length], "big"), int.from_bytes(theirs[length:], "big")
    assert fits(domain, y, h, pair)


# What never fits, and 64 bytes.


def test_r_and_s_lie_between_zero_and_q_and_the_mirrored_s_is_refused() -> None:
    q, h = REAL.q, hashed(b"attack at dawn", REAL.q)
    r, s = sign(REAL, X, h, k=2**200 + 1)
    assert fits(REAL, Y, h, (r, s))
    assert not fits(REAL, Y, h, (r, q - s))  # ECDSA would take its twin
    for edge in (0, q, -q, 2 * q, q + 1, 2**256 - 1, -1):
        for pair in ((edge, s), (r, edge), (edge, edge)):
            assert not fits(REAL, Y, h, pair)
    for pair in ((r + q, s), (r, s + q), (r - q, s), (r, s - q), (-r, s), (r, -s), (-r, -s)):
        assert not fits(REAL, Y, h, pair)
    # y = 1 is refused where keys are read; fits believes it, but never r = 0 or s = 0.
    r = pow(REAL.g, 5, REAL.p) % q
    assert [fits(REAL, 1, 10, pair) for pair in ((r, 2), (0, 2), (r, 0))] == [True, False, False]


@fuzzing
@given(st.binary(min_size=64, max_size=64))
def test_64_bytes_are_a_pair_r_first(data: bytes) -> None:
    assert from_bytes(data) == (int(data[:32].hex(), 16), int(data[32:].hex(), 16))
    assert to_bytes(from_bytes(data)) == data


@pytest.mark.parametrize("length", [0, 32, 63, 65])
def test_another_number_of_bytes_is_refused(length: int) -> None:
    with pytest.raises(FormatError, match=f"a signature is 64 bytes, .*: {length} came"):
        from_bytes(bytes(length))
