"""A temporary folder for keys and records, which vanish with the kernel, also with a killed one.

A killed kernel deletes nothing. So a folder is locked while its kernel lives, and the next start
deletes the folders that nobody locks.
"""

import os
import shutil
import tempfile
import time
from pathlib import Path

from filelock import FileLock, Timeout

from securedata.storage.records import RecordStore

PREFIX = "securedata-"
LOCK = ".alive"
NEW_SECONDS = 60  # so long, a folder may not be locked yet

_locks: list[FileLock] = []  # held until this process ends


def temporary_folder() -> Path:
    """Make a folder that only its owner may enter. First delete those that killed kernels left.

    >>> folder = temporary_folder()
    >>> [file.name for file in folder.iterdir()]
    ['.alive']
    >>> shutil.rmtree(folder)
    """
    for old in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{LOCK}"):
        if _is_left_over(old):
            shutil.rmtree(old.parent, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    lock = FileLock(folder / LOCK)
    lock.acquire()
    _locks.append(lock)
    return folder


def clean_up(records: RecordStore, folder: Path) -> None:
    """Close a database, and delete its folder: Windows deletes no file that is open."""
    records.close()
    shutil.rmtree(folder, ignore_errors=True)


def _is_left_over(lock: Path) -> bool:
    try:
        status = lock.lstat()
        is_ours = not hasattr(os, "getuid") or status.st_uid == os.getuid()
        if not is_ours or time.time() - status.st_mtime < NEW_SECONDS:
            return False
        with FileLock(lock, timeout=0):
            return True
    except (OSError, Timeout):  # another start has just deleted it; or its kernel lives
        return False
