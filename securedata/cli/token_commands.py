"""`securedata token create`, `list` and `revoke`: who may ask."""

from pathlib import Path

import click

from securedata.cli.key_file import open_keys, open_or_make_keys
from securedata.cli.options import ENVIRONMENT, Group, database_option, keys_option
from securedata.errors import FormatError
from securedata.keys.service_keys import LOCAL, new_token
from securedata.storage.records import RecordStore

NONE_LEFT = (
    "No token is left, and every /store and /retrieve still needs one. "
    "To go on, create a token: securedata token create NAME"
)


@click.group(cls=Group)
def token() -> None:
    """Say who may ask: a token for every owner.

    From the first token on, every /store and /retrieve needs one, and an owner sees the own records
    alone. Revoking the last token does not undo this. Running servers notice by themselves.
    """


@token.command(context_settings=ENVIRONMENT)
@click.argument("name")
@click.option(
    "--take-over",
    is_flag=True,
    help="Needed for the name local, which owns all that was stored before the first token.",
)
@keys_option
@database_option
def create(name: str, take_over: bool, keys: Path, database: str) -> None:
    """Create a token for NAME and print it, this once.

    Whoever holds it is NAME. Creating a name again that was revoked restores that owner: the new
    token reads what the old one stored.
    """
    if name == LOCAL and not take_over:
        raise FormatError(
            "local owns all that was stored before the first token, and whoever holds its token "
            "can read it: if that is meant, add --take-over"
        )
    records = RecordStore(database)
    key_file, made = open_or_make_keys(keys, records), new_token()
    first = key_file.service_keys.tokens is None
    key_file.update(lambda keys: keys.add_token(name, made))
    click.echo(made)
    _say(f"This is the token of {name}, and it is not shown again. Send it with every call:")
    _say("  Authorization: Bearer TOKEN")
    if owned := records.count_of(name):
        _say(f"Records that {name} has from before: {owned}. This token can read them.")
    if first:
        _say("It is the first token. From now on every /store and /retrieve needs one.")
        _say("Revoking it does not undo this.")


@token.command("list", context_settings=ENVIRONMENT)
@keys_option
def list_(keys: Path) -> None:
    """List who has a token, and since when."""
    tokens = open_keys(keys).service_keys.tokens
    for name, kept in (tokens or {}).items():
        click.echo(f"{name:20} since {kept.created}")
    if tokens is None:
        _say(f"There never was a token: everybody on this machine is {LOCAL}.")
    elif not tokens:
        _say(NONE_LEFT)


@token.command(context_settings=ENVIRONMENT)
@click.argument("name")
@keys_option
def revoke(name: str, keys: Path) -> None:
    """Let nobody be NAME any more, from this moment on.

    The records stay, and belong to whoever gets the name next: creating it again restores the
    owner.
    """
    left = open_keys(keys).update(lambda keys: keys.revoke_token(name))
    _say(f"The token of {name} is revoked. The records stay, for whoever gets this name next.")
    if not left.tokens:
        _say(NONE_LEFT)


def _say(sentence: str) -> None:
    # Beside standard output, where a script takes the token from.
    click.echo(sentence, err=True)
