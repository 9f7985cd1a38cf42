"""One file that only its owner may read: written all at once, and checked before it is read.

It knows bytes and permissions, not what the bytes mean.
"""

import glob
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from securedata.errors import KeyFileError

OTHERS = stat.S_IRWXG | stat.S_IRWXO
LOCK_SECONDS = 30  # how long one process waits for another that changes the file


def write(path: Path, content: bytes) -> None:
    """Write a file of mode 0600 so that a reader, or a crash, sees all of it or nothing.

    A missing folder is made with mode 0700. On Windows the folder's own rights apply.

    Raises:
        KeyFileError: the folder or the file cannot be written.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(Path(folder) / "secret", b"123")
    ...     read(Path(folder) / "secret")
    b'123'
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp gives 0600 from the moment the file exists.
        descriptor, temporary = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.name}.", suffix=".tmp"
        )
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise KeyFileError(f"{path} cannot be written: {error.strerror}") from None


def exists(path: Path) -> bool:
    """Whether there is a file of this name.

    Raises:
        KeyFileError: nobody can tell, since a folder on the way is closed.

    >>> exists(Path("no-such-folder") / "secret")
    False
    """
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise KeyFileError(f"{path} cannot be reached: {error.strerror}") from None
    return True


def read(path: Path) -> bytes:
    """Read a file, unless others than its owner may read it too.

    Raises:
        KeyFileError: it is missing, cannot be read, or is open to others.
    """
    try:
        # The permissions of the very file that is read, not of one put in its place.
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read()
    except OSError as error:
        raise KeyFileError(f"{path} cannot be read: {error.strerror}") from None
    if os.name == "posix" and mode & OTHERS:
        raise KeyFileError(f"{path} can be read by others: run chmod 600 {path}")
    return content


def remove_leftovers(path: Path) -> None:
    """Remove what killed writes have left beside the file. For whoever holds its lock.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (Path(folder) / ".secret.abcd1234.tmp").touch()
    ...     remove_leftovers(Path(folder) / "secret")
    ...     os.listdir(folder)
    []
    """
    for leftover in path.parent.glob(f".{glob.escape(path.name)}.????????.tmp"):
        leftover.unlink(missing_ok=True)


def stamp(path: Path) -> tuple[int, ...]:
    """What changes when the file does, as far as that can be seen without reading it.

    Raises:
        KeyFileError: there is no such file, or it cannot be reached.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(Path(folder) / "secret", b"123")
    ...     before = stamp(Path(folder) / "secret")
    ...     write(Path(folder) / "secret", b"456")
    ...     stamp(Path(folder) / "secret") == before
    False
    """
    try:
        status = path.stat()
    except OSError as error:
        raise KeyFileError(f"{path} cannot be read: {error.strerror}") from None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other processes from changing the file. Reading needs no lock: `write` is all at once.

    The lock is a file beside it, `.NAME.lock`, which stays; the operating system ends the lock
    with the process that holds it, however rudely that ends.

    Raises:
        KeyFileError: another process has held the lock for 30 s, or the folder cannot be written.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with locked(Path(folder) / "secret"):
    ...         os.listdir(folder)
    ['.secret.lock']
    """
    lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=LOCK_SECONDS, mode=0o600)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise KeyFileError(f"{path} is being changed by another process: try again") from None
    except OSError as error:
        raise KeyFileError(f"{path} cannot be written: {error.strerror}") from None
    try:
        yield
    finally:
        lock.release()


def _sync_folder(folder: Path) -> None:
    # The new name itself must survive a power cut; Windows cannot open a folder, and need not.
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
