"""The command line. The service takes its options from here, and from the environment.

An error is one sentence with the next step, and exit code 2. record_commands.py has more codes.
"""

from importlib import import_module

import click

from securedata.cli.demo_command import demo
from securedata.cli.key_commands import keys, passphrase, rotate
from securedata.cli.options import Group
from securedata.cli.record_commands import retrieve, store, verify
from securedata.cli.serve_command import serve
from securedata.cli.token_commands import token

FOR_LECTURERS = ("duel", "grade", "inventory")


class Commands(Group):
    """All commands. Those for lecturers import the lessons: only when they are asked for.

    >>> Commands("example").get_command(click.Context(main), "grade").name
    'grade'
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, sorted."""
        return sorted((*super().list_commands(ctx), *FOR_LECTURERS))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, if there is one."""
        if cmd_name not in FOR_LECTURERS:
            return super().get_command(ctx, cmd_name)
        module = import_module(f"securedata.cli.{cmd_name}_command")
        command: click.Command = getattr(module, cmd_name)
        return command


@click.group(cls=Commands)
@click.version_option(package_name="securedata-kit")
def main() -> None:
    """Store texts, encrypted and signed. A changed text is never returned."""


for command in (serve, store, retrieve, verify, demo, token, keys, rotate, passphrase):
    main.add_command(command)

__all__ = ["main", "serve"]
