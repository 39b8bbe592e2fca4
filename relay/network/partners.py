"""Partners (提携先) of companies: who they are, whether their licence is in force, who may be shown.

A candidate is offered a partner only when the law's particulars are there and someone looked the licence up
(A-9, A-14, A-18, B-10…B-13); to see the people who said yes, its licence and the partnership must be in force.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, case, exists, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.mail import servers
from relay.models import Company, EventTag, Partner, PartnerKind, Partnership, event_data, moments, record, scopes
from relay.models.locking import lock_companies
from relay.models.prepared import read
from relay.network import partner_letters
from relay.network.legal_person import Effect as Effect
from relay.network.legal_person import Standing, deadline, is_renewal, read_number, weigh
from relay.network.partnerships import PartnerChangedMeanwhile as PartnerChangedMeanwhile
from relay.network.partnerships import PartnershipGone as PartnershipGone
from relay.network.partnerships import check_partnership as check_partnership
from relay.network.partnerships import end_all, held
from relay.network.partnerships import end_partnership as end_partnership
from relay.network.partnerships import fingerprint as fingerprint
from relay.network.partnerships import look_ups_again as look_ups_again
from relay.network.partnerships import start_partnership as start_partnership
from relay.network.partnerships import unchecked_count as unchecked_count
from relay.text import plain_ascii

LICENCE = re.compile(r"(0[1-9]|[1-3]\d|4[0-7])-([ユム特])-\d{6}", re.ASCII)


class LicenceUnreadable(DomainError):
    """Raise where the text is no licence number of a 職業紹介事業者 (B-11)."""

    code = "licence-unreadable"
    message = _l(
        "許可番号を読み取れませんでした。「13-ユ-123456」のように、都道府県の番号・ユまたはム・6桁の数字で書いてください。"
    )


class LicenceTaken(DomainError):
    """Raise where another partner is registered under this licence number."""

    code = "licence-taken"
    message = _l("この許可番号は、すでに別の提携先に登録されています。")


class PartnerUnknown(DomainError):
    """Raise where no partner has this short name."""

    code = "partner-unknown"


class NotSure(DomainError):
    """Raise where a change closes people who agreed, until it is confirmed; `effect` describes it."""

    code = "change-not-confirmed"
    message = _l("まだ保存していません。下の説明をお読みになり、チェックを入れてから、もう一度保存してください。")

    def __init__(self, effect: Effect) -> None:
        self.effect = effect
        super().__init__()


class NotificationNotLookedUp(DomainError):
    """Raise where a school would introduce jobs under a number that was not looked up (B-33)."""

    code = "notification-not-looked-up"
    message = _l(
        "「求人の紹介」は、届出受理番号を企業か運営者が確認したあとに選べます。まだ保存していません。"
        "先に届出受理番号だけを保存し、確認を待ってから選んでください。"
    )


class SlugTaken(DomainError):
    """Raise where another partner has this short name."""

    code = "partner-slug-taken"
    message = _l("この短い名前の提携先はすでにあります。別の名前を付けてください。")


@dataclass(frozen=True)
class PartnerCard:
    """A partner as it must be named to the candidate (A-9, B-13)."""

    id: int
    kind: PartnerKind
    name: str
    address: str
    representative: str
    contact: str
    about: str
    license_number: str | None
    since: date
    complaints: str = ""
    notices_url: str = ""
    fees_url: str = ""
    register_url: str = ""
    corporate_number: str | None = None
    notification_number: str | None = None
    """Of a school that may be agreed to for introducing jobs, too (B-33); None of any other."""

    @property
    def identity(self) -> str:
        """Return the legal identity: its 法人番号, else the licence number in its place (A-43)."""
        return self.corporate_number or self.license_number or ""


def create_partner(
    session: Session,
    *,
    slug: str,
    kind: PartnerKind,
    name: str,
    address: str = "",
    representative: str = "",
    contact: str = "",
    about: str = "",
    license_number: str = "",
    license_until: date | None = None,
    corporate_number: str | None = None,
    checked_by: str = "",
    **further: Any,
) -> Partner:
    """Register an agency or a school. `checked_by` says who looked it up for the whole installation (B-11); without
    it each company looks it up on its own tie. `further` are the other columns of what a partner says about itself.

    Raises LicenceUnreadable (an agency needs a licence), NumberUnreadable, LicenceTaken, SlugTaken;
    NoInstallationServer while nothing safe would carry the letters to it (C-24).
    """
    servers.check_installation(session)
    if session.scalar(select(Partner.id).where(Partner.slug == slug)) is not None:
        raise SlugTaken
    partner = Partner(
        slug=slug,
        kind=kind,
        name=name,
        address=address,
        representative=representative,
        contact=contact,
        about=about,
        license_number=_licence(session, kind, license_number),
        license_until=license_until,
        corporate_number=read_number(corporate_number) if corporate_number else None,
        checked_on=clock.today() if checked_by else None,
        checked_by=checked_by,
        created_at=clock.now(),
        **further,
    )
    _add_once(session, partner)
    record(session, EventTag.PARTNER_CREATED, partner_id=partner.id, subject=("partner", partner.id))
    return partner


def by_slug(session: Session, slug: str) -> Partner:
    """Return the partner of this short name. Raises PartnerUnknown."""
    partner = session.scalars(select(Partner).where(Partner.slug == slug)).one_or_none()
    if partner is None:
        raise PartnerUnknown(_l("「%(slug)s」という提携先はありません。", slug=slug))
    return partner


def change_partner(session: Session, partner: Partner, **given: Any) -> None:
    """Correct a partner's particulars: address, representative, contact, about, license_number, license_until.

    `checked_by` records a new look-up of the licence. Raises LicenceUnreadable, LicenceTaken.
    """
    if "license_number" in given:
        given["license_number"] = _licence(session, partner.kind, given["license_number"], but=partner.id)
    if given.get("checked_by"):
        given["checked_on"] = clock.today()
        with scopes.partner(session, partner.id):
            session.execute(update(Partnership).where(Partnership.ended_at.is_(None)).values(look_up_by=None))
    for name, value in given.items():
        setattr(partner, name, value)
    session.flush()
    record(
        session,
        EventTag.PARTNER_CHANGED,
        partner_id=partner.id,
        subject=("partner", partner.id),
        data=event_data.FieldsChanged(fields=tuple(sorted(given))),
    )


def describe_itself(session: Session, partner: Partner, *, sure: bool = False, **given: Any) -> Effect:
    """Store what the partner states again about itself; returns what that means for its people (B-11, A-43).

    What is looked up makes the companies in partnership with it look again, asked by mail; their candidates are not
    offered it meanwhile, and who agreed already is seen until the day that `legal_person.deadline` says. Another legal
    person loses every partnership and consent. What closes people is done only when `sure`.

    Raises LicenceUnreadable, LicenceTaken, NumberWithOthers, RenewalTooEarly, NotSure, NotificationNotLookedUp.
    """
    lock_companies(session, _has_partnership(session, partner.id))
    partner = held(session, partner.id)
    if given.get("introduces_jobs"):
        given["introduces_jobs"] = _may_introduce_jobs(session, partner, given["notification_number"])
    changed = {name: value for name, value in given.items() if getattr(partner, name) != value}
    if not changed:
        return Effect.NOTHING
    if "license_number" in changed:
        _licence(session, partner.kind, changed["license_number"], but=partner.id)
    effect = weigh(partner, changed, _standing(session, partner))
    if effect in {Effect.CLOSED, Effect.ENDED} and not sure:
        raise NotSure(effect)
    if effect is Effect.NOTHING:
        change_partner(session, partner, **changed)
        return effect
    _ask_again(session, partner, changed)
    renewed = is_renewal(partner, changed)
    change_partner(session, partner, **changed, checked_on=None, checked_by="")
    if effect is Effect.ENDED:
        end_all(session, partner.id)
    else:
        partner_letters.ask_to_look_up(session, partner, renewed=renewed)
    return effect


def _may_introduce_jobs(session: Session, partner: Partner, number: str | None) -> bool:
    """Return False where the number is another one, which is looked up first. Raises NotificationNotLookedUp."""
    if number != partner.notification_number:
        return False
    if not partner.introduces_jobs and not _standing(session, partner).looked_up:
        raise NotificationNotLookedUp
    return True


def notification_is_looked_up(session: Session, partner: Partner) -> bool:
    """Return whether a school may choose now that it introduces jobs, too (B-33)."""
    return partner.notification_number is not None and _standing(session, partner).looked_up


def _has_partnership(session: Session, partner_id: int) -> Sequence[int]:
    with scopes.partner(session, partner_id):
        return session.scalars(select(Partnership.company_id).where(Partnership.ended_at.is_(None))).all()


def _standing(session: Session, partner: Partner) -> Standing:
    """Return the partner's standing with its companies; of several, the strictest counts."""
    with scopes.partner(session, partner.id):
        partnerships = session.execute(
            select(Partnership.checked_on, Partnership.look_up_by).where(Partnership.ended_at.is_(None))
        ).all()
    return Standing(
        looked_up=partner.checked_on is not None or any(partnership.checked_on for partnership in partnerships),
        waiting=any(partnership.look_up_by for partnership in partnerships),
    )


