"""What a partner sees, in the partner's scope: the people whose share stands, at this very request (invariant 4).

The list holds code, role, place and date; opening a record is itself a provision and is written down (invariant 5).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, Text, and_, case, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import Company, Consent, EventTag, Partner, Partnership, Profile, Share, record
from relay.network import openings
from relay.network.partners import may_see_people
from relay.network.wording import ITEMS, item_labels
from relay.text import clean
from relay.tokens import parse_code
from relay.trust import provisions


class Gone(DomainError):
    """The person is not there for this partner (any more): withdrawn, expired, erased or never shared, all alike."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "この方の情報は表示できません。同意が取り消されたか、提供の期間が終わっています。お手元の控えも、消去をお願いします。"
            )
        )


@dataclass(frozen=True)
class PersonRow:
    """One person in the list: no name, no contact (invariant 5)."""

    code: str
    role: str
    place: str
    since: datetime

    @property
    def cursor(self) -> str:
        """Where a page begins or ends; means nothing outside the list."""
        return f"{(self.since - clock.EPOCH) // timedelta(microseconds=1)}-{self.code}"


@dataclass(frozen=True)
class People:
    """A page of the list, newest consent first; `next` and `previous` are cursors."""

    rows: list[PersonRow]
    next: str | None
    previous: str | None


@dataclass(frozen=True)
class Source:
    """Through which company the person came: what the recipient's own record must name (A-17)."""

    name: str
    address: str
    representative: str
    since: datetime


@dataclass(frozen=True)
class Person:
    """One person as far as they agreed: an item that was not agreed to is empty. Purpose and version are the newest."""

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
    sources: tuple[Source, ...]


def people(session: Session, *, q: str = "", after: str = "", before: str = "", limit: int = 50) -> People:
    """A page of the people who agreed to be seen by this partner; `q` is a code, or a word of role or place."""
    seen = _seen().subquery()
    role = case((seen.c.role == 1, Profile.desired_role), else_="")
    place = case((seen.c.place == 1, Profile.place), else_="")
    query = select(Profile.code, role, place, seen.c.since).join(seen, seen.c.profile_id == Profile.id)
    if q := clean(q):
        query = query.where(_matches(q, role, place))
    start = _read_cursor(before or after)
    backwards = bool(before) and start is not None
    if start is not None:
        query = query.where(_beyond(seen.c.since, *start, backwards=backwards))
    order = (seen.c.since.asc(), Profile.code.asc()) if backwards else (seen.c.since.desc(), Profile.code.desc())
    found = [PersonRow(*row) for row in session.execute(query.order_by(*order).limit(limit + 1))]
    return _page(found, limit, backwards=backwards, begun=start is not None)


def count(session: Session) -> int:
    """How many people this partner may see now."""
    return session.scalar(select(func.count()).select_from(_seen().subquery())) or 0


def open_person(session: Session, code: str, user_id: int | None) -> Person:
    """Open one person's record, and write down that it was opened, by whom and what was shown. Raises Gone."""
    rows = _shares_of(session, parse_code(code) or "")
    if not rows:
        raise Gone
    profile = session.scalars(select(Profile).where(Profile.id == rows[0].profile_id)).one()
    codes = [each for each in ITEMS if any(each in row.items for row in rows)]
    newest = session.scalars(select(Consent).where(Consent.id == max(row.consent_id for row in rows))).one()
    openings.note(session, newest.partner_id, profile.id)
    provisions.viewed(session, profile, newest, codes, user_id)
    record(
        session,
        EventTag.PROFILE_VIEWED,
        partner_id=newest.partner_id,
        profile_id=profile.id,
        subject=("profile", profile.id),
    )
    return Person(
        code=profile.code,
        **{each: getattr(profile, each) if each in codes else "" for each in ITEMS},
        items=tuple(item_labels(codes)),
        since=min(row.since for row in rows),
        until=max(row.until for row in rows),
        purpose=newest.purpose,
        version=newest.wording_version,
        sources=tuple(Source(row.name, row.address, row.representative, row.since) for row in rows),
    )


def _visible() -> ColumnElement[bool]:
    """Which shares are shown now: not run out, the company's tie stands, the partner may see people."""
    return and_(
        Share.until >= clock.now(),
        exists().where(
            Partnership.company_id == Share.company_id,
            Partnership.partner_id == Share.partner_id,
            Partnership.ended_at.is_(None),
        ),
        exists().where(Partner.id == Share.partner_id, may_see_people()),
    )


def _seen() -> Select[int, datetime, int, int]:
    """One row per visible person: since when, and whether role and place were agreed to through any company."""
    return (
        select(
            Share.profile_id,
            func.min(Share.since).label("since"),
            _agreed("desired_role").label("role"),
            _agreed("place").label("place"),
        )
        .join(Consent, Consent.id == Share.consent_id)
        .where(_visible())
        .group_by(Share.profile_id)
    )


def _agreed(item: str) -> ColumnElement[int]:
    return func.max(case((cast(Consent.items, Text).contains(f'"{item}"', autoescape=True), 1), else_=0))


def _matches(q: str, role: ColumnElement[str], place: ColumnElement[str]) -> ColumnElement[bool]:
    if (code := parse_code(q)) is not None:
        return Profile.code == code
    return or_(
        role.icontains(q, autoescape=True),
        place.icontains(q, autoescape=True),
        Profile.code.startswith(q.upper(), autoescape=True),
    )


def _beyond(since: ColumnElement[datetime], moment: datetime, code: str, *, backwards: bool) -> ColumnElement[bool]:
    if backwards:
        return or_(since > moment, and_(since == moment, Profile.code > code))
    return or_(since < moment, and_(since == moment, Profile.code < code))


def _page(found: list[PersonRow], limit: int, *, backwards: bool, begun: bool) -> People:
    more, rows = len(found) > limit, found[:limit]
    if backwards:
        rows = rows[::-1]
    has_next, has_previous = (bool(rows), more) if backwards else (more, begun and bool(rows))
    return People(
        rows,
        rows[-1].cursor if has_next else None,
        rows[0].cursor if has_previous else None,
    )


def _read_cursor(text: str) -> tuple[datetime, str] | None:
    moment, _dash, code = text.partition("-")
    if not (moment.isdecimal() and len(moment) < 19 and parse_code(code)):
        return None
    return clock.EPOCH + timedelta(microseconds=int(moment)), code


def _shares_of(session: Session, code: str) -> Sequence[Any]:
    return session.execute(
        select(
            Share.profile_id,
            Share.consent_id,
            Share.since,
            Share.until,
            Consent.items,
            Company.name,
            Company.address,
            Company.representative,
        )
        .join(Profile, Profile.id == Share.profile_id)
        .join(Consent, Consent.id == Share.consent_id)
        .join(Company, Company.id == Share.company_id)
        .where(Profile.code == code, _visible())
        .order_by(Share.since, Share.id)
    ).all()
