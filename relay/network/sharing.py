"""Reading as a partner, in its scope: the people whose share is in force, at this very request (invariant 4).

Opening a record is itself a provision and is written down (invariant 5); the list of them is relay.network.finding.
Past so many openings an hour reading goes on, but the partner's people and the operator are told; never the companies:
whom a partner may see is the candidates' own affair. Where it may see no one, its portal says first why (B-12).
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, exists, func, select
from sqlalchemy.orm import Session, aliased

from relay import clock
from relay.errors import DomainError
from relay.identity import installation, throttle
from relay.infra.keyed_hash import keyed
from relay.models import (
    Company,
    Consent,
    EventTag,
    Partner,
    PartnerKind,
    PartnerPerson,
    Partnership,
    Profile,
    ProvisionKind,
    ProvisionRecord,
    Share,
    User,
    moments,
    record,
    scopes,
)
from relay.models.locking import lock_profile
from relay.models.prepared import Prepared, numbered, one_of, rounded
from relay.network import partner_letters, partner_people
from relay.network.partners import is_open, may_see_people
from relay.network.profiles import ITEMS, as_of, out_of_sight
from relay.text import mail_key, normalise_mail
from relay.tokens import parse_code
from relay.trust import provisions
from relay.trust.provisions import SAME_VIEWING, ReadConsent

log = logging.getLogger("relay")

COUNT_CAP = 10_000
OPENINGS_AN_HOUR = 100
"""So many people a partner opens within an hour of the clock without a word: one in 36 seconds, all hour long, is
faster than a few agents read and write to people, and slower than anything that only collects them."""
HOUR = timedelta(hours=1)
OPERATOR = "network: whether the operator's address is one of a company's"


def note_opening(session: Session, partner_id: int, profile_id: int) -> None:
    """Count one opening of a person, in the scope of the partner and before it is recorded; tell of one too many.

    The count of an hour passes its limit once, so one notice leaves for each hour of the clock at most.
    """
    if _OPENED_BEFORE.first(session, profile_id=profile_id) is None:
        _count_openings(session, partner_id, 1)


_OPENED_BEFORE = Prepared(
    select(ProvisionRecord.id)
    .where(
        ProvisionRecord.kind.in_((ProvisionKind.VIEWED, ProvisionKind.READ_BY_API)),
        ProvisionRecord.profile_id == bindparam("profile_id"),
        ProvisionRecord.at > moments.now(-SAME_VIEWING),
    )
    .limit(1),
    int,
)


def _count_openings(session: Session, partner_id: int, times: int) -> None:
    reached = throttle.hit(session, keyed("openings", str(partner_id)), window=HOUR, times=times)
    if not reached - times <= OPENINGS_AN_HOUR < reached:
        return
    log.warning("partner %s opened more than %s people within an hour", partner_id, OPENINGS_AN_HOUR)
    partner = session.scalars(select(Partner).where(Partner.id == partner_id)).one()
    partner_letters.tell_of_openings(session, partner, most=OPENINGS_AN_HOUR, operator=operators_own_address(session))


def operators_own_address(session: Session) -> str:
    """Return the operator's own mail address; empty where it is also a company's, for HR would read it there."""
    row = installation.get(session)
    address = normalise_mail(row.operator_contact).value if row else ""
    if not address:
        return ""
    with scopes.everyone(session, OPERATOR):
        members = select(User.id).where(User.email_key == mail_key(address), User.company_id.is_not(None))
        if session.scalar(members.limit(1)) is not None:
            return ""
    replies = session.scalars(select(Company.reply_to)).all()
    return "" if mail_key(address) in {mail_key(each) for each in replies} else address


REMINDER = timedelta(days=60)
MAX_NAMED = 20


@dataclass(frozen=True)
class PartnerState:
    """The partner's particulars; `blocked` says in a sentence why it may see no one, and is empty when it may."""

    name: str
    kind: PartnerKind
    address: str
    representative: str
    contact: str
    license_number: str | None
    license_until: date | None
    blocked: str
    unchecked_by: tuple[str, ...] = ()
    """The companies that have not looked the partner up yet: their candidates are not offered it (B-11)."""
    look_up_by: date | None = None
    """The first day after which people are closed unless their company looks the partner up (A-43)."""
    overdue_at: tuple[str, ...] = ()
    """The companies whose day is over: their people are closed until they have looked the partner up."""
    corporate_number: str | None = None
    looked_up: tuple[tuple[str, date], ...] = ()
    """The companies that looked it up on the public register, each with the day; '' is the operator (B-11)."""

    notification_number: str | None = None
    """Of a school that notified (B-33)."""

    @property
    def ends_soon(self) -> bool:
        """Return whether the licence runs out within 60 days (B-12): then the portal reminds of it."""
        return not self.blocked and self.license_until is not None and self.license_until <= clock.today() + REMINDER


