"""Settings: webhooks, which tell a company's own systems what happened; their secrets, and the log of what was sent."""

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import Field, SelectMultipleField, StringField
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from relay.access.context import member
from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.connect.outbound import CallFault, OutboundRefused
from relay.connect.webhooks import endpoints, messages
from relay.connect.webhooks.endpoints import WebhookSecret
from relay.errors import DomainError
from relay.extensions import db
from relay.infra.vault import SealBroken
from relay.models import WebhookEndpoint, WebhookState, WebhookType
from relay.portal import portal
from relay.portal.settings.webhook_words import SAMPLES, TELLS
from relay.portal.ui.labels import moment
from relay.text.sentence import Sentence
from relay.web import done, page

STATE_TONES = {
    WebhookState.WAITING: "info",
    WebhookState.HELD: "warn",
    WebhookState.DELIVERED: "ok",
    WebhookState.FAILED: "danger",
}
FAULTS: dict[str, Sentence] = {
    **{fault.value: fault.label for fault in CallFault},
    OutboundRefused.code: _l("接続できない宛先のため、送りませんでした"),
    SealBroken.code: _l("シークレットを読み出せないため、送りませんでした"),
}
"""Why a try has no answer."""


class WebhookForm(FlaskForm):  # type: ignore[misc]
    """The address, and the events that are sent there."""

    url = StringField(_l("送り先のURL"), validators=[InputRequired(_l("送り先のURLを入力してください。"))])
    types = SelectMultipleField(
        _l("知らせるできごと"),
        choices=[(kind.value, kind.label) for kind in endpoints.CHOICES],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def validate_types(self, field: Field) -> None:
        """Ask for one event at least. A box that is required by itself would have to be ticked, each of them."""
        if not field.data:
            raise ValidationError(_("知らせるできごとを、一つ以上選んでください。"))


@portal.get("/settings/webhooks")
@needs("settings:read")
def settings_webhooks() -> Response:
    """Show the addresses, a form for one more, and how a receiver checks what comes."""
    return _list(WebhookForm(None))


@portal.post("/settings/webhooks")
@needs("settings:write")
@fresh
def settings_webhooks_add() -> Response:
    """Add an address and show its secret, this once."""
    form = WebhookForm()
    if not form.validate():
        return _list(form, status=422)
    session, by = db.session(), member()
    try:
        made = endpoints.add(session, by.company_id, form.url.data, form.types.data, by_user_id=by.user_id)
    except DomainError as refused:
        session.rollback()
        form.form_errors.append(str(refused))
        return _list(form, status=422)
    session.commit()
    return _one(made.endpoint, made=made)


@portal.get("/settings/webhooks/<int:webhook_id>")
@needs("settings:read")
def settings_webhook(webhook_id: int) -> Response:
    """Show an address, and the log of what was sent there."""
    return _one(_webhook(webhook_id))


@portal.post("/settings/webhooks/<int:webhook_id>")
@needs("settings:write")
def settings_webhook_save(webhook_id: int) -> AnyResponse:
    """Change an address, or what is sent there."""
    endpoint, form = _webhook(webhook_id), WebhookForm()
    if not form.validate():
        return _one(endpoint, form, status=422)
    try:
        endpoints.change(db.session(), endpoint, form.url.data, form.types.data)
    except DomainError as refused:
        db.session.rollback()
        form.form_errors.append(str(refused))
        return _one(endpoint, form, status=422)
    db.session.commit()
    flash(_("送り先を保存しました。"))
    return done(None, go_to=_page_of(webhook_id))


@portal.post("/settings/webhooks/<int:webhook_id>/secret")
@needs("settings:write")
@fresh
def settings_webhook_secret(webhook_id: int) -> Response:
    """Make a new secret and show it, this once."""
    made = endpoints.rotate(db.session(), _webhook(webhook_id))
    db.session.commit()
    return _one(made.endpoint, made=made)


@portal.post("/settings/webhooks/<int:webhook_id>/test")
@needs("settings:write")
def settings_webhook_test(webhook_id: int) -> AnyResponse:
    """Send a test."""
    messages.send_test(db.session(), _webhook(webhook_id))
    db.session.commit()
    flash(_("テストを送ります。結果は、まもなく送信の記録に出ます。"))
    return done(None, go_to=_page_of(webhook_id))


@portal.post("/settings/webhooks/<int:webhook_id>/stop")
@needs("settings:write")
def settings_webhook_stop(webhook_id: int) -> AnyResponse:
    """Send nothing there for now."""
    endpoints.stop(db.session(), _webhook(webhook_id))
    db.session.commit()
    flash(_("送信を停止しました。停止しているあいだのできごとは、再開すると送ります。"))
    return done(None, go_to=_page_of(webhook_id))


@portal.post("/settings/webhooks/<int:webhook_id>/resume")
@needs("settings:write")
def settings_webhook_resume(webhook_id: int) -> AnyResponse:
    """Send again, first what was held."""
    endpoints.resume(db.session(), _webhook(webhook_id))
    db.session.commit()
    flash(_("送信を再開しました。停止しているあいだのできごとを、順に送ります。"))
    return done(None, go_to=_page_of(webhook_id))


@portal.post("/settings/webhooks/<int:webhook_id>/remove")
@needs("settings:write")
def settings_webhook_remove(webhook_id: int) -> AnyResponse:
    """Remove an address with its log."""
    endpoints.remove(db.session(), _webhook(webhook_id))
    db.session.commit()
    flash(_("送り先と、その送信の記録を削除しました。"))
    return done(None, go_to=url_for("portal.settings_webhooks"))


@portal.post("/settings/webhooks/<int:webhook_id>/messages/<int:webhook_message_id>/replay")
@needs("settings:write")
def settings_webhook_replay(webhook_id: int, webhook_message_id: int) -> AnyResponse:
    """Send a message once more."""
    message = messages.find(db.session(), member().company_id, webhook_message_id)
    if message is None or message.endpoint_id != webhook_id:
        abort(404)
    messages.replay(db.session(), message)
    db.session.commit()
    flash(_("もう一度送ります。結果は、まもなく送信の記録に出ます。"))
    return done(None, go_to=_page_of(webhook_id))


def _list(form: WebhookForm, *, status: int = 200) -> Response:
    return page(
        "portal/settings/webhooks.html",
        status=status,
        form=form,
        webhooks=endpoints.living(db.session(), member().company_id),
        labels={kind.value: kind.label for kind in WebhookType},
        most=endpoints.MAX_ENDPOINTS,
        tells=TELLS,
        samples=SAMPLES,
    )


def _one(
    endpoint: WebhookEndpoint,
    form: WebhookForm | None = None,
    *,
    made: WebhookSecret | None = None,
    status: int = 200,
) -> Response:
    log = messages.log(
        db.session(), endpoint, after=request.args.get("after", ""), before=request.args.get("before", "")
    )
    return page(
        "portal/settings/webhook.html",
        status=status,
        webhook=endpoint,
        form=form or WebhookForm(None, obj=endpoint),
        secret=made.secret if made else "",
        rotated=made is not None and bool(endpoint.former_secret),
        log=log,
        older_url=_page_of(endpoint.id, after=log.next) if log.next else "",
        newer_url=_page_of(endpoint.id, before=log.previous) if log.previous else "",
        faults=FAULTS,
        tones=STATE_TONES,
        moment=moment,
        tells=TELLS,
        kept_days=messages.KEPT.days,
    )


def _webhook(webhook_id: int) -> WebhookEndpoint:
    return endpoints.find(db.session(), member().company_id, webhook_id) or abort(404)


def _page_of(webhook_id: int, *, after: str | None = None, before: str | None = None) -> str:
    return url_for("portal.settings_webhook", webhook_id=webhook_id, after=after, before=before)
