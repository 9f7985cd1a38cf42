"""`python app.py` and `securedata serve` as people start them: what they make, say and refuse."""

import http.client
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
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests
from vocabulary import ROOT, a_leaf, free_port, mode

from securedata import KeyFile, Leaf
from securedata.keys.file import is_protected
from securedata.keys.service_keys import new_token

APP = (sys.executable, str(ROOT / "app.py"))
SERVE = (sys.executable, "-c", "from securedata.cli import main; main()", "serve")
IMPATIENT = (
    *(sys.executable, "-c"),
    "from securedata.serving import renewal; renewal.LOOK_SECONDS = 0\n"
    "from securedata.cli import serve; serve()",
)
NOBODY = 65534

# Root may read and write everything. Whoever is root becomes somebody else once all is imported,
# because that somebody may not be allowed to read Python itself.
SERVE_AS_NOBODY = f"""
import os
from sqlalchemy.dialects import sqlite
from securedata.cli import serve
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid({NOBODY})
    os.setuid({NOBODY})
serve()
"""
AS_NOBODY = (sys.executable, "-c", SERVE_AS_NOBODY)

# What certs/README.md warns of: a certificate with no subjectAltName.
PLAIN_OPENSSL = (
    "openssl req -x509 -newkey rsa:2048 -keyout certs/key.pem -out certs/cert.pem"
    " -days 365 -nodes -subj /CN=localhost"
)

LOG_LINE = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (GET|POST) /\S+ \d{3}$"


class Run:
    """A server's process, with what it has said so far."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, said: Path) -> None:
        self.process = process
        self.folder = folder
        self._said = said

    @property
    def stdout(self) -> str:
        return (self._said / "stdout").read_text(encoding="utf-8")

    @property
    def stderr(self) -> str:
        return (self._said / "stderr").read_text(encoding="utf-8")

    @property
    def warnings(self) -> list[str]:
        """What it says on stderr, but for the log's line for every request."""
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

    def post(self, path: str, body: object) -> requests.Response:
        return requests.post(self.url + path, json=body, verify=str(self.ca_file), timeout=30)

    def store(self, text: str) -> str:
        """Store a text and return its record id."""
        return str(self.post("/store", {"data": text}).json()["record_id"])

    def retrieve(self, record_id: str) -> str:
        return str(self.post("/retrieve", {"record_id": record_id}).json()["decrypted_data"])

    def public_key(self) -> str:
        return requests.get(f"{self.url}/public-key", verify=str(self.ca_file), timeout=30).text

    def end(self, by: signal.Signals = signal.SIGINT) -> int:
        """Ask it to end, and return its exit code."""
        self.process.send_signal(by)
        return self.process.wait(timeout=30)

    def is_decided(self) -> bool:
        """It has exited, or it answers."""
        return self.process.poll() is not None or (
            "until Ctrl-C" in self.stdout and "}'" in self.stdout and self._is_healthy()
        )

    def _introduction(self) -> re.Match[str]:
        said = re.match(r"Serving (\S+) until Ctrl-C\. Clients trust (\S+)\.\n", self.stdout)
        assert said is not None, self.stdout + self.stderr
        return said

    def _is_healthy(self) -> bool:
        # Not with requests, which refuses a certificate that has no subjectAltName.
        context = ssl.create_default_context(cafile=self.ca_file)
        context.check_hostname = False
        connection = http.client.HTTPSConnection(
            "localhost", self.port, context=context, timeout=10
        )
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


