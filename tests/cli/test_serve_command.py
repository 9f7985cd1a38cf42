"""`python app.py` and `securedata serve` as people start them: what they make, say and refuse."""

import json
import os
import shlex
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from crowd import wait_until
from vocabulary import APP, ROOT, SECUREDATA, RunningService, a_leaf, free_port, mode, tool

from securedata import KeyFile, Leaf, RecordStore
from securedata.cli import main
from securedata.cli.key_file import PASSPHRASE, open_or_make_keys
from securedata.cli.serve_command import powershell_line
from securedata.keys.file import is_protected
from securedata.keys.service_keys import new_token

IMPATIENT = (
    *(sys.executable, "-c"),
    "from securedata.serving import renewal; renewal.LOOK_SECONDS = renewal.STEP_SECONDS = 0.1\n"
    "from securedata.cli.serve_command import serve; serve()",
)

# A certificate with no subjectAltName: certs/README.md warns of it.
PLAIN_OPENSSL = (
    "openssl req -x509 -newkey rsa:2048 -keyout certs/key.pem -out certs/cert.pem"
    " -days 365 -nodes -subj /CN=localhost"
)

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has other signals and permissions")


@contextmanager
def started(
    folder: Path, *options: str, cert: str = "certs/ca.pem", command: tuple[str, ...] = APP
) -> Iterator[RunningService]:
    """A server that has said all that it says at its start. Clients trust this certificate."""
    service = RunningService(folder, *options, command=command)
    service.ca_file = folder / cert
    service.log.unlink(missing_ok=True)  # an earlier start's
    service.begin()
    try:
        # The last line is for curl.
        wait_until(lambda: "}'\n" in service.log.read_text() or service.process.poll() is not None)
        assert service.process.poll() is None, service.log.read_text()
        yield service
    finally:
        service.__exit__()


def stores_and_retrieves(service: RunningService) -> bool:
    record_id = service.post("/store", {"data": "Meet me at noon."}).json()["record_id"]
    answer = service.post("/retrieve", {"record_id": record_id})
    return bool(answer.json()["decrypted_data"] == "Meet me at noon.")


def warnings(service: RunningService) -> str:
    """The first warning, and all that is said after it."""
    return service.log.read_text().partition("Warning: ")[2]


def put_pair(folder: Path, leaf: Leaf) -> None:
    """A user's own certificate and key."""
    folder.mkdir()
    (folder / "cert.pem").write_text(leaf.chain_pem)
    (folder / "key.pem").write_text(leaf.private_key_pem)
    (folder / "key.pem").chmod(0o600)


def shell(command: str, folder: Path) -> str:
    """The standard output of a command that works."""
    tool(command.splitlines()[-1].split(" | ")[-1].split()[0])
    return subprocess.run(
        command, shell=True, cwd=folder, stdout=subprocess.PIPE, text=True, timeout=60, check=True
    ).stdout


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, empty. A start in this process must not change what pytest hears."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    return tmp_path


def refusal(*options: str) -> str:
    """The sentence with which a start is refused, here in this process."""
    done = CliRunner().invoke(main, ["serve", "--port", "0", *options])
    assert (done.exit_code, done.stdout) == (2, ""), done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("securedata: ")
    return line.removeprefix("securedata: ")


# The first start


def test_the_first_start_makes_everything_and_all_secrets_are_private(tmp_path: Path) -> None:
    with started(tmp_path) as service:
        assert stores_and_retrieves(service)
        assert not warnings(service)
        service.log.unlink()
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


def test_it_says_where_everything_is_and_its_lines_for_curl_and_powershell_store(
    tmp_path: Path,
) -> None:
    token = new_token()
    keys = KeyFile.create(tmp_path / "data" / "keys.json")
    keys.update(lambda keys: keys.add_token("alice", token))
    with started(tmp_path) as service:
        said = service.log.read_text()
        for place in (service.url, "certs/ca.pem", "data/keys.json", "data/records.sqlite3"):
            assert place in said
        # The second half of PowerShell's means the same in a POSIX shell; its first is a string
        # that is printed.
        line = powershell_line(f"{service.url}/store", Path("certs/ca.pem"), ask_for_token=True)
        printed, sent = line.split(" | ")
        assert not any('"' in word for word in shlex.split(sent))  # 5.1 would lose it
        sent = sent.replace("curl.exe", "curl").replace("$env:TOKEN", token)
        for typed in (f"export TOKEN={token}\n{said.splitlines()[-1]}", f"echo {printed} | {sent}"):
            stored = json.loads(shell(typed, tmp_path))
            assert (stored["message"], stored["owner"]) == ("Data stored securely", "alice")
        assert token not in service.log.read_text()


# Settings


def test_data_goes_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECUREDATA_DATABASE", "sqlite:///elsewhere/texts.db")
    monkeypatch.setenv("SECUREDATA_KEYS", "not-this.json")
    monkeypatch.setenv("SECUREDATA_CERTS", "tls")
    with started(tmp_path, "--keys", "secret/keys.json", cert="tls/ca.pem") as service:
        assert stores_and_retrieves(service)
        service.log.unlink()
    assert {path.name for path in tmp_path.iterdir()} == {"elsewhere", "secret", "tls"}
    assert (tmp_path / "elsewhere" / "texts.db").exists()


# The end


@posix
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM], ids=lambda by: by.name)
def test_it_ends_cleanly_although_a_client_stalls(tmp_path: Path, by: signal.Signals) -> None:
    with started(tmp_path, command=(SECUREDATA, "serve")) as service:
        with socket.create_connection(("localhost", service.port)):
            service.process.send_signal(by)
            assert service.process.wait(timeout=30) == 0
        assert service.log.read_text().splitlines()[-1] == "Stopped."


