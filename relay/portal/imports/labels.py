"""How the preview of a file says what changes about a person: what it is called, what it was, what it will be."""

from typing import Any

from flask_babel import lazy_gettext as _l

from relay.intake.fields import LABELS, Field
from relay.models import ApplicationResult, Reapply, RejectionReason, RetentionBasis
from relay.models.labels import Labelled
from relay.portal.ui.labels import words
from relay.text import Sentence


def _labels(words_: type[Labelled]) -> dict[str, Sentence]:
    return {word.value: label for word, label in words_.labels().items()}


_CALLED: dict[str, Sentence] = {field.value: label for field, label in LABELS.items()} | {
    "status": LABELS[Field.RESULT],
    "basis": _l("保管してよい理由"),
    "retain_until": _l("保管期限"),
    "application": _l("新しい応募"),
    "step": LABELS[Field.STEP],
}
_VALUES: dict[str, dict[str, Sentence]] = {
    "status": _labels(ApplicationResult),
    "basis": _labels(RetentionBasis),
    "reapply": _labels(Reapply),
    "reason": _labels(RejectionReason),
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
