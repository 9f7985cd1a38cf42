"""`securedata keys`, `rotate` and `passphrase`: what is in the key file, and how it is renewed."""

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import click

from securedata.cli.key_file import PASSPHRASE, open_fitting_keys, open_keys
from securedata.cli.options import ENVIRONMENT, Command, database_option, keys_option
from securedata.clock import now
from securedata.errors import DamagedRecordError
from securedata.keys.file import KeyFile, is_protected
from securedata.keys.rotation import rewrap_all
from securedata.keys.service_keys import ServiceKeys
from securedata.record import PATTERNS
from securedata.storage.records import RecordStore

NEW_PASSPHRASE = "SECUREDATA_NEW_PASSPHRASE"  # noqa: S105  # the name of a variable


@click.command(cls=Command, context_settings=ENVIRONMENT)
@keys_option
@database_option
def keys(keys: Path, database: str) -> None:
    """List keys and signers: state, age, and how many records name each.

    A key is next (handed out, not in use yet), primary (in use), or earlier (kept for what was
    wrapped or signed with it).
    """
    listed, records = open_keys(keys).service_keys, RecordStore(database)
    click.echo("Keys, and the records that each still wraps:")
    _list([key.key_id for key in listed.wrapping_keys], listed, records.count_by("key_id"))
    click.echo("Signers, and the records that each has signed:")
    _list([key.key_id for key in listed.signers], listed, records.count_by("signer_id"))


@click.command(cls=Command, context_settings=ENVIRONMENT)
@click.option("--signer", is_flag=True, help="Renew the signer, and not the key.")
@click.option("--prepare", is_flag=True, help="Add the next one, and do not use it yet.")
@click.option("--resume", is_flag=True, help="Add nothing: go on with an interrupted rotation.")
@keys_option
@database_option
def rotate(signer: bool, prepare: bool, resume: bool, keys: Path, database: str) -> None:
    """Put a new key into use, and wrap every record's key under it. Servers may run.

    Every record stays readable and every receipt valid, whenever it is interrupted. The key before
    stays in the file: backups of the database may need it.

    Where several servers have copies of the key file: rotate --prepare, hand the file to every one
    of them, then rotate, and hand it out again.
    """
    if resume and (signer or prepare):
        raise click.UsageError("--resume goes alone: it adds nothing")
    records = RecordStore(database)
    key_file = open_fitting_keys(keys, records)
    if prepare:
        _prepare(key_file, signer)
    elif signer:
        changed = key_file.update(ServiceKeys.promote_signer)
        click.echo(f"Signer {changed.signer.key_id} signs from now on. All receipts stay valid.")
    else:
        if not resume:
            key_file.update(ServiceKeys.promote_key)
        click.echo(f"Key {_primary_id(key_file)} is in use from now on.")
        _rewrap(records, key_file)


@click.command(cls=Command, context_settings=ENVIRONMENT)
@click.option("--remove", is_flag=True, help="Leave the key file without a passphrase.")
@keys_option
def passphrase(remove: bool, keys: Path) -> None:
    """Put the key file under a passphrase, or another one.

    Asks for it; or takes the present one from SECUREDATA_PASSPHRASE and the new one from
    SECUREDATA_NEW_PASSPHRASE. Without it nobody can ever read the keys again.
    """
    key_file = open_keys(keys)
    key_file.protect(None if remove else _new_passphrase(keys))
    click.echo(f"{keys} is under {'no passphrase any more' if remove else 'a new passphrase'}.")
    click.echo("Servers that were started with the old one cannot read it: start them again.")


def _list(key_ids: list[str], keys: ServiceKeys, rows: Mapping[str, int]) -> None:
    for key_id in key_ids:
        age = _age(keys.created.get(key_id))
        click.echo(f"  {key_id}  {keys.state(key_id):8}{age:>16}{rows.get(key_id, 0):>12}")
    for key_id in sorted(set(rows) - set(key_ids)):
        name = key_id if PATTERNS["key_id"].fullmatch(key_id) else "damaged id"
        click.echo(f"  {name:16}  {'not in this key file':24}{rows[key_id]:>12}")


def _age(created: str | None) -> str:
    if created is None:
        return "age unknown"
    days = (date.fromisoformat(now()[:10]) - date.fromisoformat(created[:10])).days
    return f"{days} days"


def _prepare(key_file: KeyFile, signer: bool) -> None:
    keys = key_file.update(ServiceKeys.prepare_signer if signer else ServiceKeys.prepare_key)
    following, again = (keys.next_signer, " --signer") if signer else (keys.next_key, "")
    if following is not None:
        click.echo(f"{following.key_id} is in {key_file.path}, and not in use yet.")
    click.echo(f"Hand the file to every server, then run: securedata rotate{again}")


def _rewrap(records: RecordStore, key_file: KeyFile) -> None:
    try:
        with click.progressbar(length=_left(records, key_file), label="Wrapping anew") as bar:
            for size in rewrap_all(records, key_file):
                bar.update(size)
    except KeyboardInterrupt:
        click.echo(
            "Interrupted. Every record can be read; the rest is done by: securedata rotate --resume"
        )
        raise
    if left := _left(records, key_file):
        raise DamagedRecordError(
            f"Records that are not under the new key: {left}. A server that has an older key file "
            "stored them, or they are damaged. Once every server has this key file, run securedata "
            "rotate --resume; securedata keys shows what is left"
        )


def _left(records: RecordStore, key_file: KeyFile) -> int:
    """How many records are wrapped under another key than the primary."""
    rows = records.count_by("key_id")
    return sum(rows.values()) - rows.get(_primary_id(key_file), 0)


def _primary_id(key_file: KeyFile) -> str:
    return key_file.service_keys.wrapping_keys.primary.key_id


def _new_passphrase(path: Path) -> str:
    given = os.environ.get(NEW_PASSPHRASE)
    if given is None and not is_protected(path):
        given = os.environ.get(PASSPHRASE)
    if given is not None:
        return given
    answer: str = click.prompt(
        f"New passphrase of {path}", hide_input=True, confirmation_prompt=True, err=True
    )
    return answer
