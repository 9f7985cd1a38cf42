"""`python app.py` and `securedata serve` as people start them: what they make, say and refuse."""

import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests
from crowd import wait_until
from vocabulary import APP, ROOT, SECUREDATA, a_leaf, ask, free_port, mode, securedata

from securedata import KeyFile, Leaf
from securedata.keys.file import is_protected
from securedata.keys.service_keys import new_token

IMPATIENT = (
    *(sys.executable, "-c"),
    "from securedata.serving import renewal; renewal.LOOK_SECONDS = renewal.STEP_SECONDS = 0.1\n"
    "from securedata.cli import serve; serve()",
)
LOG_LINE = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (GET|POST) /\S+ \d{3}$"

# A certificate with no subjectAltName: certs/README.md warns of it.
PLAIN_OPENSSL = (
    "openssl req -x509 -newkey rsa:2048 -keyout certs/key.pem -out certs/cert.pem"
    " -days 365 -nodes -subj /CN=localhost"
)

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has other signals and permissions")


class Run:
    """A server's process, with its output so far."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, output: Path) -> None:
        self.process = process
        self.folder = folder
        self._output = output

    @property
    def stdout(self) -> str:
        return (self._output / "stdout").read_text(encoding="utf-8")

    @property
    def stderr(self) -> str:
        return (self._output / "stderr").read_text(encoding="utf-8")

    @property
    def warnings(self) -> list[str]:
        """The lines on stderr, without the log of requests."""
        return [line for line in self.stderr.splitlines() if not re.match(LOG_LINE, line)]

    @property
    def url(self) -> str:
        return self._introduction()[1]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def ca_file(self) -> Path:
        return self.folder / self._introduction()[2]

    def store(self, text: str) -> str:
        """Store a text and return its record id."""
        return str(ask(self, "POST", "/store", json={"data": text}).json()["record_id"])

    def retrieve(self, record_id: str) -> str:
        answer = ask(self, "POST", "/retrieve", json={"record_id": record_id})
        return str(answer.json()["decrypted_data"])

    def end(self, by: signal.Signals = signal.SIGINT) -> int:
        """Ask it to end, and return its exit code."""
        self.process.send_signal(by)
        return self.process.wait(timeout=30)

    def _introduction(self) -> re.Match[str]:
        introduction = re.match(
            r"Serving (\S+) until Ctrl-C\. Clients trust (\S+)\.\n", self.stdout
        )
        assert introduction is not None, self.stdout + self.stderr
        return introduction


@contextmanager
def started(
    folder: Path, *options: str, command: tuple[str, ...] = APP, **environment: str
) -> Iterator[Run]:
    """A server that has exited or answers. It is killed afterwards."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("SECUREDATA_")}
    if "SECUREDATA_PORT" not in environment and "--port" not in options:
        options = (*options, "--port", "0")
    with tempfile.TemporaryDirectory() as output, ExitStack() as files:
        out, err = (
            files.enter_context((Path(output) / name).open("wb")) for name in ("stdout", "stderr")
        )
        process = subprocess.Popen(
            [*command, *options],
            cwd=folder,
            env={**inherited, **environment},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
        run = Run(process, folder, Path(output))
        try:
            deadline = time.monotonic() + 30
            while process.poll() is None and "}'\n" not in run.stdout:  # its last line is for curl
                assert time.monotonic() < deadline, f"undecided: {run.stdout}{run.stderr}"
                time.sleep(0.02)
            yield run
        finally:
            process.kill()
            process.wait()


def put_pair(folder: Path, leaf: Leaf) -> None:
    """A user's own certificate and key, in certs/."""
    certs = folder / "certs"
    certs.mkdir()
    (certs / "cert.pem").write_text(leaf.chain_pem)
    (certs / "key.pem").write_text(leaf.private_key_pem)
    (certs / "key.pem").chmod(0o600)


def shell(command: str, folder: Path) -> str:
    """The standard output of a command that works."""
    tool = command.splitlines()[-1].split()[0]
    if shutil.which(tool) is None:
        pytest.skip(f"needs the {tool} command")
    done = subprocess.run(
        command, shell=True, cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def refusal(folder: Path, *options: str) -> str:
    """The sentence with which a start is refused."""
    done = securedata(folder, "serve", "--port", "0", *options)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("securedata: ")
    return line.removeprefix("securedata: ")


# The first start


def test_the_first_start_makes_everything_and_all_secrets_are_private(tmp_path: Path) -> None:
    with started(tmp_path) as run:
        assert run.retrieve(run.store("Meet me at noon.")) == "Meet me at noon."
        assert run.warnings == []
    made = {path.relative_to(tmp_path).as_posix(): path for path in tmp_path.rglob("*")}
    public = {"certs/ca.pem", "certs/localhost.pem"}
    secret = {"certs/ca-key.pem", "certs/localhost-key.pem", "data/keys.json"}
    folders = {"certs", "data"}
    database = {name for name in made if name.startswith("data/records.sqlite3")}
    locks = {"certs/.ca-key.pem.lock", "data/.keys.json.lock"}
    assert set(made) == public | secret | folders | database | locks
    assert database
    if os.name == "posix":
        assert {mode(made[name]) for name in secret} == {0o600}
        assert {mode(made[name]) for name in folders} == {0o700}


@pytest.mark.parametrize("owner", ["local", "alice"])
def test_it_says_where_everything_is_and_its_line_for_curl_works(
    tmp_path: Path, owner: str
) -> None:
    token = new_token()
    if owner != "local":
        keys = KeyFile.create(tmp_path / "data" / "keys.json")
        keys.update(lambda keys: keys.add_token(owner, token))
    with started(tmp_path) as run:
        *lines, curl = run.stdout.splitlines()
        assert lines == [
            f"Serving https://localhost:{run.port} until Ctrl-C. Clients trust certs/ca.pem.",
            "Keys are in data/keys.json, records in sqlite:///data/records.sqlite3. Back up both.",
            f"Open {run.url} in a browser. It warns until you import certs/ca.pem.",
            "Store a text:",
        ]
        stored = json.loads(shell(f"export TOKEN={token}\n{curl}", tmp_path))
        assert (stored["message"], stored["owner"]) == ("Data stored securely", owner)
        assert token not in run.stdout + run.stderr


# Settings


def test_data_goes_where_the_environment_says(tmp_path: Path) -> None:
    port = free_port()
    settings = {
        "SECUREDATA_PORT": str(port),
        "SECUREDATA_DATABASE": "sqlite:///elsewhere/texts.db",
        "SECUREDATA_KEYS": "not-this.json",
        "SECUREDATA_CERTS": "tls",
    }
    with started(tmp_path, "--keys", "secret/keys.json", **settings) as run:  # an option wins
        assert (run.url, run.ca_file) == (f"https://localhost:{port}", tmp_path / "tls" / "ca.pem")
        run.store("hello")
    assert {path.name for path in tmp_path.iterdir()} == {"elsewhere", "secret", "tls"}
    assert (tmp_path / "elsewhere" / "texts.db").exists()


@pytest.mark.parametrize("command", [APP, (SECUREDATA, "serve")], ids=["app.py", "serve"])
def test_help_lists_every_option_and_makes_nothing(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    shown = subprocess.check_output([*command, "--help"], cwd=tmp_path, text=True)
    options = "host port certs cert key keys database workers help"
    assert re.findall(r"^  --(\w+)", shown, re.MULTILINE) == options.split()
    assert list(tmp_path.iterdir()) == []


# The end


@posix
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM], ids=lambda by: by.name)
def test_it_ends_cleanly_although_a_client_stalls(tmp_path: Path, by: signal.Signals) -> None:
    with started(tmp_path) as run:
        with socket.create_connection(("localhost", run.port)):
            assert run.end(by) == 0
        assert run.stdout.splitlines()[-1] == "Stopped."
        assert run.warnings == []


# What cannot work: one sentence, exit code 2. The tests of each module have all its sentences.


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("--port {taken}", "port {taken} of localhost is in use: "),
        ("--cert some.pem", "--cert and --key go together"),
        ("--key some.pem", "--cert and --key go together"),
        ("--host 0.0.0.0", "0.0.0.0 can be reached from other machines, "),
        ("--database records.sqlite3", "this database url cannot be used: "),
        ("--database sqlite:///app.py", "the database refused: file is not a database"),
        ("--database sqlite:///folder", "the database does not answer: unable to open database"),
        ("--keys app.py", "app.py is damaged: restore it from a backup"),
        ("--certs app.py", "app.py/"),
    ],
)
def test_a_start_that_cannot_work_is_one_sentence(
    tmp_path: Path, options: str, sentence: str
) -> None:
    (tmp_path / "app.py").write_text("This is neither a database nor a key file. " * 100)
    (tmp_path / "app.py").chmod(0o600)
    (tmp_path / "folder").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        said = refusal(tmp_path, *options.format(taken=taken).split())
    assert said.startswith(sentence.format(taken=taken))


