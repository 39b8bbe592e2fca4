"""The command line: `relay …`. One file per noun; each command is one act in one transaction."""

import sys
from typing import Any

import click
from flask.cli import FlaskGroup

from relay import create_app
from relay.errors import DomainError, SettingsRefused


class RelayGroup(FlaskGroup):
    """Says in one line what cannot be done, instead of a traceback."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().main(*args, **kwargs)
        except (DomainError, SettingsRefused) as refused:
            click.echo(str(refused), err=True)
            sys.exit(1)


main = RelayGroup(
    name="relay",
    create_app=create_app,
    add_default_commands=False,
    add_version_option=False,
    load_dotenv=False,
    help="Relay をコマンドで操作します。",
)
