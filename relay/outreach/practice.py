"""Trying it on oneself: a practice mail, the page behind its link, and what partner and HR would see of it.

Practising or live, nothing of this counts: only rows of practice are written, and they can be erased at once.
Functions read in the scope of one company, unless said otherwise.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Integer, bindparam, func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.mail import batches, outbox, practice, tokens
from relay.models import (
    Candidate,
    Company,
    EventTag,
    Message,
    MessageState,
    PartnerKind,
    PracticeRegistration,
    TokenPurpose,
    event_data,
    record,
    scopes,
)
from relay.network import partner_options
from relay.network.consent_texts import SharingCompany
from relay.network.granting import PartnerGone
from relay.network.links import LinkGone
from relay.network.partner_options import PartnerOption
from relay.network.partners import PartnerCard
from relay.network.profiles import ITEMS, ProfileFields
from relay.network.registration import NoPartnerChosen
from relay.outreach import letter, results, templates

MAX_SHOWN = results.MAX_RECIPIENTS
STAND_IN = 0
"""The id of the partner that stands in where a company has none yet; no row has it."""


class NoText(DomainError):
    """Raise where there is no template to make a sample of."""

    code = "no-template"
    message = _l("使えるテンプレートがありません。テンプレートを一つ用意してから、もう一度お試しください。")


class PracticeRow(NamedTuple):
    """One practice mail in a list: the candidate it is for, and how far it is."""

    id: int
    name: str | None
    state: MessageState
    created_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True)
class PracticeLink:
    """The rows that the page behind a practice link shows."""

    company: SharingCompany
    partners: tuple[PartnerOption, ...]
    until: date
    alone: bool
    """Whether only the partner made for practice is there."""
    used: bool
    """Whether somebody registered through it already; doing so again overwrites."""


@dataclass(frozen=True)
class PracticePreview:
    """The fields typed behind a practice link, as partner and HR would see them."""

    fields: ProfileFields
    email: str
    partners: tuple[str, ...]
    items: tuple[str, ...]
    completes: bool
    """Whether it would complete a relay: an agency was chosen."""
    day: date


def send_to_myself(session: Session, company: Company, *, by_user_id: int) -> Message:
    """Mail the first text to the member who pressed, written to an invented person (C-12); it leaves at once.

    Raises NoText, NobodyPractises.
    """
    text = next(iter(templates.choices(session)), None)
    if text is None:
        raise NoText
    sender = results.sender_name(session, by_user_id)
    values = results.merge_values(_("山田 はるか"), _("経理"), company.name, sender, "")
    message = outbox.queue(
        session,
        letter.NAME,
        company_id=company.id,
        to=practice.own_address(session, company.id, by_user_id) or company.reply_to,
        subject=("sample", None),
        values={**values, letter.TEXT: [text.subject, text.body]},
        by_user_id=by_user_id,
        practice=True,
    )
    _note(session, EventTag.PRACTICE_SENT, company.id, by_user_id, 1)
    return message


_ROWS = select(Message.id, Candidate.name, Message.state, Message.created_at, Message.settled_at).outerjoin(
    Candidate, Candidate.id == Message.candidate_id
)
_OF_BATCH = _ROWS.where(batches.OF_BATCH).order_by(Message.id).limit(MAX_SHOWN)
_OF_MEMBER = (
    _ROWS.where(Message.by_user_id == bindparam("user"))
    .order_by(Message.id.desc())
    .limit(bindparam("most", type_=Integer()))
)


def of_batch(session: Session, batch: str) -> list[PracticeRow]:
    """Return the practice mails of one act, in the order of the people."""
    with scopes.practice(session):
        return [PracticeRow(*row) for row in session.execute(_OF_BATCH, {"batch": batch})]


def sent_by(session: Session, user_id: int, limit: int = 5) -> list[PracticeRow]:
    """Return the newest practice mails a member caused."""
    with scopes.practice(session):
        return [PracticeRow(*row) for row in session.execute(_OF_MEMBER, {"user": user_id, "most": limit})]


_NUMBER = select(func.count()).where(Message.by_user_id == bindparam("user"))
_TRIAL = (
    select(PracticeRegistration)
    .where(PracticeRegistration.by_user_id == bindparam("user"))
    .order_by(PracticeRegistration.created_at.desc(), PracticeRegistration.id.desc())
    .limit(1)
)


def count(session: Session, user_id: int) -> int:
    """Return how many practice mails of this member there are."""
    with scopes.practice(session):
        return session.scalar(_NUMBER, {"user": user_id}) or 0


def trial_of(session: Session, user_id: int) -> PracticePreview | None:
    """Return what was typed last behind one of this member's practice mails."""
    newest = session.scalars(_TRIAL, {"user": user_id}).one_or_none()
    return None if newest is None else _trial(newest)


