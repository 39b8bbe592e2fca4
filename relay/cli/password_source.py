"""Where a command takes a new password from: standard input, a prompt, or a generated one printed once."""

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click
from flask_babel import gettext as _

from relay.identity.users import new_password

Command = TypeVar("Command", bound=Callable[..., Any])


def password_option(command: Command) -> Command:
    """Add --password-stdin to a command."""
    return click.option(
        "--password-stdin",
        is_flag=True,
        help="パスワードを標準入力の1行目から読みます（省くと、端末ならたずね、それ以外は作ります）。",
    )(command)


def take_password(*, from_stdin: bool) -> tuple[str, bool]:
    """Return the new password, and whether it was generated and so must be shown once.

    Asked for before the first query, so that nobody's typing holds the database up.
    """
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n"), False
    if sys.stdin.isatty():
        typed = click.prompt(
            _("パスワード（空のままなら作ります）"),
            hide_input=True,
            default="",
            show_default=False,
            confirmation_prompt=True,
        )
        if typed:
            return str(typed), False
    return new_password(), True


def tell(email: str, password: str, *, generated: bool) -> None:
    """Print how to sign in; a generated password is shown here and nowhere else."""
    click.echo(_("ログイン： %(email)s", email=email))
    if generated:
        click.echo(_("パスワード（この一度だけ表示します）： %(password)s", password=password))
