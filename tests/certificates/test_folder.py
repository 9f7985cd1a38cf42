"""The certificates on disk: made, kept, renewed and healed; or a user's own, told plainly apart."""

import shlex
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from vocabulary import a_leaf, a_public_folder, as_nobody, flipped, mode, openssl

from securedata import CertificateAuthority, Leaf, client_context, server_context
from securedata.certificates import authority
from securedata.certificates.folder import ServerCertificate, open_folder, open_pair
from securedata.certificates.issuing import LOCALHOST_NAMES
from securedata.cli.serve_command import CERTIFICATE_COMMAND
from securedata.errors import CertificateError, KeyFileError, SecureDataError

OURS = ("ca.pem", "ca-key.pem", "localhost.pem", "localhost-key.pem")


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {name for name in after if before.get(name) != after[name]}


def the_leaf_fits_its_ca(certificate: ServerCertificate, folder: Path) -> bool:
    """Whether the four files on disk belong together, and are what was given back."""
    on_disk = contents(folder)
    ca = CertificateAuthority.from_pem(on_disk["ca.pem"], on_disk["ca-key.pem"])
    leaf = Leaf.from_pem(on_disk["localhost.pem"], on_disk["localhost-key.pem"])
    return certificate == ServerCertificate(leaf, folder / "ca.pem", True) and ca.has_issued(leaf)


def write_own(folder: Path, chain_pem: str, private_key_pem: str) -> None:
    """Put a user's own pair into the folder."""
    (folder / "cert.pem").write_text(chain_pem)
    (folder / "key.pem").touch(mode=0o600)
    (folder / "key.pem").write_text(private_key_pem)


def encrypted(leaf: Leaf) -> str:
    """The leaf's key as `openssl req` writes it without -nodes."""
    key = serialization.load_pem_private_key(leaf.private_key_pem.encode(), None)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"passphrase"),
    ).decode()


