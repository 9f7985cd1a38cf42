"""The certificates on disk: the user's own pair, or else ours, which are made and renewed here.

Our CA and leaf need no care. Both are made on first use. They are made again when they near their
end, or do not load: one is missing, damaged, of another CA, or not valid yet because the clock was
put back. Clients then need the new `ca.pem`. What is replaced is kept, as `ca.pem.old`. A symbolic
link is never replaced: its file need not be ours, and others would go on with the old one.
"""

from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from securedata import private_file
from securedata.certificates.authority import CertificateAuthority, Leaf
from securedata.certificates.issuing import LOCALHOST_NAMES
from securedata.certificates.tls import server_context
from securedata.errors import CertificateError, KeyFileError

RENEW_DAYS = 30  # before the end
NEXT_STEP = (
    "Make a new pair; without --cert and --key, and without these files, the server makes one"
)


@dataclass(frozen=True)
class ServerCertificate:
    """A leaf to serve with, the file that clients verify it with, and whether it is ours.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     certificate = open_folder(Path(folder))
    ...     certificate.ca_file.name, certificate.is_ours
    ('ca.pem', True)
    """

    leaf: Leaf
    ca_file: Path
    is_ours: bool


def open_folder(folder: Path) -> ServerCertificate:
    """Use `cert.pem` and `key.pem` of this folder if they are there, else our own CA and leaf.

    Raises:
        CertificateError: the user's certificate is missing, expired, damaged, or of another key.
        KeyFileError: a file is unreadable, or a key open to others; or ours cannot be written, for
            one because it is a symbolic link.
    """
    certificate, key = folder / "cert.pem", folder / "key.pem"
    if private_file.exists(certificate) or private_file.exists(key):
        return open_pair(certificate, key)
    leaf = None
    with suppress(KeyFileError):  # another server may be replacing them just now
        leaf = _found_leaf(folder)
    if leaf is None:
        # Another server may be making them just now, and both must use the same `ca.pem`.
        with private_file.locked(folder / "ca-key.pem"):
            leaf = _found_leaf(folder) or _make_leaf(folder)
    return ServerCertificate(leaf, folder / "ca.pem", is_ours=True)


def open_pair(certificate: Path, key: Path) -> ServerCertificate:
    """Use a certificate (its issuers may follow it in the file) and key that a user made.

    They are never replaced.

    Raises:
        CertificateError, KeyFileError: as `open_folder` does; the message names the file.

    >>> open_pair(Path("no/cert.pem"), Path("no/key.pem"))
    Traceback (most recent call last):
        ...
    securedata.errors.CertificateError: no/cert.pem with no/key.pem: no/cert.pem is missing. ...
    """
    try:
        leaf = Leaf.from_pem(*_read_pair(certificate, key))
    except CertificateError as error:
        raise CertificateError(f"{certificate} with {key}: {error}. {NEXT_STEP}") from None
    return ServerCertificate(leaf, certificate, is_ours=False)


def _found_authority(folder: Path) -> CertificateAuthority | None:
    with suppress(CertificateError):
        ca = CertificateAuthority.from_pem(*_read_pair(folder / "ca.pem", folder / "ca-key.pem"))
        if ca.days_left > RENEW_DAYS:
            return ca
    return None


def _found_leaf(folder: Path) -> Leaf | None:
    ca = _found_authority(folder)
    with suppress(CertificateError):
        leaf = Leaf.from_pem(*_read_pair(folder / "localhost.pem", folder / "localhost-key.pem"))
        server_context(leaf)  # OpenSSL must be able to read it, too
        if ca and ca.has_issued(leaf) and leaf.days_left > RENEW_DAYS:
            return leaf
    return None


def _make_leaf(folder: Path) -> Leaf:
    ca = _found_authority(folder)
    if ca is None:
        ca = CertificateAuthority.create("securedata local CA")
        _write_pair(folder, "ca", ca.certificate_pem, ca.private_key_pem)
    leaf = ca.issue(*LOCALHOST_NAMES)
    _write_pair(folder, "localhost", leaf.chain_pem, leaf.private_key_pem)
    return leaf


def _read_pair(certificate: Path, key: Path) -> tuple[str, str]:
    for file in (certificate, key):
        if not private_file.exists(file):
            raise CertificateError(f"{file} is missing")
    contents = private_file.read(certificate, private_file.PUBLIC), private_file.read(key)
    # What is no text is no PEM either: reading the PEM finds that.
    return contents[0].decode("utf-8", "replace"), contents[1].decode("utf-8", "replace")


def _write_pair(folder: Path, name: str, certificate_pem: str, key_pem: str) -> None:
    certificate, key = folder / f"{name}.pem", folder / f"{name}-key.pem"
    for file in (certificate, key):
        if file.is_symlink():
            raise KeyFileError(
                f"{file} is a link, and cannot be replaced by a new file: remove it, or make the "
                "whole folder a link"
            )
    for file, content, mode in (
        (key, key_pem, private_file.OWNER_ONLY),
        (certificate, certificate_pem, private_file.PUBLIC),
    ):
        with suppress(FileNotFoundError):  # perhaps it is only the clock that is wrong
            file.replace(_name_of_old(file, keep_others=name == "ca"))
        private_file.write(file, content.encode("ascii"), mode)


def _name_of_old(file: Path, *, keep_others: bool) -> Path:
    # A clock that is set back and then right makes two CAs: clients trust the first.
    old = file.with_name(f"{file.name}.old")
    numbered = (old.with_name(f"{old.name}{number}") for number in count(2))
    return next(it for it in chain([old], numbered) if not (keep_others and it.exists()))
