"""The form of a hold: its reason, and the last day on which the person is not erased."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectChoice, StringField, ValidationError
from wtforms.validators import InputRequired

from relay.models import HoldReason
from relay.text import DateProblem, parse_date


class HoldForm(FlaskForm):  # type: ignore[misc]
    """The fields beside a person's last day."""

    reason = RadioField(
        _l("保留する理由"),
        choices=[SelectChoice(reason.value, reason.label) for reason in HoldReason],
        validators=[InputRequired(_l("保留する理由を選んでください。"))],
    )
    until = StringField(_l("保留の最終日"), validators=[InputRequired(_l("保留の最終日を入力してください。"))])

    def validate_until(self, field: Field) -> None:
        """Refuse a day that cannot be read."""
        try:
            self.last_day = parse_date(field.data or "")
        except DateProblem as problem:
            raise ValidationError(_("保留の最終日を「2027/4/23」のように入力してください。")) from problem
