"""The meaning of the words in cells and tags, of the steps of a selection, and the look of a column's cells.

The four results stay apart (B-4): a withdrawal is never read as a rejection. A step is named by its columns (一次面接)
or in one of them (1次ステップ: 書類選考); 1次ステップ実施日, 一次面接評価, 面接官コメント … become history.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

from relay.models import ApplicationResult, Reapply, RejectionReason, TagKind
from relay.text import DateProblem, clean, parse_date
from relay.text.decoration import is_ditto

_REMEMBERED = 4_096
"""So many different words: a file says the same few in all of its rows."""
_SHORT = 60
"""Longer ones are no words, and not remembered."""
_STEP = r"(?:書類|面接|面談|筆記|適性|試験|(?:\d{1,2}|[一二三四五六七八九])次|最終|選考)(?:選考|面接|審査|試験)?"
# In this order: 内定辞退 withdrew before 内定 is open, 採用見送り is rejected before 採用 is hired.
_RESULTS: tuple[tuple[re.Pattern[str], ApplicationResult], ...] = (
    (re.compile(r"予定なし|(?<!入社)予定$|検討中?$|候補$|^(?:未|まだ)$"), ApplicationResult.OPEN),
    (
        re.compile(
            r"^辞$|辞退|取り?下げ|(?:応募|選考|エントリー|申込み?|面接)(?:の)?(?:取り?消し?|キャンセル)$|^(?:取り?消し?|キャンセル)$"
            r"|他社(?:に|へ|で)?(?:決定|内定|入社|就職|承諾)(?:済み?)?$"
            r"|withdraw|withdrew|refusedbycandidate|theyrejectedus|(?:candidate|offer)(?:declined|rejected)"
            r"|(?:declined|rejected|refused)(?:by(?:candidate|applicant)|(?:the|our)?offer)|(?:took|accepted)another"
        ),
        ApplicationResult.WITHDREW,
    ),
    (
        re.compile(
            r"不採用|不合格|不通過|非採用|見送り?|お祈り|お断り|却下|否決|落選|選外|落第|採用(?:不可|せず|しない)|要件外のため終了"
            rf"|{_STEP}(?:ng|x|不可?|落ち?)$|^(?:fail(?:ed)?|reject(?:ed)?|wereject(?:ed)?them|n\.?g\.?|x|否|不|不可|不合|落ち?|だめ|ダメ|バツ)$"
            r"|declined|disqualified|turneddown|notselected|unsuccessful|notpassed|nothired|nolonger(?:under)?consider"
        ),
        ApplicationResult.REJECTED,
    ),
    (re.compile(r"重複|^(?:二重|ダブり)(?:応募|登録)?$|^duplicated?$"), ApplicationResult.DUPLICATE),
    (
        re.compile(
            r"^(?:採|入社(?:決定|済み?|予定|承諾)?|(?:本)?採用(?:決定|済み?|確定|/?内定)?|内定(?:承諾|受諾)(?:済み?)?|内定/?採用|hired|offeraccepted)$"
        ),
        ApplicationResult.HIRED,
    ),
    (
        re.compile(
            r"(?:中|待ち|前|予定|保留)$|^(?:未対応|未選考|未定|未着手|応募|新規|新着|内々?定|オファー|open|active|new|inprogress|ongoing)$"
            r"|^(?:応募)?受付(?:済み?)?$|^(?:面接|日程|面談)(?:設定|確定|調整)済み?$|^書類(?:確認|受領)済み?$|^(?:キープ|ペンディング|pending)$"
            r"|^(?:(?:in|under|awaiting)review|review(?:ed|ing)|shortlisted|contacting)$"
        ),
        ApplicationResult.OPEN,
    ),
)
_CROSSES = str.maketrans(dict.fromkeys("×✕✖✗✘❌╳⨯☓", "x") | dict.fromkeys("／", "/"))

_ASIDE = re.compile(r"\(([^()]*)\)$")
_EVALUATIONS = re.compile(r"ポテンシャル|候補$|向き$|惜しい|優秀|次点|高評価|有望|再応募歓迎|即戦力")
_REASONS = re.compile(r"不足|不一致|ミスマッチ|充足|不備|要件外|条件|他の?候補者|人数の?都合|採用枠")

_DECISIONS: tuple[tuple[re.Pattern[str], RejectionReason], ...] = (
    (re.compile(r"不備|(?:書類|資料|履歴書|職務経歴書)(?:が|の)?(?:不足|未提出|未着)"), RejectionReason.DOCUMENTS),
    (
        re.compile(
            r"充足|定員|採用枠|枠(?:が|の)?(?:埋|都合)|人数の?都合|(?:募集|求人)(?:を|の)?(?:終了|締切|停止|充足)|filled"
        ),
        RejectionReason.FILLED,
    ),
    (re.compile(r"他の?(?:候補|応募)者|比較|相対評価|次点"), RejectionReason.COMPARISON),
    (
        re.compile(r"(?:条件|給与|年収|報酬|待遇|勤務地|勤務時間|勤務日|シフト|入社時期|入社日|雇用形態)"),
        RejectionReason.CONDITIONS,
    ),
    (
        re.compile(
            r"(?:スキル|経験|経歴|知識|技術|能力|実績|資格)(?:が|の|・|、|や|に)?.{0,6}(?:不足|不一致|ミスマッチ|未満|足りな|浅|なし|不十分|満たさ)"
            r"|要件(?:外|未満|を満たさ)|underqualified|lacks?skill"
        ),
        RejectionReason.SKILLS,
    ),
)
"""The first that fits counts; what a company means by カルチャー不一致 is for HR to say."""
_LABELS = frozenset(str(reason.label) for reason in RejectionReason)
_LABELLED = {str(reason.label): reason for reason in RejectionReason if reason is not RejectionReason.OTHER}
"""A company's その他 is for HR to read."""
_NO_FAULT = re.compile(r"問題(?:は|が)?な|不備(?:は|が)?な|不足(?:は|が)?な|比較的|申し分")


