"""The sandbox: what a student's program may use, and what it cannot see."""

import os
import shutil
import signal
import site
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from crowd import wait_until

from securedata.errors import FormatError, SandboxError
from securedata_classroom.sandbox import Limits, Outcome, Sandbox

pytestmark = pytest.mark.thorough  # lecturers need it; two minutes of kills and floods
MEASURED = "counts processes and memory in /proc"
needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason=MEASURED)
SMALL = Limits(seconds=20, processor_seconds=10, memory_mib=200, processes=20, disk_mib=20)


needs_bwrap = pytest.mark.skipif(not shutil.which("bwrap"), reason="needs bubblewrap")


@pytest.fixture(params=[pytest.param(False, marks=needs_bwrap), True], ids=["bwrap", "trust"])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return Sandbox(trust=request.param)


def python(program: str) -> list[str]:
    """A program, whose prints go to standard error."""
    return [sys.executable, "-c", f"import sys; sys.stdout = sys.stderr\n{program}"]


def run(sandbox: Sandbox, program: str, folder: Path, limits: Limits = SMALL) -> Outcome:
    here, there = socket.socketpair()
    with here, there, sandbox.start(python(program), folder, limits, there) as running:
        return running.wait()


def boxed(program: str, folder: Path) -> str:
    """What a program prints under bubblewrap."""
    return run(Sandbox(), program, folder).stderr.decode().strip()


def test_a_command_prints_and_leaves_a_file(sandbox: Sandbox, tmp_path: Path) -> None:
    program = "print('no'); open('left', 'w').write('hello'); sys.exit(3)"
    assert run(sandbox, program, tmp_path) == Outcome(3, b"no\n")
    assert (tmp_path / "left").read_text() == "hello"


@pytest.mark.parametrize(
    ("program", "limits", "ended"),
    [
        ("import time; time.sleep(60)", Limits(seconds=0.5), "it ran longer than 0.5 s"),
        ("print('x' * 100_000)", SMALL, "it printed more than 64 KiB"),
        pytest.param(
            "while True: pass",
            Limits(processor_seconds=0.5),
            "it used more than 0.5 s of processor time",
            marks=needs_proc,
        ),
        pytest.param(
            "import time; kept = bytes(1) * (300 << 20); time.sleep(60)",
            SMALL,
            "it used more than 200 MiB of memory",
            marks=needs_proc,
        ),
        pytest.param(
            "import os, time\nwhile True:\n  if not os.fork(): time.sleep(60)\n  time.sleep(0.001)",
            SMALL,
            "it started more than 20 processes",
            marks=needs_proc,
        ),
        (
            "import time\nfor n in range(3): open(str(n), 'wb').write(b'x' * (10 << 20))\n"
            "time.sleep(60)",
            SMALL,
            "it wrote more than 20 MiB",
        ),
        (
            "import time\nfor n in range(10_001): open(str(n), 'w')\ntime.sleep(60)",
            SMALL,
            "it made more than 10,000 files",
        ),
    ],
)  # fmt: skip
@pytest.mark.whole
def test_a_command_that_uses_too_much_is_ended(
    sandbox: Sandbox, program: str, limits: Limits, ended: str, tmp_path: Path
) -> None:
    assert run(sandbox, program, tmp_path, limits).ended == ended


def test_the_wall_clock_holds_while_no_file_can_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listdir = os.listdir

    def refused(path: str) -> list[str]:
        if path == "/proc":
            raise OSError(24, "Too many open files")
        return listdir(path)

    monkeypatch.setattr(os, "listdir", refused)
    sleeps = "import time; time.sleep(10)"
    outcome = run(Sandbox(trust=True), sleeps, tmp_path, Limits(seconds=0.5))
    assert outcome.ended == "it ran longer than 0.5 s"


@needs_proc
def test_no_link_leads_to_where_a_command_prints(sandbox: Sandbox, tmp_path: Path) -> None:
    program = "open('/proc/self/fd/2', 'w')"
    assert b"No such device" in run(sandbox, program, tmp_path).stderr


def test_a_command_gets_no_secrets_from_the_environment(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECUREDATA_PASSPHRASE", "sunflower")
    said = run(sandbox, "import os; print(*sorted(os.environ))", tmp_path).stderr
    assert set(said.decode().split()) - {"PWD"} == {"HOME", "LANG", "PATH", "TMPDIR"}


@needs_bwrap
def test_nothing_outside_can_be_read_or_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "another student.ipynb"
    other.write_text("solved")
    ssh = Path.home() / ".ssh"
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "link").symlink_to(other)
    seen = boxed(
        "import os\n"
        f"print([os.path.exists(it) for it in ({str(other)!r}, {str(ssh)!r}, 'link')])\n"
        "for it in ('/file', '/usr/file', '/dev/file', '/proc/sys/kernel/panic',"
        f" {sys.prefix + '/file'!r}):\n"
        "    try: open(it, 'w'); print('wrote', it)\n"
        "    except OSError: pass\n",
        mine,
    )
    assert seen == "[False, False, False]"


