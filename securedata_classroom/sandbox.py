"""Runs one command that nobody trusts, under bubblewrap. No lessons and no students here.

The command sees the system's programs, this Python and its packages, all read-only; a /tmp of its
own; and one folder that it may write to, in which it starts. It sees no other process, no network
but a loopback of its own, and nothing of anybody's home. A watcher counts what it uses, and ends
it with all its processes. It also ends when this process does.

The wall clock holds for everybody. The other limits stop accidents, and not somebody who hides from
the watcher: memory in a memfd, a file that is open and deleted, processor time of children that
nobody waits for. docs/teaching/grading.md tells how systemd limits them.

bubblewrap needs no root: https://github.com/containers/bubblewrap
"""

import json
import os
import shutil
import signal
import site
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path

import securedata
import securedata_classroom
import securedata_lab
from securedata.errors import FormatError, SandboxError

INSIDE = "/sandbox"  # where the writable folder is, for the command
BESIDE = "/with"  # where packages of another environment of the lecturer's are
WHAT_FOR = "keeps what a student wrote away from your files"
HOW_TO_INSTALL = "install it with: sudo apt install bubblewrap"
NEEDS_LINUX = "it needs Linux: on Windows take WSL, on macOS a virtual machine"
TICK_SECONDS = 0.1  # between two looks at what it uses
LOOKS = 20  # of which the last ones say whether it is busy
FEW = 8  # processes; each has some 90 MiB, also what it shares
MOST_FILES = 10_000
MIB, KIB = 1 << 20, 1 << 10

# Set in the process itself, before the command takes its place. They hold also between two looks.
SET_LIMITS = """
import json, os, resource, sys
for name, most in json.loads(sys.argv[1]).items():
    try:
        resource.setrlimit(getattr(resource, name), (most, most))
    except (OSError, ValueError):  # not every system has every limit
        pass
try:
    os.execvp(sys.argv[2], sys.argv[2:])
except OSError as error:
    sys.exit(f"{sys.argv[2]}: {error.strerror}")
"""
MORE_ADDRESSES = 2048 * MIB  # a process reserves more memory than it uses
# What programs read of /etc: names of libraries, of hosts and of file types, the time zone, roots.
ETC = (
    "alternatives", "ca-certificates", "fonts", "group", "hosts", "ld.so.cache", "ld.so.conf",
    "ld.so.conf.d", "localtime", "mime.types", "nsswitch.conf", "passwd", "pki", "ssl",
)  # fmt: skip
# For a sandbox in which another one can be made. Root cannot be mapped twice: user_namespaces(7).
NESTING = ("--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000", "--as-pid-1")
INNER = (
    *("--unshare-user", "--unshare-pid", "--unshare-ipc", "--cap-drop", "ALL", "--as-pid-1"),
    *("--ro-bind", "/", "/", "--dev", "/dev", "--tmpfs", "/proc"),
)
PROC_SYS = Path("/proc/sys")  # root could write there
TOP = ("bin", "lib", "lib32", "lib64", "libx32", "sbin")


