"""Which columns of a file are taken and which stay behind, each with its reason.

Nothing that the law keeps out of a fair selection is ever read into a row (rules B-1, B-2, B-3).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from flask_babel import lazy_gettext as _l

from relay.intake.assignment import LOOKED_AT, ColumnQuestion, assign
from relay.intake.fields import FIRST_FILLED, TOGETHER, Field
from relay.intake.reading import FileTable
from relay.intake.result import DropKind, DroppedColumn, TakenColumn
from relay.intake.steps import StepPart, StepPick, step_of
from relay.intake.synonyms import header_key
from relay.text import Sentence, clean

Pick = tuple[int, str]
_SEVERAL = FIRST_FILLED | TOGETHER
_FIELDS = frozenset(Field)

_FAIR_SELECTION = "性別 男女 gender 写真 photo 配偶者 婚姻 既婚 未婚 結婚 扶養 家族 通勤時間 年齢"
_NOT_ABOUT_ABILITY = (
    "国籍 本籍 出生地 出身地 人種 民族 宗教 信仰 政党 思想 信条 人生観 尊敬する人物 愛読書 購読 労働組合 学生運動"
    " 社会運動 住宅状況 生活環境 資産 身元調査"
)
_SPECIAL_CARE = "障害 障がい 障碍 健康 病歴 持病 既往歴 病名 妊娠 犯罪 前科 賞罰 身長 体重 血液型"
_NOT_FOR_KEEPING = "住所 郵便番号 都道府県 市区町村 番地 最寄駅 最寄り駅 address zipcode postalcode prefecture"
_NOT_FOR_SELECTION = "マイナンバー 個人番号 口座 免許証番号 パスポート番号 旅券番号 在留カード番号 緊急連絡先"

_RULES: tuple[tuple[str, DropKind, Sentence], ...] = (
    (_FAIR_SELECTION, DropKind.LAW, _l("公正な採用選考のため、採用の判断に使わない項目は取り込みません。")),
    (
        _NOT_ABOUT_ABILITY,
        DropKind.LAW,
        _l("本人の適性や能力に関わらない事柄のため、法律と国の指針により取り込みません。"),
    ),
    (_SPECIAL_CARE, DropKind.LAW, _l("特に配慮が必要な情報のため、取り込みません。")),
    (_NOT_FOR_KEEPING, DropKind.NEED, _l("候補者の情報を保管する目的には必要がないため、取り込みません。")),
    (_NOT_FOR_SELECTION, DropKind.NEED, _l("採用選考には必要がない情報のため、取り込みません。")),
)


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile("|".join(header_key(word) for word in words.split()))


_REASONS = tuple((_pattern(words), kind, reason) for words, kind, reason in _RULES)


DROP = "drop"
"""What a column is called that HR wants to stay behind."""


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """The place of each fact in a row, and what becomes of every column."""

    picks: dict[Field, tuple[Pick, ...]]
    steps: tuple[StepPick, ...]
    columns: tuple[TakenColumn | DroppedColumn, ...]
    questions: tuple[ColumnQuestion, ...] = ()
    """What HR has to say before anybody is read."""
    by_cells: tuple[str, ...] = ()
    """Columns that are the result for what stands in them, under a header that nobody knows."""


def plan_columns(table: FileTable, chosen: Mapping[str, str] | None = None) -> ColumnPlan:
    """Decide for each column of the file what it is taken as, or why it is left behind.

    `chosen` is what HR said of single columns, by `column_keys`; it never brings in what the law keeps out.
    """
    names = {
        index: name for index, header in enumerate(table.header) if (name := clean(header) or _unnamed(table, index))
    }
    assigned = assign(names, table.header, _some(table), table.source, _rule)
    keys = column_keys(table.header)
    said = {index: word for index in names if (word := (chosen or {}).get(keys[index])) is not None}
    picks: dict[Field, list[Pick]] = {}
    steps: list[StepPick] = []
    columns: list[TakenColumn | DroppedColumn] = []
    of_hr = {field for word in said.values() if word in _FIELDS and (field := Field(word)) not in _SEVERAL}
    for index, name in names.items():
        verdict = _corrected(assigned.verdicts[index], name, said.get(index))
        if isinstance(verdict, Field) and verdict not in _SEVERAL:
            if verdict in picks:
                verdict = _repeated(name, picks[verdict][0][1])
            elif verdict in of_hr and index not in said:
                verdict = _repeated(name, next(names[one] for one, word in said.items() if word == verdict))
        if isinstance(verdict, DroppedColumn):
            columns.append(replace(verdict, index=index))
            continue
        if verdict is Field.STEP:
            key, part = step_of(table.header[index]) or (name, StepPart.ANY)
            steps.append(StepPick(index, name, key, part))
        else:
            picks.setdefault(verdict, []).append((index, name))
        columns.append(TakenColumn(name, verdict, index))
    return ColumnPlan(
        {field: tuple(found) for field, found in picks.items()},
        tuple(steps),
        tuple(columns),
        tuple(one for one in assigned.questions if not said.keys() >= set(one.columns)),
        tuple(names[index] for index in assigned.by_cells if index not in said),
    )


def column_keys(header: Sequence[str]) -> list[str]:
    """Give the key of each column in a mapping: by its header, without one by its place; the second of a name is #2."""
    seen: dict[str, int] = {}
    keys: list[str] = []
    for index, text in enumerate(header):
        key = header_key(text) or f"#{index}"
        seen[key] = seen.get(key, 0) + 1
        keys.append(key if seen[key] == 1 else f"{key}#{seen[key]}")
    return keys


def fingerprint(table: FileTable) -> str:
    """Give the same hash for every file with the same headers, in whatever order they stand."""
    keys = sorted(key for key, header in zip(column_keys(table.header), table.header, strict=True) if clean(header))
    return sha256("\x00".join(keys).encode()).hexdigest()


def _some(table: FileTable) -> list[list[str]]:
    """Give rows from all over the table."""
    return [cells for _row, cells in table.rows[:: max(1, len(table.rows) // LOOKED_AT)]]


def _corrected(guess: Field | DroppedColumn, name: str, said: str | None) -> Field | DroppedColumn:
    if said is None or (isinstance(guess, DroppedColumn) and guess.kind is DropKind.LAW):
        return guess
    if said == DROP:
        return DroppedColumn(name, DropKind.CHOSEN, _l("取り込まないことにした列です。"))
    return Field(said) if said in _FIELDS else guess


def _rule(header: str, name: str) -> Field | DroppedColumn | None:
    """Return what a header is whatever is below it: kept out by the law, no business here, or a step."""
    for pattern, kind, reason in _REASONS:
        if pattern.search(header_key(header)):
            return DroppedColumn(name, kind, reason)
    return Field.STEP if step_of(header) is not None else None


def _repeated(name: str, first: str) -> DroppedColumn:
    return DroppedColumn(
        name, DropKind.REPEATED, _l("「%(first)s」と同じ項目のため、先にある列だけを取り込みます。", first=first)
    )


def _unnamed(table: FileTable, index: int) -> str:
    """Name a column without a header by its place, if anything is in it."""
    filled = any(len(cells) > index and cells[index].strip() for _row, cells in table.rows)
    return str(_l("%(place)s列目（見出しなし）", place=index + 1)) if filled else ""
