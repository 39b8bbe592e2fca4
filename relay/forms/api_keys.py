"""The form of a new API key, the same for companies and partners."""

from datetime import date

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectMultipleField
from wtforms.validators import DataRequired
from wtforms.widgets import CheckboxInput, ListWidget

from relay import clock
from relay.connect.keys import YEAR, KeyOwner
from relay.forms import required_text
from relay.models import ApiScope
from relay.models.api_keys import MAX_KEY_NAME


class ApiKeyForm(FlaskForm):  # type: ignore[misc]
    """Where a key is used, what it may do and for how long."""

    name = required_text(_l("使う場所"), _l("使う場所を入力してください。"), MAX_KEY_NAME)
    allowed = SelectMultipleField(
        _l("このキーでできること"),
        coerce=ApiScope,
        validators=[DataRequired(_l("このキーでできることを、一つ以上選んでください。"))],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    lasts = RadioField(
        _l("使える期間"),
        validators=[DataRequired()],
        choices=[("year", _l("1年")), ("always", _l("期限なし"))],
        default="year",
    )

    def offering(self, owner: KeyOwner) -> "ApiKeyForm":
        """Offer what a key of this organisation may do."""
        self.allowed.choices = [(scope, scope.label) for scope in owner.choices()]
        return self

    @property
    def expires_on(self) -> date | None:
        """Return the last day of the key."""
        return clock.today() + YEAR if self.lasts.data == "year" else None
