"""Private files: for their owner alone from the first moment, and complete or not there at all."""

import errno
import os
import stat
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from vocabulary import a_public_folder, as_nobody, mode

from securedata import private_file
from securedata.errors import KeyFileError
from securedata.private_file import locked


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    private_file.write(path, b"old content")
    return path


@pytest.fixture(params=[0, 0o777], ids=["open umask", "closed umask"])
def extreme_umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def test_leftovers_of_killed_writes_are_removed_and_nothing_else_is(secret: Path) -> None:
    kept = {"secret", ".secret.bak", ".secret.old.tmp", "secret.tmp", ".other.12345678.tmp"}
    for name in (".secret.12345678.tmp", ".secret.abcd_xyz.tmp", *kept):
        secret.with_name(name).touch()
    private_file.write(secret, b"new content")
    assert {it.name for it in secret.parent.iterdir()} == kept


@pytest.mark.usefixtures("extreme_umask")
def test_a_file_has_its_mode_whatever_the_umask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    real = os.fdopen

    def watched(descriptor: int, how: str) -> object:
        status = os.fstat(descriptor)
        seen.append((stat.S_IMODE(status.st_mode), status.st_size))
        return real(descriptor, how)

    monkeypatch.setattr(os, "fdopen", watched)
    private_file.write(tmp_path / "secret", b"content")
    private_file.write(tmp_path / "public", b"content", private_file.PUBLIC)
    assert (mode(tmp_path / "secret"), mode(tmp_path / "public")) == (0o600, 0o644)
    # Before anything is in it, it is never open to more people than afterwards.
    assert [size for _, size in seen] == [0, 0]
    assert not any(before & 0o077 for before, _ in seen)


def test_new_folders_are_private_and_an_old_one_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    before = os.umask(0)
    private_file.write(tmp_path / "upper" / "lower" / "secret", b"content")
    os.umask(before)
    folders = (tmp_path, tmp_path / "upper", tmp_path / "upper" / "lower")
    assert [mode(folder) for folder in folders] == [0o755, 0o700, 0o700]


@pytest.mark.parametrize(
    ("step", "number", "words"),
    [
        ("fsync", errno.ENOSPC, "No space left"),
        ("replace", errno.ENOSPC, "No space left"),
        ("replace", errno.EBUSY, ".*: mount its folder, not the file alone"),  # only root can mount
    ],
)
def test_a_write_that_fails_leaves_the_old_content_and_nothing_else(
    secret: Path, monkeypatch: pytest.MonkeyPatch, step: str, number: int, words: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as now:
        now.setattr(os, step, fail)
        assert_is_refused(secret, "written", words)
    assert private_file.read(secret) == b"old content"
    assert [it.name for it in secret.parent.iterdir()] == ["secret"]


def test_the_content_is_on_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)

        def noted(*arguments: object, name: str = name, real: object = real) -> None:
            steps.append(name)
            real(*arguments)  # type: ignore[operator]

        monkeypatch.setattr(os, name, noted)
    private_file.write(tmp_path / "secret", b"content")
    assert steps == ["fsync", "replace", "fsync"]  # the file, its name, the folder


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions")
@pytest.mark.parametrize("bit", [0o040, 0o020, 0o010, 0o004, 0o002, 0o001])
def test_a_file_that_is_open_to_others_is_refused_with_the_next_step(
    secret: Path, bit: int
) -> None:
    for private in (0o400, 0o700, 0o600):
        secret.chmod(private)
        assert private_file.read(secret) == b"old content"
    secret.chmod(0o600 | bit)
    words = f"can be read by others: run chmod 600 {secret}"
    with pytest.raises(KeyFileError, match=f"{secret} {words}"):
        private_file.read(secret)
    secret.with_name("link").symlink_to(secret)  # a link is judged by the file that it leads to
    with pytest.raises(KeyFileError, match="by others"):
        private_file.read(secret.with_name("link"))
    private_file.write(secret, b"new")
    assert mode(secret) == 0o600


