"""Reading one row, fact by fact: how each is read, what refuses the file and what is only noted."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from relay.intake.cells import RowCells
from relay.intake.fields import NAMES, OF_CANDIDATE, Field
from relay.intake.words import is_qualification, reapply_of, split_tags
from relay.models import Reapply
from relay.models.candidate_fields import FieldKind
from relay.models.labels import Labelled
from relay.text import (
    DateProblem,
    MailFault,
    fold,
    mail_sentence,
    normalise_mail,
    normalise_phone,
    parse_date,
    phone_sentence,
    quoted,
    sensitive_words,
    to_katakana,
)
from relay.text.decoration import OddityKind, PlainName, looks_plain, odd_in_name, odd_sentence, plain_name

_SEVERAL = re.compile(r"[\s,;、，；/／|]+")
_SERIAL = re.compile(r"[2-7][0-9]{4}(?:\.[0-9]+)?")  # 1954 to 2119
_FIRST_SERIAL = date(1899, 12, 30)
_LOST_IN_NAME = re.compile("[?？\ufffd〓]")
_LOOKS_ODD = re.compile("[=＝?？\ufffd〓]")
"""What a row holds of which some cell is noted: looked for once, since most rows hold none."""


def read_name(cells: RowCells) -> PlainName:
    """Return the name without what was written around it, family and given name joined by one space; note the rest.

    A row without a name is a problem. What is in its place without being a name is kept as typed, and noted.
    """
    typed = cells.joined(Field.NAME, Field.FAMILY, Field.GIVEN)
    column = cells.column(Field.NAME, Field.FAMILY)
    if not typed:
        cells.problem(column, _l("氏名がありません。名前を書き入れてください。"))
    if looks_plain(typed):
        return PlainName(cells.cut(Field.NAME, typed, column))
    plain = plain_name(typed)
    if plain.taken_off:
        message = _l(
            "「%(typed)s」から%(taken_off)sを除き、「%(name)s」として取り込みます。",
            typed=quoted(typed),
            taken_off="".join(f"「{quoted(one.text)}」" for one in plain.taken_off),
            name=quoted(plain.name),
        )
        cells.note(column, message)
    for oddity in odd_in_name(plain.name):
        if oddity.kind is not OddityKind.LOST:  # told of with all other cells
            message = _l(
                "%(odd)sこのまま取り込みますが、結果を伝える前に氏名を確認してください。", odd=odd_sentence(oddity)
            )
            cells.note(column, message)
    return plain._replace(name=cells.cut(Field.NAME, plain.name, column))


def read_kana(cells: RowCells, name: PlainName) -> str:
    """Return the reading in full-width katakana (F-11); where no column holds it, the one beside the name."""
    kana = to_katakana(cells.joined(Field.KANA, Field.FAMILY_KANA, Field.GIVEN_KANA) or name.reading)
    return cells.cut(Field.KANA, kana, cells.column(Field.KANA, Field.FAMILY_KANA))


def read_email(cells: RowCells, field: Field = Field.EMAIL) -> str:
    """Return the address, '' when none can be used. Only one without @ is a problem; others are noted (F-18)."""
    column, typed = cells.first(field)
    if not typed:
        if column is not None:  # without the column, one note on the header says it for all
            cells.note(column, _l("メールアドレスがないため、この方にはメールを送れません。"))
        return ""
    if typed.count("@") > 1 and len(several := [part for part in _SEVERAL.split(typed) if "@" in part]) > 1:
        typed = several[0]
        cells.note(
            column, _l("メールアドレスが2つ以上あります。最初の「%(typed)s」を取り込みます。", typed=quoted(typed))
        )
    reading = normalise_mail(typed)
    if reading.fault is MailFault.NO_AT:
        cells.problem(column, mail_sentence(reading.fault, typed))
    elif reading.fault is not None:
        cells.note(column, mail_sentence(reading.fault, typed))
    return reading.value


def read_phone(cells: RowCells, field: Field = Field.PHONE) -> str:
    """Return the number as digits or E.164; an odd one is kept and noted (F-17)."""
    column, typed = cells.first(field)
    reading = normalise_phone(typed)
    if reading.fault is not None:
        cells.note(column, phone_sentence(reading.fault, typed))
    return reading.value


def read_day(cells: RowCells, field: Field, *, today: date) -> date | None:
    """Return a date, None when the cell says nothing. A day that never was is a problem, one to come a note (F-19)."""
    column, typed = cells.first(field)
    if not typed:
        return None
    if _SERIAL.fullmatch(typed):
        day = _FIRST_SERIAL + timedelta(days=int(float(typed)))
        message = _l(
            "「%(typed)s」を、表計算ソフトの日付の番号（%(day)s）として読みました。", typed=typed, day=day.isoformat()
        )
        cells.note(column, message)
        return day
    try:
        day = parse_date(typed)
    except DateProblem as problem:
        cells.problem(column, problem.message)
        return None
    if day > today:
        cells.note(column, _l("「%(typed)s」は今日より先の日付です。確認してください。", typed=quoted(typed)))
    return day


def read_line(cells: RowCells, field: Field) -> str:
    """Return any other single value, as typed."""
    column, typed = cells.first(field)
    return cells.cut(field, typed, column)


def read_memo(cells: RowCells, name: PlainName) -> str:
    """Return the notes of all memo columns, one below the other; what the person did before is named as such.

    What was written around the name and says something about the person (再応募) is kept here.
    """
    parts = [typed for _column, typed in cells.filled(Field.MEMO)]
    parts += [f"{column}：{typed}" for column, typed in cells.filled(Field.HISTORY)]
    parts += [str(_l("氏名の欄の書き添え：%(text)s", text=text)) for text in name.says]
    note_sensitive(cells, Field.MEMO, Field.HISTORY)
    return cells.cut(Field.MEMO, "\n".join(parts), cells.column(Field.MEMO, Field.HISTORY))


def read_qualifications(cells: RowCells) -> str:
    """Return the person's qualifications: all entries of their columns, those among skills that name one."""
    found = [entry for _column, typed in cells.filled(Field.QUALIFICATIONS) for entry in split_tags(typed)]
    for column, typed in cells.filled(Field.SKILLS):
        if "資格" in column:
            found += filter(is_qualification, split_tags(typed))
    text = "、".join(dict.fromkeys(found))
    return cells.cut(Field.QUALIFICATIONS, text, cells.column(Field.QUALIFICATIONS, Field.SKILLS))


