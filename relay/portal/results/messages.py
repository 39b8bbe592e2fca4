"""One mail as it will be, or as it was, with every link dead; and what became of it."""

from functools import cache
from typing import Any

from flask import Response, abort, flash, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, bindparam, func, select
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.permissions import needs
from relay.extensions import db
from relay.identity.roles import may
from relay.mail import batches, compose, letters
from relay.mail.refusals import Refusal
from relay.models import Application, Candidate, Message, MessageState, Position, Rescout, User
from relay.outreach import letter, mailings, mistakes, results
from relay.portal import portal
from relay.portal.ui.labels import words
from relay.web import done, mail_document, page

STATE_WORDS = {
    MessageState.SCHEDULED: (_l("送信待ち"), "info"),
    MessageState.SENDING: (_l("送信中"), "info"),
    MessageState.SENT: (_l("送信済み"), "ok"),
    MessageState.BOUNCED: (_l("届きませんでした"), "danger"),
    MessageState.FAILED: (_l("届きませんでした"), "danger"),
    MessageState.CANCELLED: (_l("送信を止めました"), ""),
    MessageState.SUPPRESSED: (_l("送りませんでした"), "warn"),
}


UNDELIVERED_WORDS = {
    MessageState.BOUNCED: _l("宛先に届かず、戻ってきました。"),
    MessageState.SUPPRESSED: _l("以前に戻ってきたアドレスです。"),
    MessageState.FAILED: _l("宛先のサーバーが受け取りませんでした。"),
}
REFUSAL_WORDS = {
    Refusal.NO_SUCH_ADDRESS: _l(
        "宛先に届かず、戻ってきました。「そのアドレスはない」という返事のため、このアドレスにはもう送りません。"
        "アドレスを確認するか、電話などで伝えてください。"
    ),
    Refusal.MALFORMED: _l(
        "宛先のサーバーが、アドレスの書き方を受け付けませんでした。使われていないアドレスとは限りません。"
        "つづりを確認し、誤りがあれば修正してもう一度書いてください。正しければ、電話などで伝えてください。"
    ),
    Refusal.MAILBOX_FULL: _l(
        "宛先の受信箱がいっぱいで、届きませんでした。日をおいてもう一度書くか、電話などで伝えてください。"
    ),
    Refusal.INACTIVE: _l(
        "宛先の受信箱の利用が止められていて、届きませんでした。電話などで伝えるか、日をおいてもう一度書いてください。"
    ),
    Refusal.FILTERED: _l(
        "宛先の迷惑メール対策や受信の設定により、受け取られませんでした。電話などで伝えてください。"
        "携帯電話会社は、受信を断る設定のときも、宛先がないと返事をします。"
    ),
    Refusal.OUR_SETUP: _l(
        "送信する側の設定（SPF・DKIM・逆引きなど）が原因で、受け取られませんでした。この方のアドレスに問題はありません。"
        "送信サーバーの担当者に返事の内容を伝え、直ってからもう一度書いてください。"
    ),
    Refusal.UNREACHED: _l(
        "宛先のサーバーが、期限までに受け取りませんでした。日をおいてもう一度書くか、電話などで伝えてください。"
    ),
    Refusal.REFUSED: _l(
        "宛先のサーバーが受け取りませんでした。使われていないアドレスとは限りません。電話などで伝えるか、もう一度書いてください。"
    ),
}


def why_undelivered(mail: Message | mailings.MailRow) -> str:
    """Say why a result did not arrive, and what to do; '' for one that did."""
    if mail.state not in UNDELIVERED_WORDS:
        return ""
    known = mail.failure if mail.state is not MessageState.SUPPRESSED and mail.failure in set(Refusal) else None
    return str(REFUSAL_WORDS[Refusal(known)] if known else UNDELIVERED_WORDS[mail.state])


_PERSON = (
    select(Candidate.id, Candidate.name, Candidate.kana, Application.id, Application.notified_at, Position.title)
    .join(Application, Application.candidate_id == Candidate.id)
    .outerjoin(Rescout, Rescout.message_id == bindparam("mail"))
    .outerjoin(Position, Position.id == func.coalesce(Rescout.position_id, Application.position_id))
    .where(Application.id == bindparam("application"))
)
_WRITER = select(User.name).where(User.id == bindparam("user"))


