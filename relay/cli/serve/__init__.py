"""`relay serve`: the web server. gunicorn with threads, and a log that holds no query string and no token."""

import click
from flask import Flask
from sqlalchemy import select

from relay import create_app
from relay.config import Settings
from relay.errors import SettingsRefused
from relay.extensions import db
from relay.models import Company, Partner


@click.command("serve", help="ウェブサーバーを動かします。")
@click.option("--host", envvar="HOST", default="127.0.0.1", show_default=True, help="待ち受けるアドレス。")
@click.option("--port", envvar="PORT", default=8000, show_default=True, help="待ち受けるポート。")
@click.option("--workers", envvar="WEB_CONCURRENCY", default=2, show_default=True, help="プロセスの数。")
@click.option("--threads", default=4, show_default=True, help="プロセスごとのスレッドの数。")
def command(host: str, port: int, workers: int, threads: int) -> None:
    """Serve until told to stop. Raises SettingsRefused for a production start with demo accounts (E-20)."""
    from relay.cli.serve.server import run  # gunicorn is slow to load, and no other command wants it

    app = create_app()
    refuse_demo_in_production(app)
    run(app, host=host, port=port, workers=workers, threads=threads)


def refuse_demo_in_production(app: Flask) -> None:
    """Refuse to put logins with known passwords on the net. Raises SettingsRefused (E-20)."""
    settings: Settings = app.config["RELAY"]
    with app.app_context():
        demo = [
            model.__name__
            for model in (Company, Partner)
            if db.session.scalars(select(model.id).where(model.demo).limit(1)).first() is not None
        ]
        db.session.remove()
        db.engine.dispose()
    if demo and not settings.development:
        raise SettingsRefused("デモ用のデータが残っているため起動しません。relay demo --remove で取り除いてください。")
