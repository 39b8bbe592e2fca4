"""`relay apikey`: the API keys of companies and partners."""

from datetime import timedelta

import click
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from relay import clock
from relay.cli.act import one_act
from relay.connect import keys
from relay.connect.keys import KeyOwner
from relay.errors import DomainError
from relay.extensions import settings
from relay.identity import companies, users
from relay.models import ApiScope, Company, Partner, User
from relay.network import partners

SCOPES = click.Choice([scope.value for scope in ApiScope])


class KeyNotThere(DomainError):
    """Raise for a key that the organisation does not have, or no longer has."""

    code = "api-key-not-there"
    message = _l("この番号のAPIキーはありません。すでに無効になっている場合があります。")


class NotOfOrganisation(DomainError):
    """Raise where the person who is to answer for a key does not belong to the organisation."""

    code = "not-of-organisation"
    message = _l("--byの方は、この企業や提携先のユーザーではありません。何も変更していません。")


class OneOrganisation(DomainError):
    """Raise unless exactly one of company and partner is named."""

    code = "one-organisation"
    message = _l("--companyと--partnerの、どちらか一方を書いてください。")


@click.group(name="apikey")
def command() -> None:
    """プログラムが使うAPIキーを扱います。"""


@command.command()
@click.option("--company", "company_slug", metavar="SLUG", help="企業の短い名前")
@click.option("--partner", "partner_slug", metavar="SLUG", help="提携先の短い名前")
@click.option("--by", "email", required=True, metavar="EMAIL", help="このキーに責任を持つユーザー")
@click.option("--name", required=True, help="使う場所")
@click.option("--scope", "allowed", type=SCOPES, multiple=True, required=True, help="できること（いくつでも）")
@click.option("--days", type=click.IntRange(1, 3650), help="使える日数（書かないと期限なし）")
@one_act
def create(
    session: Session,
    company_slug: str | None,
    partner_slug: str | None,
    email: str,
    name: str,
    allowed: tuple[str, ...],
    days: int | None,
) -> None:
    """APIキーを作成し、一度だけ表示します。"""
    owner = _owner(session, company_slug, partner_slug)
    person = _of(session, owner, email)
    key = keys.make(
        session,
        owner,
        name,
        [ApiScope(each) for each in allowed],
        by_user_id=person.id,
        expires_on=clock.today() + timedelta(days=days) if days else None,
        live=settings().https,
    )
    click.echo(key)


@command.command(name="list")
@click.option("--company", "company_slug", metavar="SLUG", help="企業の短い名前")
@click.option("--partner", "partner_slug", metavar="SLUG", help="提携先の短い名前")
@one_act
def list_keys(session: Session, company_slug: str | None, partner_slug: str | None) -> None:
    """有効なAPIキーを並べます。"""
    for key in keys.living(session, _owner(session, company_slug, partner_slug)):
        used = key.last_used_on.isoformat() if key.last_used_on else _("まだ使われていません")
        until = key.expires_on.isoformat() if key.expires_on else _("期限なし")
        click.echo("\t".join([str(key.id), key.public_id, key.name, key.scopes, until, used]))


@command.command()
@click.option("--company", "company_slug", metavar="SLUG", help="企業の短い名前")
@click.option("--partner", "partner_slug", metavar="SLUG", help="提携先の短い名前")
@click.option("--by", "email", required=True, metavar="EMAIL", help="無効にしたユーザー")
@click.argument("number", type=int)
@one_act
def revoke(session: Session, company_slug: str | None, partner_slug: str | None, email: str, number: int) -> None:
    """番号のAPIキーを、すぐに無効にします。"""
    owner = _owner(session, company_slug, partner_slug)
    person = _of(session, owner, email)
    name = keys.revoke(session, owner, number, by_user_id=person.id)
    if name is None:
        raise KeyNotThere
    click.echo(_("「%(name)s」のAPIキーを無効にしました。", name=name))


def _of(session: Session, owner: KeyOwner, email: str) -> User:
    person = users.by_address(session, email)
    if (person.company_id, person.partner_id) != (owner.company_id, owner.partner_id):
        raise NotOfOrganisation
    return person


def _owner(session: Session, company_slug: str | None, partner_slug: str | None) -> KeyOwner:
    if bool(company_slug) == bool(partner_slug):
        raise OneOrganisation
    organisation: Company | Partner
    if company_slug:
        organisation = companies.by_slug(session, company_slug)
        return KeyOwner(company_id=organisation.id)
    organisation = partners.by_slug(session, partner_slug or "")
    return KeyOwner(partner_id=organisation.id)
