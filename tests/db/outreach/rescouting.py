"""Writing to people of the pool about a position as the page does it: mails are made, and sent as they were seen."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import compose, letters
from relay.models import (
    ApplicationResult,
    Candidate,
    Company,
    Message,
    NotifiedBy,
    Position,
    Rescout,
    RetentionBasis,
    scopes,
)
from relay.outreach import rescout_letter, rescout_people, rescouts, templates
from relay.outreach.rescouts import RescoutDraft, Seen
from relay.outreach.results import Queued
from tests.cast import make_application, make_candidate

CONSENTED, STATED, SELECTION = RetentionBasis.CONSENTED, RetentionBasis.STATED, RetentionBasis.SELECTION


def pooled(
    session: Session,
    company: Company,
    email: str = "hanako@mail.example",
    *,
    told: bool = True,
    position: Position | None = None,
    **values: Any,
) -> Candidate:
    """Somebody who was turned down a year ago, knows it, and is kept in the pool."""
    values = {"basis": CONSENTED, "retain_until": clock.today() + timedelta(days=200)} | values
    person = make_candidate(session, company, email=email, **values)
    known = {"notified_at": clock.now(), "notified_by": NotifiedBy.RELAY} if told else {}
    day = clock.today() - timedelta(days=365)
    make_application(
        session, person, position, status=ApplicationResult.REJECTED, applied_on=day, decided_on=day, **known
    )
    session.commit()
    return person


def shown(
    session: Session, company: Company, position: Position, ids: Sequence[int], user_id: int, remark: str = ""
) -> list[RescoutDraft]:
    """The mails as the page shows them."""
    text = templates.choices(session, templates.RESCOUT)[0]
    people = rescout_people.recipients(session, company.id, position.id, ids)
    remarks = dict.fromkeys(ids, remark)
    return rescouts.drafts(session, company, position, people, text, remarks, by_user_id=user_id)


def rescout(
    session: Session,
    company: Company,
    position: Position,
    ids: Sequence[int],
    user_id: int,
    *,
    singly: bool = True,
    remark: str = "",
) -> Queued:
    """Send them; `singly`: each with a yes of its own. Raises what `rescouts.send` raises."""
    with scopes.company(session, company.id):
        text = templates.choices(session, templates.RESCOUT)[0]
        seen = [
            Seen(each.to.candidate_id, each.seal, remark, singly=singly)
            for each in shown(session, company, position, ids, user_id, remark)
        ]
        return rescouts.send(session, company, position, text, seen, by_user_id=user_id)


def sent_rescouts(session: Session) -> list[Message]:
    """Every mail of this kind, of any company."""
    with scopes.everyone(session, "test"):
        mine = select(Message).where(Message.letter == rescout_letter.NAME).order_by(Message.id)
        return list(session.scalars(mine.execution_options(populate_existing=True)))


def only(session: Session, company: Company) -> Rescout:
    """The one row of a company."""
    with scopes.company(session, company.id):
        return session.scalars(select(Rescout).execution_options(populate_existing=True)).one()


def mailed_path(session: Session, mail: Message) -> str:
    """The way to the page, minted as when the mail leaves."""
    assert mail.company_id
    with scopes.company(session, mail.company_id):
        mint = letters.find(rescout_letter.NAME).mint
        assert mint is not None
        text = compose.render(session, mail, preview=False, links=mint(session, mail)).text
    session.commit()
    found = re.search(r"https?://\S+/again/\S+", text)
    assert found, text
    return urlsplit(found[0]).path
