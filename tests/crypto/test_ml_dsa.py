"""ML-DSA-65: published vectors through our own names, and OpenSSL's second opinion."""

import textwrap
from base64 import b64encode
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

import pytest
from Crypto.PublicKey import MLDSA
from vocabulary import openssl, wycheproof

from securedata import SigningKey, VerifyingKey
from securedata.errors import FormatError, SignatureError
from securedata.record import ML_DSA_65

KEY = SigningKey.generate(ML_DSA_65)
PUBLIC = KEY.verifying_key
MESSAGE = b"attack at dawn"


def pem(der: str, label: str) -> str:
    lines = textwrap.wrap(b64encode(bytes.fromhex(der)).decode("ascii"), 64)
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def test_wycheproof_is_accepted_where_it_is_valid_without_a_context_and_nowhere_else() -> None:
    counts: Counter[str] = Counter()
    for group in wycheproof("Signature/wycheproof/mldsa_65_verify_test.json"):
        try:
            key = VerifyingKey.from_pem(pem(group["publicKeyDer"] or "00", "PUBLIC KEY"))
        except FormatError:
            assert {case["result"] for case in group["tests"]} == {"invalid"}
            counts["key refused"] += 1
            continue
        for case in group["tests"]:
            wanted = "invalid" if case.get("ctx") else case["result"]
            with pytest.raises(SignatureError) if wanted == "invalid" else nullcontext():
                key.verify(bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
            counts[wanted] += 1
    assert counts == {"valid": 77, "invalid": 129, "key refused": 4}


@pytest.mark.parametrize("form", ["seed", "noseed"])
def test_wycheproof_signatures_are_made_bit_for_bit(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = 0
    for group in wycheproof(f"Signature/wycheproof/mldsa_65_sign_{form}_test.json"):
        for case in group["tests"]:
            if case["result"] != "valid" or "msg" not in case or case.get("ctx"):
                continue
            secret = bytes.fromhex(group["privateSeed" if form == "seed" else "privateKey"])
            kind = "seed" if form == "seed" else "sk"
            key = SigningKey(MLDSA.construct(param_set=MLDSA.ML_DSA_65, **{kind: secret}))
            random = bytes.fromhex(case.get("rnd", "00" * 32))
            monkeypatch.setattr("os.urandom", lambda _, given=random: given)
            assert key.sign(bytes.fromhex(case["msg"])).hex() == case["sig"], case["comment"]
            made += 1
    assert made >= 60


@pytest.mark.parametrize("param_set", [MLDSA.ML_DSA_44, MLDSA.ML_DSA_87])
def test_the_other_sizes_are_refused_by_name(param_set: MLDSA.ParamSet) -> None:
    key = MLDSA.generate(param_set=param_set)
    for read, of in ((SigningKey.from_pem, key), (VerifyingKey.from_pem, key.public_key())):
        with pytest.raises(FormatError, match=f"must be ML-DSA-65, not {param_set.value}"):
            read(of.export_key(format="PEM"))


def test_openssl_verifies_ours_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "public.pem").write_text(PUBLIC.to_pem())
    (tmp_path / "message").write_bytes(MESSAGE)
    (tmp_path / "ours").write_bytes(KEY.sign(MESSAGE))
    made = openssl("genpkey", "-algorithm", "ML-DSA-65", "-out", "private.pem", cwd=tmp_path)
    if made.returncode:
        pytest.skip("needs OpenSSL 3.5, which has ML-DSA")
    use = ["pkeyutl", "-rawin", "-in", "message"]
    public = ["-pubin", "-inkey", "public.pem", "-sigfile", "ours"]
    assert openssl(*use, "-verify", *public, cwd=tmp_path).returncode == 0
    (tmp_path / "ours").write_bytes(KEY.sign(MESSAGE + b"."))
    assert openssl(*use, "-verify", *public, cwd=tmp_path).returncode == 1
