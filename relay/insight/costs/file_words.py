"""The words of a file of costs: what a header says, which month, kind and sum a cell holds (F-12, F-19).

A cell is read or named as a problem, never guessed: no year is added to a month, no tax to a sum, no sign is dropped.
"""

import re
import unicodedata
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum

from flask_babel import lazy_gettext as _l

from relay.insight.costs.months import MAX_YEN
from relay.intake.reading.sources import header_key
from relay.intake.rows.days import SheetYear
from relay.models import CostKind
from relay.text import DateProblem, Sentence, clean, fold, parse_date, parse_days, plain_ascii, quoted

_MAX_CELL = 80
"""Characters of a month or a sum; nobody writes more."""
_FIRST_FISCAL = 4


class CostColumn(Enum):
    """The kinds of columns in a file of costs."""

    MONTH = "month"
    YEAR = "year"
    CHANNEL = "channel"
    KIND = "kind"
    SUM = "sum"


_NAMES = {
    CostColumn.MONTH: """
月 年月 対象月 対象年月 計上月 計上年月 支払月 支払年月 請求月 請求年月 発生月 利用月 掲載月 利用年月 日付 年月日
計上日 支払日 請求日 発生日 掲載日 month date yearmonth period
""",
    CostColumn.YEAR: "年 年度 会計年度 対象年 対象年度 year fiscalyear",
    CostColumn.CHANNEL: """
経路 応募経路 採用経路 媒体 媒体名 求人媒体 掲載媒体 利用媒体 媒体サービス チャネル チャンネル 採用チャネル
応募チャネル サービス サービス名 支払先 支払先名 取引先 取引先名 請求元 仕入先 業者 業者名 ベンダー 会社 会社名
紹介会社 エージェント エージェント名 手法 採用手法 channel source media medium vendor supplier agency service
""",
    CostColumn.KIND: """
費目 費用の種類 費用種別 費用区分 種別 種類 区分 分類 科目 勘定科目 補助科目 項目 内訳 カテゴリ カテゴリー 費用項目
経費区分 kind type category account item expense
""",
    CostColumn.SUM: """
金額 費用 費用額 採用費用 コスト 採用コスト 採用費 支払額 支払金額 お支払い金額 請求額 請求金額 ご請求額 利用料
利用料金 利用金額 掲載料 掲載費 掲載料金 掲載金額 広告費 求人広告費 紹介手数料 手数料 料金 価格 実績 実績額 実績金額
発生額 計上額 月額 税込 税抜 税抜き 税込み 税別 税込金額 税抜金額 税別金額 税込額 税抜額 円 amount cost price fee
yen jpy total spend
""",
}
_COLUMNS = {header_key(word): column for column, words in _NAMES.items() for word in words.split()}
_BRACKETS = re.compile(r"[(\[【<〈《「]\s*([^)\]】>〉》」]*?)\s*[)\]】>〉》」]")
_UNIT = re.compile(r"(?:単位[:：は]?)?\s*(百万円|千円|万円|円|jpy|yen|¥)")
_UNITS = {"百万円": 1_000_000, "万円": 10_000, "千円": 1_000}
_TITLE_UNIT = re.compile(r"単位\s*[:：は]?\s*(百万円|千円|万円|円)")
_TOTAL = re.compile(r"合計|小計|総計|累計|平均|通期|subtotal|grandtotal|average|^(?:総?計|年計|total|sum)$|[\s:：]計$")
_NUMBER = re.compile(
    r"(?:人数|件数|名数|社数|応募|採用|数量?|率|件|人|名|単価|cpa|cph)$|消費税|税額|予算|見込|前年|^(?:no\.?|id|番号|#)$"
)
_OF_KIND = (  # as `fold` writes them
    (CostKind.RELAY, re.compile(r"^relay|リレー$")),
    (CostKind.AGENCY_FEE, re.compile("紹介手数料|人材紹介|紹介料|紹介フィー|成功報酬|エージェント|agencyfee|agency")),
    (CostKind.ADVERTISING, re.compile("広告|媒体|掲載|求人サイト|求人誌|スカウト|ダイレクトリクルーティング|advert")),
    (CostKind.OTHER, re.compile("^ソノ他|^other")),
)
_NO_CHANNEL = re.compile("手数料|費用?$|料金?$|^ソノ他|^other|^求人広告")
_ERA_MONTH = re.compile(r"(?:令和|R)\.?\s*(\d{1,2}|元)\s*[年./-]\s*(\d{1,2})\s*月?(?:分|度)?", re.IGNORECASE)
_REIWA = 2018
_PACKED = re.compile(r"(20\d\d)(0[1-9]|1[0-2])")
_OF_MONTH = re.compile(r"(?<=月)(?:分|度|支払い?|請求|計上)$")
_ENGLISH = re.compile(r"([A-Za-z]{3})[a-z]*\.?[\s-]+'?(\d{4}|\d{2})")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_WITHOUT_YEAR = re.compile(r"(1[0-2]|0?[1-9])\s*月?")
_YEAR_SAID = re.compile(r"(20\d\d|(?:令和|R)\.?\s*(?:\d{1,2}|元))\s*(年度|年|FY)?", re.IGNORECASE)
_FISCAL = re.compile(r"年度|fy|fiscal", re.IGNORECASE)
_NOTHING = frozenset({"", "-", "--", "ー", "なし", "無し", "無", "n/a", "/", "*"})
_BELOW_ZERO = re.compile(r"^(?:[-▲△▼]|マイナス)\s*[¥\\]?\s*\d|^\(\s*[¥\\]?[\d,.]+\s*円?\)$|^[¥\\]\s*[-▲△]")
_SUM = re.compile(
    r"(?:(\d+(?:\.\d+)?)億)?(?:(\d+(?:\.\d+)?)百万)?(?:(\d+(?:\.\d+)?)万)?(?:(\d+(?:\.\d+)?)千)?(\d+(?:\.\d+)?)?(円|yen|jpy)?",
    re.IGNORECASE,
)
_SCALES = (100_000_000, 1_000_000, 10_000, 1_000, 1)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


