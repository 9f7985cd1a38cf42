"""`securedata store` and `retrieve` as a shell uses them: bytes in, bytes out, and exit codes."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from vocabulary import (
    ROOT,
    a_server,
    ask,
    by_hand,
    change_row,
    flipped,
    free_port,
    hear_ctrl_c,
    openssl,
)

from securedata import (
    BackgroundServer,
    CertificateAuthority,
    KeyFile,
    KeyRing,
    RecordStore,
    Vault,
    VerifyingKey,
    create_app,
    receipt_from_json,
    server_context,
    verify,
)
from securedata.certificates.folder import open_folder
from securedata.cli import main
from securedata.cli.serve_command import CERTIFICATE_COMMAND
from securedata.keys.service_keys import new_token

COMMAND = str(Path(sys.executable).with_name("securedata"))
COMPROMISED = "Invalid signature. Data may be compromised."
FIELDS = ["nonce", "encrypted_data", "tag", "signature"]
UNKNOWN_ID = "0" * 32
MOST = 256 * 1024


class Shell:
    """The command line, with a server's address and CA in its environment."""

    def __init__(self, server: BackgroundServer, **settings: str) -> None:
        self.environment = {
            "SECUREDATA_URL": server.url,
            "SECUREDATA_CA_FILE": str(server.ca_file),
            "SECUREDATA_TOKEN": "",
            "PYTHONUNBUFFERED": "",  # as it is at most places
            **settings,
        }

    def run(self, *arguments: str, given: bytes = b"", **settings: str) -> Result:
        return CliRunner().invoke(
            main, arguments, input=given, env={**self.environment, **settings}
        )

    def printed(self, *arguments: str, given: bytes = b"") -> bytes:
        """What a command prints that works, and says nothing beside it."""
        done = self.run(*arguments, given=given)
        assert (done.exit_code, done.stderr) == (0, "")
        return done.stdout_bytes

    def stored(self, text: bytes) -> str:
        return self.printed("store", given=text).decode().removesuffix("\n")

    def receipt(self, text: bytes = b"attack at dawn") -> dict[str, Any]:
        receipt: dict[str, Any] = json.loads(self.printed("store", "--json", given=text))
        return receipt

    def sentence(self, exit_code: int, *arguments: str, given: bytes = b"", **settings: str) -> str:
        """The one sentence with which a command ends that prints nothing."""
        done = self.run(*arguments, given=given, **settings)
        assert (done.exit_code, done.stdout) == (exit_code, ""), done.output
        assert done.stderr.startswith("securedata: ")
        assert done.stderr.count("\n") == 1
        return done.stderr.removeprefix("securedata: ").removesuffix("\n")

    @contextmanager
    def process(self, *arguments: str, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
        environment = {**os.environ, **self.environment}
        with subprocess.Popen([COMMAND, *arguments], env=environment, **options) as process:
            try:
                yield process
            finally:
                process.kill()  # one that waits for ever, too

    def script(self, line: str) -> subprocess.CompletedProcess[bytes]:
        """What a POSIX shell makes of a line."""
        path = f"{Path(COMMAND).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, **self.environment, "PATH": path}
        return subprocess.run(["sh", "-c", line], env=environment, capture_output=True, timeout=60)


@pytest.fixture
def shell(server: BackgroundServer) -> Shell:
    return Shell(server)


posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")


def as_bytes(receipt: object) -> bytes:
    return json.dumps(receipt).encode()


# Texts come back to the byte.


@pytest.mark.parametrize(
    "text",
    [
        b"hello\n",
        b"no line feed at the end",
        b"",
        b"\n",
        b"two\r\nlines\r\n",
        b"\x00 in between \x00",
        "emoji 🔐, עברית, e\u0301".encode(),
        b"\xef\xbb\xbfa byte order mark",
        b"\x1a ends a text on Windows, once",
        b"a" * MOST,
        "🔐".encode() * (MOST // 4),
    ],
    ids=lambda text: f"{len(text)}-{text[:12]!r}",
)
def test_a_text_comes_back_to_the_byte(shell: Shell, text: bytes) -> None:
    assert shell.printed("retrieve", shell.stored(text)) == text
    receipt = shell.printed("store", "--json", given=text)
    assert shell.printed("retrieve", given=receipt) == text


def test_storing_prints_the_record_id_and_nothing_else(shell: Shell) -> None:
    assert re.fullmatch(b"[0-9a-f]{32}\n", shell.printed("store", given=b"hello"))


def test_a_text_is_read_from_a_file(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"from a file\n")
    record_id = shell.printed("store", str(tmp_path / "text"), given=b"not this").decode().strip()
    assert shell.printed("retrieve", record_id) == b"from a file\n"
    assert shell.printed("retrieve", shell.stored(b"from -")) == b"from -"


# JSON.


def test_json_is_what_the_server_answers(shell: Shell, server: BackgroundServer) -> None:
    text = 'é🔐\x00"'
    printed = shell.printed("store", "--json", given=text.encode())
    answer = ask(server, "POST", "/store", json={"data": text}).content
    assert re.sub(b"[0-9a-f]", b"0", printed) == re.sub(b"[0-9a-f]", b"0", answer)
    record_id = json.loads(printed)["record_id"]
    assert (
        shell.printed("retrieve", "--json", record_id)
        == ask(server, "POST", "/retrieve", json={"record_id": record_id}).content
    )


def test_a_receipt_can_be_verified_by_anyone(shell: Shell, server: BackgroundServer) -> None:
    key = VerifyingKey.from_pem(ask(server, "GET", "/public-key").text)
    verify(receipt_from_json(shell.receipt()), signers=KeyRing(key))


def test_a_receipt_may_be_whole_or_its_four_fields_piped_or_a_file(
    shell: Shell, tmp_path: Path
) -> None:
    receipt = shell.receipt()
    for shown in (
        as_bytes(receipt),
        as_bytes(receipt["data"]),
        json.dumps(receipt, indent=4).encode(),
        json.dumps(receipt).encode("utf-16"),  # as Windows PowerShell writes what is sent to a file
        json.dumps(receipt).encode("utf-8-sig"),
    ):
        (tmp_path / "receipt.json").write_bytes(shown)
        for arguments, given in (
            ((), shown),
            (("-",), shown),
            ((str(tmp_path / "receipt.json"),), b""),
        ):
            assert shell.printed("retrieve", *arguments, given=given) == b"attack at dawn"


# 1: refused.


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "four fields"])
def test_a_flipped_bit_is_refused(shell: Shell, field: str, whole: bool) -> None:
    receipt = shell.receipt()
    data = receipt["data"]
    data[field] = flipped(bytes.fromhex(data[field]), 7).hex()
    given = as_bytes(receipt if whole else data)
    assert shell.sentence(1, "retrieve", given=given) == COMPROMISED
    assert shell.sentence(1, "retrieve", "--json", given=given) == COMPROMISED


