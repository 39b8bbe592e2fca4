"""How likely two records are one person: logarithms of how much each agreement and difference tells, added up.

Mail and phone may be a family's, so a different given name outweighs both. Equal names tell as much as they are rare.
Nothing is ever merged by a score; it only says what HR is shown.
"""

from dataclasses import dataclass
from enum import StrEnum

from relay.candidates.duplicates.comparison_record import ComparisonRecord
from relay.candidates.duplicates.contacts import compare_birth_dates, compare_mails, compare_phones
from relay.candidates.duplicates.names import AgreementLevel, Names, compare_names
from relay.candidates.duplicates.reasons import Reason
from relay.candidates.duplicates.term_frequency import TermFrequencies

SAME = 4.0
LIKELY = 2.0
NAMESAKE = 1.5
HIGHEST = 9.9
_PER_POINT = 1.5
"""A point of the score is so many tenfold more likely."""
_BY_NAME_ALONE = 0.6
_RARE = 7.0
_RELATIVES = -1.5
_CONTACTS = frozenset({Reason.MAIL, Reason.MAIL_NEAR, Reason.MAIL_LOCAL, Reason.PHONE, Reason.PHONE_NEAR})

_SAME_CONTACT = frozenset({Reason.MAIL, Reason.PHONE})
_IN_COMMON = _CONTACTS | {Reason.BIRTH_DATE}


class Band(StrEnum):
    """The name of a score: ほぼ同一, 要確認, 同姓同名, or not worth a look."""

    SAME = "same"
    LIKELY = "likely"
    NAMESAKE = "namesake"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class MatchScore:
    """The score of two records with its reasons."""

    score: float
    reasons: tuple[Reason, ...] = ()

    @property
    def band(self) -> Band:
        """Return what the score is called."""
        return band_of(self.score)

    @property
    def is_kept(self) -> bool:
        """Return whether the pair is worth a row: a likely one, and namesakes who have anything else in common."""
        return self.score >= LIKELY or (self.score >= NAMESAKE and not _IN_COMMON.isdisjoint(self.reasons))


def band_of(score: float) -> Band:
    """Return what a score is called."""
    if score >= SAME:
        return Band.SAME
    if score >= LIKELY:
        return Band.LIKELY
    return Band.NAMESAKE if score >= NAMESAKE else Band.NONE


def match_score(one: ComparisonRecord, other: ComparisonRecord, frequencies: TermFrequencies) -> MatchScore:
    """Compare two people."""
    names = compare_names(one, other, frequencies)
    if names.given.level is AgreementLevel.DIFFERENT:
        return MatchScore(0.0)
    tellings = (compare_mails(one, other), compare_phones(one, other), compare_birth_dates(one, other))
    reasons = (*names.reasons, *(each.reason for each in tellings if each.reason))
    odds = frequencies.prior + names.weight + sum(each.weight for each in tellings)
    shared = not _CONTACTS.isdisjoint(reasons)
    if names.given.level is AgreementLevel.UNKNOWN and shared:
        odds += _RELATIVES
    if not shared:
        odds -= _BY_NAME_ALONE
        if names.weight >= _RARE:
            reasons = (*reasons, Reason.NAME_RARE)
    score = _score(odds, names)
    if names.agree and not _SAME_CONTACT.isdisjoint(reasons):
        score = max(score, LIKELY)  # an import asks about them, too, whatever else differs
    return MatchScore(score, reasons)


def _score(odds: float, names: Names) -> float:
    if odds >= 0:
        return round(min(LIKELY + odds / _PER_POINT, HIGHEST), 2)
    if names.agree:
        return round(NAMESAKE + 0.49 / (1 - odds), 2)
    return 0.0
