"""What HR types about a person: on the page for somebody new, and when a record is put right."""

from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, Field, RadioField, SelectChoice, StringField, TelField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from relay.intake.by_hand import Arrival
from relay.models import Basis, Reapply
from relay.pool import tags
from relay.pool.record import facts
from relay.pool.record.facts import Facts
from relay.portal.ui.labels import REAPPLY_WORDS
from relay.text import (
    DateProblem,
    MailFault,
    PhoneFault,
    clean,
    mail_sentence,
    normalise_mail,
    normalise_phone,
    parse_date,
    quoted,
)

LONG = _l("%(max)d文字までで入力してください。")
MOST_TAGS = 10
TYPED = ("name", "kana", "email", "phone", "qualifications", "wished_role")
FREE = ("qualifications", "wished_role", "note", "tags")


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


def _a_day(_form: FlaskForm, field: Field) -> None:
    if not (field.data or "").strip():
        return
    try:
        parse_date(field.data)
    except DateProblem as problem:
        raise ValidationError(str(problem)) from problem


def _a_name(_form: FlaskForm, field: Field) -> None:
    if not clean(field.data or ""):
        raise ValidationError(_("氏名を入力してください。"))


class FactsForm(FlaskForm):  # type: ignore[misc]
    """Name, ways to reach the person, and what they say of themselves. No gender, photo or family (B-3)."""

    name = StringField(
        _l("氏名"), validators=[InputRequired(_l("氏名を入力してください。")), _a_name, Length(max=100, message=LONG)]
    )
    kana = StringField(_l("フリガナ"), validators=[Length(max=100, message=LONG)])
    email = EmailField(_l("メールアドレス"), validators=[Length(max=254, message=LONG), _readable_mail])
    phone = TelField(_l("電話番号"), validators=[Length(max=40, message=LONG), _readable_phone])
    qualifications = StringField(_l("資格"), validators=[Length(max=1_000, message=LONG)])
    wished_role = StringField(_l("希望職種"), validators=[Length(max=200, message=LONG)])
    reapply = RadioField(
        _l("再応募意向"),
        choices=[SelectChoice("", _l("まだお聞きしていない"))]
        + [SelectChoice(answer.value, word) for answer, word in REAPPLY_WORDS.items()],
        default="",
    )

    @property
    def facts(self) -> Facts:
        """What was typed, as it is stored."""
        typed: dict[str, Any] = {name: self[name].data or "" for name in TYPED}
        answer = self.reapply.data
        return facts.as_typed(Facts(**typed, reapply=Reapply(answer) if answer else None))

    @property
    def free_text(self) -> str:
        """Everything in which words may stand that the law keeps out (A-22)."""
        return "\n".join(str(self[name].data or "") for name in FREE if name in self)


class ChangeForm(FactsForm):
    """Putting a record right. A birth date is asked about only where a file brought one (B-3)."""

    birth_date = StringField(_l("生年月日"), validators=[_a_day])

    @property
    def facts(self) -> Facts:
        """What was typed, as it is stored."""
        born = (self.birth_date.data or "").strip() if "birth_date" in self else ""
        return replace(super().facts, birth_date=parse_date(born) if born else None)


class NewPersonForm(FactsForm):
    """Somebody new: who, how they came, and why they may be kept, which nobody answers for HR (A-4)."""

    position = StringField(_l("応募した求人"), validators=[Length(max=200, message=LONG)])
    channel = StringField(_l("応募経路"), validators=[Length(max=100, message=LONG)])
    applied_on = StringField(_l("応募日"), validators=[_a_day])
    basis = RadioField(
        _l("情報を保管してよい理由"),
        choices=[
            SelectChoice(Basis.SELECTION.value, _l("選考のためだけにお預かりしている")),
            SelectChoice(Basis.STATED.value, _l("人材プールでの保管を、応募のときにお伝えしている")),
            SelectChoice(Basis.CONSENTED.value, _l("人材プールでの保管に、ご本人が同意している")),
        ],
        validators=[InputRequired(_l("3つのうち、あてはまるものを選んでください。"))],
    )
    note = TextAreaField(_l("メモ"), validators=[Length(max=10_000, message=LONG)])
    tags = StringField(_l("タグ"))

    def validate_tags(self, field: Field) -> None:
        """A few short words."""
        names = self.tag_names
        if len(names) > MOST_TAGS:
            raise ValidationError(_("一度に付けられるタグは%(most)s個までです。", most=MOST_TAGS))
        if any(len(name) > tags.LONGEST for name in names):
            raise ValidationError(_("タグの名前は%(most)s文字までです。", most=tags.LONGEST))

    @property
    def tag_names(self) -> list[str]:
        """The words, which stand apart by a comma of any kind."""
        typed = (self.tags.data or "").replace("，", "、").replace(",", "、").split("、")
        return list(dict.fromkeys(name for name in map(clean, typed) if name))

    @property
    def arrival(self) -> Arrival:
        """How they came."""
        day = (self.applied_on.data or "").strip()
        return Arrival(
            basis=Basis(self.basis.data),
            position=self.position.data or "",
            channel=self.channel.data or "",
            applied_on=parse_date(day) if day else None,
        )

    @property
    def more_is_typed(self) -> bool:
        """Whether the part that is folded away holds something, or has to be put right."""
        return any(self[name].data or self[name].errors for name in (*FREE, "reapply"))
