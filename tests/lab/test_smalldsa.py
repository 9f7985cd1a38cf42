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
from securedata.errors import FormatError, SignatureError
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
RFC6979 = Domain(number(RFC6979_P), number(RFC6979_Q), number(RFC6979_G))
SMALLER = Domain(number(SMALLER_P), number(SMALLER_Q), number(SMALLER_G))
HASHES = {"SHA-1": "sha1", "SHA-224": "sha224", "SHA-256": "sha256", "SHA-384": "sha384"}
HASHES |= {"SHA-512": "sha512"}
KEY = SigningKey.generate()
X = int(KEY._key.x)
Y = int(KEY._key.y)
fuzzing = settings(max_examples=20, deadline=None, derandomize=True, database=None)
toy_groups = pytest.mark.parametrize("toy", TOYS, ids=lambda toy: f"{toy.p}/{toy.q}")


@cache
def powers(domain: Domain) -> list[int]:
    """All powers of g, by multiplying and nothing else."""
    found = [1]
    while len(found) < domain.q:
        found.append(found[-1] * domain.g % domain.p)
    return found


def is_degenerate(toy: Domain, x: int, h: int, k: int) -> bool:
    r = powers(toy)[k] % toy.q
    return r == 0 or (h + x * r) % toy.q == 0


@cache
def quotient(a: int, b: int, q: int) -> int:
    """a / b modulo q, by trying all."""
    return next(c for c in range(q) if (b * c - a) % q == 0)


def digest(message: bytes, name: str) -> bytes:
    return hashlib.new(HASHES[name], message).digest()


def nist_domain(mod: str) -> Domain:
    """The numbers under the headline of NIST's file that starts so."""
    for block in nist_vectors("asymmetric/DSA/FIPS_186-3/SigVer.rsp"):
        if "P" in block and block["mod"].startswith(mod):
            return Domain(number(block["P"]), number(block["Q"]), number(block["G"]))
    raise AssertionError(mod)


# Every number there is, in toy groups.


@toy_groups
def test_a_toy_group_is_what_it_says(toy: Domain) -> None:
    assert len(set(powers(toy))) == toy.q
    assert powers(toy)[-1] * toy.g % toy.p == 1
    assert (toy.p - 1) % toy.q == 0


@toy_groups
def test_every_signature_is_that_of_the_formula_or_refused_as_degenerate(toy: Domain) -> None:
    for x, h, k in product(range(1, toy.q), range(2 * toy.q), range(1, toy.q)):
        if is_degenerate(toy, x, h, k):
            with pytest.raises(FormatError, match="take another k"):
                sign(toy, x, h, k)
        else:
            r = powers(toy)[k] % toy.q
            assert sign(toy, x, h, k) == (r, quotient(h + x * r, k, toy.q))


@toy_groups
def test_every_honest_signature_fits(toy: Domain) -> None:
    for x, h, k in product(range(1, toy.q), range(2 * toy.q), range(1, toy.q)):
        if not is_degenerate(toy, x, h, k):
            assert fits(toy, powers(toy)[x], h, sign(toy, x, h, k))


@toy_groups
def test_a_pair_fits_exactly_if_some_k_makes_it(toy: Domain) -> None:
    for x, h in product(range(1, toy.q), range(toy.q)):
        made = set()
        for k in range(1, toy.q):
            r = powers(toy)[k] % toy.q
            made |= {(r, quotient(h + x * r, k, toy.q))}
        # k = 0 is no k, and yet whoever verifies cannot know: g^0 = 1, and h + x·r must be 0.
        made |= {(1, s) for s in range(toy.q) if (h + x) % toy.q == 0}
        pairs = product(range(-1, toy.q + 2), range(-1, toy.q + 2))
        fitting = {pair for pair in pairs if fits(toy, powers(toy)[x], h, pair)}
        assert fitting == {(r, s) for r, s in made if r and s}


@toy_groups
def test_another_h_fits_only_if_it_is_equal_modulo_q_or_leads_to_a_power_with_the_same_r(
    toy: Domain,
) -> None:
    for x, h, k in product(range(1, toy.q), range(toy.q), range(1, toy.q)):
        if is_degenerate(toy, x, h, k):
            continue
        r, s = sign(toy, x, h, k)
        same_r = {power for power in range(toy.q) if powers(toy)[power] % toy.q == r}
        for other in range(3 * toy.q):
            leads_to = quotient(other + x * r, s, toy.q)
            assert (leads_to == k) == (other % toy.q == h)
            assert fits(toy, powers(toy)[x], other, (r, s)) == (leads_to in same_r)


