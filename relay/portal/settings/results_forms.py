"""The form of the rule by which result mails leave."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from relay.identity.companies import MAX_DELAY, SendingRule
from relay.text import Sentence


class SendingRuleForm(FlaskForm):  # type: ignore[misc]
    """How long a result mail can still be stopped, and the hours in which it leaves."""

    send_delay_minutes = IntegerField(
        _l("結果連絡を送るまでの時間（分）"),
        validators=[
            InputRequired(_l("0から60までの数字を入力してください。")),
            NumberRange(0, MAX_DELAY, message=_l("0から60までの数字を入力してください。")),
        ],
    )
    daytime_only = BooleanField(_l("夜間と休日には送らない"))
    day_after_application = BooleanField(_l("応募から24時間は送らない"))

    @property
    def labels(self) -> dict[str, Sentence]:
        """Return the labels of the fields, by their names."""
        return {field.name: field.label.text for field in self if field.name != "csrf_token"}

    def rule(self) -> SendingRule:
        """Return the typed values."""
        return SendingRule(
            send_delay_minutes=self.send_delay_minutes.data,
            daytime_only=self.daytime_only.data,
            day_after_application=self.day_after_application.data,
        )
