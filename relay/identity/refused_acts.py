"""Refused acts of signed-in people without the permission: recorded for their administrators (ASVS 16.3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from relay.identity import throttle
from relay.identity.roles import DOES, WORDS
from relay.identity.sessions import SignedIn
from relay.models import Event, EventTag, Role, User, event_data, record, scopes

MAX_A_MINUTE = 5
SHOWN = 20


@dataclass(frozen=True)
class RefusedAct:
    """One refusal: when, who in which role, and what the missing permission allows."""

    at: datetime
    by: str
    role: str
    what: str


def note(session: Session, key: str, person: SignedIn, *, endpoint: str, permission: str) -> None:
    """Record a refusal in the caller's transaction; past five a minute under `key` only count it: no flood of rows.

    The route is named by its endpoint: no path, no id, no token.
    """
    if throttle.hit(session, key, window=timedelta(minutes=1)) > MAX_A_MINUTE:
        return
    record(
        session,
        EventTag.ACT_REFUSED,
        company_id=person.company_id,
        partner_id=person.partner_id,
        data=event_data.ActRefused(endpoint=endpoint, permission=permission, role=person.role.value),
    )


_LISTED = (
    select(Event.at, Event.data, User.name)
    .join(User, User.id == Event.actor_id, isouter=True)
    .where(Event.company_id == bindparam("company"), Event.tag == EventTag.ACT_REFUSED)
    .order_by(Event.at.desc(), Event.id.desc())
    .limit(SHOWN)
)


@scopes.in_company
def listed(session: Session, company_id: int) -> list[RefusedAct]:
    """Return the company's newest refusals."""
    rows = session.execute(_LISTED, {"company": company_id})
    refused = ((at, name or "", event_data.ActRefused.read(data)) for at, data, name in rows)
    return [
        RefusedAct(at, name, str(WORDS[Role(act.role)]), str(DOES.get(act.permission, ""))) for at, name, act in refused
    ]
