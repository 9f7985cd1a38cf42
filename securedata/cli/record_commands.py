"""`securedata store` and `retrieve`: HTTPS clients of a running server. `verify` needs none.

Made for pipes. Standard output is the exact answer or nothing; messages go to stderr. No private
key here, and no database.
"""

import codecs
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from securedata.certificates.folder import trusted_file
from securedata.certificates.tls import client_context
from securedata.cli.options import ENVIRONMENT, PATH, Command, json_option
from securedata.cli.output import to_json
from securedata.crypto.keyring import KeyRing
from securedata.crypto.sealing import verify as verify_receipt
from securedata.crypto.signature import VerifyingKey
from securedata.errors import (
    CertificateError,
    FormatError,
    RefusedError,
    SecureDataError,
    SignatureError,
    TokenError,
    UnavailableError,
)
from securedata.record import PATTERNS, Receipt, Submission
from securedata.web.client import EXAMPLE, Client
from securedata.web.contract import (
    CALLER_UNKNOWN,
    COMPROMISED,
    MAX_BODY_BYTES,
    MAX_TEXT_BYTES,
    NO_SUCH_ADDRESS,
    RECORD_ID_FORM,
    VALID,
)
from securedata.web.receipt import receipt_from_json, receipt_to_json, submission_from_json

TOKEN = "SECUREDATA_TOKEN"  # noqa: S105  # the name of a variable
STDIN = Path("-")
GIVE_RECEIPT = "give the output of securedata store --json"

ABOUT_TOKENS = """\b
If the server wants a token, put it into the environment variable
SECUREDATA_TOKEN. There is no option for it: all users of this machine can
see the options of a program (ps).

"""
NO_ANSWER = "the server does not answer, or cannot answer now"


def _exit_codes(codes: Mapping[int, str]) -> str:
    """The end of a command's help. Each command lists the codes that it can end with."""
    lines = [f"  {code}  {words}" for code, words in {0: "done", **codes}.items()]
    usual = "Also the usual 130 after Ctrl-C, and 141 if the reader closes the pipe."
    return "\n".join(["\b", "Exit codes:", *lines, usual])


