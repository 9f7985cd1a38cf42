"""`tools/open_lab.py`, as `make lab` runs it: three lines, a JupyterLab behind them, and an end."""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import requests
from jupyter_client.blocking import BlockingKernelClient
from vocabulary import ROOT, free_port, hear_ctrl_c

MAKE = shutil.which("make")
pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send"),
    pytest.mark.skipif(MAKE is None, reason="there is no make"),
    pytest.mark.skipif(not os.access(sys.prefix, os.W_OK), reason="the log cannot be written"),
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
    """A running `make lab`, read by its three lines."""

    def __init__(self, process: "subprocess.Popen[str]", runtime: Path) -> None:
        assert process.stdout is not None
        self.process, self.runtime = process, runtime
        self.lines = [process.stdout.readline() for _ in range(3)]
        found = re.fullmatch(
            r"Open in a browser: +(http://localhost:(\d+)/)\?token=(\S+)\n", self.lines[0]
        )
        assert found, self.lines
        self.url, self.port, self.token = found[1], int(found[2]), found[3]
        self.header = {"Authorization": f"token {self.token}"}

    def printed_by_a_kernel(self, program: str) -> str:
        """Start a kernel, as a notebook would, and run the program in it."""
        answer = requests.post(f"{self.url}api/kernels", headers=self.header, timeout=30)
        file = self.runtime / f"kernel-{answer.json()['id']}.json"
        client = BlockingKernelClient(connection_file=str(file))
        client.load_connection_file()
        client.start_channels(hb=False)  # a busy machine misses its beats
        client.wait_for_ready(timeout=60)
        printed: list[str] = []
        client.execute_interactive(
            program, timeout=60, output_hook=lambda m: printed.append(m["content"].get("text", ""))
        )
        client.stop_channels()
        return "".join(printed).strip()


@contextmanager
def running(command: list[str], folder: Path) -> Iterator[Lab]:
    environment = {**os.environ, "JUPYTER_RUNTIME_DIR": str(folder), "BROWSER": "true"}
    for name in ("JUPYTER_TOKEN", "DISPLAY", "WAYLAND_DISPLAY"):
        environment.pop(name, None)
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=hear_ctrl_c,
    )
    impatience = threading.Timer(120, process.terminate)
    impatience.start()
    try:
        yield Lab(process, folder)
    finally:
        impatience.cancel()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def test_only_makes_command_line_sets_the_host() -> None:
    assert inner_command("HOST=0.0.0.0", "PORT=80")[2:] == ["--host=0.0.0.0", "--port=80"]
    assert inner_command(HOST="my-laptop", PORT="80")[2:] == []


def test_a_taken_port_is_one_sentence_where_it_is_published() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = inner_command("HOST=0.0.0.0", f"PORT={port}")
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Port {port} of 0.0.0.0 cannot be used: Address already in use. Add PORT={port + 1}.\n"
    )


@pytest.mark.thorough
def test_on_this_machine_it_takes_the_next_port_and_ctrl_c_ends_everything(tmp_path: Path) -> None:
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    securedata = Path(sys.executable).parent / "securedata"
    with running(inner_command(f"PORT={free_port()}"), tmp_path) as lab:
        assert lab.lines[1:] == [
            "To stop it:         Ctrl-C\n",
            f"Command line:       {os.path.relpath(securedata, ROOT)} --help\n",
        ]
        with running(inner_command(f"PORT={lab.port}"), tmp_path) as second:
            assert second.process.stdout is not None
            assert second.process.stdout.readline() == (
                f"Port {lab.port} is in use: JupyterLab took {second.port}.\n"
            )
        program = "import shutil, sys, securedata; print(sys.prefix, shutil.which('securedata'))"
        assert lab.printed_by_a_kernel(program) == f"{sys.prefix} {securedata}"
        children = psutil.Process(lab.process.pid).children(recursive=True)
        assert len(children) >= 2
        assert not [child for child in children if lab.token in " ".join(child.cmdline())]
        lab.process.send_signal(signal.SIGINT)
        output, _ = lab.process.communicate(timeout=30)
        assert (lab.process.returncode, output) == (0, "")
        _, alive = psutil.wait_procs(children, timeout=5)
        assert not alive


@pytest.mark.thorough
def test_what_jupyter_says_is_shown_when_it_does_not_start(tmp_path: Path) -> None:
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    (tmp_path / "file").touch()
    environment = {**os.environ, "JUPYTER_RUNTIME_DIR": f"{tmp_path}/file/runtime"}
    done = subprocess.run(
        inner_command(), env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "Not a directory" in done.stderr
    assert "JupyterLab ended with an error." in done.stderr.splitlines()[-1]
    assert len(done.stderr.splitlines()) <= 16


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the address 127.0.0.2")
def test_with_a_host_it_is_reached_by_other_addresses_and_names(tmp_path: Path) -> None:
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    port = free_port()

    def status(token: str) -> int:
        url = f"http://127.0.0.2:{port}/api/contents/notebooks?token={token}"
        return requests.get(url, headers={"Host": f"my-laptop:{port}"}, timeout=30).status_code

    with running(inner_command("HOST=0.0.0.0", f"PORT={port}"), tmp_path) as lab:
        assert lab.port == port
        assert (status(lab.token), status("wrong")) == (200, 403)
    with (
        running(inner_command(f"PORT={port}"), tmp_path) as lab,
        pytest.raises(requests.ConnectionError),
    ):
        status(lab.token)
