"""Forms of an agency or a school about itself: on arriving, and later on its own page (B-10, F-12, F-19)."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, PasswordField, RadioField, SelectChoice, StringField
from wtforms.validators import InputRequired, StopValidation, ValidationError

from relay import clock
from relay.errors import DomainError
from relay.forms import LinkForm, longest, required_text
from relay.models import Partner, PartnerKind
from relay.network.joining import MAX_A_YEAR
from relay.network.legal_person import read_number
from relay.network.particulars import LENGTHS, Particulars, read_link, read_notification
from relay.network.partners import read_licence
from relay.text import DateProblem, clean, parse_date, plain_ascii, whole_number

Check = Callable[[Any, Field], None]
KINDS = [
    SelectChoice(PartnerKind.AGENCY.value, _l("紹介会社（職業紹介事業者）")),
    SelectChoice(PartnerKind.SCHOOL.value, _l("学校・教育機関")),
]


def _of_agencies(sentence: LazyString) -> Check:
    """Needed of an agency; a school leaves it empty."""

    def check(form: "ParticularsForm", field: Field) -> None:
        if clean(field.data or ""):
            return
        if form.of_kind() is PartnerKind.AGENCY:
            raise StopValidation(str(sentence))
        raise StopValidation

    return check


def _licence(_form: FlaskForm, field: Field) -> None:
    try:
        read_licence(field.data)
    except DomainError as error:
        raise ValidationError(str(error)) from error


def _number(_form: FlaskForm, field: Field) -> None:
    try:
        if clean(field.data or ""):
            read_number(field.data)
    except DomainError as error:
        raise ValidationError(str(error)) from error


def _notification(_form: FlaskForm, field: Field) -> None:
    try:
        read_notification(field.data or "")
    except DomainError as error:
        raise ValidationError(str(error)) from error


def _day(_form: FlaskForm, field: Field) -> None:
    try:
        parse_date(field.data)
    except DateProblem as problem:
        raise ValidationError(str(problem)) from problem


def _page(_form: FlaskForm, field: Field) -> None:
    try:
        if clean(field.data or ""):
            read_link(clean(field.data))
    except DomainError as error:
        raise ValidationError(str(error)) from error


NEEDED_OF_AGENCIES = ("license_number", "license_since", "license_until", "manager")


class ParticularsForm(FlaskForm):  # type: ignore[misc]
    """The particulars of a partner that candidates and companies are shown."""

    name = required_text(_l("正式名称"), _l("正式名称を入力してください。"), LENGTHS["name"])
    corporate_number = StringField(_l("法人番号"), validators=[_number])
    address = required_text(_l("所在地"), _l("所在地を入力してください。"), LENGTHS["address"])
    representative = required_text(
        _l("代表者の氏名"), _l("代表者の氏名を入力してください。"), LENGTHS["representative"]
    )
    contact = required_text(_l("候補者からの問い合わせ先"), _l("問い合わせ先を入力してください。"), LENGTHS["contact"])
    about = StringField(_l("ひとことの紹介"), validators=[longest(LENGTHS["about"])])
    license_number = StringField(
        _l("職業紹介事業の許可番号"), validators=[_of_agencies(_l("許可番号を入力してください。")), _licence]
    )
    license_since = StringField(
        _l("許可の年月日"), validators=[_of_agencies(_l("許可の年月日を入力してください。")), _day]
    )
    license_until = StringField(
        _l("有効期間の満了日"), validators=[_of_agencies(_l("有効期間の満了日を入力してください。")), _day]
    )
    notification_number = StringField(_l("無料職業紹介の届出受理番号（学校）"), validators=[_notification])
    office = StringField(_l("事業所の名称と所在地"), validators=[longest(LENGTHS["office"])])
    manager = StringField(
        _l("職業紹介責任者の氏名"),
        validators=[_of_agencies(_l("職業紹介責任者の氏名を入力してください。")), longest(LENGTHS["manager"])],
    )
    complaints = required_text(_l("苦情の申出先"), _l("苦情の申出先を入力してください。"), LENGTHS["complaints"])
    notices_url = StringField(
        _l("取扱職種・苦情・個人情報・返戻金などを示すページ"), validators=[longest(LENGTHS["notices_url"]), _page]
    )
    fees_url = StringField(_l("手数料表のページ"), validators=[longest(LENGTHS["fees_url"]), _page])
    register_url = StringField(
        _l("人材サービス総合サイトの貴社のページ"), validators=[longest(LENGTHS["register_url"]), _page]
    )

    def of_kind(self) -> PartnerKind:
        """Which kind of partner fills it in."""
        raise NotImplementedError

    def also_introduces(self) -> bool:
        """Return whether a school chose its second purpose; on arriving it cannot (B-33)."""
        return False

    def particulars(self) -> Particulars:
        """Return the typed values, dates and licence read."""
        texts: dict[str, Any] = {name: getattr(self, name).data or "" for name in LENGTHS}
        number, legal = clean(self.license_number.data or ""), clean(self.corporate_number.data or "")
        agency = self.of_kind() is PartnerKind.AGENCY
        return Particulars(
            kind=self.of_kind(),
            corporate_number=read_number(legal) if legal else None,
            license_number=read_licence(number) if agency and number else None,
            license_since=_read_day(self.license_since) if agency else None,
            license_until=_read_day(self.license_until) if agency else None,
            notification_number=self.notification_number.data,
            introduces_jobs=self.also_introduces(),
            **texts,
        )


class PartnerForm(ParticularsForm):
    """The partner's own page: everything but its kind; `sure` is asked for where a change closes people."""

    introduces_jobs = BooleanField(_l("候補者が、求人の紹介にも同意できるようにします"))
    sure = BooleanField(_l("上の説明を読み、そのとおりに保存します"))

    def __init__(self, kind: PartnerKind, *args: Any, **kwargs: Any) -> None:
        self._of_kind = kind
        super().__init__(*args, **kwargs)
        for name in NEEDED_OF_AGENCIES:
            self[name].flags.required = kind is PartnerKind.AGENCY

    def of_kind(self) -> PartnerKind:
        """Return the kind it was registered as."""
        return self._of_kind

    def also_introduces(self) -> bool:
        """Return whether the tick is made; without a number it means nothing."""
        return bool(self.introduces_jobs.data)

    @classmethod
    def showing(cls, partner: Partner) -> "PartnerForm":
        """Return the form filled with what is known."""
        kept = ("license_number", "corporate_number", "notification_number")
        numbers = {name: getattr(partner, name) or "" for name in kept}
        known = {name: getattr(partner, name) for name in LENGTHS} | numbers
        days = {name: str(getattr(partner, name) or "") for name in ("license_since", "license_until")}
        return cls(partner.kind, None, data=known | days | {"introduces_jobs": partner.introduces_jobs})


