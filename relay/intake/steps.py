"""The steps of a selection as columns tell them: 1次ステップ実施日, 一次面接評価, 面接官コメント … become history.

A step is named by its columns (一次面接) or in one of them (1次ステップ: 書類選考).
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from relay.text import DateProblem, parse_date


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
_RESULT = re.compile(
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
        sure = _kind_of(text) if part is StepPart.ANY else part
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


def _kind_of(text: str) -> StepPart:
    if _day(text):
        return StepPart.ON
    if read_score(text)[0] is not None:
        return StepPart.SCORE
    return StepPart.RESULT if _RESULT.fullmatch(text) else StepPart.COMMENT


def _day(text: str) -> date | None:
    try:
        return parse_date(text) if text else None
    except DateProblem:
        return None
