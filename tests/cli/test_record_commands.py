"""`securedata store` and `retrieve` as a shell uses them: bytes in, bytes out, and exit codes."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pexpect
import pytest
from click.testing import CliRunner, Result
from vocabulary import SECUREDATA, a_server, a_vault, ask, change_row, free_port, hear_ctrl_c

from securedata import BackgroundServer, create_app
from securedata.cli import main
from securedata.keys.service_keys import new_token

COMPROMISED = "Invalid signature. Data may be compromised."
REFUSED = f"{COMPROMISED} Or no such record of yours exists."
UNKNOWN_ID = "0" * 32
MOST = 256 * 1024
PIPES = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}

posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")


class Shell:
    """The command line, with a server's address and CA in its environment."""

    def __init__(self, server: BackgroundServer, **settings: str) -> None:
        self.environment = {
            "SECUREDATA_URL": server.url,
            "SECUREDATA_CA_FILE": str(server.ca_file),
            "SECUREDATA_TOKEN": "",
            "PYTHONUNBUFFERED": "",
            **settings,
        }

    def run(self, *arguments: str, given: bytes = b"", **settings: str) -> Result:
        return CliRunner().invoke(
            main, arguments, input=given, env={**self.environment, **settings}
        )

    def printed(self, *arguments: str, given: bytes = b"", **settings: str) -> bytes:
        """The output of a command that works and prints nothing on stderr."""
        done = self.run(*arguments, given=given, **settings)
        assert (done.exit_code, done.stderr) == (0, "")
        return done.stdout_bytes

    def stored(self, text: bytes) -> str:
        return self.printed("store", given=text).decode().removesuffix("\n")

    def receipt(self, text: bytes = b"attack at dawn") -> dict[str, Any]:
        receipt: dict[str, Any] = json.loads(self.printed("store", "--json", given=text))
        return receipt

    def error(self, *arguments: str, given: object = b"", **settings: str) -> tuple[int, str]:
        """The exit code and the one sentence of a command that fails."""
        content = given if isinstance(given, bytes) else json.dumps(given).encode()
        done = self.run(*arguments, given=content, **settings)
        assert done.stdout == ""
        (line,) = done.stderr.splitlines()
        assert line.startswith("securedata: ")
        return done.exit_code, line.removeprefix("securedata: ")

    @contextmanager
    def process(self, *arguments: str, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
        environment = {**os.environ, **self.environment}
        with subprocess.Popen([SECUREDATA, *arguments], env=environment, **options) as process:
            try:
                yield process
            finally:
                process.kill()

    def script(self, line: str) -> tuple[int, bytes, str]:
        """Run a line in a POSIX shell: exit code, standard output and standard error."""
        path = f"{Path(SECUREDATA).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, **self.environment, "PATH": path}
        done = subprocess.run(["sh", "-c", line], env=environment, capture_output=True, timeout=60)
        return done.returncode, done.stdout, done.stderr.decode()


@pytest.fixture
def shell(server: BackgroundServer) -> Shell:
    return Shell(server)


# Texts and receipts


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"two\r\nlines\r\n",
        b"no line feed after \x00 and \x1a, which ends a text on Windows",
        b"\xef\xbb\xbfa byte order mark",
        "🔐".encode() * (MOST // 4),
    ],
    ids=lambda text: f"{len(text)}-{text[:12]!r}",
)
def test_a_text_comes_back_to_the_byte(shell: Shell, text: bytes, tmp_path: Path) -> None:
    assert shell.printed("retrieve", shell.stored(text)) == text
    (tmp_path / "text").write_bytes(text)
    receipt = shell.printed("store", "--json", str(tmp_path / "text"), given=b"not this")
    assert shell.printed("retrieve", given=receipt) == text


def test_json_is_the_answer_of_the_server(shell: Shell, server: BackgroundServer) -> None:
    text = 'é🔐\x00"'
    printed = shell.printed("store", "--json", given=text.encode())
    answer = ask(server, "POST", "/store", json={"data": text}).content
    assert re.sub(b"[0-9a-f]", b"0", printed) == re.sub(b"[0-9a-f]", b"0", answer)
    record_id = json.loads(printed)["record_id"]
    answer = ask(server, "POST", "/retrieve", json={"record_id": record_id}).content
    assert shell.printed("retrieve", "--json", record_id) == answer


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])  # PowerShell writes UTF-16
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "four fields"])
def test_a_receipt_may_be_a_file_or_come_through_a_pipe(
    shell: Shell, tmp_path: Path, whole: bool, encoding: str
) -> None:
    receipt = shell.receipt()
    shown = json.dumps(receipt if whole else receipt["data"], indent=4).encode(encoding)
    (tmp_path / "receipt.json").write_bytes(shown)
    assert shell.printed("retrieve", str(tmp_path / "receipt.json")) == b"attack at dawn"
    assert shell.printed("retrieve", given=shown) == b"attack at dawn"
    assert shell.printed("retrieve", "-", given=shown) == b"attack at dawn"
    (tmp_path / "id").write_bytes(f"{receipt['record_id']}\r\n".encode(encoding))
    assert shell.printed("retrieve", str(tmp_path / "id")) == b"attack at dawn"


