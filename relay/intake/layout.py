"""Rows of a sheet that are nobody: 合計, 【営業】, 以上, second headings. Each is said, none is a person."""

from flask_babel import lazy_gettext as _l

from relay.intake.cells import RowCells
from relay.intake.fields import Field
from relay.intake.synonyms import COMMON, header_key
from relay.text import Sentence, quoted
from relay.text.decoration import is_layout

_PARTS = frozenset(
    map(
        header_key,
        "漢字 カナ ローマ字 英字 姓 名 日付 日時 合否 可否 結果 実施日 評価 有無 内容 アドレス 番号 例 記入例".split(),
    )
)
"""What stands in a second line of headings, below 氏名 or 一次面接."""
_AS_NAMES = frozenset(
    "漢字 カナ ふりがな フリガナ ローマ字 英字 氏名 お名前 名前 姓 名 セイ メイ Name name 記入例 例".split()
)


def why_nobody(cells: RowCells) -> Sentence | None:
    """Say why a row is no person's; None for every other row."""
    name = cells.first(Field.NAME)[1] or cells.first(Field.FAMILY)[1]
    if name in _AS_NAMES and _is_headings(cells):
        return _l("見出しの続きの行のようです。この行は取り込みません。列の対応を確認してください。")
    if cells.filled(Field.EMAIL) or cells.filled(Field.PHONE) or cells.filled(Field.BIRTH_DATE):
        return None
    seen = name if name else next((cell for cell in cells.every_cell() if cell.strip()), "")
    if is_layout(seen):
        return _l("「%(text)s」は見出しや合計の行のようです。この行は取り込みません。", text=quoted(seen))
    return None


def _is_headings(cells: RowCells) -> bool:
    filled = [cell for cell in cells.every_cell() if cell.strip()]
    return all(header_key(cell) in COMMON or header_key(cell) in _PARTS for cell in filled)
