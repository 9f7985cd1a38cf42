"""Where secrets come from: what a cell can do about it."""

import os
import subprocess
import sys

import pytest

CELLS = {
    "in the kernel": """
import os
os.environ["SECUREDATA_SECRETS"] = "same"
from securedata_lab.basics.chance import chance
print(chance("a bank").random())
""",
    "beside it": """
import os
os.environ["SECUREDATA_SECRETS"] = "same"
from securedata_lab.basics import chance
chance.fixed = "same"
from securedata_lab.lesson01_aes_modes import open_bank
print(open_bank().stolen)
""",
}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a process's first variables")
@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
@pytest.mark.parametrize(("at_start", "different"), [("", 2), ("same", 1)])
def test_only_who_starts_a_kernel_fixes_its_secrets(
    cell: str, at_start: str, different: int
) -> None:
    variables = {**os.environ, "SECUREDATA_SECRETS": at_start}
    command = [sys.executable, "-c", cell]
    drawn = {subprocess.check_output(command, env=variables) for _ in range(2)}
    assert len(drawn) == different