@scopes.in_company
def erase(session: Session, company_id: int, *, by_user_id: int) -> int:
    """Erase what a member practised: mails, links, and what was typed. Returns how many mails there were."""
    gone = practice.forget(session, company_id, Message.by_user_id == by_user_id)
    if gone:
        _note(session, EventTag.PRACTICE_ENDED, company_id, by_user_id, gone)
    return gone


def arrive(session: Session, token: str) -> PracticeLink:
    """Return what the page behind a practice link offers; needs no scope. Raises LinkGone."""
    mail, until = _mail(session, token)
    company = partner_options.sharing_company(session, scopes.required(mail.company_id))
    with scopes.company(session, company.id):
        typed = select(PracticeRegistration.id).where(PracticeRegistration.message_id == mail.id)
        used = session.scalar(typed) is not None
    partners = partner_options.of_company(session, company)
    return PracticeLink(company, partners or (_stand_in(session, company),), until, not partners, used)


def register(
    session: Session, token: str, partner_ids: Sequence[int], fields: ProfileFields, address: str | None
) -> tuple[str, ...]:
    """Keep what was typed, for this mail's member to look at; again overwrites. Needs no scope; nothing else changes.

    Returns the names of those chosen. Raises LinkGone, RegistrantNameMissing, NoPartnerChosen, PartnerGone.
    """
    mail, _until = _mail(session, token, hold=True)
    offered = {each.id: each for each in arrive(session, token).partners}
    if not partner_ids:
        raise NoPartnerChosen
    if not set(partner_ids) <= offered.keys():
        raise PartnerGone
    chosen = [each for each in offered.values() if each.id in partner_ids]
    answers = {**asdict(fields.cleaned()), "email": address or mail.to_address}
    answers["completes"] = any(each.kind is PartnerKind.AGENCY for each in chosen)
    names = [each.name for each in chosen]
    company_id = scopes.required(mail.company_id)
    with scopes.company(session, company_id):
        _keep(session, mail, answers, names)
    record(session, EventTag.PRACTICE_REGISTERED, company_id=company_id, subject=("message", mail.id))
    return tuple(names)


def _keep(session: Session, mail: Message, answers: dict[str, Any], names: list[str]) -> None:
    same = select(PracticeRegistration).where(PracticeRegistration.message_id == mail.id)
    kept = session.scalars(same).one_or_none()
    if kept is None:
        kept = PracticeRegistration(message_id=mail.id, by_user_id=mail.by_user_id)
        session.add(kept)
    kept.answers, kept.partners, kept.created_at = answers, names, clock.now()
    session.flush()


def _mail(session: Session, token: str, *, hold: bool = False) -> tuple[Message, date]:
    """Return the practice mail a link came in, on wish held against a second answer, and the link's last day."""
    found = tokens.find(session, token, TokenPurpose.PRACTICE)
    if found is None or found.expires_at is None:
        raise LinkGone
    with scopes.company(session, scopes.required(found.company_id)), scopes.practice(session):
        mailed = select(Message).where(Message.id == found.subject_id)
        mail = session.scalars(mailed.with_for_update() if hold else mailed).one_or_none()
    if mail is None:
        raise LinkGone
    return mail, found.expires_at.astimezone(clock.JAPAN).date()


def _stand_in(session: Session, company: SharingCompany) -> PartnerOption:
    """Return the partner of practice: named as the law wants partners named, and plainly made up."""
    card = PartnerCard(
        id=STAND_IN,
        kind=PartnerKind.AGENCY,
        name=_("練習用紹介会社"),
        address=_("架空の住所です"),
        representative=_("練習 太郎"),
        contact="",
        about=_("練習のためだけの、実在しない会社です"),
        license_number=None,
        since=clock.today(),
    )
    return partner_options.partner_option(card, partner_options.context(session, [company]))


def _trial(kept: PracticeRegistration) -> PracticePreview:
    answers = dict(kept.answers)
    email, completes = answers.pop("email", ""), bool(answers.pop("completes", False))
    filled = {**answers, "email": email}
    return PracticePreview(
        ProfileFields(**answers),
        email,
        tuple(kept.partners),
        tuple(str(label) for code, label in ITEMS.items() if filled.get(code)),
        completes,
        kept.created_at.astimezone(clock.JAPAN).date(),
    )


def _note(session: Session, tag: EventTag, company_id: int, user_id: int, number: int) -> None:
    record(session, tag, company_id=company_id, subject=("user", user_id), data=event_data.Counted(count=number))
