"""What commands share: how they report errors, and common options."""

import errno
import os
import sys
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path

import click

from securedata.cli.output import say
from securedata.errors import SecureDataError
from securedata.record import DSA, SCHEMES

HELP = {"help_option_names": ["--help", "-h"]}
# Every option is also an environment variable: --port is SECUREDATA_PORT.
ENVIRONMENT = {**HELP, "auto_envvar_prefix": "SECUREDATA", "show_default": True}
# click does not check files. The code that opens a file reports errors, in one sentence.
PATH = click.Path(readable=False, path_type=Path)


class Command(click.Command):
    """A command that reports our errors as one sentence on stderr, with exit code 2.

    >>> from click.testing import CliRunner
    >>> from securedata.storage.records import RecordStore
    >>> command = Command("example", callback=lambda: RecordStore("no database"))
    >>> CliRunner().invoke(command).exit_code
    2
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options. A wrong one that is a variable of the environment is called so."""
        try:
            return super().parse_args(ctx, args)
        except click.BadParameter as error:
            option, environment = error.param, click.core.ParameterSource.ENVIRONMENT
            if option and ctx.get_parameter_source(option.name or "") is environment:
                error.param_hint = str(option.envvar or f"SECUREDATA_{option.name}".upper())
            raise

    def invoke(self, ctx: click.Context) -> object:
        """Run the command, and report one of our errors, or that the output cannot be written.

        For Ctrl-C, click would say "Aborted!" and end with exit code 1.
        """
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(130)
        except click.Abort as abort:
            if isinstance(abort.__context__, KeyboardInterrupt):  # at a prompt
                ctx.exit(130)
            raise
        except SecureDataError as error:
            say(f"securedata: {error}", is_error=True)
            ctx.exit(2)
        except OSError as error:
            if error.errno == errno.EPIPE:  # nobody reads on, as in `securedata keys | head -1`
                raise
            with suppress(OSError):  # else Python tries to write it once more at its end
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            click.echo(f"securedata: {error.strerror}: what it did stays done", err=True)
            ctx.exit(2)

    def get_short_help_str(self, limit: int = 45) -> str:
        """The first sentence of the help, whole. click cuts it to one line.

        >>> Command("example", help="word " * 100).get_short_help_str().count("word")
        100
        """
        return super().get_short_help_str(limit=10_000)


class Group(Command, click.Group):
    """A group whose commands are of our `Command` class. It may do work itself.

    >>> Group("example").command_class is Command
    True
    """

    command_class = Command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command. For a wrong name, say which is near, if one is.

        difflib has 0.62 for `frobnicate` and `rotate`, and takes 0.6 for near.
        """
        is_wrong = not args[0].startswith("-") and self.get_command(ctx, args[0]) is None
        if is_wrong and not ctx.resilient_parsing:
            near = get_close_matches(args[0], self.list_commands(ctx), n=1, cutoff=0.7)
            ctx.fail(
                f"No such command {args[0]!r}." + "".join(f" Did you mean {it!r}?" for it in near)
            )
        return super().resolve_command(ctx, args)


SCHEMES_BY_NAME = {scheme.name: scheme for scheme in SCHEMES.values()}

signer_option = click.option(
    "--signer",
    type=click.Choice([*SCHEMES_BY_NAME]),
    default=DSA.name,
    help="The scheme that signs.",
)
keys_option = click.option(
    "--keys",
    "key_path",
    envvar="SECUREDATA_KEYS",  # else click would name it after key_path
    default=Path("data", "keys.json"),  # Windows shows its own \
    type=PATH,
    help="The key file. The first start makes it. Without it, no record can be read.",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON: indented at a terminal, else one line."
)
database_option = click.option(
    "--database", default="sqlite:///data/records.sqlite3", help="An SQLAlchemy database URL."
)
