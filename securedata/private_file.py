"""One file that only its owner may read. It is written all at once, and checked before reading.

It knows bytes and permissions, not what the bytes mean.
"""

import errno
import glob
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from securedata.errors import KeyFileError

OTHERS = stat.S_IRWXG | stat.S_IRWXO
MAX_BYTES = 16 * 1024 * 1024  # over 30,000 tokens fit
LOCK_SECONDS = 30  # how long one process waits for another that changes the file
OWNER_ONLY, PUBLIC = 0o600, 0o644


def write(path: Path, content: bytes, mode: int = OWNER_ONLY) -> None:
    """Write a file so that a reader sees all of it or nothing, even after a crash.

    Its mode does not depend on the umask. A missing folder is made with mode 0700. A symbolic link
    at this path is replaced, not followed: `locked` gives the place to write to. On Windows the
    folder's own rights apply.

    What killed writes have left beside the file is removed. So only one process may write at a
    time: see `locked`.

    Raises:
        KeyFileError: the folder or the file cannot be written, the content is over 16 MiB, or the
            file has a second name, a hard link.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(Path(folder) / "secret", b"123")
    ...     read(Path(folder) / "secret")
    b'123'
    """
    if len(content) > MAX_BYTES:
        raise KeyFileError(f"{path} cannot be written: it would be over {MAX_BYTES} bytes")
    try:
        make_folder(path.parent)
        if exists(path) and path.stat().st_nlink > 1:
            raise KeyFileError(
                f"{path} cannot be written: it has another hard link, which would keep the old "
                "content: remove that, or make it a symbolic link"
            )
        # What killed writes have left holds keys, perhaps of earlier signers.
        for leftover in path.parent.glob(f".{glob.escape(path.name)}.????????.tmp"):
            leftover.unlink(missing_ok=True)
        # mkstemp gives 0600 from the moment the file exists.
        descriptor, temporary = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.name}.", suffix=".tmp"
        )
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                if os.name == "posix":
                    os.fchmod(file.fileno(), mode)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise KeyFileError(
            f"{path} cannot be written: {error.strerror}: {next_step(error)}"
        ) from None


def place_of(path: Path) -> Path:
    """The file to lock and to replace: where links lead, even if there is nothing yet.

    Raises:
        KeyFileError: the links are a circle, a link on the way is another user's, who could choose
            what is written, or a folder on the way may not be entered.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (Path(folder) / "link").symlink_to("secret")
    ...     place_of(Path(folder) / "link").name
    'secret'
    """
    exists(path)  # a circle is an error here. In /tmp, so is a link that Linux does not follow
    for link in _links(path.absolute()) if hasattr(os, "geteuid") else ():
        _check_owner(link, link.lstat(), "chown -h")
    return path.resolve()


def _links(path: Path) -> Iterator[Path]:
    """Each link on the way to this path, and on the ways to which they lead."""
    for part in (*reversed(path.parents), path):
        if part.is_symlink():
            yield part
            yield from _links(part.parent / part.readlink())


def make_folder(path: Path) -> None:
    """Make a folder of mode 0700, and those above it that are missing too.

    Raises:
        OSError: it cannot be made.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     make_folder(Path(folder) / "a" / "b")
    ...     os.listdir(Path(folder) / "a")
    ['b']
    """
    # mkdir's own `parents` would take their mode from the umask. A drive is its own parent.
    if not path.parent.exists() and path.parent != path:
        make_folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)


def exists(path: Path) -> bool:
    """Whether there is a file of this name.

    Raises:
        KeyFileError: a folder on the way may not be entered.

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


def read(path: Path, mode: int = OWNER_ONLY) -> bytes:
    """Read a file of this user or of root that nobody else may read. Windows checks neither.

    With the mode `PUBLIC`, it may be open to others, and belong to anybody.

    Raises:
        KeyFileError: it is missing, cannot be read, is open to others, belongs to another user, is
            over 16 MiB, or is no regular file.
    """
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            # The status of the very file that is read, not of one put in its place.
            status = os.fstat(file.fileno())
            _check_kind(path, status)
            if mode == OWNER_ONLY and hasattr(os, "geteuid"):
                if status.st_mode & OTHERS:
                    raise KeyFileError(f"{path} can be read by others: run chmod 600 {path}")
                _check_owner(path, status)
            return file.read(MAX_BYTES)
    except OSError as error:
        raise KeyFileError(f"{path} cannot be read: {error.strerror}") from None


def _open_at_once(path: str, flags: int) -> int:
    # Without O_NONBLOCK, opening a FIFO waits for a writer. Windows has neither.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _check_kind(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise KeyFileError(f"{path} cannot be read: it is not a regular file")
    if status.st_size > MAX_BYTES:
        raise KeyFileError(f"{path} cannot be read: it is over {MAX_BYTES} bytes")


def _check_owner(path: Path, status: os.stat_result, chown: str = "chown") -> None:
    if status.st_uid not in (os.geteuid(), 0):
        raise KeyFileError(
            f"{path} belongs to another user, who could have put it there: if you trust it, "
            f"run {chown} {os.geteuid()} {path}"
        )


def stamp(path: Path) -> tuple[int, ...]:
    """A value that changes when the file changes: device, inode, size and time. Reads no content.

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
def locked(path: Path) -> Iterator[Path]:
    """Keep other processes from changing the file. Reading needs no lock: `write` is all at once.

    It gives the place of the file, where links lead. Read and write there: a link may be changed
    meanwhile. The lock is a file beside that place, `.NAME.lock`, which stays. If a process dies,
    the operating system ends its lock.

    Raises:
        KeyFileError: another process has held the lock for 30 s, or the folder cannot be written;
            or see `place_of`.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with locked(Path(folder) / "secret") as place:
    ...         os.listdir(folder), place.name
    (['.secret.lock'], 'secret')
    """
    with ExitStack() as held:
        place = _lock_place(path, held)
        while place != place_of(path):  # a link was changed while we waited
            held.close()
            place = _lock_place(path, held)
        yield place


def _lock_place(path: Path, held: ExitStack) -> Path:
    from filelock import FileLock, Timeout  # takes a tenth of what `securedata token -h` takes

    place = place_of(path)
    lock = FileLock(place.with_name(f".{place.name}.lock"), timeout=LOCK_SECONDS, mode=0o600)
    try:
        make_folder(place.parent)
        held.enter_context(lock)
    except Timeout:
        raise KeyFileError(f"{path} is being changed by another process: try again") from None
    except OSError as error:
        raise KeyFileError(
            f"{path} cannot be written: {error.strerror}: {next_step(error)}"
        ) from None
    return place


def next_step(error: OSError) -> str:
    """What to do where a file could not be written.

    >>> next_step(OSError(errno.ENOSPC, "No space left on device"))
    'free some room on this disk'
    """
    return {
        errno.ENOSPC: "free some room on this disk",
        errno.EDQUOT: "free some room on this disk",
        errno.EEXIST: "its folder is a file: name another",
        errno.ENOTDIR: "its folder is a file: name another",
        # Docker can mount one file. Nobody can replace it there.
        errno.EBUSY: "mount its folder, not the file alone",
    }.get(
        error.errno or 0,
        "go to a folder that you may write to, or name others: --database, --keys, --certs",
    )


def _sync_folder(folder: Path) -> None:
    # The new name itself must survive a power cut. Windows cannot open a folder, and need not.
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