def test_only_a_service_with_a_token_listens_for_others(tmp_path: Path) -> None:
    # No machine has this address (RFC 5737). So the error shows whether it is allowed.
    options, allowed = ("--host", "192.0.2.1"), "cannot listen on 192.0.2.1 port 0: "
    assert "securedata token create NAME" in refusal(tmp_path, *options)
    keys = KeyFile.load(tmp_path / "data" / "keys.json")
    keys.update(lambda keys: keys.add_token("alice", new_token()))
    assert refusal(tmp_path, *options).startswith(allowed)
    keys.update(lambda keys: keys.revoke_token("alice"))
    assert "can be reached from other machines" in refusal(tmp_path, *options)


def test_a_passphrase_comes_from_the_environment(tmp_path: Path) -> None:
    with started(tmp_path, SECUREDATA_PASSPHRASE="correct horse") as run:
        record_id = run.store("kept")
        run.end()
    assert is_protected(tmp_path / "data" / "keys.json")
    assert refusal(tmp_path).endswith("is under a passphrase: put it into SECUREDATA_PASSPHRASE")
    with started(tmp_path, SECUREDATA_PASSPHRASE="correct horse") as run:
        assert run.retrieve(record_id) == "kept"


# A certificate of one's own


@pytest.mark.parametrize("folder", ["certs", "mine"])
def test_an_own_certificate_with_a_name_is_served_without_a_warning(
    tmp_path: Path, folder: str
) -> None:
    put_pair(tmp_path, a_leaf("localhost"))
    (tmp_path / "certs").rename(tmp_path / folder)
    elsewhere = ("--cert", "mine/cert.pem", "--key", "mine/key.pem")
    with started(tmp_path, *(elsewhere if folder == "mine" else ())) as run:
        assert run.ca_file == tmp_path / folder / "cert.pem"
        assert run.retrieve(run.store("hello")) == "hello"
        assert run.warnings == []
    assert {path.name for path in tmp_path.iterdir()} == {folder, "data"}
    assert {path.name for path in (tmp_path / folder).iterdir()} == {"cert.pem", "key.pem"}


