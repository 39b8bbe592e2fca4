"""「その後のことを知らせてよい」: a person's word that one company may read what became of them (A-10).

Off until ticked, for each company alone, and taken back by one tap, from which moment the company reads nothing. What
went into a number of the company before stays a number: it is never read by name (`outcome_totals`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, bindparam, exists, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.hiring import stays
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    Company,
    EventTag,
    OutcomeConsent,
    OutcomeKind,
    record,
    scopes,
)
from relay.models.locking import lock_companies, lock_company
from relay.models.names import names_by_id
from relay.network import consents, next_openings, outcomes, own_acts
from relay.network.granting import Evidence, visible_since
from relay.network.next_openings import AgreedWords
from relay.network.outcomes import OutcomeWord
from relay.network.own_acts import OwnAct

VERSION = "2026-11-outcomes"
_STAYS = {stays.HALF_A_YEAR: OutcomeKind.STILL_THERE_6, stays.A_YEAR: OutcomeKind.STILL_THERE_12}
OWN_PAGE = "own page: which companies may read what became of the person"

_LAST_STANDING = (
    select(OutcomeConsent)
    .where(OutcomeConsent.candidate_id == bindparam("candidate_id"), OutcomeConsent.ended_at.is_(None))
    .order_by(OutcomeConsent.id.desc())
)


class OutcomeWordsChanged(DomainError):
    """Raise where the words beside the box are no longer those that were shown (A-11)."""

    code = "outcome-words-changed"
    message = _l("ご覧になっているあいだに、説明が変わりました。まだ何も変わっていません。もう一度お選びください。")


@dataclass(frozen=True)
class OutcomeChoice:
    """A company of the own page: since when it may read, or the words of the box that lets it."""

    company_id: int
    company: str
    words: AgreedWords
    given_at: datetime | None


@dataclass(frozen=True)
class RecordedOutcome:
    """One outcome that the company's own record tells; `disputed` where a word that was told says the contrary."""

    kind: OutcomeKind
    so: bool
    disputed: bool


@dataclass(frozen=True)
class ReadOutcomes:
    """The words a company reads of one person, by whose consent since when, and what its own record tells beside."""

    since: datetime
    words: Sequence[OutcomeWord]
    own_record: Sequence[RecordedOutcome]


def words(company: str) -> AgreedWords:
    """Return what a tick agrees to, its label in the first line."""
    lines = (
        _("%(company)sに、その後のことを知らせてよい", company=company),
        _(
            "紹介会社・学校とご本人が伝えた、その後のこと（面談・内定・入社・在籍・講座の修了）を、誰がいつ伝えたかとともに、"
            "%(company)sの採用担当者がお名前とあわせて読むことへの同意です。伝えた紹介会社・学校の名前も表示されます。",
            company=company,
        ),
        _(
            "講座の修了が伝えられると、%(company)sの求人に合う方として、改めて採用担当者に表示されることがあります。",
            company=company,
        ),
        _(
            "すでに人数（10名単位）に含まれたものは、お名前とは結びつけません。任意で、同意されなくても何も変わりません。"
            "いつでも取り消せ、取り消すと、その時から読めなくなります。"
        ),
    )
    return AgreedWords(VERSION, "\n".join(lines))


def of_profile(session: Session, profile_id: int) -> list[OutcomeChoice]:
    """Return the companies that may read, and those that might be let, as far as the own page shows them (C-25)."""
    given = {each.company_id: each.given_at for each in given_by(session, profile_id) if each.ended_at is None}
    companies = sorted({*given, *consents.companies_of(session, profile_id)})
    names = names_by_id(session, Company.name, companies)
    return [
        OutcomeChoice(each, names[each], words(names[each]), given.get(each))
        for each in companies
        if each in given or next_openings.newest_link(session, profile_id, each) is not None
    ]


def give(session: Session, profile_id: int, company_id: int, shown: str, evidence: Evidence) -> bool:
    """Let a company whose link the person used read from now on; returns whether that is new.

    `shown` is the hash of the words beside the box. Raises OutcomeWordsChanged.
    """
    lock_company(session, company_id)
    link, since = next_openings.newest_link(session, profile_id, company_id), visible_since(session, profile_id)
    if link is None:
        return False
    with scopes.company(session, company_id):
        said = words(session.scalars(select(Company.name).where(Company.id == company_id)).one())
        if said.hash != shown:
            raise OutcomeWordsChanged
        earlier = _standing(session, profile_id)
        if any(each.given_at >= since for each in earlier):
            return False
        _end(session, earlier)
        consent = OutcomeConsent(
            company_id=company_id,
            profile_id=profile_id,
            candidate_id=link.candidate_id,
            wording_version=said.version,
            wording=said.text,
            wording_hash=said.hash,
            locale=evidence.locale,
            ip=evidence.network,
            agent=evidence.browser,
            given_at=clock.now(),
        )
        session.add(consent)
        _note(session, EventTag.OUTCOMES_AGREED, consent)
    if any(each.so and each.kind is OutcomeKind.COURSE_FINISHED for each in outcomes.of_profile(session, profile_id)):
        outcomes.wake(session, consent)
    own_acts.tell(session, profile_id, OwnAct.OUTCOMES_AGREED)
    return True