@contextmanager
def started(
    folder: Path, *options: str, command: tuple[str, ...] = APP, **environment: str
) -> Iterator[Run]:
    """A server in this folder that has either exited or answers; it is gone afterwards."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("SECUREDATA_")}
    if not any("PORT" in name for name in environment) and "--port" not in options:
        options = (*options, "--port", "0")
    with tempfile.TemporaryDirectory() as said:
        with (Path(said) / "stdout").open("wb") as out, (Path(said) / "stderr").open("wb") as err:
            process = subprocess.Popen(
                [*command, *options],
                cwd=folder,
                env={**inherited, **environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        run = Run(process, folder, Path(said))
        try:
            deadline = time.monotonic() + 30
            while not run.is_decided():
                assert time.monotonic() < deadline, f"undecided: {run.stdout}{run.stderr}"
                time.sleep(0.02)
            yield run
        finally:
            process.kill()
            process.wait()


def refusal(folder: Path, *options: str, command: tuple[str, ...] = APP, **environment: str) -> str:
    """The one sentence with which a start is refused."""
    with started(folder, *options, command=command, **environment) as run:
        assert run.process.poll() is not None, f"it serves: {run.stdout}{run.stderr}"
        assert run.process.returncode == 2, run.stderr
        assert run.stdout == ""
        assert "Traceback" not in run.stderr, run.stderr
        assert run.stderr.count("\n") == 1, run.stderr
        assert run.stderr.startswith("securedata: "), run.stderr
        return run.stderr.removeprefix("securedata: ").rstrip("\n")


def a_started_once(folder: Path) -> str:
    """Let a server make its files and keep one record; return the record's id."""
    with started(folder) as run:
        record_id = run.store("kept")
        run.end()
    return record_id


def put_pair(folder: Path, leaf: Leaf, *, key_mode: int = 0o600) -> None:
    """A user's own certificate and key, in certs/."""
    certs = folder / "certs"
    certs.mkdir()
    (certs / "cert.pem").write_text(leaf.chain_pem)
    (certs / "key.pem").write_text(leaf.private_key_pem)
    (certs / "key.pem").chmod(key_mode)


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    tool = command.splitlines()[-1].split()[0]
    if shutil.which(tool) is None:
        pytest.skip(f"needs the {tool} command")
    return subprocess.run(
        command, shell=True, cwd=folder, capture_output=True, text=True, timeout=60
    )


@pytest.fixture
def nobodys_folder() -> Iterator[Path]:
    """A folder that nobody else's server can reach too; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        give_to_nobody(folder)
        yield folder


def give_to_nobody(path: Path) -> None:
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY)


def keep_from_nobody(path: Path) -> None:
    """Out of reach: somebody else's, where we are root, else without any permission."""
    if os.geteuid() == 0:
        os.chown(path, 0, 0)
        path.chmod(0o700)
    else:
        path.chmod(0o000)


# The first start, and the next


@pytest.mark.parametrize("command", [APP, SERVE], ids=["app.py", "securedata serve"])
def test_the_first_start_makes_everything(tmp_path: Path, command: tuple[str, ...]) -> None:
    with started(tmp_path, command=command) as run:
        record_id = run.store("Meet me at noon.")
        assert run.retrieve(record_id) == "Meet me at noon."
    made = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")}
    assert {name for name in made if "sqlite3-" not in name} == {
        "certs",
        "certs/ca.pem",
        "certs/ca-key.pem",
        "certs/.ca-key.pem.lock",
        "certs/localhost.pem",
        "certs/localhost-key.pem",
        "data",
        "data/keys.json",
        "data/.keys.json.lock",
        "data/records.sqlite3",
    }


@pytest.mark.thorough
@pytest.mark.skipif(os.name != "posix", reason="Windows has no permission bits")
def test_key_files_and_their_folders_are_private(tmp_path: Path) -> None:
    with started(tmp_path):
        private = ("certs/ca-key.pem", "certs/localhost-key.pem", "data/keys.json")
        assert {mode(tmp_path / name) for name in private} == {0o600}
        assert {mode(tmp_path / name) for name in ("certs", "data")} == {0o700}


