"""Private files: for their owner alone from the first moment, and whole or not there at all."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from vocabulary import a_public_folder, as_nobody, mode

from securedata import private_file
from securedata.errors import KeyFileError


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    private_file.write(path, b"old content")
    return path


@pytest.fixture
def careless_umask() -> Iterator[None]:
    """New files are open to everybody, unless whoever makes them takes care."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.parametrize("content", [b"", b"\0\xff\r\n", bytes(1_000_000)], ids=len)
def test_bytes_come_back_as_they_were_written(tmp_path: Path, content: bytes) -> None:
    private_file.write(tmp_path / "secret", content)
    assert private_file.read(tmp_path / "secret") == content


def test_writing_again_replaces_everything(secret: Path) -> None:
    private_file.write(secret, b"new")
    assert private_file.read(secret) == b"new"
    assert [it.name for it in secret.parent.iterdir()] == ["secret"]


@pytest.mark.usefixtures("careless_umask")
def test_a_file_is_for_its_owner_alone_and_so_is_a_folder_made_for_it(tmp_path: Path) -> None:
    private_file.write(tmp_path / "folder" / "secret", b"content")
    assert mode(tmp_path / "folder" / "secret") == 0o600
    assert mode(tmp_path / "folder") == 0o700


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    private_file.write(tmp_path / "secret", b"content")
    assert mode(tmp_path) == 0o755


@pytest.mark.usefixtures("careless_umask")
def test_a_file_is_private_before_anything_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    real = os.fdopen

    def watched(descriptor: int, how: str) -> object:
        seen.extend((mode(it), it.stat().st_size) for it in tmp_path.iterdir())
        return real(descriptor, how)

    monkeypatch.setattr(os, "fdopen", watched)
    private_file.write(tmp_path / "secret", b"content")
    assert seen == [(0o600, 0)]


def test_a_file_that_was_open_to_others_is_private_when_written_again(secret: Path) -> None:
    secret.chmod(0o666)
    private_file.write(secret, b"new")
    assert mode(secret) == 0o600


def test_a_reader_sees_the_old_content_or_the_new_one_and_never_a_part(secret: Path) -> None:
    contents = {bytes([byte]) * 100_000 for byte in range(20)}
    private_file.write(secret, bytes(100_000))
    seen: set[bytes] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            seen.add(private_file.read(secret))

    reader = threading.Thread(target=watch)
    reader.start()
    for content in sorted(contents):
        private_file.write(secret, content)
    done.set()
    reader.join()
    assert seen <= contents


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_content_and_nothing_else(
    secret: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def disk_is_full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as now:
        now.setattr(os, step, disk_is_full)
        with pytest.raises(KeyFileError, match=f"{secret} cannot be written: No space left"):
            private_file.write(secret, b"new content")
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
@pytest.mark.parametrize("bit", [0o040, 0o020, 0o010, 0o004, 0o002, 0o001, 0o044, 0o066])
def test_a_file_that_is_open_to_others_is_refused_with_the_next_step(
    secret: Path, bit: int
) -> None:
    secret.chmod(0o600 | bit)
    with pytest.raises(
        KeyFileError, match=f"{secret} can be read by others: run chmod 600 {secret}"
    ):
        private_file.read(secret)


@pytest.mark.parametrize("private", [0o600, 0o400, 0o700])
def test_a_file_of_its_owner_alone_is_read(secret: Path, private: int) -> None:
    secret.chmod(private)
    assert private_file.read(secret) == b"old content"


def test_a_link_is_judged_by_the_file_it_leads_to(secret: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(secret)
    assert private_file.read(link) == b"old content"
    secret.chmod(0o644)
    with pytest.raises(KeyFileError, match="by others"):
        private_file.read(link)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match=f"{tmp_path}/none cannot be read: No such file"):
        private_file.read(tmp_path / "none")


def test_a_folder_in_the_place_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder" / "inside").mkdir(parents=True)
    with pytest.raises(KeyFileError, match=f"{tmp_path}/folder cannot be read: "):
        private_file.read(tmp_path / "folder")
    with pytest.raises(KeyFileError, match=f"{tmp_path}/folder cannot be written: "):
        private_file.write(tmp_path / "folder", b"content")


def test_a_file_in_the_place_of_a_folder_is_named(secret: Path) -> None:
    with pytest.raises(KeyFileError, match=f"{secret}/inside cannot be written: "):
        private_file.write(secret / "inside", b"content")


def test_a_file_that_may_not_be_read_is_named() -> None:
    with a_public_folder() as folder:
        private_file.write(folder / "secret", b"content")
        (folder / "secret").chmod(0o000)
        with as_nobody(), pytest.raises(KeyFileError, match="secret cannot be read: Permission"):
            private_file.read(folder / "secret")


def test_a_folder_that_may_not_be_written_is_named() -> None:
    with a_public_folder() as folder:
        folder.chmod(0o555)
        with as_nobody(), pytest.raises(KeyFileError, match="secret cannot be written: Permission"):
            private_file.write(folder / "secret", b"content")
        folder.chmod(0o755)


def test_whether_a_file_exists_is_told_or_refused_but_never_guessed(secret: Path) -> None:
    assert private_file.exists(secret)
    assert not private_file.exists(secret.with_name("none"))
    assert not private_file.exists(secret.with_name("no folder") / "none")
    assert not private_file.exists(secret / "none")
    with a_public_folder() as folder:
        folder.chmod(0o000)
        with as_nobody(), pytest.raises(KeyFileError, match="secret cannot be reached: Permission"):
            private_file.exists(folder / "secret")
        folder.chmod(0o755)


def test_the_stamp_of_a_file_changes_with_it(secret: Path) -> None:
    before = private_file.stamp(secret)
    assert private_file.stamp(secret) == before
    private_file.write(secret, b"x" * before[2])
    assert private_file.stamp(secret) != before
    with pytest.raises(KeyFileError, match=f"{secret}.none cannot be read: No such file"):
        private_file.stamp(secret.with_name(f"{secret.name}.none"))


def test_a_lock_keeps_others_out_and_ends_with_its_block(secret: Path) -> None:
    order: list[str] = []
    inside = threading.Event()

    def wait_for_it() -> None:
        inside.wait()
        with private_file.locked(secret):
            order.append("second")

    other = threading.Thread(target=wait_for_it)
    other.start()
    with private_file.locked(secret):
        inside.set()
        other.join(timeout=0.2)
        order.append("first")
    other.join(timeout=10)
    assert order == ["first", "second"]


def test_a_lock_ends_with_the_process_that_holds_it(secret: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from securedata import private_file\n"
        "with private_file.locked(Path(sys.argv[1])):\n    print('held', flush=True); time.sleep(9)"
    )
    command = [sys.executable, "-c", program, str(secret)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        holder.kill()
    with private_file.locked(secret):
        pass


def test_a_lock_in_a_folder_that_cannot_be_written_is_named() -> None:
    with a_public_folder() as folder:
        folder.chmod(0o555)
        with (
            as_nobody(),
            pytest.raises(KeyFileError, match="secret cannot be written: Permission"),
            private_file.locked(folder / "secret"),
        ):
            pass
        folder.chmod(0o755)
