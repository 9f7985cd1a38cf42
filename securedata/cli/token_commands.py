"""`securedata token create`, `list` and `revoke`: who may use the service."""

from pathlib import Path

import click

from securedata import private_file
from securedata.cli.key_file import open_keys, open_or_make_keys
from securedata.cli.options import ENVIRONMENT, Group, database_option, json_option, keys_option
from securedata.cli.output import table, to_json
from securedata.errors import FormatError
from securedata.keys.service_keys import LOCAL, must_be_owner, new_token
from securedata.storage.records import RecordStore

NONE_LEFT = (
    "No token is left, and every /store and /retrieve still needs one. "
    "To go on, create a token: securedata token create NAME"
)


@click.group(cls=Group)
def token() -> None:
    """Manage tokens: who may use the service.

    Each owner has one token. Once a token exists, every /store and /retrieve needs one, and owners
    see only their own records. Revoking the last token does not undo this. A running server notices
    changes by itself.
    """


@token.command(context_settings=ENVIRONMENT)
@click.argument("name")
@click.option(
    "--take-over",
    is_flag=True,
    help="Needed for the name local, which owns the records from before the first token.",
)
@keys_option
@database_option
def create(name: str, take_over: bool, key_path: Path, database: str) -> None:
    """Create a token for NAME, and print it once.

    Everyone with this token is the owner NAME. If you create a revoked name again, this restores
    the owner: the new token reads the old records.
    """
    must_be_owner(name)  # before a key file is made for it
    if (name == LOCAL) != take_over:
        raise FormatError(
            "local owns the records from before the first token, and its token can read them: "
            "if you want that, add --take-over, which no other name takes"
        )
    records, is_new = RecordStore(database), not private_file.exists(key_path)
    key_file, made = open_or_make_keys(key_path, records), new_token()
    first = key_file.service_keys.tokens is None
    key_file.update(lambda service_keys: service_keys.add_token(name, made))
    click.echo(made)
    _say(
        f"This is the token of {name}. It is not shown again. Send it with every call:\n"
        "  Authorization: Bearer TOKEN"
    )
    if owned := records.count_of(name):
        _say(f"{name} has old records: {owned}. This token can read them.")
    if first:
        _say(
            "This is the first token. From now on, every /store and /retrieve needs one.\n"
            "Revoking it does not undo this."
        )
    if is_new:
        _say(f"{key_path} is new. If the service runs elsewhere, delete it and go to its folder.")


@token.command("list", context_settings=ENVIRONMENT)
@keys_option
@json_option
def list_(key_path: Path, as_json: bool) -> None:
    """List who has a token, and since when.

    In the JSON, "tokens" is null if there never was one.
    """
    tokens = open_keys(key_path).service_keys.tokens
    rows = [{"owner": name, "created": kept.created} for name, kept in (tokens or {}).items()]
    if as_json:
        click.echo(to_json({"tokens": None if tokens is None else rows}))
    elif rows:
        click.echo(table(rows))
    if tokens is None:
        _say(f"There never was a token. Everyone on this machine is the owner {LOCAL}.")
    elif not tokens:
        _say(NONE_LEFT)


@token.command(context_settings=ENVIRONMENT)
@click.argument("name")
@keys_option
def revoke(name: str, key_path: Path) -> None:
    """Revoke the token of NAME at once.

    The records stay. Creating the name again restores the owner, with all records.
    """
    left = open_keys(key_path).update(lambda service_keys: service_keys.revoke_token(name))
    _say(f"The token of {name} is revoked. The records stay. A new token for {name} reads them.")
    if not left.tokens:
        _say(NONE_LEFT)


def _say(sentence: str) -> None:
    # To stderr: a script reads the token from standard output.
    click.echo(sentence, err=True)