def test_the_first_start_says_where_everything_is_in_five_lines(tmp_path: Path) -> None:
    with started(tmp_path) as run:
        curl = (
            f"  curl --cacert certs/ca.pem {run.url}/store"
            """ -H 'Content-Type: application/json' -d '{"data": "hello"}'"""
        )
        assert run.stdout.splitlines() == [
            f"Serving https://localhost:{run.port} until Ctrl-C. Clients trust certs/ca.pem.",
            "Keys are in data/keys.json, records in sqlite:///data/records.sqlite3. Back up both.",
            f"Open {run.url} in a browser, which warns until certs/ca.pem is imported.",
            "Store a text:",
            curl,
        ]
        assert run.warnings == []


def test_the_curl_line_that_is_printed_works_as_it_stands(tmp_path: Path) -> None:
    with started(tmp_path) as run:
        done = shell(run.stdout.splitlines()[-1], tmp_path)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["message"] == "Data stored securely"
        assert run.retrieve(json.loads(done.stdout)["record_id"]) == "hello"


def test_a_restart_keeps_records_keys_and_certificates(tmp_path: Path) -> None:
    files = ("certs/ca.pem", "certs/ca-key.pem", "certs/localhost.pem", "data/keys.json")
    with started(tmp_path) as run:
        record_id, public_key = run.store("kept"), run.public_key()
        assert run.end() == 0
    before = {name: (tmp_path / name).read_bytes() for name in files}
    with started(tmp_path) as run:
        assert run.retrieve(record_id) == "kept"
        assert run.public_key() == public_key
    assert {name: (tmp_path / name).read_bytes() for name in files} == before


@pytest.mark.thorough
def test_the_app_can_be_started_by_its_path_from_another_folder(tmp_path: Path) -> None:
    relative = os.path.relpath(ROOT / "app.py", tmp_path)
    with started(tmp_path, command=(sys.executable, relative)) as run:
        assert run.retrieve(run.store("hello")) == "hello"


@pytest.mark.thorough
def test_data_goes_to_the_folder_one_is_in_and_not_to_the_apps(tmp_path: Path) -> None:
    here, home = tmp_path / "here", tmp_path / "home"
    here.mkdir()
    home.mkdir()
    shutil.copy(ROOT / "app.py", home)
    with started(here, command=(sys.executable, str(home / "app.py"))) as run:
        run.store("hello")
    assert {path.name for path in here.iterdir()} == {"certs", "data"}
    assert {path.name for path in home.iterdir()} <= {"app.py", "__pycache__"}


# Settings


@pytest.mark.thorough
def test_the_environment_names_the_port(tmp_path: Path) -> None:
    port = free_port()
    with started(tmp_path, SECUREDATA_PORT=str(port)) as run:
        assert run.url == f"https://localhost:{port}"


def test_the_environment_names_database_key_ring_and_certificates(tmp_path: Path) -> None:
    settings = {
        "SECUREDATA_DATABASE": "sqlite:///elsewhere/texts.db",
        "SECUREDATA_KEYS": "secret/ring.json",
        "SECUREDATA_CERTS": "tls",
    }
    with started(tmp_path, **settings) as run:
        assert run.ca_file == tmp_path / "tls" / "ca.pem"
        run.store("hello")
    assert {path.name for path in tmp_path.iterdir()} == {"elsewhere", "secret", "tls"}
    assert (tmp_path / "elsewhere" / "texts.db").exists()
    assert mode(tmp_path / "secret" / "ring.json") == 0o600
    assert (tmp_path / "tls" / "localhost.pem").exists()


@pytest.mark.thorough
def test_an_option_wins_over_the_environment(tmp_path: Path) -> None:
    with started(tmp_path, "--keys", "option.json", SECUREDATA_KEYS="environment.json"):
        pass
    assert (tmp_path / "option.json").exists()
    assert not (tmp_path / "environment.json").exists()


