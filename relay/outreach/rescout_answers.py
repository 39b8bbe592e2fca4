"""Answering 再スカウト behind its link; a later answer takes the place of an earlier one.

A yes is an application, made once. Another answer after it withdraws that application, as long as nobody has gone on
with it: what the company has done meanwhile is not taken back by a tap.
"""

from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.contact import STOPPABLE
from relay.candidates.sensitive import refuse_sensitive
from relay.errors import DomainError
from relay.hiring import applying, decisions
from relay.indexing import search_rows
from relay.infra.keyed_hash import address_hash
from relay.mail import optouts
from relay.models import (
    Application,
    ApplicationResult,
    ApplicationStep,
    Candidate,
    Company,
    EventTag,
    Position,
    PositionState,
    Rescout,
    RescoutAnswer,
    RetentionBasis,
    event_data,
    record,
    scopes,
)
from relay.models.locking import lock_company
from relay.models.rescouts import MAX_LINE_TO_COMPANY
from relay.network import next_openings
from relay.network.granting import Evidence
from relay.network.next_openings import AgreedWords
from relay.text import clean
from relay.trust.terms import MAX_MONTHS

VERSION = "2026-11-rescout"
WAITS = (3, 6, 12)
"""The months a person can put the company's next mail of this kind off by."""
A_MONTH = relativedelta(months=1)
"""For how long the record is kept beyond the day until which its person waits, so that HR can write then."""
CHANNEL = _l("再スカウト")
"""How such an application came."""
VIA = "again-page"
"""How an opt-out came that was made here."""


@dataclass(frozen=True)
class Wait:
    """One choice of いまではない: until when no such mail comes, how long the record is kept, and the words for it."""

    months: int
    until: date
    kept_until: date
    words: AgreedWords


@dataclass(frozen=True)
class OpenedRescout:
    """The row of the mail behind a link, with its person and position."""

    rescout: Rescout
    candidate: Candidate
    position: Position
    application: Application | None
    moved_on: bool
    """Whether the company has gone on with the application, or it has ended."""

    @property
    def can_apply(self) -> bool:
        """Return whether the company still hires for the position."""
        return self.position.state is PositionState.OPEN


class OfferOver(DomainError):
    """Raise for a yes to a position the company does not hire for any more."""

    code = "rescout-offer-over"
    message = _l("この募集は、いまは受け付けていません。お返事は記録していません。")


class SelectionGoesOn(DomainError):
    """Raise where an answer would take back an application the company has gone on with."""

    code = "rescout-selection-goes-on"
    message = _l(
        "企業で手続きが始まっているため、このページからは変更できません。変わったところはありません。"
        "お手数ですが、企業の連絡先へお知らせください。"
    )


class WaitWordsChanged(DomainError):
    """Raise where the words beside いまではない are no longer those that were shown (A-11)."""

    code = "rescout-wait-words-changed"
    message = _l("ご覧になっているあいだに、日付が変わりました。まだ何も変わっていません。もう一度お選びください。")


class MailsStopped(DomainError):
    """Raise where a person who stopped the mails would put them off; a tap does not start them again (C-5)."""

    code = "rescout-mails-stopped"
    message = _l(
        "ご案内を止めているため、待つ期間は選べません。変わったところはありません。"
        "再開をご希望のときは、お手数ですが、企業の連絡先へお知らせください。"
    )


class RescoutLineTooLong(DomainError):
    """Raise for a line to the company that is longer than one."""

    code = "rescout-line-too-long"

    def __init__(self, length: int) -> None:
        super().__init__(
            _l(
                "ひとことは%(most)s文字までにしてください（いま%(length)s文字）。まだ何も変わっていません。",
                most=MAX_LINE_TO_COMPANY,
                length=length,
            )
        )


@scopes.in_company
def opened(session: Session, company_id: int, rescout_id: int, mailed_to: str) -> OpenedRescout | None:
    """Return what the link opens, where the person is still written to at the address with this keyed hash."""
    return _load(session, rescout_id, mailed_to)


@scopes.in_company
def waits(session: Session, company_id: int, candidate: Candidate) -> list[Wait]:
    """Return the choices of いまではない, each with its days and the words a tap agrees to.

    The record is kept for a month beyond the day, and never longer than a consent may keep it (A-24).
    """
    company = session.scalars(select(Company.name).where(Company.id == company_id)).one()
    today = clock.today()
    longest = today + relativedelta(months=MAX_MONTHS[RetentionBasis.CONSENTED])
    found = []
    for months in WAITS:
        until = today + relativedelta(months=months)
        kept_until = max(min(until + A_MONTH, longest), candidate.retain_until or until)
        text = _(
            "%(until)sまで、%(company)sから募集のご案内をお送りしません。"
            "%(company)sが応募の記録を%(kept)sまで保管し、待つ期間のあとに、改めて募集をお知らせすることに同意します。",
            company=company,
            until=format_date(until, "long"),
            kept=format_date(kept_until, "long"),
        )
        found.append(Wait(months, until, kept_until, AgreedWords(VERSION, text)))
    return found


