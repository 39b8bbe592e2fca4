"""Reading a header: the field, whose it is (本人, エージェント, 保護者 …), which part of a name, how plainly.

A header is taken apart into the words that say whose a column is, those that say nothing (携帯, 半角) and the rest,
which has to be a known name of a field. Only the header is looked at; the cells are weighed in `assignment`.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from relay.intake.fields import OF_THE_PERSON, Field
from relay.intake.sources import ImportSource
from relay.intake.synonyms import WEAK, header_key


class Grade(IntEnum):
    """How plainly a header names a field; more beats less."""

    LOOSE = 1
    """With words beside it that nobody knows: メールアドレス（RA）."""
    WEAK = 2
    """By a word that may mean something else: 登録日, 連絡先."""
    EXACT = 3
    OWN = 4
    """And it says that it is the candidate's: メールアドレス（本人）."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A header, read. `whose` names the other party; '' where the column is, or may be, the candidate's."""

    field: Field
    grade: Grade
    whose: str = ""
    latin: bool = False
    """Whether it says that a name is romanised."""


_OTHERS = """
エージェント エージェンシー 紹介会社 人材紹介会社 人材紹介 人材会社 派遣会社 派遣元 紹介元 代理店
キャリアアドバイザー アドバイザー コーディネーター コンサルタント コンサル リクルーター 媒体担当者 媒体担当 媒体社
営業担当 agency agent recruiter headhunter vendor coordinator consultant adviser advisor 保護者 親権者 親 父 母 父親
母親 両親 世帯主 家族 兄弟 兄 姉 弟 妹 祖父 祖母 guardian parent parents father mother family relative nextofkin
配偶者 夫 妻 ご主人 奥様 パートナー spouse husband wife partner 緊急連絡先 緊急時連絡先 緊急連絡 緊急時 緊急
emergency emergencycontact 面接官 面接担当者 面接担当 面談者 評価者 選考官 選考担当者 選考担当 採用担当者 採用担当
採用責任者 人事担当者 人事担当 人事 担当者 担当 責任者 上司 上長 部長 課長 店長 社長 役員 承認者 受付者 登録者
更新者 作成者 入力者 記入者 登録担当者 窓口 interviewer interviewers hiringmanager hiringteam manager owner assignee
creator reviewer supervisor staff contactperson user author 紹介者 紹介した社員 推薦者 推薦人 推薦 リファラル
紹介社員 referrer referral referredby referee reference references recommender 会社 企業 法人 勤務先 現職 前職 職場
所属 部署 事業所 支店 店舗 取引先 お客様 顧客 クライアント 社員 従業員 company employer corporate office client
organization organisation work employee department 学校 大学 高校 担任 先生 教員 教授 指導教員 キャリアセンター
school university college teacher professor 友人 知人 同伴者 代理人 代理 保証人 身元保証人 連帯保証人 friend proxy
guarantor 送信者 差出人 返信先 差出元 sender replyto
"""
_ANOTHER_TIME = """
前回 前々回 過去 以前 前年 昨年 旧姓 旧氏名 旧氏 旧 通称 ニックネーム 愛称 ペンネーム 略称 previous former nickname
maiden
"""
_OWN = """
本人 ご本人 応募者本人 候補者本人 応募者 候補者 求職者 登録スタッフ 応募者様 候補者様 志望者 applicant applicants
candidate candidates 受験者 受検者 志願者 学生 応募学生 jobseeker self personal 本人様 ご本人様
"""
_NEUTRAL = """
必須 任意 半角 全角 半角英数字 半角英数 英数字 半角数字 数字 ハイフンなし ハイフンあり ハイフン無し ハイフン有り
ハイフンナシ ハイフン不要 ハイフン なし 例 日中 昼間 夜間 日中つながる番号 日中連絡のつく つながる 連絡のつく
連絡可能な 連絡が取れる 連絡用 連絡先 連絡 主 メイン 優先 第一 第二 第1 第2 第１希望 携帯 携帯電話 スマホ
スマートフォン 自宅 固定 固定電話 pc パソコン 個人 個人用 プライベート モバイル フル 正式 戸籍 本名 番号 入力 確認用
main primary secondary mobile home cell contact contacts preferred default お ご 御 の
"""
_FAMILY = "姓 氏 名字 苗字 セイ せい last lastname family familyname surname sei"
_GIVEN = "名 下の名前 メイ めい first firstname given givenname mei"
_KANA = """
カナ かな フリガナ ふりがな ヨミ よみ よみがな 読み 読み仮名 読みがな 読み方 カタカナ ひらがな 仮名 セイ せい メイ
めい kana katakana hiragana furigana phonetic reading
"""
_LATIN = """
ローマ字 ローマ字表記 英 英字 英語 英語表記 英文 英名 英文字 英字表記 アルファベット パスポート表記 en eng english
inenglish romaji roman romanized latin alphabet passport
"""
_KANJI = "漢字 漢字表記 日本語 日本語表記 和名 kanji japanese native local"
_WHOLE = "氏名 名前 お名前 ご氏名 姓名 フルネーム name names fullname"


def _keys(words: str) -> frozenset[str]:
    return frozenset(filter(None, map(header_key, words.split())))


def _any_of(*lists: str) -> re.Pattern[str]:
    keys = sorted({key for words in lists for key in _keys(words)}, key=lambda key: (-len(key), key))
    return re.compile("|".join(map(re.escape, keys)))


_WHOSE = _any_of(_OTHERS, _ANOTHER_TIME)
_IS_OWN = _any_of(_OWN)
_SAYS_NOTHING = _any_of(_NEUTRAL)
_NAME_WORDS = (_keys(_FAMILY), _keys(_GIVEN), _keys(_KANA), _keys(_LATIN), _keys(_KANJI), _keys(_WHOLE))
_NAME_WORD = _any_of(_FAMILY, _GIVEN, _KANA, _LATIN, _KANJI, _WHOLE)
_NAME = re.compile(f"(?:{_NAME_WORD.pattern})+")
_NAME_OF = header_key("名")
_PAST = _keys(_ANOTHER_TIME)
_BRACKETED = re.compile(r"[(\[【<〈《「]([^)\]】>〉》」]*)[)\]】>〉》」]")
_STROKE = re.compile(r"[/／|｜\n]")
_POSSESSIVE = re.compile(r"['’]s\b", re.IGNORECASE)
_TRAILING_NUMBER = re.compile(r"\d{1,2}$")


def read_header(header: str, source: ImportSource) -> Heading | None:
    """Give what a header says; None where it names no field."""
    field = source.field_of(header)
    if field is not None:
        key = header_key(header)
        grade = Grade.OWN if _IS_OWN.match(key) else Grade.WEAK if key in WEAK else Grade.EXACT
        return Heading(field, grade)
    return _in_two_languages(header, source) or _taken_apart(header, source) or _loosely(header, source)


def _in_two_languages(header: str, source: ImportSource) -> Heading | None:
    """Read 「メールアドレス / Email」: every side of the stroke names the same."""
    sides = [side for side in _STROKE.split(header) if side.strip()]
    fields = {source.field_of(side) for side in sides}
    field = fields.pop() if len(sides) > 1 and len(fields) == 1 else None
    return Heading(field, Grade.EXACT) if field is not None else None


def names_people(header: Sequence[str], source: ImportSource) -> int:
    """Count what the headers of a row name, 0 where none of them names the candidate."""
    read = [heading for text in header if text.strip() and (heading := read_header(text, source)) is not None]
    named = any(heading.field in (Field.NAME, Field.FAMILY) and not heading.whose for heading in read)
    return len(read) if named else 0


def _taken_apart(header: str, source: ImportSource) -> Heading | None:
    """Read a header of which every word is known."""
    key = header_key(_POSSESSIVE.sub("", header))
    own = _IS_OWN.search(key)
    rest = _IS_OWN.sub("", key)
    whose = _WHOSE.search(rest)
    without = _WHOSE.sub("", rest) if whose else rest
    found = _field_of(without, source)
    if found is None:
        return None
    field, latin, weak = found
    if own and without == _NAME_OF:
        field, weak = Field.NAME, False  # 受験者名 is a whole name, 名 alone a given one
    grade = Grade.OWN if own and not whose else Grade.WEAK if weak else Grade.EXACT
    return Heading(field, grade, whose[0] if whose else "", latin)


def _field_of(rest: str, source: ImportSource) -> tuple[Field, bool, bool] | None:
    """Give the field that the words left over name, whether romanised, and whether by a weak word."""
    plain = _SAYS_NOTHING.sub("", rest)
    for form in (rest, _TRAILING_NUMBER.sub("", rest), plain, _TRAILING_NUMBER.sub("", plain)):
        if form and (field := source.columns.get(form)) is not None:
            return field, False, form in WEAK and form == rest
    named = _part_of_name(rest) or _part_of_name(plain)
    if named is None and not plain and "携帯" in rest:
        return Field.PHONE, False, False
    return (*named, False) if named else None


def _part_of_name(rest: str) -> tuple[Field, bool] | None:
    """Give the field of a header made of nothing but words for names and their parts: 氏名（セイ）, Last Name."""
    if not rest or not _NAME.fullmatch(rest):
        return None
    words = set(_NAME_WORD.findall(rest))
    family, given, kana, latin, _kanji, whole = (bool(words & each) for each in _NAME_WORDS)
    if not (family or given or kana or whole):
        return None
    if family == given:
        return (Field.KANA if kana else Field.NAME), latin
    if kana:
        return (Field.FAMILY_KANA if family else Field.GIVEN_KANA), latin
    return (Field.FAMILY if family else Field.GIVEN), latin


def _loosely(header: str, source: ImportSource) -> Heading | None:
    """Read a header with something about it that says nothing known: 備考2, 電話番号（その他）."""
    field = source.field_loosely(header)
    if field is None:
        return None
    whose = _WHOSE.search(header_key("".join(_BRACKETED.findall(unicodedata.normalize("NFKC", header)))))
    known = field not in OF_THE_PERSON or not _BRACKETED.search(unicodedata.normalize("NFKC", header))
    past = whose is not None and whose[0] in _PAST
    return Heading(
        field,
        Grade.WEAK if known and not past else Grade.LOOSE,
        whose[0] if whose and (past or field in OF_THE_PERSON) else "",
    )
