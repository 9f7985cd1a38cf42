"""`python3 tools/environment.py EXTRAS [--this-python]`: make or repair .venv, with the kit in it.

EXTRAS is a list such as `lab` or `test,lab`. With --this-python, a .venv that has another Python is
made again; else every Python from 3.10 on will do. venv and pip print what they do, and why they
fail. Standard library only. An old Python, from 3.6 on, must be able to read this file, so that it
can say that it is too old: newer types are in quotes. Like make, it needs Linux or macOS.

The packages and their hashes are those of constraints/, which `make constraints` writes for Python
3.10 to 3.14. A newer Python gets today's versions: for it, older ones have no wheels. Nothing else
is a reason for that, least of all a wrong hash.

    .venv/installed.json     what is installed
    build/venv-is-unfinished is there while .venv is made or changed; left over, .venv is made again
"""

import contextlib
import fcntl
import hashlib
import json
import shutil
import signal
import subprocess
import sys
import venv
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
INSTALLED = VENV / "installed.json"
UNFINISHED = ROOT / "build" / "venv-is-unfinished"  # not in .venv, which `venv` empties

OLDEST, NEWEST = (3, 10), (3, 14)  # NEWEST in constraints/
VERSION = "{}.{}".format(*sys.version_info[:2])
THIS_PYTHON = "--this-python" in sys.argv


def main(extras: "set[str]") -> None:
    """Do nothing if these extras are installed; else make or repair .venv, and install them."""
    if is_right(extras):
        return
    require_new_python()
    with open(__file__, "r+b") as this:  # the lock is on this file: it is always there
        wait_for_other_runs(this)
        if not is_right(extras):
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


def wait_for_other_runs(lock: IO[bytes]) -> None:
    """Two at once would spoil .venv. Closing the file unlocks it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("Another run is preparing .venv. Waiting for it.")
        fcntl.flock(lock, fcntl.LOCK_EX)


# The state of .venv.


def is_right(extras: "set[str]") -> bool:
    """Whether .venv has these extras of today's pyproject.toml, and its Python starts."""
    found = installed()
    modules = set(found.pop("modules", []))
    return (
        extras <= set(found.get("extras", []))
        and found == description(found["extras"])
        and modules <= packages()  # uv may have removed some
        and fault() is None
    )


def installed() -> "dict[str, Any]":
    """What the last complete install wrote; empty if there was none."""
    with contextlib.suppress(OSError, ValueError):
        return dict(json.loads(INSTALLED.read_text(encoding="utf-8")))
    return {}


def description(extras: "list[str]") -> "dict[str, Any]":
    """What an install of these extras writes."""
    files = [ROOT / "pyproject.toml", *pinned(extras)]
    project = hashlib.sha256(b"".join(map(Path.read_bytes, files))).hexdigest()
    return {"extras": extras, "project": project, "root": str(ROOT)}


def pinned(extras: "list[str]") -> "list[Path]":
    """The files with the versions and hashes of what builds the kit, and of these extras."""
    return [ROOT / "constraints" / f"{name}.txt" for name in ("build", *extras)]


def fault() -> "str | None":
    """Why this .venv must be made again; None if packages can be installed into it."""
    if UNFINISHED.exists():
        return "the last install did not end"
    if VENV.exists() and any(VENV.iterdir()) and not (VENV / "pyvenv.cfg").exists():
        sys.exit(".venv is not a virtual environment. Move it away, then run this again.")
    version = python_version()
    if version is None:
        return "its Python does not start"
    if installed().get("root", str(ROOT)) != str(ROOT):
        return "its folder was moved"
    is_new = numbers(version) >= OLDEST
    if version == VERSION or (is_new and not THIS_PYTHON):
        return None
    return f"it has Python {version}, and this is Python {VERSION}"


def python_version() -> "str | None":
    """The version of .venv's Python; None if it does not start."""
    command = [PYTHON, "-S", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        printed = subprocess.check_output(command, stderr=subprocess.DEVNULL)  # noqa: S603
        return printed.decode().strip() or None
    return None


def numbers(version: str) -> "tuple[int, ...]":
    return tuple(map(int, version.split(".")))


# Changes to .venv.


def prepare(extras: "set[str]") -> None:
    """Make .venv again if it must be, then install these extras beside those that were there."""
    extras = extras.union(installed().get("extras", []))
    reason = fault()
    if reason:
        is_new = not VENV.exists()
        say(f"Making .venv with Python {VERSION}." if is_new else f"Making .venv again: {reason}.")
        make()
    say("Installing the packages. The first time, this takes a minute or more.")
    install(sorted(extras))


def make() -> None:
    """Make .venv, in place of what is there."""
    if VENV.is_symlink() or VENV.is_file():
        sys.exit(".venv is no folder, but a link or a file. Move it away, then run this again.")
    UNFINISHED.parent.mkdir(exist_ok=True)
    UNFINISHED.touch()
    try:
        # Debian's Python without python3-venv ends here, and names the package.
        venv.create(VENV, clear=True, with_pip=True)
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error.output.decode()}The virtual environment could not be made: see above.")


def install(extras: "list[str]") -> None:
    """Install these extras. A failure that changed nothing leaves .venv as good as before.

    So without a network one can go on, although pyproject.toml has changed.
    """
    before = packages()
    UNFINISHED.parent.mkdir(exist_ok=True)
    UNFINISHED.touch()
    try:
        if "pip" not in before:  # uv makes .venv without it
            run(str(PYTHON), "-m", "ensurepip")
        if all(pip_install(*step) for step in steps(extras)):
            modules = [it for it in packages() if not it.endswith(".dist-info")]
            content = {**description(extras), "modules": modules}
            INSTALLED.write_text(json.dumps(content), encoding="utf-8")
            UNFINISHED.unlink()
        elif extras == installed().get("extras") and packages() == before:
            say("The packages stay as they were: pip says why above.")
        else:
            sys.exit(
                "The packages could not be installed: pip says why above. "
                "If there was no network, connect, and run this again. If a hash does not match, "
                "the file was changed on its way: try another network, and install nothing. If "
                'there is no package for this system, see docs/install.md, "A virtual environment '
                'by hand".'
            )
    finally:
        if UNFINISHED.exists() and packages() == before:
            UNFINISHED.unlink()


def steps(extras: "list[str]") -> "list[list[str]]":
    """What pip installs, one after the other: it takes no --editable beside hashes."""
    if numbers(python_version() or VERSION) > NEWEST:
        say("Nobody has tried the kit on this Python. It gets today's versions of the packages.")
        return [["--editable", f".[{','.join(extras)}]"]]
    files = [f"--requirement={file}" for file in pinned(extras)]
    # What builds the kit is then there, with its hashes: pip fetches nothing more.
    return [["--require-hashes", *files], ["--no-deps", "--no-build-isolation", "--editable", "."]]


def pip_install(*words: str) -> bool:
    pip = (str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    return not run(*pip, *words)


def packages() -> "set[str]":
    """The names of what is in site-packages."""
    return {path.name for path in VENV.glob("lib/python*/site-packages/*")}


def run(*command: str) -> int:
    """Run a command in the kit's folder, and return its exit code."""
    return subprocess.run(command, cwd=ROOT).returncode  # noqa: S603  # every word is ours


def say(line: str) -> None:
    """Print a line before venv and pip print theirs."""
    print(line, flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main(set(sys.argv[1].split(",")))
    except KeyboardInterrupt:
        say("\nStopped. Run it again to go on.")
        sys.exit(130)
    except OSError as error:
        sys.exit(
            f"{error.filename}: {error.strerror}. "
            "Run it again, or clone the kit into a folder in which you can write."
        )
