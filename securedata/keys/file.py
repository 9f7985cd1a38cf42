"""The key file: the service's keys on disk, for their owner alone, with or without a passphrase.

Several processes may share it, also by symbolic links. A change holds a lock, so no change is lost.
A change replaces the whole file at once, so a reader sees all of it or nothing.
"""

import threading
from collections.abc import Callable
from pathlib import Path

from securedata import private_file
from securedata.errors import FormatError, KeyFileError
from securedata.keys import format as key_format
from securedata.keys.service_keys import ServiceKeys
from securedata.record import DSA, Scheme


class KeyFile:
    """Keys on disk. A class, because it remembers what it has read, and the passphrase.

    A file that can no longer be read is an error. Keys that were read before are not used then:
    a server must not seal with keys that exist only in its memory.

    Each look and each change follows links anew. So a server and a command that are given the same
    link use the same file, also when the link was changed in between.

    Raises:
        KeyFileError: the file is missing, unreadable, damaged, open to others, of another user,
            or not under this passphrase.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = KeyFile.create(Path(folder) / "keys.json")
    ...     same = KeyFile.load(Path(folder) / "keys.json")
    ...     rotated = file.update(ServiceKeys.promote_key)
    ...     same.service_keys.wrapping_keys.primary.key_id == rotated.wrapping_keys.primary.key_id
    True
    """

    def __init__(self, path: Path, passphrase: str | None = None) -> None:
        self.path = path
        self._passphrase = passphrase
        self._reading = threading.Lock()
        self._content: bytes | None = None
        self.reread()

    @classmethod
    def create(cls, path: Path, passphrase: str | None = None) -> "KeyFile":
        """Make new keys and write them, mode 0600. An existing file is never overwritten.

        Raises:
            KeyFileError: there is a file already, or it cannot be written.
        """
        if private_file.exists(path):
            raise KeyFileError(f"{path} exists already: keys are never written over")
        return cls.load_or_create(path, passphrase)

    @classmethod
    def load(cls, path: Path, passphrase: str | None = None) -> "KeyFile":
        """Read the keys, and check that every one is what its id says.

        Raises:
            KeyFileError: see above.
        """
        return cls(path, passphrase)

    @classmethod
    def load_or_create(
        cls, path: Path, passphrase: str | None = None, scheme: Scheme = DSA
    ) -> "KeyFile":
        """Read the keys, or make the file, with a signer of this scheme.

        Two servers may do this at the same time.

        Raises:
            KeyFileError: see above.
        """
        with private_file.locked(path) as place:
            if not private_file.exists(place):
                made = key_format.encode(ServiceKeys.generate(scheme), passphrase)
                private_file.write(place, made)
        return cls(path, passphrase)

    @property
    def service_keys(self) -> ServiceKeys:
        """The keys as they are now: the file is read again when it has changed."""
        is_unchanged = private_file.stamp(self.path) == self._stamp
        return self._service_keys if is_unchanged else self.reread()

    def reread(self, place: Path | None = None) -> ServiceKeys:
        """Read the file, even if it seems unchanged. A change says where links lead.

        Raises:
            KeyFileError: see above.
        """
        with self._reading:
            # The stamp first: if the file changes right after, the next look will see that.
            stamp, content = (
                private_file.stamp(place or self.path),
                private_file.read(place or self.path),
            )
            if content != self._content:
                refusal = ""
                try:
                    self._service_keys = key_format.decode(content, self._passphrase)
                except FormatError as error:
                    refusal = f"{self.path} {error}"
                # Not before: what lacked memory is tried again at the next look.
                self._content, self._refusal = content, refusal
            # Content that was refused stays refused: else every request would cost a scrypt.
            if self._refusal:
                raise KeyFileError(self._refusal)
            self._stamp = stamp
            return self._service_keys

    def update(self, change: Callable[[ServiceKeys], ServiceKeys]) -> ServiceKeys:
        """Change the keys in the file under a lock, so that no other change is lost.

        Raises:
            KeyFileError: see above; or the file cannot be written.
        """
        with private_file.locked(self.path) as place:
            self._replace(place, change(self.reread(place)), self._passphrase)
        return self.service_keys

    def protect(self, passphrase: str | None) -> None:
        """Set a passphrase, change it, or, with None, remove it.

        Raises:
            KeyFileError: see above; or the file cannot be written.
            FormatError: the passphrase is empty.
        """
        with private_file.locked(self.path) as place:
            self._replace(place, self.reread(place), passphrase)

    def _replace(self, place: Path, service_keys: ServiceKeys, passphrase: str | None) -> None:
        content = key_format.encode(service_keys, passphrase)
        private_file.write(place, content)
        with self._reading:
            self._passphrase = passphrase
            # The stamp stays as it was: the next look compares the bytes, and decodes none.
            self._content = content
            self._service_keys = service_keys


def is_protected(path: Path) -> bool:
    """Whether a passphrase is needed to read this key file.

    Raises:
        KeyFileError: the file is missing, unreadable, or open to others.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = KeyFile.create(Path(folder) / "keys.json")
    ...     file.protect("correct horse")
    ...     is_protected(file.path)
    True
    """
    return key_format.is_protected(private_file.read(path))
