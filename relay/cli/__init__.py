"""The command line: `relay …`. One file per noun; each command is one act in one transaction.

Every file here offers its command, or group of commands, under the name `command`, and may call every room.
"""

import os
import sys
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import click

from relay.errors import DomainError, SettingsRefused

FRAME = {"act", "__main__"}


class RelayGroup(click.Group):
    """Says in one line what cannot be done, instead of a traceback."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command line; a refusal goes to standard error and exits with 1.

        What it writes (the SQLite file and its log, keys, mails) is for this user of the machine alone.
        """
        os.umask(0o077)
        try:
            return super().main(*args, **kwargs)
        except (DomainError, SettingsRefused) as refused:
            click.echo(str(refused), err=True)
            sys.exit(1)


@click.group(cls=RelayGroup, name="relay", help="Relayをコマンドで操作します。")
def main() -> None:
    """Hold the commands together."""


def _gather() -> None:
    for module in iter_modules(__path__):
        if module.name not in FRAME:
            command: click.Command | None = getattr(import_module(f"{__name__}.{module.name}"), "command", None)
            if command is not None:
                main.add_command(command)


_gather()
