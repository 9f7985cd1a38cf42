"""`tools/open_lab.py`, as `make lab` runs it: JupyterLab, a kernel behind it, and an end."""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
import requests
from vocabulary import ROOT, free_port

MAKE = shutil.which("make")
pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="Windows has no make"),
    pytest.mark.skipif(MAKE is None, reason="there is no make"),
    pytest.mark.skipif(not os.access(sys.prefix, os.W_OK), reason="it writes a setting"),
]


def inner_command(*settings: str, **environment: str) -> list[str]:
    """What `make lab` runs once the environment is there, with the Python of the tests."""
    environment |= {"MAKELEVEL": "0", "MAKEFLAGS": ""}  # the tests may run under make
    command = [str(MAKE), "-n", "lab", f"BIN={Path(sys.executable).parent}", *settings]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, check=True
    )
    return shlex.split(done.stdout.decode().splitlines()[-1])


class Lab:
    """A running `make lab`, read by the address that it prints."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        self.process = process
        found, said = None, []
        while not found:
            said.append(process.stdout.readline())
            assert said[-1], said
            found = re.fullmatch(r" +(http://127.0.0.1:(\d+)/)(\S+)\?token=(\S+)\n", said[-1])
        self.url, self.page, self.token = found[1], found[3], found[4]
        while process.poll() is None:  # it prints the address before it listens
            with suppress(OSError), socket.create_connection(("127.0.0.1", int(found[2]))):
                break
        self.header = {"Authorization": f"token {self.token}"}

    def kernel(self) -> psutil.Process:
        """Start a kernel, as a notebook would."""
        asked = requests.post(f"{self.url}api/kernels", headers=self.header, timeout=30)
        assert asked.status_code == 201
        (kernel,) = psutil.Process(self.process.pid).children()
        return kernel


@contextmanager
def running(command: list[str], folder: Path) -> Iterator[Lab]:
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    environment = {**os.environ, "JUPYTER_RUNTIME_DIR": str(folder), "BROWSER": "true"}
    environment.pop("JUPYTER_TOKEN", None)
    person, terminal = os.openpty()  # only there would Jupyter ask a question
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield Lab(process)
    finally:
        process.send_signal(signal.SIGINT)
        os.close(terminal)
        os.close(person)
        try:
            process.communicate(timeout=30)
        finally:
            process.kill()


def test_only_makes_command_line_sets_the_host() -> None:
    assert inner_command("HOST=0.0.0.0", "PORT=80")[2:] == ["--host=0.0.0.0", "--port=80"]
    assert inner_command(HOST="my-laptop", PORT="80")[2:] == []


@pytest.mark.thorough
def test_on_this_machine_it_takes_the_next_port_and_ctrl_c_ends_everything(tmp_path: Path) -> None:
    securedata = Path(sys.executable).parent / "securedata"
    port = free_port()
    with running(inner_command(f"PORT={port}"), tmp_path) as lab:
        assert lab.page == "lab/tree/notebooks/00_start_here.ipynb"
        with running(inner_command(f"PORT={port}"), tmp_path) as second:
            assert second.url != lab.url
        kernel = lab.kernel()
        assert kernel.cmdline()[0] == sys.executable
        assert shutil.which("securedata", path=kernel.environ()["PATH"]) == str(securedata)
        children = psutil.Process(lab.process.pid).children(recursive=True)
        assert children
        lab.process.send_signal(signal.SIGINT)
        assert lab.process.wait(timeout=30) == 0
        _, alive = psutil.wait_procs(children, timeout=5)
        assert not alive


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the address 127.0.0.2")
def test_with_a_host_it_is_reached_by_other_names_and_takes_no_other_port(tmp_path: Path) -> None:
    port = free_port()

    def status(token: str) -> int:
        url = f"http://127.0.0.2:{port}/api/contents/notebooks?token={token}"
        return requests.get(url, headers={"Host": f"my-laptop:{port}"}, timeout=30).status_code

    published = inner_command("HOST=0.0.0.0", f"PORT={port}")
    with running(published, tmp_path) as lab:
        assert (status(lab.token), status("wrong")) == (200, 403)
        again = subprocess.run(published, capture_output=True, text=True, timeout=60)
        assert again.returncode == 1
        assert f"port {port} is not available" in again.stderr
    with (
        running(inner_command(f"PORT={port}"), tmp_path),
        pytest.raises(requests.ConnectionError),
    ):
        status("")
