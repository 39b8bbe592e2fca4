"""How many mails are in hand, by all workers together: no more than two by one company's own server."""

from datetime import datetime

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session

from relay.mail import letters
from relay.mail.letters import MailRoute
from relay.mail.server_route import ServerRouteKey
from relay.models import MailServer, Message, MessageState, UtcDateTime

MAX_CONNECTIONS = 2
"""So many mails a company's own server is handed at a time."""
_LOCK = 7_041_100
"""The number of our advisory lock."""


def one_at_a_time(session: Session) -> None:
    """Let no other worker take a mail until this transaction ends, so that what is counted stays true.

    SQLite's transactions that write follow each other anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


_MOMENT = bindparam("moment", type_=UtcDateTime())
_HELD = and_(
    Message.company_id == MailServer.company_id,
    Message.letter.in_(bindparam("letters", expanding=True)),
    Message.state == MessageState.SENDING,
    Message.lease_until > _MOMENT,
    Message.due_at <= _MOMENT,
)
_COUNTED = (
    select(MailServer.company_id, MailServer.changed_at, func.count(Message.id))
    .outerjoin(Message, _HELD)
    .group_by(MailServer.company_id, MailServer.changed_at)
)


def by_own_server(session: Session, now: datetime) -> dict[ServerRouteKey, int]:
    """Each company's own way, with how many mails are in hand there. In the scope of everyone.

    A mail that may have left and waits for its next try is in nobody's hand: its time is to come. What the
    installation's server carries for the company (C-24) is not counted.
    """
    rows = session.execute(_COUNTED, {"letters": letters.by_route(MailRoute.COMPANY), "moment": now}).all()
    return {(company_id, set_at): count for company_id, set_at, count in rows}