@dataclass(frozen=True)
class Limits:
    """How much a command may use, with all the processes that it starts.

    >>> Limits(seconds=3).memory_mib
    512
    """

    seconds: float = 10
    processor_seconds: float = 5
    memory_mib: int = 512
    output_kib: int = 64  # on standard error
    processes: int = 32
    disk_mib: int = 64  # in its folder and in its /tmp


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and what it printed on standard error.

    >>> Outcome(0, b"hello").ended
    ''
    """

    returncode: int
    stderr: bytes
    ended: str = ""  # why it was ended, such as "it ran longer than 10 s"; empty if it was not


class Sandbox:
    """Where commands run. A class, because it is found out once whether bubblewrap works here.

    With `trust`, there is no bubblewrap: a command can read and write all that its caller can. Only
    the limits are left, those that the system has.

    Commands can import `packages`, also if another environment of this Python has them: the user's
    own, or the system's. Nothing is installed.

    Raises:
        FormatError: a package is not installed in any of them.
        SandboxError: bubblewrap is not installed, or may not be used on this machine. Or this is
            Windows, which cannot even give a command a socket for standard input.

    >>> isinstance(Sandbox(trust=True), Sandbox)
    True
    """

    def __init__(self, trust: bool = False, packages: Sequence[str] = ()) -> None:
        if sys.platform == "win32":
            raise SandboxError(f"the sandbox is missing, which {WHAT_FOR}; {NEEDS_LINUX}")
        self._bwrap = [] if trust else _working_bwrap()
        self._beside = [word for name in packages for word in _package(name)]
        self._nests = False
        if self._bwrap:
            outer = [self._bwrap[0], "--ro-bind", "/", "/", "--proc", "/proc", *NESTING]
            self._nests = _tried([*outer, *self._bwrap, *INNER, "true"]) is None

    def start(
        self,
        command: Sequence[str],
        folder: Path,
        limits: Limits,
        line: socket.socket,
        *,
        is_first: bool = False,
    ) -> "Running":
        """Start a command in this folder, with this socket for standard input and output.

        So two commands can talk to each other. Under bubblewrap a command ends when the thread that
        started it does, or the process. Never follow a link that is in the folder afterwards: it
        may lead to a file of yours.

        With `is_first`, the command is process 1 of its sandbox. No process of bubblewrap is there
        that holds the command's sockets, too, and no process inside can kill it. It is a judge:
        where the system allows it, it can make a sandbox in its own.
        """
        bwrap = self._bwrap
        if is_first and bwrap:
            bwrap = [bwrap[0], *NESTING] if self._nests else [*bwrap, "--as-pid-1"]
        return Running(bwrap, command, folder.resolve(), limits, line, self._beside)


class Running:
    """A command that runs. Close it: a `with` block does.

    >>> here, there = socket.socketpair()
    >>> with here, there, tempfile.TemporaryDirectory() as folder:
    ...     command = [sys.executable, "-c", "print(6 * 7)"]
    ...     with Sandbox(trust=True).start(command, Path(folder), Limits(), there) as running:
    ...         here.recv(3)
    b'42\\n'
    """

    def __init__(
        self,
        bwrap: list[str],
        command: Sequence[str],
        folder: Path,
        limits: Limits,
        line: socket.socket,
        beside: Sequence[str] = (),
    ) -> None:
        self._limits, self.ended = limits, ""  # why it was ended, as in its outcome
        self.busy = 0.0  # of late: 0 if it waits, 1 if it computes, or would
        self._own = Path(tempfile.mkdtemp(prefix="sandbox-"))
        self._watched = [self._own, folder]
        for name in ("tmp", "shm"):
            (self._own / name).mkdir()
        around = _around(bwrap, folder, self._own, beside) if bwrap else []
        # A socket: nobody opens one by a link to /proc/self/fd, and has the command write there.
        ours, its = socket.socketpair()
        try:
            self._process = subprocess.Popen(  # noqa: S603  # that is what a sandbox is for
                [*around, sys.executable, "-ISc", SET_LIMITS, _resource_limits(limits), *command],
                stdin=line.fileno(),
                stdout=line.fileno(),
                stderr=its.fileno(),
                cwd=folder,
                env=_environment(Path("/tmp") if bwrap else self._own / "tmp"),  # noqa: S108
                start_new_session=True,
            )
        except OSError:  # no process or no file is free
            ours.close()
            remove(self._own)
            raise
        finally:
            its.close()
        self._errors = self._printed(ours)
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait(self) -> Outcome:
        """Wait for its end, which the limits set at the latest."""
        self._watcher.join()
        return Outcome(self._process.wait(), self._errors.text(), self.ended)

    def _kill(self, why: str = "") -> None:
        """End it with all its processes. `why` is for the outcome. Twice is harmless."""
        self.ended = self.ended or why
        if self._process.returncode is None:  # else its number may be a stranger's by now
            self._kill_group()

    def _kill_group(self) -> None:
        with suppress(ProcessLookupError, PermissionError):  # it has ended
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Kill it, and remove its /tmp. Its folder stays."""
        self._kill()
        self._process.wait()
        self._watcher.join()
        remove(self._own)

    def _printed(self, line: socket.socket) -> "_Printed":
        """Read a socket in a thread, and end the command if it prints too much."""
        most = self._limits.output_kib
        return _Printed(line, most * KIB, lambda: self._kill(f"it printed more than {most} KiB"))

    def _watch(self) -> None:
        started = time.monotonic()
        while True:
            try:
                self._process.wait(TICK_SECONDS)
            except subprocess.TimeoutExpired:
                if why := self._too_much(time.monotonic() - started):
                    self._kill(why)
            else:
                self._kill_group()  # what it has left behind keeps its number from others
                return

    def _too_much(self, seconds: float) -> str:
        """What it uses more of than it may, in half a sentence."""
        limits, used = self._limits, _used(self._process.pid)
        self.busy += (used.runs - self.busy) / LOOKS
        files, bytes_on_disk = _on_disk(self._watched)
        in_many = " in many processes" if used.processes > FEW else ""
        for is_over, why in (
            (seconds > limits.seconds, f"it ran longer than {limits.seconds:g} s"),
            (
                used.processor_seconds > limits.processor_seconds,
                f"it used more than {limits.processor_seconds:g} s of processor time",
            ),
            (
                used.processes > limits.processes,
                f"it started more than {limits.processes} processes",
            ),
            (
                used.memory_bytes > limits.memory_mib * MIB,
                f"it used more than {limits.memory_mib} MiB of memory{in_many}",
            ),
            (
                bytes_on_disk > limits.disk_mib * MIB,
                f"it wrote more than {limits.disk_mib} MiB",
            ),
            (files > MOST_FILES, f"it made more than {MOST_FILES:,} files"),
        ):
            if is_over:
                return why
        return ""