# 1: refused


def test_a_changed_or_unknown_record_or_receipt_is_refused(
    shell: Shell, server: BackgroundServer
) -> None:
    receipt = shell.receipt()
    tampered = receipt["data"] | {"tag": "00" * 16}
    moved = receipt | {"record_id": shell.stored(b"another")}
    for given in (tampered, receipt | {"data": tampered}, moved):
        assert shell.error("retrieve", given=given) == (1, REFUSED)
    assert shell.error("retrieve", "--json", given=tampered) == (1, REFUSED)
    change_row(server, changed := shell.stored(b"attack at dawn"), "tag = zeroblob(16)")
    for record_id in (UNKNOWN_ID, changed):
        assert shell.error("retrieve", record_id) == (1, REFUSED)


# 2: wrong input


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"caf\xe9", "is not text in UTF-8: byte 3 is wrong. Convert it, "),
        (b"ok \xed\xa0\x80", "is not text in UTF-8: byte 3 is wrong. Convert it, "),
        (b"a" * (MOST + 1), "has more than 262144 bytes, the limit of a record: store it in parts"),
    ],
    ids=["Latin-1", "a surrogate", "too long"],
)
def test_what_is_no_text_of_a_record_is_refused(
    shell: Shell, tmp_path: Path, text: bytes, sentence: str
) -> None:
    file = tmp_path / "text"
    file.write_bytes(text)
    for arguments, name in (((), "standard input"), ((str(file),), str(file))):
        code, said = shell.error("store", *arguments, given=text)
        assert code == 2
        assert said.startswith(f"{name} {sentence}")


def test_a_text_that_is_too_long_only_as_json_is_refused_by_the_server(shell: Shell) -> None:
    assert shell.error("store", given=b"\x00" * MOST) == (2, "The body is over 1048576 bytes.")


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b'{"data": null}',
        b'{"nonce": "00", "encrypted_data": "", "tag": "00", "signature": ""}',
        b"\xff",
        b"[" * 100_000,
        b"1" * 10_000,  # too long for Python's int()
    ],
    ids=lambda garbage: repr(garbage[:12]),
)
def test_what_is_no_receipt_is_refused(shell: Shell, garbage: bytes) -> None:
    code, said = shell.error("retrieve", given=garbage)
    assert code == 2
    assert said.startswith("standard input has no receipt: ")


def test_what_cannot_be_read_is_named(shell: Shell, tmp_path: Path) -> None:
    missing, garbage = tmp_path / "missing", tmp_path / "garbage"
    garbage.write_bytes(b"\xff")
    for arguments, sentence in (
        (("store", missing), f"{missing} cannot be read: No such file or directory"),
        (("store", missing, "--ca-file", missing), f"{missing} cannot be read: "),
        (("retrieve", tmp_path), f"{tmp_path} cannot be read: Is a directory"),
        (("store", "--ca-file", missing), f"{missing}: No such file or directory: "),
        (("store", "--ca-file", garbage), f"{garbage} is not a certificate in PEM: "),
        *(
            (("retrieve", name), f"{name!r} is neither a record id")
            for name in ("", "A" * 32, f"{UNKNOWN_ID}\n")
        ),
    ):
        code, said = shell.error(*map(str, arguments))
        assert code == 2
        assert said.startswith(sentence)


def test_the_token_is_taken_from_the_environment(tmp_path: Path) -> None:
    token = new_token()
    with a_server(create_app(a_vault(tmp_path, alice=token)), tmp_path) as running:
        alice = Shell(running, SECUREDATA_TOKEN=token)
        receipt = alice.receipt(b"hers")
        assert receipt["owner"] == "alice"
        assert alice.printed("retrieve", receipt["record_id"]) == b"hers"
        for wrong, why in (
            ("", "A token is needed."),
            (f"Bearer {token}", "A token is 64 lower-case hex digits, and nothing around them."),
        ):
            code, sentence = Shell(running, SECUREDATA_TOKEN=wrong).error("store")
            assert code == 2
            assert sentence.startswith(f"{why} Put a valid token into SECUREDATA_TOKEN: ")


def test_the_address_of_an_endpoint_is_not_that_of_the_server(
    shell: Shell, server: BackgroundServer
) -> None:
    code, sentence = shell.error("store", "--url", f"{server.url}/store", given=b"hello")
    assert (code, "--url names the server alone" in sentence) == (2, True)


# 3: the server does not answer, or cannot answer now


def test_where_no_server_runs_it_is_3(shell: Shell) -> None:
    url = f"https://localhost:{free_port()}"
    why = "nothing listens there: start it with securedata serve, or name its --url"
    sentence = f"{url} does not answer: {why}"
    assert shell.error("store", "--url", url) == (3, sentence)
    assert shell.error("retrieve", "--url", url, given=shell.receipt()) == (3, sentence)


