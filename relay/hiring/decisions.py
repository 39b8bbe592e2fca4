"""How applications end in Relay: rejecting, taking that back, and noting that the person was told another way.

A decision belongs to one application and names a job-related reason (B-4). The date of deletion follows it (A-24).
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.retention import after_decision, with_grace
from relay.errors import DomainError
from relay.indexing import rule_checks
from relay.mail import letters
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    EventTag,
    Message,
    MessageState,
    NotifiedBy,
    RejectionReason,
    event_data,
    record,
)
from relay.trust import terms

_WAITING = (MessageState.SCHEDULED, MessageState.SENDING)


class AlreadyEnded(DomainError):
    """Raise where the application ended another way; that result is not turned into a rejection."""

    code = "application-already-ended"
    message = _l("この応募は、辞退・重複・入社のいずれかで終わっています。見送りにはできません。")


class ResultNotified(DomainError):
    """Raise where the person was notified of the result."""

    code = "result-already-notified"
    message = _l("この応募の結果は、すでに本人に伝わっています。")


class NotDecidedHere(DomainError):
    """Raise where a rejection that was imported would be taken back."""

    code = "not-decided-here"
    message = _l("この見送りは、取り込んだファイルで決まっていたものです。ここでは取り消せません。")


class RejectionReasonMissing(DomainError):
    """Raise for a rejection without a reason."""

    code = "rejection-reason-missing"
    message = _l("見送りの理由を選んでください。")


class ResultWaiting(DomainError):
    """Raise where a result mail to one of these people is about to leave."""

    code = "result-waiting"
    message = _l("送信を待っている結果連絡があります。先に送信を止めてから、もう一度お試しください。")


def reject(
    session: Session,
    application: Application,
    *,
    reason: RejectionReason,
    by_user_id: int | None,
    on: date | None = None,
) -> bool:
    """Decide here that the application ends in a rejection, today or `on` a day; returns whether this act decided it.

    An application that is rejected already keeps its day; a reason is only filled in where none was given.
    Raises AlreadyEnded when it ended another way.
    """
    return bool(reject_all(session, [(application, reason)], by_user_id=by_user_id, on=on))


def reject_all(
    session: Session,
    decisions: Iterable[tuple[Application, RejectionReason]],
    *,
    by_user_id: int | None,
    on: date | None = None,
) -> set[int]:
    """`reject` for several, with a fixed number of queries; returns the ids of the applications this act decided."""
    decided: list[Application] = []
    explained: list[Application] = []
    moment = clock.now()
    for application, reason in decisions:
        if application.status is ApplicationResult.REJECTED:
            if application.reason is None:
                application.reason = reason
                explained.append(application)
        elif application.status is not ApplicationResult.OPEN:
            raise AlreadyEnded
        else:
            _decide(application, reason, by_user_id, on or clock.today())
            decided.append(application)
            _tell(session, EventTag.APPLICATION_REJECTED, application, reason, at=moment)
    renew_dates(session, [application.candidate_id for application in decided])
    if explained:
        rule_checks.enqueue(session, explained[0].company_id, [application.candidate_id for application in explained])
    return {application.id for application in decided}


def reopen(session: Session, application: Application) -> None:
    """Take back a rejection made in Relay that the person does not know of; the selection runs on.

    Raises ResultNotified, NotDecidedHere, and ResultWaiting while its mail is about to leave.
    """
    if application.notified_at is not None:
        raise ResultNotified
    if application.status is not ApplicationResult.REJECTED or not application.decided_in_relay:
        raise NotDecidedHere
    refuse_waiting(session, [application.id])
    application.status, application.decided_on, application.reason = ApplicationResult.OPEN, None, None
    application.decided_by_user_id, application.decided_in_relay = None, False
    application.updated_at = clock.now()
    _tell(session, EventTag.APPLICATION_REOPENED, application)
    renew_dates(session, [application.candidate_id])


def reopen_if_rejected_here(session: Session, application: Application) -> bool:
    """Take back a rejection that telling had made, unless the application was decided again since or the person knows.

    Returns whether the selection runs on by it.
    """
    reopens = (
        application.status is ApplicationResult.REJECTED
        and application.decided_in_relay
        and application.notified_at is None
    )
    if reopens:
        reopen(session, application)
    return reopens


def take_back_notice(application: Application) -> None:
    """Note that Relay did not tell the person after all. What they were told elsewhere stays."""
    if application.notified_by is NotifiedBy.RELAY:
        application.notified_at, application.notified_by, application.updated_at = None, None, clock.now()


def note_notified_elsewhere(
    session: Session,
    applications: Sequence[Application],
    *,
    by_user_id: int | None,
    reason: RejectionReason | None = None,
) -> list[int]:
    """Note that these people were told their result another way, so that no result mail goes to them any more.

    Still open ones are rejected with it, for which `reason` is needed. Who was told already is passed over; returns the
    ids noted. Raises RejectionReasonMissing, AlreadyEnded, and ResultWaiting when a result mail to one of them is about
    to leave.
    """
    pending = [application for application in applications if application.notified_at is None]
    refuse_waiting(session, [application.id for application in pending])
    still_open = [application for application in pending if application.status is ApplicationResult.OPEN]
    if still_open and reason is None:
        raise RejectionReasonMissing
    if any(application.status not in (ApplicationResult.OPEN, ApplicationResult.REJECTED) for application in pending):
        raise AlreadyEnded
    if reason is not None:
        reject_all(session, [(application, reason) for application in pending], by_user_id=by_user_id)
    moment = clock.now()
    for application in pending:
        application.notified_at, application.notified_by, application.updated_at = moment, NotifiedBy.ELSEWHERE, moment
        _tell(session, EventTag.NOTIFIED_ELSEWHERE, application, at=moment)
    session.flush()
    return [application.id for application in pending]


def renew_dates(session: Session, candidate_ids: Iterable[int]) -> None:
    """Set the last day each person is kept from their decisions: none while a selection runs, else the latest (A-24).

    A date that reaches further already (a renewed consent) stays, and nobody leaves overnight because of a day typed
    late: HR has 30 days then (A-4).
    """
    session.flush()
    wanted = list(dict.fromkeys(candidate_ids))
    if not wanted:
        return
    last = {
        candidate_id: None if running else decided_on
        for candidate_id, running, decided_on in session.execute(
            select(
                Application.candidate_id,
                func.count().filter(Application.status == ApplicationResult.OPEN),
                func.max(Application.decided_on),
            )
            .where(Application.candidate_id.in_(wanted))
            .group_by(Application.candidate_id)
        )
    }
    people = session.scalars(select(Candidate).where(Candidate.id.in_(wanted))).all()
    if not people:
        return
    in_force = terms.of_company(session, people[0].company_id)
    rule_checks.enqueue(session, people[0].company_id, wanted)
    for candidate in people:
        decided_on = last.get(candidate.id)
        if decided_on is None:
            candidate.retain_until = None
        else:
            until = with_grace(after_decision(in_force, candidate.basis, decided_on), candidate.retain_until)
            assert until is not None
            candidate.retain_until = max(until, candidate.retain_until or until)
    session.flush()


def _decide(application: Application, reason: RejectionReason, by_user_id: int | None, on: date) -> None:
    application.status, application.reason, application.decided_on = ApplicationResult.REJECTED, reason, on
    application.decided_by_user_id, application.decided_in_relay = by_user_id, True
    application.updated_at = clock.now()


def refuse_waiting(session: Session, application_ids: Sequence[int]) -> None:
    """Raise ResultWaiting where a result mail about one of these is about to leave."""
    waiting = select(Message.id).where(
        letters.telling_result(),
        Message.subject_kind == "application",
        Message.subject_id.in_(application_ids),
        Message.state.in_(_WAITING),
    )
    if application_ids and session.scalars(waiting.limit(1)).first() is not None:
        raise ResultWaiting


def _tell(
    session: Session,
    what: EventTag,
    application: Application,
    reason: RejectionReason | None = None,
    *,
    at: datetime | None = None,
) -> None:
    record(
        session,
        what,
        at=at,
        company_id=application.company_id,
        subject=("application", application.id),
        data=event_data.ApplicationDecided(
            candidate_id=application.candidate_id, reason=reason.value if reason else None
        ),
    )