@pytest.mark.skipif(os.name != "posix", reason="Windows has no owners of this kind")
def test_a_file_of_another_user_is_refused_and_one_of_root_is_not(
    secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fstat

    def read_as(user: int, owner: int) -> bytes:
        def status(descriptor: int) -> os.stat_result:
            values = list(real(descriptor))
            values[4] = owner
            return os.stat_result(values)

        with monkeypatch.context() as now:
            now.setattr(os, "geteuid", lambda: user)
            now.setattr(os, "fstat", status)
            return private_file.read(secret)

    for user, owner in ((1000, 0), (1000, 1000), (0, 0)):
        assert read_as(user, owner) == b"old content"
    for user, owner in ((1000, 1001), (0, 1000)):
        with pytest.raises(KeyFileError, match=f"another user, .* run chown {user} {secret}"):
            read_as(user, owner)


def test_a_platform_without_users_reads_what_it_can(
    secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret.chmod(0o666)  # as Windows shows every file
    monkeypatch.delattr(os, "geteuid")
    assert private_file.read(secret) == b"old content"


ATTEMPTS: dict[str, Callable[[Path], object]] = {
    "read": lambda path: private_file.read(path, private_file.PUBLIC),
    "written": lambda path: private_file.write(path, b"content"),
    "reached": private_file.exists,
}


def assert_is_refused(path: Path, how: str, reason: str = "") -> None:
    with pytest.raises(KeyFileError, match=f"{path} cannot be {how}: {reason}"):
        ATTEMPTS[how](path)


def test_an_unusable_path_is_named_and_its_existence_never_guessed(secret: Path) -> None:
    folder = secret.parent / "folder"
    (folder / "inside").mkdir(parents=True)
    assert_is_refused(secret.with_name("none"), "read", "No such file")
    assert_is_refused(folder, "read", "Is a directory")
    assert_is_refused(folder, "written")
    assert_is_refused(secret / "inside", "written")
    assert private_file.exists(secret)
    for missing in (secret.with_name("none"), secret.with_name("none") / "it", secret / "it"):
        assert not private_file.exists(missing)


@pytest.mark.skipif(os.name != "posix", reason="Windows needs a right for links")
def test_a_link_stays_and_the_file_that_it_leads_to_is_locked_and_replaced(secret: Path) -> None:
    link = secret.with_name("upper") / "link"
    link.parent.mkdir()
    link.symlink_to("../secret")
    with private_file.locked(link) as place:
        assert place == secret
        assert secret.with_name(".secret.lock").exists()
        private_file.write(place, b"new content")
    assert private_file.read(secret) == b"new content"
    assert [it.name for it in link.parent.iterdir() if it.is_symlink()] == ["link"]


@pytest.mark.skipif(os.name != "posix", reason="Windows needs a right for links")
def test_a_circle_of_links_is_a_sentence(secret: Path) -> None:
    one, other = secret.with_name("one"), secret.with_name("other")
    one.symlink_to(other)
    other.symlink_to(one)
    for how in ("reached", "read"):
        assert_is_refused(one, how, "Too many levels of symbolic links")
    with pytest.raises(KeyFileError, match=f"{one} cannot be reached: Too many"), locked(one):
        pass


@pytest.mark.skipif(os.name != "posix", reason="Windows has no owners of this kind")
@pytest.mark.parametrize("named", ["link", "chain", "link/made"])
def test_a_link_of_another_user_is_not_followed_for_a_change(
    secret: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    """Also if another link, or a folder, leads to it."""
    link, path = secret.with_name("link"), secret.parent / named
    link.symlink_to("." if "/" in named else "made")
    secret.with_name("chain").symlink_to("link")
    real = Path.lstat

    def of_another(path: Path) -> os.stat_result:
        values = list(real(path))
        values[4] += path.name == link.name
        return os.stat_result(values)

    monkeypatch.setattr(Path, "lstat", of_another)
    words = "link belongs to another user.*chown -h .*link"
    with pytest.raises(KeyFileError, match=words), locked(path):
        pass
    assert not secret.with_name(".made.lock").exists()


@pytest.mark.serial
def test_a_link_that_is_changed_while_a_lock_is_waited_for_is_followed_anew(secret: Path) -> None:
    moved = secret.with_name("moved")
    with ThreadPoolExecutor() as pool, locked(secret):
        place = pool.submit(place_when_locked, secret)
        while not place.running():
            time.sleep(0.01)
        time.sleep(0.2)  # it waits
        secret.rename(moved)
        secret.symlink_to("moved")
    assert place.result() == moved.resolve()


def place_when_locked(path: Path) -> Path:
    with locked(path) as place:
        return place


def test_a_file_with_a_second_name_is_read_and_not_replaced(secret: Path) -> None:
    second = secret.with_name("second")
    second.hardlink_to(secret)
    assert private_file.read(secret) == b"old content"
    for name in (secret, second):
        assert_is_refused(name, "written", "it has another hard link")
    assert second.samefile(secret)
    second.unlink()
    private_file.write(secret, b"new content")


@pytest.mark.skipif(os.name != "posix", reason="Windows has no FIFO and no /dev/zero")
def test_a_fifo_a_device_and_a_huge_file_are_refused_at_once(secret: Path) -> None:
    fifo, device, huge = (secret.with_name(name) for name in ("fifo", "device", "huge"))
    os.mkfifo(fifo, 0o600)
    device.symlink_to("/dev/zero")
    with huge.open("wb") as file:
        file.truncate(private_file.MAX_BYTES + 1)
    huge.chmod(0o600)
    assert_is_refused(fifo, "read", "it is not a regular file")
    assert_is_refused(device, "read", "it is not a regular file")
    assert_is_refused(huge, "read", "it is over 16777216 bytes")
    with pytest.raises(KeyFileError, match="written: it would be over"):
        private_file.write(secret, bytes(private_file.MAX_BYTES + 1))
    assert private_file.read(secret) == b"old content"


def test_a_closed_file_or_folder_is_named_with_the_reason() -> None:
    with a_public_folder() as folder:
        path = folder / "secret"
        private_file.write(path, b"content")
        path.chmod(0o000)
        folder.chmod(0o555)
        with as_nobody():
            assert_is_refused(path, "read", "Permission")
            assert_is_refused(path, "written", "Permission")
            with pytest.raises(KeyFileError, match="written: Permission"), locked(path):
                pass
        folder.chmod(0o000)
        with as_nobody():
            assert_is_refused(path, "reached", "Permission")
        folder.chmod(0o755)


def test_the_stamp_of_a_file_changes_with_it(secret: Path) -> None:
    before = private_file.stamp(secret)
    private_file.write(secret, b"x" * before[2])
    os.utime(secret, ns=(before[3], before[3]))  # size and time are the same
    assert private_file.stamp(secret) != before
    with pytest.raises(KeyFileError, match=f"{secret}.none cannot be read: No such file"):
        private_file.stamp(secret.with_name(f"{secret.name}.none"))