def result_of(word: str, special: Mapping[str, ApplicationResult] | None = None) -> ApplicationResult | None:
    """Give the end a word names; an empty cell is in selection, None means the word is not known.

    `special` is what words mean in one kind of file only. 選考終了(不採用) says it in the brackets.
    """
    said, aside = (_compared_word if len(word) <= _SHORT else _compared)(word)
    if not said:
        return ApplicationResult.OPEN
    if special and said in special:
        return special[said]
    known = _ended if len(word) <= _SHORT else _result_in
    return known(said) or (known(aside) if aside else None)


def word_key(word: str) -> str:
    """Give the form of a result's word by which a company's own meaning of it is remembered."""
    return _compared(word)[0]


def _compared(word: str) -> tuple[str, str]:
    """Return a word as it is compared, and what is in brackets behind it."""
    plain = re.sub(r"[\s_・]", "", unicodedata.normalize("NFKC", word)).lower().translate(_CROSSES)
    aside = _ASIDE.search(plain)
    return (plain[: aside.start()], aside[1]) if aside else (plain, "")


_SIGN = re.compile(r"[^\w]|[xo○◯]|[合否可不未済]")


def is_spoken_result(word: str) -> bool:
    """Tell whether a cell says in words, not by a mere sign, how a selection ended."""
    plain = unicodedata.normalize("NFKC", word).strip().lower()
    return len(plain) > 1 and not _SIGN.fullmatch(plain) and result_of(word) not in (None, ApplicationResult.OPEN)


def _result_in(plain: str) -> ApplicationResult | None:
    return next((result for pattern, result in _RESULTS if pattern.search(plain)), None)


_ended = lru_cache(maxsize=_REMEMBERED)(_result_in)  # tricks: import
_compared_word = lru_cache(maxsize=_REMEMBERED)(_compared)  # tricks: import


_REAPPLY: tuple[tuple[re.Pattern[str], Reapply], ...] = (
    (re.compile(r"なし|無|いいえ|希望しない|考えていない|否|不可|^(?:no|×|✕)$"), Reapply.NO),
    (re.compile(r"機会|検討|条件|場合|次第|わからない|未定|どちら|いずれ|^(?:maybe|later|△)$"), Reapply.MAYBE),
    (re.compile(r"あり|有|はい|希望|したい|可|歓迎|^(?:yes|○|◯|◎)$"), Reapply.YES),
)


