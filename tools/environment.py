"""`python3 tools/environment.py EXTRAS [--this-python]`: make or repair .venv, with the kit in it.

EXTRAS is a list such as `lab` or `test,lab`. With --this-python, a .venv that has another Python is
made again; else every Python from 3.10 on will do. Standard library only. An old Python must be
able to read this file, so that it can say that it is too old.

    .venv/installed.json   what is installed; it is written last
    .venv/unfinished       is there while .venv is made or changed; left over, .venv is made again
    .venv/install.log      the output of pip or uv
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
INSTALLED = VENV / "installed.json"
UNFINISHED = VENV / "unfinished"
LOG = VENV / "install.log"

OLDEST = (3, 10)
VERSION = "{}.{}".format(*sys.version_info[:2])
THIS_PYTHON = "--this-python" in sys.argv
STARTED = time.monotonic()
NO_NETWORK = re.compile(
    "connection broken|establish a new connection|error sending request|dns error|timed out", re.I
)


def main(extras: set[str]) -> None:
    """Do nothing if these extras are installed; else make or repair .venv, and install them."""
    if is_right(extras):
        return
    require_new_python()
    with alone():
        if not is_right(extras):  # another run may have installed them meanwhile
            prepare(extras)


def require_new_python() -> None:
    """End with a sentence if this Python is too old; name a newer one if there is one."""
    if sys.version_info >= OLDEST:
        return
    newer = [name for minor in range(10, 20) for name in [f"python3.{minor}"] if shutil.which(name)]
    step = (
        f"add PYTHON={newer[-1]} to the make command"
        if newer
        else "get one from https://www.python.org"
    )
    sys.exit(f"This needs Python 3.10 or newer, and this is Python {VERSION}: {step}.")


# The state of .venv.


def is_right(extras: set[str]) -> bool:
    """Whether .venv has these extras of today's pyproject.toml, and its Python starts."""
    found = installed()
    return (
        not UNFINISHED.exists()
        and extras <= set(found.get("extras", []))
        and found == description(found["extras"])
        and will_do(python_version())
    )


def installed() -> dict[str, Any]:
    """What the last complete install wrote; empty if there was none."""
    with contextlib.suppress(OSError, ValueError):
        return dict(json.loads(INSTALLED.read_text(encoding="utf-8")))
    return {}


def description(extras: list[str]) -> dict[str, Any]:
    """What an install of these extras writes."""
    project = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    return {"extras": extras, "project": project, "root": str(ROOT)}


def python_version() -> str | None:
    """The version of .venv's Python; None if it does not start."""
    return answer("-S", "-c", "import sys; print('%d.%d' % sys.version_info[:2])")


def will_do(version: str | None) -> bool:
    """Whether the kit may run in a .venv with this Python."""
    if version is None or THIS_PYTHON:
        return version == VERSION
    return tuple(map(int, version.split("."))) >= OLDEST


def answer(*arguments: str) -> str | None:
    """What .venv's Python prints; None if it fails."""
    with contextlib.suppress(OSError):
        done = subprocess.run([PYTHON, *arguments], capture_output=True, text=True, check=False)  # noqa: S603
        return done.stdout.strip() if done.returncode == 0 else None
    return None


def fault(uv: str | None) -> str | None:
    """Why this .venv must be made again; None if packages can be installed into it."""
    if UNFINISHED.exists():
        return "the last install did not end"
    if not (VENV / "pyvenv.cfg").exists():
        sys.exit(".venv is not a virtual environment. Move it away, then run this again.")
    version = python_version()
    if version is None:
        return "its Python does not start"
    if not will_do(version):
        return f"it has Python {version}, and this is Python {VERSION}"
    if installed().get("root", str(ROOT)) != str(ROOT):
        return "its folder was moved"
    if uv is None and answer("-m", "pip", "--version") is None:
        return "it has no pip"
    return None


def working_uv() -> str | None:
    """The path of uv; None if there is none. A shim of pyenv is on PATH, but may not start."""
    uv = shutil.which("uv")
    with contextlib.suppress(OSError):
        if uv and subprocess.run([uv, "--version"], capture_output=True).returncode == 0:  # noqa: S603
            return uv
    return None


# Changes to .venv.


def prepare(extras: set[str]) -> None:
    """Make .venv again if it must be, then install these extras beside those that are there."""
    uv = working_uv()
    is_new = not VENV.exists() or not any(VENV.iterdir())
    reason = None if is_new else fault(uv)
    if is_new or reason:
        require_ensurepip(uv)
        say(f"Making .venv again: {reason}." if reason else f"Making .venv with Python {VERSION}.")
        make(uv)
    say("Installing the packages. The first time, this takes a minute or more.")
    install(uv, sorted(extras.union(installed().get("extras", []))))


def require_ensurepip(uv: str | None) -> None:
    """End with a sentence if this Python cannot make environments, before anything is touched."""
    if uv:
        return
    try:
        import ensurepip  # noqa: F401  # Debian puts it into a package of its own
    except ImportError:
        sys.exit(
            "This Python cannot make virtual environments: install the package "
            f"python{VERSION}-venv (or python3-venv), then run this again."
        )


