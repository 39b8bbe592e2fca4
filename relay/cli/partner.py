"""`relay partner`: registering an agency or a school with its first agent."""

from datetime import datetime

import click
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from relay.cli.act import one_act
from relay.cli.password_source import password_option, take_password, tell
from relay.identity import companies, users
from relay.models import PartnerKind, Role
from relay.network import partners


@click.group(name="partner")
def command() -> None:
    """提携先（紹介会社・学校）を扱います。"""


@command.command()
@click.option("--name", required=True, help="正式名称")
@click.option("--slug", required=True, help="短い名前（英小文字・数字・ハイフン）")
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in PartnerKind]), help="紹介会社か学校か")
@click.option("--agent", required=True, metavar="EMAIL", help="最初の担当者のメールアドレス")
@click.option("--license", "license_number", default="", metavar="13-ユ-123456", help="許可番号（紹介会社は必須）")
@click.option("--license-until", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="許可の期限")
@click.option("--address", default="", help="住所")
@click.option("--representative", default="", help="代表者の氏名")
@click.option("--contact", default="", help="問い合わせ先")
@password_option
@one_act
def create(
    session: Session,
    name: str,
    slug: str,
    kind: str,
    agent: str,
    license_number: str,
    license_until: datetime | None,
    address: str,
    representative: str,
    contact: str,
    password_stdin: bool,
) -> None:
    """提携先と最初の担当者を登録します。許可は、人材サービス総合サイトで確かめてから登録してください。"""
    password, generated = take_password(from_stdin=password_stdin)
    companies.check_slug(slug)
    partner = partners.create_partner(
        session,
        slug=slug,
        kind=PartnerKind(kind),
        name=name,
        address=address,
        representative=representative,
        contact=contact,
        license_number=license_number,
        license_until=license_until.date() if license_until else None,
        checked_by="operator",
    )
    user = users.create_user(session, partner, email=agent, name="", role=Role.AGENT, password=password)
    click.echo(_("提携先「%(name)s」を登録しました。", name=partner.name))
    tell(user.email, password, generated=generated)
    if lacking := partners.missing(partner):
        click.echo(_("候補者に表示するには、次が足りません: %(lacking)s", lacking="、".join(lacking)))
