"""From a yes to 再スカウト on to a time for the interview, for a person who is at the page anyway (面談の候補日時)."""

from enum import Enum, auto

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.hiring import interviews, slots
from relay.hiring.interviews import NoTimesOffered, NotInSelection
from relay.models import Application, ApplicationResult, Message, RescoutAnswer, scopes
from relay.outreach import rescout_answers
from relay.outreach.rescout_answers import OpenedRescout


class NextTime(Enum):
    """A person who said yes can pick a time, or has one that is still to come."""

    TO_PICK = auto()
    PICKED = auto()


@scopes.in_company
def next_time(session: Session, company_id: int, here: OpenedRescout) -> NextTime | None:
    """Return what the page of times is for now; None where there is nothing to pick, or HR is to ask again."""
    application = _applied(session, here)
    if application is None:
        return None
    standing = interviews.of_applications(session, [application.id]).get(application.id)
    if standing is not None and standing.starts_at is not None:
        return None if standing.is_past else NextTime.PICKED
    return NextTime.TO_PICK if slots.offers_times(session, application.position_id) else None


@scopes.in_company
def lead_on(session: Session, company_id: int, rescout_id: int, mailed_to: str) -> str | None:
    """Open the invitation of the application of a yes, and return a fresh token of the page on which times are picked.

    The member who wrote is told of what is picked. None where there is no such application, or no time is left.
    """
    here = rescout_answers.opened(session, company_id, rescout_id, mailed_to)
    application = None if here is None else _applied(session, here)
    if here is None or application is None or next_time(session, company_id, here) is None:
        return None
    wrote = session.scalar(select(Message.by_user_id).where(Message.id == here.rescout.message_id))
    try:
        invitation = interviews.open_for(session, application.id, by_user_id=wrote)
    except (NoTimesOffered, NotInSelection):
        return None
    return interviews.way_in(session, invitation)


def _applied(session: Session, here: OpenedRescout) -> Application | None:
    """Return the application of a yes while its selection runs, also one the person had made before."""
    if here.rescout.answer is not RescoutAnswer.YES:
        return None
    application = here.application or rescout_answers.running(session, here)
    return application if application is not None and application.status is ApplicationResult.OPEN else None