def take_back(session: Session, profile_id: int, company_id: int) -> bool:
    """End it at once; returns whether it stood."""
    lock_company(session, company_id)
    ended = _end_of(session, profile_id, company_id)
    if ended:
        own_acts.tell(session, profile_id, OwnAct.OUTCOMES_ENDED)
    return ended


def take_all_back(session: Session, profile_id: int) -> None:
    """End it for every company, without a mail of its own; to be called before the profile is held."""
    with scopes.everyone(session, OWN_PAGE):
        mine = (OutcomeConsent.profile_id == profile_id, OutcomeConsent.ended_at.is_(None))
        companies = sorted(set(session.scalars(select(OutcomeConsent.company_id).where(*mine))))
    lock_companies(session, companies)
    for company_id in companies:
        _end_of(session, profile_id, company_id)


def given_by(session: Session, profile_id: int) -> Sequence[OutcomeConsent]:
    """Return every such word of a person that the own page shows, those that ended too, oldest first."""
    since = visible_since(session, profile_id)
    mine = (OutcomeConsent.profile_id == profile_id, OutcomeConsent.given_at >= since)
    with scopes.everyone(session, OWN_PAGE):
        return session.scalars(select(OutcomeConsent).where(*mine).order_by(OutcomeConsent.id)).all()


def is_given() -> ColumnElement[bool]:
    """Return the condition, on a query of candidates, that the company may read their outcomes."""
    theirs = (OutcomeConsent.company_id == Candidate.company_id, OutcomeConsent.candidate_id == Candidate.id)
    return exists().where(*theirs, OutcomeConsent.ended_at.is_(None))


@scopes.in_company
def read(session: Session, company_id: int, candidate_id: int) -> ReadOutcomes | None:
    """Return what the company may read of one person, by their consent in force; None without one.

    Kinds in whose number the person is are left out, and so is what the own page does not show.
    """
    consent = session.scalars(_LAST_STANDING, {"candidate_id": candidate_id}).first()
    if consent is None:
        return None
    in_a_number = outcomes.counted(session, consent.profile_id, company_id)
    told = [each for each in outcomes.of_profile(session, consent.profile_id) if each.kind not in in_a_number]
    return ReadOutcomes(consent.given_at, told, _of_record(session, candidate_id, told))


def _of_record(session: Session, candidate_id: int, told: Sequence[OutcomeWord]) -> list[RecordedOutcome]:
    """Return what the company's own record tells: hired, applied again, and whether the person stays."""
    mine = select(Application).where(Application.candidate_id == candidate_id).order_by(Application.id)
    applications = session.scalars(mine).all()
    found: dict[OutcomeKind, bool] = {}
    if any(each.status is ApplicationResult.HIRED for each in applications):
        found[OutcomeKind.HIRED_HERE] = True
    if any(each.status in (ApplicationResult.REJECTED, ApplicationResult.WITHDREW) for each in applications[:-1]):
        found[OutcomeKind.REAPPLIED] = True
    for marks in stays.marks(session, applications).values():
        found |= {_STAYS[mark.months]: mark.there for mark in marks if mark.there is not None}
    said = {(each.kind, each.so) for each in told}
    return [RecordedOutcome(kind, so, (kind, not so) in said) for kind, so in found.items()]


def _standing(session: Session, profile_id: int) -> Sequence[OutcomeConsent]:
    mine = (OutcomeConsent.profile_id == profile_id, OutcomeConsent.ended_at.is_(None))
    wanted = select(OutcomeConsent).where(*mine).order_by(OutcomeConsent.id)
    return session.scalars(wanted.execution_options(populate_existing=True)).all()


def _end_of(session: Session, profile_id: int, company_id: int) -> bool:
    with scopes.company(session, company_id):
        return _end(session, _standing(session, profile_id))


def _end(session: Session, standing: Sequence[OutcomeConsent]) -> bool:
    for each in standing:
        each.ended_at = clock.now()
        _note(session, EventTag.OUTCOMES_ENDED, each)
    return bool(standing)


def _note(session: Session, tag: EventTag, consent: OutcomeConsent) -> None:
    session.flush()
    record(session, tag, company_id=consent.company_id, subject=("candidate", consent.candidate_id))
