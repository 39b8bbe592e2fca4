"""The 暗証番号 of an own page: chosen, tried, counted, forgotten (C-25).

None is taken that a colleague, a relative or HR would try first. A try is counted in a transaction of its own before
the number is compared, so tries made at once by several processes cannot exceed the limit. The counts belong to the
registration, not to one of its links.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import case, exists, literal, null, or_, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.identity.passwords import check_password, hash_password
from relay.infra.jobs import JobKind
from relay.infra.keyed_hash import keyed
from relay.mail import tokens
from relay.models import (
    Candidate,
    Consent,
    EventTag,
    Job,
    Message,
    Pin,
    Profile,
    RelayLink,
    TokenPurpose,
    UtcDateTime,
    record,
    scopes,
)
from relay.models.locking import lock_profile
from relay.network import letters, own_acts, profiles
from relay.network.links import LinkGone
from relay.network.own_acts import OwnAct
from relay.text import mail_key

_RUN = "012345678901234567890"
_EMPEROR_ERAS = (1867, 1911, 1925, 1988, 2018)
"""The year before the first of 明治, 大正, 昭和, 平成 and 令和."""


class PinMalformed(DomainError):
    """Raise where the 暗証番号 is not four digits."""

    code = "pin-malformed"
    message = _l("暗証番号は、4桁の数字でご記入ください。")


class PinTooEasy(DomainError):
    """Raise for the same digit four times, or a run."""

    code = "pin-too-easy"
    message = _l("「0000」や「1234」のような番号は、はじめに試されやすいため使えません。別の4桁をお選びください。")


class PinGuessable(DomainError):
    """Raise where the number is part of a fact that others know, without telling of which."""

    code = "pin-guessable"
    message = _l(
        "生年月日や電話番号にある数字は、ほかの方に推測されやすいため使えません。"
        "別の4桁をお選びください。ほかのご記入は残っています。"
    )


@dataclass(frozen=True)
class KnownFacts:
    """The facts others know of the person and would try: birthdays, and telephone numbers as written."""

    birthdays: Sequence[date] = ()
    phones: Sequence[str] = ()


def read_any(typed: str) -> str:
    """Return the four digits of a number to be compared, full-width ones as ASCII. Raises PinMalformed."""
    number = unicodedata.normalize("NFKC", typed).strip()
    if not re.fullmatch(r"[0-9]{4}", number):
        raise PinMalformed
    return number


def read(typed: str) -> str:
    """Return the four digits of a number to be chosen. Raises PinMalformed, PinTooEasy."""
    number = read_any(typed)
    if number in _RUN or number in _RUN[::-1] or len(set(number)) == 1:
        raise PinTooEasy
    return number


def refuse_guessable(number: str, facts: KnownFacts) -> None:
    """Raise PinGuessable for a number that occurs in a birthday or a telephone number, in any usual form."""
    in_birthdays = any(number in birthday_forms(each) for each in facts.birthdays)
    in_phones = any(number in re.sub("[^0-9]", "", unicodedata.normalize("NFKC", each)) for each in facts.phones)
    if in_birthdays or in_phones:
        raise PinGuessable


def birthday_forms(day: date) -> set[str]:
    """Return every way to write a date in four digits: its year, and its day, month and year of an era in pairs."""
    years = {day.year % 100, *(day.year - start for start in _EMPEROR_ERAS if 0 < day.year - start < 100)}
    pairs = [(day.month, day.day), *((year, part) for year in years for part in (day.month, day.day))]
    return {f"{day.year:04d}", *_both_ways(pairs)}


def _both_ways(pairs: Iterable[tuple[int, int]]) -> set[str]:
    return {form for first, second in pairs for form in (f"{first:02d}{second:02d}", f"{second:02d}{first:02d}")}


MAX_WRONG_IN_A_ROW = 5
MAX_WRONG_IN_ALL = 15
LOCKED_FOR = timedelta(hours=24)
MAX_LETTERS_A_DAY = 3
CHUNK_SIZE = 200
_NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$4VA9V99ywxCmKZyzCmmCuQ$rbqUx+V0RW488OOuJfORIPmXziw4W286q1lHs4MuYMU"
"""Compared with where there is no number, so that this takes as long."""
BY_ADDRESS = "network: whether an address that was typed already has a number"
UPGRADE = "network: registrations from before there were numbers"


class PinState(StrEnum):
    """The state of the number: whether one opens the own page now."""

    OPEN = "open"
    MISSING = "missing"
    LOCKED = "locked"
    USED_UP = "used-up"


@dataclass(frozen=True)
class PinStanding:
    """The state, and until when it is locked."""

    state: PinState
    until: datetime | None = None


def standing(session: Session, profile_id: int) -> PinStanding:
    """Return the standing of a registration's number."""
    with scopes.profile(session, profile_id):
        row = session.execute(select(Pin.wrong_in_all, Pin.locked_until)).one_or_none()
    if row is None:
        return PinStanding(PinState.MISSING)
    if row.wrong_in_all >= MAX_WRONG_IN_ALL:
        return PinStanding(PinState.USED_UP)
    if row.locked_until is not None and row.locked_until > clock.now():
        return PinStanding(PinState.LOCKED, row.locked_until)
    return PinStanding(PinState.OPEN)


