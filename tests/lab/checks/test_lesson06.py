"""Lesson 06's checks: right answers pass, wrong ones are refused with a word that fits."""

import importlib
import secrets
import struct
from collections import deque
from collections.abc import Callable
from typing import Any

import pytest

from securedata.lab import check, wire, xor
from securedata.lab.wire.decryption import DecryptedRecord
from securedata.lab.wire.handshake import HandshakeMessage

# `securedata.lab.checking` is also the name of the object that lessons use.
engine = importlib.import_module("securedata.lab.checking")

RUNS = 3  # what is drawn is drawn anew each time
HYBRID = wire.load_recording("tls13-hybrid")

Version = Callable[[wire.Field], object]
Nonce = Callable[[bytes, int], object]
Request = dict[str, Any]
Accept = Callable[[Request], object]


def said(capsys: pytest.CaptureFixture[str], number: str, *answers: object) -> str:
    check(number, *answers)
    printed, complaints = capsys.readouterr()
    assert printed.count("\n") == 1
    assert len(printed) <= engine.LINE_LENGTH, "cut off"
    assert "run your own code first" not in printed, "an exception of the check's own"
    assert complaints == ""
    return printed


def said_of_code(capsys: pytest.CaptureFixture[str], number: str, *answers: object) -> str:
    """The same, where the exception is the student's: no line of a notebook's is in these tests."""
    check(number, *answers)
    return capsys.readouterr().out


def stub(*_: object) -> object: ...


def prints(*_: object) -> None:
    print(end="")


def never_ends(*_: object) -> object:
    while True:
        pass


@pytest.mark.parametrize("stands_there", [..., None])
@pytest.mark.parametrize("number", ["6.1", "6.2", "6.3", "6.4", "6.5", "6.6"])
def test_nothing_is_not_attempted(
    capsys: pytest.CaptureFixture[str], number: str, stands_there: object
) -> None:
    assert said(capsys, number, stands_there) == f"{number} not attempted yet\n"


@pytest.mark.parametrize("number", ["6.2", "6.3", "6.6"])
def test_a_stub_is_not_attempted(capsys: pytest.CaptureFixture[str], number: str) -> None:
    assert said(capsys, number, stub) == f"{number} not attempted yet\n"


@pytest.mark.parametrize("number", ["6.2", "6.3", "6.6"])
def test_an_endless_loop_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    monkeypatch.setattr(engine, "SECONDS", 0.2)
    assert "endless loop" in said(capsys, number, never_ends)


# 6.1


def hello() -> HandshakeMessage:
    (message,) = wire.handshake_messages(HYBRID.client_stream)
    return message


def test_6_1_the_offset_passes_however_it_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    name = wire.dissect(hello())["host_name"]
    for right in (
        97,
        0x61,
        HYBRID.client_stream.find(b"localhost"),
        HYBRID.client_stream.index(b"localhost"),
        len(HYBRID.client_stream.split(b"localhost")[0]),
        HYBRID.client_stream.hex().find(b"localhost".hex()) // 2,
        hello().data.find(b"localhost") + 5,
        name.offset,
    ):
        assert said(capsys, "6.1", right).startswith("6.1 correct: ")


LOOK = 'look for b"localhost" in hybrid.client_stream'


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (hello().data.find(b"localhost"), "your offset starts at the handshake: 5 bytes earlier"),
        (92, "got 92; your offset starts at the handshake: 5 bytes earlier there is a record"),
        (98, "got 98; Python counts from 0"),
        (88, "got 88; that is where the extension begins, or a count without the headers"),
        (wire.dissect(hello())["server_name"].offset, "that is where the extension begins"),
        (hello().data[4:].find(b"localhost"), "or a count without the headers: look for the name"),
        (106, "got 106; that is where the name ends"),
        (HYBRID.client_stream.hex().find(b"localhost".hex()), "that counts hex digits: two make"),
        (61, "got 61; that is hexadecimal: in Python it begins with 0x"),
        (HYBRID.server_stream.find(b"localhost"), "got -1; find says -1 when there is nothing"),
        (0, LOOK),
        (5, LOOK),
        (9, LOOK),
        (94, LOOK),
        (96, LOOK),
        (102, LOOK),
        (105, LOOK),
        (130, LOOK),
        (-97, LOOK),
        (1381 - 1478, LOOK),
        (97.0, "got 97.0; an offset is an int"),
        ("97", "got '97'; an offset is an int"),
        ("0x61", "an offset is an int"),
        (b"localhost", "got b'localhost'; an offset is an int"),
        ([97], "got [97]; an offset is an int"),
        ((97, 106), "an offset is an int"),
        (True, "got True; an offset is an int"),
        (b"".find, "an offset is an int"),
        (wire.dissect(hello())["host_name"], "an offset is an int"),
    ],
)
def test_6_1_a_wrong_offset_is_explained(
    capsys: pytest.CaptureFixture[str], wrong: object, word: str
) -> None:
    printed = said(capsys, "6.1", wrong)
    assert printed.startswith("6.1 not yet: expected the offset of the name, got ")
    assert word in printed