def test_a_receipt_with_another_records_id_is_refused(shell: Shell) -> None:
    receipt = {**shell.receipt(), "record_id": shell.stored(b"another")}
    assert shell.sentence(1, "retrieve", given=as_bytes(receipt)) == COMPROMISED


def test_an_unknown_record_is_refused(shell: Shell) -> None:
    assert shell.sentence(1, "retrieve", UNKNOWN_ID) == COMPROMISED


def test_a_changed_row_is_refused(shell: Shell, server: BackgroundServer) -> None:
    record_id = shell.stored(b"attack at dawn")
    change_row(server, record_id, "tag = zeroblob(16)")
    assert shell.sentence(1, "retrieve", record_id) == COMPROMISED


# 2: the input is wrong.


def test_bytes_that_are_no_text_are_refused(shell: Shell, tmp_path: Path) -> None:
    for content, place in ((b"caf\xe9", 3), (b"\xff\xfea\x00", 0), (b"ok \xed\xa0\x80", 3)):
        (tmp_path / "text").write_bytes(content)
        rest = (
            f"is not text in UTF-8: byte {place} is wrong. Convert it, for instance with iconv or "
            "base64"
        )
        assert shell.sentence(2, "store", given=content) == f"standard input {rest}"
        file = str(tmp_path / "text")
        assert shell.sentence(2, "store", file) == f"{file} {rest}"


def test_a_text_over_256_kib_is_refused(shell: Shell) -> None:
    assert shell.sentence(2, "store", given=b"a" * (MOST + 1)) == (
        "standard input has more than 262144 bytes, the most that a record holds: store it in parts"
    )
    # So is one that is too long only once it is JSON, by the server.
    assert shell.sentence(2, "store", given=b"\x00" * MOST) == "The body is over 1048576 bytes."


