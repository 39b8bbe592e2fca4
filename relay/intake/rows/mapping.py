"""The meaning of a file's columns as HR says, remembered for the next file of the same shape."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.intake.fields import DropKind, Field
from relay.intake.reading.table import FileTable
from relay.intake.rows.columns import DROP, column_keys, fingerprint, plan_columns
from relay.intake.rows.row import WORD, ColumnQuestion, DroppedColumn, TakenColumn
from relay.intake.rows.words import word_key
from relay.models import ApplicationResult, ImportMapping, ResultWord
from relay.text import Sentence, clean, quoted

_SAMPLES = 3
_LONGEST_WORD = ResultWord.word_key.type.length
_SAMPLES_WITHIN = 50
_MATTERS = frozenset({Field.NAME, Field.FAMILY})


@dataclass(frozen=True, slots=True)
class Column:
    """One column as HR looks at it: its cells, what it is taken as, what Relay would take it as by itself."""

    index: int
    key: str
    name: str
    samples: tuple[str, ...]
    taken_as: str
    guess: str
    unsure: bool
    """Whether Relay, left to itself, would have to ask about it."""
    kept_out: Sentence | None
    """Why nobody can bring it in; its contents are not even shown."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of a file, and the fingerprint by which another file of the same shape is known."""

    fingerprint: str
    header_row: int
    columns: tuple[Column, ...]
    questions: tuple[ColumnQuestion, ...] = ()
    """Fields that HR has to say the column of."""
    sheet: str = ""

    @property
    def is_certain(self) -> bool:
        """Return whether the file can be read as its columns are understood now; else HR is asked first."""
        return self.names_people and not self.questions

    @property
    def asked(self) -> set[int]:
        """Return the places of the columns that questions are about."""
        return {index for question in self.questions for index in question.columns}

    @property
    def lacks_names(self) -> bool:
        """Return whether no column holds names, nor is one of two asked about."""
        return not self.names_people and not any(question.field in _MATTERS for question in self.questions)

    @property
    def names_people(self) -> bool:
        """Return whether some column holds names, without which nobody can be taken up."""
        return any(column.taken_as in _MATTERS for column in self.columns)


def chosen(session: Session, shape: str) -> dict[str, str]:
    """Return what HR said of the columns of such files, and of words for results, in the company's scope."""
    wanted = select(ImportMapping.columns).where(ImportMapping.fingerprint == shape)
    words = session.execute(select(ResultWord.word_key, ResultWord.result))
    return (session.scalars(wanted).one_or_none() or {}) | {f"{WORD}{key}": result.value for key, result in words}


def learn(session: Session, said: Mapping[str, ApplicationResult], *, by_user_id: int | None) -> None:
    """Remember for the company what words in the columns of results mean."""
    keys = {key: result for word, result in said.items() if 0 < len(key := word_key(word)) <= _LONGEST_WORD}
    known = {one.word_key: one for one in session.scalars(select(ResultWord).where(ResultWord.word_key.in_(keys)))}
    for key, result in keys.items():
        word = known.get(key) or ResultWord(word_key=key)
        word.result, word.changed_at, word.by_user_id = result, clock.now(), by_user_id
        session.add(word)
    session.flush()


def look(table: FileTable, said: Mapping[str, str]) -> Shape:
    """See a table by its columns, with what was said of them before."""
    guesses, plan = plan_columns(table).columns, plan_columns(table, said)
    keys = column_keys(table.header)
    columns = tuple(
        _column(table, keys[now.index], guess, now) for guess, now in zip(guesses, plan.columns, strict=True)
    )
    return Shape(fingerprint(table), table.header_row, columns, plan.questions, table.sheet)


def remember(session: Session, shape: Shape, said: Mapping[str, str], *, by_user_id: int | None) -> None:
    """Keep what HR said of the columns, where it differs from what Relay would take them as by itself or was asked."""
    known = session.scalars(select(ImportMapping).where(ImportMapping.fingerprint == shape.fingerprint)).one_or_none()
    own = {
        column.key: said[column.key]
        for column in shape.columns
        if column.kept_out is None and column.key in said and (said[column.key] != column.guess or column.unsure)
    }
    if known is None and own:
        known = ImportMapping(fingerprint=shape.fingerprint)
        session.add(known)
    if known is not None:
        known.columns, known.changed_at, known.by_user_id = own, clock.now(), by_user_id
    session.flush()


def lacks_names(said: Mapping[str, str]) -> bool:
    """Return whether no column would hold names."""
    return not _MATTERS & set(said.values())


def _column(table: FileTable, key: str, guess: TakenColumn | DroppedColumn, now: TakenColumn | DroppedColumn) -> Column:
    by_law = isinstance(guess, DroppedColumn) and guess.kind is DropKind.LAW
    return Column(
        index=now.index,
        key=key,
        name=now.name,
        samples=() if by_law else _samples(table, now.index),
        taken_as=_word(now),
        guess=_word(guess),
        unsure=isinstance(guess, DroppedColumn) and guess.kind is DropKind.ASKED,
        kept_out=guess.reason if by_law and isinstance(guess, DroppedColumn) else None,
    )


def _word(column: TakenColumn | DroppedColumn) -> str:
    return column.field.value if isinstance(column, TakenColumn) else DROP


def _samples(table: FileTable, index: int) -> tuple[str, ...]:
    cells = (clean(row[index]) for _number, row in table.rows[:_SAMPLES_WITHIN] if index < len(row))
    return tuple(map(quoted, list(dict.fromkeys(filter(None, cells)))[:_SAMPLES]))