@pytest.mark.parametrize("k", [0, 11, 22])
def test_a_k_that_is_zero_signs_nothing(k: int) -> None:
    with pytest.raises((FormatError, ValueError)):
        sign(TOY, x=7, h=5, k=k)


@pytest.mark.parametrize("q_bits", [64, 160, 224, 256, 521])
def test_in_a_group_of_any_size_a_signature_fits_its_h_and_key_alone(q_bits: int) -> None:
    group, chance = a_group(q_bits), random.Random(q_bits)
    for _ in range(10):
        x, h, k = (chance.randrange(1, group.q) for _ in range(3))
        y, (r, s) = pow(group.g, x, group.p), sign(group, x, h, k)
        assert fits(group, y, h, (r, s))
        assert fits(group, y, h + group.q, (r, s))
        assert not fits(group, y, h ^ 1, (r, s))
        assert not fits(group, y * group.g % group.p, h, (r, s))
        assert not fits(group, y, h, (r, group.q - s))
        assert not fits(group, y, h, (group.q - r, s))
        assert not fits(group, y, h, (s, r))


# The leftmost bits of a hash.


@pytest.mark.parametrize("n", [160, 224, 256])
@pytest.mark.parametrize("name", HASHES)
def test_the_leftmost_bits_are_the_first_digits_of_the_hash_in_binary(n: int, name: str) -> None:
    for message in (b"", b"sample", bytes(1000)):
        whole = digest(message, name)
        in_binary = f"{int.from_bytes(whole, 'big'):0{8 * len(whole)}b}"
        assert leftmost_bits(whole, a_group(n).q) == int(in_binary[:n], 2)


@settings(fuzzing, max_examples=300)
@given(st.binary(min_size=1, max_size=70), st.integers(2, 600), st.integers(0, 2**600))
def test_a_q_of_any_length_cuts_to_its_length(whole: bytes, n: int, low_bits: int) -> None:
    q = 2 ** (n - 1) + low_bits % 2 ** (n - 1)
    in_binary = "".join(f"{byte:08b}" for byte in whole)
    assert leftmost_bits(whole, q) == int(in_binary[:n], 2)


def test_a_hash_is_cut_and_not_reduced() -> None:
    q = 2**159 + 2**9 + 1
    assert leftmost_bits(b"\xff" * 32, q) == 2**160 - 1 > q
    assert leftmost_bits(b"\xff" * 32, q) != int.from_bytes(b"\xff" * 32, "big") % q


def test_what_is_signed_is_sha_256_cut() -> None:
    for message in (b"", b"sample", bytes(1000)):
        whole = int(hashlib.sha256(message).hexdigest(), 16)
        assert hashed(message, REAL.q) == whole
        assert hashed(message, a_group(224).q) == whole >> 32
        assert hashed(message, a_group(521).q) == whole
        assert hashed(message, TOY.q) == whole >> 252


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
            pair = (
                int.from_bytes(signature[:length], "big"),
                int.from_bytes(signature[length:], "big"),
            )
            if len(signature) != 2 * length:
                counts[case["result"], "other length"] += 1
            elif fits(domain, y, h, pair):
                counts[case["result"], "fits"] += 1
            else:
                counts[case["result"], "refused"] += 1
    print(f"Wycheproof DSA {file}: {dict(counts)}")
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
    headlines = set()
    for case in nist_vectors(f"asymmetric/DSA/{edition}/SigVer.rsp"):
        if "P" in case:
            domain = Domain(number(case["P"]), number(case["Q"]), number(case["G"]))
            continue
        headlines.add(case["mod"])
        name = case["mod"].rpartition(", ")[2] if "SHA" in case["mod"] else "SHA-1"
        h = leftmost_bits(digest(bytes.fromhex(case["Msg"]), name), domain.q)
        pair = number(case["R"]), number(case["S"])
        counts[case["Result"][0], fits(domain, number(case["Y"]), h, pair)] += 1
    print(f"NIST {edition} SigVer, {len(headlines)} headlines: {dict(counts)}")
    assert counts == {("P", True): good, ("F", False): bad}