# What cannot work: one sentence, exit code 2. The tests of each module have all its sentences.


@pytest.mark.whole
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("--port {taken}", "port {taken} of localhost is in use: "),
        ("--cert some.pem", "--cert and --key (or "),
        ("--key some.pem", "--cert and --key (or "),
        ("--host 0.0.0.0", "0.0.0.0 can be reached from other machines, "),
        ("--database records.sqlite3", "--database (or SECUREDATA_DATABASE) "),
        ("--database sqlite:///app.py", "the database refused: file is not a database"),
        ("--database sqlite:///folder", "the database does not answer: unable to open database"),
        ("--keys app.py", "app.py is damaged: restore it from a backup"),
        ("--certs app.py", "app.py/ca-key.pem cannot be written: File exists: its folder is a "),
    ],
)
def test_a_start_that_cannot_work_is_one_sentence(here: Path, options: str, sentence: str) -> None:
    content = "This is neither a database nor a key file. " * 100
    (here / "app.py").write_text(content)
    (here / "app.py").chmod(0o600)
    (here / "folder").mkdir()
    taken = free_port()
    with socket.create_server(("127.0.0.1", taken)):
        said = refusal(*options.format(taken=taken).split())
    assert said.startswith(sentence.format(taken=taken))
    assert (here / "app.py").read_text() == content


def test_a_wrong_variable_of_the_environment_is_called_by_its_name() -> None:
    for environment, option, name in [
        ({"SECUREDATA_PORT": "abc"}, [], "SECUREDATA_PORT"),
        ({"SECUREDATA_PORT": "abc"}, ["--port", "x"], "'--port'"),
    ]:
        done = CliRunner().invoke(main, ["serve", *option], env=environment)
        assert f"Invalid value for {name}: " in done.stderr


def test_only_a_service_with_a_token_listens_for_others(here: Path) -> None:
    """And a start that may not listen leaves nothing behind."""
    # No machine has this address (RFC 5737). So the error shows whether it is allowed.
    options, allowed = ("--host", "192.0.2.1"), "cannot listen on 192.0.2.1 port 0: "
    assert "securedata token create NAME" in refusal(*options)
    assert not [*here.iterdir()]
    keys = KeyFile.create(here / "data" / "keys.json")
    keys.update(lambda keys: keys.add_token("alice", new_token()))
    assert refusal(*options).startswith(allowed)
    keys.update(lambda keys: keys.revoke_token("alice"))
    assert "can be reached from other machines" in refusal(*options)


@pytest.mark.usefixtures("cheap_passphrases")
def test_a_passphrase_comes_from_the_environment(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, records = here / "data" / "keys.json", RecordStore("sqlite://")
    monkeypatch.setenv(PASSPHRASE, "correct horse")
    signer_id = open_or_make_keys(keys, records).service_keys.signer.key_id
    assert is_protected(keys)
    assert open_or_make_keys(keys, records).service_keys.signer.key_id == signer_id
    monkeypatch.delenv(PASSPHRASE)
    assert refusal().endswith("is under a passphrase: put it into SECUREDATA_PASSPHRASE")


# A certificate of one's own


def test_an_own_certificate_with_a_name_is_served_without_a_warning(tmp_path: Path) -> None:
    put_pair(tmp_path / "mine", a_leaf("localhost"))
    pair = ("--cert", "mine/cert.pem", "--key", "mine/key.pem")
    with started(tmp_path, *pair, cert="mine/cert.pem") as service:
        assert stores_and_retrieves(service)
        assert not warnings(service)
    assert not (tmp_path / "certs").exists()
    assert {path.name for path in (tmp_path / "mine").iterdir()} == {"cert.pem", "key.pem"}


@pytest.mark.thorough
def test_an_own_certificate_that_is_replaced_is_served_without_a_restart(tmp_path: Path) -> None:
    certs, following = tmp_path / "certs", a_leaf("localhost")
    put_pair(certs, a_leaf("localhost"))
    with started(tmp_path, cert="certs/cert.pem", command=IMPATIENT) as service:
        certs.rename(tmp_path / "away")
        wait_until(lambda: "certs/cert.pem is missing" in service.log.read_text())
        put_pair(certs, following)
        served = ("localhost", service.port)
        wait_until(lambda: ssl.get_server_certificate(served) in following.chain_pem)
        assert stores_and_retrieves(service)
    # While the pair was away, no CA of ours took its place.
    assert not (certs / "ca.pem").exists()


def test_a_certificate_that_others_refuse_is_served_with_a_warning(tmp_path: Path) -> None:
    keys = KeyFile.create(tmp_path / "data" / "keys.json")
    keys.update(lambda keys: keys.add_token("alice", new_token()))
    with started(tmp_path, "--host", "0.0.0.0") as service:
        assert warnings(service).startswith("0.0.0.0 can be reached from other machines, but")


def test_a_certificate_without_a_name_is_served_with_a_warning_whose_command_helps(
    tmp_path: Path,
) -> None:
    certs = tmp_path / "certs"
    certs.mkdir()
    shell(PLAIN_OPENSSL, tmp_path)
    with started(tmp_path, cert="certs/cert.pem") as service:
        with pytest.raises(requests.exceptions.SSLError, match="localhost"):
            stores_and_retrieves(service)
        warning, command = warnings(service).splitlines()[:2]
    assert warning.startswith("certs/cert.pem has no subjectAltName for localhost: ")
    assert command.strip() in (ROOT / "certs" / "README.md").read_text(encoding="utf-8")
    for path in certs.iterdir():
        path.unlink()
    shell(command.strip(), tmp_path)
    with started(tmp_path, cert="certs/cert.pem") as service:
        assert stores_and_retrieves(service)
        assert not warnings(service)