def delete(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_text("")


def truncate(path: Path) -> None:
    path.write_text(path.read_text()[:100])


def garble(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\0")


def test_a_ca_and_a_leaf_are_made_on_first_use(tmp_path: Path) -> None:
    certificate = open_folder(tmp_path / "certs")
    assert the_leaf_fits_its_ca(certificate, tmp_path / "certs")
    assert set(contents(tmp_path / "certs")) == {*OURS, ".ca-key.pem.lock"}
    assert certificate.leaf.names == LOCALHOST_NAMES


def test_servers_that_start_at_once_have_one_ca_and_one_leaf(tmp_path: Path) -> None:
    ready = threading.Barrier(4)

    def start(number: int) -> ServerCertificate:
        ready.wait()
        return open_folder(tmp_path)

    with ThreadPoolExecutor(4) as pool:
        started = list(pool.map(start, range(4)))
    assert all(the_leaf_fits_its_ca(certificate, tmp_path) for certificate in started)


def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    open_folder(tmp_path / "certs")
    assert mode(tmp_path / "certs") == 0o700
    assert mode(tmp_path / "certs" / "ca-key.pem") == 0o600
    assert mode(tmp_path / "certs" / "localhost-key.pem") == 0o600


def test_what_was_made_is_kept(tmp_path: Path) -> None:
    first = open_folder(tmp_path)
    before = contents(tmp_path)
    assert open_folder(tmp_path) == first
    assert contents(tmp_path) == before


@pytest.mark.parametrize(("days", "renewed"), [(29, True), (32, False)])
def test_a_leaf_near_its_end_is_renewed_under_the_same_ca(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, renewed: bool
) -> None:
    with monkeypatch.context() as then:
        then.setattr(authority, "LEAF_LIFETIME_DAYS", days)
        open_folder(tmp_path)
    before = contents(tmp_path)
    certificate = open_folder(tmp_path)
    assert the_leaf_fits_its_ca(certificate, tmp_path)
    expected = {"localhost.pem", "localhost-key.pem"} if renewed else set()
    assert changed(before, contents(tmp_path)) == expected
    assert round(certificate.leaf.days_left) == (90 if renewed else days)


@pytest.mark.parametrize(("days", "renewed"), [(29, True), (32, False)])
def test_a_ca_near_its_end_is_renewed_and_so_is_its_leaf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, renewed: bool
) -> None:
    with monkeypatch.context() as then:
        then.setattr(authority, "CA_LIFETIME_DAYS", days)
        open_folder(tmp_path)
    before = contents(tmp_path)
    certificate = open_folder(tmp_path)
    assert the_leaf_fits_its_ca(certificate, tmp_path)
    assert changed(before, contents(tmp_path)) == (set(OURS) if renewed else set())


def test_a_ca_that_is_not_valid_yet_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as then:
        then.setattr(authority, "CLOCK_SKEW_DAYS", -1)  # its time begins tomorrow
        open_folder(tmp_path)
    before = contents(tmp_path)
    assert_hands_are_shaken(open_folder(tmp_path))
    assert changed(before, contents(tmp_path)) == set(OURS)


def test_an_expired_leaf_of_ours_is_renewed(tmp_path: Path) -> None:
    open_folder(tmp_path)
    on_disk = contents(tmp_path)
    ca = CertificateAuthority.from_pem(on_disk["ca.pem"], on_disk["ca-key.pem"])
    expired = a_leaf("localhost", ca=ca, days=(-9, -1))
    (tmp_path / "localhost.pem").write_text(expired.chain_pem)
    (tmp_path / "localhost-key.pem").write_text(expired.private_key_pem)
    assert the_leaf_fits_its_ca(open_folder(tmp_path), tmp_path)


@pytest.mark.parametrize("spoil", [delete, empty, truncate, garble])
@pytest.mark.parametrize("name", OURS)
def test_a_half_written_pair_heals(
    tmp_path: Path, name: str, spoil: Callable[[Path], None]
) -> None:
    open_folder(tmp_path)
    spoil(tmp_path / name)
    assert the_leaf_fits_its_ca(open_folder(tmp_path), tmp_path)


def assert_hands_are_shaken(certificate: ServerCertificate) -> None:
    """Whether a client that trusts the file is content with the server."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context(certificate.ca_file.read_text()).wrap_bio(
        to_client, to_server, server_hostname="localhost"
    )
    server = server_context(certificate.leaf).wrap_bio(to_server, to_client, server_side=True)
    with suppress(ssl.SSLWantReadError):
        client.do_handshake()
    with suppress(ssl.SSLWantReadError):
        server.do_handshake()
    client.do_handshake()
    server.do_handshake()


@pytest.mark.thorough
@pytest.mark.parametrize("name", OURS)
def test_any_flipped_bit_heals(tmp_path: Path, name: str) -> None:
    open_folder(tmp_path)
    intact = {file: (tmp_path / file).read_bytes() for file in OURS}
    for bit in range(0, 8 * len(intact[name]), 37):
        for file in OURS:
            (tmp_path / file).write_bytes(intact[file])
        (tmp_path / name).write_bytes(flipped(intact[name], bit))
        certificate = open_folder(tmp_path)
        assert the_leaf_fits_its_ca(certificate, tmp_path)
        assert_hands_are_shaken(certificate)


@pytest.mark.parametrize("name", OURS)
def test_a_mixture_of_two_folders_heals(tmp_path: Path, name: str) -> None:
    for folder in ("one", "other"):
        open_folder(tmp_path / folder)
    (tmp_path / "one" / name).write_text((tmp_path / "other" / name).read_text())
    assert the_leaf_fits_its_ca(open_folder(tmp_path / "one"), tmp_path / "one")


def test_a_whole_leaf_of_another_ca_is_replaced(tmp_path: Path) -> None:
    for folder in ("one", "other"):
        open_folder(tmp_path / folder)
    for name in ("localhost.pem", "localhost-key.pem"):
        (tmp_path / "one" / name).write_text((tmp_path / "other" / name).read_text())
    assert the_leaf_fits_its_ca(open_folder(tmp_path / "one"), tmp_path / "one")


def test_a_leaf_in_the_place_of_the_ca_is_replaced(tmp_path: Path) -> None:
    open_folder(tmp_path)
    on_disk = contents(tmp_path)
    (tmp_path / "ca.pem").write_text(on_disk["localhost.pem"])
    (tmp_path / "ca-key.pem").write_text(on_disk["localhost-key.pem"])
    open_folder(tmp_path)
    assert (tmp_path / "ca.pem").read_text() != on_disk["localhost.pem"]


@pytest.mark.parametrize("name", ["ca-key.pem", "localhost-key.pem"])
def test_a_key_of_ours_that_others_can_read_stops_the_start(tmp_path: Path, name: str) -> None:
    open_folder(tmp_path)
    before = contents(tmp_path)
    (tmp_path / name).chmod(0o644)
    with pytest.raises(
        KeyFileError, match=rf"{name} can be read by others: run chmod 600 .*{name}"
    ):
        open_folder(tmp_path)
    assert contents(tmp_path) == before


def test_a_folder_that_cannot_be_written_is_named() -> None:
    with a_public_folder() as folder:
        folder.chmod(0o555)
        with (
            as_nobody(),
            pytest.raises(KeyFileError, match=f"{folder}/ca-key.pem cannot be written"),
        ):
            open_folder(folder)
        folder.chmod(0o755)


def test_a_folder_that_cannot_be_entered_is_named() -> None:
    # An earlier run with sudo leaves such a folder.
    with a_public_folder() as folder:
        certs = folder / "certs"
        certs.mkdir(mode=0o000)
        with as_nobody(), pytest.raises(SecureDataError, match=str(certs)):
            open_folder(certs)


def test_a_users_own_pair_is_used_and_nothing_is_made(tmp_path: Path) -> None:
    own = a_leaf("localhost", "my-laptop.example")
    write_own(tmp_path, own.chain_pem, own.private_key_pem)
    certificate = open_folder(tmp_path)
    assert certificate == ServerCertificate(own, tmp_path / "cert.pem", is_ours=False)
    assert set(contents(tmp_path)) == {"cert.pem", "key.pem"}


def test_a_users_pair_may_lie_anywhere_and_bring_its_chain(tmp_path: Path) -> None:
    ca = CertificateAuthority.create("Somebody's CA")
    own = a_leaf("localhost", ca=ca)
    write_own(tmp_path, own.chain_pem + ca.certificate_pem, own.private_key_pem)
    certificate = open_pair(tmp_path / "cert.pem", tmp_path / "key.pem")
    assert certificate.leaf.chain_pem.count("BEGIN CERTIFICATE") == 2
    assert certificate.leaf.names == ("localhost",)


def test_the_openssl_command_that_the_kit_prints_makes_a_pair_that_it_takes(tmp_path: Path) -> None:
    (tmp_path / "certs").mkdir()
    made = openssl(*shlex.split(CERTIFICATE_COMMAND)[1:], cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    certificate = open_folder(tmp_path / "certs")
    assert not certificate.is_ours
    assert certificate.leaf.names == ("localhost", "127.0.0.1")


def test_a_pair_of_openssl_without_a_san_is_taken_and_has_no_names(tmp_path: Path) -> None:
    command = "req -x509 -newkey rsa:2048 -nodes -days 365 -keyout key.pem -out cert.pem"
    made = openssl(*command.split(), "-subj", "/CN=localhost", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert open_folder(tmp_path).leaf.names == ()


# A pair on secp112r1, a curve that `cryptography` does not have; any owner may have one like it.
ODD_CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBJTCB8KADAgECAhQOaC0JGb7Dc5QhQutnJsppWDPOgTAKBggqhkjOPQQDAjAN
MQswCQYDVQQDDAJtZTAgFw0yNjExMjUwMTI2MTFaGA8yMTI2MTEwMTAxMjYxMVow
DTELMAkGA1UEAwwCbWUwMjAQBgcqhkjOPQIBBgUrgQQABgMeAAS+nvy+7sta1bJx
+sVcpn4weZVqwfdjUfZp8QRCo1MwUTAdBgNVHQ4EFgQUERCXeherQGn7hD+iEoKQ
uSSAgt0wHwYDVR0jBBgwFoAUERCXeherQGn7hD+iEoKQuSSAgt0wDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgMkADAhAg8AlIZxR+y4GkA2J9rBOCcCDiEwRHR8
uCdh4zd17ink
-----END CERTIFICATE-----
"""
ODD_KEY = """\
-----BEGIN PRIVATE KEY-----
ME4CAQAwEAYHKoZIzj0CAQYFK4EEAAYENzA1AgEBBA5Nia5z3VUhL2AWFPkKZqEg
Ax4ABL6e/L7uy1rVsnH6xVymfjB5lWrB92NR9mnxBEI=
-----END PRIVATE KEY-----
"""
GOOD, STRANGER = a_leaf("localhost"), a_leaf("localhost")
EXPIRED, EARLY = a_leaf("localhost", days=(-9, -1)), a_leaf("localhost", days=(1, 9))


@pytest.mark.parametrize(
    ("chain_pem", "private_key_pem", "reason"),
    [
        (EXPIRED.chain_pem, EXPIRED.private_key_pem, "expired on 20"),
        (EARLY.chain_pem, EARLY.private_key_pem, "not valid before 20"),
        (GOOD.chain_pem, STRANGER.private_key_pem, "does not belong to the certificate"),
        (GOOD.chain_pem, encrypted(GOOD), "passphrase: make one with openssl's -nodes"),
        (GOOD.chain_pem, "garbage", "not a private key in PEM"),
        (GOOD.chain_pem, "", "not a private key in PEM"),
        ("garbage", GOOD.private_key_pem, "not a certificate in PEM"),
        ("", GOOD.private_key_pem, "not a certificate in PEM"),
        (GOOD.private_key_pem, GOOD.chain_pem, "not a certificate in PEM"),
        (GOOD.chain_pem[:200], GOOD.private_key_pem, "not a certificate in PEM"),
        (ODD_CERTIFICATE, GOOD.private_key_pem, "certificate"),
        (GOOD.chain_pem, ODD_KEY, "private key"),
    ],
    ids=[
        "expired",
        "not yet valid",
        "mismatched",
        "encrypted key",
        "garbage key",
        "empty key",
        "garbage certificate",
        "empty certificate",
        "swapped",
        "truncated certificate",
        "odd certificate",
        "odd key",
    ],
)
def test_a_users_pair_that_cannot_serve_is_named_with_the_reason_and_the_next_step(
    tmp_path: Path, chain_pem: str, private_key_pem: str, reason: str
) -> None:
    write_own(tmp_path, chain_pem, private_key_pem)
    with pytest.raises(CertificateError, match=reason) as refusal:
        open_folder(tmp_path)
    sentence = str(refusal.value)
    assert str(tmp_path / "cert.pem") in sentence
    assert str(tmp_path / "key.pem") in sentence
    assert "Make a new pair, or take both files away" in sentence
    assert GOOD.private_key_pem[40:80] not in sentence
    assert set(contents(tmp_path)) == {"cert.pem", "key.pem"}


@pytest.mark.parametrize("name", ["cert.pem", "key.pem"])
def test_a_users_file_that_is_not_even_text_is_named(tmp_path: Path, name: str) -> None:
    write_own(tmp_path, GOOD.chain_pem, GOOD.private_key_pem)
    garble(tmp_path / name)
    with pytest.raises(CertificateError, match=name):
        open_folder(tmp_path)


@pytest.mark.parametrize("name", ["cert.pem", "key.pem"])
def test_a_flipped_bit_in_a_users_file_is_named_or_left_to_the_clients(
    tmp_path: Path, name: str
) -> None:
    write_own(tmp_path, GOOD.chain_pem, GOOD.private_key_pem)
    intact = (tmp_path / name).read_bytes()
    for bit in range(0, 8 * len(intact), 7):
        spoiled = flipped(intact, bit)
        (tmp_path / name).write_bytes(spoiled)
        with suppress(CertificateError):  # any other error would be a traceback
            certificate = open_folder(tmp_path)
            assert server_context(certificate.leaf)
            assert len(certificate.leaf.names) <= 1
        assert (tmp_path / name).read_bytes() == spoiled
    assert set(contents(tmp_path)) == {"cert.pem", "key.pem"}


def test_a_users_key_that_others_can_read_stops_the_start(tmp_path: Path) -> None:
    write_own(tmp_path, GOOD.chain_pem, GOOD.private_key_pem)
    (tmp_path / "key.pem").chmod(0o640)
    with pytest.raises(KeyFileError, match=rf"run chmod 600 {tmp_path}/key\.pem"):
        open_folder(tmp_path)


@pytest.mark.parametrize("missing", ["cert.pem", "key.pem"])
def test_one_file_of_the_two_is_refused_and_the_next_step_said(
    tmp_path: Path, missing: str
) -> None:
    write_own(tmp_path, GOOD.chain_pem, GOOD.private_key_pem)
    (tmp_path / missing).unlink()
    with pytest.raises(SecureDataError, match=rf"{tmp_path}/{missing}") as refusal:
        open_folder(tmp_path)
    assert "take both files away" in str(refusal.value)
