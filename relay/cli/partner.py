"""`relay partner`: registering an agency or a school with its first lead."""

from datetime import datetime
from typing import Any

import click
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from relay import clock
from relay.cli.act import one_act
from relay.cli.password_source import password_option, take_password, tell
from relay.identity import companies, factor_rule, users
from relay.models import PartnerKind, Role, scopes
from relay.network import partner_incidents, partners
from relay.network.particulars import Particulars


@click.group(name="partner")
def command() -> None:
    """提携先（紹介会社・学校）を扱います。"""


@command.command()
@click.option("--name", required=True, help="正式名称")
@click.option("--slug", required=True, help="短い名前（英小文字・数字・ハイフン）")
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in PartnerKind]), help="紹介会社か学校か")
@click.option("--agent", required=True, metavar="EMAIL", help="最初の責任者のメールアドレス")
@click.option("--license", "license_number", default="", metavar="13-ユ-123456", help="許可番号（紹介会社は必須）")
@click.option(
    "--corporate-number", default="", metavar="13桁", help="法人番号（国税庁の法人番号公表サイトで調べられます）"
)
@click.option(
    "--notification-number", default="", metavar="番号", help="学校の無料職業紹介（職業安定法33条の2）の届出受理番号"
)
@click.option("--license-until", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="許可の有効期限")
@click.option("--address", default="", help="住所")
@click.option("--representative", default="", help="代表者の氏名")
@click.option("--contact", default="", help="問い合わせ先")
@click.option("--license-since", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="許可の年月日")
@click.option("--office", default="", help="事業所の名称と所在地（法人と異なるとき）")
@click.option("--manager", default="", help="職業紹介責任者の氏名")
@click.option("--complaints", default="", help="苦情の申出先")
@click.option("--notices-url", default="", metavar="URL", help="取扱職種・苦情・個人情報・返戻金などを示すページ")
@click.option("--fees-url", default="", metavar="URL", help="手数料表のページ")
@click.option("--register-url", default="", metavar="URL", help="人材サービス総合サイトのページ")
@click.option("--no-second-factor", is_flag=True, help="二段階認証を必須にしません（開発用の設定のときだけ）")
@password_option
@one_act
def create(
    session: Session,
    /,
    name: str,
    slug: str,
    kind: str,
    agent: str,
    license_number: str,
    license_until: datetime | None,
    address: str,
    representative: str,
    contact: str,
    license_since: datetime | None,
    no_second_factor: bool,
    notification_number: str,
    password_stdin: bool,
    **further: Any,
) -> None:
    """提携先と最初の責任者を登録します。許可は、人材サービス総合サイトで確かめてから登録してください。"""
    password, generated = take_password(from_stdin=password_stdin)
    companies.check_slug(slug)
    particulars = Particulars(
        kind=PartnerKind(kind),
        name=name,
        address=address,
        representative=representative,
        contact=contact,
        corporate_number=further.pop("corporate_number") or None,
        license_number=license_number,
        license_since=license_since.date() if license_since else None,
        license_until=license_until.date() if license_until else None,
        notification_number=notification_number,
        **further,
    ).cleaned()
    columns = particulars.as_columns() | {"license_number": particulars.license_number or ""}
    partner = partners.create_partner(session, slug=slug, kind=particulars.kind, checked_by="operator", **columns)
    if no_second_factor:
        factor_rule.excuse(partner)
    user = users.create_user(session, partner, email=agent, name="", role=Role.LEAD, password=password)
    click.echo(_("提携先「%(name)s」を登録しました。", name=partner.name))
    tell(user.email, password, generated=generated)
    if lacking := partners.missing(partner):
        click.echo(_("候補者に表示するには、次が足りません：%(lacking)s", lacking="、".join(lacking)))


@command.command()
@click.argument("slug")
@one_act
def check(session: Session, slug: str) -> None:
    """公的な登録を今日確かめたことを記録します。すべての企業に対して、確認済みになります。"""
    partner = partners.by_slug(session, slug)
    partners.change_partner(session, partner, checked_by="operator")
    click.echo(_("提携先「%(name)s」の確認を記録しました。", name=partner.name))
    if lacking := partners.missing(partner):
        click.echo(_("候補者に表示するには、次が足りません：%(lacking)s", lacking="、".join(lacking)))


@command.command(name="incidents")
@click.argument("slug")
@one_act
def list_incidents(session: Session, slug: str) -> None:
    """提携先が報告した事故を、新しい順に示します。照会番号から、どなたかを「relay provisions」で確認できます。"""
    with scopes.partner(session, partners.by_slug(session, slug).id):
        for each in partner_incidents.listed(session).rows:
            people = each.people if each.people is not None else _("確認中")
            when = f"{each.noticed_at.astimezone(clock.JAPAN):%Y-%m-%d}"
            click.echo(
                "\t".join([when, each.what, str(people), "、".join(each.codes), " ".join(each.measures.split())])
            )


@command.command()
@click.argument("slug")
@one_act
def suspend(session: Session, slug: str) -> None:
    """提携先の画面と、候補者への表示を、すぐに止めます。同意は残ります。"""
    partner = partners.by_slug(session, slug)
    partners.suspend(session, partner)
    click.echo(_("提携先「%(name)s」の表示を止めました。", name=partner.name))


@command.command()
@click.argument("slug")
@one_act
def resume(session: Session, slug: str) -> None:
    """止めた提携先の表示を、再開します。"""
    partner = partners.by_slug(session, slug)
    partners.resume(session, partner)
    click.echo(_("提携先「%(name)s」の表示を再開しました。", name=partner.name))
