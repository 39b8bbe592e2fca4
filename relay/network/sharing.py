"""Reading as a partner, in its scope: the people whose share is in force, at this very request (invariant 4).

The list holds code, role, place and date; opening a record is itself a provision and is written down (invariant 5).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from relay import clock
from relay.errors import DomainError
from relay.models import Company, Consent, EventTag, Partner, Partnership, Profile, Share, record
from relay.models.keyset import Keyset, Page, descending
from relay.network import openings
from relay.network.partners import is_open, may_see_people
from relay.network.wording import ITEMS, item_labels
from relay.text import clean
from relay.tokens import parse_code
from relay.trust import provisions

_NEWEST = Keyset(descending(Share.since), descending(Share.id))


class Gone(DomainError):
    """Raise where the person is not shared with this partner: withdrawn, expired, erased or never, all alike."""

    code = "person-not-shared"
    message = _l(
        "この方の情報は表示できません。同意が取り消されたか、提供の期間が終わっています。お手元に保存した情報も、消去をお願いします。"
    )


@dataclass(frozen=True)
class PersonRow:
    """One person in the list: no name, no contact (invariant 5)."""

    code: str
    role: str
    place: str
    since: datetime


@dataclass(frozen=True)
class SourceCompany:
    """The company through which the person came; the recipient's own record must name it (A-17)."""

    name: str
    address: str
    representative: str
    since: datetime


@dataclass(frozen=True)
class SharedPerson:
    """One person as they agreed to be known by this partner: the facts of the newest consent given to it (A-43)."""

    code: str
    name: str
    kana: str
    email: str
    phone: str
    desired_role: str
    place: str
    experience: str
    items: tuple[str, ...]
    since: datetime
    until: datetime
    purpose: str
    version: str
    sources: tuple[SourceCompany, ...]


def people(session: Session, *, q: str = "", after: str = "", before: str = "", limit: int = 50) -> Page[PersonRow]:
    """Return a page of the people who agreed to be seen by this partner; `q` is a code, or a word of role or place.

    Walks the partner's shares by their index from where the page begins; a person is at the oldest that is shown.
    """
    if not (companies := _open_companies(session)):
        return Page()
    role, place = _fact("desired_role"), _fact("place")
    query = (
        select(Profile.code, role, place, Share.since)
        .join(Profile, Profile.id == Share.profile_id)
        .join(Consent, Consent.id == _newest_consent(companies))
        .where(_visible(Share, companies), ~_older_share(companies))
    )
    if q := clean(q):
        query = query.where(_matches(q, role, place))
    return _NEWEST.page(session, query, PersonRow, after=after, before=before, limit=limit)


def count(session: Session) -> int:
    """Return how many people this partner may see now."""
    if not (companies := _open_companies(session)):
        return 0
    return session.scalar(select(func.count(Share.profile_id.distinct())).where(_visible(Share, companies))) or 0


def open_person(session: Session, code: str, user_id: int | None) -> SharedPerson:
    """Open one person's record, and write down that it was opened, by whom and what was shown. Raises Gone."""
    rows = _shares_of(session, parse_code(code) or "")
    if not rows:
        raise Gone
    newest = session.scalars(select(Consent).where(Consent.id == max(row.consent_id for row in rows))).one()
    openings.note(session, newest.partner_id, newest.profile_id)
    if provisions.viewed(session, rows[0].code, newest, user_id) is not None:
        record(
            session,
            EventTag.PROFILE_VIEWED,
            partner_id=newest.partner_id,
            profile_id=newest.profile_id,
            subject=("profile", newest.profile_id),
        )
    return SharedPerson(
        code=rows[0].code,
        **{each: newest.facts.get(each, "") for each in ITEMS},
        items=tuple(item_labels(newest.items)),
        since=min(row.since for row in rows),
        until=max(row.until for row in rows),
        purpose=newest.purpose,
        version=newest.wording_version,
        sources=tuple(SourceCompany(row.name, row.address, row.representative, row.since) for row in rows),
    )


def _open_companies(session: Session) -> Sequence[int]:
    """Return the companies whose people the partner in scope sees now: none where it may see nobody.

    Asked first and by itself: they are few, and then no tie has to be looked up for each share.
    """
    standing = select(Partnership.company_id).join(Partner, Partner.id == Partnership.partner_id)
    return session.scalars(standing.where(Partnership.ended_at.is_(None), is_open(), may_see_people())).all()


def _visible(share: Any, companies: Sequence[int]) -> ColumnElement[bool]:
    """Return the condition of shares shown now: not run out, and through a company that is open to the partner."""
    return and_(share.until >= clock.now(), share.company_id.in_(companies))


def _older_share(companies: Sequence[int]) -> ColumnElement[bool]:
    """Return whether the person is shown through another company too, and longer."""
    other = aliased(Share)
    return exists().where(
        other.profile_id == Share.profile_id,
        other.partner_id == Share.partner_id,
        or_(other.since < Share.since, and_(other.since == Share.since, other.id < Share.id)),
        _visible(other, companies),
    )


def _newest_consent(companies: Sequence[int]) -> ColumnElement[int]:
    """Return the newest consent of the person among those that are shown: its facts are what the partner sees."""
    other = aliased(Share)
    return (
        select(func.max(other.consent_id))
        .where(other.profile_id == Share.profile_id, other.partner_id == Share.partner_id, _visible(other, companies))
        .scalar_subquery()
    )


def _fact(item: str) -> ColumnElement[str]:
    """Return what that consent covers of one item; empty where nothing was agreed to."""
    return func.coalesce(Consent.facts[item].as_string(), "")


def _matches(q: str, role: ColumnElement[str], place: ColumnElement[str]) -> ColumnElement[bool]:
    if (code := parse_code(q)) is not None:
        return Profile.code == code
    return or_(
        role.icontains(q, autoescape=True),
        place.icontains(q, autoescape=True),
        Profile.code.startswith(q.upper(), autoescape=True),
    )


def _shares_of(session: Session, code: str) -> Sequence[Any]:
    return session.execute(
        select(
            Profile.code,
            Share.consent_id,
            Share.since,
            Share.until,
            Company.name,
            Company.address,
            Company.representative,
        )
        .join(Profile, Profile.id == Share.profile_id)
        .join(Company, Company.id == Share.company_id)
        .where(Profile.code == code, _visible(Share, _open_companies(session)))
        .order_by(Share.since, Share.id)
    ).all()
