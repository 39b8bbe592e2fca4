"""Forms of a record beside memos and tags."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from relay import clock
from relay.candidates.notes import MAX_LENGTH
from relay.forms import longest
from relay.models import ContactChannel
from relay.text import DateProblem, parse_recent_date


def _contact_channels(label: object) -> RadioField:
    return RadioField(
        label,
        choices=[SelectChoice(contact_channel.value, contact_channel.label) for contact_channel in ContactChannel],
        validators=[InputRequired(_l("どのようにお聞きしたかを選んでください。"))],
    )


class ReplyForm(FlaskForm):  # type: ignore[misc]
    """A reply that came outside Relay: what, how and when."""

    def __init__(self, *args: Any, **values: Any) -> None:
        """Its fields stand beside those of other forms on the page."""
        super().__init__(*args, prefix="reply", **values)

    contact_channel = _contact_channels(_l("どのように"))
    day = StringField(_l("いつ"))
    body = TextAreaField(
        _l("内容"),
        validators=[
            InputRequired(_l("お聞きした内容を入力してください。")),
            longest(MAX_LENGTH),
        ],
    )

    @property
    def heard_on(self) -> date:
        """Return the day; today where none was typed."""
        return parse_recent_date(self.day.data, clock.today()) if (self.day.data or "").strip() else clock.today()

    def validate_day(self, _field: Field) -> None:
        """Refuse a day that cannot be read, and one to come."""
        try:
            heard_on = self.heard_on
        except DateProblem as problem:
            raise ValidationError(str(problem)) from problem
        if heard_on > clock.today():
            raise ValidationError(_("これからの日は記録できません。お聞きした日を入力してください。"))


class ContactForm(FlaskForm):  # type: ignore[misc]
    """How the person said whether they want to hear from the company."""

    contact_channel = _contact_channels(_l("ご本人から、どのようにお聞きしましたか"))
