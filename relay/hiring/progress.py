"""Recording by hand how one application goes: the next step, a withdrawal, a hire, a rejection, each with its day.

One transaction holds the application, what follows from it (the date of deletion, drafts of a result mail), the Event
and the images by which the act is taken back. A later file moves none of it (invariant 8).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.hiring.decisions import RejectionReasonMissing, ResultNotified, refuse_waiting, reject, renew_dates
from relay.indexing import search_rows
from relay.mail import letters
from relay.models import (
    ActionKind,
    Application,
    ApplicationResult,
    ApplicationStep,
    Candidate,
    EventTag,
    JournalEntry,
    Message,
    MessageState,
    RejectionReason,
    StepKind,
    event_data,
    journal,
    record,
)
from relay.models.journal import Recorder

STEP_WORDS = {
    StepKind.DOCUMENTS: _l("書類"),
    StepKind.FIRST: _l("一次"),
    StepKind.SECOND: _l("二次"),
    StepKind.FINAL: _l("最終"),
    StepKind.OFFER: _l("内定"),
    StepKind.OTHER: _l("その他"),
}
"""The kinds of steps in the order of a selection, as pages say them."""
MAX_WORD = 100
FURTHEST_AHEAD = timedelta(days=730)
"""How far in the future the day of a hire may lie."""


class Progress(StrEnum):
    """The choices that can be recorded about an application."""

    STEP = "step"
    WITHDREW = "withdrew"
    HIRED = "hired"
    REJECTED = "rejected"


FROM = {
    Progress.STEP: frozenset({ApplicationResult.OPEN}),
    Progress.WITHDREW: frozenset({ApplicationResult.OPEN, ApplicationResult.REJECTED, ApplicationResult.HIRED}),
    Progress.HIRED: frozenset({ApplicationResult.OPEN, ApplicationResult.REJECTED, ApplicationResult.WITHDREW}),
    Progress.REJECTED: frozenset({ApplicationResult.OPEN}),
}
"""How an application stands where each may be recorded; once the person was notified, none may."""
_EVENTS = {Progress.WITHDREW: EventTag.APPLICATION_WITHDREW, Progress.HIRED: EventTag.APPLICATION_HIRED}


@dataclass(frozen=True)
class ProgressEntry:
    """The recorded choice: the day, and by `what` the step with the company's own word, or the reason."""

    what: Progress
    on: date
    step: StepKind | None = None
    own_word: str = ""
    reason: RejectionReason | None = None

    @property
    def stage(self) -> str:
        """Return the step as the company calls it."""
        assert self.step is not None
        return self.own_word or str(STEP_WORDS[self.step])


class ApplicationChangedMeanwhile(DomainError):
    """Raise where the application was changed after the form was opened."""

    code = "application-changed"
    message = _l(
        "この画面を開いたあとに、この応募がほかの画面から変更されました。記録はしていません。"
        "いまの内容を確認して、必要ならもう一度記録してください。"
    )


class OtherResult(DomainError):
    """Raise where this step cannot follow the result the application has."""

    code = "application-has-other-result"
    message = _l("この応募は、すでに結果が決まっています。記録はしていません。")


class StepMissing(DomainError):
    """Raise where no step was chosen."""

    code = "step-missing"
    message = _l("どの段階へ進んだかを選んでください。")


class DayImpossible(DomainError):
    """Raise for a day before the application, or in the future where nothing can have happened yet."""

    code = "day-impossible"


def recordable(application: Application) -> list[Progress]:
    """Return what may be recorded as the application is now, in the order a form offers it."""
    if application.notified_at is not None:
        return []
    return [what for what, statuses in FROM.items() if application.status in statuses]


def version(session: Session, application: Application) -> str:
    """Return a short hash of the application now; forms carry it, so that no change is overwritten unseen."""
    session.flush()
    _id, values = next(journal.read(session, Application, application.company_id, [application.id]))
    return journal.fingerprint(values)


def enter(
    session: Session, application_id: int, entry: ProgressEntry, *, seen: str, by_user_id: int | None
) -> JournalEntry | None:
    """Record it in the caller's transaction; None where exactly this is recorded already.

    `seen` is the `version` that was looked at. Raises ApplicationChangedMeanwhile, ResultWaiting while a result mail is
    about to leave, ResultNotified, OtherResult, and what `entry` lacks: StepMissing, RejectionReasonMissing,
    DayImpossible.
    """
    drafts, application = _locked(session, application_id)
    if _is_recorded(session, application, entry):
        return None
    if version(session, application) != seen:
        raise ApplicationChangedMeanwhile
    refuse_waiting(session, [application.id])
    _refuse(application, entry)
    return _write(session, application, drafts, entry, by_user_id)


def _locked(session: Session, application_id: int) -> tuple[Sequence[int], Application]:
    """Hold the drafts of a result mail, then the application: the order in which sending takes them."""
    about = (letters.telling_result(), Message.subject_id == application_id, Message.state == MessageState.DRAFT)
    drafts = session.scalars(select(Message.id).where(*about).order_by(Message.id).with_for_update()).all()
    wanted = select(Application).where(Application.id == application_id).with_for_update()
    return drafts, session.scalars(wanted.execution_options(populate_existing=True)).one()


