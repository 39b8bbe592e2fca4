"""`relay user`: who may sign in, as what, with which password."""

import click
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from relay.cli.act import one_act
from relay.cli.password_source import password_option, take_password, tell
from relay.errors import DomainError
from relay.identity import companies, invitations, leaving, second_factor, users
from relay.identity.roles import WORDS
from relay.models import Company, Partner, Role
from relay.network import partners

ROLE = click.Choice([role.value for role in (*users.COMPANY_ROLES, *users.PARTNER_ROLES)])
ROLE_HELP = "役割。企業では admin・recruiter・viewer、提携先では lead・agent（書かないと agent）"


class NothingToRemove(DomainError):
    """Raise where the user has no second factor to remove."""

    code = "no-second-factor"
    message = _l("このユーザーは二段階認証を設定していません。")


@click.group(name="user")
def command() -> None:
    """ログインする人を扱います。"""


@command.command(name="list")
@click.option("--company", "company_slug", metavar="SLUG", help="企業の短い名前")
@click.option("--partner", "partner_slug", metavar="SLUG", help="提携先の短い名前")
@one_act
def list_users(session: Session, company_slug: str | None, partner_slug: str | None) -> None:
    """企業または提携先のユーザーを並べます。"""
    for member in users.members(session, _organisation(session, company_slug, partner_slug)):
        state = _("停止中") if member.disabled_at else _("利用中")
        click.echo("\t".join([member.email, member.name, member.role.value, str(WORDS[member.role]), state]))


@command.command()
@click.option("--company", "company_slug", metavar="SLUG", help="企業の短い名前")
@click.option("--partner", "partner_slug", metavar="SLUG", help="提携先の短い名前")
@click.option("--email", required=True, help="ログインに使うメールアドレス")
@click.option("--name", default="", help="氏名")
@click.option("--role", type=ROLE, help=ROLE_HELP)
@password_option
@one_act
def create(
    session: Session,
    company_slug: str | None,
    partner_slug: str | None,
    email: str,
    name: str,
    role: str | None,
    password_stdin: bool,
) -> None:
    """ユーザーを登録します。"""
    password, generated = take_password(from_stdin=password_stdin)
    organisation = _organisation(session, company_slug, partner_slug)
    if isinstance(organisation, Company) and role is None:
        raise click.UsageError(_("「--role」を指定してください。"))
    chosen = Role(role) if role else Role.AGENT
    user = users.create_user(session, organisation, email=email, name=name, role=chosen, password=password)
    click.echo(_("ユーザーを登録しました（%(role)s）。", role=WORDS[user.role]))
    tell(user.email, password, generated=generated)


@command.command()
@click.option("--company", "company_slug", metavar="SLUG", help="企業の短い名前")
@click.option("--partner", "partner_slug", metavar="SLUG", help="提携先の短い名前")
@click.option("--email", required=True, help="招待を送るメールアドレス")
@click.option("--name", default="", help="氏名")
@click.option("--role", type=ROLE, help=ROLE_HELP)
@one_act
def invite(
    session: Session, company_slug: str | None, partner_slug: str | None, email: str, name: str, role: str | None
) -> None:
    """メールで招待します。届いたリンクから72時間のあいだ、ご本人がパスワードを決めて使い始められます。"""
    organisation = _organisation(session, company_slug, partner_slug)
    if isinstance(organisation, Partner):
        chosen = Role(role) if role else Role.AGENT
        invitations.invite_agent(session, organisation, email=email, name=name, role=chosen, by_user_id=None)
    elif role is None:
        raise click.UsageError(_("「--role」を指定してください。"))
    else:
        invitations.invite_member(session, organisation, email=email, name=name, role=Role(role), by_user_id=None)
    click.echo(_("招待のメールを用意しました。送信係（relay worker）が送ります。"))


@command.command()
@click.argument("email")
@click.option("--to", "to_email", metavar="EMAIL", help="書きかけや送信待ちのものを引き継ぐ人")
@one_act
def disable(session: Session, email: str, to_email: str | None) -> None:
    """ユーザーを停止します。開いている画面も、次の操作で閉じます。"""
    successor = users.by_address(session, to_email).id if to_email else None
    held = leaving.leave(session, users.by_address(session, email), to_user_id=successor)
    click.echo(_("停止しました。すべての端末からログアウトさせました。"))
    if held.needs_somebody:
        click.echo(
            _("%(n)s件を%(to)sに引き継ぎました。", n=held.drafts + held.scheduled + held.files, to=to_email or "")
        )


@command.command(name="second-factor")
@click.argument("email")
@click.option("--remove", is_flag=True, help="二段階認証を外します（電話をなくしたときなど）")
@one_act
def drop_second_factor(session: Session, email: str, remove: bool) -> None:
    """二段階認証の状態を示します。--remove で外し、開いているログインを終えます。"""
    user = users.by_address(session, email)
    if not remove:
        click.echo(_("二段階認証：設定済み") if user.totp_secret else _("二段階認証：未設定"))
        return
    if not user.totp_secret:
        raise NothingToRemove
    second_factor.remove(session, user)
    click.echo(
        _("二段階認証を外しました。すべての端末からログアウトさせました。必要なら、次のログインで設定し直します。")
    )


@command.command(name="role")
@click.argument("email")
@click.argument("new_role", metavar="ROLE", type=ROLE)
@one_act
def set_role(session: Session, email: str, new_role: str) -> None:
    """役割を変えます。開いているログインは終わります。"""
    users.set_role(session, users.by_address(session, email), Role(new_role))
    click.echo(_("役割を「%(role)s」にしました。", role=WORDS[Role(new_role)]))


@command.command(name="password")
@click.argument("email")
@password_option
@one_act
def set_password(session: Session, email: str, password_stdin: bool) -> None:
    """パスワードを新しくします。開いているログインは終わります。"""
    password, generated = take_password(from_stdin=password_stdin)
    user = users.by_address(session, email)
    users.set_password(session, user, password)
    click.echo(_("パスワードを新しくしました。"))
    tell(user.email, password, generated=generated)


def _organisation(session: Session, company_slug: str | None, partner_slug: str | None) -> Company | Partner:
    if bool(company_slug) == bool(partner_slug):
        raise click.UsageError(_("「--company」と「--partner」のどちらか一方を指定してください。"))
    if company_slug:
        return companies.by_slug(session, company_slug)
    return partners.by_slug(session, partner_slug or "")
