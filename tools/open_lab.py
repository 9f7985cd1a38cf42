"""`make lab`: JupyterLab on the first lesson. Three lines say where it is and how to stop it.

The Python of .venv runs this. What Jupyter prints goes to .venv/jupyter.log.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import ipaddress
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_runtime_dir

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
LOG = Path(sys.prefix) / "jupyter.log"
# Jupyter would ask whether it may fetch news, on top of the first lesson.
SETTINGS = Path(sys.prefix) / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
NO_NEWS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}
LESSON = "/lab/tree/notebooks/00_start_here.ipynb"
EVERYWHERE = ("0.0.0.0", "::", "*")  # noqa: S104  # asked for: a container publishes a port


def main(host: str, port: int) -> None:
    """Start JupyterLab, say where it is, and wait until it ends or Ctrl-C ends it."""
    token = os.environ.get("JUPYTER_TOKEN") or secrets.token_urlsafe(16)
    if not is_loopback(host):
        require_free(host, port)
    if sys.stdout.isatty():
        print("Starting JupyterLab", end="\r", flush=True)  # the first line hides it
    begun = time.time()
    SETTINGS.parent.mkdir(parents=True, exist_ok=True)
    SETTINGS.write_text(json.dumps(NO_NEWS), encoding="utf-8")
    process = start(command(host, port), token)
    try:
        introduce(server := started(process, token, begun), host)
        if server["port"] != port:
            print(f"Port {port} is in use: JupyterLab took {server['port']}.", flush=True)
        while process.poll() is None:  # on Windows, Ctrl-C does not end process.wait()
            time.sleep(0.5)
        if process.returncode:
            sys.exit(failure())
    finally:
        stop(process)


def port_number(text: str) -> int:
    """The port that is meant; Jupyter takes any number."""
    if not text.isdecimal() or not 0 < int(text) < 1 << 16:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the host."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def require_free(host: str, port: int) -> None:
    """End with a sentence if the port is taken: another port would not be the published one."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            None if host == "*" else host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind) as probe:
            if os.name != "nt":  # on Windows this would take a port from its owner
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        step = f" Add PORT={port + 1}." if error.errno == errno.EADDRINUSE else ""
        sys.exit(f"Port {port} of {host} cannot be used: {error.strerror}.{step}")


def command(host: str, port: int) -> list[str]:
    """How JupyterLab is started. On loopback it takes the next port if this one is taken."""
    options = [f"--ServerApp.ip={host}", f"--ServerApp.port={port}"]
    options.append(f"--LabApp.default_url={LESSON}")
    if not is_loopback(host):
        options += ["--ServerApp.port_retries=0", "--ServerApp.allow_remote_access=True"]
    if not has_display():
        options.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")
    return [sys.executable, "-m", "jupyterlab", *options]


def has_display() -> bool:
    """Whether a browser can open a window."""
    return sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )


def start(words: list[str], token: str) -> subprocess.Popen[bytes]:
    """Start Jupyter out of reach of Ctrl-C, at which it would ask a question."""
    environment = {
        **os.environ,
        "JUPYTER_TOKEN": token,  # not an argument: every user of the machine can read those
        "JUPYTER_PREFER_ENV_PATH": "1",  # the kernel of .venv, and not one in the home
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}",  # for !securedata
    }
    new_group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    with LOG.open("wb") as log:
        return subprocess.Popen(  # noqa: S603  # every word is ours
            words,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            creationflags=new_group,
        )


def started(process: subprocess.Popen[bytes], token: str, begun: float) -> dict[str, Any]:
    """Wait until Jupyter listens; return what it then writes about itself into a file.

    The token shows that the file is its own, or the process id. On Windows the id differs; the
    token differs if the user's settings for Jupyter set one.
    """
    while process.poll() is None:
        for file in Path(jupyter_runtime_dir()).glob("jpserver-*.json"):
            with contextlib.suppress(OSError, ValueError):  # gone, or not written to its end
                server: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
                is_new = (
                    file.stat().st_mtime > begun - 1
                )  # a server that was killed leaves its file
                if is_new and (server["token"] == token or server["pid"] == process.pid):
                    return server
        time.sleep(0.1)
    sys.exit(failure())


def introduce(server: dict[str, Any], host: str) -> None:
    """Print where it is, how to stop it, and where the command is."""
    name = "localhost" if is_loopback(host) or host in EVERYWHERE else host
    scheme = "https" if server["secure"] else "http"
    securedata = os.path.relpath(BIN / "securedata", Path.cwd())
    url = f"{scheme}://{name}:{server['port']}{server['base_url']}"
    print(f"Open in a browser:  {url}?token={server['token']}")
    print("To stop it:         Ctrl-C")
    print(f"Command line:       {securedata} --help", flush=True)


def failure() -> str:
    """What to say when Jupyter ended with an error."""
    lines = LOG.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
    return "\n".join([*lines, f"JupyterLab ended with an error. All of its output: {LOG}"])


def stop(process: subprocess.Popen[bytes]) -> None:
    """End Jupyter and its kernels. A second Ctrl-C waits no longer."""
    process.terminate()
    try:
        process.wait(timeout=5)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()  # its kernels notice, and end
        process.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser("make lab", "make lab [HOST=0.0.0.0] [PORT=8888]")
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", default=8888, type=port_number)
    options = parser.parse_args()
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)
    try:
        main(options.host, options.port)
    except KeyboardInterrupt:
        pass
    except PermissionError as error:
        sys.exit(f"{error.filename} cannot be written: .venv belongs to another user. Remove it.")
