"""An answer comes as the type that a check declares, or gets a sentence on what it is instead."""

from typing import Annotated, Any, Literal

import numpy
import pytest

from securedata_lab.judging.attempts import UnjudgedError, given
from securedata_lab.judging.declared import as_declared
from securedata_lab.lesson01_aes_modes.flaws import Ecb
from securedata_lab.twins.twin import Twin

Letters = Literal["A", "B", "C"]
Codes = dict[Letters, Annotated[int, "a code is 0 or 62"]]
Quotient = Annotated[int, "one number", "you divided real numbers"]


@pytest.mark.parametrize(
    ("answer", "kind", "as_it_comes"),
    [
        (5, int, 5),
        (True, bool, True),
        (bytearray(b"ab"), bytes, b"ab"),
        (memoryview(b"ab"), bytes, b"ab"),
        ((1, 2), list[int], [1, 2]),
        (iter([1, 2]), list[int], [1, 2]),
        ([1, b"a"], tuple[int, bytes], (1, b"a")),
        ({"C": 0, "A": 0, "B": 62}, Codes, {"A": 0, "B": 62, "C": 0}),
        ("a and c", set[Letters], {"A", "C"}),
        ("C, A", set[Letters], {"A", "C"}),
        (["b"], set[Letters], {"B"}),
        (Ecb, type[Twin], Ecb),
        (None, int | None, None),
        (5, Annotated[int, "one number"] | None, 5),
        (object, Any, object),
    ],
)
def test_an_answer_comes_as_the_declared_type(answer: Any, kind: Any, as_it_comes: Any) -> None:
    came = as_declared(given(answer) if answer is not None else None, kind)
    assert came == as_it_comes
    assert type(came) is type(as_it_comes)


@pytest.mark.parametrize(
    ("answer", "kind", "sentence"),
    [
        (3.0, int, "expected an int, got 3.0; / makes a float, also of two ints: // makes an int"),
        (True, int, "expected an int, got True; True and False are no numbers here"),
        ("5", int, "write the number without quotes"),
        (b"\x05", int, "int.from_bytes"),
        ([5], int, "the answer is one int"),
        (1, bool, "expected True or False, got 1; "),
        ("6162", bytes, "bytes.fromhex of hex digits"),
        (97, bytes, "n.to_bytes(length, 'big')"),
        ([97], bytes, "bytes(…) of numbers"),
        (numpy.array([5]), int, "expected an int, got array([5]); "),
        (5, str, "expected a text, got 5; write it in quotes"),
        (5, list[int], "expected a list, got 5; "),
        ([5, "6"], list[int], "expected an int, got '6'; "),
        (5, tuple[int, int], "expected 2 values, got 5; "),
        ([1, 2, 3], tuple[int, int], "expected 2 values, got [1, 2, 3]; "),
        (0.5, Quotient, "you divided real numbers"),
        ("x", Quotient, "one number"),
        ({"A": 0}, Codes, "expected a dict with A to C, got {'A': 0}; "),
        ({"A": 0, "B": 0, "C": "62"}, Codes, "an int for C, got '62'; a code is 0 or 62"),
        ({"A": 0, "B": 0, "C": ...}, Codes, "C is still empty"),
        (5, set[Letters], "expected a set of letters, got 5; such as {'A', 'B'}"),
        ("a, d", set[Letters], "the letters are A to C"),
        (Ecb(), type[Twin], "begin with class …(Twin), and hand the class over, without"),
        (Twin, type[Ecb], "begin with class …(Ecb)"),
        (5, Twin, "expected an object of type Twin, got 5; "),
    ],
)
def test_another_type_gets_a_sentence(answer: Any, kind: Any, sentence: str) -> None:
    with pytest.raises(UnjudgedError) as refusal:
        as_declared(given(answer), kind)
    assert sentence in str(refusal.value)
