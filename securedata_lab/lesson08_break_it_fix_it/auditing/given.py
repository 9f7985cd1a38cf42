"""The vault that a student is given, as files and as source texts. It imports nothing."""

from pathlib import Path

VAULT_TO_FIX = Path(__file__).with_name("vault_to_fix.py")
AS_GIVEN = "from vault_to_fix import Vault as MyVault\n"
BEGINNING = '''"""My vault: the methods that I fixed."""

from vault_to_fix import *


class MyVault(Vault):
    """A method that is written below takes the place of the one in vault_to_fix.py."""
'''
# A first method is there: so one sees where the others go.
BEGUN = f"""{BEGINNING}
    def admit(self, name, receipt):
        return name == receipt["owner"]  # not every customer, as before
"""


def source_of(path: Path) -> str:
    """The source of a vault's file; the consultant's own file defines no MyVault.

    Raises:
        OSError, ValueError: there is no such text.
    """
    return AS_GIVEN if path.resolve() == VAULT_TO_FIX else path.read_text(encoding="utf-8")