def test_a_server_that_cannot_answer_now_is_3(shell: Shell, server: BackgroundServer) -> None:
    change_row(server, record_id := shell.stored(b"hello"), "key_id = '0123456789abcdef'")
    code, sentence = shell.error("retrieve", record_id)
    assert code == 3
    assert f"{server.url} cannot answer now: unknown key id 0123456789abcdef" in sentence


# In a real shell


@posix
def test_pipes_work_and_a_refusal_ends_a_script(shell: Shell) -> None:
    for line, result in (
        ("echo hello | securedata store --json | securedata retrieve", (0, b"hello\n", "")),
        ("echo hello | securedata store | securedata retrieve", (0, b"hello\n", "")),
        (
            f"securedata retrieve {UNKNOWN_ID} && echo trusted",
            (1, b"", f"securedata: {REFUSED}\n"),
        ),
    ):
        assert shell.script(line) == result


@pytest.mark.thorough
@posix
@pytest.mark.parametrize("line", ["yes | securedata {}", "securedata {} /dev/zero"])
@pytest.mark.parametrize("command", ["store", "retrieve"])
def test_input_without_end_is_refused(shell: Shell, line: str, command: str) -> None:
    # With a limit, so that a mistake here costs 2 GB of memory and not all.
    code, _, said = shell.script(f"ulimit -v 2000000; {line.format(command)}")
    assert code == 2
    assert said.startswith("securedata: ")


@pytest.mark.thorough
@posix
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_may_be_slow_or_leave_early(shell: Shell, unbuffered: str) -> None:
    record_id = shell.stored(b"a" * MOST)
    shell.environment["PYTHONUNBUFFERED"] = unbuffered
    code, counted, said = shell.script(f"securedata retrieve {record_id} | (sleep 1; wc -c)")
    assert (code, int(counted), said) == (0, MOST, "")
    with shell.process("retrieve", record_id, **PIPES) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(1) == b"a"
        process.stdout.close()
        assert (process.wait(timeout=30), process.stderr.read()) == (141, b"")


@posix
@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("retrieve $ID > /dev/full", "standard output cannot be written: No space left on device"),
        ("store <&-", "standard input is closed: name a FILE"),
    ],
)
def test_a_full_disk_or_a_closed_input_is_2_and_one_sentence(
    shell: Shell, line: str, sentence: str
) -> None:
    if "/dev/full" in line and not os.path.exists("/dev/full"):
        pytest.skip("needs /dev/full")
    done = shell.script(f"ID={shell.stored(b'hello')}; echo hello | (securedata {line})")
    assert done == (2, b"", f"securedata: {sentence}\n")


@posix
def test_with_a_closed_output_nothing_is_stored(shell: Shell, server: BackgroundServer) -> None:
    asked = len(server.log_tail(1000))
    code, _, said = shell.script("echo hello | securedata store >&-")
    assert code == 2
    assert said == "securedata: standard output is closed, so the answer cannot be printed\n"
    assert not [line for line in server.log_tail(1000)[asked:] if "POST" in line]


@posix
def test_ctrl_c_is_130_and_says_nothing(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://localhost:{silent.getsockname()[1]}"
        arguments = ("retrieve", UNKNOWN_ID, "--url", url)
        with shell.process(*arguments, **PIPES, preexec_fn=hear_ctrl_c) as process:
            with silent.accept()[0]:  # now it waits for the server's half of the handshake
                process.send_signal(signal.SIGINT)
                assert process.communicate(timeout=30) == (b"", b"")
            assert process.returncode == 130


@posix
@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("retrieve", b"Error: name a RECORD_ID or FILE, or pipe one of them in"),
        ("verify --public-key signer.pem", b"Error: name a FILE, or pipe a receipt in"),
    ],
)
def test_at_a_keyboard_no_command_waits_for_a_receipt(
    shell: Shell, line: str, sentence: bytes
) -> None:
    environment = {**os.environ, **shell.environment}
    said, code = pexpect.run(f"{SECUREDATA} {line}", env=environment, withexitstatus=True)
    assert code == 2
    assert sentence in said


@posix
def test_at_a_keyboard_store_says_how_a_text_ends(shell: Shell) -> None:
    with closing(
        pexpect.spawn(SECUREDATA, ["store"], env={**os.environ, **shell.environment})
    ) as it:
        it.expect_exact("Type the text. End it with Ctrl-D on a new line.")
        it.sendline("Meet me at noon.")
        it.sendeof()
        it.expect("[0-9a-f]{32}")


def test_without_a_ca_file_the_one_in_certs_is_trusted(
    server: BackgroundServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shell = Shell(server, SECUREDATA_CA_FILE="")
    assert shell.error("store")[1].startswith("certs/ca.pem: No such file or directory: ")
    assert server.ca_file is not None
    certs = tmp_path / "certs"
    certs.mkdir()
    shutil.copy(server.ca_file, certs / "ca.pem")
    assert shell.printed("retrieve", shell.stored(b"hello")) == b"hello"
    # If a user's own certificate is there, the server uses it, and so do its clients.
    shutil.copy(server.ca_file, certs / "cert.pem")
    (certs / "ca.pem").write_text("left over")
    assert shell.printed("retrieve", shell.stored(b"hello")) == b"hello"