def test_a_file_that_cannot_be_read_is_named(shell: Shell, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    assert shell.sentence(2, "store", missing) == (
        f"{missing} cannot be read: No such file or directory"
    )
    for command in ("store", "retrieve"):
        assert shell.sentence(2, command, str(tmp_path)) == (
            f"{tmp_path} cannot be read: Is a directory"
        )


@pytest.mark.parametrize(
    "name",
    ["", "0" * 31, "0" * 33, "A" * 32, f"{UNKNOWN_ID}\n", f" {UNKNOWN_ID}", "é" * 32, "a" * 5000],
    ids=lambda name: f"{len(name)}-{name[:5]!r}",
)
def test_what_is_neither_id_nor_file_is_refused(shell: Shell, name: str) -> None:
    assert shell.sentence(2, "retrieve", name) == (
        f"{name!r} is neither a record id, 32 lower-case hex digits, nor a file"
    )


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"hello",
        UNKNOWN_ID.encode(),
        b"[]",
        b"null",
        b"7",
        b'"data"',
        b'["data"]',
        b"{}",
        b'{"error": "A token is needed"}',
        b'{"data": null}',
        b'{"data": {"nonce": "00"}}',
        b'{"nonce": "00"}',
        b"\xff",
        b"[" * 100_000,
        b"1" * 10_000,
    ],
    ids=lambda garbage: repr(garbage[:12]),
)
def test_what_is_no_receipt_is_refused(shell: Shell, garbage: bytes) -> None:
    assert shell.sentence(2, "retrieve", given=garbage) == (
        "standard input holds no receipt: give a record id, or what securedata store --json printed"
    )


def test_a_receipt_with_a_field_of_another_length_is_none(shell: Shell) -> None:
    receipt = shell.receipt()
    receipt["data"]["tag"] = receipt["data"]["tag"][:-2]
    for given in (receipt, receipt["data"]):
        assert "holds no receipt" in shell.sentence(2, "retrieve", given=as_bytes(given))


def test_an_address_without_https_is_refused(shell: Shell) -> None:
    for command in ("store", "retrieve"):
        assert shell.sentence(2, command, "--url", "http://localhost:5000") == (
            "http://localhost:5000 does not start with https://"
        )
    assert shell.sentence(2, "store", "--url", "https://localhost:port") == (
        "https://localhost:port is no address: https://localhost:5000 is one"
    )


def test_a_ca_file_that_is_none_is_refused(shell: Shell, tmp_path: Path) -> None:
    next_step = "go to the folder in which the server was started, or name another --ca-file"
    missing, garbage, binary = (tmp_path / name for name in ("missing", "garbage", "binary"))
    garbage.write_text("hello")
    binary.write_bytes(b"\xff")
    for file, why in (
        (missing, "missing: No such file or directory"),
        (tmp_path, f"{tmp_path.name}: Is a directory"),
        (garbage, "garbage is no certificate in PEM"),
        (binary, "binary is no certificate in PEM"),
    ):
        assert shell.sentence(2, "store", "--ca-file", str(file)) == (
            f"{file.parent}/{why}: {next_step}"
        )


def test_a_wrong_option_is_2_as_well(shell: Shell) -> None:
    for arguments in (("store", "--no-such-option"), ("retrieve", UNKNOWN_ID, UNKNOWN_ID)):
        assert shell.run(*arguments).exit_code == 2


# 2: tokens.


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[tuple[Shell, dict[str, str]]]:
    """A server that wants a token, and the tokens that it knows."""
    keys, tokens = KeyFile.create(tmp_path / "keys.json"), {}
    for name in ("alice", "bob"):
        tokens[name] = made = new_token()
        keys.update(lambda keys, name=name, made=made: keys.add_token(name, made))
    vault = Vault(RecordStore(f"sqlite:///{tmp_path}/records.sqlite3"), keys)
    with a_server(create_app(vault), tmp_path) as running:
        yield Shell(running), tokens


def test_the_token_is_taken_from_the_environment(guarded: tuple[Shell, dict[str, str]]) -> None:
    shell, tokens = guarded
    done = shell.run("store", "--json", given=b"hers", SECUREDATA_TOKEN=tokens["alice"])
    assert json.loads(done.stdout)["owner"] == "alice"
    got = shell.run("retrieve", given=done.stdout_bytes, SECUREDATA_TOKEN=tokens["alice"])
    assert got.stdout == "hers"
    assert (
        shell.sentence(1, "retrieve", given=done.stdout_bytes, SECUREDATA_TOKEN=tokens["bob"])
        == COMPROMISED
    )


def test_without_a_good_token_nothing_is_refused_but_the_call(
    guarded: tuple[Shell, dict[str, str]],
) -> None:
    shell, tokens = guarded
    next_step = " Put a good one into SECUREDATA_TOKEN: securedata token create NAME prints it"
    malformed = "A token is 64 lower-case hex digits, and nothing around them."
    for token, why in (
        ("", 'A token is needed: send the header "Authorization: Bearer TOKEN".'),
        (new_token(), "This token is unknown or was revoked."),
        (tokens["alice"].upper(), malformed),
        (f"Bearer {tokens['alice']}", malformed),
    ):
        for arguments in (("store",), ("retrieve", UNKNOWN_ID)):
            assert shell.sentence(2, *arguments, SECUREDATA_TOKEN=token) == why + next_step


