"""`relay partnership`: the partnership between a company and a partner."""

import click
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from relay.cli.act import one_act
from relay.identity import companies
from relay.network import partners


@click.group(name="partnership")
def command() -> None:
    """企業と提携先の結びつきを扱います。"""


@command.command()
@click.option("--company", "company_slug", required=True, metavar="SLUG", help="企業の短い名前")
@click.option("--partner", "partner_slug", required=True, metavar="SLUG", help="提携先の短い名前")
@one_act
def create(session: Session, company_slug: str, partner_slug: str) -> None:
    """提携を始めます。すでに提携していれば、何も変わりません。"""
    company, partner = companies.by_slug(session, company_slug), partners.by_slug(session, partner_slug)
    partners.start_partnership(session, company.id, partner.id)
    click.echo(_("「%(company)s」と「%(partner)s」は提携しています。", company=company.name, partner=partner.name))


@command.command()
@click.option("--company", "company_slug", required=True, metavar="SLUG", help="企業の短い名前")
@click.option("--partner", "partner_slug", required=True, metavar="SLUG", help="提携先の短い名前")
@one_act
def end(session: Session, company_slug: str, partner_slug: str) -> None:
    """提携を終えます。この企業を通して登録した方は、次の操作から提携先に表示されず、メールでお知らせを受け取ります。"""
    company, partner = companies.by_slug(session, company_slug), partners.by_slug(session, partner_slug)
    partners.end_partnership(session, company.id, partner.id)
    click.echo(_("「%(company)s」と「%(partner)s」の提携を終了しました。", company=company.name, partner=partner.name))
