"""The kinds of file Relay knows, told apart by their header row, and what each header says.

A source with signatures is recognised by any of them; `sheet` is any hand-kept table with a column of names. A header
is read for its field, whose it is (本人, エージェント, 保護者 …), which part of a name, how plainly: it is taken apart
into the words that say whose a column is, those that say nothing (携帯, 半角) and the rest, which has to be a known
name of a field. Only the header is looked at; the cells are weighed in relay.intake.rows.columns.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from flask_babel import lazy_gettext as _l

from relay.intake.fields import COLUMN_NAMES, OF_THE_PERSON, WEAK_NAMES, Field
from relay.models import ApplicationResult
from relay.text import Sentence, fold

_ASIDE = re.compile(r"[(\[【<〈《「]\s*(?:必須|任意|半角|全角|半角英数字?|ハイフン(?:なし|あり))\s*[)\]】>〉》」]")
_MAX_HEADER = 200  # no column is called by more
_MARKS = re.compile(r"[\s*※■●◆○◇★☆:：;#_\-‐－/・.'\"()\[\]【】<>〈〉《》「」]+")


def header_key(header: str) -> str:
    """Give the form in which headers are compared: no marks, no 必須/任意, katakana, lower case."""
    return _MARKS.sub("", fold(_ASIDE.sub("", unicodedata.normalize("NFKC", header[:_MAX_HEADER]))))


def columns(synonyms: Mapping[Field, str]) -> dict[str, Field]:
    """Give the field of each header, as a key."""
    return {header_key(word): kind for kind, words in synonyms.items() for word in words.split()}


COMMON = columns(COLUMN_NAMES)
WEAK = frozenset(map(header_key, WEAK_NAMES.split()))
"""Headers that may mean something else: they stand back where another column says the same more plainly."""


_NAMES_OF_PEOPLE = frozenset({Field.NAME, Field.FAMILY})
_BRACKETED_END = re.compile(r"[(\[【<〈《「][^)\]】>〉》」]*[)\]】>〉》」]$")
_NUMBER = re.compile(r"[\s_(]*\d{1,2}\)?$")
_HONORIFIC = re.compile("^[ごお御]")


@dataclass(frozen=True, slots=True)
class ImportSource:
    """A kind of file: its name on the command line, its label, and how its headers read."""

    name: str
    label: Sentence
    signatures: tuple[frozenset[str], ...] = (frozenset(),)
    columns: Mapping[str, Field] = field(default_factory=lambda: COMMON)
    channel: str = ""
    results: Mapping[str, ApplicationResult] = field(default_factory=dict)
    """Words that mean something else here than elsewhere."""
    reason_is_result: bool = False
    """Whether whoever has a reason is no longer in selection, whatever the reason is called."""

    def field_of(self, header: str) -> Field | None:
        """Give what a column is taken as by its exact header, None when it says nothing to this source."""
        return self.columns.get(header_key(header))

    def field_loosely(self, header: str) -> Field | None:
        """Return the same for a header with something about it: 電話番号（日中）, 備考2, ご経歴."""
        plain = _BRACKETED_END.sub("", unicodedata.normalize("NFKC", header[:_MAX_HEADER]).strip())
        unnumbered = _NUMBER.sub("", plain)
        forms = (plain, unnumbered, _HONORIFIC.sub("", unnumbered))
        return next((field for form in forms if (field := self.field_of(form))), None)

    def score(self, headers: Iterable[str]) -> int:
        """Say how well a row serves as this source's header; 0 when no column of names is there."""
        keys = {header_key(header) for header in headers} - {""}
        found = {self.columns[key] for key in keys if key in self.columns}
        return len(found) if found & _NAMES_OF_PEOPLE else 0

    def signs(self, headers: Iterable[str]) -> bool:
        """Return whether a row carries one of this source's signatures; a source without any takes every row."""
        keys = {header_key(header) for header in headers}
        return any(signature <= keys for signature in self.signatures)


def _signatures(*alternatives: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(header_key(word) for word in words.split()) for words in alternatives)


def _with(extra: Mapping[Field, str]) -> dict[str, Field]:
    return COMMON | columns(extra)