def of_partner(session: Session, partner_id: int) -> PartnerState:
    """Return the partner's state at this very request; to be asked in the partner's scope."""
    [partner] = _PARTICULARS.all(session, partner_id=partner_id)
    return PartnerState(
        partner.name,
        partner.kind,
        partner.address,
        partner.representative,
        partner.contact,
        partner.license_number,
        partner.license_until,
        "" if partner.sees else _why(partner),
        () if partner.checked_on else tuple(_UNCHECKED_BY.all(session)),
        partner.look_up_by,
        tuple(_OVERDUE_AT.all(session)),
        partner.corporate_number,
        (*([("", partner.checked_on)] if partner.checked_on else []), *_LOOKED_UP.all(session)),
        partner.notification_number,
    )


def kind_of(session: Session, partner_id: int) -> PartnerKind:
    """Return what kind of partner it is."""
    [kind] = _KIND.all(session, partner_id=partner_id)
    return kind


_KIND = Prepared(select(Partner.kind).where(Partner.id == bindparam("partner_id")), PartnerKind)


class _Particulars(NamedTuple):
    name: str
    kind: PartnerKind
    address: str
    representative: str
    contact: str
    license_number: str | None
    license_until: date | None
    checked_on: date | None
    corporate_number: str | None
    suspended_at: datetime | None
    sees: bool
    look_up_by: date | None
    notification_number: str | None


_PARTICULARS = Prepared(
    select(
        Partner.name,
        Partner.kind,
        Partner.address,
        Partner.representative,
        Partner.contact,
        Partner.license_number,
        Partner.license_until,
        Partner.checked_on,
        Partner.corporate_number,
        Partner.suspended_at,
        may_see_people(),
        select(func.min(Partnership.look_up_by)).where(Partnership.ended_at.is_(None), is_open()).scalar_subquery(),
        Partner.notification_number,
    ).where(Partner.id == bindparam("partner_id")),
    _Particulars,
)


def _standing(*columns: Any) -> Select[*tuple[Any, ...]]:
    joined = select(*columns).join(Partnership, Partnership.company_id == Company.id)
    return joined.where(Partnership.ended_at.is_(None)).order_by(Partnership.id).limit(MAX_NAMED)


_UNCHECKED_BY = Prepared(_standing(Company.name).where(Partnership.checked_on.is_(None)), str)
_OVERDUE_AT = Prepared(_standing(Company.name).where(~is_open()), str)
_LOOKED_UP = Prepared(
    _standing(Company.name, Partnership.checked_on).where(Partnership.checked_on.is_not(None)),
    lambda name, day: (str(name), cast(date, day)),
)


def _why(partner: _Particulars) -> str:
    if partner.suspended_at is not None:
        return _("運営者が、貴社の表示を止めています。心当たりがないときは、提携している企業へお問い合わせください。")
    if partner.license_until is not None and partner.license_until < clock.today():
        return _(
            "許可の有効期限が過ぎています。更新した期限を「自社の情報」に登録し、提携している企業がそれを確認すると、"
            "同意が続いている方が、また表示されます。"
        )
    return _("貴社の情報の確認が済んでいません。提携している企業へお問い合わせください。")


class Gone(DomainError):
    """Raise where the person is not shared with this partner: withdrawn, expired, erased or never, all alike."""

    code = "person-not-shared"
    message = _l(
        "この方の情報は表示できません。同意が取り消されたか、提供の期間が終わったときは、お手元に保存した情報も、消去をお願いします。"
        "ご本人が休止されているあいだも、この表示になります。内容の確認をご本人にお願いしているあいだも同じです。"
    )


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

    id: int
    code: str
    name: str
    kana: str
    email: str
    phone: str
    desired_role: str
    place: str
    experience: str
    items: tuple[str, ...]
    """Codes of ITEMS."""
    as_of: date
    """The day as of which this was right (B-22)."""
    since: datetime
    until: datetime
    purpose: str
    version: str
    sources: tuple[SourceCompany, ...]


