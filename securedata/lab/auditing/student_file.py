"""my_vault.py, as a student begins it: a class without a method, to which cells add some."""

import shutil
from pathlib import Path

VAULT_TO_FIX = Path(__file__).with_name("vault_to_fix.py")
BEGINNING = '''"""My vault: the methods that I mended."""

from vault_to_fix import *


class MyVault(Vault):
    """A method that is written below takes the place of the one in vault_to_fix.py."""
'''


def begin_vault(path: str | Path) -> None:
    """Begin my_vault.py, with vault_to_fix.py beside it. A file that is there stays as it is.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     begin_vault(Path(folder) / "my_vault.py")
    ...     sorted(file.name for file in Path(folder).iterdir())
    ['my_vault.py', 'vault_to_fix.py']
    """
    path = Path(path)
    if not path.exists():
        path.write_text(BEGINNING, encoding="utf-8")
    shutil.copyfile(VAULT_TO_FIX, path.with_name(VAULT_TO_FIX.name))