@pytest.mark.parametrize("command", [APP, SERVE], ids=["app.py", "securedata serve"])
def test_help_lists_every_option(tmp_path: Path, command: tuple[str, ...]) -> None:
    with started(tmp_path, "--help", command=command) as run:
        assert run.process.poll() == 0
        listed = set(re.findall(r"^  (--\w+)", run.stdout, re.MULTILINE))
        assert listed == {
            *("--host", "--port", "--certs", "--cert", "--key", "--keys", "--database"),
            *("--workers", "--help"),
        }
    assert list(tmp_path.iterdir()) == []


@pytest.mark.thorough
def test_the_installed_command_knows_serve() -> None:
    command = Path(sys.executable).parent / "securedata"
    if not command.exists():
        pytest.skip("the package is not installed here")
    done = subprocess.run([command, "--help"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0
    assert re.search(r"^  serve +Serve the HTTPS API until Ctrl-C\.", done.stdout, re.MULTILINE)


# The end


@pytest.mark.skipif(os.name != "posix", reason="Windows has other signals")
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM], ids=lambda by: by.name)
def test_a_polite_end_is_clean_and_frees_the_port(tmp_path: Path, by: signal.Signals) -> None:
    port = free_port()
    with started(tmp_path, "--port", str(port)) as run:
        assert run.end(by) == 0
        assert run.stdout.splitlines()[-1] == "Stopped."
        assert run.warnings == []
    with started(tmp_path, "--port", str(port)) as again:
        assert again.url == f"https://localhost:{port}"


@pytest.mark.thorough
@pytest.mark.skipif(os.name != "posix", reason="Windows has other signals")
def test_ctrl_c_ends_it_while_a_client_stalls(tmp_path: Path) -> None:
    with started(tmp_path) as run:
        with socket.create_connection(("localhost", run.port)):
            assert run.end() == 0
        assert "Traceback" not in run.stderr


# What cannot work: one sentence, exit code 2


def test_a_busy_port_is_refused(tmp_path: Path) -> None:
    with started(tmp_path) as first:
        sentence = refusal(tmp_path, "--port", str(first.port))
        assert sentence.startswith(f"port {first.port} of localhost is in use: ")
        assert first.store("and the first is none the worse")


@pytest.mark.thorough
@pytest.mark.skipif(os.name != "posix", reason="Windows has no permission bits")
def test_a_key_ring_open_to_others_is_refused(tmp_path: Path) -> None:
    a_started_once(tmp_path)
    (tmp_path / "data" / "keys.json").chmod(0o640)
    assert refusal(tmp_path) == (
        "data/keys.json can be read by others: run chmod 600 data/keys.json"
    )


@pytest.mark.thorough
@pytest.mark.skipif(os.name != "posix", reason="Windows has no permission bits")
def test_an_unreadable_key_ring_is_refused(nobodys_folder: Path) -> None:
    with started(nobodys_folder, command=AS_NOBODY):
        pass
    keep_from_nobody(nobodys_folder / "data" / "keys.json")
    assert refusal(nobodys_folder, command=AS_NOBODY) == (
        "data/keys.json cannot be read: Permission denied"
    )


@pytest.mark.thorough
@pytest.mark.skipif(os.name != "posix", reason="Windows has no permission bits")
@pytest.mark.parametrize(
    ("option", "value"), [("--keys", "closed/keys.json"), ("--certs", "closed/certs")]
)
def test_a_path_through_a_closed_folder_is_refused(
    nobodys_folder: Path, option: str, value: str
) -> None:
    closed = nobodys_folder / "closed"
    closed.mkdir()
    keep_from_nobody(closed)
    sentence = refusal(nobodys_folder, option, value, command=AS_NOBODY)
    assert value in sentence
    assert "Permission denied" in sentence


def test_a_damaged_key_ring_is_refused(tmp_path: Path) -> None:
    a_started_once(tmp_path)
    ring = tmp_path / "data" / "keys.json"
    ring.write_bytes(ring.read_bytes()[:1000])
    assert refusal(tmp_path) == "data/keys.json is damaged: restore it from a backup"