def _is_recorded(session: Session, application: Application, entry: ProgressEntry) -> bool:
    """Return whether a form came twice."""
    if entry.what is not Progress.STEP:
        same = application.status.value == entry.what.value and application.reason is entry.reason
        return same and application.decided_on == entry.on and application.decided_in_relay
    steps = select(ApplicationStep).where(ApplicationStep.application_id == application.id)
    newest = steps.order_by(ApplicationStep.place.desc(), ApplicationStep.id.desc()).limit(1)
    last = session.scalars(newest).one_or_none()
    if last is None or entry.step is None or application.status is not ApplicationResult.OPEN:
        return False
    return (last.kind, last.name, last.on, application.stage) == (entry.step, entry.stage, entry.on, entry.stage)


def _refuse(application: Application, entry: ProgressEntry) -> None:
    if application.notified_at is not None:
        raise ResultNotified
    if application.status not in FROM[entry.what]:
        raise OtherResult
    if entry.what is Progress.STEP and entry.step is None:
        raise StepMissing
    if entry.what is Progress.REJECTED and entry.reason is None:
        raise RejectionReasonMissing
    last = clock.today() + (FURTHEST_AHEAD if entry.what is Progress.HIRED else timedelta())
    if entry.on > last:
        raise DayImpossible(_day_ahead(entry.what))
    if application.applied_on and entry.on < application.applied_on:
        day = application.applied_on
        applied = _l("%(year)s年%(month)s月%(day)s日", year=day.year, month=day.month, day=day.day)
        raise DayImpossible(_l("応募日（%(applied)s）より前の日です。日付を確認してください。", applied=applied))


def _day_ahead(what: Progress) -> object:
    if what is Progress.HIRED:
        return _l("入社日は、2年先までの日を入力してください。")
    return _l("これからの日は記録できません。今日までの日を入力してください。")


def _write(
    session: Session, application: Application, drafts: Sequence[int], entry: ProgressEntry, by_user_id: int | None
) -> JournalEntry | None:
    data = {"application_id": application.id, "candidate_id": application.candidate_id, "what": entry.what.value}
    if entry.step is not None:
        data["step"] = entry.step.value
    company_id = application.company_id
    with journal.kept(session, company_id, ActionKind.RESULT_RECORDED, by_user_id=by_user_id, data=data) as recorder:
        recorder.will_change(Application, [application.id], whole=True)
        recorder.will_change(Candidate, [application.candidate_id])
        if entry.what is Progress.REJECTED:
            assert entry.reason is not None
            reject(session, application, reason=entry.reason, by_user_id=by_user_id, on=entry.on)
        else:
            _leave_out_of_drafts(session, recorder, drafts)
            _WRITE[entry.what](session, recorder, application, entry, by_user_id)
    search_rows.index(session, [application.candidate_id])
    return recorder.entry


def _leave_out_of_drafts(session: Session, recorder: Recorder, drafts: Sequence[int]) -> None:
    """Take a person who goes on, withdrew or was hired out of the drafts of rejections."""
    recorder.will_change(Message, drafts)
    session.execute(delete(Message).where(Message.id.in_(drafts)))


def _step(
    session: Session, recorder: Recorder, application: Application, entry: ProgressEntry, _by_user_id: int | None
) -> None:
    moment = clock.now()
    mine = ApplicationStep.application_id == application.id
    last = session.scalar(select(func.max(ApplicationStep.place)).where(mine)) or 0
    step = ApplicationStep(
        company_id=application.company_id,
        candidate_id=application.candidate_id,
        application_id=application.id,
        place=last + 1,
        name=entry.stage,
        kind=entry.step,
        on=entry.on,
        created_at=moment,
        updated_at=moment,
    )
    session.add(step)
    application.stage, application.updated_at = entry.stage, moment
    session.flush()
    recorder.made(ApplicationStep, [step.id])
    _tell(session, EventTag.APPLICATION_STEPPED, application, entry)
    renew_dates(session, [application.candidate_id])


def _end(
    session: Session, _recorder: Recorder, application: Application, entry: ProgressEntry, by_user_id: int | None
) -> None:
    application.status, application.decided_on, application.reason = ApplicationResult(entry.what.value), entry.on, None
    application.decided_by_user_id, application.decided_in_relay = by_user_id, True
    application.updated_at = clock.now()
    _tell(session, _EVENTS[entry.what], application, entry)
    renew_dates(session, [application.candidate_id])


_WRITE = {Progress.STEP: _step, Progress.WITHDREW: _end, Progress.HIRED: _end}


def _tell(session: Session, tag: EventTag, application: Application, entry: ProgressEntry) -> None:
    data = event_data.ApplicationDecided(
        candidate_id=application.candidate_id,
        on=entry.on.isoformat(),
        step=entry.step.value if entry.step is not None else None,
    )
    record(session, tag, company_id=application.company_id, subject=("application", application.id), data=data)