# 6.2


def good_version(hello: wire.Field) -> object:
    if "selected_version" in hello:
        return hello["selected_version"].value
    return hello["legacy_version"].value


def in_a_try(hello: wire.Field) -> object:
    try:
        return hello["supported_versions"]["selected_version"].value
    except wire.NoSuchFieldError:
        return hello["legacy_version"].value


def half(hello: wire.Field) -> object:
    if "selected_version" in hello:
        return hello["selected_version"].value
    return None


def of(make: Callable[[wire.Field], object]) -> Version:
    """Something made of the right field."""
    return lambda hello: make(
        hello["selected_version" if "selected_version" in hello else "legacy_version"]
    )


@pytest.mark.parametrize(
    "right",
    [
        good_version,
        in_a_try,
        of(lambda field: field.value),
        lambda hello: "TLS 1.3" if "supported_versions" in hello else "TLS 1.2",
        lambda hello: "TLS 1.3" if "TLS 1.3" in str(hello) else "TLS 1.2",
        lambda hello: {b"\x03\x04": "TLS 1.3"}.get(of(lambda it: it.data)(hello), "TLS 1.2"),
        lambda hello: "TLS 1." + ("3" if "key_share" in hello else "2"),
    ],
)
def test_6_2_the_version_passes(capsys: pytest.CaptureFixture[str], right: Version) -> None:
    assert said(capsys, "6.2", right).startswith("6.2 correct: ")


LEGACY = "expected 'TLS 1.3', got 'TLS 1.2'; legacy field; read supported_versions"
OLD = (
    "expected 'TLS 1.2', got 'TLS 1.3'; "
    "this hello has no supported_versions: then the old field means what it says"
)
EXACTLY = "the text is exactly TLS 1.2 or TLS 1.3"
A_TEXT = 'hello["…"].value is the text'


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (lambda hello: hello["legacy_version"].value, LEGACY),
        (lambda hello: "TLS 1.2", LEGACY),
        (lambda hello: "TLS 1.2" if "legacy_version" in hello else "TLS 1.3", LEGACY),
        (lambda hello: "TLS 1.3" if hello["legacy_session_id_echo"].length else "TLS 1.2", LEGACY),
        (
            lambda hello: "TLS 1.3" if "SHA384" in hello["cipher_suite"].value else "TLS 1.2",
            LEGACY,
        ),
        (lambda hello: "TLS 1.3", OLD),
        (lambda hello: "TLS 1.3" if "cipher_suite" in hello else "TLS 1.2", OLD),
        (lambda hello: "TLS 1.2" if "supported_versions" in hello else "TLS 1.3", LEGACY),
        (lambda hello: "1.3" if "supported_versions" in hello else "1.2", f"got '1.3'; {EXACTLY}"),
        (of(lambda field: field.value.removeprefix("TLS ")), f"got '1.3'; {EXACTLY}"),
        (of(lambda field: str(field)), EXACTLY),
        (of(lambda field: field.name), EXACTLY),
        (of(lambda field: field.data.hex()), f"got '0304'; {EXACTLY}"),
        (of(lambda field: "0x" + field.data.hex()), f"got '0x0304'; {EXACTLY}"),
        (of(lambda field: f"{field.value}\n"), EXACTLY),
        (lambda hello: "TLSv1.3", f"expected 'TLS 1.3', got 'TLSv1.3'; {EXACTLY}"),
        (lambda hello: "TLS 1.1", EXACTLY),
        (lambda hello: "", EXACTLY),
        (lambda hello: 1.3 if "supported_versions" in hello else 1.2, f"got 1.3; {A_TEXT}"),
        (of(lambda field: field), "got Field(name='selected_version'"),
        (of(lambda field: field), A_TEXT),
        (of(lambda field: field.data), A_TEXT),
        (of(lambda field: int.from_bytes(field.data, "big")), f"got 772; {A_TEXT}"),
        (of(lambda field: [field.value]), A_TEXT),
        (lambda hello: True, f"got True; {A_TEXT}"),
        (lambda hello: ("TLS 1.3", "TLS 1.2"), A_TEXT),
        (half, "expected an answer, got None for (Field(name='ServerHello'"),
        (prints, "returned None: "),
        (lambda hello: print(good_version(hello), end="\r"), "returned None: "),
    ],
)
def test_6_2_a_wrong_version_is_explained(
    capsys: pytest.CaptureFixture[str], wrong: Version, word: str
) -> None:
    printed = said(capsys, "6.2", wrong)
    assert "6.2 not yet: expected " in printed
    assert word in printed


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (
            lambda hello: hello["selected_version"].value,
            "ServerHello has no field selected_version",
        ),
        (
            lambda hello: hello["version"].value,
            "NoSuchFieldError: ServerHello has no field version",
        ),
        (lambda hello: hello["supported_versions"].value.x, "AttributeError"),
        (lambda hello: hello.legacy_version, "AttributeError"),
        (lambda: "TLS 1.3", "TypeError"),
    ],
)
def test_6_2_an_exception_is_named(
    capsys: pytest.CaptureFixture[str], wrong: object, word: str
) -> None:
    printed = said_of_code(capsys, "6.2", wrong)
    assert printed.startswith("6.2 not yet: expected an answer, got ")
    assert word in printed


