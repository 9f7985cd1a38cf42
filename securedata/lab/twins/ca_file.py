"""A CA's certificate in a file, for clients. It vanishes with its server."""

import shutil
import tempfile
import weakref
from pathlib import Path


def vanishing_ca_file(owner: object, ca_pem: str) -> Path:
    """A file `ca.pem` that vanishes with its owner, or at the latest with the kernel.

    >>> ca_file = vanishing_ca_file(owner := {1}, "-----BEGIN CERTIFICATE-----")
    >>> del owner
    >>> ca_file.exists()
    False
    """
    folder = Path(tempfile.mkdtemp(prefix="securedata-"))
    weakref.finalize(owner, shutil.rmtree, folder, ignore_errors=True)
    ca_file = folder / "ca.pem"
    ca_file.write_text(ca_pem, encoding="ascii")
    return ca_file
