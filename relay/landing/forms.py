"""The form with which a candidate registers. Few fields, and only the name is required."""

from dataclasses import asdict
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    PasswordField,
    RadioField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from relay.candidates.age import MINIMUM_AGE
from relay.forms import LinkForm
from relay.network import pins, registration
from relay.network.profiles import ITEMS, ProfileFields
from relay.text import MailFault, PhoneFault, mail_sentence, normalise_mail, normalise_phone, quoted, sensitive_words

LONG = _l("%(max)d文字以内でご記入ください。")


class RelayForm(LinkForm):
    """Recipients, a few words about oneself, the address to use, and being old enough (A-15, A-47)."""

    partner = SelectMultipleField(_l("登録先"), coerce=int, validate_choice=False)
    jobs = SelectMultipleField(_l("求人の紹介"), coerce=int, validate_choice=False)
    openings = BooleanField()
    name = StringField(
        _l("氏名"), validators=[DataRequired(_l("氏名をご記入ください。")), Length(max=100, message=LONG)]
    )
    kana = StringField(_l("フリガナ"), validators=[Length(max=100, message=LONG)])
    address = RadioField(
        _l("メールアドレス"),
        choices=[SelectChoice("link", _l("このメールが届いた宛先を使う")), SelectChoice("other", _l("別の宛先"))],
        default="link",
    )
    other_address = StringField(_l("別の宛先のメールアドレス"))
    """No field of type email: while it is hidden a browser would refuse the whole form for it, and say nothing."""
    phone = TelField(_l("電話番号"), validators=[Length(max=40, message=LONG)])
    desired_role = StringField(_l("希望職種"), validators=[Length(max=100, message=LONG)])
    place = StringField(_l("希望勤務地"), validators=[Length(max=100, message=LONG)])
    experience = TextAreaField(_l("これまでの経験"), validators=[Length(max=1000, message=LONG)])
    number = PasswordField(_l("暗証番号（4桁の数字）"), validators=[DataRequired(_l("暗証番号をご記入ください。"))])
    harmless = BooleanField(_l("仕事についての言葉で、自分の病気や信条などのことではありません"))
    of_age = BooleanField(_l("%(age)s歳以上です", age=MINIMUM_AGE))

    def validate_partner(self, field: Field) -> None:
        """Refuse the form without a recipient or the company's openings: nobody is chosen for the person (A-10)."""
        if not field.data and not self.openings.data:
            raise ValidationError(_("まだ、登録先が選ばれていません。どこにも伝わっていません。"))

    def validate_jobs(self, field: Field) -> None:
        """Refuse a school's second purpose without its first one (B-33)."""
        if not set(field.data or ()) <= set(self.partner.data or ()):
            raise ValidationError(str(registration.PurposeAlone.message))

    def validate_other_address(self, field: Field) -> None:
        """Ask for an address only when another one is wanted."""
        if self.address.data != "other":
            return
        typed = field.data or ""
        if not typed.strip():
            raise ValidationError(_("お使いになるメールアドレスをご記入ください。"))
        reading = normalise_mail(typed)
        if not reading.value:
            raise ValidationError(str(mail_sentence(reading.fault or MailFault.UNUSABLE, typed)))

    def validate_phone(self, field: Field) -> None:
        """Refuse a number that cannot be one, rather than drop it."""
        reading = normalise_phone(field.data or "")
        if reading.fault in {PhoneFault.ODD, PhoneFault.UNUSABLE}:
            raise ValidationError(
                _(
                    "「%(typed)s」は、電話番号の形ではないようです。空欄でもかまいません。",
                    typed=quoted(field.data),
                )
            )

    def validate_number(self, field: Field) -> None:
        """Four digits that are no run; what HR knows is compared at registering."""
        try:
            pins.read(field.data or "")
        except (pins.PinMalformed, pins.PinTooEasy) as error:
            raise ValidationError(str(error)) from error

    def validate_of_age(self, field: Field) -> None:
        """Below MINIMUM_AGE a parent would have to agree, which this page cannot take (A-15)."""
        if not field.data:
            raise ValidationError(
                _(
                    "%(age)s歳以上の方は、ここにチェックを入れてください。%(age)s歳未満の方は、このページからは登録できません。",
                    age=MINIMUM_AGE,
                )
            )

    @property
    def doubtful_words(self) -> list[str]:
        """Words in the free text that the law keeps out (A-22); asked about, never simply refused."""
        return sensitive_words(
            "\n".join(str(field.data or "") for field in (self.desired_role, self.place, self.experience))
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field; ask about words the law keeps out, which reach nobody unless they are harmless (A-23)."""
        passed: bool = super().validate(extra_validators)
        words = self.doubtful_words
        if not words or self.harmless.data:
            return passed
        self.experience.errors = [
            *self.experience.errors,
            _(
                "%(words)sは、書かなくてよいことかもしれません。削除していただくか、仕事の話であれば下にチェックを入れてください。",
                words="".join(f"「{word}」" for word in words),
            ),
        ]
        return False

    @property
    def fields(self) -> ProfileFields:
        """Return what the person wrote about themselves."""
        names = ("name", "kana", "phone", "desired_role", "place", "experience")
        return ProfileFields(**{name: self[name].data or "" for name in names})

    @property
    def typed_address(self) -> str | None:
        """Return the other address, if one is to be used."""
        return (self.other_address.data or "") if self.address.data == "other" else None


class CorrectionForm(RelayForm):
    """The facts that a registered person wrote, to be corrected; recipients, address and number stay."""

    partner = jobs = openings = address = other_address = number = of_age = None
    codes = tuple(code for code in ITEMS if code != "email")

    def __init__(self, *args: Any, hidden: frozenset[str], **kwargs: Any) -> None:
        """Make the form; a name that is `hidden` from the page may stay unwritten."""
        super().__init__(*args, **kwargs)
        if "name" in hidden:
            self.name.validators = [each for each in self.name.validators if not isinstance(each, DataRequired)]
            self.name.flags.required = False

    @property
    def cleaned(self) -> dict[str, str]:
        """Return what was typed as it would be stored."""
        return asdict(self.fields.tidy())
