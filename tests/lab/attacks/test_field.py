"""GF(2^128): the axioms of a field, and GCM's own order of bits."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from securedata.errors import FormatError
from securedata.lab.attacks import ghash
from securedata.lab.attacks.field import ONE, inverse, multiply, square_root

fuzzing = settings(max_examples=30, deadline=None, derandomize=True, database=None)
elements = st.one_of(st.integers(0, 2**128 - 1), st.sampled_from([0, 1, ONE, 2**128 - 1]))
X = ONE >> 1  # the coefficient of x^1 is the second bit of a block


@fuzzing
@given(elements, elements, elements)
def test_multiplication_is_commutative_associative_and_distributive(a: int, b: int, c: int) -> None:
    assert multiply(a, b) == multiply(b, a)
    assert multiply(multiply(a, b), c) == multiply(a, multiply(b, c))
    assert multiply(a, b ^ c) == multiply(a, b) ^ multiply(a, c)


@fuzzing
@given(elements)
def test_one_and_zero_do_what_they_are_for(a: int) -> None:
    assert multiply(a, ONE) == a
    assert multiply(a, 0) == 0
    assert 0 <= multiply(a, a) < 2**128


@fuzzing
@given(elements.filter(bool))
def test_everything_but_zero_has_an_inverse(a: int) -> None:
    assert multiply(a, inverse(a)) == ONE
    assert inverse(inverse(a)) == a


def test_zero_has_none() -> None:
    with pytest.raises(FormatError, match="zero has no inverse"):
        inverse(0)


@fuzzing
@given(elements, elements)
def test_squaring_and_its_root_undo_each_other_and_respect_sums(a: int, b: int) -> None:
    assert square_root(multiply(a, a)) == a
    assert multiply(square_root(a), square_root(a)) == a
    assert square_root(a ^ b) == square_root(a) ^ square_root(b)


def test_a_product_of_two_is_zero_only_if_one_of_them_is() -> None:
    assert all(multiply(1 << i, 1 << j) for i in range(0, 128, 7) for j in range(128))


def test_x_to_the_128_is_what_the_standard_says() -> None:
    # NIST SP 800-38D, 6.3: R = 11100001 and 120 zeros.
    power = ONE
    for _ in range(128):
        power = multiply(power, X)
    assert power == 0xE1 << 120


def test_x_has_the_full_order_of_the_field() -> None:
    def power(exponent: int) -> int:
        result, square = ONE, X
        while exponent:
            result = multiply(result, square) if exponent & 1 else result
            square, exponent = multiply(square, square), exponent >> 1
        return result

    order = 2**128 - 1
    assert power(order) == ONE
    # Every prime factor of 2^128 - 1, which is the product of the Fermat numbers F0 to F6.
    factors = (3, 5, 17, 257, 641, 65537, 274177, 6700417, 67280421310721)
    rest = order
    for factor in factors:
        assert rest % factor == 0
        rest //= factor
    assert rest == 1
    assert all(power(order // factor) != ONE for factor in factors)


def test_one_product_of_the_gcm_specification() -> None:
    # Test case 2: X1 = C·H (McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B).
    h = 0x66E94BD4EF8A2C3B884CFA59CA342B2E
    ciphertext = 0x0388DACE60B6A392F328C2B971B2FE78
    assert multiply(ciphertext, h) == 0x5E2EC746917062882C85B0685353DEB7


def test_ghash_of_the_gcm_specification() -> None:
    h = 0x66E94BD4EF8A2C3B884CFA59CA342B2E
    ciphertext = bytes.fromhex("0388dace60b6a392f328c2b971b2fe78")
    assert ghash(h, b"", ciphertext) == 0xF38CBB1AD69223DCC3457AE5B6B0F885
    assert ghash(h, b"", b"") == 0  # test case 1