def reapply_of(word: str) -> Reapply | None:
    """Give the person's own answer whether they would apply again; None where the word is not known."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", word)).lower()
    return next((answer for pattern, answer in _REAPPLY if pattern.search(plain)), None)


_NO = re.compile(
    r"(?:未|まだ|いいえ|不要|要連絡|(?:同意|希望)(?:しない|しません|なし|不可)|不同意|承諾しない|拒否|不可|否|なし|無し?|no|n|false|0|x|-)"
    r"|未(?:連絡|通知|送信|対応)|(?:連絡|通知|送信)(?:待ち|予定|前)"
)
_YES = re.compile(
    r"(?:済み?|はい|有り?|あり|可|同意|(?:同意|希望)(?:する|します|済み?|あり)|承諾(?:する|します|済み?)?|yes|y|true|1|ok|[○◯〇◎✓✔☑レ])"
    r"|(?:連絡|通知|送信|対応|メール|電話)済み?"
)


def yes_or_no(word: str) -> bool | None:
    """Give what a word of agreement or of something done means; None where it is not known. A day says that it was."""
    plain = _compared(word)[0]
    if _NO.fullmatch(plain):
        return False
    return True if _YES.fullmatch(plain) or _day(word) is not None else None


_QUALIFICATION = re.compile(
    r"[0-9一二三四]級|級$|[士師]$|士\(|免許|検定|資格|認定|簿記|主任者|管理者|技術者|フォークリフト|運転|toeic|toefl|英検"
    r"|実務者研修|初任者研修|certified|license",
    re.IGNORECASE,
)


def is_qualification(entry: str) -> bool:
    """Return whether an entry among skills names something that one holds (日商簿記2級, 正看護師)."""
    return _QUALIFICATION.search(unicodedata.normalize("NFKC", entry)) is not None


def tag_kind(tag: str) -> TagKind:
    """Tell an assessment (他職種向き) from a finer reason (スキル不足) and from any other label."""
    plain = unicodedata.normalize("NFKC", tag)
    if _EVALUATIONS.search(plain):
        return TagKind.EVALUATION
    return TagKind.REASON if _REASONS.search(plain) else TagKind.FREE


def rejection_reason_of(word: str) -> RejectionReason | None:
    """Give the job-related reason (B-4) that a company's own word for it means; None where it names none of them."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", word)).lower()
    if _NO_FAULT.search(plain):
        return None
    return next((reason for pattern, reason in _DECISIONS if pattern.search(plain)), _LABELLED.get(plain))


def is_plain_reason(word: str) -> bool:
    """Tell whether a word is the label of a reason (B-4) and nothing more."""
    return clean(word) in _LABELS


def split_tags(text: str) -> list[str]:
    """Give the tags of one cell, each once; 条件不一致(給与) and PM/PL stay whole."""
    return list(dict.fromkeys(filter(None, map(str.strip, _BETWEEN_TAGS.split(text)))))


_BETWEEN_TAGS = re.compile(r"[,，、;；|｜\n\t]")


NAMED_RESULTS = (
    (re.compile("辞退"), ApplicationResult.WITHDREW),
    (re.compile("見送り|不採用|不合格|お祈り|reject", re.IGNORECASE), ApplicationResult.REJECTED),
    (re.compile("入社|内定承諾|hired", re.IGNORECASE), ApplicationResult.HIRED),
)


HEADINGS_AS_NAMES = frozenset(
    "漢字 カナ ふりがな フリガナ ローマ字 英字 氏名 お名前 名前 姓 名 セイ メイ Name name 記入例 例".split()
)


# the steps of a selection


class StepPart(StrEnum):
    """Which fact about a selection step a column holds."""

    NAME = "name"
    ON = "on"
    RESULT = "result"
    SCORE = "score"
    COMMENT = "comment"
    ANY = "any"
    """Whatever it is: a day, a score, a result or a remark."""


@dataclass(frozen=True, slots=True)
class StepPick:
    """The place of one part of a step; columns of the same `key` are one step."""

    index: int
    column: str
    key: str
    part: StepPart


@dataclass(frozen=True, slots=True)
class ImportedStep:
    """One step of one person's selection; what the file does not say is '' or None."""

    name: str
    on: date | None = None
    score: int | None = None
    result: str = ""
    comment: str = ""

    def stored(self) -> list[str | int | None]:
        """Give it as JSON holds it."""
        return [self.name, self.on.isoformat() if self.on else None, self.score, self.result, self.comment]

    @classmethod
    def restored(cls, stored: list[Any]) -> "ImportedStep":
        """Give the step that was stored so."""
        name, on, score, result, comment = stored
        return cls(name, date.fromisoformat(on) if on else None, score, result, comment)


