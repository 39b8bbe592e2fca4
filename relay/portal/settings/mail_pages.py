"""Setting a mail server and trying it, for the pages of a company's own server and of the installation's."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member, signed_in
from relay.errors import DomainError
from relay.extensions import db, settings
from relay.identity import installation, throttle
from relay.infra.keyed_hash import keyed
from relay.mail import codes, direct, mail_test, server_settings, servers
from relay.mail.codes import Verdict
from relay.mail.direct import SendFailure, SendResult
from relay.mail.server_settings import Kept, ServerRefused
from relay.models import Company
from relay.portal.settings import mail_recipes
from relay.portal.settings.mail_forms import MailCodeForm, ServerForm, ShareForm, server_form
from relay.portal.settings.mail_labels import ENCRYPTION, TROUBLES
from relay.portal.setup import steps as setup_steps
from relay.portal.ui.company import own_company
from relay.portal.ui.labels import long_day
from relay.web import done, page

TESTS = 10
TESTS_WITHIN = timedelta(minutes=10)
MANY = 1_000
"""Of so many results the page says how long they take."""


@dataclass(frozen=True)
class ServerPages:
    """The pages of one server: a company's own, or with None the installation's."""

    company: Company | None
    endpoint: str

    @property
    def kept(self) -> Kept | None:
        """Return the server as it is stored."""
        if self.company is None:
            return servers.of_installation(db.session())
        return servers.of(db.session(), self.company.id)

    @property
    def tested_at(self) -> datetime | None:
        """Return when a test mail was read."""
        if self.company is not None:
            return self.company.mail_tested_at
        row = servers.of_installation(db.session())
        return row.tested_at if row else None

    @property
    def company_id(self) -> int | None:
        """Return whose mails they are, as the outbox asks."""
        return self.company.id if self.company else None

    @property
    def address(self) -> str:
        """Return where a form leads once it is done: back to the step it was shown in, or to the overview."""
        return setup_steps.after(url_for(self.endpoint))

    def urls(self) -> dict[str, str]:
        """Return the addresses of the other pages and forms."""
        forms = {name: url_for(f"{self.endpoint}_{name}") for name in ("remove", "test", "code")}
        return forms | {"save": url_for(f"{self.endpoint}_server_post")}


def own() -> ServerPages:
    """Return the pages of the company's own server."""
    return ServerPages(own_company(), "portal.settings_mail")


def of_installation() -> ServerPages:
    """Return the pages of the installation's server. Raises NotOperator where another company runs it."""
    installation.check_right(own_company())
    return ServerPages(None, "portal.settings_operator_mail")


def form_page(pages: ServerPages) -> Response:
    """Show the form of the server, filled in for the chosen service."""
    recipe = mail_recipes.find(request.args.get("recipe", ""))
    proposed = (own_company().reply_to or signed_in().email) if pages.company else ""
    return _server_page(pages, server_form(pages.kept, recipe, proposed))


def keep(pages: ServerPages) -> AnyResponse:
    """Save what was typed, or say what is to be put right."""
    session, form = db.session(), ServerForm()
    if not form.validate():
        return _server_page(pages, form, status=422)
    try:
        if pages.company is None:
            server_settings.save_installation(session, form.typed(), by_user_id=member().user_id)
        else:
            server_settings.save(session, pages.company, form.typed(), by_user_id=member().user_id)
    except ServerRefused as refused:
        session.rollback()
        form[refused.field].errors = [str(refused)]
        return _server_page(pages, form, status=422)
    session.commit()
    flash(_("送信サーバーを保存し、管理者に知らせました。続けて、メールが届くことを確認してください。"))
    return done(None, go_to=pages.address)


def forget(pages: ServerPages) -> AnyResponse:
    """Take the server away. Raises ServerNeeded where the installation's is still needed."""
    if pages.company is None:
        server_settings.remove_installation(db.session(), by_user_id=member().user_id)
        said = _("このRelayの送信サーバーの設定を削除しました。")
    else:
        server_settings.remove(db.session(), pages.company, by_user_id=member().user_id)
        said = _("自社の送信サーバーの設定を削除しました。")
    db.session.commit()
    flash(said)
    return done(None, go_to=pages.address)


def send_code(pages: ServerPages) -> AnyResponse:
    """Mail a code at once to the person who asks. No transaction is open while the server is waited for."""
    session, code = db.session(), codes.new_code()
    tries = throttle.hit(session, keyed("mail-test", str(pages.company_id or codes.INSTALLATION)), window=TESTS_WITHIN)
    session.commit()
    if tries > TESTS:
        return overview(
            pages,
            refused=_("短い時間に何度も送ったため、止めています。10分ほどおいてからお試しください。"),
            status=429,
        )
    try:
        envelope = mail_test.write(session, pages.company, signed_in().email, code)
    except DomainError as refused:
        return overview(pages, refused=str(refused), status=422)
    session.rollback()
    trial = direct.send_now(envelope)
    if trial.trouble not in {None, SendFailure.UNSURE}:
        return overview(pages, trial=trial, status=422)
    mail_test.await_code(session, pages.company, code)
    session.commit()
    if trial.trouble is SendFailure.UNSURE:
        flash(
            _(
                "送信サーバーの返事が途切れました。届いているかもしれません。数分待って、届いたらコードを入力してください。"
            )
        )
    else:
        flash(_("%(address)sに確認コードを送りました。", address=envelope.to))
    return done(None, go_to=pages.address)


