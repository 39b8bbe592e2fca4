"""A person's own word that a company may keep their application and tell them of its next openings (A-33).

It is the basis `consented`, with its day and the exact words; it gives nothing to any partner and counts as no
referral. Taking it back puts the basis back to what it was, and the last day is reckoned again.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, bindparam, exists, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import retention
from relay.candidates.retention import after_decision, with_grace
from relay.models import (
    Application,
    Candidate,
    Company,
    EventTag,
    OpeningsConsent,
    RelayLink,
    RetentionBasis,
    record,
    scopes,
)
from relay.models.locking import lock_companies, lock_company
from relay.models.names import names_by_id
from relay.network import consents, own_acts
from relay.network.consent_texts import openings_words
from relay.network.granting import Evidence, visible_since
from relay.network.own_acts import OwnAct
from relay.trust import terms

VERSION = "2026-11"
OWN_PAGE = "own page: what the person told companies beside their consents to partners"


@dataclass(frozen=True)
class AgreedWords:
    """The words that a person agrees to, by their version."""

    version: str
    text: str

    @property
    def hash(self) -> str:
        """Return what the page sends along, so that nobody agrees to words that were not shown (A-11)."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class Wish:
    """A company that may tell the person of openings, since when; or, without a day, one that may be told so."""

    company_id: int
    company: str
    since: datetime | None = None
    until: date | None = None


def grant(session: Session, link: RelayLink, profile_id: int, evidence: Evidence) -> bool:
    """Write the word down and keep the candidate by it; returns whether it was new.

    The caller holds the company. False too where the company has erased the candidate meanwhile. One that the own page
    does not show (C-25) is given again, as if it had never been.
    """
    with scopes.company(session, link.company_id):
        candidate = session.scalars(select(Candidate).where(Candidate.id == link.candidate_id)).one_or_none()
        if candidate is None:
            return False
        earlier = _standing(session, candidate.id)
        since = visible_since(session, profile_id)
        if earlier is not None and earlier.profile_id == profile_id and earlier.given_at >= since:
            return False
        before = earlier.basis_before if earlier is not None else candidate.basis
        if earlier is not None:
            earlier.ended_at = clock.now()
        session.add(_consent(session, link, candidate, profile_id, before, evidence))
        candidate.basis, candidate.updated_at = RetentionBasis.CONSENTED, clock.now()
        if candidate.retain_until is not None:
            in_force = terms.of_company(session, link.company_id)
            candidate.retain_until = max(
                after_decision(in_force, RetentionBasis.CONSENTED, clock.today()), candidate.retain_until
            )
        _note(session, EventTag.OPENINGS_ASKED, candidate)
        return True


def keep_until(session: Session, candidate: Candidate, said: AgreedWords, until: date, evidence: Evidence) -> None:
    """Write down that the person wants to be kept until that day, by the letter about a record that ends.

    The caller holds the company. A word that stood before ends with it, and the new one can be taken back where that
    one could: on the own page of the person who gave it.
    """
    earlier = _standing(session, candidate.id)
    if earlier is not None:
        earlier.ended_at = clock.now()
    consent = _written_down(
        candidate, said, earlier.basis_before if earlier is not None else candidate.basis, evidence=evidence
    )
    if earlier is not None:
        consent.relay_link_id, consent.profile_id = earlier.relay_link_id, earlier.profile_id
    session.add(consent)
    candidate.basis, candidate.retain_until = RetentionBasis.CONSENTED, until
    candidate.updated_at = clock.now()
    _note(session, EventTag.OPENINGS_ASKED, candidate)


def end_given_as(session: Session, candidate: Candidate, version: str) -> bool:
    """End the candidate's own word where it is one of this wording; returns whether it was.

    The caller holds the company. The basis is what it was before, the last day as that basis has it. A word that this
    one replaced stays ended.
    """
    standing = _standing(session, candidate.id)
    if standing is None or standing.wording_version != version:
        return False
    _end(session, standing)
    return True


