"""Profiles (登録プロフィール): one per proven mail address, the fields a person may fill in, and when all of it ends.

Fields are few, kept as typed, without what is not text (F-11…F-13, F-17). Thirty days after the last consent ended
everything is erased (A-44, invariant 9); the words that a company may tell of its next openings, and tell a related
company of the person, are consents too, for the own page is the way to take them back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import (
    Consent,
    ConsentWithdrawal,
    EventTag,
    OpeningsConsent,
    Profile,
    RelatedConsent,
    moments,
    record,
    scopes,
)
from relay.models.retention import PROFILE
from relay.text import clean, clean_block, format_phone, mail_key, normalise_phone, phone_key, to_katakana
from relay.tokens import new_code


class RegistrantNameMissing(DomainError):
    """Raise where the person's name is empty."""

    code = "registrant-name-missing"
    message = _l("お名前をご記入ください。まだどこにも伝わっていません。")


ITEMS = {
    "name": _l("氏名"),
    "kana": _l("フリガナ"),
    "email": _l("メールアドレス"),
    "phone": _l("電話番号"),
    "desired_role": _l("希望職種"),
    "place": _l("希望勤務地"),
    "experience": _l("これまでの経験"),
}
"""What may be provided, by column of the profile; a consent lists those that were filled in."""

LENGTHS = {"name": 200, "kana": 200, "phone": 40, "desired_role": 100, "place": 100, "experience": 4000}


@dataclass(frozen=True)
class ProfileFields:
    """The form of a registration; only the name is needed."""

    name: str
    kana: str = ""
    phone: str = ""
    desired_role: str = ""
    place: str = ""
    experience: str = ""

    def cleaned(self) -> "ProfileFields":
        """Return the fields as `tidy`. Raises RegistrantNameMissing."""
        fields = self.tidy()
        if not fields.name:
            raise RegistrantNameMissing
        return fields

    def tidy(self) -> "ProfileFields":
        """Return the fields as stored: no control characters, katakana, phone as digits."""
        typed_phone = clean(self.phone)
        return ProfileFields(
            name=clean(self.name)[: LENGTHS["name"]],
            kana=to_katakana(clean(self.kana))[: LENGTHS["kana"]],
            phone=(normalise_phone(typed_phone).value or typed_phone)[: LENGTHS["phone"]],
            desired_role=clean(self.desired_role)[: LENGTHS["desired_role"]],
            place=clean(self.place)[: LENGTHS["place"]],
            experience=clean_block(self.experience)[: LENGTHS["experience"]],
        )


def item_label(code: str) -> str:
    """Return the item as a person reads it."""
    return str(ITEMS[code])


def item_labels(codes: Iterable[str]) -> list[str]:
    """Return the items as a person reads them, in the order of the form."""
    wanted = set(codes)
    return [str(label) for code, label in ITEMS.items() if code in wanted]