@pytest.mark.thorough
@pytest.mark.parametrize(
    "workers",
    ["1", pytest.param("2", marks=pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork"))],
)
def test_an_own_certificate_that_is_replaced_is_served_without_a_restart(
    tmp_path: Path, workers: str
) -> None:
    put_pair(tmp_path, a_leaf("localhost"))
    with started(tmp_path, "--workers", workers, command=IMPATIENT) as run:
        (tmp_path / "certs").rename(tmp_path / "away")
        wait_until(lambda: "as it was: certs/cert.pem is missing" in run.stderr)
        seen = ssl.get_server_certificate(("localhost", run.port))
        put_pair(tmp_path, following := a_leaf("localhost"))
        renewed, deadline = 0, time.monotonic() + 30
        while renewed < 20:  # in a row, so from every worker
            assert time.monotonic() < deadline, run.stderr
            now = ssl.get_server_certificate(("localhost", run.port))
            renewed = renewed + 1 if now.strip() == following.chain_pem.strip() else 0
        assert seen.strip() != following.chain_pem.strip()
        assert run.retrieve(run.store("hello")) == "hello"
    # While the pair was away, no CA of ours took its place.
    assert not (tmp_path / "certs" / "ca.pem").exists()


def test_a_certificate_that_others_refuse_is_served_with_a_warning(tmp_path: Path) -> None:
    keys = KeyFile.create(tmp_path / "data" / "keys.json")
    keys.update(lambda keys: keys.add_token("alice", new_token()))
    with started(tmp_path, "--host", "0.0.0.0") as run:
        (warning,) = run.warnings
    assert warning.startswith("Warning: 0.0.0.0 can be reached from other machines, but the cert")


def test_a_certificate_without_a_name_is_served_with_a_warning_whose_command_helps(
    tmp_path: Path,
) -> None:
    certs = tmp_path / "certs"
    certs.mkdir()
    shell(PLAIN_OPENSSL, tmp_path)
    with started(tmp_path) as run:
        with pytest.raises(requests.exceptions.SSLError, match="localhost"):
            run.store("requests finds no name in it")
        warning, command = run.warnings
    assert warning.startswith("Warning: certs/cert.pem has no subjectAltName for localhost: ")
    assert command.strip() in (ROOT / "certs" / "README.md").read_text(encoding="utf-8")
    for path in certs.iterdir():
        path.unlink()
    shell(command.strip(), tmp_path)
    with started(tmp_path) as run:
        assert run.ca_file == certs / "cert.pem"
        assert run.retrieve(run.store("hello")) == "hello"
        assert run.warnings == []