def count_try(session: Session, profile_id: int) -> str | None:
    """Count a try as wrong and return the hash to compare with; None, and nothing counted, when none is allowed.

    To be committed before comparing. One UPDATE with its condition: the database lets tries pass one by one.
    """
    now = clock.now()
    run = Pin.wrong_in_a_row + 1
    locks = run >= MAX_WRONG_IN_A_ROW
    with scopes.profile(session, profile_id):
        counted = session.execute(
            update(Pin)
            .where(
                Pin.profile_id == profile_id,
                Pin.wrong_in_all < MAX_WRONG_IN_ALL,
                or_(Pin.locked_until.is_(None), Pin.locked_until <= now),
            )
            .values(
                wrong_in_all=Pin.wrong_in_all + 1,
                wrong_in_a_row=case((locks, 0), else_=run),
                locked_until=case((locks, literal(now + LOCKED_FOR, UtcDateTime())), else_=null()),
            )
            .returning(Pin.hash, Pin.locked_until)
            .execution_options(synchronize_session=False)
        ).one_or_none()
    if counted is None:
        return None
    if counted.locked_until is not None:
        record(session, EventTag.PIN_LOCKED, profile_id=profile_id, subject=("profile", profile_id))
    return str(counted.hash)


def accept(session: Session, profile_id: int, compared: str) -> bool:
    """Take back the counted try, for it was right; False where the number was replaced in the meantime."""
    with scopes.profile(session, profile_id):
        settled = session.execute(
            update(Pin)
            .where(Pin.profile_id == profile_id, Pin.hash == compared)
            .values(wrong_in_all=Pin.wrong_in_all - 1, wrong_in_a_row=0, locked_until=None)
            .returning(Pin.id)
            .execution_options(synchronize_session=False)
        )
        return settled.one_or_none() is not None


def is_right(stored: str, number: str) -> bool:
    """Compare a number with a hash; costs the same whatever the answer."""
    return check_password(stored, _peppered(number))


def hash_of(number: str) -> str:
    """Return the hash as it is stored."""
    return hash_password(_peppered(number))


def hash_for(session: Session, email: str, number: str) -> str:
    """Return the stored hash of the address's registration where the number is its own, else a fresh one.

    So a person who registers through a second company with the same number keeps what the page shows. As long as
    nothing is registered nothing tells which it was: the caller writes it at most once for a relay link.
    """
    with scopes.everyone(session, BY_ADDRESS):
        stored = session.scalar(
            select(Pin.hash).join(Profile, Profile.id == Pin.profile_id).where(Profile.email_key == mail_key(email))
        )
    fresh = hash_of(number)
    return stored if is_right(stored or _NOBODYS, number) and stored else fresh


def adopt(session: Session, profile: Profile, chosen: str) -> None:
    """Give a profile this number. Another one than before, or a first one later on, hides what was chosen earlier.

    Ends every session of the page. The caller holds the profile, and grants what is chosen now afterwards.
    """
    with scopes.profile(session, profile.id):
        pin = session.scalars(select(Pin).execution_options(populate_existing=True)).one_or_none()
        if pin is not None and pin.hash == chosen:
            return
        if session.scalar(select(exists().where(Consent.profile_id == profile.id))):
            profile.visible_since = clock.now()
            profiles.hide_items(profile)
        if pin is None:
            pin = Pin(profile_id=profile.id)
            session.add(pin)
        pin.hash, pin.chosen_at = chosen, clock.now()
        pin.wrong_in_a_row, pin.wrong_in_all, pin.locked_until = 0, 0, None
        session.flush()
    tokens.revoke(session, TokenPurpose.OWN_PAGE_SESSION, profile.id)
    record(session, EventTag.PIN_CHOSEN, profile_id=profile.id, subject=("profile", profile.id))


