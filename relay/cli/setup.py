"""`relay setup`: the address at which the first company is opened, in the browser."""

import click
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from relay import migrations
from relay.cli.act import one_act, with_app
from relay.extensions import db
from relay.identity import first_start


@click.command("setup")
@with_app
def command() -> None:
    """はじめの企業と管理者を登録するアドレスを表示します（24時間有効、1回かぎり）。"""
    if migrations.current(db.engine) is None:
        migrations.upgrade(db.engine)
    click.echo(invitation(_address()))


@one_act
def _address(session: Session) -> str:
    return first_start.address(session)


def invitation(address: str) -> str:
    """Return what the operator reads: the address alone on its line, and how long it is good."""
    return "\n".join(
        [
            _("次のアドレスをブラウザで開いて、初期設定をしてください（24時間有効、1回かぎり）。"),
            "",
            f"  {address}",
            "",
            _("アドレスを知る人は誰でも管理者になれます。ほかの人に見せないでください。"),
        ]
    )
