"""Forms about a mail that was sent by mistake: what was wrong, whom to call, and the apology."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectChoice, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from relay.forms import longest, required_text
from relay.network.mistaken import Contact
from relay.outreach.mistakes import KIND_WORDS
from relay.outreach.wording import MAX_BODY, MAX_SUBJECT
from relay.text import clean, format_phone, normalise_phone

_NAME_MISSING = _l("お電話を受ける方の名前を入力してください。")
_SURE = frozenset({None, "zero-restored"})


class ColleagueForm(FlaskForm):  # type: ignore[misc]
    """A colleague who can be called."""

    contact_name = required_text(_l("担当者の名前"), _NAME_MISSING, 60)
    contact_phone = required_text(_l("電話番号"), _l("担当者につながる電話番号を入力してください。"), 40)

    def validate_contact_name(self, field: Field) -> None:
        """Refuse a name of spaces."""
        if not clean(field.data or ""):
            raise ValidationError(str(_NAME_MISSING))

    def validate_contact_phone(self, field: Field) -> None:
        """Refuse what is no telephone number, in any width (F-12, F-17)."""
        reading = normalise_phone(field.data or "")
        if not reading.value or reading.fault not in _SURE:
            raise ValidationError(_("電話番号として読めません。「0266-12-3456」のように入力してください。"))

    @property
    def contact(self) -> Contact:
        """Return the colleague as pages and mails name them."""
        return Contact(clean(self.contact_name.data), format_phone(normalise_phone(self.contact_phone.data).value))


class MistakeForm(ColleagueForm):
    """The fault of the mail beside it."""

    kind = RadioField(
        _l("何が誤りでしたか"),
        choices=[SelectChoice(kind.value, word) for kind, word in KIND_WORDS.items()],
        validators=[InputRequired(_l("何が誤りだったかを選んでください。"))],
    )


class ApologyForm(ColleagueForm):
    """The people who get the apology, and its text."""

    to = SelectMultipleField(
        _l("送る方"),
        coerce=int,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        validators=[InputRequired(_l("お詫びを送る方を選んでください。"))],
    )
    subject = StringField(_l("件名"), validators=[InputRequired(_l("件名を入力してください。")), longest(MAX_SUBJECT)])
    body = TextAreaField(_l("本文"), validators=[InputRequired(_l("本文を入力してください。")), longest(MAX_BODY)])
