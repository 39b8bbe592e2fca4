"""How the portal says why two records may be one person, and what differs between them."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

from relay.candidates.duplicates.match_score import Band, band_of
from relay.candidates.duplicates.reasons import Reason
from relay.models import DuplicatePair
from relay.portal.duplicates.reason_labels import MATCH_REASON_WORDS

BAND_WORDS = {
    Band.SAME: _l("ほぼ同一"),
    Band.LIKELY: _l("要確認"),
    Band.NAMESAKE: _l("同姓同名"),
    Band.NONE: _l("要確認"),
}
BAND_TONES = {Band.SAME: "ok", Band.LIKELY: "info", Band.NAMESAKE: "", Band.NONE: "info"}


def reasons(codes: Iterable[str]) -> list[str]:
    """Return the reasons of a pair in words."""
    return [str(MATCH_REASON_WORDS[Reason(code)]) for code in codes if code in list(Reason)]


def band(pair: DuplicatePair) -> tuple[str, str]:
    """Return the name of a pair's score, and the tone of its badge."""
    found = band_of(pair.score)
    return str(BAND_WORDS[found]), BAND_TONES[found]
