"""`securedata demo` at a terminal, in a pipe, and interrupted."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pexpect
import pytest
from crowd import wait_until
from vocabulary import SECUREDATA, free_port, hear_ctrl_c

from securedata.storage.records import RECORDS

termios = pytest.importorskip("termios")

TEXT = "Meet me at noon."
STEPS = ["1. Store", "2. Look", "3. Tamper", "4. Refuse", "5. Retrieve"]
ASKED = "Press a key for the next step."


class Stage:
    """A folder to be in, and another for temporary files. Both begin empty."""

    def __init__(self, folder: Path) -> None:
        self.here, self.temporary = folder / "here", folder / "temporary"
        self.here.mkdir()
        self.temporary.mkdir()

    @property
    def is_clean(self) -> bool:
        return not [*self.here.iterdir(), *self.temporary.iterdir()]

    def settings(self, environment: dict[str, str]) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        return {**inherited, "TMPDIR": str(self.temporary), **environment}

    def piped(self, line: str = "securedata demo", **environment: str) -> str:
        """The output of a shell's line, whose stderr stays empty."""
        done = subprocess.run(
            line.replace("securedata", f"'{SECUREDATA}'"),
            shell=True,
            cwd=self.here,
            env=self.settings(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert self.is_clean
        return done.stdout.decode("ascii")

    @contextmanager
    def at_a_terminal(self, *options: str, **environment: str) -> Iterator[Any]:
        """The command at a terminal of 80 columns and 24 lines."""
        terminal = pexpect.spawn(
            SECUREDATA,
            ["demo", *options],
            cwd=self.here,
            env=self.settings(environment),
            dimensions=(24, 80),
            encoding="ascii",
            preexec_fn=hear_ctrl_c,
        )
        yield terminal
        terminal.close(force=True)


def press(terminal: Any, key: str) -> None:
    """Press a key once the command waits for one: earlier keys are thrown away."""
    wait_until(lambda: not termios.tcgetattr(terminal.fileno())[3] & termios.ICANON)
    terminal.send(key)


def rest(terminal: Any) -> str:
    """What is shown until the end."""
    terminal.expect(pexpect.EOF)
    return str(terminal.before).replace("\r\n", "\n")


def steps(shown: str) -> list[str]:
    """What is shown in each step."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert re.findall(r"^ (\d\. \w+) $", plain, re.MULTILINE) == STEPS
    return re.split(r"^ \d\. \w+ $", plain, flags=re.MULTILINE)[1:]


def fields(step: str) -> dict[str, str]:
    """The names and values that a step shows; bytes as hex, without the spaces."""
    shown: dict[str, str] = {}
    for name, value in re.findall(r"^  (\w*) +(\S+(?: \S+)*)$", step, re.MULTILINE):
        name = name or list(shown)[-1]
        shown[name] = shown.get(name, "") + value.replace(" ", "")
    return shown


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_it_shows_the_receipt_its_row_one_changed_bit_the_refusal_and_the_text(
    stage: Stage,
) -> None:
    # In a pipe it does not wait, and a proxy cannot hold it up: none runs at this port.
    proxy = f"http://127.0.0.1:{free_port()}"
    settings = dict.fromkeys(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"], proxy)
    shown = stage.piped("securedata demo --pause", **settings)
    assert ASKED not in shown
    store, look, tamper, refuse, retrieve = steps(shown)

    receipt, row = fields(store), fields(look)
    assert list(receipt) == ["nonce", "encrypted_data", "tag", "signature"]
    assert list(row) == [column.name for column in RECORDS.columns]
    assert receipt == {
        **{name: row[name] for name in ("nonce", "tag", "signature")},
        "encrypted_data": row["ciphertext"],
    }
    assert f'"{TEXT}" is in the database: no.' in look

    old, new = (
        re.findall(rf"^  {name} +((?:[0-9a-f]{{2}} )+)", tamper, re.MULTILINE)[0]
        for name in ("before", "after")
    )
    assert old.replace(" ", "") == receipt["encrypted_data"]
    changed = [a ^ b for a, b in zip(bytes.fromhex(old), bytes.fromhex(new), strict=True)]
    assert sum(byte.bit_count() for byte in changed) == 1
    assert "\n  Invalid signature. Data may be compromised.\n" in refuse
    assert f" 400 SignatureError: record {row['record_id']}: " in re.sub(r"\s+", " ", refuse)
    assert TEXT not in refuse
    assert retrieve.splitlines()[-1] == f"  {TEXT}"


@pytest.mark.thorough
@pytest.mark.parametrize("end", ["SIGTERM", "SIGHUP", "Ctrl-C"])
def test_however_it_ends_it_leaves_no_files(stage: Stage, end: str) -> None:
    with stage.at_a_terminal("--pause") as terminal:
        terminal.expect_exact(ASKED)
        assert not stage.is_clean
        if end == "Ctrl-C":
            press(terminal, "\x03")
        else:
            terminal.kill(signal.Signals[end])
        assert "Traceback" not in rest(terminal)
    assert terminal.exitstatus == 130
    assert stage.is_clean


def test_a_reader_may_leave_early(stage: Stage) -> None:
    first = stage.piped("securedata demo | head -n 1")
    assert re.fullmatch(r"A server runs at https://localhost:\d+ until this demo ends\.\n", first)


def test_a_long_signature_does_not_push_the_rest_away(tmp_path: Path) -> None:
    said = Stage(tmp_path).piped("securedata demo --signer ml-dsa-65")
    assert "ciphertext with ML-DSA-65" in " ".join(said.split())
    assert said.count("... 3,309 bytes in all") == 2
    assert len(said.splitlines()) < 80
