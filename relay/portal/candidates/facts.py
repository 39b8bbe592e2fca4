"""The facts about a candidate as forms ask for them and pages show them, by their declarations."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, Field, RadioField, SelectChoice, StringField, TelField
from wtforms.validators import InputRequired, ValidationError

from relay.forms import longest
from relay.models import Candidate
from relay.models.candidate_fields import CANDIDATE_FIELDS, CandidateField, FieldGroup, FieldKind
from relay.portal.ui.labels import long_day
from relay.text import (
    DateProblem,
    MailFault,
    PhoneFault,
    Sentence,
    clean,
    format_phone,
    mail_sentence,
    normalise_mail,
    normalise_phone,
    parse_date,
    quoted,
)

LABELS = {field.name: field.label for field in CANDIDATE_FIELDS}
_WIDGETS = {FieldKind.MAIL: EmailField, FieldKind.PHONE: TelField}


class ShownFact(NamedTuple):
    """One fact of a candidate as a page writes it."""

    field: CandidateField
    label: Sentence
    text: str


def text_of(field: CandidateField, value: Any) -> str:
    """Return a value as people read it; '' where nothing is known."""
    if not value:
        return ""
    if field.kind is FieldKind.DAY:
        return long_day(value)
    if field.kind is FieldKind.PHONE:
        return format_phone(value)
    return str(value.label) if field.choices else str(value)


def texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Return those facts that are among the values, as people read them."""
    return {field.name: text_of(field, values[field.name]) for field in CANDIDATE_FIELDS if field.name in values}


def shown(candidate: Candidate, fields: Iterable[CandidateField] = CANDIDATE_FIELDS) -> list[ShownFact]:
    """Return these facts of a candidate, those that are not known among them."""
    return [ShownFact(field, field.label, text_of(field, getattr(candidate, field.name))) for field in fields]


def about(candidate: Candidate) -> list[tuple[Sentence, str]]:
    """Return what is known of a person beyond name and address, label and text."""
    fields = (field for field in CANDIDATE_FIELDS if field.shown and field.group is FieldGroup.ABOUT)
    return [(fact.label, fact.text) for fact in shown(candidate, fields) if fact.text]


def form_field(field: CandidateField) -> Any:
    """Return the form field in which a fact is typed."""
    if field.choices is not None:
        none_yet = SelectChoice("", _l("まだお聞きしていない"))
        answers = [SelectChoice(answer.value, answer.label) for answer in field.choices]
        return RadioField(field.label, choices=[none_yet, *answers], default="")
    validators: list[Any] = [longest(field.max_length)]
    if field.required is not None:
        validators = [InputRequired(field.required), _some_text(field.required), *validators]
    if field.kind in _CHECKS:
        validators.append(_CHECKS[field.kind])
    return _WIDGETS.get(field.kind, StringField)(field.label, validators=validators)


def typed_as(field: CandidateField, value: Any) -> str:
    """Return a stored value as a form field holds it."""
    return value.value if field.choices and value else text_of(field, value)


def value_of(field: CandidateField, typed: str | None) -> Any:
    """Return what was typed into a valid form field as it is stored."""
    text = (typed or "").strip()
    if field.choices is not None:
        return field.choices(text) if text else None
    if field.kind is FieldKind.DAY:
        return parse_date(text) if text else None
    return field.normalise(typed or "")


def _some_text(message: Sentence) -> Any:
    def check(_form: FlaskForm, field: Field) -> None:
        if not clean(field.data or ""):
            raise ValidationError(str(message))

    return check


def _readable_mail(_form: FlaskForm, field: Field) -> None:
    typed = field.data or ""
    reading = normalise_mail(typed)
    if typed.strip() and not reading.value:
        raise ValidationError(str(mail_sentence(reading.fault or MailFault.UNUSABLE, typed)))


def _readable_phone(_form: FlaskForm, field: Field) -> None:
    typed = field.data or ""
    if normalise_phone(typed).fault is PhoneFault.UNUSABLE:
        raise ValidationError(
            _(
                "「%(typed)s」は電話番号として読めません。番号だけを入力するか、空欄のままにしてください。",
                typed=quoted(typed),
            )
        )


def readable_day(_form: FlaskForm, field: Field) -> None:
    """Raise ValidationError where something was typed that is no date."""
    if not (field.data or "").strip():
        return
    try:
        parse_date(field.data)
    except DateProblem as problem:
        raise ValidationError(str(problem)) from problem


_CHECKS = {FieldKind.MAIL: _readable_mail, FieldKind.PHONE: _readable_phone, FieldKind.DAY: readable_day}
