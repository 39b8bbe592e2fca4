"""Why two records look like one person, or do not: a closed list, kept with each pair, with the words for it."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class Reason(StrEnum):
    """One agreement or difference."""

    NAMED_BY_FILE = "named-by-file"
    MAIL = "mail"
    MAIL_NEAR = "mail-near"
    MAIL_LOCAL = "mail-local"
    MAIL_DIFFERS = "mail-differs"
    PHONE = "phone"
    PHONE_NEAR = "phone-near"
    PHONE_DIFFERS = "phone-differs"
    NAME = "name"
    NAME_BY_SOUND = "name-by-sound"
    NAME_NEAR = "name-near"
    NAME_SWAPPED = "name-swapped"
    NAME_RARE = "name-rare"
    FAMILY_DIFFERS = "family-differs"
    GIVEN_DIFFERS = "given-differs"
    READING_DIFFERS = "reading-differs"
    BIRTH_DATE = "birth-date"
    BIRTH_DATE_DIFFERS = "birth-date-differs"


WORDS = {
    Reason.NAMED_BY_FILE: _l("取り込んだファイルに「重複」とあります"),
    Reason.MAIL: _l("メールアドレスが同じ"),
    Reason.MAIL_NEAR: _l("メールアドレスがよく似ている"),
    Reason.MAIL_LOCAL: _l("メールアドレスの@の前が同じ"),
    Reason.MAIL_DIFFERS: _l("メールアドレスは別"),
    Reason.PHONE: _l("電話番号が同じ"),
    Reason.PHONE_NEAR: _l("電話番号が1か所だけ違う"),
    Reason.PHONE_DIFFERS: _l("電話番号は別"),
    Reason.NAME: _l("氏名が同じ"),
    Reason.NAME_BY_SOUND: _l("氏名の読みが同じ"),
    Reason.NAME_NEAR: _l("氏名が1文字だけ違う"),
    Reason.NAME_SWAPPED: _l("姓と名が入れ替わっている"),
    Reason.NAME_RARE: _l("めずらしい氏名"),
    Reason.FAMILY_DIFFERS: _l("姓は別（名と連絡先が同じ）"),
    Reason.GIVEN_DIFFERS: _l("名は別"),
    Reason.READING_DIFFERS: _l("ふりがなは別"),
    Reason.BIRTH_DATE: _l("生年月日が同じ"),
    Reason.BIRTH_DATE_DIFFERS: _l("生年月日は別"),
}
