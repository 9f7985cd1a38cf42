"""The command as a whole: its help, what it imports, and an output that cannot be written."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click import Context
from click.testing import CliRunner
from vocabulary import APP

from securedata.cli import main

SECUREDATA = (sys.executable, "-m", "securedata")


def shown(*arguments: str) -> str:
    """What a command prints that works."""
    done = CliRunner().invoke(main, arguments, prog_name="securedata")
    assert done.exit_code == 0, done.output
    return done.stdout


def test_h_is_help_everywhere() -> None:
    for command in ((), ("serve",), ("keys",), ("keys", "retire"), ("grade",)):
        assert shown(*command, "-h") == shown(*command, "--help")
    said = subprocess.check_output([*APP, "-h"], text=True)  # it has no group above it
    assert "Serve the HTTPS API until Ctrl-C." in said


def test_the_help_lists_each_command_once_in_a_group() -> None:
    listed = re.findall(r"^([A-Z][\w ]+):$|^  ([a-z]+) ", shown("-h"), re.MULTILINE)
    assert [title for title, _ in listed if title] == [
        *("Options", "Service", "Keys and tokens", "Classroom")
    ]
    names = main.list_commands(Context(main))
    assert sorted(name for _, name in listed if name) == names
    for line in (main.get_command(Context(main), name).get_short_help_str() for name in names):
        assert line in " ".join(shown("-h").split())


def test_a_command_for_all_imports_nothing_for_lecturers() -> None:
    """It would take twice as long to start."""
    program = "import sys, securedata.cli; print(*sys.modules, sep='\\n')"
    loaded = subprocess.check_output([sys.executable, "-c", program], text=True).split()
    assert not [it for it in loaded if it.startswith(("securedata_lab", "securedata_classroom"))]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("rotat", " Did you mean 'rotate'?"),
        ("token revok", " Did you mean 'revoke'?"),
        ("gradee", " Did you mean 'grade'?"),
        ("frobnicate", ""),
        ("token add", ""),
    ],
)
def test_a_wrong_command_gets_a_near_one_if_there_is_one(typed: str, said: str) -> None:
    done = CliRunner().invoke(main, typed.split())
    assert done.exit_code == 2
    assert done.stderr.endswith(f"\nError: No such command '{typed.split()[-1]}'.{said}\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_an_output_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    command = [*SECUREDATA, "token", "create", "alice"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr == "securedata: No space left on device: what it did stays done\n"


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGINT to send to oneself")
@pytest.mark.parametrize(
    ("command", "imported"),
    [
        ((*SECUREDATA, "--help"), "click"),
        ((*SECUREDATA, "serve"), "flask"),
        (APP, "flask"),
    ],
)
def test_ctrl_c_during_an_import_ends_without_a_traceback(
    command: tuple[str, ...], imported: str, tmp_path: Path
) -> None:
    during = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n"
    (tmp_path / f"{imported}.py").write_text(during)
    done = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")