@pytest.mark.thorough
def test_a_missing_key_ring_is_not_replaced_while_there_are_records(tmp_path: Path) -> None:
    record_id = a_started_once(tmp_path)
    ring = tmp_path / "data" / "keys.json"
    backup = ring.rename(tmp_path / "backup.json")
    assert refusal(tmp_path) == (
        "data/keys.json is missing, and sqlite:///data/records.sqlite3 holds records that only its "
        "keys can open: restore it from a backup, or name another --database"
    )
    assert not ring.exists()
    backup.rename(ring)
    with started(tmp_path) as run:
        assert run.retrieve(record_id) == "kept"


@pytest.mark.thorough
def test_the_key_ring_of_another_database_is_refused(tmp_path: Path) -> None:
    record_id = a_started_once(tmp_path)
    ring = tmp_path / "data" / "keys.json"
    backup = ring.rename(tmp_path / "backup.json")
    KeyFile.create(ring)
    foreign = ring.read_bytes()
    assert refusal(tmp_path) == (
        "data/keys.json holds none of the keys that the records in "
        "sqlite:///data/records.sqlite3 are sealed with: restore it from a backup, or name another "
        "--database"
    )
    assert ring.read_bytes() == foreign
    backup.replace(ring)
    with started(tmp_path) as run:
        assert run.retrieve(record_id) == "kept"


@pytest.mark.thorough
def test_two_servers_that_start_at_once_in_an_empty_folder_share_their_keys(tmp_path: Path) -> None:
    with (
        ThreadPoolExecutor(2) as pool,
        ExitStack() as both,
    ):
        starting = [pool.submit(both.enter_context, started(tmp_path)) for _ in range(2)]
        one, other = (it.result() for it in starting)
        assert one.process.poll() is None, one.stderr
        assert other.process.poll() is None, other.stderr
        assert other.retrieve(one.store("hello")) == "hello"
        assert one.public_key() == other.public_key()


def test_a_key_ring_under_a_passphrase_opens_with_the_one_in_the_environment(
    tmp_path: Path,
) -> None:
    with started(tmp_path, SECUREDATA_PASSPHRASE="correct horse") as run:
        record_id = run.store("kept")
        run.end()
    assert is_protected(tmp_path / "data" / "keys.json")
    assert refusal(tmp_path) == (
        "data/keys.json is under a passphrase: put it into SECUREDATA_PASSPHRASE"
    )
    assert refusal(tmp_path, SECUREDATA_PASSPHRASE="battery staple").startswith(
        "data/keys.json is not opened by this passphrase"
    )
    with started(tmp_path, SECUREDATA_PASSPHRASE="correct horse") as run:
        assert run.retrieve(record_id) == "kept"


@pytest.mark.thorough
def test_a_missing_key_ring_is_made_anew_while_there_are_no_records(tmp_path: Path) -> None:
    with started(tmp_path) as run:
        run.end()
    (tmp_path / "data" / "keys.json").unlink()
    with started(tmp_path) as run:
        assert run.retrieve(run.store("hello")) == "hello"


@pytest.mark.thorough
def test_an_expired_own_certificate_is_refused(tmp_path: Path) -> None:
    put_pair(tmp_path, a_leaf("localhost", days=(-30, -1)))
    sentence = refusal(tmp_path)
    assert re.match(
        r"certs/cert\.pem with certs/key\.pem: the certificate expired on \d{4}-\d\d-\d\d\. ",
        sentence,
    )


@pytest.mark.thorough
def test_an_own_certificate_that_does_not_fit_its_key_is_refused(tmp_path: Path) -> None:
    put_pair(tmp_path, Leaf(a_leaf("localhost").chain_pem, a_leaf("localhost").private_key_pem))
    assert refusal(tmp_path).startswith(
        "certs/cert.pem with certs/key.pem: the private key does not belong to the certificate. "
    )


