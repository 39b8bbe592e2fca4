"""Forms of a company's set-up, and of the operator of the installation."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectChoice, StringField
from wtforms.validators import InputRequired, ValidationError

from relay.errors import DomainError
from relay.forms import longest, required_text
from relay.identity import installation
from relay.identity.companies import ATS_NAME_LENGTH
from relay.identity.installation import LENGTHS, Answer, Operator
from relay.models import Company, Installation, ResultsFrom
from relay.text import DateProblem, parse_date

NUMBER, WAIVER, OPEN = "number", "waiver", "open"


class ResultsForm(FlaskForm):  # type: ignore[misc]
    """Where results are told from today."""

    results_from = RadioField(
        _l("これから、結果をどこから伝えますか"),
        choices=[
            SelectChoice(ResultsFrom.ATS.value, _l("採用管理システムから（HERPなど）")),
            SelectChoice(ResultsFrom.MAIL.value, _l("自分のメールソフトから（Relayも試す）")),
            SelectChoice(ResultsFrom.RELAY.value, _l("Relayから")),
        ],
        validators=[InputRequired(_l("いちばん近いものを選んでください。"))],
    )
    ats_name = StringField(
        _l("お使いの採用管理システム"),
        validators=[longest(ATS_NAME_LENGTH)],
    )


def _shape_of_number(form: FlaskForm, field: Field) -> None:
    if form.answer.data != NUMBER:
        return
    try:
        number = installation.read_number(field.data or "")
    except DomainError as refused:
        raise ValidationError(str(refused)) from refused
    if not number:
        raise ValidationError(_("届出受理番号を入力してください。"))


def _with_whom(form: FlaskForm, field: Field) -> None:
    if form.answer.data == WAIVER and not (field.data or "").strip():
        raise ValidationError(_("どこの、どなたに確認したかを入力してください。"))


def _a_day(form: FlaskForm, field: Field) -> None:
    if form.answer.data != WAIVER:
        return
    if not (field.data or "").strip():
        raise ValidationError(_("確認した日を入力してください。"))
    try:
        parse_date(field.data)
    except DateProblem as problem:
        raise ValidationError(str(problem)) from problem


class OperatorForm(FlaskForm):  # type: ignore[misc]
    """The operator of the installation, and the answer to the law on 募集情報等提供 (0.4)."""

    operator_name = required_text(_l("運営者の名称"), _l("運営者の名称を入力してください。"), LENGTHS["operator_name"])
    operator_address = StringField(_l("運営者の住所"), validators=[longest(LENGTHS["operator_address"])])
    operator_contact = required_text(
        _l("運営者の連絡先"), _l("運営者の連絡先を入力してください。"), LENGTHS["operator_contact"]
    )
    answer = RadioField(
        _l("このRelayの運営に、届出は必要でしたか"),
        choices=[
            SelectChoice(NUMBER, _l("はい（届出をして、受理番号を受け取った）")),
            SelectChoice(WAIVER, _l("いいえ（不要だと、労働局などに確認した）")),
            SelectChoice(OPEN, _l("まだ確認していない")),
        ],
        validators=[InputRequired(_l("どれか一つを選んでください。"))],
    )
    notification_number = StringField(_l("届出受理番号"), validators=[_shape_of_number])
    waiver_with = StringField(_l("確認先"), validators=[_with_whom, longest(LENGTHS["waiver_with"])])
    waiver_on = StringField(_l("確認した日"), validators=[_a_day])

    def operator(self) -> Operator:
        """Return the operator as typed."""
        return Operator(self.operator_name.data, self.operator_address.data or "", self.operator_contact.data)

    def given(self) -> Answer:
        """Return the chosen answer alone; what was typed beside it does not count."""
        if self.answer.data == NUMBER:
            return Answer(notification_number=self.notification_number.data)
        if self.answer.data == WAIVER:
            return Answer(waiver_with=self.waiver_with.data, waiver_on=parse_date(self.waiver_on.data))
        return Answer()


def operator_form(row: Installation | None, company: Company) -> OperatorForm:
    """Return the form with what is known; before anything is, the company itself is proposed as the operator."""
    if row is None or not row.operator_name:
        who = {
            "operator_name": company.name,
            "operator_address": company.address,
            "operator_contact": company.contact,
        }
    else:
        who = {name: getattr(row, name) for name in ("operator_name", "operator_address", "operator_contact")}
    return OperatorForm(None, data=who | _answered(row))


def _answered(row: Installation | None) -> dict[str, str]:
    if row is None:
        return {}
    if row.notification_number:
        return {"answer": NUMBER, "notification_number": row.notification_number}
    if row.waiver_with and row.waiver_on:
        return {"answer": WAIVER, "waiver_with": row.waiver_with, "waiver_on": row.waiver_on.isoformat()}
    return {"answer": OPEN}
