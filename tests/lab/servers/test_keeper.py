"""The process beside the kernel: it keeps what is to be stolen, and ends with its kernel."""

import os
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import IO

import nbformat
import psutil
import pytest
from crowd import wait_until
from vocabulary import ROOT

from securedata.errors import RefusedError
from securedata_lab.basics.chance import code_word
from securedata_lab.basics.small_dsa import REAL
from securedata_lab.lesson01_aes_modes import CtrBank, bank, open_bank, stop_banks
from securedata_lab.lesson01_aes_modes.bank import Teller
from securedata_lab.lesson02_aes_gcm import gcm_bank
from securedata_lab.lesson03_dsa_signatures import open_shop
from securedata_lab.lesson03_dsa_signatures import shop as kims_shop
from securedata_lab.lesson05_tls_certificates import town
from securedata_lab.lesson06_tls_on_the_wire import old_shop, stranger
from securedata_lab.servers import keeper
from securedata_lab.servers.keeper import Keeper, keep

KERNEL = """
import sys
from pathlib import Path
from securedata_lab.lesson02_aes_gcm import gcm_bank
from securedata_lab.servers import keeper
keeper.beside = sys.argv[1] == "beside"
exec(Path("cell.py").read_text())
print("keeper", keeper._keeper and keeper._keeper._process.pid, flush=True)
while True:
    try:
        for line in iter(sys.stdin.readline, ""):
            print(bank.say(line.strip()), flush=True)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
BANK = {"module": CtrBank.__module__, "kind": "CtrBank"}


class Kernel:
    """A process that has run the server cell of a lesson, as a student gets it."""

    def __init__(self, folder: Path, where: str, notebook: str) -> None:
        lesson = nbformat.read(ROOT / "notebooks" / f"{notebook}.ipynb", as_version=4)
        (cell,) = (it.source for it in lesson.cells if "server" in (it.metadata.get("tags") or ()))
        (folder / "cell.py").write_text(cell)
        self.process = subprocess.Popen(
            [sys.executable, "-c", KERNEL, where],
            cwd=folder,
            env={**os.environ, "TMPDIR": str(folder), "SECUREDATA_SECRETS": "same"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.keeper = next(line.split()[1] for line in self._out if line.startswith("keeper"))

    @property
    def _out(self) -> IO[str]:
        assert self.process.stdout is not None
        return self.process.stdout

    def say(self, word: str) -> str:
        """Have it say a code word to the bank."""
        assert self.process.stdin is not None
        print(word, file=self.process.stdin, flush=True)
        return self.heard()

    def heard(self) -> str:
        """The next line that it prints."""
        return self._out.readline().rstrip()

    def memory(self) -> bytes:
        """All that it has written anywhere in its memory."""
        found = list[bytes]()
        maps = Path(f"/proc/{self.process.pid}/maps").read_text().splitlines()
        with open(f"/proc/{self.process.pid}/mem", "rb") as memory:
            for place, rights, *_, name in (f"{line} -".split()[:6] for line in maps):
                start, end = (int(it, 16) for it in place.split("-"))
                if rights.startswith("rw") and not name.startswith("[v"):
                    memory.seek(start)
                    found.append(memory.read(end - start))
        return b"".join(found)


@pytest.fixture
def where() -> str:
    return "beside"


@pytest.fixture
def notebook() -> str:
    return "01_aes_modes"


@pytest.fixture
def kernel(where: str, notebook: str, tmp_path: Path) -> Iterator[Kernel]:
    kernel = Kernel(tmp_path, where, notebook)
    yield kernel
    kernel.process.kill()
    kernel.process.wait()


def the_banks_secrets() -> tuple[bytes, bytes]:
    """The code word and the key that a bank draws where secrets are the same in each run."""
    teller = Teller(CtrBank(), Random("same/bank.CtrBank"))
    return teller.order.word.encode(), teller.twin.key


@linux
@pytest.mark.parametrize(("where", "is_there"), [("beside", False), ("in the kernel", True)])
def test_the_kernels_memory_and_folders_hold_no_secret_before_it_is_stolen(
    kernel: Kernel, is_there: bool, tmp_path: Path
) -> None:
    """In the kernel it is found: so this test would see it."""
    word, key = the_banks_secrets()
    memory = kernel.memory()
    assert [word in memory, key in memory] == [is_there, is_there]
    files = [it for it in tmp_path.rglob("*") if it.is_file()]
    assert any(it.name == "ca.pem" for it in files)
    assert not [it for it in files if word in it.read_bytes() or key in it.read_bytes()]
    kernel.say(word.decode())
    assert word in kernel.memory()


def word_of(whom: str) -> bytes:
    return code_word(Random(f"same/{whom}")).encode()


def kims_x() -> bytes:
    """As an int of Python lies in memory: 30 bits of it in each four bytes."""
    x = Random("same/Kim's shop: joined and fresh").randrange(1, REAL.q)
    return b"".join(struct.pack("<I", x >> bit & 0x3FFFFFFF) for bit in range(0, 240, 30))


def a_voucher() -> bytes:
    draw = Random("same/the old shop")
    old_shop.small_group(draw)
    return code_word(draw).encode()


@linux
@pytest.mark.parametrize(("where", "is_there"), [("beside", False), ("in the kernel", True)])
@pytest.mark.parametrize(
    ("notebook", "secrets"),
    [
        ("03_dsa_signatures", [kims_x()]),
        ("05_tls_certificates", [word_of("Ada at the shop")]),
        # What a stranger's app has encrypted: the recordings hold it under forgotten keys.
        ("06_tls_on_the_wire", [word_of("a stranger's locker"), a_voucher()]),
        # She says it to a student's store, and to nobody before.
        ("07_secure_store", [word_of("Ada's code word")]),
        ("08_break_it_fix_it", [word_of("the operator's code at vault_to_fix.py")]),
    ],
)
def test_no_closure_of_the_kernel_leads_to_what_is_to_be_stolen(
    kernel: Kernel, is_there: bool, secrets: list[bytes]
) -> None:
    memory = kernel.memory()
    assert [it in memory for it in secrets] == [is_there for _ in secrets]


@linux
def test_an_interrupt_leaves_the_keeper_alive_and_a_killed_kernel_does_not(
    kernel: Kernel,
) -> None:
    process = psutil.Process(int(kernel.keeper))
    kernel.say("a word")
    os.killpg(kernel.process.pid, signal.SIGINT)
    assert kernel.heard() == "interrupted"
    assert kernel.say("a word") == "The bank: this is not the code word."
    kernel.process.kill()
    wait_until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)


def test_an_answer_to_an_interrupted_question_is_not_taken_for_the_next_one() -> None:
    kept = keep(bank.open_kept, **BANK)
    asked = keeper._keeper
    assert asked is not None
    asked._orders.write(b'[-1, 0, "start", {}]\n')  # its answer is still in the pipe
    row = kept.told["stolen"]
    assert kept.ask("pay", row=row).startswith("The bank pays ")
    with pytest.raises(RefusedError, match="KeyError"):
        kept.ask("word")
    kept.ask("stop")


def test_a_bank_or_shop_whose_process_was_killed_is_another_one() -> None:
    before, kims = open_bank(), open_shop()
    assert keeper._keeper is not None
    keeper._keeper._process.kill()
    keeper._keeper._process.wait()
    stop_banks()
    kims.stop()
    after, shop = open_bank(), open_shop()
    assert keeper.beside
    assert shop is not kims
    assert shop.judge(shop.bring(4)).startswith("Valid: Kim owes Eve 1 EUR")
    shop.stop()
    assert after is not before
    assert after.pay(after.stolen).endswith(" EUR to Eve.")
    stop_banks()


def test_nothing_that_lies_beside_the_notebook_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was_run = tmp_path / "was_run"
    for name in ("json", "flask", "evil", "sitecustomize", "usercustomize"):
        lines = f"open({str(was_run)!r}, 'w')", "def open_kept(): ..."
        (tmp_path / f"{name}.py").write_text("\n".join(lines))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    new = Keeper()
    assert "ca_file" in new.open(bank.__name__, BANK).told
    for module in ("evil", "os", "securedata_lab.basics.bits"):
        with pytest.raises(RefusedError, match=f"only what the kit defines is opened.*{module}"):
            new.open(module, {})
    assert not was_run.exists()


@linux
def test_no_preloaded_library_keeps_its_memory_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_PRELOAD", "")
    keeping = Keeper()
    assert "LD_PRELOAD" not in psutil.Process(keeping._process.pid).environ()


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("nowhere", "No such file or directory"),
        ("import sys; sys.exit('no memory is left')", "no memory is left"),
        ("import os; os._exit(1)", "without a word"),
    ],
)
def test_where_no_process_starts_a_sentence_says_why_and_the_bank_opens_here(
    program: str,
    why: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(keeper, "_keeper", None)
    monkeypatch.setattr(keeper, "beside", True)
    if program == "nowhere":
        monkeypatch.setattr(sys, "executable", program)
    monkeypatch.setattr(keeper, "PROGRAM", program)
    banks = [keep(bank.open_kept, **BANK) for _ in range(2)]
    (sentence,) = capsys.readouterr().out.splitlines()
    assert sentence.startswith("What you are to steal is in this kernel, and not beside it: ")
    assert why in sentence
    for it in banks:
        assert it.ask("pay", row=it.told["stolen"]).startswith("The bank pays ")
        it.ask("stop")


def test_a_service_brings_no_more_than_it_needs_into_the_keeper() -> None:
    """Each of these would cost each student ten megabytes."""
    program = f"""
import sys
import {bank.__name__}, {gcm_bank.__name__}, {kims_shop.__name__}, {town.__name__}
import {old_shop.__name__}, {stranger.__name__}
print({{*sys.modules}} & {{"IPython", "numpy", "requests", "sqlalchemy"}})
"""
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "set()\n"