@scopes.in_company
def say_yes(session: Session, company_id: int, rescout_id: int, mailed_to: str) -> Application | None:
    """Answer はい: an application is made, once, or taken up again. Returns it; None where the link opens nothing.

    A person who has applied for the position meanwhile has no second application. Raises OfferOver where the company
    hires no more and no application came of it before.
    """
    here = _held(session, company_id, rescout_id, mailed_to)
    if here is None:
        return None
    application = here.application
    if application is None:
        if not here.can_apply:
            raise OfferOver
        application = running(session, here)
        if application is None:
            application = applying.begin(
                session, here.candidate, here.position, channel=str(CHANNEL), applied_on=clock.today()
            )
            here.rescout.application_id = application.id
    elif _was_withdrawn_here(application):
        if not here.can_apply:
            raise OfferOver
        _take_up_again(session, application)
    _end_wait(session, here)
    _note(session, here.rescout, RescoutAnswer.YES)
    return application


@scopes.in_company
def wait(
    session: Session, company_id: int, rescout_id: int, mailed_to: str, months: int, *, shown: str, evidence: Evidence
) -> bool:
    """Answer いまではない: no such mail for so many months, and the record is kept by the person's own word till then.

    `shown` is the hash of the words beside the button. Returns whether the link opened anything. Raises
    MailsStopped, WaitWordsChanged, SelectionGoesOn.
    """
    here = _held(session, company_id, rescout_id, mailed_to)
    if here is None:
        return False
    if here.rescout.answer is RescoutAnswer.STOP:
        raise MailsStopped
    chosen = next((each for each in waits(session, company_id, here.candidate) if each.months == months), None)
    if chosen is None or chosen.words.hash != shown:
        raise WaitWordsChanged
    if here.rescout.answer is RescoutAnswer.LATER and here.rescout.waits_until == chosen.until:
        return True
    _withdraw(session, here)
    next_openings.keep_until(session, here.candidate, chosen.words, chosen.kept_until, evidence)
    if _in_selection(session, here.candidate):
        here.candidate.retain_until = None
    _note(session, here.rescout, RescoutAnswer.LATER, waits_until=chosen.until)
    return True


@scopes.in_company
def say_placed(
    session: Session, company_id: int, rescout_id: int, mailed_to: str, line: str, *, confirmed: bool = False
) -> bool:
    """Answer 決まりました, with a line to HR if the person likes. Returns whether the link opened anything.

    Raises RescoutLineTooLong, SensitiveWords unless `confirmed`, SelectionGoesOn.
    """
    here = _held(session, company_id, rescout_id, mailed_to)
    if here is None:
        return False
    line = clean(line)
    if len(line) > MAX_LINE_TO_COMPANY:
        raise RescoutLineTooLong(len(line))
    refuse_sensitive(line, confirmed)
    _withdraw(session, here)
    _end_wait(session, here)
    _note(session, here.rescout, RescoutAnswer.PLACED, line=line)
    return True


@scopes.in_company
def stop(session: Session, company_id: int, rescout_id: int, mailed_to: str) -> bool:
    """Answer 今後の連絡は不要: mails that can be stopped come no more from the company (C-5); a selection goes on.

    What the person agreed to by いまではない ends, behind this mail's link or another's.
    Returns whether the link opened anything.
    """
    here = _held(session, company_id, rescout_id, mailed_to)
    if here is None:
        return False
    for mail_class in STOPPABLE:
        optouts.opt_out(session, company_id, mailed_to, mail_class, VIA)
    next_openings.end_given_as(session, here.candidate, VERSION)
    _note(session, here.rescout, RescoutAnswer.STOP)
    return True


@scopes.in_company
def wait_has_ended(session: Session, company_id: int, candidate: Candidate) -> bool:
    """Return whether the person once agreed by いまではない, and that holds no more."""
    return next_openings.has_ended(session, candidate.id, VERSION)


def _end_wait(session: Session, here: OpenedRescout) -> None:
    """Let another answer end what いまではない agreed to, unless a later mail was answered so: that answer goes on."""
    if here.rescout.answer is not RescoutAnswer.LATER:
        return
    mine = select(Rescout.id).where(Rescout.candidate_id == here.candidate.id, Rescout.answer == RescoutAnswer.LATER)
    newest = session.scalars(mine.order_by(Rescout.answered_at.desc(), Rescout.id.desc()).limit(1)).one()
    if newest == here.rescout.id:
        next_openings.end_given_as(session, here.candidate, VERSION)


