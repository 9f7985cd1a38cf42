"""`securedata demo`: store, look, tamper, refuse, retrieve, in a terminal.

Nothing is faked: a real server runs over TLS. The demo shows its answers, its row and its log.
"""

import os
import secrets
import signal
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from securedata.certificates.folder import open_folder
from securedata.certificates.tls import server_context
from securedata.cli.options import SCHEMES_BY_NAME, Command, signer_option
from securedata.errors import RefusedError
from securedata.keys.service_keys import ServiceKeys
from securedata.record import Receipt, Scheme, Submission
from securedata.serving.server import BackgroundServer
from securedata.storage.records import RecordStore
from securedata.vault import Vault
from securedata.web.app import create_app
from securedata.web.client import Client
from securedata.web.contract import HEX_FIELDS

TEXT = "Meet me at noon."  # 16 bytes: one line of hex
COLUMNS = 78
MOST_LINES = 4  # of a field: a signature of ML-DSA would take 207
# With backgrounds: green letters are hard to read on white, red letters on black.
good = partial(click.style, fg="black", bg="green")
bad = partial(click.style, fg="white", bg="red", bold=True)


@click.command(cls=Command)
@click.option("--pause", is_flag=True, help="Wait for a key after each step.")
@signer_option
@click.pass_context
def demo(ctx: click.Context, pause: bool, signer: str) -> None:
    """Show the service in five steps: store, look, tamper, refuse, retrieve.

    It needs no server and no network. It starts its own server, with new keys, in a temporary
    folder.
    """
    if os.environ.get("NO_COLOR"):  # https://no-color.org
        ctx.color = False
    os.environ["no_proxy"] = "localhost"  # a proxy cannot reach our server
    for ending in {"SIGTERM", "SIGHUP"} & set(dir(signal)):  # remove the folder then, too
        signal.signal(getattr(signal, ending), signal.default_int_handler)
    with (
        tempfile.TemporaryDirectory(prefix="securedata-demo-") as folder,
        _running(Path(folder), SCHEMES_BY_NAME[signer]) as server,
    ):
        for _ in _steps(server, Path(folder), signer):
            if pause and os.isatty(0) and os.isatty(1):
                click.echo("\nPress a key for the next step.")
                click.getchar()  # not click.pause: Ctrl-C must end the demo


@contextmanager
def _running(folder: Path, scheme: Scheme) -> Iterator[BackgroundServer]:
    certificate = open_folder(folder)
    records = RecordStore(f"sqlite:///{folder}/records.sqlite3")
    server = BackgroundServer(
        create_app(Vault(records, ServiceKeys.generate(scheme))),
        tls=server_context(certificate.leaf),
        ca_file=certificate.ca_file,
    )
    try:
        with server:
            yield server
    finally:
        records.close()


def _steps(server: BackgroundServer, folder: Path, signer: str) -> Iterator[None]:
    """The steps. Yields after each but the last."""
    client = Client(server.url, ca_file=server.ca_file or "")
    click.echo(f"A server runs at {server.url} until this demo ends.")
    receipt = _store(client, signer)
    yield
    _look(folder)
    yield
    tampered = _tamper(receipt)
    yield
    _refuse(client, tampered, server)
    yield
    _retrieve(client, receipt)


def _store(client: Client, signer: str) -> Receipt:
    _heading("1. Store")
    _say(
        f'"{TEXT}" goes to POST /store. The server encrypts it with AES-256-GCM, and signs the '
        f"ciphertext with {signer.upper()}. The answer has four fields; encrypted_data is the "
        "ciphertext:"
    )
    receipt = client.store(TEXT)
    for name, ours in HEX_FIELDS.items():
        _show(name, getattr(receipt, ours))
    return receipt


def _look(folder: Path) -> None:
    _heading("2. Look")
    _say("A thief opens the database with sqlite3, and finds one row:")
    with closing(sqlite3.connect(folder / "records.sqlite3")) as database:
        database.row_factory = sqlite3.Row
        row = database.execute("SELECT * FROM records").fetchone()
    for name in row.keys():  # noqa: SIM118  # a Row is no dict
        _show(name, row[name])
    files = b"".join(file.read_bytes() for file in folder.glob("records.sqlite3*"))
    _say(f'"{TEXT}" is in the database: {"yes" if TEXT.encode() in files else "no"}.')
    _say("Its key is there too (wrapped_key), encrypted with a key that is not.")


def _tamper(receipt: Receipt) -> Submission:
    _heading("3. Tamper")
    before = receipt.ciphertext
    bit = secrets.randbelow(8 * len(before))
    place, mask = bit // 8, 0x80 >> bit % 8
    after = before[:place] + bytes([before[place] ^ mask]) + before[place + 1 :]
    _say(f"One random bit of the {8 * len(before)} in encrypted_data is flipped:")
    for name, data, style in (("before", before, good), ("after", after, bad)):
        digits = _marked([f"{byte:02x}" for byte in data], place, style)
        bits = _marked(f"{data[place]:08b}", bit % 8, style)
        click.echo(f"  {name:8}{' '.join(digits)}   {''.join(bits)}")
    carets = "^^".rjust(3 * place + 2).ljust(3 * len(before) + 2) + "^".rjust(bit % 8 + 1)
    click.echo(f"{'':10}{carets}")
    return replace(receipt, ciphertext=after)


def _refuse(client: Client, tampered: Submission, server: BackgroundServer) -> None:
    _heading("4. Refuse")
    _say("The four fields, one bit changed, go to POST /retrieve. The answer:")
    _ask(client, tampered)
    _say("Only the server's log says which check failed. An attacker cannot learn it:")
    _say(*server.log_tail(1), indent=2)
    _say("The server verifies the signature first, with a public key. It decrypted nothing.")


def _retrieve(client: Client, receipt: Receipt) -> None:
    _heading("5. Retrieve")
    _say("The four fields, unchanged, go to POST /retrieve. The answer:")
    _ask(client, receipt)


def _ask(client: Client, submission: Submission) -> None:
    try:
        click.echo(f"  {good(client.retrieve(submission=submission))}")
    except RefusedError as refusal:
        click.echo(f"  {bad(refusal)}")


def _heading(words: str) -> None:
    # Reversed colours can be read on light and on dark.
    click.echo()
    click.secho(f" {words} ", reverse=True, bold=True)


def _say(*sentences: str, indent: int = 0) -> None:
    margin = " " * indent
    for sentence in sentences:
        click.echo(click.wrap_text(sentence, COLUMNS, margin, margin))


def _marked(cells: Sequence[str], place: int, style: Callable[[str], str]) -> list[str]:
    return [style(cell) if at == place else cell for at, cell in enumerate(cells)]


def _show(name: str, value: str | bytes) -> None:
    lines = [value] if isinstance(value, str) else _hex_lines(value)
    for label, line in zip([name, *[""] * len(lines)], lines, strict=False):
        click.echo(f"  {label:16}{line}")


def _hex_lines(data: bytes) -> list[str]:
    lines = [data[at : at + 16].hex(" ") for at in range(0, len(data), 16)]
    return lines if len(lines) <= MOST_LINES else [*lines[:4], f"... {len(data):,} bytes in all"]
