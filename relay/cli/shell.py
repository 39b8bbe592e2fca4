"""`relay shell`: a Python shell in the scope of one company, for engineers."""

import code
from typing import Any

import click
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock, models
from relay.cli.act import one_act, with_app
from relay.extensions import begin_reading, db
from relay.identity import companies
from relay.models import Actor, EventTag, act_as, record, scopes


@click.command("shell")
@click.option("--company", "slug", required=True, metavar="SLUG", help="企業の短い名前")
@with_app
def command(slug: str) -> None:
    """1つの企業のデータだけが見えるPythonのシェルを開きます（開いたことを操作ログに残します）。

    session（データベース）、company（その企業）、select、clock と、Candidate などのモデルを、そのまま使えます。
    ほかの企業の行は見えません。変更は session.commit() したものだけが残り、終えるとき（Ctrl+D）に残りは取り消します。

    例: session.scalars(select(Candidate).limit(5)).all()
    """
    company_id = _opened(slug)
    session = db.session()
    if session.get_bind().dialect.name == "sqlite":
        begin_reading()  # so that an open shell holds no writer up; on PostgreSQL none does
    act_as(session, Actor("cli"))
    try:
        with scopes.company(session, company_id):
            code.interact(banner=_banner(slug), local=_names(session, company_id), exitmsg="")
    finally:
        session.rollback()


@one_act
def _opened(session: Session, slug: str) -> int:
    """Record that the shell was opened, before anything can be read in it. Raises CompanyUnknown."""
    company = companies.by_slug(session, slug)
    record(session, EventTag.SHELL_OPENED, company_id=company.id)
    return company.id


def _names(session: Session, company_id: int) -> dict[str, Any]:
    words = {name: getattr(models, name) for name in models.__all__}
    company = companies.by_id(session, company_id)
    return words | {"session": session, "company": company, "select": select, "clock": clock}


def _banner(slug: str) -> str:
    return _(
        "企業「%(slug)s」のデータを開きました。session・company・select・モデルを使えます。"
        "変更は「session.commit()」で残し、Ctrl+Dで終えます。",
        slug=slug,
    )