HERP = ImportSource(
    "herp",
    "HERP",
    _signatures("応募ID 応募時刻 名前 選考ステップ 選考終了理由", "応募時刻 名前 応募経路 選考ステップ 募集職種"),
)
HRMOS = ImportSource(
    "hrmos",
    "HRMOS",
    _signatures(
        "応募ID 求人ID 選考ステータス",
        "応募ID 求人ID 1次ステップ",
        "応募者ID 求人ID 選考ステータス",
        "応募ID 選考ポジション名 選考ステータス",
        "応募ID 求人名 応募日 選考ステータス 応募経路",
        "応募ID 選考ポジション 応募経路種別",
        "応募ID 求人ID 応募日 ステータス",
    ),
)
TALENTIO = ImportSource(
    "talentio",
    "Talentio",
    _signatures(
        "候補者ID チャネル ステージ",
        "候補者ID チャネル 職種 ステータス",
        "候補者ID 職種 選考ステージ",
        "氏名 チャネル 職種 ステージ ステータス",
        "id lastName firstName channelType",
        "id lastName firstName registeredAt status",
        "candidateId status channelType",
        "candidateId status requisition",
        "requisition channel stage status",
    ),
    columns=_with({Field.PERSON_ID: "ID"}),
    results={
        "reject": ApplicationResult.WITHDREW,
        "fail": ApplicationResult.REJECTED,
        "pass": ApplicationResult.HIRED,
        "passed": ApplicationResult.HIRED,
        "ongoing": ApplicationResult.OPEN,
        "pool": ApplicationResult.OPEN,
    },
)
JOBCAN = ImportSource(
    "jobcan",
    _l("ジョブカン採用管理"),
    _signatures(
        "候補者ID 候補者名 選考ステップ",
        "候補者ID 候補者名 選考状況",
        "候補者ID 求人タイトル 選考ステップ",
        "候補者ID 求人名 選考ステップ",
        "候補者ID 求人タイトル 応募媒体",
        "候補者ID 求人名 応募媒体",
        "応募者ID 求人タイトル 選考ステップ",
        "応募者ID 求人名 選考状況",
        "応募者ID 求人名 選考フェーズ",
        "応募者ID 求人タイトル 応募経路",
        "応募者ID 応募者名 選考ステップ",
        "応募者ID 選考フロー 応募経路",
        "候補者ID 選考フロー",
    ),
)
DODA = ImportSource(
    "doda", "doda", _signatures("姓漢字 名漢字 姓カナ 名カナ", "姓漢字 名漢字 求人名称"), channel="doda"
)
LEVER = ImportSource(
    "lever",
    "Lever",
    _signatures(
        "OpportunityID",
        "Origin ArchiveReason",
        "Origin ArchivedReason",
        "Posting ArchiveReason",
        "Posting Stage ArchivedReason",
        "Posting Stage Origin",
        "PostingTitle Stage Origin",
        "ContactName Posting",
    ),
    columns=_with({Field.CHANNEL_DETAIL: "Source", Field.CHANNEL: "Origin", Field.POSITION: "Posting PostingTitle"}),
    reason_is_result=True,
)
GREENHOUSE = ImportSource(
    "greenhouse",
    "Greenhouse",
    _signatures(
        "ApplicationID Job Stage",
        "ApplicationID JobName",
        "CandidateID ApplicationID",
        "FirstName LastName Job Status",
        "FirstName LastName JobName Status",
        "Candidate Job RejectionReason",
        "CandidateName JobName RejectionReason",
        "CandidateName Job Stage RejectionReason",
        "FirstName LastName RejectionReason",
        "FirstName LastName ProspectPool",
    ),
    reason_is_result=True,
)
SHEET = ImportSource("sheet", _l("一覧表"), columns=_with({Field.PERSON_ID: "ID 管理番号 管理ID 受付番号"}))

# Where two read a header equally well, the earlier one is right.
SOURCES = (HERP, HRMOS, TALENTIO, JOBCAN, DODA, LEVER, GREENHOUSE, SHEET)
FORMATS = tuple(source.name for source in SOURCES)


def label_of(name: str) -> Sentence:
    """Give the name people know a format by."""
    return next((source.label for source in SOURCES if source.name == name), name)


# what a header says


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
school university college teacher professor 友人 知人 同伴者 代理人 代理 保証人 身元保証人 連帯保証人 担当CA 担当RA
friend proxy
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


_PARTS_OF_HEADINGS = _keys(
    "漢字 カナ ローマ字 英字 姓 名 日付 日時 合否 可否 結果 実施日 評価 有無 内容 アドレス 番号 例 記入例"
)
"""What is in a second line of headings, below 氏名 or 一次面接."""


def are_headings(cells: Iterable[str]) -> bool:
    """Tell whether everything in a row is the name of a column, or a part of one."""
    keys = set(map(header_key, filter(None, map(str.strip, cells))))
    return keys <= COMMON.keys() | _PARTS_OF_HEADINGS


