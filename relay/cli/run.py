"""`relay run`: everything for a first look, on one machine and in development only.

Brings the schema up, puts the demo into an empty database, keeps web server and worker running
until Ctrl+C, and says where to sign in.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import click
from flask import Flask
from flask_babel import gettext as _
from sqlalchemy import select

from relay import config, create_app, migrations
from relay.demo.organisations import AGENT, HR, PASSWORD_FILE, PIN
from relay.errors import SettingsRefused
from relay.extensions import db
from relay.models import Company

START_WITHIN = 30.0
STOP_WITHIN = 10.0


@click.command("run", help="開発用：デモのデータを入れ、ウェブサーバーとワーカーをまとめて動かします。")
@click.option("--host", default="127.0.0.1", show_default=True, help="待ち受けるアドレス。")
@click.option("--port", default=8000, show_default=True, help="待ち受けるポート。")
def command(host: str, port: int) -> None:
    """Run until Ctrl+C; end with 1 when one of the two stops by itself. Raises SettingsRefused outside development."""
    address = f"http://{_reachable(host)}:{port}"
    os.environ.setdefault("RELAY_BASE_URL", address)
    settings = config.load()
    if not settings.development:
        raise SettingsRefused("relay run は開発用です。本番では relay serve と relay worker を別々に動かしてください。")
    _refuse_taken_port(host, port)
    _prepare(create_app(settings))
    children = [_start("serve", "--host", host, "--port", str(port), "--workers", "1"), _start("worker")]
    for route in (signal.SIGTERM, signal.SIGINT):  # a shell starts what it puts in the background with SIGINT ignored
        signal.signal(route, signal.default_int_handler)
    try:
        if _answers(host, port, children):
            _greet(address, settings.instance)
        while all(child.poll() is None for child in children):
            time.sleep(0.3)
        click.echo(_("ウェブサーバーかワーカーが終わったため、両方を止めます。"), err=True)
        failed = True
    except KeyboardInterrupt:
        click.echo(_("止めています。"))
        failed = False
    finally:
        _stop(children)
    sys.exit(failed)


def _prepare(app: Flask) -> None:
    with app.app_context():
        migrations.upgrade(db.engine)
        empty = db.session.scalars(select(Company.id).limit(1)).first() is None
        db.session.remove()
        db.engine.dispose()
    if empty:
        click.echo(_("デモのデータを用意しています。"))
        subprocess.run(_relay("demo"), check=True)  # noqa: S603  (our own command)


def _relay(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "relay.cli", *arguments]


def _start(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(_relay(*arguments))  # noqa: S603  (our own command)


def _answers(host: str, port: int, children: list[subprocess.Popen[bytes]]) -> bool:
    """Return whether the web server takes connections, before the time is up or a process ends."""
    until = time.monotonic() + START_WITHIN
    while time.monotonic() < until and all(child.poll() is None for child in children):
        try:
            socket.create_connection((_reachable(host), port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return True
    return False


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    until = time.monotonic() + STOP_WITHIN
    for child in children:
        try:
            child.wait(timeout=max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _greet(address: str, instance: Path) -> None:
    kept = instance / PASSWORD_FILE
    lines = [
        "",
        _("「%(address)s」でRelayを動かしています（止めるときはCtrl+C）。", address=address),
        _("  採用担当        %(email)s", email=HR),
        _("  紹介会社        %(email)s", email=AGENT),
    ]
    if kept.exists():
        lines.append(_("  パスワード      %(password)s", password=kept.read_text(encoding="utf-8").strip()))
        lines.append(_("  暗証番号        %(pin)s（登録した候補者のご本人専用ページ）", pin=PIN))
    lines.append(_("  送られたメール  %(address)s/dev/mailbox", address=address))
    click.echo("\n".join([*lines, ""]))


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104  (compared, not bound)


def _refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_reachable(host), port))
        except OSError as error:
            raise SettingsRefused(
                f"ポート {port} はすでに使われています。PORT=8001 make run のように、別の番号を指定してください。"
            ) from error