# 6.3


def good_nonce(iv: bytes, number: int) -> bytes:
    return xor(iv, number.to_bytes(12, "big"))


def by_hand(iv: bytes, number: int) -> bytes:
    nonce = bytearray(iv)
    for place in range(11, -1, -1):
        nonce[place] ^= number & 255
        number >>= 8
    return bytes(nonce)


def added(iv: bytes, number: int) -> bytes:
    return (int.from_bytes(iv, "big") + number).to_bytes(13, "big")[1:]


@pytest.mark.parametrize(
    "right",
    [
        good_nonce,
        wire.record_nonce,
        by_hand,
        lambda iv, number: (int.from_bytes(iv, "big") ^ number).to_bytes(12, "big"),
        lambda iv, number: xor(bytes(4) + struct.pack(">Q", number), iv),
        lambda iv, number: iv[:4] + xor(iv[4:], number.to_bytes(8, "big")),
        lambda iv, number: bytes.fromhex(f"{int(iv.hex(), 16) ^ number:024x}"),
        lambda iv, number: bytearray(good_nonce(iv, number)),
        lambda iv, number: memoryview(good_nonce(iv, number)),
    ],
)
def test_6_3_a_nonce_passes(capsys: pytest.CaptureFixture[str], right: Nonce) -> None:
    for _ in range(RUNS):
        assert said(capsys, "6.3", right).startswith("6.3 correct: ")


