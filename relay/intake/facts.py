"""What one row states, fact by fact: how each is read, what refuses the file and what is only noted."""

import re
from datetime import date

from flask_babel import lazy_gettext as _l

from relay.intake.cells import RowCells
from relay.intake.fields import NAMES, Field
from relay.intake.result import End
from relay.intake.words import end_of, split_tags, tag_kind
from relay.models import TagKind
from relay.text import (
    DateProblem,
    MailFault,
    clean,
    mail_sentence,
    normalise_mail,
    normalise_phone,
    parse_date,
    phone_sentence,
    quoted,
    sensitive_words,
    to_katakana,
)

_LOST_IN_NAME = re.compile("[?？\ufffd〓]")


def read_name(cells: RowCells) -> str:
    """The name as typed, family and given name joined by one space. A row without one is a problem."""
    name = cells.joined(Field.NAME, Field.FAMILY, Field.GIVEN)
    column = cells.column(Field.NAME, Field.FAMILY)
    if not name:
        cells.problem(column, _l("氏名がありません。名前を書き入れてください。"))
    return cells.cut(Field.NAME, name, column)


def read_kana(cells: RowCells) -> str:
    """The reading in full-width katakana (F-11)."""
    kana = to_katakana(cells.joined(Field.KANA, Field.FAMILY_KANA, Field.GIVEN_KANA))
    return cells.cut(Field.KANA, kana, cells.column(Field.KANA, Field.FAMILY_KANA))


def read_email(cells: RowCells) -> str:
    """The address, '' when none can be used. Only one without @ is a problem; others are noted (F-18)."""
    column, typed = cells.first(Field.EMAIL)
    if not typed:
        if column is not None:  # without the column, one note on the header says it for all
            cells.note(column, _l("メールアドレスがないため、この方にはメールを送れません。"))
        return ""
    reading = normalise_mail(typed)
    if reading.fault is MailFault.NO_AT:
        cells.problem(column, mail_sentence(reading.fault, typed))
    elif reading.fault is not None:
        cells.note(column, mail_sentence(reading.fault, typed))
    return reading.value


def read_phone(cells: RowCells) -> str:
    """The number as digits or E.164; an odd one is kept and noted (F-17)."""
    column, typed = cells.first(Field.PHONE)
    reading = normalise_phone(typed)
    if reading.fault is not None:
        cells.note(column, phone_sentence(reading.fault, typed))
    return reading.value


def read_day(cells: RowCells, field: Field, *, today: date) -> date | None:
    """A date, None when the cell says nothing. A day that never was is a problem, one to come a note (F-19)."""
    column, typed = cells.first(field)
    if not typed:
        return None
    try:
        day = parse_date(typed)
    except DateProblem as problem:
        cells.problem(column, problem.message)
        return None
    if day > today:
        cells.note(column, _l("「%(typed)s」は今日より先の日付です。確かめてください。", typed=quoted(typed)))
    return day


def read_line(cells: RowCells, field: Field) -> str:
    """Any other single value, as typed."""
    column, typed = cells.first(field)
    return cells.cut(field, typed, column)


def read_end(cells: RowCells) -> End:
    """How the application ended. A word nobody knows is in selection, and noted."""
    ends = [(column, typed, end_of(typed)) for column, typed in cells.filled(Field.END)]
    for _column, _typed, end in ends:
        if end is not None and end is not End.OPEN:
            return end
    for column, typed, end in ends:
        if end is None:
            cells.note(
                column,
                _l("「%(typed)s」がどの結果にあたるか読み取れません。選考中として取り込みます。", typed=quoted(typed)),
            )
    return End.OPEN


def read_tags(cells: RowCells) -> tuple[tuple[TagKind, str], ...]:
    """The tags with their kinds, each once."""
    found: dict[str, TagKind] = {}
    for column, typed in cells.filled(Field.TAGS):
        _note_sensitive(cells, column, typed)
        for tag in split_tags(typed):
            found[cells.cut(Field.TAGS, clean(tag), column)] = tag_kind(tag)
    return tuple((kind, tag) for tag, kind in found.items() if tag)


def read_memo(cells: RowCells) -> str:
    """The notes of all memo columns, one below the other."""
    filled = cells.filled(Field.MEMO)
    for column, typed in filled:
        _note_sensitive(cells, column, typed)
    return cells.cut(Field.MEMO, "\n".join(typed for _column, typed in filled), cells.column(Field.MEMO))


def note_looks(cells: RowCells, *, width: int) -> None:
    """Note cells that begin like a formula, characters the file lost, and cells right of the last header."""
    for field, column, typed in cells.everything():
        if typed.startswith(("=", "＝")):
            cells.note(
                column,
                _l("「%(typed)s」は「=」で始まります。計算せず、文字のまま取り込みます。", typed=quoted(typed)),
            )
        if "\ufffd" in typed or (field in NAMES and _LOST_IN_NAME.search(typed)):
            cells.note(
                column,
                _l(
                    "「%(typed)s」には、書き出しのときに失われた文字があるようです。正しい字を確かめてください。",
                    typed=quoted(typed),
                ),
            )
    if beyond := cells.beyond(width):
        cells.note(
            None,
            _l(
                "見出しより列の多い行です。はみ出した「%(beyond)s」は取り込みません。区切りの位置を確かめてください。",
                beyond=quoted(beyond),
            ),
        )


def _note_sensitive(cells: RowCells, column: str, typed: str) -> None:
    words = sensitive_words(typed)
    if words:
        cells.note(
            column,
            _l(
                "%(words)sという言葉があります。選考に要らない情報なら、取り込む前にファイルから消してください。",
                words="".join(f"「{word}」" for word in words),
            ),
        )