def test_there_is_no_option_for_a_token(shell: Shell) -> None:
    for command in ("store", "retrieve"):
        assert "No such option" in shell.run(command, "--token", new_token()).stderr


# 3: the server does not answer, or cannot answer now.


def test_where_nobody_listens_it_is_3(shell: Shell) -> None:
    url = f"https://localhost:{free_port()}"
    for command, given in (("store", b"hello"), ("retrieve", as_bytes(shell.receipt()))):
        assert shell.sentence(3, command, "--url", url, given=given) == (
            f"{url} does not answer: ConnectionError: is it running?"
        )


def test_a_server_whose_certificate_does_not_fit_is_3_and_gets_nothing(
    shell: Shell, server: BackgroundServer, tmp_path: Path
) -> None:
    foreign = tmp_path / "foreign.pem"
    foreign.write_text(CertificateAuthority.create("Test CA").certificate_pem)
    asked = len(server.log_tail(1000))
    assert shell.sentence(3, "store", "--ca-file", str(foreign), given=b"hello") == (
        f"{server.url} does not answer: SSLError: it has no certificate for this name that "
        f"{foreign} vouches for"
    )
    assert not [line for line in server.log_tail(1000)[asked:] if "POST" in line]


def test_a_server_without_the_key_is_3(shell: Shell, server: BackgroundServer) -> None:
    record_id = shell.stored(b"attack at dawn")
    change_row(server, record_id, "key_id = '0123456789abcdef'")
    assert "cannot answer now: unknown key id 0123456789abcdef" in shell.sentence(
        3, "retrieve", record_id
    )


def test_a_server_without_its_table_is_3(shell: Shell, tmp_path: Path) -> None:
    database = tmp_path / "records.sqlite3"
    keys = KeyFile.create(tmp_path / "keys.json")
    app = create_app(Vault(RecordStore(f"sqlite:///{database}"), keys))
    with a_server(app, tmp_path) as running:
        by_hand(database, "DROP TABLE records")
        assert Shell(running).sentence(3, "store", given=b"hello") == (
            f"{running.url} cannot answer now: The database does not answer. Try again later."
        )


@pytest.mark.parametrize("status", [200, 500, 502, 503, 507])
def test_what_is_not_the_service_is_3(tmp_path: Path, status: int) -> None:
    app = Flask("stranger")
    page = "<html>Welcome to the hotel's network</html>", status
    for path in ("/store", "/retrieve"):
        app.add_url_rule(path, path, lambda: page, methods=["POST"])
    with a_server(app, tmp_path) as running:
        for arguments in (("store",), ("retrieve", UNKNOWN_ID)):
            assert Shell(running).sentence(3, *arguments).endswith("is it the service?")


# In a real shell.


@posix
@pytest.mark.parametrize(
    "line",
    [
        "echo hello | securedata store --json | securedata retrieve",
        "securedata retrieve $(echo hello | securedata store)",
        "echo hello | securedata store | xargs securedata retrieve",
    ],
)
def test_pipes_work(shell: Shell, line: str) -> None:
    done = shell.script(line)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"hello\n", b"")


@posix
def test_a_refusal_ends_a_script_that_checks(shell: Shell) -> None:
    receipt = shell.receipt()
    receipt["data"]["tag"] = "00" * 16
    done = shell.script(f"echo '{json.dumps(receipt)}' | securedata retrieve && echo trusted")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == f"securedata: {COMPROMISED}\n".encode()


@pytest.mark.thorough
@posix
@pytest.mark.parametrize("line", ["yes | securedata {}", "securedata {} /dev/zero"])
def test_input_without_end_is_refused(shell: Shell, line: str) -> None:
    for command in ("store", "retrieve"):
        # With a limit, so that a mistake here costs 2 GB of memory and not all.
        done = shell.script(f"ulimit -v 2000000; {line.format(command)}")
        assert done.returncode == 2
        assert done.stderr.startswith(b"securedata: ")


