"""Checks of the database and of what lives in it: schema, worker, mail, sealed secrets, what the law wants answered."""

import smtplib
from collections.abc import Callable, Iterator
from datetime import timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from relay import clock, migrations
from relay.cli import secrets
from relay.cli.doctor.finding import Finding, hint, trouble, well
from relay.cli.mail import CONFIRM, taken_over
from relay.config import Settings
from relay.extensions import begin_reading, begin_writing, db
from relay.identity import factor_rule, installation
from relay.infra import lanes, vault
from relay.infra.lanes import Lane
from relay.mail import servers
from relay.mail.connection import Connection, told
from relay.mail.direct import PATIENCE
from relay.mail.server_route import ServerRoute
from relay.models import (
    Company,
    Heartbeat,
    Job,
    JobState,
    MailServer,
    Message,
    MessageState,
    Partner,
    Partnership,
    User,
    scopes,
)

OVERDUE = timedelta(minutes=15)
AHEAD = timedelta(days=60)
WRONG_CLOCK = timedelta(minutes=1)
MAX_SERVERS = 20
CHANGED_LATELY = timedelta(days=7)
MAX_NAMED = 20
ACROSS = "doctor: whether mail, secrets and licences of every company are well"

Check = Callable[[Session, Settings], Iterator[Finding]]


def check(session: Session, settings: Settings) -> Iterator[Finding]:
    """Everything the database tells; without a current schema only that."""
    finding = _schema()
    yield finding
    if finding.do:
        return
    for each in CHECKS:
        with scopes.everyone(session, ACROSS):
            yield from each(session, settings)
        session.rollback()


def _schema() -> Finding:
    try:
        current = migrations.is_current(db.engine)
    except SQLAlchemyError:
        do = "データベースが動いているか、RELAY_DATABASE_URL が正しいかを確認してください。"
        return trouble("database", "データベースにつながりません。", do)
    if not current:
        return trouble(
            "schema", "データベースの形が、このRelayと合っていません。", "relay db upgrade を実行してください。"
        )
    return well("database", f"データベース：つながり、形は最新です（{db.engine.dialect.name}）。")


def _writable(session: Session, _settings: Settings) -> Iterator[Finding]:
    session.rollback()
    begin_writing()
    try:
        session.add(Heartbeat(name="doctor", at=clock.now()))
        session.flush()
    except SQLAlchemyError:
        do = "ファイルの持ち主、ディスクの空き、データベースの権限を確認してください。"
        yield trouble("writable", "データベースに書き込めません。", do)
    finally:
        session.rollback()
        begin_reading()


LANES = {
    Lane.MAIL: ("送信の係", "メールは送られません。"),
    Lane.JOBS: ("処理の係", "取り込み、書類の読み取り、期限の来た方の消去が止まっています。"),
    Lane.EVENTS: ("知らせの係", "同意の取り消しを提携先に伝える連絡が止まっています。"),
    Lane.WEBHOOKS: ("Webhookの係", "企業のシステムへの通知が止まっています。"),
}
"""Each lane of the worker as the operator knows it, and what does not happen without it."""


def _lanes(session: Session, _settings: Settings) -> Iterator[Finding]:
    for lane, at in lanes.seen(session).items():
        name, without = LANES[lane]
        unit = f"relay-worker@{lane}"
        do = f"systemctl restart {unit} で動かし、journalctl -u {unit} で訳を確認してください。"
        if at is None:
            yield trouble(f"worker:{lane}", f"{name}（{unit}）が、まだ一度も動いていません。{without}", do)
        elif lanes.is_silent(at):
            since = f"{at.astimezone(clock.JAPAN):%-m月%-d日 %-H:%M}"
            yield trouble(f"worker:{lane}", f"{name}（{unit}）が {since} から動いていません。{without}", do)
        else:
            yield well(f"worker:{lane}", f"{name}：動いています。")


