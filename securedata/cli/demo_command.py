"""`securedata demo`: store, look, tamper, refuse, retrieve, played in a terminal.

Nothing is staged: a server runs, over TLS, and what is shown is what it answered and wrote down.
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
from securedata.cli.options import Command
from securedata.errors import RefusedError
from securedata.keys.service_keys import ServiceKeys
from securedata.record import Receipt, Submission
from securedata.serving.server import BackgroundServer
from securedata.storage.records import RecordStore
from securedata.vault import Vault
from securedata.web.app import create_app
from securedata.web.client import Client
from securedata.web.contract import HEX_FIELDS

TEXT = "Meet me at noon."  # 16 bytes: one line of hex
COLUMNS = 78
# With backgrounds: green letters would be faint on white, red ones on black.
good = partial(click.style, fg="black", bg="green")
bad = partial(click.style, fg="white", bg="red", bold=True)


@click.command(cls=Command)
@click.option("--pause", is_flag=True, help="Wait for a key between the acts.")
@click.pass_context
def demo(ctx: click.Context, pause: bool) -> None:
    """Play store, look, tamper, refuse, retrieve in this terminal.

    It needs no server and no network: it starts a server of its own, with new keys, in a folder
    that is gone afterwards.
    """
    if os.environ.get("NO_COLOR"):  # https://no-color.org
        ctx.color = False
    os.environ["no_proxy"] = "localhost"  # a school's proxy does not know our server
    for ending in {"SIGTERM", "SIGHUP"} & set(dir(signal)):  # so that the folder goes then as well
        signal.signal(getattr(signal, ending), signal.default_int_handler)
    with (
        tempfile.TemporaryDirectory(prefix="securedata-demo-") as folder,
        _running(Path(folder)) as server,
    ):
        for _ in _acts(server, Path(folder)):
            if pause and os.isatty(0) and os.isatty(1):
                click.echo("\nPress a key for the next act.")
                click.getchar()  # not click.pause, to which Ctrl-C is a key like any other


@contextmanager
def _running(folder: Path) -> Iterator[BackgroundServer]:
    certificate = open_folder(folder)
    records = RecordStore(f"sqlite:///{folder}/records.sqlite3")
    server = BackgroundServer(
        create_app(Vault(records, ServiceKeys.generate())),
        tls=server_context(certificate.leaf),
        ca_file=certificate.ca_file,
    )
    try:
        with server:
            yield server
    finally:
        records.close()


def _acts(server: BackgroundServer, folder: Path) -> Iterator[None]:
    """The play; it yields between the acts."""
    client = Client(server.url, ca_file=server.ca_file or "")
    click.echo(f"A server runs at {server.url}, for as long as this takes.")
    receipt = _store(client)
    yield
    _look(folder)
    yield
    tampered = _tamper(receipt)
    yield
    _refuse(client, tampered, server)
    yield
    _retrieve(client, receipt)


def _store(client: Client) -> Receipt:
    _heading("1. Store")
    _say(
        f'"{TEXT}" goes to POST /store, is encrypted with AES-256-GCM, and the ciphertext is '
        "signed with DSA. What comes back holds four fields:"
    )
    receipt = client.store(TEXT)
    for name, ours in HEX_FIELDS.items():
        _show(name, getattr(receipt, ours))
    return receipt


def _look(folder: Path) -> None:
    _heading("2. Look")
    _say("A thief of the database opens it with sqlite3, and finds one row:")
    with closing(sqlite3.connect(folder / "records.sqlite3")) as database:
        database.row_factory = sqlite3.Row
        row = database.execute("SELECT * FROM records").fetchone()
    for name in row.keys():  # noqa: SIM118  # a Row is no dict
        _show(name, row[name])
    files = b"".join(file.read_bytes() for file in folder.glob("records.sqlite3*"))
    _say(f'"{TEXT}" is in the database: {"yes" if TEXT.encode() in files else "no"}.')
    _say("Its key is there too (wrapped_key), encrypted under one that is elsewhere.")


def _tamper(receipt: Receipt) -> Submission:
    _heading("3. Tamper")
    before = receipt.ciphertext
    bit = secrets.randbelow(8 * len(before))
    place, mask = bit // 8, 0x80 >> bit % 8
    after = before[:place] + bytes([before[place] ^ mask]) + before[place + 1 :]
    _say(f"One bit of encrypted_data is changed, of {8 * len(before)}; chance chose it:")
    for name, data, style in (("before", before, good), ("after", after, bad)):
        digits = _marked([f"{byte:02x}" for byte in data], place, style)
        bits = _marked(f"{data[place]:08b}", bit % 8, style)
        click.echo(f"  {name:8}{' '.join(digits)}   {''.join(bits)}")
    carets = "^^".rjust(3 * place + 2).ljust(3 * len(before) + 2) + "^".rjust(bit % 8 + 1)
    click.echo(f"{'':10}{carets}")
    return replace(receipt, ciphertext=after)


def _refuse(client: Client, tampered: Submission, server: BackgroundServer) -> None:
    _heading("4. Refuse")
    _say("The four fields with the changed bit go to POST /retrieve, which answers:")
    _ask(client, tampered)
    _say("Which lock held, only the server's own log says, so that no tamperer learns:")
    _say(*server.log_tail(1), indent=2)
    _say("The signature is verified first, with a public key: nothing was decrypted.")


def _retrieve(client: Client, receipt: Receipt) -> None:
    _heading("5. Retrieve")
    _say("The four fields as they were received go to POST /retrieve, which answers:")
    _ask(client, receipt)


def _ask(client: Client, submission: Submission) -> None:
    try:
        click.echo(f"  {good(client.retrieve(submission=submission))}")
    except RefusedError as refusal:
        click.echo(f"  {bad(refusal)}")


def _heading(words: str) -> None:
    # Reverse, as it can be read on light and on dark.
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
    return [data[at : at + 16].hex(" ") for at in range(0, len(data), 16)]