@pytest.mark.thorough
@pytest.mark.parametrize("missing", ["cert.pem", "key.pem"])
def test_half_a_pair_is_refused_and_the_missing_half_named(tmp_path: Path, missing: str) -> None:
    put_pair(tmp_path, a_leaf("localhost"))
    (tmp_path / "certs" / missing).unlink()
    sentence = refusal(tmp_path)
    assert f"certs/{missing}" in sentence
    assert "is missing" in sentence
    assert not (tmp_path / "certs" / "ca.pem").exists()


@pytest.mark.thorough
@pytest.mark.skipif(os.name != "posix", reason="Windows has no permission bits")
def test_an_own_key_open_to_others_is_refused(tmp_path: Path) -> None:
    put_pair(tmp_path, a_leaf("localhost"), key_mode=0o644)
    assert refusal(tmp_path) == ("certs/key.pem can be read by others: run chmod 600 certs/key.pem")


@pytest.mark.thorough
@pytest.mark.parametrize("alone", ["--cert", "--key"])
def test_cert_and_key_go_together(tmp_path: Path, alone: str) -> None:
    assert refusal(tmp_path, alone, "some.pem").startswith("--cert and --key go together")


@pytest.mark.thorough
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_a_host_that_others_can_reach_is_refused(tmp_path: Path, host: str) -> None:
    assert refusal(tmp_path, "--host", host).startswith(
        f"{host} can be reached from other machines, "
    )


def test_only_a_ring_with_a_token_may_be_served_to_others(tmp_path: Path) -> None:
    # An address that no machine has (RFC 5737): whether it is allowed is seen, nobody is let in.
    options, allowed = ("--host", "192.0.2.1"), "cannot listen on 192.0.2.1 port 0: "
    assert "securedata token create NAME" in refusal(tmp_path, *options)
    keys = KeyFile.load(tmp_path / "data" / "keys.json")
    keys.update(lambda keys: keys.add_token("alice", new_token()))
    assert refusal(tmp_path, *options).startswith(allowed)
    keys.update(lambda keys: keys.revoke_token("alice"))
    assert "can be reached from other machines" in refusal(tmp_path, *options)


def test_the_line_for_curl_takes_the_token_from_the_shell(tmp_path: Path) -> None:
    token = new_token()
    keys = KeyFile.create(tmp_path / "data" / "keys.json")
    keys.update(lambda keys: keys.add_token("alice", token))
    with started(tmp_path) as run:
        line = run.stdout.splitlines()[-1]
        done = shell(f"export TOKEN={token}\n{line}", tmp_path)
        assert json.loads(done.stdout)["owner"] == "alice", done.stdout + done.stderr
        assert run.post("/store", {"data": "hello"}).status_code == 401
        assert token not in run.stdout + run.stderr


@pytest.mark.thorough
@pytest.mark.parametrize(
    "url",
    ["records.sqlite3", "nosuchdatabase://localhost/records", "sqlite:///app.py/records.sqlite3"],
    ids=["a path", "unknown", "below a file"],
)
def test_a_database_url_that_means_nothing_is_refused(tmp_path: Path, url: str) -> None:
    (tmp_path / "app.py").touch()
    assert refusal(tmp_path, "--database", url).startswith("this database url cannot be used: ")


@pytest.mark.thorough
def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear reader, this is not a database. " * 100)
    sentence = refusal(tmp_path, "--database", "sqlite:///letter.txt")
    assert sentence == "the database refused: file is not a database"


@pytest.mark.thorough
def test_a_folder_in_the_databases_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.sqlite3").mkdir()
    assert refusal(tmp_path, "--database", "sqlite:///folder.sqlite3") == (
        "the database does not answer: unable to open database file"
    )