class _ShownShare(NamedTuple):
    """A share that is shown, with the person as they are now and the company it came through."""

    profile_id: int
    code: str
    name: str
    kana: str
    email: str
    phone: str
    desired_role: str
    place: str
    experience: str
    visible_since: datetime | None
    last_confirmed_at: datetime
    updated_at: datetime
    consent_id: int
    since: datetime
    until: datetime
    company_name: str
    company_address: str
    company_representative: str


def count(session: Session, most: int = COUNT_CAP) -> int:
    """Return how many people this partner may see now, counted up to `most` + 1: each of them is looked at."""
    if not (companies := rounded(open_companies(session))):
        return 0
    [number] = _counted(len(companies)).all(session, most=most + 1, **numbered("company", companies))
    return number


@lru_cache(maxsize=8)  # tricks: agency.about
def _counted(companies: int) -> Prepared[int]:
    # in the order of an index: without one PostgreSQL reads everybody before it counts so many
    newest = (PartnerPerson.since.desc(), PartnerPerson.id.desc())
    people = select(PartnerPerson.id).where(has_shown_share(companies)).order_by(*newest)
    return Prepared(select(func.count()).select_from(people.limit(bindparam("most", type_=Integer)).subquery()), int)


def open_person(session: Session, code: str, user_id: int | None) -> SharedPerson:
    """Open one person's record, and write down that it was opened, by whom and what was shown. Raises Gone."""
    rows, newest = _about_to_show(session, code)
    if provisions.viewed(session, rows[0].code, newest, user_id) is not None:
        _record_viewed(session, newest)
        partner_people.note_opened(session, [newest.profile_id], user_id)
    return _person(rows, newest)


def read_person(session: Session, code: str, api_key_id: int) -> SharedPerson:
    """Give one person's record to a program, and write down with which key it was read. Raises Gone.

    To the partner's people the person is as unopened as before: nobody has looked yet.
    """
    rows, newest = _about_to_show(session, code)
    if provisions.read_by_api(session, rows[0].code, newest, api_key_id) is not None:
        _record_viewed(session, newest)
    return _person(rows, newest)


def _about_to_show(session: Session, code: str) -> tuple[Sequence[_ShownShare], ReadConsent]:
    """Return the shares that show a person and the newest consent among theirs; the opening is counted."""
    rows = _shares_of(session, parse_code(code) or "")
    if not rows:
        raise Gone
    [newest] = _CONSENT.all(session, consent_id=max(row.consent_id for row in rows))
    note_opening(session, newest.partner_id, newest.profile_id)
    return rows, newest


def _record_viewed(session: Session, shown_by: ReadConsent) -> None:
    record(
        session,
        EventTag.PROFILE_VIEWED,
        partner_id=shown_by.partner_id,
        profile_id=shown_by.profile_id,
        subject=("profile", shown_by.profile_id),
    )


def was_shared(session: Session, code: str) -> bool:
    """Return whether the partner in scope was ever given the person of this code; to others it never existed."""
    given = select(ProvisionRecord.id).where(ProvisionRecord.person_code == code).limit(1)
    return session.scalar(given) is not None


_CONSENT = Prepared(
    select(
        Consent.id,
        Consent.profile_id,
        Consent.partner_id,
        Consent.via_company_id,
        Consent.purpose,
        Consent.wording_version,
        Consent.items,
        Consent.facts,
        Consent.given_at,
    ).where(Consent.id == bindparam("consent_id")),
    ReadConsent,
)


def shown_people(session: Session, codes: Collection[str]) -> list[tuple[SharedPerson, Consent]]:
    """Return those of these people whom the partner sees at this very request, with the consent it sees them by.

    In the order of the codes; nothing is recorded.
    """
    shares: dict[str, list[_ShownShare]] = {}
    theirs = _shares(open_companies(session)).where(Profile.code.in_(codes))
    for row in session.execute(theirs):
        shares.setdefault(row.code, []).append(_ShownShare(*row))
    newest = {code: max(row.consent_id for row in rows) for code, rows in shares.items()}
    consents = {each.id: each for each in session.scalars(select(Consent).where(Consent.id.in_(newest.values())))}
    return [(_person(shares[code], consents[newest[code]]), consents[newest[code]]) for code in codes if code in shares]


