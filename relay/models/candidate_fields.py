"""The facts a company keeps about a candidate, each declared once.

Forms, partial edits, imports, merges, search, export, log, record page and erasure are derived from CANDIDATE_FIELDS.
To add a fact: one entry here, a column of the same name in Candidate, and a migration.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l

from relay.models.labels import Labelled
from relay.text import (
    Sentence,
    clean,
    kana_key,
    mail_key,
    name_key,
    normalise_mail,
    normalise_phone,
    phone_key,
    to_katakana,
)


class Reapply(Labelled):
    """The person's own answer whether they would apply again (再応募意向); nobody else fills it in."""

    YES = "yes", _l("また応募したい")
    MAYBE = "maybe", _l("条件が合えば応募したい")
    NO = "no", _l("いまは考えていない")


class FieldKind(StrEnum):
    """How a fact is typed, normalised, read from a file and written out."""

    NAME = "name"
    KANA = "kana"
    MAIL = "mail"
    PHONE = "phone"
    LINE = "line"
    LIST = "list"
    """Several entries, joined by 「、」."""
    DAY = "day"
    CHOICE = "choice"


class FieldGroup(StrEnum):
    """Where forms and the record show a fact."""

    CONTACT = "contact"
    """The first part of a form, the head of the record."""
    ABOUT = "about"
    """The second part of a form, the panel 「ご本人について」."""


class MergePolicy(StrEnum):
    """Which value stays when two records become one."""

    CHOOSE = "choose"
    """HR chooses; a text that was not chosen is written into a memo."""
    JOIN = "join"
    """Both, joined by 「、」 and cut to the field's length."""
    FILL = "fill"
    """The value of the record that stays; where that is empty, the other's."""


_NORMALISERS: dict[FieldKind, Callable[[str], str]] = {
    FieldKind.NAME: clean,
    FieldKind.KANA: to_katakana,
    FieldKind.MAIL: lambda typed: normalise_mail(typed).value,
    FieldKind.PHONE: lambda typed: normalise_phone(typed).value,
    FieldKind.LINE: clean,
    FieldKind.LIST: clean,
}


@dataclass(frozen=True)
class CandidateField:
    """One fact: its column, how it is called and how every room treats it."""

    name: str
    """The column of Candidate, the name in forms, imports, events and remembered values."""
    label: Sentence
    kind: FieldKind = FieldKind.LINE
    max_length: int = 200
    """In characters, typed or imported (F-21)."""
    merge: MergePolicy = MergePolicy.FILL
    group: FieldGroup = FieldGroup.ABOUT
    import_words: str = ""
    """Headers under which files bring it, apart by spaces; none: no file brings it."""
    import_label: Sentence | None = None
    """What HR sees when choosing what a column is taken as, where that is not the label."""
    hint: Sentence | None = None
    """Stands beneath the label in forms."""
    key: Callable[[str], str] | None = None
    """Makes the value of the column NAME_key, by which persons are found again."""
    choices: type[Labelled] | None = None
    """The closed answers of a CHOICE."""
    only_where_known: bool = False
    """Asked about in a form only where a file brought a value (B-3)."""
    required: Sentence | None = None
    """What is said where nothing was typed; none: it may stay empty."""
    searched: bool = False
    exported: bool = False
    shown: bool = True
    personal: bool = True
    """Whether the column is blanked where persons are erased."""

    @property
    def empty(self) -> Any:
        """Return what the column holds where nothing is known."""
        return None if self.kind in (FieldKind.DAY, FieldKind.CHOICE) else ""

    def normalise(self, value: Any) -> Any:
        """Return the value as it is stored; days and answers are stored as they come."""
        normaliser = _NORMALISERS.get(self.kind)
        return normaliser(value) if normaliser else value

    def restore(self, stored: Any) -> Any:
        """Return the value that JSON holds as a text."""
        if not stored:
            return self.empty
        if self.kind is FieldKind.DAY:
            return date.fromisoformat(stored)
        return self.choices(stored) if self.choices else stored