def is_split(above: str, below: str) -> bool:
    """Tell whether two cells below each other are one header, of which the upper half says nothing: 応募 over 日."""
    half = header_key(above)
    return bool(half and header_key(below)) and half not in COMMON and header_key(above + below) in COMMON


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
_NUMBERS = frozenset({Field.PHONE, Field.CONTACT, Field.SOURCE_ID, Field.PERSON_ID})
_STROKE = re.compile(r"[/／|｜\n]")
_KEEPING = re.compile("保管|保存|人材プール|タレントプール|(?:今後|次回以降)の(?:ご)?(?:案内|連絡|選考|募集)")
"""What is agreed to; the handling of personal data alone (個人情報の取扱い) is no consent to be kept."""
_AGREEING = re.compile(
    "同意|承諾|(?:よい|良い|よろしい|差し支えない|可能)(?:です|でしょう)?か|(?:構い|かまい)ません|希望(?:します|する|され)"
)
_CHOICES_ALLOWED = re.compile(r"[(\[【]\s*複数(?:回答|選択|記入)?可\s*[)\]】]")
_ASKING = re.compile(
    r"(?:を|は|について)?\s*(?:すべて|全て|1つ|一つ|具体的に|簡単に)?\s*(?:お|ご)?"
    r"(?:選び|選択|聞かせ|教えて|記入|入力|書き|回答|記載)(?:して|て)?(?:ください|下さい)[。.]?$"
    r"|は?(?:何|どれ|どちら|いつ|どこ)?(?:です|でしょう)か[?。]?$"
)
_SO_FAR = re.compile("^(?:これまで|今まで|現在)の(?!状況|状態)(?:ご|お)?|^(?:ご|お)(?=.{2})")
_POSSESSIVE = re.compile(r"['’]s\b", re.IGNORECASE)
_TRAILING_NUMBER = re.compile(r"\d{1,2}$")


def read_header(header: str, source: ImportSource) -> Heading | None:
    """Give what a header says; None where it names no field."""
    if _KEEPING.search(header) and _AGREEING.search(header):
        return Heading(Field.CONSENT, Grade.EXACT)
    field = source.field_of(header)
    if field is not None:
        key = header_key(header)
        grade = Grade.OWN if _IS_OWN.match(key) else Grade.WEAK if key in WEAK else Grade.EXACT
        return Heading(field, grade)
    if (field := source.field_of(_without_asking(header))) is not None:
        return Heading(field, Grade.WEAK)
    return _in_two_languages(header, source) or _taken_apart(header, source) or _loosely(header, source)


def _without_asking(header: str) -> str:
    """Return what a question of a form asks for: 志望動機をお聞かせください, ご希望の職種はどれですか（複数可）."""
    plain = _ASIDE.sub("", _CHOICES_ALLOWED.sub("", unicodedata.normalize("NFKC", header[:_MAX_HEADER]))).strip()
    asked = _ASKING.sub("", plain).strip(" 。.?")
    return _SO_FAR.sub("", asked) if asked else header


def _in_two_languages(header: str, source: ImportSource) -> Heading | None:
    """Read 「メールアドレス / Email」: every side of the stroke names the same."""
    sides = [side for side in _STROKE.split(header) if side.strip()]
    fields = {source.field_of(side) for side in sides}
    field = fields.pop() if len(sides) > 1 and len(fields) == 1 else None
    return Heading(field, Grade.EXACT) if field is not None else None


def names_another(text: str) -> bool:
    """Tell whether a word names another party than the candidate: 母, エージェント."""
    return _WHOSE.fullmatch(header_key(text)) is not None


_GMT = re.compile(r"(?<![a-z])(?:gmt|utc)(?![a-z+-])(?!\s*[+-]?\d)", re.IGNORECASE)


def says_gmt(header: str) -> bool:
    """Tell whether a header says that its times are those of Greenwich: Applied At (GMT)."""
    return _GMT.search(unicodedata.normalize("NFKC", header[:_MAX_HEADER])) is not None


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
    found = None
    if own and without != _NAME_OF and without.startswith(_NAME_OF):  # 候補者名カナ（姓）: 名 belongs to the whole
        found = _field_of(header_key("氏") + without, source)
    found = found or _field_of(without, source)
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
        if form and (field := source.columns.get(form)) is not None and _is_told(field, form, rest):
            return field, False, form in WEAK and form == rest
    named = _part_of_name(rest) or _part_of_name(plain)
    if named is None and not plain and "携帯" in rest:
        return Field.PHONE, False, False
    return (*named, False) if named else None


def _is_told(field: Field, form: str, rest: str) -> bool:
    """Tell whether a form of a header still names its field: お電話番号 does, 求人番号 is not the position."""
    return form == rest or "番号" not in rest or field in _NUMBERS


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
