"""Why two records look like one person, in words."""

from flask_babel import lazy_gettext as _l

from relay.candidates.duplicates.reasons import Reason

MATCH_REASON_WORDS = {
    Reason.NAMED_BY_FILE: _l("ファイルに「重複」とある"),
    Reason.MAIL: _l("メールアドレスが同じ"),
    Reason.MAIL_NEAR: _l("メールアドレスがよく似ている"),
    Reason.MAIL_LOCAL: _l("メールアドレスの「@」より前が同じ"),
    Reason.MAIL_DIFFERS: _l("メールアドレスは違う"),
    Reason.PHONE: _l("電話番号が同じ"),
    Reason.PHONE_NEAR: _l("電話番号がよく似ている"),
    Reason.PHONE_DIFFERS: _l("電話番号は違う"),
    Reason.NAME: _l("氏名が同じ"),
    Reason.NAME_BY_SOUND: _l("氏名の読みが同じ"),
    Reason.NAME_NEAR: _l("氏名がよく似ている"),
    Reason.NAME_SWAPPED: _l("姓と名が入れ替わっている"),
    Reason.NAME_RARE: _l("めずらしい氏名"),
    Reason.FAMILY_DIFFERS: _l("姓は違う"),
    Reason.GIVEN_DIFFERS: _l("名は違う"),
    Reason.READING_DIFFERS: _l("読みは違う"),
    Reason.BIRTH_DATE: _l("生年月日が同じ"),
    Reason.BIRTH_DATE_DIFFERS: _l("生年月日は違う"),
}