def _read_list(cells: RowCells, field: Field) -> str:
    """Return all entries of all columns of a field, each once."""
    found = [entry for _column, typed in cells.filled(field) for entry in split_tags(typed)]
    return cells.cut(field, "、".join(dict.fromkeys(found)), cells.column(field))


def _read_choice(cells: RowCells, field: Field) -> Labelled | None:
    """Return one of a field's closed answers, by its code or its label; another word is noted and left out."""
    column, typed = cells.first(field)
    choices, said = OF_CANDIDATE[field].choices or (), fold(typed)
    found = next((one for one in choices if said in (one.value, fold(str(one.label)))), None)
    if typed and found is None:
        cells.note(column, _l("「%(typed)s」がどの答えにあたるか読み取れません。空欄にします。", typed=quoted(typed)))
    return found


def read_reapply(cells: RowCells) -> Reapply | None:
    """Return the person's own answer whether they would apply again; a word nobody knows is noted."""
    column, typed = cells.first(Field.REAPPLY)
    answer = reapply_of(typed) if typed else None
    if typed and answer is None:
        cells.note(column, _l("「%(typed)s」がどの意向にあたるか読み取れません。空欄にします。", typed=quoted(typed)))
    return answer


def read_facts(cells: RowCells, name: PlainName, *, today: date) -> dict[str, Any]:
    """Return what the row says of the person, by the names of IMPORTED_FIELDS, as it would be stored."""
    return {fact: read(cells, name, today) for fact, read in _READERS.items()}


def _reader(field: Field) -> Callable[[RowCells, PlainName, date], Any]:
    """Return what reads a fact: a reader of its own, else the one of its kind."""
    if (own := _OWN_READERS.get(field)) is not None:
        return lambda cells, name, _today: own(cells, name)
    if (of_kind := _READERS_OF_KINDS.get(OF_CANDIDATE[field].kind)) is not None:
        return lambda cells, _name, today: of_kind(cells, field, today)
    return lambda cells, _name, _today: OF_CANDIDATE[field].normalise(read_line(cells, field))


_OWN_READERS: dict[Field, Callable[[RowCells, PlainName], Any]] = {
    Field.NAME: lambda _cells, name: name.name,
    Field.KANA: read_kana,
    Field.QUALIFICATIONS: lambda cells, _name: read_qualifications(cells),
    Field.REAPPLY: lambda cells, _name: read_reapply(cells),
}
_READERS_OF_KINDS: dict[FieldKind, Callable[[RowCells, Field, date], Any]] = {
    FieldKind.MAIL: lambda cells, field, _today: read_email(cells, field),
    FieldKind.PHONE: lambda cells, field, _today: read_phone(cells, field),
    FieldKind.LINE: lambda cells, field, _today: read_line(cells, field),
    FieldKind.LIST: lambda cells, field, _today: _read_list(cells, field),
    FieldKind.DAY: lambda cells, field, today: read_day(cells, field, today=today),
    FieldKind.CHOICE: lambda cells, field, _today: _read_choice(cells, field),
}
_READERS = {declared.name: _reader(field) for field, declared in OF_CANDIDATE.items()}


def note_looks(cells: RowCells, *, width: int) -> None:
    """Note cells that begin like a formula, characters the file lost, and cells right of the last header."""
    looks_odd = _LOOKS_ODD.search("\x00".join(cells.every_cell()))
    for field, column, typed in cells.everything() if looks_odd else ():
        if typed.startswith(("=", "＝")):
            cells.note(
                column,
                _l("「%(typed)s」は「=」で始まります。計算せず、文字のまま取り込みます。", typed=quoted(typed)),
            )
        if "\ufffd" in typed or (field in NAMES and _LOST_IN_NAME.search(typed)):
            cells.note(
                column,
                _l(
                    "「%(typed)s」には、書き出しのときに失われた文字があるようです。正しい字を確認してください。",
                    typed=quoted(typed),
                ),
            )
    if beyond := cells.beyond(width):
        cells.note(
            None,
            _l(
                "見出しより列の多い行です。はみ出した「%(beyond)s」は取り込みません。区切りの位置を確認してください。",
                beyond=quoted(beyond),
            ),
        )


def note_sensitive(cells: RowCells, *fields: Field) -> None:
    """Note words that the law keeps out, in any of these fields (A-22)."""
    for field in fields:
        for column, typed in cells.filled(field):
            if words := sensitive_words(typed):
                cells.note(
                    column,
                    _l(
                        "%(words)sという言葉があります。選考に要らない情報なら、取り込む前にファイルから削除してください。",
                        words="".join(f"「{word}」" for word in words),
                    ),
                )