@needs_bwrap
def test_a_package_of_another_environment_can_be_shown_to_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wheel has its libraries beside it. What else is there stays out of sight."""
    for name in ("mine/__init__.py", "mine.libs/lib.so", "other.py", "alone.py"):
        file = tmp_path / "site" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x = 1")
    (tmp_path / "folder").mkdir()
    monkeypatch.setattr(site, "getusersitepackages", lambda: str(tmp_path / "site"))
    program = "import mine, alone, os, sys; sys.stderr.write(str(sorted(os.listdir('/with'))))"
    sandbox = Sandbox(packages=["mine", "alone"])
    said = run(sandbox, program, tmp_path / "folder").stderr.decode()
    assert said == "['alone.py', 'mine', 'mine.libs']"
    assert "No module named 'mine'" in boxed("import mine", tmp_path / "folder")
    for name in ("no_such", "../site", "mine.part"):
        with pytest.raises(FormatError, match=f"--with {name}: it is not installed. Next: "):
            Sandbox(packages=[name])


@needs_bwrap
def test_no_other_process_and_no_network_is_there(tmp_path: Path) -> None:
    seen = boxed(
        "import os, socket\n"
        "print(sum(it.isdigit() for it in os.listdir('/proc')) < 5)\n"
        "print([line.split(':')[0].strip() for line in open('/proc/net/dev')][2:])\n"
        "server = socket.create_server(('localhost', 0))\n"
        "print(socket.create_connection(server.getsockname()).getpeername()[0])\n",
        tmp_path,
    )
    assert seen.split("\n") == ["True", "['lo']", "127.0.0.1"]


@needs_bwrap
def test_a_command_has_no_power_even_if_root_runs_it(tmp_path: Path) -> None:
    seen = boxed("print([it for it in open('/proc/self/status') if it[:3] == 'Cap'])", tmp_path)
    assert seen.count("0000000000000000") == 5


@needs_bwrap
def test_a_command_gets_no_namespace_in_which_it_is_root(tmp_path: Path) -> None:
    if "--disable-userns" not in subprocess.check_output(["bwrap", "--help"], text=True):
        pytest.skip("needs bubblewrap 0.8")
    program = "import ctypes; print(ctypes.CDLL(None).unshare(0x10000000))"  # CLONE_NEWUSER
    assert boxed(program, tmp_path) == "-1"


@needs_bwrap
def test_a_command_ends_with_its_parent(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
    program = (
        "import socket, time; from pathlib import Path; here, there = socket.socketpair();"
        "from securedata_classroom.sandbox import Limits, Sandbox;"
        f"Sandbox().start({command!r}, Path({str(tmp_path)!r}), Limits(seconds=60), there);"
        "print(here.recv(3), flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    with parent.stdout as up:
        assert up.readline() == b"b'up\\n'\n"
        assert has_folder_open(tmp_path)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    wait_until(lambda: not has_folder_open(tmp_path))


def has_folder_open(folder: Path) -> list[int]:
    """The processes that work in this folder, wherever they see it."""
    found, here = [], folder.stat()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            if os.path.samestat((process / "cwd").stat(), here):
                found.append(int(process.name))
    return found


def test_without_bubblewrap_a_sentence_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(SandboxError, match="sudo apt install bubblewrap"):
        Sandbox()
    monkeypatch.setattr("sys.platform", "darwin")
    with pytest.raises(SandboxError, match="on macOS a virtual machine"):
        Sandbox()
    assert Sandbox(trust=True)
    monkeypatch.setattr("sys.platform", "win32")
    with pytest.raises(SandboxError, match="on Windows take WSL"):
        Sandbox(trust=True)


def test_a_bubblewrap_that_may_not_work_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'setting up uid map: Permission denied' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(SandboxError, match="does not work: setting up uid map"):
        Sandbox()


def test_nothing_is_left_in_the_temporary_folder(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    work = tmp_path / "work"
    work.mkdir()
    program = (
        "import os, tempfile\nos.chdir(os.environ['HOME'])\n"
        "assert tempfile.gettempdir() == os.getcwd()\n"
        "for n in range(1200): os.mkdir('d'); os.chdir('d')"
    )
    assert run(sandbox, program, work).returncode == 0
    with pytest.raises(OSError, match="No such file"):  # of Popen
        run(sandbox, program, tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == [work]


def test_a_command_that_has_ended_leaves_no_process_and_its_number_is_not_killed(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between `wait` and `close`, the system may give the number to a stranger."""
    here, there = socket.socketpair()
    program = "import os, time\nif not os.fork(): time.sleep(60)"
    with here, there, sandbox.start(python(program), tmp_path, SMALL, there) as running:
        running.wait()
        killed = list[int]()
        monkeypatch.setattr(os, "killpg", lambda *it: killed.append(it[0]))
    assert killed == []
    wait_until(lambda: not has_folder_open(tmp_path))
