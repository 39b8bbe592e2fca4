"""Personal links for results that a company mails itself: whom of 未連絡 they are for, and the rows of the file.

A file for a mail merge holds an address, a name and a link each. Who was told by it leaves 未連絡 once HR says so.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.hiring import decisions
from relay.models import Application, ApplicationResult, Candidate, RejectionReason, scopes
from relay.network import company_links, handed_links, links
from relay.network.handed_links import LinkRecipient
from relay.network.links import LinkRefusal
from relay.outreach import pending_results
from relay.outreach.pending_results import PendingRow


class LinkChoice(NamedTuple):
    """One person of the file; with a cause where they get no link."""

    person: PendingRow
    refusal: LinkRefusal | None


class LinkRow(NamedTuple):
    """One row of the file; the address is empty where there is none, and the cause says why."""

    person: PendingRow
    url: str
    until: datetime | None
    refusal: LinkRefusal | None


@scopes.in_company
def choices(session: Session, company_id: int, application_ids: Sequence[int]) -> list[LinkChoice]:
    """Return who of the rejected and untold is in the file, in the order of the list; nobody whose selection runs."""
    found = pending_results.notifiable(session, application_ids)
    people = [each for each in found if each.status is ApplicationResult.REJECTED]
    causes = links.refusals(session, company_id, [each.candidate_id for each in people])
    return [LinkChoice(each, causes.get(each.candidate_id)) for each in people]


@scopes.in_company
def make(session: Session, company_id: int, application_ids: Sequence[int]) -> list[LinkRow]:
    """Make the links and return the rows; made again, the earlier links stay good.

    Nobody gets one before the company writes to people in earnest.
    """
    chosen = choices(session, company_id, application_ids) if company_links.is_open(session, company_id) else []
    until = clock.now() + handed_links.LIFETIME
    linked = _recipients(session, [each.person for each in chosen if not each.refusal])
    urls = handed_links.hand_out(session, company_id, linked)
    return [
        LinkRow(each.person, urls.get(each.person.application_id, ""), None if each.refusal else until, each.refusal)
        for each in chosen
    ]


@scopes.in_company
def note_notified_elsewhere(
    session: Session,
    company_id: int,
    applications: Sequence[Application],
    *,
    by_user_id: int | None,
    reason: RejectionReason | None = None,
) -> list[int]:
    """Note that these people were told another way; where they were handed a link, it counts as sent now.

    Returns the ids noted. Raises what `decisions.note_notified_elsewhere` does.
    """
    noted = decisions.note_notified_elsewhere(session, applications, by_user_id=by_user_id, reason=reason)
    handed_links.mark_sent(session, company_id, noted)
    return noted


def _recipients(session: Session, people: Sequence[PendingRow]) -> list[LinkRecipient]:
    dates = select(Candidate.id, Candidate.retain_until).where(Candidate.id.in_({each.candidate_id for each in people}))
    kept = {row.id: row.retain_until for row in session.execute(dates)}
    return [
        LinkRecipient(each.application_id, each.candidate_id, each.email, kept[each.candidate_id]) for each in people
    ]
