"""`relay mail server`: the installation's mail server, by which letters about logins and invitations leave (C-24)."""

import sys

import click
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from relay.cli.act import one_act, with_app
from relay.config import Settings
from relay.errors import DomainError
from relay.extensions import begin_reading, begin_writing, db
from relay.infra import vault
from relay.mail import codes, direct, mail_test, server_settings, servers
from relay.mail.server_route import ServerRoute
from relay.mail.server_settings import ServerInput
from relay.models import Actor, InstallationMailServer, MailTls, act_as

EXPLAINED = (
    "ログイン、招待、アドレスの変更、セキュリティ、ご本人専用ページ、提携先へのメールは、このサーバーだけで送ります。"
    "採用担当の方が開かないメールボックス（例：relay@自社のドメイン）を使ってください。"
)


class MailNotSent(DomainError):
    """Raise when the test mail was not sent, or its code is wrong."""

    code = "test-mail-not-sent"


@click.group(name="mail")
def command() -> None:
    """メールの送信を扱います。"""


@command.group()
def server() -> None:
    """このRelayの送信サーバー（ログインや招待のメールを送るもの）を扱います。"""


@server.command("set", help=f"このRelayの送信サーバーを決めます。{EXPLAINED}")
@click.option("--host", required=True, help="送信サーバーの名前")
@click.option("--port", default=587, show_default=True, help="ポート番号")
@click.option("--tls", type=click.Choice([tls.value for tls in MailTls]), default="starttls", show_default=True)
@click.option("--username", default="", help="ユーザー名（ログインの要らないサーバーなら省きます）")
@click.option("--sender", required=True, metavar="EMAIL", help="差出人のアドレス")
@click.option("--password-stdin", is_flag=True, help="パスワードを標準入力の1行目から読みます（省くと、たずねます）。")
def set_(host: str, port: int, tls: str, username: str, sender: str, password_stdin: bool) -> None:
    """Ask for the password before the first query, so that nobody's typing holds the database up."""
    password = ""
    if username and password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif username:
        password = click.prompt("パスワード", hide_input=True, default="", show_default=False)
    _save(ServerInput(host, port, MailTls(tls), username, password, sender))
    click.echo(_("このRelayの送信サーバーを「%(host)s」にしました。", host=host))
    click.echo("relay mail server test --to EMAIL で、届くことを確認してください。")


@server.command(help="いまの送信サーバーを示します（パスワードは表示しません）。")
@with_app
def show() -> None:
    """Print the way, where it comes from, and what is still to be confirmed."""
    begin_reading()
    session = db.session()
    try:
        for line in described(session):
            click.echo(line)
    finally:
        session.rollback()
        begin_writing()


@server.command(help="確認コードを書いたメールを送り、届いたコードを確認します。")
@click.option("--to", required=True, metavar="EMAIL", help="宛先。自分のアドレス")
@with_app
def test(to: str) -> None:
    """Hand a mail over at once, and note that it was read. Raises NoServerRoute, SealBroken, MailNotSent."""
    session, code = db.session(), codes.new_code()
    envelope = mail_test.write(session, None, to, code)
    session.rollback()
    trial = direct.send_now(envelope)
    if trial.trouble is not None:
        raise MailNotSent(f"{to} に送れませんでした（{trial.trouble.value} {trial.detail}）。")
    if click.prompt(f"{to} に送りました。届いたメールの6桁の数字") != code:
        raise MailNotSent("数字が違います。もう一度、relay mail server test で送り直してください。")
    _note_test()
    click.echo("メールが届くことを確認しました。")


@server.command(help="更新のときに引き継いだサーバーを、このまま使うことを確認します。")
@one_act
def confirm(session: Session) -> None:
    """Note that the operator wants the server that an upgrade took over."""
    row = servers.of_installation(session)
    if row is None:
        raise servers.NoServerRoute("確認する送信サーバーはありません。relay mail server set で決めてください。")
    server_settings.confirm(session, row)
    click.echo(_("「%(host)s」を、このRelayの送信サーバーとして確認しました。", host=row.host))


@server.command(help="このRelayの送信サーバーの設定を、パスワードも含めて削除します。")
@one_act
def remove(session: Session) -> None:
    """Forget it. Raises ServerNeeded while other companies or partners depend on it."""
    server_settings.remove_installation(session)
    click.echo("このRelayの送信サーバーの設定を削除しました。")


def described(session: Session) -> list[str]:
    """Return what there is to say about the installation's way, a line each."""
    settings: Settings = current_app.config["RELAY"]
    try:
        route = servers.route_for(session, None)
    except (servers.NoServerRoute, vault.SealBroken) as error:
        return [str(error), "relay mail server set で決めてください。"]
    if not route.host:
        return ["開発用のため、送らずに /dev/mailbox に置きます。"]
    lines = [_said(route), "RELAY_MAIL_HOST の設定によります。" if settings.mail_host else ""]
    if (row := servers.of_installation(session)) is not None and not settings.mail_host:
        lines += _state(row)
    return [line for line in lines if line]


def taken_over(session: Session) -> str:
    """Return the sentence for an operator whose server an upgrade chose; empty where nothing is to be confirmed."""
    settings: Settings = current_app.config["RELAY"]
    row = servers.of_installation(session)
    if settings.mail_host or row is None or row.confirmed_at is not None:
        return ""
    return (
        f"運営する企業の送信サーバー（{row.host}）を、このRelayの送信サーバーとして引き継ぎました。"
        "その管理者は、ログインや招待のメールを読めます。"
    )


CONFIRM = (
    "このままでよければ relay mail server confirm、採用担当の方が開かないメールボックスに変更するなら "
    "relay mail server set を実行してください（「設定 → メールの送信」でもできます）。"
)


def _said(route: ServerRoute) -> str:
    login = f"、ユーザー名 {route.username}" if route.username else ""
    return f"{route.host}:{route.port}（{route.tls.value}{login}）、差出人 {route.sender}"


def _state(row: InstallationMailServer) -> list[str]:
    tested = "届くことを確認してあります。" if row.tested_at else "届くかどうかは、まだ確認していません。"
    return [tested] if row.confirmed_at else [tested, "更新のときに引き継いだままです。" + CONFIRM]


@one_act
def _save(session: Session, typed: ServerInput) -> None:
    server_settings.save_installation(session, typed)


@with_app
def _note_test() -> None:
    session = db.session()
    begin_writing()
    act_as(session, Actor("cli"))
    mail_test.note_installation(session)
    session.commit()