@pytest.mark.parametrize("message", RFC6979_SIGNATURES)
def test_rfc_6979s_signatures_fit_and_follow_from_its_k(message: bytes) -> None:
    x, k = number(RFC6979_X), number(RFC6979_KS[message])
    r, s = from_bytes(number(RFC6979_SIGNATURES[message]).to_bytes(64, "big"))
    h = hashed(message, RFC6979.q)
    assert fits(RFC6979, pow(RFC6979.g, x, RFC6979.p), h, (r, s))
    assert (h + x * r) * pow(s, -1, RFC6979.q) % RFC6979.q == k
    assert sign(RFC6979, x, h, k) == (r, s)


def test_rfc_6979s_smaller_signature_follows_from_a_hash_that_is_cut() -> None:
    x, k = number(SMALLER_X), number(SMALLER_K)
    r, s = (number(digits) for digits in SMALLER_SIGNATURE)
    h = hashed(b"sample", SMALLER.q)
    assert sign(SMALLER, x, h, k) == (r, s)
    assert fits(SMALLER, pow(SMALLER.g, x, SMALLER.p), h, (r, s))
    assert (h + x * r) * pow(s, -1, SMALLER.q) % SMALLER.q == k


# The service's own DSA, and PyCryptodome's.


@fuzzing
@given(st.binary(max_size=200), st.integers(1, REAL.q - 1))
def test_the_service_accepts_what_we_sign_and_we_what_it_signs(message: bytes, k: int) -> None:
    h = hashed(message, REAL.q)
    KEY.verifying_key.verify(message, to_bytes(sign(REAL, X, h, k)))
    assert fits(REAL, Y, h, from_bytes(KEY.sign(message)))
    assert not fits(REAL, Y, h ^ 1, from_bytes(KEY.sign(message)))
    with pytest.raises(SignatureError):
        KEY.verifying_key.verify(message + b".", to_bytes(sign(REAL, X, h, k)))


@pytest.mark.parametrize("mod", ["L=1024, N=160", "L=2048, N=224", "L=2048, N=256", "L=3072"])
@pytest.mark.parametrize("make_hash", [SHA224.new, SHA256.new, SHA512.new])
def test_pycryptodome_agrees_in_every_size(mod: str, make_hash: Callable[[bytes], Any]) -> None:
    domain, chance = nist_domain(mod), random.Random(mod)
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


# What never fits.


def test_r_and_s_lie_between_zero_and_q_and_the_mirrored_s_is_refused() -> None:
    q, h = REAL.q, hashed(b"attack at dawn", REAL.q)
    r, s = sign(REAL, X, h, k=2**200 + 1)
    assert fits(REAL, Y, h, (r, s))
    assert not fits(REAL, Y, h, (r, q - s))  # ECDSA would take its twin
    for edge in (0, q, -q, 2 * q, q + 1, 2**256 - 1, -1):
        assert not fits(REAL, Y, h, (edge, s))
        assert not fits(REAL, Y, h, (r, edge))
        assert not fits(REAL, Y, h, (edge, edge))
    for wrapped in ((r + q, s), (r, s + q), (r - q, s), (r, s - q), (-r, s), (r, -s), (-r, -s)):
        assert not fits(REAL, Y, h, wrapped)


def test_with_the_public_key_one_anybody_signs_unless_the_range_is_checked() -> None:
    # y = 1 is refused where keys are read; fits believes it. r = 0 and s = 0 it never believes.
    r = pow(REAL.g, 5, REAL.p) % REAL.q
    assert fits(REAL, 1, 10, (r, 2))
    assert not fits(REAL, 1, 10, (0, 2))
    assert not fits(REAL, 1, 10, (r, 0))


# 64 bytes.


@given(st.integers(0, 2**256 - 1), st.integers(0, 2**256 - 1))
@settings(fuzzing, max_examples=100)
def test_a_pair_comes_back_from_its_64_bytes(r: int, s: int) -> None:
    assert len(to_bytes((r, s))) == 64
    assert from_bytes(to_bytes((r, s))) == (r, s)


@given(st.binary(min_size=64, max_size=64))
@settings(fuzzing, max_examples=100)
def test_64_bytes_come_back_from_their_pair(data: bytes) -> None:
    assert to_bytes(from_bytes(data)) == data


@pytest.mark.parametrize("length", [0, 1, 32, 63, 65, 128])
def test_another_number_of_bytes_is_refused(length: int) -> None:
    with pytest.raises(FormatError, match=f"a signature is 64 bytes, .*: {length} came"):
        from_bytes(bytes(length))
