"""`relay demo`: a believable company to look around in, and its removal."""

import secrets
from pathlib import Path

import click
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import demo
from relay.cli.act import one_act
from relay.config import Settings
from relay.demo import organisations
from relay.errors import DomainError
from relay.models import Company


class DemoRefused(DomainError):
    """Raise where the demo cannot be added: in production, or when it is there already."""

    code = "demo-refused"


@click.command(name="demo")
@click.option("--remove", is_flag=True, help="デモのデータをすべて取り除きます。")
@click.option("--seed", default=2026, show_default=True, help="同じ数なら同じデモになります。")
@one_act
def command(session: Session, remove: bool, seed: int) -> None:
    """デモの会社と1年分の記録を用意します（開発用）。"""
    settings: Settings = current_app.config["RELAY"]
    kept = settings.instance / organisations.PASSWORD_FILE
    if remove:
        count = demo.remove(session)
        kept.unlink(missing_ok=True)
        click.echo(_("デモのデータを取り除きました。") if count else _("デモのデータはありません。"))
        return
    if not settings.development:
        raise DemoRefused(_("デモは開発用です。本番には入れられません。"))
    if session.scalars(select(Company.id).where(Company.demo)).first() is not None:
        raise DemoRefused(_("デモのデータはすでにあります。「relay demo --remove」で取り除けます。"))
    demo.build(session, password=_password(kept), seed=seed)
    click.echo(_("デモのデータを用意しました。「%(email)s」でログインできます。", email=organisations.HR))


def _password(kept: Path) -> str:
    """Return a password of this installation's own, kept where only its operator reads it."""
    if not kept.exists():
        kept.write_text(f"relay-{secrets.token_hex(6)}", encoding="utf-8")
        kept.chmod(0o600)
    return kept.read_text(encoding="utf-8").strip()