def _held(session: Session, company_id: int, rescout_id: int, mailed_to: str) -> OpenedRescout | None:
    """Return what the link opens, held until the transaction ends: two presses of a button follow each other."""
    lock_company(session, company_id)
    session.execute(select(Rescout.id).where(Rescout.id == rescout_id).with_for_update())
    theirs = select(Rescout.application_id).where(Rescout.id == rescout_id).scalar_subquery()
    session.execute(select(Application.id).where(Application.id == theirs).with_for_update())
    return _load(session, rescout_id, mailed_to)


def _load(session: Session, rescout_id: int, mailed_to: str) -> OpenedRescout | None:
    found = session.execute(
        select(Rescout, Candidate, Position, Application)
        .join(Candidate, Candidate.id == Rescout.candidate_id)
        .join(Position, Position.id == Rescout.position_id)
        .outerjoin(Application, Application.id == Rescout.application_id)
        .where(Rescout.id == rescout_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        return None
    rescout, candidate, position, application = found
    if not candidate.email or address_hash(candidate.email) != mailed_to:
        return None
    return OpenedRescout(rescout, candidate, position, application, _has_moved_on(session, application))


def _has_moved_on(session: Session, application: Application | None) -> bool:
    """Return whether anybody but the person has done something with the application since it was made."""
    if application is None or _was_withdrawn_here(application):
        return False
    steps = select(ApplicationStep.id).where(ApplicationStep.application_id == application.id).limit(1)
    return application.status is not ApplicationResult.OPEN or session.scalars(steps).first() is not None


def _was_withdrawn_here(application: Application) -> bool:
    """Return whether the person withdrew it by another answer, and no member of the company recorded that."""
    return (
        application.status is ApplicationResult.WITHDREW
        and application.decided_in_relay
        and application.decided_by_user_id is None
    )


def running(session: Session, here: OpenedRescout) -> Application | None:
    """Return the application for this position that runs already, because the person applied meanwhile."""
    mine = select(Application).where(
        Application.candidate_id == here.candidate.id,
        Application.position_id == here.position.id,
        Application.status == ApplicationResult.OPEN,
    )
    return session.scalars(mine.order_by(Application.id.desc()).limit(1)).one_or_none()


def _in_selection(session: Session, candidate: Candidate) -> bool:
    running = select(Application.id).where(
        Application.candidate_id == candidate.id, Application.status == ApplicationResult.OPEN
    )
    return session.scalars(running.limit(1)).first() is not None


def _withdraw(session: Session, here: OpenedRescout) -> None:
    """Let another answer withdraw the application of an earlier yes. Raises SelectionGoesOn."""
    application = here.application
    if application is None or _was_withdrawn_here(application):
        return
    if here.moved_on:
        raise SelectionGoesOn
    application.status, application.decided_on = ApplicationResult.WITHDREW, clock.today()
    application.decided_in_relay, application.updated_at = True, clock.now()
    _end(session, application, EventTag.APPLICATION_WITHDREW)


def _take_up_again(session: Session, application: Application) -> None:
    application.status, application.decided_on = ApplicationResult.OPEN, None
    application.decided_in_relay, application.updated_at = False, clock.now()
    _end(session, application, EventTag.APPLICATION_PUT_BACK)


def _end(session: Session, application: Application, tag: EventTag) -> None:
    about = ("application", application.id)
    data = event_data.ApplicationDecided(candidate_id=application.candidate_id)
    record(session, tag, company_id=application.company_id, subject=about, data=data)
    decisions.renew_dates(session, [application.candidate_id])
    search_rows.index(session, [application.candidate_id])


def _note(
    session: Session, rescout: Rescout, answer: RescoutAnswer, *, waits_until: date | None = None, line: str = ""
) -> None:
    """Let the answer stand in the place of an earlier one; the same answer again changes nothing."""
    new = (answer, waits_until, line)
    if (rescout.answer, rescout.waits_until, rescout.line) == new:
        session.flush()
        return
    rescout.answer, rescout.waits_until, rescout.line = new
    rescout.answered_at = clock.now()
    session.flush()
    record(
        session,
        EventTag.RESCOUT_ANSWERED,
        company_id=rescout.company_id,
        subject=("candidate", rescout.candidate_id),
        data=event_data.RescoutAnswered(rescout_id=rescout.id, answer=answer.value),
    )