_NTH = r"(?:\d{1,2}|[一二三四五六七八九十])"
_NUMBERED = rf"{_NTH}次(?:選考)?ステップ|(?:選考)?ステップ{_NTH}|選考{_NTH}"
_NAMED = (
    rf"(?:{_NTH}次|書類|最終|カジュアル|会社説明|説明|役員|社長|人事|現場|部長|適性|筆記|実技|グループ|オンライン|web)"
    rf"(?:選考|面接|面談|審査|試験|検査|テスト|会|課題)|{_NTH}次|書類|最終|面接|面談"
)
_PARTS: tuple[tuple[StepPart, str], ...] = (
    (StepPart.NAME, "名|名称|ステップ名"),
    (
        StepPart.ON,
        "(?:の)?(?:実施)?(?:日|日時|日程|日付|年月日)|(?:評価|判定|受験|実施|完了|予定)日時?|結果入力日|判定結果入力日",
    ),
    (StepPart.RESULT, "(?:の)?(?:ステータス|結果|合否|判定|可否|状況|判定結果|合否結果)"),
    (StepPart.SCORE, "(?:の)?(?:評価|点|点数|スコア|評点|総合評価|評価点|ランク)"),
    (StepPart.COMMENT, "(?:の)?(?:コメント|所感|メモ|感想|備考|内容|評価コメント|評価内容|フィードバック|理由)"),
)
_HEADERS = tuple(
    (part, re.compile(rf"(?P<step>{_NUMBERED}|{_NAMED})(?:{words})", re.IGNORECASE)) for part, words in _PARTS
)
_ALONE = re.compile(rf"(?!書類$)(?:{_NUMBERED}|{_NAMED})", re.IGNORECASE)
"""書類 alone says whether papers came, more often than what was thought of them."""
_IS_NUMBERED = re.compile(_NUMBERED)
_BETWEEN = re.compile(r"[\s_/・:：\-‐－()（）\[\]【】]+")

_PLAIN_SCORE = re.compile(r"([1-5])(?:\.0)?\s*(?:点|/\s*5(?:点)?)?")
_SAID_SCORE = re.compile(
    r"(?:総合)?(?:評価|評点|スコア|score)\s*[:：は]?\s*([1-5])(?:\s*/\s*5|点)?(?![0-9.])[。、,.\s]*", re.IGNORECASE
)
_STARS = re.compile("(★{1,5})(☆{0,4})")
_STEP_RESULT = re.compile(
    r"(?:不?(?:通過|合格|採用)|合|否|可|不可|見送り?|辞退|保留|ok|ng|pass(?:ed)?|fail(?:ed)?|[○◯×✕△◎])", re.IGNORECASE
)


def step_of(header: str) -> tuple[str, StepPart] | None:
    """Give step and part that a header names, None where it names none."""
    plain = _BETWEEN.sub("", unicodedata.normalize("NFKC", header[:100]))
    for part, pattern in _HEADERS:
        if found := pattern.fullmatch(plain):
            return found["step"], part
    if _ALONE.fullmatch(plain):
        return plain, StepPart.NAME if _IS_NUMBERED.fullmatch(plain) else StepPart.ANY
    return None