PAD = "left-pad and XOR with the IV: RFC 9846, 5.3"
LITTLE = "big-endian: zeros on the left"
ALONE = "that is the number alone: XOR it with the IV"
IV_ALONE = "that is the IV alone: every record would have the same nonce"
BYTES = "a nonce is bytes"


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (lambda iv, number: iv + number.to_bytes(8, "big"), PAD),
        (lambda iv, number: iv + bytes([number & 255]), PAD),
        (lambda iv, number: number.to_bytes(8, "big") + iv, PAD),
        (lambda iv, number: iv[:4] + number.to_bytes(8, "big"), PAD),  # as in TLS 1.2
        (lambda iv, number: iv[:8] + struct.pack(">I", number & 0xFFFFFFFF), PAD),
        (lambda iv, number: bytes(byte ^ (number & 255) for byte in iv), PAD),
        (lambda iv, number: iv[:-1] + bytes([iv[-1] ^ (number & 255)]), PAD),
        (lambda iv, number: iv[:-4] + xor(iv[-4:], struct.pack(">I", number & 2**32 - 1)), PAD),
        (lambda iv, number: good_nonce(iv, number + 1), PAD),
        (lambda iv, number: good_nonce(iv[::-1], number), PAD),
        (lambda iv, number: good_nonce(iv, number)[1:], PAD),
        (lambda iv, number: good_nonce(iv, number)[4:], PAD),
        (lambda iv, number: b"", PAD),
        (lambda iv, number: secrets.token_bytes(12), PAD),
        (lambda iv, number: xor(iv, number.to_bytes(12, "little")), LITTLE),
        (lambda iv, number: xor(iv, b"%c" % number + bytes(11)) if number < 256 else iv, LITTLE),
        (lambda iv, number: number.to_bytes(12, "big"), ALONE),
        (lambda iv, number: bytes(4) + struct.pack(">Q", number), ALONE),
        (lambda iv, number: iv, IV_ALONE),
        (lambda iv, number: xor(iv, bytes(12)), IV_ALONE),
        (added, "XOR, not plus"),
        (lambda iv, number: int.from_bytes(iv, "big") ^ number, BYTES),
        (lambda iv, number: good_nonce(iv, number).hex(), BYTES),
        (lambda iv, number: hex(int.from_bytes(good_nonce(iv, number), "big")), BYTES),
        (lambda iv, number: list(good_nonce(iv, number)), BYTES),
        (lambda iv, number: (iv, number), BYTES),
        (lambda iv, number: number, f"expected the nonce of record 0, got 0; {BYTES}"),
        (lambda iv, number: bytearray(iv), "that is the IV alone"),
        (lambda iv, number: good_nonce(iv, number) if number else None, "got None for (b"),
        (prints, "returned None: "),
        (lambda iv, number: print(good_nonce(iv, number), end="\r"), "returned None: "),
    ],
)
def test_6_3_a_wrong_nonce_is_explained(
    capsys: pytest.CaptureFixture[str], wrong: Nonce, word: str
) -> None:
    for _ in range(RUNS):
        printed = said(capsys, "6.3", wrong)
        assert "6.3 not yet: expected " in printed
        assert word in printed


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (lambda iv, number: iv[:-1] + bytes([iv[-1] ^ number]), "ValueError: bytes must be in"),
        (lambda iv, number: xor(iv, number.to_bytes(8, "big")), "FormatError: XOR needs two equal"),
        (lambda iv, number: good_nonce(iv, number.to_bytes(1, "big")), "AttributeError"),
        (lambda iv, number: xor(iv, struct.pack(">III", 0, 0, number)), "error"),
        (lambda iv, number: iv ^ number, "TypeError"),
        (lambda iv: iv, "TypeError"),
    ],
)
def test_6_3_an_exception_is_named(
    capsys: pytest.CaptureFixture[str], wrong: object, word: str
) -> None:
    printed = said_of_code(capsys, "6.3", wrong)
    assert printed.startswith("6.3 not yet: expected an answer, got ")
    assert word in printed


# 6.4


def opened(side: str) -> list[DecryptedRecord]:
    every = wire.decrypted_records(HYBRID.client_stream, HYBRID.server_stream, HYBRID.keylog)
    return [record for record in every if record.side == side]


def test_6_4_the_number_passes_however_it_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    (answer,) = [it for it in opened("server") if it.content_type == "application_data"]
    under_its_key = [it for it in opened("server") if it.secret_name == "SERVER_TRAFFIC_SECRET_0"]
    for right in (2, answer.sequence_number, under_its_key.index(answer)):
        assert said(capsys, "6.4", right).startswith("6.4 correct: ")


ANEW = "that counts the handshake's records too: the key changed, and counting began anew"
LIST = "print side, secret_name and sequence_number of wire.decrypted_records(…)"
INT = "both sides count from 0"


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (0, "expected its number under this key, got 0; tickets came first"),
        (1, "got 1; there are two tickets, in two records"),
        (3, "got 3; Python counts from 0, and so does TLS"),
        (6, f"got 6; {ANEW}"),
        (7, f"got 7; {ANEW}"),
        (8, f"got 8; {ANEW}"),
        (len(opened("server")) - 2, ANEW),
        (len(wire.tls_records(HYBRID.server_stream)) - 2, ANEW),
        (4, LIST),
        (5, LIST),
        (9, LIST),
        (10, LIST),
        (142, LIST),
        (2**64, LIST),
        (-1, f"expected an int from 0, got -1; {INT}"),
        (-2, f"got -2; {INT}"),
        ("2", f"expected an int from 0, got '2'; {INT}"),
        (2.0, f"got 2.0; {INT}"),
        (True, f"got True; {INT}"),
        (b"\x02", INT),
        ([2], INT),
        ({0, 1}, INT),
        ((0, 1, 2), INT),
        (opened("server")[6], INT),
        (stub, INT),
    ],
)
def test_6_4_a_wrong_number_is_explained(
    capsys: pytest.CaptureFixture[str], wrong: object, word: str
) -> None:
    printed = said(capsys, "6.4", wrong)
    assert printed.startswith("6.4 not yet: expected ")
    assert word in printed