def make(uv: str | None) -> None:
    """Make .venv, in place of what is there. If that fails, nothing of it is left."""
    python = base_python()  # asked now: .venv may be active, and what is deleted is its link
    empty()
    with_uv = [uv, "venv", "--allow-existing", "--python", python]
    if run([*(with_uv if uv else [python, "-m", "venv"]), str(VENV)]):
        lines = last_lines()
        shutil.rmtree(VENV)
        sys.exit(f"{lines}\nThe virtual environment could not be made: see above.")
    UNFINISHED.unlink()


def empty() -> None:
    """Delete everything in .venv except the mark that it is unfinished."""
    VENV.mkdir(exist_ok=True)
    UNFINISHED.touch()
    for child in VENV.iterdir():
        if child.is_dir() and not child.is_symlink():
            shutil.rmtree(child)
        elif child != UNFINISHED:
            child.unlink()


def base_python() -> str:
    """The Python that this one was made from, if this one is in an environment; else this one."""
    if sys.prefix == sys.base_prefix:
        return sys.executable
    return sys._base_executable if os.name == "nt" else os.path.realpath(sys.executable)


def install(uv: str | None, extras: list[str]) -> None:
    """Install these extras. A failure that changed nothing leaves .venv as good as before.

    Without a network, packages that are all there are used, although pyproject.toml has changed.
    """
    with_uv = [uv, "pip", "install", "--python", str(PYTHON)]
    with_pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check"]
    before = packages()
    UNFINISHED.touch()
    try:
        if not run([*(with_uv if uv else with_pip), "--editable", f".[{','.join(extras)}]"]):
            INSTALLED.write_text(json.dumps(description(extras)), encoding="utf-8")
            UNFINISHED.unlink()
            say(f"Installed in {time.monotonic() - STARTED:.0f} s.")
        elif lacks_network() and packages() == before and installed().get("extras") == extras:
            say("There is no network, so the packages stay as they were.")
        else:
            sys.exit(failure())
    finally:
        if UNFINISHED.exists() and packages() == before:
            UNFINISHED.unlink()


def packages() -> set[str]:
    """The names of what is in site-packages."""
    found = [*VENV.glob("lib/python*/site-packages/*"), *VENV.glob("Lib/site-packages/*")]
    return {path.name for path in found}


def failure() -> str:
    """What to say when pip or uv failed."""
    if lacks_network():
        return "The packages could not be downloaded. Is there a network? Then run this again."
    return f"{last_lines()}\nThe packages could not be installed. All of the output: {LOG}"


def lacks_network() -> bool:
    """Whether pip or uv failed because nothing could be downloaded."""
    lines = last_lines()
    # With a certificate that is not trusted, the connection breaks too. That is another problem.
    return NO_NETWORK.search(lines) is not None and "certificate" not in lines.lower()


# Running pip or uv.


def run(command: list[str]) -> int:
    """Run a command with its output in the log, show that it is working, return its exit code."""
    with LOG.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603  # every word is ours
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **inherit_lock()
        )
    try:
        return watch(process)
    except KeyboardInterrupt:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=3)  # Ctrl-C reached it too: it removes its temporary files
        process.kill()
        process.wait()
        raise


def watch(process: subprocess.Popen) -> int:
    """Wait for a process: show the seconds on a terminal, else a line now and then."""
    terminal = sys.stdout.isatty()
    while True:
        try:
            code = process.wait(timeout=1 if terminal else 15)
        except subprocess.TimeoutExpired:
            seconds = f"  {time.monotonic() - STARTED:.0f} s"
            # Without a terminal, pip's scraps of progress would look like an error.
            show(f"{seconds}  {last_lines(1).strip()}" if terminal else seconds, terminal)
        else:
            show("", terminal)
            return code


def show(line: str, terminal: bool) -> None:
    """Replace the running line of a terminal; elsewhere print one more line."""
    width = min(60, shutil.get_terminal_size().columns - 1)
    if terminal:
        print("\r" + line[:width].ljust(width), end="\r", flush=True)
    elif line:
        say(line[:width])


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


def last_lines(count: int = 25) -> str:
    """The end of the log."""
    lines = LOG.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-count:])


# Two runs at once.

_lock = None  # the file that is locked: this one


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Wait until no other run works on .venv. The lock is on this file: it is always there."""
    global _lock
    with open(__file__, "r+b") as _lock:
        if not locked(_lock):
            say("Another run is preparing .venv. Waiting for it.")
            while not locked(_lock):
                time.sleep(0.2)
        yield


def locked(file: IO[bytes]) -> bool:
    """Lock the file, unless another process has locked it. Closing the file unlocks it."""
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(1 << 30)  # behind the end: what is locked cannot be read
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def inherit_lock() -> dict[str, list[int]]:
    """Let pip hold the lock too: if this run is killed, the next one waits for that pip."""
    return {} if os.name == "nt" else {"pass_fds": [_lock.fileno()]}


if __name__ == "__main__":
    if sys.argv[2:] not in ([], ["--this-python"]) or len(sys.argv) == 1:
        sys.exit("usage: python3 tools/environment.py EXTRAS [--this-python]")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main(set(sys.argv[1].split(",")))
    except KeyboardInterrupt:
        say("\nStopped. Run it again to go on.")
        sys.exit(130)
    except PermissionError as error:
        sys.exit(
            f"{error.filename} cannot be written. Does it belong to another user? "
            "Clone the kit into a folder of your own."
        )
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror}. Nothing more was done.")