@pytest.mark.thorough
@pytest.mark.skipif(os.name != "posix", reason="Windows has no permission bits")
@pytest.mark.parametrize("option", ["--keys", "--certs", "--database"])
def test_an_unwritable_folder_is_refused(nobodys_folder: Path, option: str) -> None:
    closed = nobodys_folder / "closed"
    closed.mkdir()
    closed.chmod(0o555)
    values = {"--keys": "closed/new/keys.json", "--certs": "closed/new"}
    value = values.get(option, "sqlite:///closed/new/records.sqlite3")
    sentence = refusal(nobodys_folder, option, value, command=AS_NOBODY)
    assert "closed/new" in sentence
    assert "Permission denied" in sentence


# A certificate of one's own


def test_an_own_certificate_with_a_name_is_served_without_a_word(tmp_path: Path) -> None:
    put_pair(tmp_path, a_leaf("localhost"))
    with started(tmp_path) as run:
        assert run.ca_file == tmp_path / "certs" / "cert.pem"
        assert run.retrieve(run.store("hello")) == "hello"
        assert run.warnings == []
    assert not (tmp_path / "certs" / "ca.pem").exists()


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
        assert run.process.poll() is None
        seen = ssl.get_server_certificate(("localhost", run.port))
        put_pair(tmp_path, following := a_leaf("localhost"))
        renewed, deadline = 0, time.monotonic() + 30
        while renewed < 20:  # in a row, so from every worker
            assert time.monotonic() < deadline, run.stderr
            now = ssl.get_server_certificate(("localhost", run.port))
            renewed = renewed + 1 if now.strip() == following.chain_pem.strip() else 0
        assert seen.strip() != following.chain_pem.strip()
        assert run.retrieve(run.store("hello")) == "hello"
        assert "the certificate stays as it was: certs/cert.pem is missing" in run.stderr
    # While the pair was away, no CA of ours took its place.
    assert not (tmp_path / "certs" / "ca.pem").exists()


@pytest.mark.thorough
def test_cert_and_key_may_lie_elsewhere(tmp_path: Path) -> None:
    put_pair(tmp_path, a_leaf("localhost"))
    (tmp_path / "certs").rename(tmp_path / "mine")
    with started(tmp_path, "--cert", "mine/cert.pem", "--key", "mine/key.pem") as run:
        assert run.ca_file == tmp_path / "mine" / "cert.pem"
        assert run.retrieve(run.store("hello")) == "hello"
    assert not (tmp_path / "certs").exists()


def warning_of(folder: Path) -> tuple[str, str]:
    """The warning about a certificate without a name, and the better command it gives."""
    (folder / "certs").mkdir()
    made = shell(PLAIN_OPENSSL, folder)
    assert made.returncode == 0, made.stderr
    with started(folder) as run:
        assert run.process.poll() is None, run.stderr
        with pytest.raises(requests.exceptions.SSLError, match="localhost"):
            run.store("requests finds no name in it")
        warning, command = run.warnings
    return warning, command.strip()


def test_a_plain_openssl_certificate_is_served_with_a_warning(tmp_path: Path) -> None:
    warning, command = warning_of(tmp_path)
    assert warning.startswith(
        "Warning: certs/cert.pem has no subjectAltName for localhost: browsers, Postman and "
        "Python's requests refuse it."
    )
    assert command.startswith("openssl req ")
    assert command in (ROOT / "certs" / "README.md").read_text(encoding="utf-8")


@pytest.mark.thorough
def test_the_better_command_of_the_warning_makes_a_certificate_that_requests_takes(
    tmp_path: Path,
) -> None:
    _, command = warning_of(tmp_path)
    shutil.rmtree(tmp_path / "certs")
    (tmp_path / "certs").mkdir()
    made = shell(command, tmp_path)
    assert made.returncode == 0, made.stderr
    with started(tmp_path) as run:
        assert run.ca_file == tmp_path / "certs" / "cert.pem"
        assert run.retrieve(run.store("hello")) == "hello"
        assert run.warnings == []