def _late_mail(session: Session, _settings: Settings) -> Iterator[Finding]:
    stopped = select(Company.id).where(Company.sending_stopped_at.is_not(None))
    late = session.scalar(
        select(func.count()).where(
            Message.state == MessageState.SCHEDULED,
            Message.due_at < clock.now() - OVERDUE,
            or_(Message.company_id.is_(None), Message.company_id.not_in(stopped)),
        )
    )
    if late:
        do = "送信の係と送信サーバーの行を確認してください。復旧すれば、自動で送られます。"
        yield trouble("late-mail", f"送る時刻を15分以上過ぎたメールが {late}通あります。", do)


def _servers(session: Session, settings: Settings) -> Iterator[Finding]:
    """Call and greet every server mails leave by; no mail is sent."""
    routes: list[ServerRoute] = []
    ids = session.scalars(select(MailServer.company_id).order_by(MailServer.company_id).limit(MAX_SERVERS)).all()
    for company_id in (None, *ids):
        try:
            routes.append(servers.route_for(session, company_id))
        except servers.NoServerRoute:
            yield _no_installation_server(session)
        except vault.SealBroken as broken:
            yield trouble(f"server:{company_id}", str(broken), "分からなければ、パスワードを入力し直してください。")
    session.rollback()  # nobody waits for a slow server
    for route in {route.key: route for route in routes if route.host}.values():
        yield _greet(route)
    if settings.development and not settings.mail_host:
        yield well("mailbox", "メール：開発用のため、送らずに /dev/mailbox に置きます。")


def _no_installation_server(session: Session) -> Finding:
    """Return a trouble where a person is kept from their login by it, or could be."""
    what = "このRelayの送信サーバーがありません。ログインや招待、ご本人専用ページのメールは、送られずに待ちます。"
    do = "relay mail server set を実行するか、運営する企業の「設定 → メールの送信」で設定してください。"
    companies = session.scalar(select(func.count(Company.id))) or 0
    partners = session.scalar(select(func.count(Partner.id))) or 0
    return (trouble if companies > 1 or partners else hint)("no-server", what, do)


def _installation_server(session: Session, settings: Settings) -> Iterator[Finding]:
    """Yield what an upgrade chose, to be confirmed; and a change is said here too, for a while."""
    row = servers.of_installation(session)
    if row is None or settings.mail_host:
        return
    if said := taken_over(session):
        yield hint("server-taken-over", said, CONFIRM)
    elif row.changed_at > clock.now() - CHANGED_LATELY:
        when = f"{row.changed_at.astimezone(clock.JAPAN):%-m月%-d日 %-H:%M}"
        do = "心当たりがなければ、運営する企業の管理者に確認してください。全員に、変更する前の送り方で知らせました。"
        yield hint("server-changed", f"このRelayの送信サーバーが、{when} に {row.host} に変わりました。", do)


def _greet(route: ServerRoute) -> Finding:
    key = f"server:{route.company_id}"
    connection = Connection(route, connecting=PATIENCE, patience=PATIENCE)
    try:
        with connection.within(3 * PATIENCE), connection:
            return well(key, f"送信サーバー：{route.host}:{route.port} につながり、ログインできます。")
    except smtplib.SMTPAuthenticationError:
        do = "ユーザー名とパスワードを確認してください。"
        return trouble(key, f"送信サーバー {route.host} にログインできません。", do)
    except OSError as error:
        do = "名前、ポート、暗号化の方式、この機械から外への通信を確認してください。"
        return trouble(key, f"送信サーバー {route.host}:{route.port} につながりません（{told(error)}）。", do)


def _sealed(session: Session, _settings: Settings) -> Iterator[Finding]:
    """Passwords of mail servers and second factors, which only the secret key opens."""
    seals = secrets.count(session)
    if seals.broken:
        do = "以前の RELAY_SECRET_KEY を RELAY_SECRET_KEY_FALLBACKS に書き足してください。"
        yield trouble("sealed", f"保存された秘密の値のうち {seals.broken}件を、いまの鍵では開けません。", do)
    if seals.old:
        do = (
            "relay secrets reseal で、いまの鍵で閉じ直してください。"
            "それまで、以前の鍵を RELAY_SECRET_KEY_FALLBACKS から外さないでください。"
        )
        yield hint("sealed-old", f"保存された秘密の値のうち {seals.old}件は、以前の鍵で閉じられています。", do)