class CellProblem(ValueError):
    """The cell cannot be read; `message` says why and what to write instead."""

    def __init__(self, message: Sentence) -> None:
        super().__init__(message)
        self.message = message


# headers


def column_of(header: str) -> CostColumn | None:
    """Return what a header says its column holds; None where it names nothing of a cost."""
    if (found := _COLUMNS.get(header_key(header))) is not None:
        return found
    return _COLUMNS.get(header_key(_BRACKETS.sub("", unicodedata.normalize("NFKC", header[:_MAX_CELL]))))


def unit_of(header: str) -> int | None:
    """Return how many yen one of a column is, where its header says so in brackets: 金額（千円）."""
    for said in _BRACKETS.findall(unicodedata.normalize("NFKC", header[:_MAX_CELL])):
        if (found := _UNIT.fullmatch(said.lower())) is not None:
            return _UNITS.get(found[1], 1)
    return None


def unit_said(titles: list[str]) -> int:
    """Return how many yen one of a table is, as a line above it says (単位：千円); 1 where none does."""
    for title in titles:
        if (found := _TITLE_UNIT.search(unicodedata.normalize("NFKC", title))) is not None:
            return _UNITS.get(found[1], 1)
    return 1


def is_total(cell: str) -> bool:
    """Return whether a cell names a total: 合計, 10月小計, Indeed 計."""
    return _TOTAL.search(fold(clean(cell[:_MAX_CELL]))) is not None


def is_number(header: str) -> bool:
    """Return whether a header names what is no sum that was paid: 応募数, 消費税, 予算."""
    return _NUMBER.search(fold(clean(header[:_MAX_CELL]))) is not None


def kind_of(word: str) -> CostKind | None:
    """Return the kind that a word plainly means; None where a person has to say."""
    plain = fold(clean(word))
    if not plain:
        return None
    for kind in CostKind:
        if plain == fold(str(kind.label)):
            return kind
    return next((kind for kind, pattern in _OF_KIND if pattern.search(plain)), None)


def is_kind(word: str) -> bool:
    """Return whether a word is the name of a kind and of no channel: 紹介手数料, but not エージェント."""
    return kind_of(word) is not None and _NO_CHANNEL.search(fold(clean(word))) is not None


# cells


def read_month(cell: str, year: SheetYear | None = None) -> date:
    """Return the first day of the month in a cell; one without a year is of `year`, which the file says itself.

    Raises CellProblem.
    """
    text = " ".join(plain_ascii(clean(cell)).split())
    if len(text) > _MAX_CELL:
        raise _no_month(cell)
    text = _OF_MONTH.sub("", text).strip()
    if (found := _ERA_MONTH.fullmatch(text)) is not None:
        return _first_of(_REIWA + (1 if found[1] == "元" else int(found[1])), int(found[2]), cell)
    if (found := _PACKED.fullmatch(text)) is not None:
        return _first_of(int(found[1]), int(found[2]), cell)
    if (found := _ENGLISH.fullmatch(text)) is not None and found[1].lower() in _MONTHS:
        full = int(found[2]) if len(found[2]) == 4 else 2000 + int(found[2])
        return _first_of(full, _MONTHS.index(found[1].lower()) + 1, cell)
    if (found := _WITHOUT_YEAR.fullmatch(text)) is not None:
        return _in_year(int(found[1]), year, cell)
    return _as_days(text, cell)


