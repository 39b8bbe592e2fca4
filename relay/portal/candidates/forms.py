"""Forms about a person: on the page for a new one, and when a record is put right."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from relay.candidates import tags
from relay.forms import longest
from relay.intake.by_hand import CandidateOrigin
from relay.models import Candidate, RetentionBasis
from relay.models.candidate_fields import CANDIDATE_FIELDS, CandidateField, FieldGroup, FieldKind
from relay.portal.candidates.facts import form_field, readable_day, typed_as, value_of
from relay.text import clean, parse_date

MAX_TAGS = 10
_WORDS = (FieldKind.LINE, FieldKind.LIST)
FREE = (*(field.name for field in CANDIDATE_FIELDS if field.kind in _WORDS), "note", "tags")


class FactsForm(FlaskForm):  # type: ignore[misc]
    """Every declared fact about a person. No gender, photo or family (B-3)."""

    @property
    def values(self) -> dict[str, Any]:
        """Return what was submitted, as it is stored; facts the browser did not send are not in it."""
        sent = [field for field in CANDIDATE_FIELDS if field.name in self and self[field.name].raw_data]
        return {field.name: value_of(field, self[field.name].data) for field in sent}

    def fields_of(self, group: FieldGroup) -> list[tuple[CandidateField, Field]]:
        """Return the declarations of a group with their fields in this form."""
        return [(field, self[field.name]) for field in CANDIDATE_FIELDS if field.group == group and field.name in self]

    @property
    def free_text(self) -> str:
        """Everything in which words may stand that the law keeps out (A-22)."""
        return "\n".join(str(self[name].data or "") for name in FREE if name in self)


for _field in CANDIDATE_FIELDS:
    if not _field.only_where_known:
        setattr(FactsForm, _field.name, form_field(_field))


class ChangeForm(FactsForm):
    """Putting a record right. A birth date is asked about only where a file brought one (B-3)."""

    @classmethod
    def of(cls, candidate: Candidate) -> "ChangeForm":
        """Return the form with the facts as they are stored."""
        known = {field.name: typed_as(field, getattr(candidate, field.name)) for field in CANDIDATE_FIELDS}
        return cls(None, data=known).without_unknown(candidate)

    def without_unknown(self, candidate: Candidate) -> "ChangeForm":
        """Take out what is asked about only where it is known; return the form."""
        for field in CANDIDATE_FIELDS:
            if field.only_where_known and not getattr(candidate, field.name):
                del self[field.name]
        return self


for _field in CANDIDATE_FIELDS:
    if _field.only_where_known:
        setattr(ChangeForm, _field.name, form_field(_field))


class NewPersonForm(FactsForm):
    """A new person: who, how they came, and why they may be kept, which nobody answers for HR (A-4)."""

    position = StringField(_l("応募した求人"), validators=[longest(200)])
    channel = StringField(_l("応募経路"), validators=[longest(100)])
    applied_on = StringField(_l("応募日"), validators=[readable_day])
    basis = RadioField(
        _l("情報を保管してよい理由"),
        choices=[
            SelectChoice(RetentionBasis.SELECTION.value, _l("選考のためだけに保管している")),
            SelectChoice(RetentionBasis.STATED.value, _l("人材プールでの保管を、応募のときにお伝えしている")),
            SelectChoice(RetentionBasis.CONSENTED.value, _l("人材プールでの保管に、ご本人が同意している")),
        ],
        validators=[InputRequired(_l("3つのうち、あてはまるものを選んでください。"))],
    )
    note = TextAreaField(_l("メモ"), validators=[longest(10_000)])
    tags = StringField(_l("タグ"))

    def validate_tags(self, field: Field) -> None:
        """Refuse words that are too many or too long."""
        names = self.tag_names
        if len(names) > MAX_TAGS:
            raise ValidationError(_("一度に付けられるタグは%(most)s個までです。", most=MAX_TAGS))
        if any(len(name) > tags.MAX_LENGTH for name in names):
            raise ValidationError(_("タグの名前は%(most)s文字までです。", most=tags.MAX_LENGTH))

    @property
    def tag_names(self) -> list[str]:
        """Return the words, which are separated by a comma of any kind."""
        typed = (self.tags.data or "").replace("，", "、").replace(",", "、").split("、")
        return list(dict.fromkeys(name for name in map(clean, typed) if name))

    @property
    def arrival(self) -> CandidateOrigin:
        """Return how they came."""
        day = (self.applied_on.data or "").strip()
        return CandidateOrigin(
            basis=RetentionBasis(self.basis.data),
            position=self.position.data or "",
            channel=self.channel.data or "",
            applied_on=parse_date(day) if day else None,
        )

    @property
    def more_is_typed(self) -> bool:
        """Return whether the part that is folded away holds something, or has to be put right."""
        about = [field.name for field, _field in self.fields_of(FieldGroup.ABOUT)]
        return any(self[name].data or self[name].errors for name in (*about, "note", "tags"))