class _Printed:
    """What comes out of a socket, up to a limit. The rest is read and thrown away."""

    def __init__(self, line: socket.socket, most: int, too_much: Callable[[], None]) -> None:
        self._line, self._most, self._too_much = line, most, too_much
        self._kept = bytearray()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def text(self) -> bytes:
        """All that came. Somebody who has left the sandbox's group may hold it open."""
        self._reader.join(timeout=10)  # on a busy machine, the thread may not have read it yet
        return bytes(self._kept)

    def _read(self) -> None:
        with suppress(OSError), self._line:
            while some := self._line.recv(64 * KIB):
                if len(self._kept) + len(some) > self._most:
                    self._too_much()
                self._kept += some[: self._most - len(self._kept)]


def _working_bwrap() -> list[str]:
    """Where bubblewrap is, and an option if it is new enough: no namespace inside the sandbox.

    Raises:
        SandboxError: it is not there, or this system does not let it work.
    """
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        how = HOW_TO_INSTALL if sys.platform == "linux" else NEEDS_LINUX
        raise SandboxError(f"there is no bubblewrap, which {WHAT_FOR}; {how}")
    for words in ([bwrap, "--disable-userns"], [bwrap]):
        why = _tried([*words, "--unshare-all", "--unshare-user", "--ro-bind", "/", "/", "true"])
        if why is None:
            return words
    raise SandboxError(f"bubblewrap, which {WHAT_FOR}, does not work: {why}")


def _tried(command: list[str]) -> str | None:
    """What a command says that fails; None if it works."""
    tried = subprocess.run(command, capture_output=True, text=True)  # noqa: S603
    return tried.stderr.strip() if tried.returncode else None


def inner_sandbox() -> list[str]:
    """How a judge starts a command in a sandbox inside its own; empty where it cannot.

    The command shares only the judge's loopback, and what it may write to is still to be named. It
    sees no process, and no signal of it reaches the judge.

    >>> inner_sandbox()[-2:] in (["--tmpfs", "/proc"], [])
    True
    """
    with suppress(SandboxError):
        words = [*_working_bwrap(), *INNER]
        return words if _tried([*words, "true"]) is None else []
    return []


def _around(bwrap: list[str], folder: Path, own: Path, beside: Sequence[str]) -> list[str]:
    """The command line of bubblewrap up to the command."""
    return [
        *bwrap,
        *("--unshare-all", "--unshare-user", "--cap-drop", "ALL", "--die-with-parent"),
        *_mounts("--ro-bind", [Path("/usr"), *(Path("/etc") / name for name in ETC)]),
        *(word for name in TOP for word in _top(Path("/") / name)),
        *("--proc", "/proc", *_mounts("--ro-bind", [] if "--uid" in bwrap else [PROC_SYS])),
        *("--dev", "/dev", "--bind", str(own / "shm"), "/dev/shm"),  # noqa: S108
        *("--bind", str(own / "tmp"), "/tmp"),  # noqa: S108
        *_mounts("--ro-bind", _of_python()),
        *beside,
        *("--bind", str(folder), INSIDE, "--chdir", INSIDE),
        *("--remount-ro", "/dev", "--remount-ro", "/", "--"),
    ]


def _package(name: str) -> list[str]:
    """How bubblewrap shows a package, with the libraries that a wheel has beside it.

    Raises:
        FormatError: it is not installed.
    """
    own = [*sys.path, site.getusersitepackages(), *site.getsitepackages([sys.base_prefix])]
    spec = PathFinder.find_spec(name, own) if name.isidentifier() else None
    if spec is None or not spec.origin:
        raise FormatError(
            f"--with {name}: it is not installed. Next: {sys.executable} -m pip install {name}"
        )
    path = Path(spec.origin).parent if spec.submodule_search_locations else Path(spec.origin)
    shown = [path, *path.parent.glob("*.libs")]
    mounts = [word for it in shown for word in ("--ro-bind", str(it), f"{BESIDE}/{it.name}")]
    return [*mounts, "--setenv", "PYTHONPATH", BESIDE]


