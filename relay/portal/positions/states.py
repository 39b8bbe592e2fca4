"""Steps from one state of a position to another: to pause, to go on, to end."""

from typing import NamedTuple

from flask_babel import lazy_gettext as _l

from relay.models import PositionState
from relay.text import Sentence

STATE_TONES = {PositionState.OPEN: "ok", PositionState.PAUSED: "warn", PositionState.CLOSED: ""}


class StateStep(NamedTuple):
    """A button of the page: the state it leads to, what it says, and what is said afterwards."""

    to: PositionState
    button: Sentence
    told: Sentence


_PAUSE = StateStep(PositionState.PAUSED, _l("募集を停止する"), _l("「%(title)s」の募集を停止しました"))
_RESUME = StateStep(PositionState.OPEN, _l("募集を再開する"), _l("「%(title)s」の募集を再開しました"))
_CLOSE = StateStep(PositionState.CLOSED, _l("募集を終了する"), _l("「%(title)s」の募集を終了しました"))

STEPS = {
    PositionState.OPEN: (_PAUSE, _CLOSE),
    PositionState.PAUSED: (_RESUME, _CLOSE),
    PositionState.CLOSED: (_RESUME,),
}


def told(state: PositionState) -> str:
    """Return what is said after a step to this state, with the place of the title in it."""
    return next(str(step.told) for step in (_PAUSE, _RESUME, _CLOSE) if step.to is state)
