"""Which columns of a file are taken and which stay behind, each with its reason.

Nothing that the law keeps out of a fair selection is ever read into a row (rules B-1, B-2, B-3).
"""

import re
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from relay.intake.fields import FIRST_FILLED, TOGETHER, Field
from relay.intake.reading import Table
from relay.intake.result import DropKind, DroppedColumn, TakenColumn
from relay.intake.sources import header_key
from relay.text import Sentence, clean

Pick = tuple[int, str]

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
    (_NOT_FOR_KEEPING, DropKind.NEED, _l("候補者をお預かりする目的には必要がないため、取り込みません。")),
    (_NOT_FOR_SELECTION, DropKind.NEED, _l("採用選考には必要がない情報のため、取り込みません。")),
)


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile("|".join(header_key(word) for word in words.split()))


_REASONS = tuple((_pattern(words), kind, reason) for words, kind, reason in _RULES)


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """Where each fact stands in a row, and what becomes of every column."""

    picks: dict[Field, tuple[Pick, ...]]
    taken: tuple[TakenColumn, ...]
    dropped: tuple[DroppedColumn, ...]


def plan_columns(table: Table) -> ColumnPlan:
    """Decide for each column of the file what it is taken as, or why it is left behind."""
    picks: dict[Field, list[Pick]] = {}
    dropped: list[DroppedColumn] = []
    for index, header in enumerate(table.header):
        name = clean(header) or _unnamed(table, index)
        if not name:
            continue
        verdict = _field_or_reason(table, header, name)
        if isinstance(verdict, DroppedColumn):
            dropped.append(verdict)
        elif verdict in picks and verdict not in FIRST_FILLED | TOGETHER:
            dropped.append(_repeated(name, picks[verdict][0][1]))
        else:
            picks.setdefault(verdict, []).append((index, name))
    taken = sorted((index, TakenColumn(name, field)) for field, found in picks.items() for index, name in found)
    return ColumnPlan(
        {field: tuple(found) for field, found in picks.items()}, tuple(column for _i, column in taken), tuple(dropped)
    )


def _field_or_reason(table: Table, header: str, name: str) -> Field | DroppedColumn:
    field = table.source.field_of(header)
    if field is not None:
        return field
    for pattern, kind, reason in _REASONS:
        if pattern.search(header_key(header)):
            return DroppedColumn(name, kind, reason)
    field = table.source.field_without_aside(header)
    if field is not None:
        return field
    return DroppedColumn(name, DropKind.UNKNOWN, _l("あてはまる項目がないため、取り込みません。"))


def _repeated(name: str, first: str) -> DroppedColumn:
    return DroppedColumn(
        name, DropKind.REPEATED, _l("「%(first)s」と同じ項目のため、先にある列だけを取り込みます。", first=first)
    )


def _unnamed(table: Table, index: int) -> str:
    """Name a column without a header by its place, if anything stands in it."""
    filled = any(len(cells) > index and cells[index].strip() for _row, cells in table.rows)
    return str(_l("%(place)s列目（見出しなし）", place=index + 1)) if filled else ""
