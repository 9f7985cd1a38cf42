"""The certificates on disk: ours are made, kept, renewed and healed; a user's own are used."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from vocabulary import (
    ROOT,
    a_leaf,
    a_public_folder,
    as_nobody,
    flipped,
    handshake,
    mode,
)

from securedata import CertificateAuthority, Leaf, client_context, server_context
from securedata.certificates import authority
from securedata.certificates.folder import ServerCertificate, open_folder, open_pair
from securedata.certificates.issuing import LOCALHOST_NAMES
from securedata.errors import CertificateError, KeyFileError, SecureDataError

OURS = ("ca.pem", "ca-key.pem", "localhost.pem", "localhost-key.pem")
LEAF = OURS[2:]
REPLACED = ("replaced-ca.pem", "replaced-ca-key.pem")
GOOD = a_leaf("localhost")


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("latin-1") for path in folder.iterdir()}


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {name for name in after if before.get(name) != after[name]}


def assert_serves(folder: Path) -> ServerCertificate:
    """Open the folder. Its four files belong together, and a client accepts the server."""
    certificate, on_disk = open_folder(folder), contents(folder)
    ca = CertificateAuthority.from_pem(on_disk["ca.pem"], on_disk["ca-key.pem"])
    leaf = Leaf.from_pem(on_disk["localhost.pem"], on_disk["localhost-key.pem"])
    assert certificate == ServerCertificate(leaf, folder / "ca.pem", True)
    assert ca.has_issued(leaf)
    handshake(client_context(on_disk["ca.pem"]), server_context(leaf))
    return certificate


def write_own(folder: Path, leaf: Leaf = GOOD) -> None:
    """Put a user's own pair into the folder."""
    (folder / "cert.pem").write_text(leaf.chain_pem)
    (folder / "key.pem").touch(mode=0o600)
    (folder / "key.pem").write_text(leaf.private_key_pem)


# Ours.


def test_a_ca_and_a_leaf_are_made_on_first_use_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "certs"
    certificate = assert_serves(folder)
    before = contents(folder)
    assert set(before) == {*OURS, ".ca-key.pem.lock"}
    assert certificate.leaf.names == LOCALHOST_NAMES
    assert open_folder(folder) == certificate
    assert contents(folder) == before


def test_servers_that_start_at_once_have_one_ca_and_one_leaf(tmp_path: Path) -> None:
    ready = threading.Barrier(4)

    def start(number: int) -> ServerCertificate:
        ready.wait()
        return open_folder(tmp_path)

    with ThreadPoolExecutor(4) as pool:
        started = list(pool.map(start, range(4)))
    assert started == [assert_serves(tmp_path)] * 4


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
def test_keys_are_private_and_certificates_public_whatever_the_umask(tmp_path: Path) -> None:
    open_folder(tmp_path / "certs")
    assert mode(tmp_path / "certs") == 0o700
    modes = {name: mode(tmp_path / "certs" / name) for name in OURS}
    assert modes == {
        "ca.pem": 0o644,
        "ca-key.pem": 0o600,
        "localhost.pem": 0o644,
        "localhost-key.pem": 0o600,
    }


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("name", OURS)
def test_nothing_is_written_through_a_symbolic_link(
    tmp_path: Path, name: str, exists: bool
) -> None:
    target = tmp_path / "target"
    if exists:
        target.touch(mode=0o600)
    (tmp_path / "certs").mkdir()
    (tmp_path / "certs" / name).symlink_to(target)
    with pytest.raises(CertificateError, match=f"{name} is a symbolic link.*remove it"):
        open_folder(tmp_path / "certs")
    assert target.exists() == exists
    assert not exists or target.read_bytes() == b""


@pytest.mark.parametrize(
    ("constant", "days", "renewed"),
    [
        ("LEAF_LIFETIME_DAYS", 29, LEAF),
        ("LEAF_LIFETIME_DAYS", 32, ()),
        ("CA_LIFETIME_DAYS", 29, (*OURS, *REPLACED)),
        ("CA_LIFETIME_DAYS", 32, ()),
        ("CLOCK_SKEW_DAYS", -1, (*OURS, *REPLACED)),  # its time begins tomorrow
    ],
)
def test_what_nears_its_end_or_is_not_valid_yet_is_renewed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    constant: str,
    days: int,
    renewed: tuple[str, ...],
) -> None:
    with monkeypatch.context() as then:
        then.setattr(authority, constant, days)
        open_folder(tmp_path)
    before = contents(tmp_path)
    assert_serves(tmp_path)
    after = contents(tmp_path)
    assert changed(before, after) == set(renewed)
    for name in set(REPLACED) & set(renewed):
        assert after[name] == before[name.removeprefix("replaced-")]


