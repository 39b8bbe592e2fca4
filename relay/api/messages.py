"""Mails to applicants: which were queued, and what became of each; addresses and words stay in the portal."""

from typing import Any

from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields
from sqlalchemy import select

from relay.api import api
from relay.api.acts import needs_scope
from relay.api.parts import PageQuery, RowNumber, UtcMoment, as_page, checked_cursor, page_of
from relay.extensions import db
from relay.mail import letters
from relay.models import ApiScope, Message, MessageState
from relay.models.keyset import newest

_NEWEST = newest(Message.id)
_APPLICATION = "application"
_STATES = [state for state in MessageState if state is not MessageState.DRAFT]


class MessageSchema(Schema):
    """A mail with its delivery state."""

    id = RowNumber(required=True)
    letter = fields.String(required=True)
    candidate_id = RowNumber(required=True, allow_none=True)
    application_id = RowNumber(required=True, allow_none=True)
    state = fields.Enum(MessageState, by_value=True, required=True, metadata={"enum": [*_STATES]})
    failure = fields.String(required=True, allow_none=True)
    created_at = UtcMoment(required=True)
    due_at = UtcMoment(required=True)
    settled_at = UtcMoment(required=True, allow_none=True)


class MessagesQuery(PageQuery):
    """The mails that are asked for."""

    application = RowNumber(load_default=None, metadata={"description": _l("応募のid")})
    candidate = RowNumber(load_default=None, metadata={"description": _l("候補者のid")})
    state = fields.Enum(MessageState, by_value=True, load_default=None, metadata={"description": _l("送信の状態")})


@api.get("/messages")
@needs_scope(ApiScope.READ_PEOPLE)
@api.arguments(MessagesQuery, location="query")
@api.response(200, page_of(MessageSchema))
@api.doc(summary=_l("候補者へのメールと、その送信の状態"))
def messages(asked: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the mails that the lists of the portal show, the newest first; drafts are none."""
    cursor = checked_cursor(_NEWEST, asked["cursor"])
    wanted = select(Message).where(Message.letter.in_(letters.listed_in_outbox()), Message.state != MessageState.DRAFT)
    if asked["application"] is not None:
        wanted = wanted.where(Message.subject_kind == _APPLICATION, Message.subject_id == asked["application"])
    if asked["candidate"] is not None:
        wanted = wanted.where(Message.candidate_id == asked["candidate"])
    if asked["state"] is not None:
        wanted = wanted.where(Message.state == asked["state"])
    return as_page(_NEWEST.page(db.session(), wanted, _as_shown, after=cursor, limit=asked["limit"]))


def _as_shown(mail: Message) -> dict[str, Any]:
    named = ("id", "letter", "candidate_id", "state", "failure", "created_at", "due_at", "settled_at")
    about = mail.subject_id if mail.subject_kind == _APPLICATION and mail.candidate_id is not None else None
    return {name: getattr(mail, name) for name in named} | {"application_id": about}