def has_ended(session: Session, candidate_id: int, version: str) -> bool:
    """Return whether the candidate's last word of this wording holds no more."""
    theirs = select(OpeningsConsent.ended_at).where(
        OpeningsConsent.candidate_id == candidate_id, OpeningsConsent.wording_version == version
    )
    last = session.execute(theirs.order_by(OpeningsConsent.id.desc()).limit(1)).first()
    return last is not None and last.ended_at is not None


def give(session: Session, profile_id: int, company_id: int, evidence: Evidence) -> bool:
    """Say it later, on the own page, to a company whose link the person used; returns whether it was new."""
    lock_company(session, company_id)
    link = newest_link(session, profile_id, company_id)
    given = link is not None and grant(session, link, profile_id, evidence)
    if given:
        own_acts.tell(session, profile_id, OwnAct.OPENINGS_ASKED)
    return given


def take_back(session: Session, profile_id: int, company_id: int) -> bool:
    """End it: the basis is what it was before, the last day as that basis has it. Returns whether one stood."""
    lock_company(session, company_id)
    ended = _end_those_of(session, profile_id, company_id)
    if ended:
        own_acts.tell(session, profile_id, OwnAct.OPENINGS_ENDED)
    return ended


def _end_those_of(session: Session, profile_id: int, company_id: int) -> bool:
    with scopes.company(session, company_id):
        mine = select(OpeningsConsent).where(
            OpeningsConsent.profile_id == profile_id, OpeningsConsent.ended_at.is_(None)
        )
        standing = session.scalars(mine.order_by(OpeningsConsent.id)).all()
        for each in standing:
            _end(session, each)
        return bool(standing)


def take_all_back(session: Session, profile_id: int) -> None:
    """End it for every company, without a mail of its own; to be called before the profile is held."""
    with scopes.everyone(session, OWN_PAGE):
        told = select(OpeningsConsent.company_id).where(
            OpeningsConsent.profile_id == profile_id, OpeningsConsent.ended_at.is_(None)
        )
        companies = sorted(set(session.scalars(told)))
    lock_companies(session, companies)
    for company_id in companies:
        _end_those_of(session, profile_id, company_id)


def of_profile(session: Session, profile_id: int) -> list[Wish]:
    """Return what the own page shows: the companies that may tell the person, and those that may be told so.

    A company that has erased the candidate is neither: it keeps nothing it could look into.
    """
    since = visible_since(session, profile_id)
    with scopes.everyone(session, OWN_PAGE):
        rows = session.execute(
            select(
                OpeningsConsent.company_id, OpeningsConsent.given_at, OpeningsConsent.ended_at, Candidate.retain_until
            )
            .join(Candidate, Candidate.id == OpeningsConsent.candidate_id)
            .where(OpeningsConsent.profile_id == profile_id, OpeningsConsent.given_at >= since)
            .order_by(OpeningsConsent.id)
        ).all()
    companies = sorted({*consents.companies_of(session, profile_id), *(row.company_id for row in rows)})
    names = names_by_id(session, Company.name, companies)
    standing = {row.company_id: row for row in rows if row.ended_at is None}
    wishes = []
    for company_id in companies:
        if (row := standing.get(company_id)) is not None:
            wishes.append(Wish(company_id, names[company_id], row.given_at, row.retain_until))
        elif newest_link(session, profile_id, company_id) is not None:
            wishes.append(Wish(company_id, names[company_id]))
    return wishes


def kept_records(session: Session, profile_id: int) -> dict[int, list[int]]:
    """Return by company the records that the person asked it to keep, as far as the own page shows it."""
    since = visible_since(session, profile_id)
    mine = (OpeningsConsent.profile_id == profile_id, OpeningsConsent.given_at >= since)
    kept: dict[int, list[int]] = {}
    with scopes.everyone(session, OWN_PAGE):
        rows = session.execute(
            select(OpeningsConsent.company_id, OpeningsConsent.candidate_id)
            .where(*mine, OpeningsConsent.ended_at.is_(None))
            .order_by(OpeningsConsent.id)
        ).all()
    for row in rows:
        kept.setdefault(row.company_id, []).append(row.candidate_id)
    return kept


