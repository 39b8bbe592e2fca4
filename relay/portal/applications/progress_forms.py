"""The form that records how an application goes on or ends."""

from datetime import date
from functools import cached_property

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, ValidationError

from relay import clock
from relay.forms import longest
from relay.hiring.progress import MAX_WORD, STEP_WORDS, Progress, ProgressEntry
from relay.models import RejectionReason, StepKind
from relay.text import DateProblem, clean, parse_recent_date

PROGRESS_WORDS = {
    Progress.STEP: _l("次の段階へ"),
    Progress.WITHDREW: _l("辞退"),
    Progress.HIRED: _l("入社"),
    Progress.REJECTED: _l("見送り"),
}
_CHOOSE = SelectChoice("", _l("選んでください"))


class ProgressForm(FlaskForm):  # type: ignore[misc]
    """One of four, its day, and beside a step the company's own word, beside a rejection the reason.

    Where only some of the four can follow, the others are not offered; `offer` says which.
    """

    what = RadioField(
        _l("記録する内容"),
        choices=[SelectChoice(what.value, word) for what, word in PROGRESS_WORDS.items()],
        validators=[InputRequired(_l("記録する内容を選んでください。"))],
    )
    step = SelectField(
        _l("次の段階"),
        choices=[_CHOOSE, *(SelectChoice(kind.value, word) for kind, word in STEP_WORDS.items())],
        default="",
    )
    own_word = StringField(
        _l("自社での呼び方"),
        validators=[longest(MAX_WORD)],
    )
    reason = SelectField(
        _l("見送りの理由"),
        choices=[_CHOOSE, *(SelectChoice(reason.value, reason.label) for reason in RejectionReason)],
        default="",
    )
    day = StringField(_l("日付"))
    seen = HiddenField()

    def offer(self, recordable: list[Progress]) -> None:
        """Leave only these to choose from; raises nothing where none is left."""
        self.what.choices = [SelectChoice(what.value, PROGRESS_WORDS[what]) for what in recordable]

    @property
    def chosen(self) -> Progress | None:
        """Return what was chosen, if it is one of the four."""
        return Progress(self.what.data) if self.what.data in set(Progress) else None

    @cached_property
    def on(self) -> date:
        """Return the day; today where none was typed. Raises DateProblem."""
        typed = (self.day.data or "").strip()
        return parse_recent_date(typed, clock.today()) if typed else clock.today()

    @property
    def entry(self) -> ProgressEntry:
        """Return what is to be recorded; what belongs to another choice is left out."""
        what = self.chosen
        assert what is not None
        step = StepKind(self.step.data) if what is Progress.STEP and self.step.data else None
        reason = RejectionReason(self.reason.data) if what is Progress.REJECTED and self.reason.data else None
        return ProgressEntry(what, self.on, step, clean(self.own_word.data or "") if step else "", reason)

    def validate_step(self, field: Field) -> None:
        """Refuse a step without a kind."""
        if self.chosen is Progress.STEP and not field.data:
            raise ValidationError(_("どの段階へ進んだかを選んでください。"))

    def validate_reason(self, field: Field) -> None:
        """Refuse a rejection without a reason (B-4)."""
        if self.chosen is Progress.REJECTED and not field.data:
            raise ValidationError(_("見送りの理由を選んでください。"))

    def validate_day(self, _field: Field) -> None:
        """Refuse a day that cannot be read."""
        try:
            self.on  # noqa: B018  (read for its error)
        except DateProblem as problem:
            raise ValidationError(str(problem)) from problem