CANDIDATE_FIELDS: tuple[CandidateField, ...] = (
    CandidateField(
        "name",
        _l("氏名"),
        FieldKind.NAME,
        max_length=100,
        merge=MergePolicy.CHOOSE,
        group=FieldGroup.CONTACT,
        import_words="""名前 氏名 お名前 ご氏名 姓名 応募者 応募者名 応募者氏名 候補者 候補者名 候補者氏名 氏名漢字
            名前漢字 漢字氏名 漢字名 シメイ ナマエ Name FullName Candidate CandidateName ApplicantName ContactName""",
        key=name_key,
        required=_l("氏名を入力してください。"),
        searched=True,
        exported=True,
    ),
    CandidateField(
        "kana",
        _l("フリガナ"),
        FieldKind.KANA,
        max_length=100,
        merge=MergePolicy.CHOOSE,
        group=FieldGroup.CONTACT,
        import_words="""フリガナ カナ 氏名カナ 氏名フリガナ カナ氏名 フリガナ氏名 名前カナ 名前フリガナ お名前カナ
            お名前フリガナ 応募者名カナ 応募者名フリガナ 候補者名カナ 候補者名フリガナ 応募者氏名カナ
            応募者氏名フリガナ 読み 読み仮名 ヨミガナ 氏名よみ 氏名読み 氏名読み仮名 名前よみ よみ Kana NameKana
            FullNameKana""",
        hint=_l("ひらがなでも、半角でもかまいません。"),
        key=kana_key,
        searched=True,
        exported=True,
    ),
    CandidateField(
        "email",
        _l("メールアドレス"),
        FieldKind.MAIL,
        max_length=254,
        merge=MergePolicy.CHOOSE,
        group=FieldGroup.CONTACT,
        import_words="""メールアドレス メール Eメール Eメールアドレス 電子メール 電子メールアドレス Email
            EmailAddress Mail Emails EmailAddresses MailAddress 連絡先メール 連絡先メールアドレス PCメール
            PCメールアドレス PersonalEmail PrimaryEmail 携帯メール 携帯メールアドレス メールアドレス1
            メールアドレス2 メールアドレスPC メールアドレス携帯 メルアド メアド 連絡用メールアドレス""",
        key=mail_key,
        searched=True,
        exported=True,
    ),
    CandidateField(
        "phone",
        _l("電話番号"),
        FieldKind.PHONE,
        max_length=40,
        merge=MergePolicy.CHOOSE,
        group=FieldGroup.CONTACT,
        import_words="""電話番号 電話 TEL 携帯 携帯電話 携帯番号 携帯電話番号 携帯TEL TEL携帯 スマホ 連絡先
            連絡先TEL 連絡先電話番号 固定電話 自宅電話 自宅電話番号 お電話番号 電話番号1 電話番号2 電話番号携帯
            電話番号自宅 デンワ デンワバンゴウ ケイタイ ケイタイデンワ ケイタイバンゴウ
            Phone Phones PhoneNumber PhoneNumbers Mobile MobilePhone CellPhone Telephone""",
        key=phone_key,
        searched=True,
        exported=True,
    ),
    CandidateField(
        "qualifications",
        _l("資格"),
        FieldKind.LIST,
        max_length=1_000,
        merge=MergePolicy.JOIN,
        import_words="""資格 保有資格 取得資格 所持資格 免許 免許資格 資格免許 保有資格免許 資格名
            Qualification Qualifications Certification Certifications""",
        hint=_l("いくつかあるときは「、」で区切ります。"),
        searched=True,
    ),
    CandidateField(
        "desired_role",
        _l("希望職種"),
        merge=MergePolicy.JOIN,
        import_words="""希望職種 希望ポジション 希望職 志望職種 第一希望職種 希望する職種 希望の職種 希望業務
            DesiredRole DesiredPosition""",
        searched=True,
    ),
    CandidateField(
        "reapply",
        _l("再応募意向"),
        FieldKind.CHOICE,
        choices=Reapply,
        import_words="""再応募意向 再応募の意向 再応募意思 再応募希望 再応募の希望 再応募 再応募可否
            WillingToReapply""",
        import_label=_l("再応募意向（ご本人の回答）"),
        hint=_l("ご本人からお聞きした答えだけを記録します。"),
        personal=False,
    ),
    CandidateField(
        "birth_date",
        _l("生年月日"),
        FieldKind.DAY,
        merge=MergePolicy.CHOOSE,
        import_words="生年月日 誕生日 セイネンガッピ BirthDate Birthday DateOfBirth",
        only_where_known=True,
    ),
)
"""In the order in which forms, files and pages have them."""

FIELD_NAMES = tuple(field.name for field in CANDIDATE_FIELDS)
IMPORTED_FIELDS = tuple(field for field in CANDIDATE_FIELDS if field.import_words)
SEARCHED_FIELDS = tuple(field for field in CANDIDATE_FIELDS if field.searched)
EXPORTED_FIELDS = tuple(field for field in CANDIDATE_FIELDS if field.exported)


def columns_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return these facts with the keys that follow from them, as columns of Candidate."""
    keys = {
        f"{field.name}_key": field.key(values[field.name])
        for field in CANDIDATE_FIELDS
        if field.key and field.name in values
    }
    return dict(values) | keys


def personal_columns() -> tuple[str, ...]:
    """Return the columns of Candidate that hold facts about the person, with their keys."""
    personal = [field for field in CANDIDATE_FIELDS if field.personal]
    return tuple(column for field in personal for column in (field.name, *([f"{field.name}_key"] if field.key else [])))