def item_values(facts: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return these facts with their labels as a person reads them, in the order of the form."""
    return [
        (str(label), format_phone(facts[code]) if code == "phone" else facts[code])
        for code, label in ITEMS.items()
        if facts.get(code)
    ]


KEPT_DAYS = PROFILE.number
KEPT = timedelta(days=KEPT_DAYS)
RETENTION = "retention: registered people belong to no company"
_WORDS_TO_COMPANIES = (OpeningsConsent, RelatedConsent)


def last_day(session: Session, profile_id: int) -> date | None:
    """Return the day the profile is erased, in Japan; None while a consent is in force, shown on the page or not."""
    with scopes.profile(session, profile_id):
        rows = session.execute(
            select(Consent.until, ConsentWithdrawal.at).outerjoin(
                ConsentWithdrawal, ConsentWithdrawal.consent_id == Consent.id
            )
        ).all()
    with scopes.everyone(session, RETENTION):
        words = [
            ended_at
            for model in _WORDS_TO_COMPANIES
            for ended_at in session.scalars(select(model.ended_at).where(model.profile_id == profile_id))
        ]
    ends: list[datetime] = [min(row.until, row.at or row.until) for row in rows]
    ends += [each for each in words if each is not None]
    if None in words or not ends or max(ends) >= clock.now():
        return None
    return max(ends).astimezone(clock.JAPAN).date() + KEPT


def ended(session: Session, *, after: int, limit: int) -> Sequence[int]:
    """Return the ids beyond `after` of profiles whose day has come, in order, at most `limit`; each is held.

    A person who registers or agrees meanwhile holds the profile: who waited for them is asked about again.
    """
    with scopes.everyone(session, RETENTION):
        first = select(Profile.id).where(_has_ended(), Profile.id > after).order_by(Profile.id).limit(limit)
        held = session.scalars(first.with_for_update(of=Profile, skip_locked=True)).all()
        return session.scalars(select(Profile.id).where(Profile.id.in_(held), _has_ended()).order_by(Profile.id)).all()


def count_ended(session: Session) -> int:
    """Return how many profiles the next run erases."""
    with scopes.everyone(session, RETENTION):
        return session.scalar(select(func.count()).select_from(Profile).where(_has_ended())) or 0


def _has_ended() -> ColumnElement[bool]:
    """Return the condition that every consent ended before the day 30 days ago; a profile has one since it was made."""
    start = _start_of(clock.today() - KEPT + timedelta(days=1))
    withdrawn = exists().where(ConsentWithdrawal.consent_id == Consent.id, ConsentWithdrawal.at < start)
    later = exists().where(Consent.profile_id == Profile.id, Consent.until >= start, ~withdrawn)
    told = [
        exists().where(model.profile_id == Profile.id, or_(model.ended_at.is_(None), model.ended_at >= start))
        for model in _WORDS_TO_COMPANIES
    ]
    return and_(Profile.created_at < start, ~later, ~or_(*told))


def _start_of(day: date) -> datetime:
    return clock.end_of_day(day - timedelta(days=1)) + timedelta(seconds=1)


BY_ADDRESS = "network: the profile of an address that was just proven"


def of_address(session: Session, email: str, fields: ProfileFields, locale: str) -> Profile:
    """Return the profile of a proven address, held until the transaction ends: a new one, or the one there, whose
    fields change only where something was given.

    What partners were given before stays as it was (A-43); where they hold something else, the own page asks.
    """
    profile = _held(session, email) or _make(session, email, fields, locale)
    with scopes.profile(session, profile.id):
        given = {name: value for name, value in asdict(fields).items() if value}
        if any(getattr(profile, name) != value for name, value in given.items()):
            profile.unshared_since = clock.now()
        for name, value in given.items():
            setattr(profile, name, value)
        profile.phone_key = phone_key(profile.phone)
        profile.updated_at = clock.now()
        confirm(profile)
        session.flush()
    return profile


def is_paused(until: date | None) -> bool:
    """Return whether a pause of which this is the last day is on today."""
    return until is not None and until >= clock.today()


def out_of_sight(profile: Any) -> ColumnElement[bool]:
    """Select the profiles that no partner sees today, since they pause, or are not known to be right any more (B-22).

    `profile` is the model or an alias of it.
    """
    return or_(profile.paused_until >= moments.today(), profile.confirm_by < moments.today())


def paused_until(session: Session, profile_id: int) -> date | None:
    """Return the last day of a pause that is on today; None while there is none."""
    with scopes.profile(session, profile_id):
        until = session.scalar(select(Profile.paused_until))
    return until if is_paused(until) else None


def confirm(profile: Profile) -> None:
    """Note that the person stood by what is written just now; a question whether it is right is answered by it."""
    profile.last_confirmed_at, profile.confirm_by = clock.now(), None


def as_of(profile: Any, consent: Any) -> date:
    """Return the day as of which the facts of a consent were right, in Japan, as its partner is told it (B-22).

    The day of the last confirmation, where they are what is written now. Else the day of the consent, or that on which
    something else was written, if earlier: of a partner that was not told a correction nothing newer is known. So it
    is with a consent that the own page does not show (C-25).
    """
    same = all(getattr(profile, code) == value for code, value in consent.facts.items())
    shown = consent.given_at >= (profile.visible_since or clock.EPOCH)
    right: datetime = profile.last_confirmed_at if same and shown else min(consent.given_at, profile.updated_at)
    return right.astimezone(clock.JAPAN).date()


def hide_items(profile: Profile) -> None:
    """Hide all that is written from the own page, except for the address: the number was replaced by its mail."""
    profile.hidden_items = [each for each in ITEMS if each != "email" and getattr(profile, each)]


def unhide_items(profile: Profile, written: Iterable[str]) -> None:
    """Show these items on the own page again: they were written by whom the present number belongs to."""
    profile.hidden_items = [each for each in profile.hidden_items if each not in set(written)]


def erase_at(session: Session, profile_id: int) -> datetime | None:
    """Return when the erasure that the person asked for is due; None while none is."""
    with scopes.profile(session, profile_id):
        return session.scalar(select(Profile.erase_at))


def _held(session: Session, email: str) -> Profile | None:
    with scopes.everyone(session, BY_ADDRESS):
        return session.scalars(
            select(Profile)
            .where(Profile.email_key == mail_key(email))
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        ).one_or_none()


def _make(session: Session, email: str, fields: ProfileFields, locale: str) -> Profile:
    """Return a new profile; where another company's link made it in the same moment, that one."""
    profile = Profile(
        code=new_code(),
        email=email,
        email_key=mail_key(email),
        name=fields.name,
        locale=locale,
        created_at=clock.now(),
        updated_at=clock.now(),
        last_confirmed_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(profile)
            session.flush()
    except IntegrityError:
        there = _held(session, email)
        if there is None:
            raise
        return there
    record(session, EventTag.PROFILE_REGISTERED, profile_id=profile.id, subject=("profile", profile.id))
    return profile
