"""The certificates on disk: ours are made, kept and made anew; a user's own are only used."""

import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from vocabulary import (
    ROOT,
    a_leaf,
    flipped,
    handshake,
    mode,
)

from securedata import (
    CertificateAuthority,
    Leaf,
    client_context,
    private_file,
    server_context,
)
from securedata.certificates import authority
from securedata.certificates.folder import ServerCertificate, open_folder, open_pair
from securedata.certificates.issuing import LOCALHOST_NAMES
from securedata.errors import CertificateError, KeyFileError

OURS = ("ca.pem", "ca-key.pem", "localhost.pem", "localhost-key.pem")
LEAF = OURS[2:]
GOOD = a_leaf("localhost")


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8", "replace") for path in folder.iterdir()}


def assert_made_anew(folder: Path, before: dict[str, str], names: tuple[str, ...]) -> None:
    """The folder serves. These files are new, and what they were is kept; no other has changed."""
    assert_serves(folder)
    after = contents(folder)
    kept = {f"{name}.old": before[name] for name in names if name in before}
    same = {name: text for name, text in before.items() if name not in names}
    assert {name: after[name] for name in (*same, *kept)} == same | kept
    assert set(after) == {*same, *kept, *names}
    assert all(after[name] != before.get(name) for name in names)


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
    assert {path.name: mode(path) for path in folder.iterdir()} == {
        "ca.pem": 0o644,
        "ca-key.pem": 0o600,
        "localhost.pem": 0o644,
        "localhost-key.pem": 0o600,
        ".ca-key.pem.lock": 0o600,
    }
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


def test_a_server_that_starts_during_anothers_renewal_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_folder(tmp_path)
    read, key = private_file.read, tmp_path / "localhost-key.pem"

    def moved_away(path: Path, *options: int) -> bytes:
        if path == key and key.exists() and not looks:
            looks.append(path)
            raise KeyFileError(f"{path} cannot be read: No such file or directory")
        return read(path, *options)

    looks = list[Path]()
    monkeypatch.setattr(private_file, "read", moved_away)
    assert open_folder(tmp_path) == assert_serves(tmp_path)
    assert looks


@pytest.mark.parametrize(
    ("constant", "days", "renewed"),
    [
        ("LEAF_LIFETIME_DAYS", 0, LEAF),
        ("LEAF_LIFETIME_DAYS", 29, LEAF),
        ("LEAF_LIFETIME_DAYS", 32, ()),
        ("CA_LIFETIME_DAYS", 0, OURS),
        ("CA_LIFETIME_DAYS", 29, OURS),
        ("CA_LIFETIME_DAYS", 32, ()),
        ("CLOCK_SKEW_DAYS", -1, OURS),  # its time begins tomorrow
    ],
)
@pytest.mark.whole
def test_what_nears_its_end_or_is_not_valid_now_is_renewed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    constant: str,
    days: int,
    renewed: tuple[str, ...],
) -> None:
    with monkeypatch.context() as then:
        then.setattr(authority, constant, days)
        open_folder(tmp_path)
    assert_made_anew(tmp_path, contents(tmp_path), renewed)


def test_the_first_ca_is_kept_when_the_clock_is_wrong_and_then_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as then:
        then.setattr(authority, "CLOCK_SKEW_DAYS", -1)
        open_folder(tmp_path)
    first = contents(tmp_path)
    open_folder(tmp_path)  # the first begins tomorrow
    (tmp_path / "ca.pem").write_text("")  # and the second serves no more
    open_folder(tmp_path)
    kept = contents(tmp_path)
    assert [kept[f"{name}.old"] for name in OURS[:2]] == [first[name] for name in OURS[:2]]


def test_a_ca_of_version_0_1_0_is_kept(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tests" / "old_data" / "certs", tmp_path, dirs_exist_ok=True)
    (tmp_path / "ca-key.pem").chmod(0o600)  # git does not keep that a file is private
    before = contents(tmp_path)
    assert_made_anew(tmp_path, before, tuple({*LEAF, ".ca-key.pem.lock"} - set(before)))


def empty(path: Path) -> None:
    path.write_text("")


def garble(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\0")


def put_another(path: Path) -> None:
    open_folder(path.parent.with_name("another"))
    path.write_text((path.parent.with_name("another") / path.name).read_text())


@pytest.mark.parametrize(
    "spoil",
    [Path.unlink, empty, garble, put_another],
    ids=lambda it: it.__name__,
)
@pytest.mark.parametrize("name", OURS)
def test_what_does_not_load_is_made_anew_and_the_old_files_are_kept(
    tmp_path: Path, name: str, spoil: Callable[[Path], None]
) -> None:
    folder = tmp_path / "certs"
    open_folder(folder)
    spoil(folder / name)
    assert_made_anew(folder, contents(folder), LEAF if name in LEAF else OURS)


@pytest.mark.parametrize("name", OURS)
def test_a_link_is_used_and_never_replaced(tmp_path: Path, name: str) -> None:
    folder, target = tmp_path / "certs", tmp_path / "shared.pem"
    open_folder(folder)
    (folder / name).rename(target)
    (folder / name).symlink_to(target)
    assert_serves(folder)
    garble(target)
    before = contents(folder)
    with pytest.raises(KeyFileError, match=f"{folder / name} is a link, and cannot be replaced"):
        open_folder(folder)
    assert (folder / name).is_symlink()
    assert contents(folder) == before


def test_a_link_to_the_folder_has_the_same_files(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("certs")
    assert_serves(tmp_path / "link")
    (tmp_path / "certs" / "localhost.pem").unlink()
    assert open_folder(tmp_path / "link").leaf == assert_serves(tmp_path / "certs").leaf


@pytest.mark.parametrize("pair", [OURS[:2], LEAF], ids=["ca", "leaf"])
def test_a_leaf_that_our_ca_has_not_issued_is_made_anew(
    tmp_path: Path, pair: tuple[str, ...]
) -> None:
    for folder in ("one", "other"):
        open_folder(tmp_path / folder)
    for name in pair:
        shutil.copy(tmp_path / "other" / name, tmp_path / "one" / name)
    assert_made_anew(tmp_path / "one", contents(tmp_path / "one"), LEAF)


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


@pytest.mark.parametrize("spoil", [Path.unlink, empty, garble])
@pytest.mark.parametrize("name", ["cert.pem", "key.pem"])
def test_a_users_pair_that_cannot_serve_is_named_with_the_next_step(
    tmp_path: Path, name: str, spoil: Callable[[Path], None]
) -> None:
    write_own(tmp_path)
    spoil(tmp_path / name)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(CertificateError, match=rf"{tmp_path}/{name}.*\. Make a new pair; without"):
        open_folder(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # one that a flip made negative
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