def _ask_again(session: Session, partner: Partner, changed: Mapping[str, Any]) -> None:
    """Require a new look-up of the changed partner; a day that is set already is never put off."""
    with scopes.partner(session, partner.id):
        for partnership in session.scalars(select(Partnership).where(Partnership.ended_at.is_(None))):
            partnership.checked_on, partnership.checked_by_user_id, partnership.checked_note = None, None, ""
            day = deadline(partner, changed, waiting=partnership.look_up_by is not None)
            partnership.look_up_by = min(
                (each for each in (partnership.look_up_by, day) if each is not None), default=None
            )
        session.flush()


def suspend(session: Session, partner: Partner) -> None:
    """Close the partner's view and take it off every page at once; `resume` opens it again."""
    if partner.suspended_at is None:
        change_partner(session, partner, suspended_at=clock.now())


def resume(session: Session, partner: Partner) -> None:
    """Open a suspended partner again."""
    if partner.suspended_at is not None:
        change_partner(session, partner, suspended_at=None)


def read_licence(text: str) -> str:
    """Return the canonical form 13-ユ-123456, whatever the width and hyphens typed (B-11). Raises LicenceUnreadable.

    The shape alone proves nothing: someone has to look it up on 人材サービス総合サイト.
    """
    number = plain_ascii(text).replace(" ", "")
    if not LICENCE.fullmatch(number):
        raise LicenceUnreadable
    return number