def _top(folder: Path) -> list[str]:
    """/lib is a link to /usr/lib on most systems."""
    if folder.is_symlink():
        return ["--symlink", os.readlink(folder), str(folder)]
    return _mounts("--ro-bind", [folder])


def _of_python() -> list[Path]:
    """This Python, its packages, and the kit's: as they are named, and where links lead."""
    packages = (securedata, securedata_lab, securedata_classroom)
    kit = [Path(it.__file__ or "").parent for it in packages]
    named = [Path(sys.prefix), Path(sys.base_prefix), *kit]
    found = sorted({path for one in named for path in (one, one.resolve())})
    return [path for path in found if Path("/usr") not in (path, *path.parents)]


def _mounts(how: str, paths: list[Path]) -> list[str]:
    return [word for path in paths if path.exists() for word in (how, str(path), str(path))]


def processors() -> int:
    """How many processors this process may use: so many sandboxes run at once.

    >>> 1 <= processors() <= (os.cpu_count() or 1)
    True
    """
    if sys.platform == "linux":  # `taskset` and cpusets of containers leave fewer than there are
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def remove(folder: Path) -> None:
    """Remove a folder in which somebody may have made folders a thousand deep.

    >>> made = Path(tempfile.mkdtemp())
    >>> remove(made)
    >>> made.exists()
    False
    """
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except RecursionError:
        subprocess.run(["rm", "-rf", str(folder)], stderr=subprocess.DEVNULL)  # noqa: S603, S607


def _environment(home: Path) -> dict[str, str]:
    """Where to find programs, and where to write: a folder that is removed at the end."""
    path = f"{Path(sys.prefix) / 'bin'}:/usr/local/bin:/usr/bin:/bin"
    return {"PATH": path, "HOME": str(home), "TMPDIR": str(home), "LANG": "C.UTF-8"}


def _resource_limits(limits: Limits) -> str:
    """What setrlimit is given: for each process, and a little more than the watcher lets pass."""
    return json.dumps(
        {
            "RLIMIT_CPU": int(limits.processor_seconds) + 1,
            "RLIMIT_AS": limits.memory_mib * MIB + MORE_ADDRESSES,
            "RLIMIT_FSIZE": limits.disk_mib * MIB,
            "RLIMIT_CORE": 0,
        }
    )


@dataclass
class _Use:
    processes: int = 0
    memory_bytes: int = 0
    processor_seconds: float = 0.0
    runs: bool = False  # or would, if a processor were free


def _used(root: int) -> _Use:
    """What a process and all below it use now; nothing where there is no /proc."""
    found = _processes()
    used, wanted = _Use(), [root]
    while wanted:
        parent = wanted.pop()
        wanted += [pid for pid, fields in found.items() if int(fields[1]) == parent]
        if fields := found.get(parent):
            used.processes += 1
            used.runs |= fields[0] == "R"
            used.memory_bytes += int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
            # Its own time, and that of its children that have ended.
            used.processor_seconds += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return used


def _processes() -> dict[int, list[str]]:
    """All processes of the machine: /proc/pid/stat from its third field on, see proc(5).

    It is empty without a /proc, or while no file can be opened. The wall clock holds even then.
    """
    found = dict[int, list[str]]()
    with suppress(OSError):
        for name in filter(str.isdigit, os.listdir("/proc")):
            with suppress(OSError):  # it has ended
                stat = Path(f"/proc/{name}/stat").read_bytes().decode(errors="replace")
                found[int(name)] = stat.rpartition(")")[2].split()
    return found


def _on_disk(folders: Sequence[Path]) -> tuple[int, int]:
    """How many files are in these folders, and how many bytes they take."""
    files = taken = 0
    for status in _entries(folders):
        files, taken = files + 1, taken + 512 * status.st_blocks
        if files > MOST_FILES:
            break
    return files, taken


def _entries(folders: Sequence[Path]) -> Iterator[os.stat_result]:
    """The status of everything below these folders. A link is not followed."""
    wanted = [str(folder) for folder in folders]
    while wanted:
        with suppress(OSError), os.scandir(wanted.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    wanted.append(entry.path)
                yield entry.stat(follow_symlinks=False)
