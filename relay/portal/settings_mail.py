"""Settings: by which server mails leave, and whether they arrive."""

from datetime import timedelta
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access import fresh, needs, settings, signed_in
from relay.errors import DomainError
from relay.extensions import db
from relay.identity import throttle
from relay.mail import codes, direct, mail_test, servers
from relay.mail.codes import Verdict
from relay.mail.direct import Trial, Trouble
from relay.mail.hashing import keyed
from relay.mail.servers import ServerRefused
from relay.models import MailServer
from relay.portal import mail_recipes, portal, setup_steps
from relay.portal.house import own_company
from relay.portal.mail_forms import CodeForm, ServerForm, server_form
from relay.portal.mail_words import ENCRYPTION, TROUBLES
from relay.portal.settings_tabs import long_date, tabs
from relay.web import done, page

TESTS = 10
TESTS_WITHIN = timedelta(minutes=10)


@portal.get("/settings/mail")
@needs("settings:read")
def settings_mail() -> Response:
    """How mails leave, and whether a test mail arrived."""
    return _page()


@portal.get("/settings/mail/server")
@needs("settings:write")
@fresh
def settings_mail_server() -> Response:
    """The company's own server, filled in for the chosen service."""
    recipe = mail_recipes.find(request.args.get("recipe", ""))
    kept = servers.of(db.session(), own_company().id)
    return _server_page(server_form(kept, recipe, own_company().reply_to or signed_in().email), kept)


@portal.post("/settings/mail/server")
@needs("settings:write")
@fresh
def settings_mail_server_post() -> AnyResponse:
    """Let the company's mails leave by its own server."""
    session, company, form = db.session(), own_company(), ServerForm()
    if not form.validate():
        return _server_page(form, servers.of(session, company.id), status=422)
    try:
        servers.save(session, company, form.typed(), by_user_id=signed_in().user_id)
    except ServerRefused as refused:
        session.rollback()
        form[refused.field].errors = [str(refused)]
        return _server_page(form, servers.of(session, own_company().id), status=422)
    session.commit()
    flash(_("送信サーバーを保存しました。続けて、メールが届くことを確かめてください。"))
    return done(None, go_to=setup_steps.after(url_for("portal.settings_mail")))


@portal.post("/settings/mail/server/remove")
@needs("settings:write")
@fresh
def settings_mail_remove() -> AnyResponse:
    """Let the company's mails leave by the installation's server again."""
    servers.remove(db.session(), own_company())
    db.session.commit()
    flash(_("自社の送信サーバーの設定を消しました。"))
    return done(None, go_to=setup_steps.after(url_for("portal.settings_mail")))


@portal.post("/settings/mail/test")
@needs("settings:write")
def settings_mail_test() -> AnyResponse:
    """Send a code to whoever asks, at once. No transaction is open while the server is waited for."""
    session, company, code = db.session(), own_company(), codes.new_code()
    tries = throttle.hit(session, keyed("mail-test", str(company.id)), window=TESTS_WITHIN)
    session.commit()
    if tries > TESTS:
        return _page(
            refused=_("短い時間に何度も送ったため、止めています。10分ほどおいてからお試しください。"), status=429
        )
    try:
        envelope = mail_test.write(session, company, signed_in().email, code)
    except DomainError as refused:
        return _page(refused=str(refused), status=422)
    session.rollback()
    trial = direct.send_now(envelope)
    if trial.trouble not in {None, Trouble.UNSURE}:
        return _page(trial=trial, status=422)
    mail_test.await_code(session, own_company(), code)
    session.commit()
    if trial.trouble is Trouble.UNSURE:
        flash(
            _(
                "送信サーバーの返事が途切れました。届いているかもしれません。数分待って、届いたらコードを入力してください。"
            )
        )
    else:
        flash(_("%(address)sに確認コードを送りました。", address=envelope.to))
    return done(None, go_to=setup_steps.after(url_for("portal.settings_mail")))


@portal.post("/settings/mail/code")
@needs("settings:write")
def settings_mail_code() -> AnyResponse:
    """Try the code that arrived; each try counts."""
    form = CodeForm()
    if not form.validate():
        return _page(code_form=form, status=422)
    verdict = mail_test.prove(db.session(), own_company(), form.code.data)
    db.session.commit()
    if verdict is Verdict.RIGHT:
        flash(_("メールが届くことを確かめました。"))
        return done(None, go_to=setup_steps.after(url_for("portal.settings_mail")))
    if verdict is Verdict.GONE or not mail_test.is_awaited(db.session(), own_company()):
        gone = _("このコードはもう使えません。10分を過ぎたか、5回続けて違っていました。もう一度送ってください。")
        return _page(refused=gone, status=422)
    form.code.errors = [_("コードが違います。いちばん新しいメールの6桁の数字を確かめてください。")]
    return _page(code_form=form, status=422)


def mail_context() -> dict[str, Any]:
    """What templates/portal/settings/_mail_form.html shows: the way mails leave, and the test of it."""
    session, company = db.session(), own_company()
    kept = servers.of(session, company.id)
    return {
        "server": kept,
        "encryption": ENCRYPTION,
        "possible": servers.is_possible(session, company.id),
        "mailbox": kept is None and settings().development and not settings().mail_host,
        "sender": servers.sender_of(session, company.id),
        "sender_name": company.name,
        "tested_on": long_date(company.mail_tested_at),
        "awaited": mail_test.is_awaited(session, company),
        "to": signed_in().email,
        "code_form": CodeForm(None),
        "refused": "",
        "trouble": None,
    }


def _page(
    *, code_form: CodeForm | None = None, refused: str = "", trial: Trial | None = None, status: int = 200
) -> Response:
    context = mail_context() | {"refused": refused, "setup_next": _came_from()}
    if code_form is not None:
        context["code_form"] = code_form
    if trial is not None and trial.trouble is not None:
        headline, advice = TROUBLES[trial.trouble]
        context["trouble"] = {"headline": headline, "advice": advice, "detail": trial.detail}
    if setup_steps.sent_from("sending"):
        return page("portal/setup/sending.html", status=status, **context | setup_steps.frame("sending"))
    return page("portal/settings/mail.html", status=status, nav_active="settings", views=tabs("mail"), **context)


def _server_page(form: ServerForm, kept: MailServer | None, status: int = 200) -> Response:
    return page(
        "portal/settings/mail_server.html",
        status=status,
        form=form,
        kept=kept,
        recipes=mail_recipes.RECIPES,
        recipe=mail_recipes.find(request.values.get("recipe", "")),
        setup_next=_came_from(),
        nav_active="settings",
        views=tabs("mail"),
    )


def _came_from() -> str:
    """The step of the beginning the person came from, to lead back to; nothing else."""
    wanted = request.values.get("next", "")
    return wanted if wanted in {setup_steps.address(key) for key in setup_steps.WORDS} else ""