def count_taken_along(session: Session, partner_id: int, profile_ids: Collection[int]) -> None:
    """Count people who leave in a file like openings, before they are recorded: those not opened this hour."""
    opened = select(ProvisionRecord.profile_id).where(
        ProvisionRecord.kind != ProvisionKind.MADE_AVAILABLE,
        ProvisionRecord.profile_id.in_(profile_ids),
        ProvisionRecord.at > clock.now() - HOUR,
    )
    if new := len(set(profile_ids) - set(session.scalars(opened))):
        _count_openings(session, partner_id, new)


def _person(rows: Sequence[_ShownShare], newest: Consent | ReadConsent) -> SharedPerson:
    return SharedPerson(
        id=newest.profile_id,
        code=rows[0].code,
        **{each: newest.facts.get(each, "") for each in ITEMS},
        items=tuple(each for each in ITEMS if each in newest.items),
        as_of=as_of(rows[0], newest),
        since=min(row.since for row in rows),
        until=max(row.until for row in rows),
        purpose=newest.purpose,
        version=newest.wording_version,
        sources=tuple(
            SourceCompany(row.company_name, row.company_address, row.company_representative, row.since) for row in rows
        ),
    )


def seen(session: Session, code: str) -> int:
    """Return the id of a person whom the partner in scope sees now.

    Nothing is shown by it, so nothing is recorded. Raises Gone.
    """
    rows = _shares_of(session, parse_code(code) or "")
    if not rows:
        raise Gone
    return rows[0].profile_id


def hold(session: Session, code: str) -> int:
    """Return the same, for an act on the person: a withdrawal waits until the transaction ends. Raises Gone."""
    lock_profile(session, seen(session, code))
    return seen(session, code)


def open_companies(session: Session) -> Sequence[int]:
    """Return the companies whose people the partner in scope sees now: none where it may see nobody.

    Asked first and by itself: they are few, and then no tie has to be looked up for each share.
    """
    return _OPEN_COMPANIES.all(session)


OPEN = (Partnership.ended_at.is_(None), is_open(), may_see_people())
"""The conditions, in a prepared read, under which the partner of a partnership sees the people of its company."""
_OPEN_COMPANIES = Prepared(
    select(Partnership.company_id).join(Partner, Partner.id == Partnership.partner_id).where(*OPEN), int
)


def shown(share: Any, companies: Sequence[int] | int) -> ColumnElement[bool]:
    """Return the condition of shares shown now: not run out, through an open company, of nobody out of sight.

    A number instead of the companies: so many parameters `company_…` of a prepared read.
    """
    person, through = aliased(Profile), share.company_id
    hidden = exists().where(person.id == share.profile_id, out_of_sight(person))
    open_one = one_of(through, "company", companies) if isinstance(companies, int) else through.in_(companies)
    return and_(share.until >= moments.now(), open_one, ~hidden)


def has_shown_share(companies: int) -> ColumnElement[bool]:
    """Return the condition, on a row of the partner's list, that a share of the person is shown now."""
    share = aliased(Share)
    return exists().where(
        share.profile_id == PartnerPerson.profile_id,
        share.partner_id == PartnerPerson.partner_id,
        shown(share, companies),
    )


def _shares_of(session: Session, code: str) -> Sequence[_ShownShare]:
    if not (companies := rounded(open_companies(session))):
        return ()
    return _shares_of_one(len(companies)).all(session, code=code, **numbered("company", companies))


@lru_cache(maxsize=8)  # opening a record, by the number of companies: tests.bench.partner
def _shares_of_one(companies: int) -> Prepared[_ShownShare]:
    return Prepared(_shares(companies).where(Profile.code == bindparam("code")), _ShownShare)


def _shares(companies: Sequence[int] | int) -> Select[*tuple[Any, ...]]:
    """Select the columns of _ShownShare, the oldest share first."""
    return (
        select(
            Profile.id,
            Profile.code,
            *(getattr(Profile, item) for item in ITEMS),
            Profile.visible_since,
            Profile.last_confirmed_at,
            Profile.updated_at,
            Share.consent_id,
            Share.since,
            Share.until,
            Company.name,
            Company.address,
            Company.representative,
        )
        .join(Profile, Profile.id == Share.profile_id)
        .join(Company, Company.id == Share.company_id)
        .where(shown(Share, companies))
        .order_by(Share.since, Share.id)
    )
