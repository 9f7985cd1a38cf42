"""`securedata demo` as an audience sees it: at a terminal, in a pipe, interrupted, offline."""

import os
import re
import select
import signal
import struct
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from vocabulary import free_port, hear_ctrl_c

from securedata.storage.records import RECORDS

fcntl, termios = pytest.importorskip("fcntl"), pytest.importorskip("termios")

COMMAND = str(Path(sys.executable).with_name("securedata"))
TEXT = "Meet me at noon."
ACTS = ["1. Store", "2. Look", "3. Tamper", "4. Refuse", "5. Retrieve"]
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
ASKED = "Press a key for the next act."


class Stage:
    """A folder to be in, and another for temporary files: both are empty before and after."""

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

    def piped(self, *options: str, **environment: str) -> str:
        """What the command writes into a pipe."""
        done = subprocess.run(
            [COMMAND, "demo", *options],
            cwd=self.here,
            env=self.settings(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        return done.stdout.decode("ascii")

    def at_a_terminal(self, *options: str, **environment: str) -> "Terminal":
        return Terminal([COMMAND, "demo", *options], self.here, self.settings(environment))


class Terminal:
    """80 columns and 24 lines, a keyboard, and a command that runs there."""

    def __init__(self, command: list[str], here: Path, environment: dict[str, str]) -> None:
        self._ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = subprocess.Popen(
            command,
            cwd=here,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=hear_ctrl_c,
        )
        os.close(theirs)

    def press(self, key: bytes) -> None:
        self.is_waited_at()
        os.write(self._ours, key)

    def is_waited_at(self) -> None:
        """Return once somebody waits for a key: what was pressed before is thrown away."""
        deadline = time.monotonic() + 30
        while termios.tcgetattr(self._ours)[3] & termios.ICANON:
            assert time.monotonic() < deadline, "nobody waits for a key"
            time.sleep(0.01)

    def until(self, words: str) -> str:
        """What is shown until these words are, or until the end."""
        shown = b""
        try:
            while words.encode() not in shown:
                assert select.select([self._ours], [], [], 30)[0], shown
                shown += os.read(self._ours, 1024)
        except OSError:  # how Linux says that nobody is at the other end any more
            pass
        return shown.decode("ascii").replace("\r\n", "\n")

    def rest(self) -> str:
        return self.until("\x04")

    def close(self) -> int:
        self.process.kill()
        os.close(self._ours)
        return self.process.wait()


def acts(shown: str) -> list[str]:
    """What is shown in each act."""
    plain = ESCAPE.sub("", shown)
    assert re.findall(r"^ (\d\. \w+) $", plain, re.MULTILINE) == ACTS
    return re.split(r"^ \d\. \w+ $", plain, flags=re.MULTILINE)[1:]


def fields(act: str) -> dict[str, str]:
    """The names and values that an act shows; bytes as hex, without the spaces."""
    shown: dict[str, str] = {}
    for name, value in re.findall(r"^  (\w*) +(\S+(?: \S+)*)$", act, re.MULTILINE):
        name = name or list(shown)[-1]
        shown[name] = shown.get(name, "") + value.replace(" ", "")
    return shown


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One performance, written into a pipe."""
    return Stage(tmp_path_factory.mktemp("stage")).piped()


# The play.


def test_store_shows_the_four_fields(shown: str) -> None:
    store, *_ = acts(shown)
    assert {name: len(value) // 2 for name, value in fields(store).items()} == {
        "nonce": 12,
        "encrypted_data": len(TEXT),
        "tag": 16,
        "signature": 64,
    }


def test_look_shows_the_row_which_is_that_receipts_and_has_not_the_text(shown: str) -> None:
    store, look, *_ = acts(shown)
    receipt, row = fields(store), fields(look)
    assert list(row) == [column.name for column in RECORDS.columns]
    assert row["ciphertext"] == receipt["encrypted_data"]
    for name in ("nonce", "tag", "signature"):
        assert row[name] == receipt[name]
    assert f'"{TEXT}" is in the database: no.' in look


def test_tamper_changes_one_bit_and_points_at_it(shown: str) -> None:
    store, _, tamper, *_ = acts(shown)
    *_, before, after, carets = tamper.rstrip().splitlines()
    old, new = (re.split("  +", line.strip())[1:] for line in (before, after))
    assert old[0].replace(" ", "") == fields(store)["encrypted_data"]
    changed = [a ^ b for a, b in zip(bytes.fromhex(old[0]), bytes.fromhex(new[0]), strict=True)]
    assert sum(byte.bit_count() for byte in changed) == 1
    (place,) = [at for at, byte in enumerate(changed) if byte]
    for words, bits in (old, new):
        assert bytes.fromhex(words)[place] == int(bits, 2)
    pointed = [at for at, caret in enumerate(carets) if caret == "^"]
    assert pointed == [at for at, cell in enumerate(before) if at in pointed]
    assert [at for at in range(len(before)) if before[at] != after[at] and at > 9][-1] == pointed[2]
    assert before[pointed[0] : pointed[1] + 1] == old[0].split()[place]


def test_refuse_shows_the_answer_and_the_servers_own_line_about_this_record(shown: str) -> None:
    _, look, _, refuse, _ = acts(shown)
    assert "\n  Invalid signature. Data may be compromised.\n" in refuse
    log = re.sub(r"\s+", " ", refuse)
    assert (
        f" POST /retrieve 400 SignatureError: record {fields(look)['record_id']}: "
        "the signature does not fit " in log
    )
    assert refuse.count("POST /") == 2  # what is asked, and one line of the log
    assert TEXT not in refuse


def test_retrieve_gives_the_text_back(shown: str) -> None:
    assert acts(shown)[4].splitlines()[-1] == f"  {TEXT}"


def test_no_two_performances_are_alike(stage: Stage, shown: str) -> None:
    other = stage.piped()
    for act in (0, 1):
        one, two = fields(acts(shown)[act]), fields(acts(other)[act])
        assert {name for name in one if one[name] == two[name]} <= {"owner", "created"}


# In a pipe, and at a terminal.


def test_in_a_pipe_it_is_plain_ascii_of_at_most_80_columns(shown: str) -> None:
    assert "\x1b" not in shown
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_at_a_terminal_it_is_the_same_in_colour(stage: Stage, shown: str) -> None:
    with closing(stage.at_a_terminal()) as terminal:
        coloured = terminal.rest()
        assert terminal.process.wait(timeout=30) == 0
    assert [len(act.splitlines()) for act in acts(coloured)] == [
        len(act.splitlines()) for act in acts(shown)
    ]
    good, bad = r"\x1b\[30m\x1b\[42m", r"\x1b\[37m\x1b\[41m\x1b\[1m"
    end = r"\x1b\[0m"
    for words in (
        rf"\x1b\[1m\x1b\[7m 1\. Store {end}",
        rf"  before  .*{good}[0-9a-f]{{2}}{end}.*{good}[01]{end}",
        rf"  after   .*{bad}[0-9a-f]{{2}}{end}.*{bad}[01]{end}",
        rf"  {bad}Invalid signature\. Data may be compromised\.{end}",
        rf"  {good}{TEXT}{end}",
    ):
        assert re.search(words, coloured), words


def test_whoever_wants_no_colour_gets_none(stage: Stage) -> None:
    with closing(stage.at_a_terminal(NO_COLOR="1")) as terminal:
        assert len(acts(plain := terminal.rest())) == 5
    assert "\x1b" not in plain
    with closing(stage.at_a_terminal(NO_COLOR="")) as terminal:
        assert "\x1b" in terminal.rest()


def test_it_pauses_between_the_acts_if_asked_to(stage: Stage) -> None:
    with closing(stage.at_a_terminal("--pause")) as terminal:
        for act, key in zip(ACTS, (b"\r", b" ", b"n", b"\r"), strict=False):
            shown = terminal.until(ASKED)
            assert [it for it in ACTS if f" {it} " in shown] == [act]
            assert ASKED in shown
            terminal.press(key)
        assert TEXT in (last := terminal.rest())
        assert ASKED not in last
        assert terminal.process.wait(timeout=30) == 0


def test_in_a_pipe_it_does_not_pause(stage: Stage) -> None:
    assert ASKED not in stage.piped("--pause")


# Anywhere, and without a trace.


def test_it_asks_nobody_else(stage: Stage) -> None:
    proxy = f"http://127.0.0.1:{free_port()}"
    settings = dict.fromkeys(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"], proxy)
    assert len(acts(stage.piped(**settings))) == 5


def test_it_leaves_no_files(stage: Stage) -> None:
    stage.piped()
    assert stage.is_clean


@pytest.mark.thorough
@pytest.mark.parametrize("end", ["SIGINT", "SIGTERM", "SIGHUP", "a closed window", "Ctrl-C"])
def test_however_it_ends_it_leaves_no_files(stage: Stage, end: str) -> None:
    with closing(stage.at_a_terminal("--pause")) as terminal:
        terminal.until(ASKED)
        terminal.is_waited_at()
        assert not stage.is_clean
        if end == "Ctrl-C":
            terminal.press(b"\x03")
        elif end == "a closed window":
            os.killpg(terminal.process.pid, signal.SIGHUP)
        else:
            terminal.process.send_signal(signal.Signals[end])
        assert "Traceback" not in terminal.rest()
        assert terminal.process.wait(timeout=30) != 0
    assert stage.is_clean


def test_a_reader_that_has_enough_gets_no_complaint_and_no_files_are_left(stage: Stage) -> None:
    line = f"'{COMMAND}' demo | head -n 1"
    done = subprocess.run(
        ["sh", "-c", line], cwd=stage.here, env=stage.settings({}), capture_output=True, timeout=60
    )
    assert done.stdout.startswith(b"A server runs at https://localhost:")
    assert done.stderr == b""
    assert stage.is_clean


@pytest.mark.serial
def test_it_takes_less_than_five_seconds(stage: Stage) -> None:
    begin = time.monotonic()
    stage.piped()
    assert time.monotonic() - begin < 5
