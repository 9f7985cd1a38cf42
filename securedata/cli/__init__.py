"""The command line. The service takes its options from here, and from the environment.

An error is one sentence with the next step, and exit code 2. record_commands.py has more codes.
"""

import click

from securedata.cli.demo_command import demo
from securedata.cli.grade_command import grade
from securedata.cli.inventory_command import inventory
from securedata.cli.key_commands import keys, passphrase, rotate
from securedata.cli.options import Group
from securedata.cli.record_commands import retrieve, store
from securedata.cli.serve_command import serve
from securedata.cli.token_commands import token


@click.group(cls=Group)
@click.version_option(package_name="securedata-kit")
def main() -> None:
    """Store texts, encrypted and signed. A changed text is never returned."""


for command in (serve, store, retrieve, demo, token, keys, rotate, passphrase):
    main.add_command(command)
for command in (grade, inventory):
    main.add_command(command)

__all__ = ["main", "serve"]
