"""Pieces of forms that several surfaces share: fields, checks, and forms that notice what was saved meanwhile.

They know texts and the request alone; what a form is about, and who may send it, is its view's affair.
"""

from datetime import date

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from relay import clock
from relay.text import DateProblem, Sentence, mail_sentence, normalise_mail, parse_recent_date


class LinkForm(FlaskForm):  # type: ignore[misc]
    """A form on a mailed page."""

    class Meta:
        """No cookie and no session: the guard checks the link's own CSRF value (E-9)."""

        csrf = False


def longest(most: int) -> Length:
    """Return the check that a text has at most so many characters."""
    return Length(max=most, message=_l("%(max)d文字までで入力してください。"))


def required_text(label: Sentence, missing: Sentence, most: int) -> StringField:
    """Return a field of one line that must be filled in, up to `most` characters; `missing` is said where it is not."""
    return StringField(label, validators=[InputRequired(missing), longest(most)])


def usable_address(_form: FlaskForm, field: Field) -> None:
    """Refuse what is no mail address, in any width (F-12); an empty field passes. Raises ValidationError."""
    reading = normalise_mail(field.data or "")
    if reading.fault is not None and not reading.value:
        raise ValidationError(str(mail_sentence(reading.fault, field.data)))


def past_day(field: Field, still_to_come: Sentence) -> date:
    """Return the typed day, today where none was; raise ValidationError for what is no day, and for one to come."""
    today, typed = clock.today(), (field.data or "").strip()
    try:
        day = parse_recent_date(typed, today) if typed else today
    except DateProblem as problem:
        raise ValidationError(str(problem)) from problem
    if day > today:
        raise ValidationError(str(still_to_come))
    return day
