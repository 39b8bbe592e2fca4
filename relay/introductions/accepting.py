"""The person's one yes behind a live link: application, interview and spent credit, in one transaction.

The company gets what the person typed, and nothing else of them. Whether they had applied here within a year is looked
up by what they typed and told to nobody on the page: else any holder of a link could ask about any address (A-45). The
rule is shown to all beforehand; then it is a re-application: the credit is free again, and the interview is held like
any other, so that the partner reads the same as of every yes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from dateutil.relativedelta import relativedelta
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import facts
from relay.candidates.facts import Values
from relay.errors import DomainError
from relay.hiring import applying, interviews, slots
from relay.hiring.interview_letters import BookingNotes
from relay.introductions import endings, letters, links
from relay.introductions.letters import RequestNews
from relay.introductions.links import LiveLink
from relay.introductions.requests import INTERVIEW_DAYS
from relay.introductions.standing import held
from relay.mail import practice
from relay.models import (
    Application,
    Candidate,
    EventTag,
    Introduction,
    IntroductionRequest,
    IntroductionState,
    LinkEnd,
    Position,
    RetentionBasis,
    Slot,
    record,
    scopes,
)
from relay.models.candidate_fields import columns_of
from relay.models.locking import lock_company
from relay.network import credits

REAPPLICATION = relativedelta(months=12)
"""An application so recent makes the yes a re-application."""


class IntroductionGone(DomainError):
    """Raise where a link is no longer live when the person says yes: nothing was sent or kept."""

    code = "introduction-link-gone"
    message = _l(
        "このリンクは、いまは使えません。ご記入の内容は、会社に伝えておらず、保存もしていません。"
        "紹介会社にお問い合わせください。"
    )


class TimeOutside(DomainError):
    """Raise where the time is none that the page offers any more."""

    code = "introduction-time-gone"
    message = _l(
        "お選びの日時は、ほかの方が先に選ばれたか、なくなりました。まだ何も伝えていません。"
        "お手数ですが、残っている日時からお選びください。"
    )


@dataclass(frozen=True)
class IntroductionWording:
    """The text a person says yes to."""

    version: str
    text: str

    @property
    def hash(self) -> str:
        """Return the hash under which it is kept."""
        return sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class Accepted:
    """A yes that was kept: the introduction, and whether it is a re-application."""

    introduction: Introduction
    reapplied: bool


def offered_times(session: Session, link: LiveLink) -> Sequence[Slot]:
    """Return the free times behind a link as long as was promised, the soonest first, INTERVIEW_DAYS ahead at most."""
    with scopes.company(session, link.company_id):
        last = clock.end_of_day(clock.today() + timedelta(days=INTERVIEW_DAYS))
        free = slots.free(session, link.request.position_id)
        return [slot for slot in free if slot.starts_at <= last and slot.minutes == link.request.minutes]


def accept(session: Session, token: str, typed: Values, slot_id: int, wording: IntroductionWording) -> Accepted:
    """Let the person apply, with this time for the interview; the credit is spent, and the link opens nothing more.

    `typed`: name and email, and what else of Candidate's facts the person gave. Raises IntroductionGone,
    TimeOutside; where another verb was first (a lapse, a cancellation) it is IntroductionGone.
    """
    typed = facts.as_typed(typed)
    found = links.find(session, token)
    if found is None:
        raise IntroductionGone
    lock_company(session, found.company_id)
    live = links.find(session, token)
    if live is None:
        raise IntroductionGone
    with scopes.company(session, live.company_id):
        if slot_id not in {slot.id for slot in offered_times(session, live)}:
            raise TimeOutside
        request = held(session, live.company_id, live.request.id)
        reapplied = _applied_lately(session, typed)
        application = _apply(session, request, typed)
        invitation = interviews.open_for(session, application.id, by_user_id=request.made_by_user_id)
        interviews.pick(session, invitation.id, slot_id, notes=_notes(live, reapplied=reapplied))
        made = Introduction(
            company_id=live.company_id,
            partner_id=request.partner_id,
            request_id=request.id,
            link_id=live.id,
            candidate_id=application.candidate_id,
            application_id=application.id,
            invitation_id=invitation.id,
            accepted_at=clock.now(),
            wording_version=wording.version,
            wording_hash=wording.hash,
            items=sorted(name for name, value in typed.items() if value),
        )
        session.add(made)
        session.flush()
        _settle(session, request, reapplied=reapplied)
    return Accepted(made, reapplied)


def _settle(session: Session, request: IntroductionRequest, *, reapplied: bool) -> None:
    """Spend the credit, or give it back where the person had applied here within a year; tell the company."""
    endings.close_links(session, request, LinkEnd.USED)
    line = (session, request.company_id, request.reservation_id)
    if reapplied:
        credits.release(*line, endings.ledger_reason(request, _("再応募")))
    else:
        request.spent_id = credits.spend(*line, endings.ledger_reason(request)).id
    request.state, request.reapplied = IntroductionState.ACCEPTED, reapplied
    request.due_on, request.reminded_on = clock.today() + timedelta(days=INTERVIEW_DAYS), None
    session.flush()
    endings.note(session, EventTag.INTRODUCTION_ACCEPTED, request)
    if reapplied:
        letters.tell_company(session, request, RequestNews.REAPPLIED)
    elif not practice.own_address(session, request.company_id, request.made_by_user_id):
        letters.tell_company(session, request, RequestNews.ACCEPTED)  # the maker reads it in the mail of the interview


def _notes(live: LiveLink, *, reapplied: bool) -> BookingNotes:
    """Return what the mails with the appointment say of the introduction: by whom, and what was promised."""
    request, partner = live.request, live.partner.name
    promised = _(
        "面談確約の内容：%(kind)s、%(minutes)s分、%(form)s。お会いする人：%(who)s。",
        kind=request.guarantee.label,
        minutes=request.minutes,
        form=request.form.label,
        who=request.meets_with,
    )
    if reapplied:
        credit = _("%(partner)sの紹介です。再応募のため、紹介枠は使用していません。", partner=partner)
    else:
        credit = _("%(partner)sの紹介です。紹介枠を1件使用しました。", partner=partner)
    return BookingNotes(
        person=(_("%(partner)sの紹介による面談です。", partner=partner), promised),
        member=(credit, promised, _("紹介の依頼：%(address)s", address=letters.page_of(request.id))),
    )


def _applied_lately(session: Session, typed: Values) -> bool:
    """Return whether the address, or name and number together, applied to the company within REAPPLICATION."""
    since = clock.today() - REAPPLICATION
    recorded = Application.applied_on.is_(None) & (Application.created_at >= clock.start_of_day(since))
    lately = (
        select(Application.id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .where(_known_as(typed), or_(Application.applied_on >= since, recorded))
    )
    return session.scalars(lately.limit(1)).first() is not None


def _known_as(typed: Values) -> ColumnElement[bool]:
    keys = columns_of(typed)
    same = [Candidate.email_key == keys["email_key"]]
    if keys.get("phone_key"):
        same.append((Candidate.phone_key == keys["phone_key"]) & (Candidate.name_key == keys["name_key"]))
    return or_(*same)


def _apply(session: Session, request: IntroductionRequest, typed: Values) -> Application:
    """Let the person apply for the position, as the record that has this name and address, else as a new one."""
    position = session.scalars(select(Position).where(Position.id == request.position_id)).one()
    keys = columns_of(typed)
    same = select(Candidate).where(Candidate.email_key == keys["email_key"], Candidate.name_key == keys["name_key"])
    candidate = session.scalars(same.order_by(Candidate.id).limit(1)).one_or_none()
    if candidate is None:
        candidate = _new(session, typed)
    else:
        facts.change(session, candidate, {name: value for name, value in typed.items() if not getattr(candidate, name)})
    return applying.begin(session, candidate, position, channel=_("紹介会社（紹介枠）"), applied_on=clock.today())


def _new(session: Session, typed: Values) -> Candidate:
    """Add the person for this selection alone: the pool wants a purpose of its own (A-4)."""
    now = clock.now()
    candidate = Candidate(**columns_of(typed), basis=RetentionBasis.SELECTION, created_at=now, updated_at=now)
    session.add(candidate)
    session.flush()
    record(session, EventTag.CANDIDATE_ADDED, company_id=candidate.company_id, subject=("candidate", candidate.id))
    return candidate
