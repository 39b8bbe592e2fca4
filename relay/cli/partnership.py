"""`relay partnership`: the tie between a company and a partner."""

import click
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.cli.act import one_act
from relay.errors import DomainError
from relay.identity import companies
from relay.models import Partner
from relay.network import partners


class PartnerUnknown(DomainError):
    """No partner goes by this slug."""


@click.group(name="partnership")
def command() -> None:
    """企業と提携先の結びつきを扱います。"""


@command.command()
@click.option("--company", "company_slug", required=True, metavar="SLUG", help="企業の短い名前")
@click.option("--partner", "partner_slug", required=True, metavar="SLUG", help="提携先の短い名前")
@one_act
def create(session: Session, company_slug: str, partner_slug: str) -> None:
    """提携を始めます。すでに提携していれば、何も変わりません。"""
    company, partner = companies.by_slug(session, company_slug), find_partner(session, partner_slug)
    partners.start_partnership(session, company.id, partner.id)
    click.echo(_("「%(company)s」と「%(partner)s」は提携しています。", company=company.name, partner=partner.name))


@command.command()
@click.option("--company", "company_slug", required=True, metavar="SLUG", help="企業の短い名前")
@click.option("--partner", "partner_slug", required=True, metavar="SLUG", help="提携先の短い名前")
@one_act
def end(session: Session, company_slug: str, partner_slug: str) -> None:
    """提携を終えます。この企業を通して登録した方は、次の操作から提携先に表示されません。"""
    company, partner = companies.by_slug(session, company_slug), find_partner(session, partner_slug)
    partners.end_partnership(session, company.id, partner.id)
    click.echo(_("「%(company)s」と「%(partner)s」の提携を終えました。", company=company.name, partner=partner.name))


def find_partner(session: Session, slug: str) -> Partner:
    """The partner of this slug. Raises PartnerUnknown."""
    partner = session.scalars(select(Partner).where(Partner.slug == slug)).one_or_none()
    if partner is None:
        raise PartnerUnknown(_("「%(slug)s」という提携先はありません。", slug=slug))
    return partner