def missing(partner: Partner) -> list[str]:
    """Return what is still needed before candidates can be shown the partner, in Japanese words."""
    wanted = [
        (partner.name, _l("名称")),
        (partner.address, _l("住所")),
        (partner.representative, _l("代表者の氏名")),
        (partner.checked_on, _l("許可の確認") if partner.kind is PartnerKind.AGENCY else _l("内容の確認")),
    ]
    return [str(word) for value, word in wanted if not value]


def may_see_people() -> ColumnElement[bool]:
    """Return the condition under which a partner sees, on this day, the people whose consent and tie stand.

    An agency's licence must not have run out (B-12), its end being known unless the operator vouched for it;
    a partner outside Japan needs more than we ask (A-14).
    """
    return and_(
        Partner.suspended_at.is_(None),
        Partner.country == "JP",
        or_(
            Partner.kind != PartnerKind.AGENCY,
            Partner.license_until >= moments.today(),
            and_(Partner.license_until.is_(None), Partner.checked_on.is_not(None)),
        ),
    )


def is_open() -> ColumnElement[bool]:
    """Return the condition on a partnership under which the partner sees the company's people: no look-up due
    (A-43)."""
    return or_(Partnership.look_up_by.is_(None), Partnership.look_up_by >= moments.today())


def may_be_offered() -> ColumnElement[bool]:
    """Return the condition, on a partner joined with its partnership, under which the company's candidates are offered
    it.

    Beyond seeing people, it names itself as the law wants, and it was looked up: the operator for everybody,
    or the company for itself (B-11). Until then no consent is taken.
    """
    return and_(
        may_see_people(),
        Partner.address != "",
        Partner.representative != "",
        or_(Partner.checked_on.is_not(None), Partnership.checked_on.is_not(None)),
    )


def honours() -> ColumnElement[bool]:
    """Return the condition, on a partner joined with its partnership, under which it takes the company's credits."""
    return and_(
        Partnership.ended_at.is_(None),
        Partnership.free_introductions_per_year > 0,
        Partnership.fee_table_allows_on.is_not(None),
        Partner.kind == PartnerKind.AGENCY,
        is_open(),
        may_be_offered(),
    )


def credits_honoured() -> ColumnElement[bool]:
    """Return the condition beside a company that one of its agencies takes its credits now."""
    return exists().where(Partnership.company_id == Company.id, Partnership.partner_id == Partner.id, honours())


_ACTIVE = (
    select(
        Partner.id,
        Partner.kind,
        Partner.name,
        Partner.address,
        Partner.representative,
        Partner.contact,
        Partner.about,
        Partner.license_number,
        Partnership.accepted_on,
        Partner.complaints,
        Partner.notices_url,
        Partner.fees_url,
        Partner.register_url,
        Partner.corporate_number,
        case((Partner.introduces_jobs, Partner.notification_number)),
    )
    .join(Partnership, Partnership.partner_id == Partner.id)
    .where(Partnership.ended_at.is_(None), may_be_offered())
    .order_by(Partnership.accepted_on, Partnership.id)
)


def active_partners(session: Session, company_id: int) -> list[PartnerCard]:
    """Return the partners shown to candidates of the company, by date of the partnership and no one's choice (0.3)."""
    with scopes.company(session, company_id):
        return [PartnerCard(*row) for row in read(session, _ACTIVE)]


def seeing(session: Session, company_ids: Iterable[int]) -> set[tuple[int, int]]:
    """Company and partner, where the partner may see today who came through the company."""
    with scopes.everyone(session, "own page: the ties behind the person's own consents"):
        rows = session.execute(
            select(Partnership.company_id, Partnership.partner_id)
            .join(Partner, Partner.id == Partnership.partner_id)
            .where(
                Partnership.company_id.in_(sorted(company_ids)),
                Partnership.ended_at.is_(None),
                is_open(),
                may_see_people(),
            )
        )
        return {(row.company_id, row.partner_id) for row in rows}


def _add_once(session: Session, partner: Partner) -> None:
    """Insert the partner once: the second of two at once is told like anyone who comes later."""
    try:
        with session.begin_nested():
            session.add(partner)
            session.flush()
    except IntegrityError as error:
        raise LicenceTaken from error


def _licence(session: Session, kind: PartnerKind, text: str | None, *, but: int | None = None) -> str | None:
    if not text and kind is not PartnerKind.AGENCY:
        return None
    number = read_licence(text or "")
    holder = session.scalar(select(Partner.id).where(Partner.license_number == number))
    if holder not in {None, but}:
        raise LicenceTaken
    return number
