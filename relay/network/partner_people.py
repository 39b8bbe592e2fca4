"""The row a partner has of each person it was given: there from the first share to the last (PartnerPerson).

Made, renewed and taken away in the transaction that changes the shares, by the verbs that do; an erasure deletes
both. Nothing here says what the partner may see: that is asked of the shares themselves (invariant 4).
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Consent, PartnerPerson, PartnerPersonWords, Profile, Share
from relay.models.partner_people import LAST
from relay.models.upsert import upsert
from relay.text.partner_words import word_row

CHUNK_SIZE = 500
_SAME = (Share.partner_id == PartnerPerson.partner_id, Share.profile_id == PartnerPerson.profile_id)


def follow(session: Session, share: Share) -> None:
    """Make the row of a share that was opened or renewed, or bring it up to date. The caller holds the person."""
    first = upsert(session, PartnerPerson).values(
        partner_id=share.partner_id, profile_id=share.profile_id, company_id=share.company_id, since=share.since
    )
    session.execute(first.on_conflict_do_nothing(index_elements=["partner_id", "profile_id"]))
    _renew(session, PartnerPerson.partner_id == share.partner_id, PartnerPerson.profile_id == share.profile_id)


def forget(session: Session, partner_id: int) -> None:
    """Take the row away in the scope of a person who has withdrawn all they gave to the partner."""
    session.execute(delete(PartnerPerson).where(PartnerPerson.partner_id == partner_id))


def close(session: Session, company_ids: Sequence[int]) -> None:
    """Follow the end of what came through these companies, in the partner's scope: who came through others stays."""
    through = select(Consent.profile_id).where(Consent.via_company_id.in_(company_ids))
    theirs = PartnerPerson.profile_id.in_(through)
    gone = delete(PartnerPerson).where(theirs, ~exists().where(*_SAME))
    session.execute(gone.execution_options(synchronize_session=False))
    _renew(session, theirs)


def note_opened(session: Session, profile_ids: Collection[int], user_id: int | None) -> None:
    """Note in the partner's scope that one of its users has read the records of these people now."""
    opened = update(PartnerPerson).where(PartnerPerson.profile_id.in_(profile_ids))
    session.execute(opened.values(opened_at=clock.now(), opened_by_user_id=user_id))


def _renew(session: Session, *which: ColumnElement[bool]) -> None:
    """Update what the rows say of the shares. They go by the newest consent, also where it is not shown now."""
    newest = select(func.max(Share.consent_id)).where(*_SAME).correlate(PartnerPerson).scalar_subquery()
    renewed = update(PartnerPerson).where(*which)
    session.execute(
        renewed.values(
            since=select(func.max(Share.since)).where(*_SAME).correlate(PartnerPerson).scalar_subquery(),
            company_id=_of(newest, Consent.via_company_id),
            role_order=_of(newest, _ordered("desired_role")),
            place_order=_of(newest, _ordered("place")),
        ).execution_options(synchronize_session=False)
    )
    index(session, *which)


def index(session: Session, *which: ColumnElement[bool]) -> None:
    """Write the words of these people, or of all in scope, where they are not those of the newest consent."""
    newest = select(func.max(Share.consent_id)).where(*_SAME).correlate(PartnerPerson).scalar_subquery()
    stale = or_(PartnerPersonWords.person_id.is_(None), PartnerPersonWords.consent_id != Consent.id)
    people = (
        select(
            PartnerPerson.id,
            PartnerPerson.partner_id,
            PartnerPerson.profile_id,
            Profile.code,
            Consent.id.label("consent_id"),
            Consent.facts,
        )
        .join(Profile, Profile.id == PartnerPerson.profile_id)
        .join(Consent, Consent.id == newest)
        .outerjoin(PartnerPersonWords, PartnerPersonWords.person_id == PartnerPerson.id)
        .where(*which, stale)
        .order_by(PartnerPerson.id)
        .limit(CHUNK_SIZE)
    )
    last = 0
    while some := session.execute(people.where(PartnerPerson.id > last)).all():
        _write_words(session, some)
        last = some[-1].id


def _write_words(session: Session, people: Sequence[Any]) -> None:
    vector = session.get_bind().dialect.name == "postgresql"
    rows = [
        {"person_id": each.id, "partner_id": each.partner_id, "profile_id": each.profile_id}
        | {"consent_id": each.consent_id}
        | word_row(each.partner_id, each.code, each.facts, vector=vector)
        for each in people
    ]
    earlier = delete(PartnerPersonWords).where(PartnerPersonWords.person_id.in_([row["person_id"] for row in rows]))
    session.execute(earlier.execution_options(synchronize_session=False))
    session.execute(insert(PartnerPersonWords), rows)


def _of(newest: Any, column: Any) -> Any:
    found: Select[Any] = select(column).where(Consent.id == newest)
    return found.correlate(PartnerPerson).scalar_subquery()


def _ordered(item: str) -> ColumnElement[str]:
    return func.coalesce(func.nullif(Consent.facts[item].as_string(), ""), LAST)