# 6.5


@pytest.mark.parametrize(
    "right",
    [
        {"B", "E"},
        frozenset("BE"),
        ["E", "B"],
        ("B", "E"),
        ["B", "E", "B"],
        "BE",
        "EB",
        "B, E",
        {letter for letter in "ABCDE" if letter not in "ACD"},
    ],
)
def test_6_5_static_rsa_passes(capsys: pytest.CaptureFixture[str], right: object) -> None:
    assert said(capsys, "6.5", right).startswith("6.5 correct: ")


SIGNS = "in ECDHE and DHE it only signs"
EPHEMERAL = "TLS 1.3 is always ephemeral: its suites do not even name a key exchange"
ENCRYPTS = "TLS_RSA_WITH: the client encrypts the secret to the server's key"
LETTERS = "the letters are A to E"
A_SET = "such as {'A', 'B'}"


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (set("ABCDE"), SIGNS),
        ("ABCDE", SIGNS),
        (set("ABDE"), SIGNS),
        (set("BDE"), SIGNS),
        (set("ABE"), SIGNS),
        (set("ACD"), SIGNS),
        ("A, D", SIGNS),
        ({"A"}, SIGNS),
        ({"D"}, SIGNS),
        (set("BCE"), EPHEMERAL),
        (["B", "C", "E"], EPHEMERAL),
        ({"C"}, EPHEMERAL),
        ({"B"}, ENCRYPTS),
        ({"E"}, ENCRYPTS),
        ("B", ENCRYPTS),
        (set(), ENCRYPTS),
        ((), ENCRYPTS),
        ({"b", "e"}, LETTERS),
        ("B and E", LETTERS),
        (["BE"], LETTERS),
        ({"tls12-rsa"}, LETTERS),
        ({"TLS_RSA_WITH_AES_256_GCM_SHA384"}, LETTERS),
        ({2, 5}, LETTERS),
        ({...}, LETTERS),
        ({"B": True, "E": True}, A_SET),
        ({}, A_SET),
        (2, A_SET),
        (True, A_SET),
        (b"BE", A_SET),
        (iter("BE"), A_SET),
    ],
)
def test_6_5_a_wrong_recording_is_explained(
    capsys: pytest.CaptureFixture[str], wrong: object, word: str
) -> None:
    printed = said(capsys, "6.5", wrong)
    assert printed.startswith("6.5 not yet: expected ")
    assert word in printed


# 6.6


def refusing(seen_before: Callable[[Request], object]) -> Accept:
    """Refuses whatever gives this function something that it gave before."""
    seen: list[object] = []

    def my_accept(request: Request) -> bool:
        what = seen_before(request)
        if what in seen:
            return False
        seen.append(what)
        return True

    return my_accept


def remembering(how_many: int) -> Accept:
    seen: deque[str] = deque(maxlen=how_many)

    def my_accept(request: Request) -> bool:
        accepted = request["id"] not in seen
        seen.append(request["id"])
        return accepted

    return my_accept


def counting() -> Accept:
    """Accepts only a higher TLS number than the last."""
    last = [-1]

    def my_accept(request: Request) -> bool:
        accepted = bool(request["tls_number"] > last[0])
        last[0] = max(last[0], request["tls_number"])
        return accepted

    return my_accept


def never_again() -> Accept:
    """Trusts nobody any more once something was sent twice."""
    accept, attacked = refusing(lambda it: it["id"]), list[bool]()

    def my_accept(request: Request) -> bool:
        if attacked or not accept(request):
            attacked.append(True)
            return False
        return True

    return my_accept


def in_a_set_of_its_own(request: Request) -> bool:
    seen = set[str]()
    if request["id"] in seen:
        return False
    seen.add(request["id"])
    return True


def with_dict() -> Accept:
    count: dict[str, int] = {}

    def my_accept(request: Request) -> bool:
        count[request["id"]] = count.get(request["id"], 0) + 1
        return count[request["id"]] == 1

    return my_accept


