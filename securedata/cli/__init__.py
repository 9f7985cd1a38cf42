"""The command line. The service takes its options from here, and from the environment.

An error is one sentence with the next step, and exit code 2. record_commands.py has more codes.
"""

from importlib.metadata import EntryPoints, entry_points
from itertools import chain

import click

from securedata.cli.demo_command import demo
from securedata.cli.key_commands import keys, passphrase, rotate
from securedata.cli.options import HELP, Group
from securedata.cli.record_commands import retrieve, store, verify
from securedata.cli.serve_command import serve
from securedata.cli.token_commands import token

COMMANDS = {  # in the order of the help
    "Texts": (store, retrieve, verify),
    "Service": (serve, demo),
    "Keys and tokens": (token, keys, rotate, passphrase),
}
OF_OTHERS = "securedata.commands"  # the entry points of packages that add commands


class Commands(Group):
    """All commands, in groups. Other packages may add some: they are imported when asked for.

    >>> Commands("example").get_command(click.Context(main), "grade").name
    'grade'
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, sorted."""
        return sorted((*super().list_commands(ctx), *_added().names))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands into the help, group by group."""
        groups = {title: [it.name or "" for it in group] for title, group in COMMANDS.items()}
        width = max(map(len, self.list_commands(ctx)))
        for title, names in {**groups, "Classroom": sorted(_added().names)}.items():
            found = [(name, self.get_command(ctx, name)) for name in names]
            with formatter.section(title):
                formatter.write_dl(
                    [(name.ljust(width), it.get_short_help_str()) for name, it in found if it]
                )

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, if there is one."""
        if cmd_name not in _added().names:
            return super().get_command(ctx, cmd_name)
        command: click.Command = _added()[cmd_name].load()
        return command


def _added() -> EntryPoints:
    return entry_points(group=OF_OTHERS)


@click.group(
    cls=Commands,
    context_settings=HELP,
    epilog="Exit codes: 0 done; 1 refused, or not confirmed; 2 wrong input, option or file; 3 no "
    "answer from the server; 130 after Ctrl-C (serve: 0).",
)
@click.version_option(package_name="securedata-kit")
def main() -> None:
    """Store texts, encrypted and signed. A changed text is never returned."""


for command in chain.from_iterable(COMMANDS.values()):
    main.add_command(command)

__all__ = ["main", "serve"]