@posix
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_has_enough_is_141_and_no_complaint(shell: Shell, unbuffered: str) -> None:
    record_id = shell.stored(b"a" * MOST)
    shell.environment["PYTHONUNBUFFERED"] = unbuffered
    with shell.process(
        "retrieve", record_id, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(1) == b"a"
        process.stdout.close()
        assert (process.wait(timeout=30), process.stderr.read()) == (141, b"")


@pytest.mark.thorough
@posix
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_slow_reader_gets_all_of_a_long_text(shell: Shell, unbuffered: str) -> None:
    record_id = shell.stored(b"a" * MOST)
    line = f"PYTHONUNBUFFERED={unbuffered} securedata retrieve {record_id} | (sleep 1; wc -c)"
    assert int(shell.script(line).stdout) == MOST


@posix
def test_a_full_disk_is_2_and_one_sentence(shell: Shell) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("needs /dev/full")
    for command in ("store", f"retrieve {shell.stored(b'hello')}"):
        done = shell.script(f"echo hello | securedata {command} > /dev/full")
        assert done.returncode == 2
        assert done.stderr == (
            b"securedata: standard output cannot be written: No space left on device\n"
        )


@pytest.mark.thorough
@posix
def test_closed_ends_are_2_and_one_sentence(shell: Shell, server: BackgroundServer) -> None:
    asked = len(server.log_tail(1000))
    for line, why in (
        ("securedata store <&-", "standard input is closed: name a FILE"),
        ("securedata retrieve <&-", "standard input is closed: name a FILE"),
        (
            "echo hello | securedata store >&-",
            "standard output is closed: there is nowhere to print the answer to",
        ),
    ):
        done = shell.script(line)
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.decode() == f"securedata: {why}\n"
    assert not [line for line in server.log_tail(1000)[asked:] if "POST" in line]


@posix
def test_ctrl_c_is_130_and_says_nothing(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://localhost:{silent.getsockname()[1]}"
        arguments = ("retrieve", UNKNOWN_ID, "--url", url)
        with shell.process(
            *arguments,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=hear_ctrl_c,
        ) as process:
            silent.accept()  # now it waits for the server's half of the handshake
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=30) == (b"", b"")
            assert process.returncode == 130


@posix
def test_at_a_keyboard_retrieve_asks_for_a_name_instead_of_waiting(shell: Shell) -> None:
    ours, theirs = os.openpty()
    with shell.process("retrieve", stdin=theirs, stderr=subprocess.PIPE) as process:
        os.close(theirs)
        _, said = process.communicate(timeout=30)
    os.close(ours)
    assert process.returncode == 2
    assert b"Error: name a RECORD_ID or FILE, or pipe a receipt in" in said


# Where a server is and whom to trust there, if nobody says.


def test_without_a_ca_file_the_folder_of_the_server_is_meant(
    server: BackgroundServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shell = Shell(server, SECUREDATA_CA_FILE="")
    assert shell.sentence(2, "store").startswith("certs/ca.pem: No such file or directory: ")
    assert server.ca_file is not None
    certs = tmp_path / "certs"
    certs.mkdir()
    shutil.copy(server.ca_file, certs / "ca.pem")
    assert shell.printed("retrieve", shell.stored(b"hello")) == b"hello"
    # Where there is one's own certificate, the server uses that, and so do its clients.
    shutil.copy(server.ca_file, certs / "cert.pem")
    (certs / "ca.pem").write_text("left over")
    assert shell.printed("retrieve", shell.stored(b"hello")) == b"hello"


def test_ones_own_certificate_is_trusted_where_the_server_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "certs").mkdir()
    made = openssl(*shlex.split(CERTIFICATE_COMMAND)[1:], cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    keys = KeyFile.create(tmp_path / "keys.json")
    tls = server_context(open_folder(tmp_path / "certs").leaf)
    monkeypatch.chdir(tmp_path)
    with BackgroundServer(create_app(Vault(RecordStore("sqlite://"), keys)), tls=tls) as server:
        shell = Shell(server, SECUREDATA_CA_FILE="")
        assert shell.printed("retrieve", shell.stored(b"hello")) == b"hello"


@pytest.mark.parametrize("command", ["store", "retrieve"])
def test_help_has_the_defaults_the_exit_codes_and_why_the_token_is_no_option(
    shell: Shell, command: str
) -> None:
    shown = shell.printed(command, "--help").decode()
    assert "[default: https://localhost:5000]" in shown
    page = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
    codes = re.findall(r"^    (\d)  (.+)$", shown, re.MULTILINE)
    assert [code for code, _ in codes] == ["0", "1", "2", "3"]
    for code, meaning in codes:
        assert f"\n| {code} | {meaning}" in page
    assert "SECUREDATA_TOKEN" in shown
    assert "(ps)" in shown
    assert max(map(len, shown.splitlines())) <= 80
