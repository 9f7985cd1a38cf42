"""`securedata keys`, `rotate` and `passphrase`: show the key file, and change it."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import click
from click.core import ParameterSource

from securedata import private_file
from securedata.cli.key_file import (
    PASSPHRASE,
    open_keys,
    open_keys_and_records,
    open_or_make_keys,
)
from securedata.cli.options import (
    ENVIRONMENT,
    SCHEMES_BY_NAME,
    Command,
    Group,
    database_option,
    json_option,
    keys_option,
    signer_option,
)
from securedata.cli.output import table, to_json
from securedata.clock import now
from securedata.crypto.aead import AeadKey
from securedata.crypto.keyring import KeyRing
from securedata.crypto.signature import VerifyingKey
from securedata.errors import DamagedRecordError, FormatError, KeyFileError, StorageError
from securedata.keys.file import KeyFile, is_protected
from securedata.keys.service_keys import ServiceKeys
from securedata.record import PATTERNS, Scheme, checked_time
from securedata.rotation import rewrap_all, unused_keys
from securedata.storage.records import RecordStore

_Ring = KeyRing[AeadKey] | KeyRing[VerifyingKey]
SAME = "same"  # scheme: what --signer means alone
MOST_WRAPS = 2**32  # under one key, by random nonces (NIST SP 800-38D, 8.3)
NEW_PASSPHRASE = "SECUREDATA_NEW_PASSPHRASE"  # noqa: S105  # the name of a variable


@click.group(cls=Group, invoke_without_command=True, context_settings=ENVIRONMENT)
@keys_option
@database_option
@json_option
@click.pass_context
def keys(ctx: click.Context, key_path: Path, database: str, as_json: bool) -> None:
    """List keys and signers, and how many records name each.

    A key is next (not in use yet), primary (in use), or earlier (kept for older records). It is
    retired if `securedata keys retire` has removed it.
    """
    if ctx.invoked_subcommand is not None:
        if any(ctx.get_parameter_source(it) is ParameterSource.COMMANDLINE for it in ctx.params):
            raise click.UsageError(f"put options after {ctx.invoked_subcommand}")
        return
    service_keys, records = open_keys(key_path).service_keys, RecordStore(database, make=False)
    wrapped, signed = records.count_by("key_id"), records.count_by("signer_id")
    ring, signers = service_keys.wrapping_keys, service_keys.signers
    listed = {
        "keys": [
            {**_about("key_id", it, ring, service_keys), "records_wrapped": wrapped.get(it, 0)}
            for it in _ids(ring, wrapped)
        ],
        "signers": [
            {
                **_about("signer_id", it, signers, service_keys),
                "scheme": signers[it].scheme.name if it in signers else None,
                "until": service_keys.ended.get(it),
                "records_signed": signed.get(it, 0),
            }
            for it in _ids(signers, signed)
        ],
    }
    if as_json:
        click.echo(to_json(listed))
        return
    click.echo(table(listed["keys"]))
    _say_how_often(wrapped.get(ring.primary.key_id, 0))
    click.echo(f"\n{table(listed['signers'])}")


@keys.command(context_settings=ENVIRONMENT)
@signer_option
@keys_option
@database_option
def create(signer: str, key_path: Path, database: str) -> None:
    """Make the key file of a new service, as its first start or its first token would.

    The scheme can be changed later: see securedata rotate.
    """
    if private_file.exists(key_path):
        raise KeyFileError(
            f"{key_path} exists already: keys are never written over. To change the signer, run "
            f"securedata rotate --signer {signer}"
        )
    made = open_or_make_keys(key_path, RecordStore(database), SCHEMES_BY_NAME[signer])
    click.echo(f"{key_path} is made. Signer {made.service_keys.signer.key_id} signs.")


@keys.command(context_settings=ENVIRONMENT)
@click.argument("signer_id")
@click.option(
    "--until",
    allow_from_autoenv=False,
    show_default="now",
    help="The last time at which it may have signed for you, in UTC: 2026-01-02T03:04:05Z.",
)
@keys_option
def end(signer_id: str, until: str | None, key_path: Path) -> None:
    """Say that an earlier signer signed nothing after now, or after --until.

    For a signer that nobody needs any more, or whose private key may be stolen. First replace it:
    securedata rotate --signer. If there are several servers, hand out the key file before this
    command, and again after it. From then on /public-key gives the time, and clients refuse
    receipts that were created later. A thief can still date a receipt back. What the service has
    stored stays readable.

    This cannot be undone: an end only moves to an earlier time. If the servers' clocks differ,
    receipts of the last moments may be refused.
    """
    until = now() if until is None else checked_time(until)
    if until > now():
        raise FormatError(f"{until} is not over yet: an earlier signer signs nothing any more")
    changed = open_keys(key_path).update(lambda it: it.end_signer(signer_id, until))
    click.echo(f"Signer {signer_id} signed nothing after {until}.")
    if until < (made := changed.created.get(signer_id, until)):
        click.echo(f"Warning: it was made at {made}, so none of its receipts is valid.", err=True)


@keys.command(context_settings=ENVIRONMENT)
@click.option("--force", is_flag=True, help="Do not ask, for scripts.")
@keys_option
@database_option
def retire(force: bool, key_path: Path, database: str) -> None:
    """Remove earlier keys that no record uses. Older backups of the database can then no longer be
    read.

    It says from which time on backups still open, and asks first. If several servers have copies
    of the key file, first hand it out and run rotate --resume. Hand it out again afterwards. Old
    copies of the key file still have the keys: delete them.
    """
    key_file, records = open_keys_and_records(key_path, database)
    if records.is_empty():
        raise StorageError(
            f"{records.url} holds no record, so every key would seem unused: "
            "name the right --database"
        )
    unused = unused_keys(records, key_file.service_keys)
    if not unused:
        click.echo("There is no earlier key that no record uses. Nothing is removed.")
        return
    since = key_file.service_keys.all_under_primary or now()
    click.echo(f"No record uses these keys: {', '.join(unused)}.")
    click.echo(f"By this machine's clock, all records have been under the primary since {since}.")
    click.echo("Backups of the database made before that may not open any more. Later ones open.")
    if not force:
        click.confirm("Remove these keys for good?", abort=True)
    key_file.update(
        lambda service_keys: service_keys.retire_keys(unused_keys(records, service_keys))
    )
    click.echo(f"They are removed from {key_file.path}. Old copies of this file still have them.")


@click.command(cls=Command, context_settings=ENVIRONMENT)
@click.option(
    "--signer",
    allow_from_autoenv=False,  # SECUREDATA_SIGNER, for `keys create`, must not replace the signer
    is_flag=False,
    flag_value=SAME,
    type=click.Choice([SAME, *SCHEMES_BY_NAME]),
    metavar="[SCHEME]",
    help=f"Replace the signer, not the key. SCHEME is {' or '.join(SCHEMES_BY_NAME)}. If you leave "
    "it out, the prepared signer is used, or else a new one of the present scheme.",
)
@click.option(
    "--prepare", is_flag=True, help="Add the next key (or signer), but do not use it yet."
)
@click.option("--resume", is_flag=True, help="Add nothing: continue an interrupted rotation.")
@keys_option
@database_option
def rotate(signer: str | None, prepare: bool, resume: bool, key_path: Path, database: str) -> None:
    """Put a new key into use, and wrap every record's key under it. Servers may run.

    With --signer, put a new signer into use instead.

    Every record stays readable and every receipt valid, even if it is interrupted. The earlier key
    stays in the file, because backups of the database may need it: see securedata keys retire.

    If several servers have copies of the key file, run rotate --prepare, and hand the file to every
    server. Then run rotate, and hand it out again. Before the first signer of another scheme,
    update every server and client.
    """
    scheme = SCHEMES_BY_NAME.get(signer or SAME)
    if resume and (signer or prepare):
        raise click.UsageError("--resume goes alone, because it adds nothing")
    key_file, records = open_keys_and_records(key_path, database)
    if prepare:
        _prepare(key_file, signer is not None, scheme)
    elif signer:
        prepared = key_file.service_keys.next_signer
        changed = key_file.update(lambda keys: keys.promote_signer(scheme))
        click.echo(f"Signer {changed.signer.key_id} signs from now on. All receipts stay valid.")
        if prepared:
            click.echo(
                "It was prepared earlier: older copies of the key file hold its private key."
            )
    else:
        if not resume:
            key_file.update(ServiceKeys.promote_key)
        click.echo(f"Key {_primary_id(key_file)} is in use{'' if resume else ' from now on'}.")
        _rewrap(records, key_file)


@click.command(cls=Command, context_settings=ENVIRONMENT)
@click.option("--remove", is_flag=True, help="Leave the key file without a passphrase.")
@keys_option
def passphrase(remove: bool, key_path: Path) -> None:
    """Put the key file under a passphrase, or under another one.

    It asks for the passphrases, or takes the present one from SECUREDATA_PASSPHRASE and the new
    one from SECUREDATA_NEW_PASSPHRASE. Without the passphrase nobody can ever read the keys again.
    """
    # A first passphrase may be in the usual variable: of an open file, it is not the present one.
    is_open = private_file.exists(key_path) and not is_protected(key_path)
    key_file = KeyFile.load(key_path) if is_open else open_keys(key_path)
    if remove and is_open:
        click.echo(f"{key_path} is under no passphrase. Nothing is changed.")
        return
    key_file.protect(None if remove else _new_passphrase(key_path))
    click.echo(f"{key_path} is under {'no passphrase any more' if remove else 'a new passphrase'}.")
    click.echo("Servers that were started with the old one cannot read it: start them again.")


def _ids(ring: _Ring, counted: Mapping[str, int]) -> list[str]:
    """The ids of the key file, and then those that only records name."""
    known = [key.key_id for key in ring]
    return [*known, *sorted(set(counted) - set(known))]


def _about(
    name: str, key_id: str, ring: _Ring, service_keys: ServiceKeys
) -> dict[str, str | int | None]:
    """The id under its name, its state, and when it was made, if anybody knows."""
    # A damaged row could name anything, also what moves a terminal's cursor.
    shown = key_id if PATTERNS["signer_id"].fullmatch(key_id) else "damaged id"
    if key_id in ring:
        state = service_keys.state(key_id)
    else:
        state = "retired" if key_id in ring.retired else "not in this key file"
    return {name: shown, "state": state, "created": service_keys.created.get(key_id)}


def _say_how_often(wrapped: int) -> None:
    """How often the primary has encrypted, at least: once for each record that it wraps now."""
    if wrapped >= MOST_WRAPS // 4:
        click.echo(
            f"The primary has wrapped at least {wrapped:,} times, of {MOST_WRAPS:,} at most (NIST "
            "SP 800-38D, 8.3). A rotation wraps as many: put new records into another service, "
            "with a database and keys of its own."
        )


def _prepare(key_file: KeyFile, signer: bool, scheme: Scheme | None) -> None:
    changed = key_file.update(
        lambda keys: keys.prepare_signer(scheme) if signer else keys.prepare_key()
    )
    following, again = (changed.next_signer, " --signer") if signer else (changed.next_key, "")
    if following is not None:
        click.echo(f"{following.key_id} is in {key_file.path}, and not in use yet.")
    click.echo(f"Hand the file to every server, then run: securedata rotate{again}")


def _rewrap(records: RecordStore, key_file: KeyFile) -> None:
    primary_id = _primary_id(key_file)
    try:
        with click.progressbar(length=_left(records, key_file), label="Wrapping anew") as bar:
            for size in rewrap_all(records, key_file):
                bar.update(size)
    except KeyboardInterrupt:
        click.echo("Interrupted. Every record can be read. To continue: securedata rotate --resume")
        raise
    if left := _left(records, key_file):
        raise DamagedRecordError(
            f"Records that are not under the new key: {left}. A server that has an older key file "
            "stored them, or they are damaged. Once every server has this key file, run securedata "
            "rotate --resume; securedata keys shows what is left"
        )
    key_file.update(lambda service_keys: service_keys.complete_rotation(primary_id))


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
    if sys.stdin is None or not sys.stdin.isatty():
        raise KeyFileError(f"nobody is at a keyboard: put the new passphrase into {NEW_PASSPHRASE}")
    answer: str = click.prompt(
        f"New passphrase of {path}", hide_input=True, confirmation_prompt=True, err=True
    )
    return answer