@portal.get("/results/messages/<int:message_id>")
@needs("results:read")
def message(message_id: int) -> Response:
    """Show a mail with its history."""
    mail = message_or_404(message_id)
    batch = batches.code_of(db.session(), mail)
    person = db.session.execute(_PERSON, {"mail": mail.id, "application": mail.subject_id}).one_or_none()
    return page(
        "portal/results/message.html",
        message=mail,
        batch=batch,
        person=person,
        state=STATE_WORDS[mail.state],
        written=compose.render(db.session(), mail, preview=True) if person else None,
        relay_part=letter.gets_relay_part(db.session(), mail),
        in_act=mailings.of_batch(db.session(), batch).get(MessageState.SCHEDULED, 0),
        history=_history(mail),
        may_notify=may(member().role, "results:tell"),
        called=letters.find(mail.letter).called,
        mistaken=mistakes.of_message(db.session(), mail.id) is not None,
        can_be_declared=mistakes.can_be_declared(mail),
        **words(),
    )


@portal.get("/results/messages/<int:message_id>/mail")
@needs("results:read")
def message_document(message_id: int) -> Response:
    """Show the HTML of a mail, for the frame on the page."""
    return mail_document(compose.render(db.session(), message_or_404(message_id), preview=True).html)


@portal.post("/results/messages/<int:message_id>/stop")
@needs("results:tell")
def message_stop(message_id: int) -> AnyResponse:
    """Keep one person's mail back; the others of its act leave when they were to."""
    mail = message_or_404(message_id)
    batch = batches.code_of(db.session(), mail)
    stopped = bool(batch) and results.stop(db.session(), member().company_id, batch, message_id)
    if not stopped:
        db.session.rollback()
        flash(_("このメールは止められませんでした。すでに送信を始めたか、ほかの画面で止めています。"), "warning")
        return done(None, go_to=url_for("portal.message", message_id=message_id))
    db.session.commit()
    told = _("この方への送信だけを停止しました。ほかの方には予定どおり送ります。")
    if mail.rejects:
        told += _("この方の見送りは取り消し、選考中に戻しました。")
    flash(told)
    return done(None, go_to=url_for("portal.message", message_id=message_id))


def message_or_404(message_id: int) -> Message:
    """Return a result mail of the company, drafts left out; else 404."""
    return db.session.scalars(_listed(), {"named": message_id}).one_or_none() or abort(404)


@cache  # tricks: portal.message
def _listed() -> Select[Message]:
    listed = Message.letter.in_(letters.listed_in_outbox()), Message.state != MessageState.DRAFT
    return select(Message).where(Message.id == bindparam("named"), *listed)


def _history(mail: Message) -> list[dict[str, Any]]:
    """Return what happened to the mail, newest first."""
    moment = words()["moment"]
    writer = db.session.scalars(_WRITER, {"user": mail.by_user_id}).one_or_none()
    called = letters.find(mail.letter).called
    title = _("%(what)sのメールを用意しました", what=called) if called else _("結果連絡を書きました")
    past = [{"title": title, "time": mail.created_at, "by": writer, "icon": "pencil"}]
    if mail.state is MessageState.SCHEDULED:
        title = _("送信を予定しています") if mail.attempts == 0 else _("もう一度送る予定です")
        past.append({"title": title, "time": mail.due_at, "icon": "clock", "text": _failure(mail)})
    elif mail.state is MessageState.SENDING:
        past.append({"title": _("送信しています"), "time": mail.due_at, "kind": "now", "icon": "send"})
    elif mail.settled_at is not None:
        past.append(_last(mail))
    return [{**item, "when": moment(item["time"])} for item in reversed(past)]


def _last(mail: Message) -> dict[str, Any]:
    icons = {MessageState.SENT: "send", MessageState.CANCELLED: "pause"}
    texts = {
        MessageState.SENT: _("宛先のメールサーバーが受け取りました。"),
        MessageState.CANCELLED: _("誰にも届いていません。"),
        MessageState.SUPPRESSED: _("以前に戻ってきたアドレスなので、送りませんでした。"),
    }
    if mail.state is MessageState.SUPPRESSED and letters.find(mail.letter).called:
        texts[mail.state] = _("アドレスが戻ってきたか、送る前にご案内が不要になったため、送りませんでした。")
    return {
        "title": STATE_WORDS[mail.state][0],
        "time": mail.settled_at,
        "icon": icons.get(mail.state, "mail-x"),
        "kind": "relay" if mail.state is MessageState.SENT else None,
        "text": texts.get(mail.state) or " ".join(each for each in (why_undelivered(mail), _failure(mail)) if each),
    }


def _failure(mail: Message) -> str:
    if not mail.last_error:
        return ""
    return _("宛先のメールサーバーからの返事：%(answer)s", answer=mail.last_error)