class Call(Command):
    """A command that judges a record. Exit code 1 means a refused record, and nothing else.

    >>> Call("example").exit_code(UnavailableError("it does not answer"))
    3
    """

    def invoke(self, ctx: click.Context) -> object:
        """Run the command. click would end a closed pipe with exit code 1."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            ctx.exit(141)

    def exit_code(self, error: SecureDataError) -> int:
        """1 for a refused record, 3 for no answer, 2 for wrong input."""
        if isinstance(error, UnavailableError):
            return 3
        return 1 if isinstance(error, SignatureError) else 2


url_option = click.option("--url", default=EXAMPLE, help="The server's address.")
ca_file_option = click.option(
    "--ca-file",
    type=PATH,
    show_default=f"{Path('certs', 'cert.pem')} if it is there, else {Path('certs', 'ca.pem')}",
    help="The CA that the server's certificate must come from.",
)


@click.command(
    cls=Call,
    context_settings=ENVIRONMENT,
    epilog=ABOUT_TOKENS
    + _exit_codes({2: "your input is wrong: an option, text or token", 3: NO_ANSWER}),
)
@click.argument("file", default="-", type=PATH)
@url_option
@ca_file_option
@json_option
def store(file: Path, url: str, ca_file: Path | None, as_json: bool) -> None:
    """Store a text, and print its record id. With --json, print its receipt.

    The text is the content of FILE, or of standard input: UTF-8, at most 256 KiB. It comes back
    byte for byte. A line feed at the end is a part of it.
    """
    # A missing FILE is named before a missing CA. But nobody types a text before the CA is found.
    text = None if file == STDIN else _text(file)
    with _client(url, ca_file) as client:
        receipt = client.store(_text(file) if text is None else text)
    _write(f"{to_json(receipt_to_json(receipt)) if as_json else receipt.record_id}\n")


@click.command(
    cls=Call,
    context_settings=ENVIRONMENT,
    epilog=ABOUT_TOKENS
    + _exit_codes(
        {
            1: "refused: the record was changed, or no such record of yours exists",
            2: "your input is wrong: an option, id, receipt or token",
            3: NO_ANSWER,
        }
    ),
)
@click.argument("record", required=False, metavar="[RECORD_ID | FILE]")
@url_option
@ca_file_option
@json_option
def retrieve(record: str | None, url: str, ca_file: Path | None, as_json: bool) -> None:
    """Print a stored text, if its record was not changed.

    Name the record by its id, or by its receipt: what `store --json` printed, or the four fields
    of its "data". Either may also come from FILE, or from standard input.
    """
    named = _named(record)
    with _client(url, ca_file) as client:
        text = client.retrieve(*named)
    answer = {"decrypted_data": text, "signature_status": VALID}
    _write(f"{to_json(answer)}\n" if as_json else text)


@click.command(
    cls=Call,
    context_settings=ENVIRONMENT,
    epilog=_exit_codes(
        {
            1: "refused: the receipt was changed, or its signer had ended",
            2: "your input is wrong: an option, receipt or key",
        }
    ),
)
@click.argument("file", default="-", type=PATH, metavar="[FILE]")
@click.option(
    "--public-key",
    "key_file",
    type=PATH,
    required=True,
    help="The signer's public key, in PEM: the service has it at /public-key.",
)
@click.option(
    "--until",
    allow_from_autoenv=False,
    help="The signer's end, if /public-key gave one: its header Signer-Until.",
)
def verify(file: Path, key_file: Path, until: str | None) -> None:
    """Verify a receipt without a server, and say what was not checked.

    The receipt is what `store --json` printed, from FILE or from standard input.
    """
    if _is_keyboard(file):
        raise click.UsageError("name a FILE, or pipe a receipt in")
    receipt = _receipt(file)[1]
    if not isinstance(receipt, Receipt):
        raise FormatError(f"{_name(file)} has no whole receipt: {GIVE_RECEIPT}")
    header = receipt.header
    next_step = f"get the receipt's key from /public-key?signer_id={header.signer_id}"
    key = _public_key(key_file, next_step)
    if header.signer_id != key.key_id:
        raise FormatError(f"{_name(key_file)} is another key, {key.key_id}: {next_step}")
    verify_receipt(receipt, signers=KeyRing(key), until=until)
    unchecked = "" if until else "whether the signer has an end (--until), "
    click.echo(
        f"The signature is valid: {key.scheme.algorithm}, signer {key.key_id}.\n"
        f"It covers record {header.record_id} of {header.owner}, created {header.created}.\n"
        f"Not checked: whether this key is the service's, {unchecked}whether the clock was right, "
        "whether the record is still stored, and what its text says."
    )


@contextmanager
def _client(url: str, ca_file: Path | None) -> Iterator[Client]:
    if sys.stdout is None:  # checked first: the id of a stored record would be lost
        raise FormatError("standard output is closed, so the answer cannot be printed")
    trusted = _checked(ca_file or trusted_file(Path("certs")))
    try:
        yield Client(url, ca_file=trusted, token=os.environ.get(TOKEN) or None)
    except TokenError as error:
        # The service speaks of its header.
        why = "A token is needed." if str(error) == CALLER_UNKNOWN else error
        raise TokenError(
            f"{why} Put a valid token into {TOKEN}: securedata token create NAME makes one"
        ) from None
    except RefusedError as error:
        if str(error).startswith(NO_SUCH_ADDRESS):
            raise FormatError(
                f"{url} is not the service: --url names the server alone, as {EXAMPLE}"
            ) from None
        if str(error) != COMPROMISED:
            raise
        # The service has one sentence for all of them, so that nobody learns which ids exist.
        raise SignatureError(f"{COMPROMISED} Or no such record of yours exists.") from None


def _checked(ca_file: Path) -> Path:
    next_step = "go to the folder where the server was started, or name another --ca-file"
    try:
        client_context(ca_file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CertificateError(
            f"{ca_file}: {error.strerror}: {next_step}. No server yet? Start one: securedata serve"
        ) from None
    except (CertificateError, UnicodeDecodeError):
        raise CertificateError(f"{ca_file} is not a certificate in PEM: {next_step}") from None
    return ca_file


def _text(file: Path) -> str:
    if _is_keyboard(file):
        end = "Ctrl-Z and Enter" if os.name == "nt" else "Ctrl-D"
        click.echo(f"Type the text. End it with {end} on a new line.", err=True)
    content = _read(
        file, MAX_TEXT_BYTES, "name a FILE, or use a pipe: echo hello | securedata store"
    )
    if len(content) > MAX_TEXT_BYTES:
        raise FormatError(
            f"{_name(file)} has more than {MAX_TEXT_BYTES} bytes, the limit of a record: "
            "store it in parts"
        )
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{_name(file)} is not text in UTF-8: byte {error.start} is wrong. Convert it, for "
            "example with iconv or base64"
        ) from None


def _named(record: str | None) -> tuple[str | None, Submission | None]:
    """The record to retrieve: its id, the four fields of a receipt, or both."""
    if record is None:
        if _is_keyboard(STDIN):
            raise click.UsageError("name a RECORD_ID or FILE, or pipe one of them in")
        record = str(STDIN)
    if PATTERNS["record_id"].fullmatch(record):
        return record, None
    if record != str(STDIN) and not os.path.exists(record):
        raise FormatError(f"{record!r} is neither a record id, {RECORD_ID_FORM}, nor a file")
    return _receipt(Path(record), f"{GIVE_RECEIPT}, or a record id")


def _is_keyboard(file: Path) -> bool:
    return file == STDIN and sys.stdin is not None and sys.stdin.isatty()


def _receipt(file: Path, next_step: str = GIVE_RECEIPT) -> tuple[str | None, Submission | None]:
    """What names a record: its receipt, the four fields alone, or its id alone."""
    content = _read(file, MAX_BODY_BYTES, next_step)
    # Windows PowerShell writes files in UTF-16. json.loads finds that out by itself.
    encoding = "utf-16" if content.startswith(codecs.BOM_UTF16_LE) else "utf-8-sig"
    record_id = content.decode(encoding, "replace").strip()
    if PATTERNS["record_id"].fullmatch(record_id):
        return record_id, None
    try:
        answer = json.loads(content)
        if "data" not in answer:
            return None, submission_from_json(answer)
        receipt = receipt_from_json(answer)
    except (ValueError, TypeError, RecursionError, FormatError):
        raise FormatError(f"{_name(file)} has no receipt: {next_step}") from None
    return receipt.record_id, receipt


def _public_key(file: Path, next_step: str) -> VerifyingKey:
    pem = _read(file, MAX_BODY_BYTES, next_step).decode("ascii", "replace")
    try:
        return VerifyingKey.from_pem(pem)
    except FormatError as error:
        raise FormatError(f"{_name(file)}: {error}: {next_step}") from None


def _read(file: Path, most: int, next_step: str) -> bytes:
    """Reads up to `most` + 1 bytes, so the caller can see that it is too long."""
    if file == STDIN:
        if sys.stdin is None:
            raise FormatError("standard input is closed: name a FILE")
        return sys.stdin.buffer.read(most + 1)
    try:
        with file.open("rb") as opened:
            return opened.read(most + 1)
    except OSError as error:
        raise FormatError(f"{file} cannot be read: {error.strerror}: {next_step}") from None


def _name(file: Path) -> str:
    return "standard input" if file == STDIN else str(file)


def _write(text: str) -> None:
    # As bytes: for a str, Windows would change line ends and encoding.
    output, rest = sys.stdout.buffer, memoryview(text.encode("utf-8"))
    try:
        while rest:  # with PYTHONUNBUFFERED, a pipe may take only a part
            rest = rest[output.write(rest) :]
        output.flush()
    except OSError as error:
        # Otherwise Python tries again when it exits, and prints a second error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise
        raise FormatError(f"standard output cannot be written: {error.strerror}") from None
