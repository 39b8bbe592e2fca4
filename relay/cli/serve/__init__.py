"""`relay serve`: the web server. gunicorn with threads, and a log that holds no query string and no token."""

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import click
from flask import Flask
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import create_app, migrations
from relay.cli.setup import invitation
from relay.config import Settings
from relay.errors import SettingsRefused
from relay.extensions import db
from relay.identity import first_start
from relay.models import Company, Partner


@click.command("serve", help="ウェブサーバーを動かします。")
@click.option("--host", envvar="HOST", default="127.0.0.1", show_default=True, help="待ち受けるアドレス。")
@click.option("--port", envvar="PORT", default=8000, show_default=True, help="待ち受けるポート。")
@click.option("--workers", envvar="WEB_CONCURRENCY", default=2, show_default=True, help="プロセスの数。")
@click.option("--threads", default=4, show_default=True, help="プロセスごとのスレッドの数。")
def command(host: str, port: int, workers: int, threads: int) -> None:
    """Serve until told to stop. Raises SettingsRefused for a production start bare on the net or with demo logins."""
    from relay.cli.serve.server import run  # gunicorn is slow to load, and no other command wants it

    app = create_app()
    refuse_to_stand_bare_on_the_net(app, host)
    prepare_first_start(app)
    refuse_demo_in_production(app)
    greet_first_start(app)
    run(app, host=host, port=port, workers=workers, threads=threads)


def refuse_to_stand_bare_on_the_net(app: Flask, host: str) -> None:
    """Refuse to answer other machines in production without a reverse proxy. Raises SettingsRefused.

    A request that is sent by halves holds one of the few threads for as long as its sender likes; a proxy takes
    requests in whole before Relay sees them, and brings the https without which nobody can sign in.
    """
    settings: Settings = app.config["RELAY"]
    if settings.development or settings.proxy_hops or _this_machine_only(host):
        return
    raise SettingsRefused(
        f"{host} で待ち受けると、ほかのマシンから直接つながるため起動しません。リバースプロキシーを前に置き、"
        "その数を RELAY_PROXY_HOPS に設定してください。設定の例は「relay proxy nginx」で表示できます。"
    )


def _this_machine_only(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def prepare_first_start(app: Flask) -> None:
    """Give an empty database its tables; one that has some is brought up to date by `relay db upgrade` alone."""
    with app.app_context():
        if migrations.current(db.engine) is None:
            migrations.upgrade(db.engine)
        db.engine.dispose()


def refuse_demo_in_production(app: Flask) -> None:
    """Refuse to put logins with known passwords on the net. Raises SettingsRefused (E-20)."""
    settings: Settings = app.config["RELAY"]
    with _before_serving(app) as session:
        demo = [
            model.__name__
            for model in (Company, Partner)
            if session.scalars(select(model.id).where(model.demo).limit(1)).first() is not None
        ]
    if demo and not settings.development:
        raise SettingsRefused("デモ用のデータが残っているため起動しません。relay demo --remove で取り除いてください。")


def greet_first_start(app: Flask) -> None:
    """Without any company, say how the first one is opened, at each start.

    In development that is the address itself. In production a journal is read by more people than the one who sets
    Relay up, and the holder of the address becomes administrator: there `relay setup` prints it to who asks.
    """
    settings: Settings = app.config["RELAY"]
    with _before_serving(app) as session:
        if session.scalars(select(Company.id).limit(1)).first() is not None:
            return
        if not settings.development:
            click.echo(_("まだ企業がありません。「relay setup」を実行すると、初期設定を開くアドレスを表示します。"))
            return
        address = first_start.address(session)
        session.commit()
        click.echo(invitation(address))


@contextmanager
def _before_serving(app: Flask) -> Iterator[Session]:
    """Yield a session for a look before the processes are made, which must not share its connections."""
    with app.app_context():
        yield db.session()
        db.session.remove()
        db.engine.dispose()
