"""`relay db`: the schema."""

import click
from flask import current_app

from relay import migrations
from relay.cli.act import with_app
from relay.cli.mail import CONFIRM, taken_over
from relay.config import Settings
from relay.errors import SettingsRefused
from relay.extensions import begin_reading, begin_writing, db


@click.group("db", help="データベースの準備と更新。")
def command() -> None:
    """Hold the commands of the schema together."""


@command.command("upgrade", help="データベースを最新の形にします。データはそのまま残ります。")
@with_app
def upgrade() -> None:
    """Bring the database to the newest revision; doing it again changes nothing."""
    migrations.upgrade(db.engine)
    click.echo("データベースは最新です。")
    begin_reading()
    if said := taken_over(db.session()):
        click.echo(f"{said}{CONFIRM}")
    db.session.rollback()
    begin_writing()


@command.command("revise", help="モデルとの差から、新しい移行ファイルを書きます（開発用）。")
@click.option("-m", "--message", required=True, help="何を変更するか。")
@with_app
def revise(message: str) -> None:
    """Write a migration. Raises SettingsRefused outside development."""
    settings: Settings = current_app.config["RELAY"]
    if not settings.development:
        raise SettingsRefused("relay db revise は開発環境（RELAY_ENV=development）だけで使えます。")
    migrations.revise(db.engine, message)
