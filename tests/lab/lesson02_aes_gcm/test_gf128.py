"""GF(2^128): the axioms of a field, and GCM's own order of bits."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from securedata.errors import FormatError
from securedata_lab.lesson02_aes_gcm.gcm import ghash
from securedata_lab.lesson02_aes_gcm.gf128 import ONE, inverse, multiply, square_root

fuzzing = settings(max_examples=30, deadline=None, derandomize=True, database=None)
elements = st.one_of(st.integers(0, 2**128 - 1), st.sampled_from([0, 1, ONE, 2**128 - 1]))


@fuzzing
@given(elements)
def test_one_inverses_and_roots_do_what_they_are_for(a: int) -> None:
    assert multiply(a, ONE) == a
    assert square_root(multiply(a, a)) == a
    if a:
        assert multiply(a, inverse(a)) == ONE
    else:
        with pytest.raises(FormatError, match="zero has no inverse"):
            inverse(a)


def test_one_product_and_one_ghash_of_the_gcm_specification() -> None:
    # Test case 2: X1 = C·H (McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B).
    h = 0x66E94BD4EF8A2C3B884CFA59CA342B2E
    ciphertext = bytes.fromhex("0388dace60b6a392f328c2b971b2fe78")
    product = multiply(int.from_bytes(ciphertext, "big"), h)
    assert product == 0x5E2EC746917062882C85B0685353DEB7
    assert ghash(h, b"", ciphertext) == 0xF38CBB1AD69223DCC3457AE5B6B0F885
    assert ghash(h, b"", b"") == 0  # test case 1
