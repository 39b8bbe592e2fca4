"""The legal person of a partner, and what it means for its people when it says that it changed (A-43).

A consent names one legal person: the 法人番号, or, for sole proprietors, the licence number in its place. The
same person under a new name or licence number goes on and is looked up again within 14 days. Another one sees nobody.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l

from relay import clock
from relay.errors import DomainError
from relay.models import Partner, PartnerKind
from relay.network.partnerships import LOOKED_UP
from relay.text import plain_ascii

WITHIN = timedelta(days=14)
"""How long a partner that changed still sees its people before a company has looked it up again."""
RENEWED_AHEAD = timedelta(days=90)
"""How long before a licence ends its renewal may be entered."""
DIGITS = re.compile(r"\d{13}", re.ASCII)
NAMED = frozenset({"name", "license_number"})


class NumberUnreadable(DomainError):
    """Raise where the text is no 法人番号."""

    code = "corporate-number-unreadable"
    message = _l(
        "法人番号を読み取れませんでした。13桁の数字です。国税庁の「法人番号公表サイト」で、"
        "名称から調べられます。個人事業主の方は、空のままで結構です。"
    )


class NumberWithOthers(DomainError):
    """Raise where the first 法人番号 comes with a new name or licence number, so that nothing ties it to the person."""

    code = "corporate-number-with-other-changes"
    message = _l(
        "法人番号をはじめて登録するときは、名称と許可番号を、同時に変更できません。先に法人番号だけを保存し、"
        "企業の確認が済んでから変更してください。まだ保存していません。"
    )


class RenewalTooEarly(DomainError):
    """Raise where a checked licence would be renewed more than 90 days before its end."""

    code = "licence-renewal-too-early"

    def __init__(self, first: date) -> None:
        super().__init__(
            _l(
                "更新後の満了日は、いまの満了日の90日前（%(day)s）から登録できます。まだ保存していません。",
                day=f"{first.year}年{first.month}月{first.day}日",
            )
        )


class Effect(StrEnum):
    """The effect of a change, from the least."""

    NOTHING = "nothing"
    LOOKED_UP = "looked-up"
    """Candidates are not offered the partner until it is looked up again; who agreed already stays, until a day."""
    CLOSED = "closed"
    """Who agreed already is not seen either, until it is looked up."""
    ENDED = "ended"
    """Another legal person: every partnership and consent ends, for good."""


@dataclass(frozen=True)
class Standing:
    """The standing of a partner with its companies: whether any looked it up, and whether a look-up is asked for."""

    looked_up: bool
    waiting: bool


def read_number(text: str) -> str:
    """Return the 13 digits of a 法人番号, whatever the width and hyphens typed. Raises NumberUnreadable.

    The first digit checks the others: 9 less the remainder by 9 of the digits' sum, every second one from the
    right doubled (法人番号の指定等に関する省令 2条). That it is the partner's own has to be looked up.
    """
    number = re.sub(r"[\s-]", "", plain_ascii(text))
    if not DIGITS.fullmatch(number) or number[0] != check_digit(number[1:]):
        raise NumberUnreadable
    return number


def check_digit(twelve: str) -> str:
    """Return the digit that precedes these twelve."""
    weighed = sum(int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(twelve)))
    return str(9 - weighed % 9)


def weigh(partner: Partner, changed: Mapping[str, Any], standing: Standing) -> Effect:
    """Return what a change of these columns means for the partner. Raises NumberWithOthers, RenewalTooEarly."""
    if LOOKED_UP.isdisjoint(changed):
        return Effect.NOTHING
    _refuse_early_renewal(partner, changed, standing)
    if _is_another_person(partner, changed):
        return Effect.ENDED
    day = deadline(partner, changed, waiting=standing.waiting)
    return Effect.CLOSED if day is not None and day < clock.today() else Effect.LOOKED_UP


def is_renewal(partner: Partner, changed: Mapping[str, Any]) -> bool:
    """Return whether, of all that is looked up, only the licence changed, and runs on to a later day."""
    return changed.keys() & LOOKED_UP == {"license_until"} and changed["license_until"] and _is_later(partner, changed)


def deadline(partner: Partner, changed: Mapping[str, Any], *, waiting: bool) -> date | None:
    """Return the last day on which the same person sees its people without a look-up; None: as long as agreed.

    A partner that already waits to be looked up (`waiting`) and takes a new name or number meanwhile is closed at once.
    """
    today = clock.today()
    days = []
    if not NAMED.isdisjoint(changed):
        nameless = not (partner.corporate_number or partner.license_number)
        days.append(today - timedelta(days=1) if waiting or nameless else today + WITHIN)
    if "corporate_number" in changed:
        days.append(today + WITHIN)
    if _is_later(partner, changed):
        days.append(_after_renewal(partner, today))
    return min(days, default=None)


def _is_another_person(partner: Partner, changed: Mapping[str, Any]) -> bool:
    if partner.corporate_number is not None:
        return "corporate_number" in changed
    if "corporate_number" in changed:
        if not NAMED.isdisjoint(changed):
            raise NumberWithOthers
        return False
    return partner.kind is PartnerKind.AGENCY and "license_number" in changed


def _refuse_early_renewal(partner: Partner, changed: Mapping[str, Any], standing: Standing) -> None:
    if partner.license_until is None or not standing.looked_up or not _is_later(partner, changed):
        return
    if clock.today() < (first := partner.license_until - RENEWED_AHEAD):
        raise RenewalTooEarly(first)


def _is_later(partner: Partner, changed: Mapping[str, Any]) -> bool:
    until = changed.get("license_until", partner.license_until)
    return "license_until" in changed and (until is None or until > (partner.license_until or date.min))


def _after_renewal(partner: Partner, today: date) -> date:
    """Return the last day after a renewal: a valid licence's own end, yesterday for one that had run out."""
    if partner.license_until is None:
        return today + WITHIN
    return partner.license_until if partner.license_until >= today else today - timedelta(days=1)
