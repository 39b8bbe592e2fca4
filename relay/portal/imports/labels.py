"""How the preview of a file says what changes about a person: what it is called, what it was, what it will be."""

from typing import Any

from flask_babel import lazy_gettext as _l

from relay.intake.fields import LABELS, Field
from relay.models import Basis, DecisionReason, Reapply
from relay.portal.ui.labels import BASIS_WORDS, REAPPLY_WORDS, STATUS_WORDS, words
from relay.selection.decisions import REASON_WORDS
from relay.text import Sentence

_CALLED: dict[str, Sentence] = {field.value: label for field, label in LABELS.items()} | {
    "status": LABELS[Field.END],
    "basis": _l("保管してよい理由"),
    "retain_until": _l("お預かりの期限"),
    "application": _l("新しい応募"),
    "step": LABELS[Field.STEP],
}
_VALUES: dict[str, dict[str, Sentence]] = {
    "status": {status.value: word for status, word in STATUS_WORDS.items()},
    "basis": {basis.value: BASIS_WORDS[basis] for basis in Basis},
    "reapply": {answer.value: REAPPLY_WORDS[answer] for answer in Reapply},
    "reason": {reason.value: REASON_WORDS[reason] for reason in DecisionReason},
}


def called(what: str) -> Sentence:
    """Give the name of a fact that changes."""
    return _CALLED[what]


def value(what: str, text: str) -> Sentence:
    """Give a value as the page says it."""
    return _VALUES.get(what, {}).get(text, text)


def preview_words() -> dict[str, Any]:
    """Give the words a preview speaks with."""
    return words() | {"called": called, "value": value}