def instead(new: object, old: object) -> Accept:
    """The right decision, said otherwise."""
    accept = refusing(lambda it: it["id"])
    return lambda request: new if accept(request) else old


@pytest.mark.parametrize(
    "right",
    [
        refusing(lambda it: it["id"]),
        refusing(lambda it: hash(it["id"])),
        refusing(lambda it: int(it["id"], 16)),
        refusing(lambda it: (it["id"], it["data"])),
        refusing(lambda it: it.pop("id")),
        with_dict(),
        remembering(10_000),
    ],
)
def test_6_6_who_remembers_every_id_passes_again_and_again(
    capsys: pytest.CaptureFixture[str], right: Accept
) -> None:
    right({"id": "a1", "data": "pay 10 EUR", "tls_number": 0})
    for _ in range(RUNS):
        assert said(capsys, "6.6", right).startswith("6.6 correct: ")


NUMBERS = "new session, new numbers: "
SAME_TEXT = "the same text may honestly come twice"
OUTSIDE = "remember the ids that you have seen, in a set outside the function"


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (
            refusing(lambda it: it["tls_number"]),
            "expected True for a new id, got False; "
            f"{NUMBERS}the same tls_number comes in every session",
        ),
        (refusing(lambda it: (it["data"], it["tls_number"])), f"got False; {NUMBERS}the same"),
        (counting(), f"got False; {NUMBERS}the same tls_number comes in every session"),
        (
            refusing(lambda it: (it["id"], it["tls_number"])),
            "expected False for a request sent again in a new session, got True; "
            f"{NUMBERS}the application must remember",
        ),
        (refusing(dict), f"got True; {NUMBERS}the application must remember"),
        (refusing(str), f"got True; {NUMBERS}the application must remember"),
        (refusing(lambda it: it["id"] + str(it["tls_number"])), f"{NUMBERS}the application"),
        (refusing(lambda it: it["data"]), f"expected True for a new id, got False; {SAME_TEXT}"),
        (remembering(1), "got True; it remembers the last one only: remember every id"),
        (remembering(5), "got True; it remembers the last one only: remember every id"),
        (lambda request: True, f"got True; {OUTSIDE}"),
        (lambda request: request["tls_number"] >= 0, OUTSIDE),
        (lambda request: len(request["id"]) > 2, OUTSIDE),
        (in_a_set_of_its_own, OUTSIDE),
        (refusing(id), OUTSIDE),
        (lambda request: False, "expected True for a new id, got False; a new id is a new request"),
        (refusing(lambda it: it["id"][:0]), "a new id is a new request"),
        (instead(False, True), "got False; a new id is a new request"),
        (instead(1, 0), "expected True for a new id, got 1; answer True or False"),
        (instead("True", "False"), "got 'True'; answer True or False"),
        (instead(True, 0), "got 0; answer True or False, and False to what was sent before"),
        (instead(True, None), "got None; answer True or False, and False to what was sent before"),
        (instead(None, False), "expected an answer, got None for ({'id': "),
        (instead({"a1"}, False), "got {'a1'}; answer True or False"),
        (prints, "returned None: "),
    ],
)
def test_6_6_who_can_be_replayed_is_told_how_each_time(
    capsys: pytest.CaptureFixture[str], wrong: Accept, word: str
) -> None:
    kept: list[Request] = []  # or `id` would meet the same place in memory again
    for _ in range(RUNS):
        printed = said(capsys, "6.6", lambda it: kept.append(it) or wrong(it))
        assert printed.startswith("6.6 not yet: expected ")
        assert word in printed


def test_6_6_who_trusts_nobody_any_more_after_a_replay_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    printed = said(capsys, "6.6", never_again())
    assert printed.startswith("6.6 not yet: expected True for a new request, got False; ")
    assert "after a replay, honest ones still come" in printed


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (lambda request: request.id, "AttributeError: 'dict' object has no attribute 'id'"),
        (lambda request: request["number"], "KeyError: 'number'"),
        (refusing(hash), "TypeError: unhashable type: 'dict'"),
        (lambda: True, "TypeError"),
    ],
)
def test_6_6_an_exception_is_named(
    capsys: pytest.CaptureFixture[str], wrong: object, word: str
) -> None:
    printed = said_of_code(capsys, "6.6", wrong)
    assert printed.startswith("6.6 not yet: expected an answer, got ")
    assert word in printed
