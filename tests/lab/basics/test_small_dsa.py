"""The small DSA: by brute force in toy groups, and against the service's own DSA."""

from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from securedata import SigningKey
from securedata.errors import FormatError
from securedata_lab.basics.small_dsa import (
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


# The leftmost bits of a hash.


@settings(fuzzing, max_examples=300)
@given(st.binary(min_size=1, max_size=70), st.integers(2, 600), st.integers(0, 2**600))
def test_a_hash_is_cut_to_the_length_of_q_and_not_reduced(
    whole: bytes, n: int, low_bits: int
) -> None:
    q = 2 ** (n - 1) + low_bits % 2 ** (n - 1)
    in_binary = "".join(f"{byte:08b}" for byte in whole)
    assert leftmost_bits(whole, q) == int(in_binary[:n], 2)


# The service's own DSA, and PyCryptodome's.


@settings(fuzzing, max_examples=20)
@given(st.binary(max_size=200), st.integers(1, REAL.q - 1))
def test_the_service_accepts_what_we_sign_and_we_what_it_signs(message: bytes, k: int) -> None:
    h = hashed(message, REAL.q)
    KEY.verifying_key.verify(message, to_bytes(sign(REAL, X, h, k)))
    assert fits(REAL, Y, h, from_bytes(KEY.sign(message)))
    assert not fits(REAL, Y, h ^ 1, from_bytes(KEY.sign(message)))


# What never fits, and 64 bytes.


@fuzzing
@given(st.binary(min_size=64, max_size=64))
def test_64_bytes_are_a_pair_r_first(data: bytes) -> None:
    assert from_bytes(data) == (int(data[:32].hex(), 16), int(data[32:].hex(), 16))
    assert to_bytes(from_bytes(data)) == data


@pytest.mark.parametrize("length", [0, 32, 63, 65])
def test_another_number_of_bytes_is_refused(length: int) -> None:
    with pytest.raises(FormatError, match=f"a signature is 64 bytes, .*: {length} came"):
        from_bytes(bytes(length))