def read_score(text: str) -> tuple[int | None, str]:
    """Give the score of 1 to 5 that a text states, and what else it says."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if whole := _PLAIN_SCORE.fullmatch(plain):
        return int(whole[1]), ""
    if (stars := _STARS.search(plain)) and len(stars[0]) == 5:
        return len(stars[1]), plain.replace(stars[0], "", 1).strip()
    if said := _SAID_SCORE.search(plain):
        return int(said[1]), f"{plain[: said.start()]}{plain[said.end() :]}".strip()
    return None, text


def read_step(key: str, cells: list[tuple[StepPart, str]]) -> ImportedStep | None:
    """Put the filled cells of one step together; None where nothing says that it took place."""
    if not cells:
        return None
    said: dict[StepPart, str] = {}
    for part, text in cells:
        sure = _part_told_by(text) if part is StepPart.ANY else part
        said[sure] = f"{said[sure]}\n{text}" if sure in said else text
    name = said.get(StepPart.NAME) or key
    score, rest = read_score(said.get(StepPart.SCORE, ""))
    comments = [rest, said.get(StepPart.COMMENT, "")]
    if score is None and StepPart.COMMENT in said:
        score, comments[1] = read_score(said[StepPart.COMMENT])
    on, result = _day(said.get(StepPart.ON, "")), said.get(StepPart.RESULT, "")
    if StepPart.ON in said and on is None:
        comments.append(said[StepPart.ON])
    return ImportedStep(name, on, score, result, "\n".join(filter(None, comments)))


def _part_told_by(text: str) -> StepPart:
    if _day(text):
        return StepPart.ON
    if read_score(text)[0] is not None:
        return StepPart.SCORE
    return StepPart.RESULT if _STEP_RESULT.fullmatch(text) else StepPart.COMMENT


def _day(text: str) -> date | None:
    try:
        return parse_date(text) if text else None
    except DateProblem:
        return None


# the look of a column


SHARE_NEEDED = 0.8
"""The share of its filled cells that makes a column one of a kind."""
SURE = 3
"""Fewer filled cells than this speak against no header."""


class Kind(StrEnum):
    """The kind one cell looks like."""

    MAIL = "mail"
    PHONE = "phone"
    DAY = "day"
    NUMBER = "number"
    KANA = "kana"
    LATIN = "latin"
    RESULT = "result"
    TEXT = "text"


_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+?[0-9(][0-9()\-\s]{8,18}[0-9]")
_DAY = re.compile(
    r"(?:[a-z]{3,9}\.?,?\s+)?[a-z]{3,9}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}.*|\d{1,2}[\s-][a-z]{3,9}[\s-]\d{2,4}.*"
    r"|(?:\d{4}|(?:令和|平成|昭和|[rhs])\s*(?:\d{1,2}|元))\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}.*|\d{1,2}/\d{1,2}/\d{4}.*",
    re.I,
)
_NUMBER = re.compile(r"[\d,.]+")
_KANA = re.compile(r"[ァ-ヺーぁ-ゖ・\s]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ.'’,\-\s]*[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ.'’,\-\s]*")
_SELECTION = re.compile(
    "選考|面接|書類|調整|対応|保留|連絡|応募|内定|新規|新着|active|open|progress|ongoing|new", re.IGNORECASE
)
_HYPHENS = re.compile("[‐-―−ー]")
_APART = re.compile(r"[\s/／、,，;；|｜]+")


@dataclass(frozen=True, slots=True)
class Look:
    """The look of a column: how many cells are filled, what share is of which kind, what is in them."""

    cells: tuple[str, ...]
    filled: int
    shares: dict[Kind, float]

    def share(self, kind: Kind) -> float:
        """Give the share of the filled cells that are of a kind."""
        return self.shares.get(kind, 0.0)

    def is_mostly(self, kind: Kind) -> bool:
        """Tell whether the column is one of this kind."""
        return self.filled > 0 and self.share(kind) >= SHARE_NEEDED

    def never(self, *kinds: Kind) -> bool:
        """Tell whether enough is filled to say that the column holds nothing of these kinds."""
        return self.filled >= SURE and not any(self.share(kind) for kind in kinds)


def look_at(cells: Iterable[str]) -> Look:
    """Look at the cells of one column; ditto marks and empty cells say nothing."""
    texts = tuple(clean(cell) for cell in cells)
    filled = [text for text in texts if text and not is_ditto(text)]
    counts: dict[Kind, int] = {}
    for text in filled:
        kind = kind_of(text)
        counts[kind] = counts.get(kind, 0) + 1
    return Look(texts, len(filled), {kind: count / len(filled) for kind, count in counts.items()})


def kind_of(text: str) -> Kind:
    """Give what a cell looks like."""
    plain = _HYPHENS.sub("-", unicodedata.normalize("NFKC", text[:200])) if not text.isascii() else text[:200]
    if "@" in plain:
        return Kind.MAIL
    if _DAY.fullmatch(plain):
        return Kind.DAY
    if _PHONE.fullmatch(plain) and sum(map(str.isdigit, plain)) in range(9, 16):
        return Kind.PHONE
    if _NUMBER.fullmatch(plain):
        return Kind.NUMBER
    if _is_result(text):
        return Kind.RESULT
    if _KANA.fullmatch(unicodedata.normalize("NFKC", text[:200])):
        return Kind.KANA
    return Kind.LATIN if _LATIN.fullmatch(plain) else Kind.TEXT


def _is_result(text: str) -> bool:
    """Return whether a cell says how a selection goes; 田中 ends like 選考中 and does not."""
    result = result_of(text)
    return result is not None and (result is not ApplicationResult.OPEN or _SELECTION.search(text) is not None)


def holds_both(look: Look) -> bool:
    """Tell whether some cell holds an address and a telephone number beside it."""
    return any("@" in cell and any(map(_is_phone, _APART.split(cell))) for cell in look.cells)


def _is_phone(text: str) -> bool:
    return kind_of(text) is Kind.PHONE


def names_results(look: Look) -> bool:
    """Tell whether a column's cells are result words, some of them spoken out (不採用), not mere signs (○ ×)."""
    return look.is_mostly(Kind.RESULT) and any(map(is_spoken_result, look.cells))
