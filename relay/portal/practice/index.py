"""Trying it on oneself, in practice and live alike: send to myself, open on my phone, see both sides, erase (C-12)."""

from typing import Any

from flask import Response, abort, flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member, signed_in
from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db, settings
from relay.models import MessageState
from relay.outreach import practice as trying
from relay.portal import portal
from relay.portal.results.messages import STATE_WORDS
from relay.portal.ui.company import own_company
from relay.portal.ui.labels import words
from relay.text import format_phone
from relay.web import done, page

_UNDER_WAY = (MessageState.SCHEDULED, MessageState.SENDING)


@portal.get("/practice")
@needs("practice:use")
def practice() -> Response:
    """Show the steps, and what became of them so far."""
    session, me = db.session(), signed_in()
    trial = trying.trial_of(session, me.user_id)
    return page(
        "portal/practice/index.html",
        company=own_company(),
        address=me.email,
        sent=trying.sent_by(session, me.user_id),
        kept=trying.count(session, me.user_id),
        trial=trial,
        phone=format_phone(trial.fields.phone) if trial else "",
        mailbox=settings().development and not settings().mail_host,
        **_mail_words(),
    )


@portal.post("/practice/send")
@needs("practice:use")
def practice_send() -> AnyResponse:
    """Mail the sample to the person who pressed."""
    me = signed_in()
    try:
        trying.send_to_myself(db.session(), own_company(), by_user_id=me.user_id)
    except DomainError as refused:
        db.session.rollback()
        flash(str(refused), "warning")
        return done(None, go_to=url_for("portal.practice"))
    db.session.commit()
    flash(_("練習のメールを、%(address)s宛てに送ります。候補者には届きません。", address=me.email))
    return done(None, go_to=url_for("portal.practice"))


@portal.post("/practice/erase")
@needs("practice:use")
def practice_erase() -> AnyResponse:
    """Erase what this person practised."""
    gone = trying.erase(db.session(), member().company_id, by_user_id=member().user_id)
    db.session.commit()
    if gone:
        flash(_("練習のメール%(count)s通と、試しに登録した内容を削除しました。", count=gone))
    else:
        flash(_("削除するものはありませんでした。"), "warning")
    return done(None, go_to=url_for("portal.practice"))


@portal.get("/practice/sent/<batch>")
@needs("practice:use")
def practice_sent(batch: str) -> Response:
    """Show the practice mails of one act: the candidate each is for, and that nobody but oneself got one."""
    rows = trying.of_batch(db.session(), batch) or abort(404)
    return page(
        "portal/practice/sent.html",
        rows=rows,
        batch=batch,
        address=signed_in().email,
        under_way=any(row.state in _UNDER_WAY for row in rows),
        **_mail_words(),
    )


def _mail_words() -> dict[str, Any]:
    return {"state_words": STATE_WORDS, "moment": words()["moment"], "short_day": words()["short_day"]}
