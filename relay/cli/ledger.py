"""`relay ledger`: whether the credit ledgers of all companies are sound."""

import sys

import click
from sqlalchemy import select

from relay.cli.act import with_app
from relay.extensions import begin_reading, db
from relay.models import Company
from relay.network import ledger_check


@click.group(name="ledger")
def command() -> None:
    """無料紹介枠の台帳を確かめます。"""


@command.command()
@with_app
def verify() -> None:
    """すべての企業の台帳を、記録から計算し直して確かめます。合わない所があれば示し、終了コード1で終わります。"""
    begin_reading()
    session = db.session()
    companies = session.execute(select(Company.id, Company.slug).order_by(Company.id)).all()
    problems = [f"{slug}: {said}" for id_, slug in companies for said in ledger_check.verify(session, id_)]
    click.echo("\n".join(problems) or f"台帳はすべて合っています（{len(companies)}社）。")
    sys.exit(bool(problems))