def try_code(pages: ServerPages) -> AnyResponse:
    """Try the code that arrived; each try counts."""
    form = MailCodeForm()
    if not form.validate():
        return overview(pages, code_form=form, status=422)
    verdict = mail_test.prove(db.session(), pages.company, form.code.data)
    db.session.commit()
    if verdict is Verdict.RIGHT:
        flash(_("メールが届くことを確認しました。"))
        return done(None, go_to=pages.address)
    if verdict is Verdict.GONE or not mail_test.is_awaited(db.session(), pages.company):
        gone = _("このコードはもう使えません。10分を過ぎたか、5回続けて違っていました。もう一度送ってください。")
        return overview(pages, refused=gone, status=422)
    form.code.errors = [_("コードが違います。いちばん新しいメールの6桁の数字を確認してください。")]
    return overview(pages, code_form=form, status=422)


def context(pages: ServerPages) -> dict[str, Any]:
    """Return the values of templates/portal/settings/_mail_form.html: the way mails leave, and the test of it."""
    session, kept = db.session(), pages.kept
    fixed = "" if pages.company else settings().mail_host
    return {
        "server": None if fixed else kept,
        "fixed": fixed,
        "of_installation": pages.company is None,
        "urls": pages.urls(),
        "change_endpoint": f"{pages.endpoint}_server",
        "encryption": ENCRYPTION,
        "possible": servers.is_possible(session, pages.company_id),
        "mailbox": kept is None and settings().development and not settings().mail_host,
        "sender": servers.sender_for(session, pages.company_id),
        "sender_name": pages.company.name if pages.company else "",
        "tested_on": long_day(pages.tested_at),
        "awaited": mail_test.is_awaited(session, pages.company),
        "to": signed_in().email,
        "code_form": MailCodeForm(None),
        "refused": "",
        "trouble": None,
    }


def installation_context(share_form: ShareForm | None = None) -> dict[str, Any]:
    """Return the values of templates/portal/settings/_who_carries.html: the installation's server, who reads what."""
    session, company = db.session(), own_company()
    row = servers.of_installation(session)
    fixed = settings().mail_host
    possible = servers.is_possible(session, None)
    own_server = servers.of(session, company.id)
    return {
        "runs_installation": company.runs_installation,
        "operator": installation.operator(db.session()).operator_name,
        "installation_host": fixed or (row.host if row else ""),
        "installation_sender": servers.sender_for(session, None) if possible else "",
        "installation_possible": possible,
        "taken_over": row is not None and row.confirmed_at is None and not fixed,
        "shares": possible and server_settings.is_shared(session, company),
        "own_server": own_server is not None,
        "share_form": share_form or ShareForm(None),
        "may_share": bool(own_server and company.mail_tested_at and row is None and not fixed),
    }


def overview(
    pages: ServerPages,
    *,
    code_form: MailCodeForm | None = None,
    refused: str = "",
    trial: SendResult | None = None,
    share_form: ShareForm | None = None,
    status: int = 200,
) -> Response:
    """Show the way mails leave, with the result of the form that was sent."""
    shown = context(pages) | installation_context(share_form) | {"refused": refused, "setup_next": _came_from()}
    shown |= {"rate": (rate := settings().mail_rate), "minutes_for_many": -(-MANY // rate) if rate else 0, "many": MANY}
    if code_form is not None:
        shown["code_form"] = code_form
    if trial is not None and trial.trouble is not None:
        headline, advice = TROUBLES[trial.trouble]
        shown["trouble"] = {"headline": headline, "advice": advice, "detail": trial.detail}
    if pages.company is not None and setup_steps.sent_from("sending"):
        return page("portal/setup/sending.html", status=status, **shown | setup_steps.frame("sending"))
    template = "mail.html" if pages.company else "operator_mail.html"
    return page(f"portal/settings/{template}", status=status, **shown)


def _server_page(pages: ServerPages, form: ServerForm, status: int = 200) -> Response:
    return page(
        "portal/settings/mail_server.html",
        status=status,
        form=form,
        kept=pages.kept,
        of_installation=pages.company is None,
        urls=pages.urls(),
        change_endpoint=f"{pages.endpoint}_server",
        overview_url=url_for(pages.endpoint),
        recipes=mail_recipes.RECIPES,
        recipe=mail_recipes.find(request.values.get("recipe", "")),
        setup_next=_came_from(),
    )


def _came_from() -> str:
    """Return the step of the set-up the person came from, to lead back to; else ""."""
    target = request.values.get("next", "")
    return target if target in {setup_steps.address(key) for key in setup_steps.WORDS} else ""
