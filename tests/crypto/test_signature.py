"""DSA: published vectors through our own names, PEM in and out, and no secret in a text."""

from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext

import pytest
from Crypto.PublicKey import DSA
from rfc6979 import RFC6979_G, RFC6979_P, RFC6979_Q, RFC6979_SIGNATURES, RFC6979_X, number
from vocabulary import nist_vectors, whole_trace, wycheproof

from securedata import SigningKey, VerifyingKey
from securedata.crypto.dsa_parameters import G, P, Q
from securedata.errors import FormatError, SignatureError
from securedata.record import SCHEMES, Scheme

KEY = SigningKey.generate()
PUBLIC = KEY.verifying_key
MESSAGE = b"attack at dawn"
SIGNATURE = KEY.sign(MESSAGE)


def key_pem(p: int, q: int, g: int, *, y: int, x: int | None = None) -> str:
    """A key in PEM from its numbers, whatever they are."""
    numbers = (y, g, p, q) if x is None else (y, g, p, q, x)
    key = DSA.construct(numbers, consistency_check=False)
    return key.export_key(pkcs8=x is not None).decode("ascii")


def verdict(pem: str, message: bytes, signature: bytes) -> str:
    try:
        VerifyingKey.from_pem(pem).verify(message, signature)
    except FormatError:
        return "key refused"
    except SignatureError:
        return "signature refused"
    return "accepted"


# Published vectors.


def test_wycheproof_is_accepted_where_it_is_valid_and_refused_everywhere_else() -> None:
    # This file has no "acceptable" cases: with r ‖ s of fixed length there is one encoding.
    counts: Counter[str] = Counter()
    for group in wycheproof("Signature/wycheproof/dsa_2048_256_sha256_p1363_test.json"):
        key = VerifyingKey.from_pem(group["publicKeyPem"])
        for case in group["tests"]:
            with pytest.raises(SignatureError) if case["result"] == "invalid" else nullcontext():
                key.verify(bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
            counts[case["result"]] += 1
    assert counts["valid"] >= 81
    assert counts["invalid"] >= 58


def test_nist_signatures_verify_for_our_sizes_and_hash_and_for_no_other() -> None:
    counts: Counter[tuple[str, str]] = Counter()
    domain: tuple[int, int, int] = (0, 0, 0)
    for case in nist_vectors("asymmetric/DSA/FIPS_186-3/SigVer.rsp"):
        if "P" in case:
            domain = (number(case["P"]), number(case["Q"]), number(case["G"]))
            continue
        is_ours, is_good = case["mod"] == "L=2048, N=256, SHA-256", case["Result"][0] == "P"
        # One good signature of every other size and hash will do.
        if is_ours or (is_good and not any(case["mod"] == other for other, _ in counts)):
            size = domain[1].bit_length() // 8
            signature = b"".join(number(case[name]).to_bytes(size, "big") for name in "RS")
            pem = key_pem(*domain, y=number(case["Y"]))
            outcome = verdict(pem, bytes.fromhex(case["Msg"]), signature)
            assert (outcome == "accepted") == (is_ours and is_good), case
            counts[case["mod"], outcome] += 1
    outcomes = Counter(outcome for _, outcome in counts)
    assert counts["L=2048, N=256, SHA-256", "accepted"] == 7
    assert outcomes == {"accepted": 1, "signature refused": 5, "key refused": 16}


def test_rfc_6979_signatures_are_made_bit_for_bit() -> None:
    p, q, g, x = (number(digits) for digits in (RFC6979_P, RFC6979_Q, RFC6979_G, RFC6979_X))
    key = SigningKey.from_pem(key_pem(p, q, g, y=pow(g, x, p), x=x))
    for message, signature in RFC6979_SIGNATURES.items():
        assert key.sign(message).hex() == f"{number(signature):0128x}"
        key.verifying_key.verify(message, key.sign(message))


# Signatures.


def test_a_signature_of_another_length_is_refused() -> None:
    for length in (0, 1, 32, 63, 65, 128):
        with pytest.raises(SignatureError):
            PUBLIC.verify(MESSAGE, (SIGNATURE + bytes(64))[:length])


# Keys in PEM.


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=lambda scheme: scheme.name)
def test_a_key_of_the_wrong_half_is_refused(scheme: Scheme) -> None:
    key = SigningKey.generate(scheme)
    with pytest.raises(FormatError, match="give its public half"):
        VerifyingKey.from_pem(key.to_pem())
    with pytest.raises(FormatError, match="needs the private half"):
        SigningKey.from_pem(key.verifying_key.to_pem())


@pytest.mark.whole
@pytest.mark.parametrize("read", [SigningKey.from_pem, VerifyingKey.from_pem])
@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "hello",
        "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
        "-----BEGIN \ud800-----\nAAAA\n-----END \ud800-----\n",
        "-----BEGIN CERTIFICATE-----\nMAMCAQA=\n-----END CERTIFICATE-----\n",
    ],
)
def test_garbage_is_refused(read: Callable[[str], object], garbage: str) -> None:
    with pytest.raises(FormatError, match="in PEM"):
        read(garbage)


def test_a_key_of_other_sizes_is_refused_and_they_are_named() -> None:
    with pytest.raises(FormatError, match="2048/256 bits, not 1024/160"):
        SigningKey.from_pem(DSA.generate(1024).export_key().decode())


@pytest.mark.whole
@pytest.mark.parametrize("number", [0, 1, 2, P - 1, P], ids=["0", "1", "2", "p-1", "p"])
def test_a_public_number_or_generator_outside_the_subgroup_is_refused(number: int) -> None:
    # With y = 1 anybody could sign (SP 800-89, 5.3.1).
    for y, g in ((number, G), (pow(G, 5, P), number)):
        with pytest.raises(FormatError):
            VerifyingKey.from_pem(key_pem(P, Q, g, y=y))


def test_a_private_number_that_is_not_the_public_ones_is_refused() -> None:
    for x in (0, Q):
        with pytest.raises(FormatError):
            SigningKey.from_pem(key_pem(P, Q, G, y=pow(G, x, P), x=x))


# Secrets.


def test_their_printed_form_is_their_name() -> None:
    assert repr(KEY) == f"SigningKey(key_id='{KEY.key_id}')"
    assert repr(PUBLIC) == f"VerifyingKey(key_id='{KEY.key_id}')"


def test_neither_message_nor_traceback_of_a_refused_key_quotes_it() -> None:
    pem = KEY.to_pem()
    body = pem.splitlines()[1:-1]
    with pytest.raises(FormatError) as refusal:
        SigningKey.from_pem(pem.replace(body[3], body[3][::-1]))
    text = whole_trace(refusal.value)
    assert not [line for line in body if line in text]
    assert "During handling" not in text
