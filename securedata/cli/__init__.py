"""The command line. With app.py, the only place that reads the environment.

What cannot work is one sentence with the next step, and exit code 2; records.py has more codes.
"""

import click

from securedata.cli.command import Group
from securedata.cli.demo import demo
from securedata.cli.keyring import keys, passphrase, rotate
from securedata.cli.records import retrieve, store
from securedata.cli.serving import serve
from securedata.cli.tokens import token


@click.group(cls=Group)
@click.version_option(package_name="securedata-kit")
def main() -> None:
    """Store texts encrypted and signed, and give them back only untampered."""


for command in (serve, store, retrieve, demo, token, keys, rotate, passphrase):
    main.add_command(command)

__all__ = ["main", "serve"]