def given_by(session: Session, profile_id: int) -> Sequence[OpeningsConsent]:
    """Return every such word of a person that the own page shows, those that ended too, oldest first."""
    since = visible_since(session, profile_id)
    mine = (OpeningsConsent.profile_id == profile_id, OpeningsConsent.given_at >= since)
    with scopes.everyone(session, OWN_PAGE):
        return session.scalars(select(OpeningsConsent).where(*mine).order_by(OpeningsConsent.id)).all()


def given_at(session: Session, candidate_id: int) -> datetime | None:
    """Return since when the candidate's own word holds, in the company's scope; None where there is none."""
    standing = _standing(session, candidate_id)
    return standing.given_at if standing is not None else None


def is_given() -> ColumnElement[bool]:
    """Return the condition, on a query of candidates, that such a word of theirs holds."""
    theirs = (OpeningsConsent.company_id == Candidate.company_id, OpeningsConsent.candidate_id == Candidate.id)
    return exists().where(*theirs, OpeningsConsent.ended_at.is_(None))


_STANDING = (
    select(OpeningsConsent)
    .where(OpeningsConsent.candidate_id == bindparam("person"), OpeningsConsent.ended_at.is_(None))
    .order_by(OpeningsConsent.id.desc())
    .limit(1)
)


def _standing(session: Session, candidate_id: int) -> OpeningsConsent | None:
    return session.scalars(_STANDING, {"person": candidate_id}).one_or_none()


def newest_link(session: Session, profile_id: int, company_id: int) -> RelayLink | None:
    """Return the newest link of the company that the person used, shown on the page and with its candidate."""
    since = visible_since(session, profile_id)
    used = set(consents.links_of(session, profile_id, company_id))
    with scopes.company(session, company_id):
        told = select(OpeningsConsent.relay_link_id).where(
            OpeningsConsent.profile_id == profile_id, OpeningsConsent.given_at >= since
        )
        used |= set(session.scalars(told))
        living = select(RelayLink).where(RelayLink.id.in_(used), RelayLink.candidate_id.is_not(None))
        return session.scalars(living.order_by(RelayLink.id.desc()).limit(1)).one_or_none()


def _consent(
    session: Session, link: RelayLink, candidate: Candidate, profile_id: int, before: RetentionBasis, evidence: Evidence
) -> OpeningsConsent:
    company = session.scalars(select(Company.name).where(Company.id == link.company_id)).one()
    said = AgreedWords(VERSION, "\n".join(openings_words(session, link.company_id, company)))
    consent = _written_down(candidate, said, before, evidence=evidence)
    consent.relay_link_id, consent.profile_id = link.id, profile_id
    return consent


def _written_down(
    candidate: Candidate, said: AgreedWords, before: RetentionBasis, *, evidence: Evidence
) -> OpeningsConsent:
    return OpeningsConsent(
        candidate_id=candidate.id,
        basis_before=before,
        wording_version=said.version,
        wording=said.text,
        wording_hash=said.hash,
        locale=evidence.locale,
        ip=evidence.network,
        agent=evidence.browser,
        given_at=clock.now(),
    )


def _end(session: Session, consent: OpeningsConsent) -> None:
    consent.ended_at = clock.now()
    candidate = session.scalars(select(Candidate).where(Candidate.id == consent.candidate_id)).one()
    candidate.basis, candidate.updated_at = consent.basis_before, clock.now()
    results = session.execute(
        select(Application.status, Application.decided_on).where(Application.candidate_id == candidate.id)
    )
    in_force = terms.of_company(session, candidate.company_id)
    candidate.retain_until = with_grace(
        retention.last_day(in_force, candidate.basis, [(status, decided) for status, decided in results]), None
    )
    _note(session, EventTag.OPENINGS_ENDED, candidate)


def _note(session: Session, tag: EventTag, candidate: Candidate) -> None:
    session.flush()
    record(session, tag, company_id=candidate.company_id, subject=("candidate", candidate.id))
