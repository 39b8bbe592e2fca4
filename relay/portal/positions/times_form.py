"""The form that adds times for interviews: several lines as they are typed, how long, and where."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired

from relay import clock
from relay.forms import longest
from relay.hiring import slots
from relay.models.interviews import MAX_PLACE
from relay.text.times import TimeProblems, TypedTime, parse_times

MAX_TYPED = 5_000
LENGTHS = (15, 20, 30, 45, 60, 90, 120, 180)


class TimesForm(FlaskForm):  # type: ignore[misc]
    """The fields of the page of a position's times."""

    times = TextAreaField(
        _l("候補日時"),
        validators=[InputRequired(_l("候補日時を、1行に一つずつ入力してください。")), longest(MAX_TYPED)],
    )
    minutes = SelectField(
        _l("面談の長さ"),
        choices=[(each, _l("%(n)s分", n=each)) for each in LENGTHS],
        coerce=int,
        default=slots.USUAL_MINUTES,
    )
    place = StringField(_l("場所・会議のリンク"), validators=[longest(MAX_PLACE)])

    typed: list[TypedTime]
    """The times that were read."""

    def validate_times(self, field: Field) -> None:
        """Refuse lines that are no times, naming each."""
        try:
            self.typed = parse_times(field.data or "", clock.today())
        except TimeProblems as problems:
            raise ValidationError("\n".join(str(each) for each in problems.sentences)) from problems