def _jobs(session: Session, _settings: Settings) -> Iterator[Finding]:
    kinds = session.scalars(select(Job.kind).where(Job.state == JobState.DEAD).distinct()).all()
    if kinds:
        do = "journalctl -u relay-worker@jobs に訳が残っています。"
        yield hint("jobs", f"何度試しても終わらなかった処理があります（{'、'.join(sorted(kinds))}）。", do)


def _demo(session: Session, settings: Settings) -> Iterator[Finding]:
    demo = session.scalars(select(Company.id).where(Company.demo).limit(1)).first()
    if demo is not None and not settings.development:
        yield trouble("demo", "本番に、デモのデータが残っています。", "relay demo --remove で取り除いてください。")


def _second_factors(session: Session, _settings: Settings) -> Iterator[Finding]:
    """Find logins that work by password alone where a second factor is due; the next page asks for one (E-5)."""
    without = (
        select(User, Company, Partner)
        .outerjoin(Company, Company.id == User.company_id)
        .outerjoin(Partner, Partner.id == User.partner_id)
        .where(User.totp_secret == "", User.disabled_at.is_(None), factor_rule.protects_somebody())
        .order_by(User.email_key)
    )
    found = session.execute(without)
    named = [user.email for user, company, partner in found if factor_rule.is_required(company or partner)]
    if named:
        more = f" ほか{len(named) - MAX_NAMED}名" if len(named) > MAX_NAMED else ""
        do = "次に画面を開いたときに設定を求められます。使わなくなった方は relay user disable で止めてください。"
        yield hint("second-factor", f"二段階認証がまだの方：{'、'.join(named[:MAX_NAMED])}{more}", do)


def _law(session: Session, settings: Settings) -> Iterator[Finding]:
    if not settings.development and not installation.is_answered(session):
        do = "運営する企業の「設定 → 運営者」で答えてください。"
        yield hint("law", "募集情報等提供事業の届出について、まだ答えがありません。", do)


def _licences(session: Session, _settings: Settings) -> Iterator[Finding]:
    rows = session.execute(
        select(Partner.slug, Partner.name, Partner.license_until)
        .where(
            Partner.license_until <= clock.today() + AHEAD,
            Partner.id.in_(select(Partnership.partner_id).where(Partnership.ended_at.is_(None))),
        )
        .order_by(Partner.license_until)
        .limit(MAX_SERVERS)
    )
    for slug, name, until in rows:
        over = until is not None and until < clock.today()
        state = "切れました。候補者には出ません" if over else "切れます"
        do = "更新後の許可証の期限を、提携先に登録してもらってください。"
        yield hint(f"licence:{slug}", f"{name} の許可の有効期限が {until:%Y年%-m月%-d日} に{state}。", do)


def _clock(session: Session, _settings: Settings) -> Iterator[Finding]:
    """Yield a finding where a clock is behind what was written already, or beside the database's."""
    now = clock.now()
    newest = session.scalar(select(func.max(Heartbeat.at)))
    theirs = session.scalar(select(func.now())) if db.engine.dialect.name == "postgresql" else None
    if (newest and newest > now + WRONG_CLOCK) or (theirs and abs(theirs - now) > WRONG_CLOCK):
        do = "timedatectl で時計を確認してください。二段階認証の番号も、リンクの期限も、時計によります。"
        yield trouble("clock", "この機械の時計が合っていません。", do)


def _quoted(session: Session, settings: Settings) -> Iterator[Finding]:
    """PostgreSQL's own log quotes the values of a row that breaks a constraint, unless it is told to be terse."""
    if settings.development or db.engine.dialect.name != "postgresql":
        return
    if session.scalar(select(func.current_setting("log_error_verbosity"))) != "terse":
        do = "READMEの「In production」にある ALTER DATABASE … SET log_error_verbosity を実行してください。"
        yield hint("server-log", "PostgreSQL のログに、登録された値（名前やアドレス）が残ることがあります。", do)


CHECKS: tuple[Check, ...] = (
    *(_writable, _lanes, _late_mail, _servers, _installation_server, _sealed, _second_factors),
    *(_jobs, _demo, _law, _licences, _clock, _quoted),
)
"""What is looked at, in the order of the report."""
