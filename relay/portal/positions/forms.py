"""The form of a position, and its values as people read them."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from relay.errors import DomainError
from relay.forms import longest
from relay.hiring import occupations, passing_on, position_facts, positions, posting
from relay.models import EmploymentType, Position, SalaryPeriod
from relay.models.labels import Labelled
from relay.models.positions import MAX_HEADCOUNT, MAX_LINE, MAX_TEXT, MAX_TITLE, MAX_WAY, MAX_YEN
from relay.text import Sentence, clean, clean_block, quoted, typed_number, typed_yen, whole_number, yen_words

_CHOICES: dict[str, type[Labelled]] = {"employment": EmploymentType, "salary_per": SalaryPeriod}
_SUMS = ("salary_from", "salary_to")
_FACTS = position_facts.LABELS
NOT_CHOSEN = _l("選んでいない")


def _offered(words: type[Labelled]) -> list[SelectChoice]:
    return [SelectChoice("", NOT_CHOSEN), *(SelectChoice(word.value, word.label) for word in words)]


def _listed(name: str, label: Sentence) -> SelectField:
    return SelectField(label, choices=_offered(_CHOICES[name]), default="", validate_choice=False, validators=[_offers])


def _offers(_form: FlaskForm, field: Field) -> None:
    if field.data and field.data not in list(_CHOICES[field.name]):
        raise ValidationError(_("「%(label)s」を、並んでいる中から選んでください。", label=field.label.text))


class _SomeText:
    """Refuses a title without a word, also where the form was sent in part."""

    field_flags = {"required": True}  # noqa: RUF012  (as wtforms reads it)

    def __call__(self, _form: FlaskForm, field: Field) -> None:
        if not clean(field.data or ""):
            raise ValidationError(str(positions.TitleMissing.message))


def _a_sum(_form: FlaskForm, field: Field) -> None:
    typed = field.data or ""
    if typed.strip() and typed_yen(typed, most=MAX_YEN) is None:
        raise ValidationError(
            _(
                "「%(typed)s」は金額として読めません。「400万」や「250,000円」のように入力するか、空欄にしてください。",
                typed=quoted(typed),
            )
        )


def _a_headcount(_form: FlaskForm, field: Field) -> None:
    typed = field.data or ""
    if typed.strip() and typed_number(typed, most=MAX_HEADCOUNT) is None:
        raise ValidationError(
            _(
                "「%(typed)s」は人数として読めません。1から%(most)sまでの数を入力するか、空欄にしてください。",
                typed=quoted(typed),
                most=f"{MAX_HEADCOUNT:,}",
            )
        )


def _a_way(_form: FlaskForm, field: Field) -> None:
    if (field.data or "").strip():
        try:
            stored = passing_on.way_to_apply(field.data)
        except DomainError as refused:
            raise ValidationError(str(refused)) from refused
        if len(stored) > MAX_WAY:
            raise ValidationError(longest(MAX_WAY).message % {"max": MAX_WAY})


class PositionForm(FlaskForm):  # type: ignore[misc]
    """A position as it is written; everything but the title may be left for later."""

    title = StringField(
        _l("求人の名前"),
        validators=[_SomeText(), longest(MAX_TITLE)],
    )
    occupation = StringField(_FACTS["occupation"], validators=[longest(MAX_LINE)])
    occupation_id = StringField(_l("職種の候補"))
    description = TextAreaField(_FACTS["description"], validators=[longest(MAX_TEXT)])
    required_skills = TextAreaField(_FACTS["required_skills"], validators=[longest(MAX_TEXT)])
    welcome_skills = TextAreaField(_FACTS["welcome_skills"], validators=[longest(MAX_TEXT)])
    required_qualifications = TextAreaField(_FACTS["required_qualifications"], validators=[longest(MAX_TEXT)])
    welcome_qualifications = TextAreaField(_FACTS["welcome_qualifications"], validators=[longest(MAX_TEXT)])
    place = StringField(_FACTS["place"], validators=[longest(MAX_LINE)])
    employment = _listed("employment", _FACTS["employment"])
    headcount = StringField(_FACTS["headcount"], validators=[_a_headcount])
    salary_per = _listed("salary_per", _l("給与の単位"))
    salary_from = StringField(_l("給与の下限"), validators=[_a_sum])
    salary_to = StringField(_l("給与の上限"), validators=[_a_sum])

    apply_at = StringField(_l("応募先"), validators=[longest(MAX_WAY), _a_way])

    @classmethod
    def of(cls, position: Position) -> "PositionForm":
        """Return the form with what is stored of the position."""
        return cls(None, data=_stored(position))

    @classmethod
    def sent_for(cls, position: Position) -> "PositionForm":
        """Return the form as it was sent; what the browser did not send is as stored, and is not among the values."""
        return cls(data=_stored(position))

    @property
    def values(self) -> dict[str, Any]:
        """Return what was submitted, as it is stored; what the browser did not send is not in it."""
        return {name: _value_of(name, self[name].data or "") for name in positions.FIELDS if self[name].raw_data}

    def validate_salary_to(self, field: Field) -> None:
        """Refuse an upper limit below the lower one."""
        low, high = (typed_yen(each.data or "", most=MAX_YEN) for each in (self.salary_from, field))
        if low and high and high < low:
            raise ValidationError(_("上限が下限より低くなっています。どちらかを修正してください。"))

    def validate_salary_per(self, field: Field) -> None:
        """Refuse a sum without its period."""
        if not field.data and (self.salary_from.data or self.salary_to.data):
            raise ValidationError(_("金額が、年収・月給・日給・時給のどれかを選んでください。"))

    def validate_occupation(self, field: Field) -> None:
        """Take a title that was typed in full; ask to choose where it may mean several occupations."""
        typed = clean(field.data or "")
        if not typed or occupations.get(whole_number(self.occupation_id.data or "")):
            return
        exactly = occupations.named(typed)
        if exactly is not None:
            self.occupation_id.data, self.occupation_id.raw_data = str(exactly.id), [str(exactly.id)]
        elif occupations.search(typed):
            raise ValidationError(
                _(
                    "「%(typed)s」に近い職種を下に並べました。一つ選ぶか、この欄を空にしてください。",
                    typed=quoted(typed),
                )
            )
        else:
            raise ValidationError(
                _(
                    "「%(typed)s」に当てはまる職種は見つかりません。別の言葉で探すか、この欄を空にしてください。",
                    typed=quoted(typed),
                )
            )


for _item in posting.ITEMS:
    if _item.is_written:
        setattr(PositionForm, _item.name, StringField(_item.label, validators=[longest(MAX_LINE)]))

LABELS: dict[str, Sentence] = {
    "occupation_id": _FACTS["occupation"],
    **{item.name: item.label for item in posting.ITEMS if item.is_written},
    **{
        name: getattr(PositionForm, name).args[0]
        for name in positions.FIELDS
        if name != "occupation_id" and name not in posting.WRITTEN
    },
}
"""What pages call each of `positions.FIELDS`."""


def text_of(name: str, value: Any) -> str:
    """Return a stored value as people read it; '' where there is none."""
    if value in (None, ""):
        return ""
    if name in _SUMS:
        return yen_words(value)
    if name == "headcount":
        return _("%(n)s名", n=f"{value:,}")
    if name == "occupation_id":
        occupation = occupations.get(value)
        return occupation.title if occupation else ""
    return str(value.label) if name in _CHOICES else str(value)


def texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the values of some fields as people read them."""
    return {name: text_of(name, value) for name, value in values.items()}


def _stored(position: Position) -> dict[str, str]:
    return {name: _typed_as(name, value) for name, value in positions.details(position).items()}


def _typed_as(name: str, value: Any) -> str:
    if name in _CHOICES:
        return value.value if value else ""
    return str(value or "") if name in ("occupation_id", "headcount") else text_of(name, value)


def _value_of(name: str, typed: str) -> Any:
    if name in _CHOICES:
        return _CHOICES[name](typed) if typed else None
    if name in _SUMS:
        return typed_yen(typed, most=MAX_YEN)
    if name == "headcount":
        return typed_number(typed, most=MAX_HEADCOUNT)
    if name == "occupation_id":
        occupation = occupations.get(whole_number(typed))
        return occupation.id if occupation else None
    if name == "apply_at":
        return passing_on.way_to_apply(typed) if typed.strip() else None
    return clean_block(typed) if "\n" in typed else clean(typed)
