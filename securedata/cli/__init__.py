"""The command line. The service takes its options from here, and from the environment.

An error is one sentence with the next step, and exit code 2.
"""

import signal
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module

import click

from securedata.cli.options import HELP, Group

# By title and name: the module, which is imported when the command runs, and its line of the help.
Table = Mapping[str, Mapping[str, tuple[str, str]]]

COMMANDS: Table = {
    "Service": {
        "serve": (
            "securedata.cli.serve_command",
            "Serve the HTTPS API until Ctrl-C.",
        ),
    },
    "Keys and tokens": {
        "token": (
            "securedata.cli.token_commands",
            "Manage tokens: who may use the service.",
        ),
        "keys": (
            "securedata.cli.key_commands",
            "List keys and signers, and how many records name each.",
        ),
        "rotate": (
            "securedata.cli.key_commands",
            "Put a new key into use, and wrap every record's key under it.",
        ),
        "passphrase": (
            "securedata.cli.key_commands",
            "Put the key file under a passphrase, or under another one.",
        ),
    },
}


class Commands(Group):
    """All commands, in groups. A command is imported when it runs, or when its help is asked for.

    >>> Commands("example").get_command(click.Context(main), "grade").name
    'grade'
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, sorted."""
        return sorted(name for table in _tables() for named in table.values() for name in named)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands into the help, group by group."""
        width = max(map(len, self.list_commands(ctx)))
        for table in _tables():
            for title, named in table.items():
                with formatter.section(title):
                    formatter.write_dl([(it.ljust(width), line) for it, (_, line) in named.items()])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, if there is one."""
        for table in _tables():
            for named in table.values():
                if cmd_name in named:
                    module, _ = named[cmd_name]
                    command: click.Command = getattr(import_module(module), cmd_name)
                    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:  # see __main__.py
                        signal.signal(signal.SIGINT, signal.default_int_handler)
                    return command
        return None


def _tables() -> Iterator[Table]:
    """Our table, and then those of other packages: to look for these takes time."""
    yield COMMANDS
    yield from _tables_of_others()


@cache
def _tables_of_others() -> list[Table]:
    from importlib.metadata import entry_points  # a quarter of what `securedata -h` takes

    return [it.load() for it in entry_points(group="securedata.commands")]


@click.group(
    cls=Commands,
    context_settings=HELP,
    epilog="Exit codes: 0 done; 1 not confirmed; 2 wrong input, option or file; 130 after Ctrl-C "
    "(serve: 0).",
)
@click.version_option(package_name="securedata-kit")
def main() -> None:
    """Store texts, encrypted and signed. A changed text is never returned."""
