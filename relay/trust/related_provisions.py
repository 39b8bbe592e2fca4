"""The legal record that a company told a related company of a person (APPI 29条, 規則20条・21条; A-16…A-21, A-48)."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, or_, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Company, Merge, RelatedConsent, RelatedProvision, scopes
from relay.models.retention import RELATED_PROVISION
from relay.trust.provision_registers import RegisterFilter

SAME_TELLING = timedelta(minutes=10)
"""A file that the same member takes again within this time is still the same provision."""
_AT_ONCE = 500


def write(session: Session, consent: RelatedConsent, person_name: str, user_id: int | None) -> RelatedProvision | None:
    """Record that a member took what this consent covers, for its recipient; None where that is recorded just now."""
    already = select(RelatedProvision.id).where(
        RelatedProvision.consent_id == consent.id,
        RelatedProvision.user_id == user_id,
        RelatedProvision.at > clock.now() - SAME_TELLING,
    )
    if session.scalar(already.limit(1)) is not None:
        return None
    provider = session.execute(
        select(Company.name, Company.address, Company.representative).where(Company.id == consent.company_id)
    ).one()
    written = RelatedProvision(
        company_id=consent.company_id,
        candidate_id=consent.candidate_id,
        profile_id=consent.profile_id,
        consent_id=consent.id,
        consented_at=consent.given_at,
        at=clock.now(),
        person_name=person_name,
        items=list(consent.items),
        company_snapshot=dict(provider._mapping),
        recipient=dict(consent.recipient),
        user_id=user_id,
        keep_until=clock.today() + RELATED_PROVISION.length,
    )
    session.add(written)
    session.flush()
    return written


_TOLD = (
    select(RelatedProvision.consent_id, RelatedProvision.at)
    .where(RelatedProvision.consent_id.in_(bindparam("consents", expanding=True)))
    .order_by(RelatedProvision.id.desc())
)


def of_consents(session: Session, consent_ids: Collection[int]) -> dict[int, list[datetime]]:
    """Return when something was told by each of these consents, newest first; in a scope that reaches them."""
    told: dict[int, list[datetime]] = {each: [] for each in consent_ids}
    if not told:
        return told
    for consent_id, at in session.execute(_TOLD, {"consents": list(told)}):
        told[consent_id].append(at)
    return told


_BECAME = select(Merge.merged_id).where(Merge.candidate_id == bindparam("person"))
_OF_CANDIDATE = (
    select(RelatedProvision)
    .where(
        or_(RelatedProvision.candidate_id == bindparam("person"), RelatedProvision.candidate_id.in_(_BECAME)),
        RelatedProvision.consent_id.not_in(bindparam("but", expanding=True)),
    )
    .order_by(RelatedProvision.id)
)


def of_candidate(session: Session, candidate_id: int, *, but: Collection[int]) -> Sequence[RelatedProvision]:
    """Return what was told of a candidate by other consents than these, the oldest first.

    Also of records that became part of theirs: a provision keeps the number it was written with.
    """
    return session.scalars(_OF_CANDIDATE, {"person": candidate_id, "but": list(but)}).all()


def given(session: Session, which: RegisterFilter) -> Iterator[RelatedProvision]:
    """Yield the records for the operator's register, oldest first; none where it asks for one partner's."""
    if which.partner_id:
        return
    where: list[ColumnElement[Any]] = []
    if which.since:
        where.append(RelatedProvision.at >= clock.start_of_day(which.since))
    if which.until:
        where.append(RelatedProvision.at <= clock.end_of_day(which.until))
    if which.person:
        where.append(RelatedProvision.person_name == which.person)
    with scopes.everyone(session, "records: the operator's register of provisions to related companies"):
        wanted = select(RelatedProvision).where(*where).order_by(RelatedProvision.id)
        yield from session.scalars(wanted.execution_options(yield_per=_AT_ONCE))


def purge(session: Session) -> Sequence[int]:
    """Delete the records whose term is over (A-20); to be called across companies."""
    over = delete(RelatedProvision).where(RelatedProvision.keep_until < clock.today()).returning(RelatedProvision.id)
    return session.scalars(over).all()
