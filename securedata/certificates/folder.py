"""The certificates on disk: the user's own pair, or else ours, which are made and renewed here.

Our CA and leaf need no care. Both are made on first use. They are made again when they near their
end, are damaged, or are not valid yet because the clock was put back. Clients then need the new
`ca.pem`. The CA before it is kept as `replaced-ca.pem` and `replaced-ca-key.pem`.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from securedata import private_file
from securedata.certificates.authority import CertificateAuthority, Leaf
from securedata.certificates.issuing import LOCALHOST_NAMES
from securedata.certificates.tls import server_context
from securedata.errors import CertificateError, KeyFileError

RENEW_DAYS = 30  # before the end
NEXT_STEP = "Make a new pair, or take both files away and the server makes its own"


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
        CertificateError: a certificate is expired, damaged, or does not fit its key; or a
            symbolic link stands where ours must be written.
        KeyFileError: a key is missing, unreadable, or open to others.
    """
    certificate, key = folder / "cert.pem", folder / "key.pem"
    if private_file.exists(certificate) or private_file.exists(key):
        return open_pair(certificate, key)
    ca = _found_authority(folder)
    leaf = _found_leaf(folder, ca) if ca else None
    if leaf is None:
        # Another server may be making them just now, and both must use the same `ca.pem`.
        with private_file.locked(folder / "ca-key.pem"):
            ca = _found_authority(folder) or _make_authority(folder)
            leaf = _found_leaf(folder, ca) or _make_leaf(folder, ca)
    return ServerCertificate(leaf, folder / "ca.pem", is_ours=True)


def trusted_file(folder: Path) -> Path:
    """The file that clients verify with, of a folder that a server has opened.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     open_folder(Path(folder)).ca_file == trusted_file(Path(folder))
    True
    """
    own = folder / "cert.pem"
    return own if own.exists() else folder / "ca.pem"


def open_pair(certificate: Path, key: Path) -> ServerCertificate:
    """Use a certificate (its issuers may follow it in the file) and key that a user made.

    Raises:
        CertificateError, KeyFileError: as `open_folder` does; the message names the file.

    >>> open_pair(Path("no/cert.pem"), Path("no/key.pem"))
    Traceback (most recent call last):
        ...
    securedata.errors.CertificateError: no/cert.pem is missing. Make a new pair, or ...
    """
    for file in (certificate, key):
        if not private_file.exists(file):
            raise CertificateError(f"{file} is missing. {NEXT_STEP}")
    try:
        leaf = Leaf.from_pem(_read(certificate), _read_key(key))
    except CertificateError as error:
        raise CertificateError(f"{certificate} with {key}: {error}. {NEXT_STEP}") from None
    return ServerCertificate(leaf, certificate, is_ours=False)


def _found_authority(folder: Path) -> CertificateAuthority | None:
    certificate, key = folder / "ca.pem", folder / "ca-key.pem"
    if private_file.exists(certificate) and private_file.exists(key):
        with suppress(CertificateError):  # a damaged CA is of no use: make a new one
            certificate_pem = _read(certificate)
            ca = CertificateAuthority.from_pem(certificate_pem, _read_key(key))
            is_valid = ca.has_begun and ca.days_left > RENEW_DAYS
            # Exactly as written: another client may not read what we can still read.
            if is_valid and ca.certificate_pem == certificate_pem:
                return ca
    return None


def _make_authority(folder: Path) -> CertificateAuthority:
    for name in ("ca.pem", "ca-key.pem"):  # perhaps it is only the clock that is wrong
        if private_file.exists(folder / name) and not (folder / name).is_symlink():
            (folder / name).replace(folder / f"replaced-{name}")
    ca = CertificateAuthority.create("securedata local CA")
    _write_pair(folder / "ca.pem", ca.certificate_pem, folder / "ca-key.pem", ca.private_key_pem)
    return ca


def _found_leaf(folder: Path, ca: CertificateAuthority) -> Leaf | None:
    certificate, key = folder / "localhost.pem", folder / "localhost-key.pem"
    if private_file.exists(certificate) and private_file.exists(key):
        with suppress(CertificateError):
            leaf = Leaf.from_pem(_read(certificate), _read_key(key))
            server_context(leaf)  # OpenSSL must be able to read it, too
            if leaf.days_left > RENEW_DAYS and ca.has_issued(leaf):
                return leaf
    return None


def _make_leaf(folder: Path, ca: CertificateAuthority) -> Leaf:
    leaf = ca.issue(*LOCALHOST_NAMES)
    key = folder / "localhost-key.pem"
    _write_pair(folder / "localhost.pem", leaf.chain_pem, key, leaf.private_key_pem)
    return leaf


def _write_pair(certificate: Path, certificate_pem: str, key: Path, key_pem: str) -> None:
    for file in (certificate, key):
        if file.is_symlink():
            raise CertificateError(f"{file} is a symbolic link, and is not written: remove it")
    private_file.write(key, key_pem.encode("ascii"))
    private_file.write(certificate, certificate_pem.encode("ascii"), private_file.PUBLIC)


def _read(certificate: Path) -> str:
    try:
        return private_file.read(certificate, private_file.PUBLIC).decode("utf-8")
    except KeyFileError as error:
        raise CertificateError(str(error)) from None
    except UnicodeDecodeError:
        raise CertificateError("not a certificate in PEM") from None


def _read_key(key: Path) -> str:
    try:
        return private_file.read(key).decode("utf-8")
    except UnicodeDecodeError:
        raise CertificateError("not a private key in PEM") from None