def read_year(cell: str, header: str = "") -> SheetYear | None:
    """Return the year that a cell names (2026, 令和8年度), None where it names none; fiscal where either says so."""
    text = " ".join(plain_ascii(clean(cell[:_MAX_CELL])).split())
    if (found := _YEAR_SAID.fullmatch(text)) is None:
        return None
    said = found[1].lower().lstrip("令和r. ")
    number = int(said) if len(said) == 4 else _REIWA + (1 if said == "元" else int(said))
    return SheetYear(number, text, is_fiscal=any(map(_FISCAL.search, (header, text))))


def is_month(cell: str) -> bool:
    """Return whether a header names a month, with or without its year."""
    try:
        read_month(cell, SheetYear(2026, ""))
    except CellProblem:
        return False
    return not cell.strip().isdigit() or len(cell.strip()) == 6


def read_yen(cell: str, unit: int = 1) -> int | None:
    """Return the yen in a cell (¥1,200, 12万円, １２００円), None for an empty one; `unit` is that of its column.

    Raises CellProblem for what is below zero, no sum, or part of a yen.
    """
    text = plain_ascii(clean(cell)).replace(" ", "").replace("\u3000", "").lower()
    if text in _NOTHING:
        return None
    if len(text) > _MAX_CELL:
        raise _no_sum(cell)
    if _BELOW_ZERO.search(text):
        raise CellProblem(
            _l(
                "「%(typed)s」は0円より小さい金額です。返金や値引きは、その月の金額から引いた額で入力してください。",
                typed=quoted(cell),
            )
        )
    plain = _THOUSANDS.sub("", text.replace("¥", "").replace("\\", "").removesuffix("-"))
    found = _SUM.fullmatch(plain)
    if found is None or not any(found.groups()[:-1]):
        raise _no_sum(cell)
    try:
        parts = [Decimal(part) * scale for part, scale in zip(found.groups(), _SCALES, strict=False) if part]
    except InvalidOperation as error:
        raise _no_sum(cell) from error
    says_unit = found[6] is not None or any(found.groups()[:4])
    yen = sum(parts, Decimal(0)) * (1 if says_unit else unit)
    if yen != int(yen):
        message = _l(
            "「%(typed)s」には1円より小さい端数があります。円の単位に丸めて入力してください。", typed=quoted(cell)
        )
        raise CellProblem(message)
    if yen > MAX_YEN:
        message = _l("「%(typed)s」は大きすぎます。1か月の費用として正しいか、確認してください。", typed=quoted(cell))
        raise CellProblem(message)
    return int(yen)


def _as_days(text: str, cell: str) -> date:
    try:
        first, last = parse_days(text)
    except DateProblem:
        try:
            first = last = parse_date(text)
        except DateProblem as problem:
            raise _no_month(cell) from problem
    if (first.year, first.month) != (last.year, last.month):
        raise _no_month(cell)
    return first.replace(day=1)


def _in_year(month: int, year: SheetYear | None, cell: str) -> date:
    if year is None:
        raise CellProblem(
            _l(
                "「%(typed)s」には年がありません。「2026年10月」のように年を書くか、"
                "表の題名に「2026年度」のように年を入力してください。",
                typed=quoted(cell),
            )
        )
    return date(year.year + (year.is_fiscal and month < _FIRST_FISCAL), month, 1)


def _first_of(year: int, month: int, cell: str) -> date:
    if not 1 <= month <= 12:
        raise _no_month(cell)
    return date(year, month, 1)


def _no_month(cell: str) -> CellProblem:
    message = _l(
        "「%(typed)s」は月として読めません。「2026年10月」や「2026/10」のように入力してください。", typed=quoted(cell)
    )
    return CellProblem(message)


def _no_sum(cell: str) -> CellProblem:
    message = _l(
        "「%(typed)s」は金額として読めません。「120,000」や「12万円」のように、数字で入力してください。",
        typed=quoted(cell),
    )
    return CellProblem(message)
