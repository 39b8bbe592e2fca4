"""`relay company`: opening a company with its first administrator."""

import click
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from relay.cli.act import one_act
from relay.cli.password_source import password_option, take_password, tell
from relay.identity import companies, factor_rule, users
from relay.outreach import opening


@click.group(name="company")
def command() -> None:
    """企業を扱います。"""


@command.command()
@click.option("--name", required=True, help="正式名称")
@click.option("--slug", required=True, help="アドレスに使う短い名前（英小文字・数字・ハイフン）")
@click.option("--admin", required=True, metavar="EMAIL", help="最初の管理者のメールアドレス")
@click.option("--address", default="", help="住所")
@click.option("--representative", default="", help="代表者の氏名")
@click.option("--contact", default="", help="問い合わせ先（電話・メール・URL）")
@click.option("--live", is_flag=True, help="練習を飛ばし、はじめから本番の送信を許します")
@click.option("--no-second-factor", is_flag=True, help="二段階認証を必須にしません（開発用の設定のときだけ）")
@password_option
@one_act
def create(
    session: Session,
    name: str,
    slug: str,
    admin: str,
    address: str,
    representative: str,
    contact: str,
    live: bool,
    no_second_factor: bool,
    password_stdin: bool,
) -> None:
    """企業と最初の管理者を登録します。"""
    password, generated = take_password(from_stdin=password_stdin)
    facts = companies.CompanyDetails(name=name, address=address, representative=representative, contact=contact)
    user = opening.open_company(
        session,
        slug,
        facts,
        opening.Administrator(admin, password),
        live=live,
    )
    if no_second_factor:
        factor_rule.excuse(users.organisation_of(session, user))
    click.echo(_("企業「%(name)s」を登録しました。", name=facts.name))
    tell(user.email, password, generated=generated)
    if not (address and representative and contact):
        click.echo(_("メールに記す住所・代表者・問い合わせ先は、ログイン後に「設定」で入力してください。"))
