"""The forms of a request: the guarantee of an interview, and with it a position and a partner."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import InputRequired

from relay.forms import longest
from relay.introductions.guarantees import Guarantee
from relay.models import GuaranteeKind, MeetingForm
from relay.models.introductions import MAX_MEETS_WITH

LENGTHS = (15, 20, 30, 45, 60, 90, 120)
USUAL_MINUTES = 30


class GuaranteeForm(FlaskForm):  # type: ignore[misc]
    """The fields of a guarantee (面談確約の内容)."""

    kind = RadioField(
        _l("面談の種類"),
        choices=[(each.value, each.label) for each in GuaranteeKind],
        default=GuaranteeKind.CASUAL.value,
        validators=[InputRequired(_l("面談の種類を選んでください。"))],
    )
    meets_with = StringField(
        _l("お会いする人"),
        validators=[InputRequired(_l("お会いする人を入力してください。")), longest(MAX_MEETS_WITH)],
    )
    minutes = SelectField(
        _l("長さ"), choices=[(each, _l("%(n)s分", n=each)) for each in LENGTHS], coerce=int, default=USUAL_MINUTES
    )
    form = RadioField(
        _l("形式"),
        choices=[(each.value, each.label) for each in MeetingForm],
        default=MeetingForm.ONLINE.value,
        validators=[InputRequired(_l("形式を選んでください。"))],
    )

    @property
    def guarantee(self) -> Guarantee:
        """Return what was typed; only of a form that is valid."""
        return Guarantee(
            GuaranteeKind(self.kind.data),
            self.meets_with.data or "",
            self.minutes.data,
            MeetingForm(self.form.data),
        )

    @staticmethod
    def values_of(guarantee: Guarantee | None) -> dict[str, Any]:
        """Return the values of the fields that say this guarantee."""
        if guarantee is None:
            return {}
        return {
            "kind": guarantee.kind.value,
            "meets_with": guarantee.meets_with,
            "minutes": guarantee.minutes,
            "form": guarantee.form.value,
        }


class RequestForm(GuaranteeForm):
    """A request: which agency, and what is guaranteed."""

    partner = RadioField(_l("依頼する紹介会社"), validators=[InputRequired(_l("紹介会社を選んでください。"))])
