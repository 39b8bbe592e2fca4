"""Outcomes (その後) of people: the words of partners and of the people themselves, each with who said it and when.

Nothing is overwritten. A word is taken back or denied by a further one; of each teller the last on a kind is in force,
and where two in force differ, both are shown to those who may read both. A company reads them by `outcome_consents`,
else as numbers (`outcome_totals`). A partner tells while a share is in force and reads its own words of that time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.indexing import alert_checks
from relay.models import (
    CheckCause,
    Consent,
    CountedOutcome,
    Outcome,
    OutcomeConsent,
    OutcomeKind,
    Partner,
    PartnerKind,
    Share,
    scopes,
)
from relay.models.locking import lock_profile
from relay.network import own_acts
from relay.network.granting import visible_since
from relay.network.own_acts import OwnAct

ACROSS = "own page: which companies may read what became of the person"
MAX_WORDS = 500
"""So many of the last words about a person are read."""


class OutcomeUnknown(DomainError):
    """Raise for a kind that this teller does not tell, or none at all."""

    code = "outcome-unknown"
    message = _l("伝える内容を選んでください。まだ何も保存していません。")


@dataclass(frozen=True)
class OutcomeWord:
    """The last word of one teller on a kind: `teller` is a partner's name, empty where the person says it."""

    kind: OutcomeKind
    so: bool
    at: datetime
    teller: str
    partner_id: int | None
    disputed: bool
    """Whether another teller's last word says the contrary."""


@dataclass(frozen=True)
class PartnerOutcomes:
    """The kinds a partner may tell of a person, and its own words in force; `disputed` where the person denies one."""

    choices: Sequence[OutcomeKind]
    told: Sequence[OutcomeWord]

    @property
    def left(self) -> list[OutcomeKind]:
        """Return what it has not told, or has taken back."""
        said = {each.kind for each in self.told if each.so}
        return [each for each in self.choices if each not in said]


def tell(session: Session, partner_id: int, profile_id: int, kind: str, *, so: bool, by_user_id: int) -> bool:
    """Add a partner's word; returns whether it says anything new. The caller found the person by `sharing.hold`.

    Raises OutcomeUnknown for what this kind of partner does not tell.
    """
    with scopes.partner(session, partner_id):
        of = session.scalars(select(Partner.kind).where(Partner.id == partner_id)).one()
    word = Outcome(profile_id=profile_id, partner_id=partner_id, by_user_id=by_user_id, kind=_chosen(kind, of), so=so)
    return _add(session, word, since=_shared_since(session, partner_id, profile_id))


def say(session: Session, profile_id: int, kind: str, *, so: bool) -> bool:
    """Add the person's own word, which also denies a partner's; returns whether it says anything new.

    Raises OutcomeUnknown.
    """
    lock_profile(session, profile_id)
    word = Outcome(profile_id=profile_id, kind=_chosen(kind, None), so=so)
    new = _add(session, word, since=visible_since(session, profile_id))
    if new:
        own_acts.tell(session, profile_id, OwnAct.OUTCOME_SAID)
    return new


def of_profile(session: Session, profile_id: int) -> list[OutcomeWord]:
    """Return the last word of each teller on each kind, as far as the own page shows it (C-25)."""
    since = visible_since(session, profile_id)
    with scopes.profile(session, profile_id):
        rows = _last_words(session, Outcome.at >= since)
        named = select(Consent.partner_id, Consent.partner_name).where(Consent.given_at >= since).order_by(Consent.id)
        names = dict(session.execute(named).all())
    return _words([each for each in rows if each.partner_id is None or each.partner_id in names], names)