class YearlyNumberForm(FlaskForm):  # type: ignore[misc]
    """How many free introductions a year a partner makes for a company."""

    free_introductions = StringField(_l("無料紹介の件数（1年）"))

    def needs_number(self) -> bool:
        """Return whether the number must be said: agencies say it, 0 for none."""
        return True

    def validate_free_introductions(self, field: Field) -> None:
        """Refuse what is no number from 0 to 99, in any width."""
        if not self.needs_number():
            return
        if whole_number(plain_ascii(clean(field.data or "")), most=MAX_A_YEAR) is None:
            raise ValidationError(
                str(_l("0から%(most)dまでの数字を入力してください。受け入れないときは0です。", most=MAX_A_YEAR))
            )

    def a_year(self) -> int | None:
        """Return the promised number; None where nothing is to be said."""
        if not self.needs_number():
            return None
        return whole_number(plain_ascii(clean(self.free_introductions.data or "")), most=MAX_A_YEAR)


class PromiseForm(YearlyNumberForm):
    """The number alone, with what has to be true where it is not 0 (B-18); the boxes are ticked each time."""

    fee_table = BooleanField(_l("当社の手数料表に、この無料紹介（手数料0円）を定めています"))
    no_fee = BooleanField(_l("採用が決まっても紹介手数料は0円です"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.free_introductions.flags.required = True

    def validate_fee_table(self, field: Field) -> None:
        """Ask for the word on the fee table where introductions are promised."""
        if self.a_year() and not field.data:
            raise ValidationError(
                str(
                    _l(
                        "受け入れるには、手数料表を確認してチェックを入れてください。受け入れないときは0にしてください。"
                    )
                )
            )

    def validate_no_fee(self, field: Field) -> None:
        """Ask for the word on the fee of a hire where introductions are promised."""
        if self.a_year() and not field.data:
            raise ValidationError(
                str(
                    _l(
                        "受け入れるには、手数料0円を確認してチェックを入れてください。受け入れないときは0にしてください。"
                    )
                )
            )


class YearlyForm(YearlyNumberForm):
    """The promise of a partner to a company: the rules, and how many free introductions a year."""

    rules = BooleanField(
        _l("共有のルールを読み、貴社（貴校）として同意します"),
        validators=[
            InputRequired(_l("共有のルールへの同意が必要です。同意いただけないときは、登録せずに閉じてください。"))
        ],
    )


class AcceptingForm(YearlyForm):
    """A partner that is here already accepts one more company."""

    def __init__(self, kind: PartnerKind, *args: Any, **kwargs: Any) -> None:
        self._of_kind = kind
        super().__init__(*args, **kwargs)
        self.free_introductions.flags.required = self.needs_number()

    def needs_number(self) -> bool:
        """Return whether the number of free introductions is required: of agencies it is."""
        return self._of_kind is PartnerKind.AGENCY


class JoiningForm(LinkForm, ParticularsForm, YearlyForm):
    """A new partner and its first agent, behind a mailed link."""

    kind = RadioField(_l("種類"), choices=KINDS, validators=[InputRequired(_l("紹介会社か学校かを選んでください。"))])
    person = required_text(_l("お名前"), _l("お名前を入力してください。"), 100)
    password = PasswordField(_l("パスワード"), validators=[InputRequired(_l("パスワードを入力してください。"))])

    def of_kind(self) -> PartnerKind:
        """Return the chosen kind; an agency's fields are asked for until a school is chosen."""
        return PartnerKind.SCHOOL if self.kind.data == PartnerKind.SCHOOL.value else PartnerKind.AGENCY

    def needs_number(self) -> bool:
        """Return whether the number of free introductions is required: of agencies it is."""
        return self.of_kind() is PartnerKind.AGENCY

    def validate_license_since(self, field: Field) -> None:
        """Refuse a day to come: a licence was given already."""
        if not field.errors and field.data and parse_date(field.data) > clock.today():
            raise ValidationError(str(_l("まだ来ていない日付です。許可証の「許可年月日」を確認してください。")))

    def validate_license_until(self, field: Field) -> None:
        """Refuse a licence that has run out (B-12)."""
        if not field.errors and parse_date(field.data) < clock.today():
            raise ValidationError(
                str(_l("この日付は過ぎています。許可を更新されたときは、新しい満了日を入力してください。"))
            )


def _read_day(field: Field) -> date | None:
    return parse_date(field.data) if clean(field.data or "") else None
