"""Comparing two people's mail addresses, phone numbers and birth dates."""

import re
from typing import NamedTuple

from rapidfuzz.distance import OSA

from relay.candidates.duplicates.comparison_record import ComparisonRecord, is_shared_mailbox
from relay.candidates.duplicates.reasons import Reason
from relay.text.sounds import sound

_NOT_LETTERS = re.compile("[^a-z]+")
_MOBILE = re.compile("0[5-9]0")
_SHORTEST = 6


class Weight(NamedTuple):
    """The weight of one agreement or difference, and the sentence about it."""

    weight: float = 0.0
    reason: Reason | None = None


def compare_mails(one: ComparisonRecord, other: ComparisonRecord) -> Weight:
    """Two addresses: the same, a slip of the pen apart, the same before the @, or different."""
    if not one.mail or not other.mail:
        return Weight()
    if one.mail == other.mail:
        return Weight(3.5 if is_shared_mailbox(one.local) else 6.5, Reason.MAIL)
    if one.domain == other.domain:
        return _same_domain(one, other)
    if one.local == other.local and len(one.local) >= _SHORTEST and not is_shared_mailbox(one.local):
        if OSA.distance(one.domain, other.domain, score_cutoff=2) <= 2:
            return Weight(5.0, Reason.MAIL_NEAR)
        return Weight(_of_local(one, other), Reason.MAIL_LOCAL)
    return Weight(-0.5, Reason.MAIL_DIFFERS)


def compare_phones(one: ComparisonRecord, other: ComparisonRecord) -> Weight:
    """Two numbers: the same, one digit or two swapped digits apart, or different."""
    if not one.phone or not other.phone:
        return Weight()
    if one.phone == other.phone:
        return Weight(5.5, Reason.PHONE)
    if len(one.phone) > 8 and one.phone[-8:] == other.phone[-8:]:
        return Weight(4.0, Reason.PHONE)
    if len(one.phone) > 8 and OSA.distance(one.phone, other.phone, score_cutoff=1) <= 1:
        return Weight(3.5, Reason.PHONE_NEAR)
    other_kind = bool(_MOBILE.match(one.phone)) != bool(_MOBILE.match(other.phone))
    return Weight(-0.1 if other_kind else -0.5, Reason.PHONE_DIFFERS)


def compare_birth_dates(one: ComparisonRecord, other: ComparisonRecord) -> Weight:
    """Two birth dates; one that differs in a single number may be a slip of the pen."""
    if one.birth_date is None or other.birth_date is None:
        return Weight()
    if one.birth_date == other.birth_date:
        return Weight(3.0, Reason.BIRTH_DATE)
    pairs = zip(one.birth_date.timetuple()[:3], other.birth_date.timetuple()[:3], strict=True)
    return Weight(-0.5 if sum(a != b for a, b in pairs) == 1 else -3.0, Reason.BIRTH_DATE_DIFFERS)


def _same_domain(one: ComparisonRecord, other: ComparisonRecord) -> Weight:
    shortest = min(len(one.local), len(other.local))
    if shortest < _SHORTEST or OSA.distance(one.local, other.local, score_cutoff=1) > 1:
        return Weight(-0.5, Reason.MAIL_DIFFERS)
    if _letters(one.local) == _letters(other.local):
        return Weight(0.5, Reason.MAIL_NEAR)  # taro1 and taro2 are two people as often as one
    return Weight(1.5 if _made_of_name(one, other) else 4.0, Reason.MAIL_NEAR)


def _of_local(one: ComparisonRecord, other: ComparisonRecord) -> float:
    """Namesakes choose taro.yamada alike; what holds more than the name tells more."""
    digits = sum(character.isdigit() for character in one.local)
    if digits >= 3:
        return 3.0
    return 1.0 if _made_of_name(one, other) else 3.5


def _made_of_name(one: ComparisonRecord, other: ComparisonRecord) -> bool:
    words = [sound(_letters(one.local)), *map(sound, _NOT_LETTERS.split(one.local))]
    parts = [
        part
        for name in (one.heard, other.heard)
        for part in ((name.family, name.given) if name.split else (name.whole,))
        if len(part) > 2
    ]
    if not parts or any(part in word for part in parts for word in words):
        return True
    return any(len(word) > 2 and word in name.whole for name in (one.heard, other.heard) for word in words)


def _letters(local: str) -> str:
    return _NOT_LETTERS.sub("", local)