def test_a_ca_of_version_0_1_0_is_kept(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tests" / "old_data" / "certs", tmp_path, dirs_exist_ok=True)
    (tmp_path / "ca-key.pem").chmod(0o600)  # git does not keep that a file is private
    before = contents(tmp_path)
    assert_serves(tmp_path)
    assert changed(before, contents(tmp_path)) == {*LEAF, ".ca-key.pem.lock"}


def empty(path: Path) -> None:
    path.write_text("")


def truncate(path: Path) -> None:
    path.write_text(path.read_text()[:100])


def garble(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\0")


@pytest.mark.parametrize("spoil", [Path.unlink, empty, truncate, garble])
@pytest.mark.parametrize("name", OURS)
def test_a_half_written_pair_heals(
    tmp_path: Path, name: str, spoil: Callable[[Path], None]
) -> None:
    open_folder(tmp_path)
    spoil(tmp_path / name)
    assert_serves(tmp_path)


@pytest.mark.thorough
@pytest.mark.parametrize("name", OURS)
def test_any_flipped_bit_heals(tmp_path: Path, name: str) -> None:
    open_folder(tmp_path)
    intact = {file: (tmp_path / file).read_bytes() for file in OURS}
    for bit in range(0, 8 * len(intact[name]), 37):
        for file in OURS:
            (tmp_path / file).write_bytes(intact[file])
        (tmp_path / name).write_bytes(flipped(intact[name], bit))
        assert_serves(tmp_path)


@pytest.mark.parametrize("names", [*((name,) for name in OURS), LEAF])
def test_files_of_another_folder_are_replaced(tmp_path: Path, names: tuple[str, ...]) -> None:
    for folder in ("one", "other"):
        open_folder(tmp_path / folder)
    for name in names:
        (tmp_path / "one" / name).write_text((tmp_path / "other" / name).read_text())
    assert_serves(tmp_path / "one")


def test_an_expired_leaf_and_a_leaf_in_place_of_the_ca_are_replaced(tmp_path: Path) -> None:
    open_folder(tmp_path)
    on_disk = contents(tmp_path)
    ca = CertificateAuthority.from_pem(on_disk["ca.pem"], on_disk["ca-key.pem"])
    expired = a_leaf("localhost", ca=ca, days=(-9, -1))
    (tmp_path / "localhost.pem").write_text(expired.chain_pem)
    (tmp_path / "localhost-key.pem").write_text(expired.private_key_pem)
    assert_serves(tmp_path)
    (tmp_path / "ca.pem").write_text(on_disk["localhost.pem"])
    (tmp_path / "ca-key.pem").write_text(on_disk["localhost-key.pem"])
    assert_serves(tmp_path)


@pytest.mark.parametrize("name", ["ca-key.pem", "localhost-key.pem", "key.pem"])
def test_a_key_that_others_can_read_stops_the_start(tmp_path: Path, name: str) -> None:
    open_folder(tmp_path)
    if name == "key.pem":
        write_own(tmp_path)
    before = contents(tmp_path)
    (tmp_path / name).chmod(0o640)
    with pytest.raises(KeyFileError, match=rf"{name} can be read by others: run chmod .*{name}"):
        open_folder(tmp_path)
    assert contents(tmp_path) == before


def test_a_folder_that_is_closed_is_named() -> None:
    with a_public_folder() as folder:
        folder.chmod(0o555)
        certs = folder / "certs"
        with as_nobody(), pytest.raises(KeyFileError, match=f"{certs}/ca-key.pem cannot be"):
            open_folder(certs)
        folder.chmod(0o755)
        certs.mkdir(mode=0o000)  # as an earlier run with sudo leaves it
        with as_nobody(), pytest.raises(SecureDataError, match=str(certs)):
            open_folder(certs)


# A user's own.


def test_a_users_own_pair_is_used_and_nothing_is_made(tmp_path: Path) -> None:
    ca = CertificateAuthority.create("Somebody's CA")
    made = a_leaf("localhost", "my-laptop.example", ca=ca)
    own = Leaf(made.chain_pem + ca.certificate_pem, made.private_key_pem)
    write_own(tmp_path, own)
    expected = ServerCertificate(own, tmp_path / "cert.pem", is_ours=False)
    assert open_folder(tmp_path) == expected
    assert open_pair(tmp_path / "cert.pem", tmp_path / "key.pem") == expected
    assert set(contents(tmp_path)) == {"cert.pem", "key.pem"}


@pytest.mark.parametrize("spoil", [Path.unlink, empty, truncate, garble])
@pytest.mark.parametrize("name", ["cert.pem", "key.pem"])
def test_a_users_pair_that_cannot_serve_is_named_with_the_next_step(
    tmp_path: Path, name: str, spoil: Callable[[Path], None]
) -> None:
    write_own(tmp_path)
    spoil(tmp_path / name)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(CertificateError, match=rf"{tmp_path}/{name}.*\. Make a new pair, or take"):
        open_folder(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", ["cert.pem", "key.pem"])
def test_a_flipped_bit_in_a_users_file_is_named_or_left_to_the_clients(
    tmp_path: Path, name: str
) -> None:
    write_own(tmp_path)
    intact = (tmp_path / name).read_bytes()
    for bit in range(0, 8 * len(intact), 7):
        spoiled = flipped(intact, bit)
        (tmp_path / name).write_bytes(spoiled)
        with suppress(CertificateError):  # any other error would be a traceback
            certificate = open_folder(tmp_path)
            assert server_context(certificate.leaf)
            assert len(certificate.leaf.names) <= 1
        assert (tmp_path / name).read_bytes() == spoiled


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no FIFOs and no devices")
@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_a_fifo_and_a_device_in_the_place_of_a_certificate_are_not_waited_for(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    open_folder(tmp_path)
    (tmp_path / "localhost.pem").unlink()
    make(tmp_path / "localhost.pem")
    if (tmp_path / "localhost.pem").is_fifo():
        open_folder(tmp_path)
        assert (tmp_path / "localhost.pem").is_file()  # ours is made again
    else:
        with pytest.raises(CertificateError, match="is a symbolic link"):
            open_folder(tmp_path)
    make(tmp_path / "cert.pem")
    with pytest.raises(CertificateError, match=r"cert\.pem cannot be read: it is not a regular"):
        open_pair(tmp_path / "cert.pem", tmp_path / "localhost-key.pem")