def mail_choice(session: Session, profile_id: int) -> None:
    """Mail the single-use link to choose a new number to the registered address; three a day and no more."""
    lock_profile(session, profile_id)
    with scopes.profile(session, profile_id):
        profile = session.scalars(select(Profile)).one()
    sent = letters.count_since(session, letters.CHOOSE_PIN, profile_id, clock.now() - timedelta(days=1))
    if sent < MAX_LETTERS_A_DAY:
        letters.send(session, letters.CHOOSE_PIN, profile, values={"reason": "forgotten"})


def choose(session: Session, token: str, typed: str) -> int:
    """Set the number typed behind a mailed link, which is used up by it; returns the profile's id.

    Raises LinkGone, PinMalformed, PinTooEasy, PinGuessable.
    """
    profile_id = _choosing(session, token)
    lock_profile(session, profile_id)
    _choosing(session, token)  # another POST may have used it while this one waited
    number = read(typed)
    refuse_guessable(number, facts_of_profile(session, profile_id))
    with scopes.profile(session, profile_id):
        profile = session.scalars(select(Profile)).one()
    adopt(session, profile, hash_of(number))
    tokens.revoke(session, TokenPurpose.CHOOSE_PIN, profile_id)
    own_acts.tell(session, profile_id, OwnAct.NUMBER_CHOSEN)
    return profile_id


def facts_of_link(session: Session, link: RelayLink, *typed_phones: str) -> KnownFacts:
    """Return what the link's company knows of its candidate, and the telephone number typed now."""
    with scopes.company(session, link.company_id):
        known = session.execute(
            select(Candidate.birth_date, Candidate.phone).where(Candidate.id == link.candidate_id)
        ).one_or_none()
    birthday, phone = known or (None, "")
    return KnownFacts((birthday,) if birthday else (), (phone, *typed_phones))


def facts_of_profile(session: Session, profile_id: int) -> KnownFacts:
    """Return what the companies whose links the person used know of them, and the registered telephone number."""
    with scopes.profile(session, profile_id):
        phone = session.scalar(select(Profile.phone)) or ""
        used = session.execute(select(Consent.via_company_id, Consent.via_relay_link_id).distinct()).all()
    birthdays, phones = [], [phone]
    for company_id in sorted({each.via_company_id for each in used}):
        ids = [each.via_relay_link_id for each in used if each.via_company_id == company_id]
        with scopes.company(session, company_id):
            known = session.execute(
                select(Candidate.birth_date, Candidate.phone)
                .join(RelayLink, RelayLink.candidate_id == Candidate.id)
                .where(RelayLink.id.in_(ids))
            ).all()
        birthdays += [each.birth_date for each in known if each.birth_date]
        phones += [each.phone for each in known]
    return KnownFacts(birthdays, phones)


def ask_for_pins(session: Session, _job: Job) -> None:
    """Mail everyone who registered before there were numbers a link to choose one, a chunk a transaction."""
    while people := _without_pin(session):
        for profile in people:
            letters.send(session, letters.CHOOSE_PIN, profile, values={"reason": "upgrade"})
        session.commit()


def _without_pin(session: Session) -> Sequence[Profile]:
    with scopes.everyone(session, UPGRADE):
        return session.scalars(
            select(Profile)
            .where(
                ~exists().where(Pin.profile_id == Profile.id),
                ~exists().where(Message.profile_id == Profile.id, letters.asking_for_number()),
            )
            .order_by(Profile.id)
            .limit(CHUNK_SIZE)
        ).all()


def _choosing(session: Session, token: str) -> int:
    found = tokens.find(session, token, TokenPurpose.CHOOSE_PIN)
    if found is None:
        raise LinkGone
    return found.subject_id


def _peppered(number: str) -> str:
    return keyed("pin", number)


JOBS = (JobKind("ask-for-pins", ask_for_pins),)