def of_partner(session: Session, partner_id: int, profile_id: int) -> PartnerOutcomes:
    """Return what the partner's page of the person shows: its words of the shares in force, and what they deny."""
    since = _shared_since(session, partner_id, profile_id)
    with scopes.partner(session, partner_id):
        partner = session.scalars(select(Partner).where(Partner.id == partner_id)).one()
    with scopes.profile(session, profile_id):
        rows = _last_words(session, Outcome.at >= since)
    theirs = [each for each in rows if each.partner_id in (None, partner_id)]
    told = [each for each in _words(theirs, {partner_id: partner.name}) if each.partner_id == partner_id]
    return PartnerOutcomes(OutcomeKind.of(partner.kind), told)


def counted(session: Session, profile_id: int, company_id: int) -> set[OutcomeKind]:
    """Return the kinds in whose number at the company the person is: it never reads those by name."""
    with scopes.profile(session, profile_id):
        return set(session.scalars(select(CountedOutcome.kind).where(CountedOutcome.company_id == company_id)))


def wake(session: Session, consent: OutcomeConsent) -> None:
    """Let the company's alerts speak up again for who finished a course, where the company may read that."""
    company_id, candidate_id = consent.company_id, consent.candidate_id
    if candidate_id is None or OutcomeKind.COURSE_FINISHED in counted(session, consent.profile_id, company_id):
        return
    with scopes.company(session, company_id):
        alert_checks.forget_hits(session, candidate_id)
        alert_checks.enqueue(session, company_id, [candidate_id], CheckCause.CHANGED)


def teller_label(word: OutcomeWord) -> str:
    """Return who says it, as pages name them."""
    return word.teller or _("ご本人")


def _add(session: Session, word: Outcome, *, since: datetime) -> bool:
    """Add the word where it says something new beside those since then; a denial needs something to deny."""
    with scopes.profile(session, word.profile_id):
        rows = _last_words(session, Outcome.at >= since, Outcome.kind == word.kind)
        own = next((each.so for each in rows if each.partner_id == word.partner_id), None)
        said = any(each.so for each in rows) if word.partner_id is None else bool(own)
        if own == word.so or not (word.so or said):
            return False
        word.at = clock.now()
        session.add(word)
        session.flush()
    if word.so and word.kind is OutcomeKind.COURSE_FINISHED:
        _wake_all(session, word.profile_id)
    return True


def _wake_all(session: Session, profile_id: int) -> None:
    with scopes.everyone(session, ACROSS):
        stand = select(OutcomeConsent).where(OutcomeConsent.profile_id == profile_id, OutcomeConsent.ended_at.is_(None))
        standing = session.scalars(stand.order_by(OutcomeConsent.company_id)).all()
    for each in standing:
        wake(session, each)


def _chosen(kind: str, of: PartnerKind | None) -> OutcomeKind:
    chosen = next((each for each in OutcomeKind.of(of) if each.value == kind), None)
    if chosen is None:
        raise OutcomeUnknown
    return chosen


def _shared_since(session: Session, partner_id: int, profile_id: int) -> datetime:
    """Return since when the shares in force are; what was told before them is shown to the partner no more."""
    with scopes.partner(session, partner_id):
        stand = select(func.min(Share.since)).where(Share.profile_id == profile_id, Share.until >= clock.now())
        return session.scalar(stand) or clock.now()


def _last_words(session: Session, *which: ColumnElement[bool]) -> Sequence[Outcome]:
    """Return the last word of each teller on each kind, in the scope of the person, in the order they were said."""
    last = select(func.max(Outcome.id)).where(*which).group_by(Outcome.partner_id, Outcome.kind)
    return session.scalars(select(Outcome).where(Outcome.id.in_(last)).order_by(Outcome.id).limit(MAX_WORDS)).all()


def _words(rows: Sequence[Outcome], names: dict[int, str]) -> list[OutcomeWord]:
    said = {(each.kind, each.so) for each in rows}
    return [
        OutcomeWord(
            each.kind,
            each.so,
            each.at,
            "" if each.partner_id is None else names[each.partner_id],
            each.partner_id,
            (each.kind, not each.so) in said and (each.so or each.partner_id is None),
        )
        for each in rows
    ]
