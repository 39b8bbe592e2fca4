"""The field that each column of a file is taken as, or the reason why it stays behind.

Decided for all columns together, from their headers and their cells. Exact beats loose; the candidate's own beats
anyone's; nothing of another party is taken for the candidate's; where two columns claim one field equally well, or a
claim is unsure, HR is asked. Nothing that the law keeps out of a fair selection is ever read into a row (rules B-1,
B-2, B-3).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from flask_babel import lazy_gettext as _l

from relay.intake.fields import FIRST_FILLED, KEPT_OUT, OF_THE_PERSON, TOGETHER, DropKind, Field
from relay.intake.reading.sources import SHEET, Grade, Heading, ImportSource, header_key, read_header
from relay.intake.reading.table import FileTable
from relay.intake.rows.row import ColumnPlan, ColumnQuestion, DroppedColumn, Pick, TakenColumn
from relay.intake.rows.words import SURE, Kind, Look, StepPart, StepPick, holds_both, look_at, names_results, step_of
from relay.text import Sentence, clean

_SEVERAL = FIRST_FILLED | TOGETHER
_FIELDS = frozenset(Field)


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile("|".join(header_key(word) for word in words.split()))


_REASONS = tuple((_pattern(words), kind, reason) for words, kind, reason in KEPT_OUT)


DROP = "drop"
"""What a column is called that HR wants to stay behind."""


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
    return DroppedColumn(name, DropKind.REPEATED, _repeats(first))


def _unnamed(table: FileTable, index: int) -> str:
    """Name a column without a header by its place, if anything is in it."""
    filled = any(len(cells) > index and cells[index].strip() for _row, cells in table.rows)
    return str(_l("%(place)s列目（見出しなし）", place=index + 1)) if filled else ""


LOOKED_AT = 200
"""Rows of a file whose cells are looked at, from all over it."""
_ANY_NUMBER = _SEVERAL | {Field.STEP}
_MATTERS = frozenset(
    {Field.RESULT, Field.REASON, Field.APPLIED_ON, Field.DECIDED_ON, Field.SOURCE_ID, Field.POSITION, Field.STAGE}
)
"""What is asked about where the header says that it is another party's, or of another time."""
_NAMES = (Field.NAME, Field.FAMILY, Field.GIVEN)
_WAYS = (Field.EMAIL, Field.PHONE)
_DAYS = frozenset({Field.APPLIED_ON, Field.DECIDED_ON, Field.BIRTH_DATE})

Rule = Callable[[str, str], Field | DroppedColumn | None]
"""What a column is whatever stands in it, by header and name: a step of the selection, or kept out by the law."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """The field of each named column by its place, or why it is left behind; and what is to be asked."""

    verdicts: dict[int, Field | DroppedColumn]
    questions: tuple[ColumnQuestion, ...] = ()
    by_cells: tuple[int, ...] = ()
    """Columns taken as the result for what stands in them, under a header that nobody knows."""


@dataclass(slots=True)
class _Claim:
    """A column that may be a field."""

    index: int
    name: str
    field: Field
    heading: Heading
    look: Look


def assign(
    names: Mapping[int, str], header: Sequence[str], rows: Sequence[Sequence[str]], source: ImportSource, rule: Rule
) -> Assignment:
    """Assign the named columns of a table. `names` says how each is called, `rows` are some rows of the table."""
    looks = {index: look_at(row[index] if index < len(row) else "" for row in rows) for index in names}
    return _Assigning(names, header, looks, source, rule).all()


class _Assigning:
    """Gathers what each column claims, then settles field after field."""

    def __init__(
        self, names: Mapping[int, str], header: Sequence[str], looks: dict[int, Look], source: ImportSource, rule: Rule
    ) -> None:
        self._names, self._header, self._looks = names, header, looks
        self._source, self._rule = source, rule
        self._verdicts: dict[int, Field | DroppedColumn] = {}
        self._claims: list[_Claim] = []
        self._unknown: list[int] = []
        self._doubtful: list[_Claim] = []
        self._questions: list[ColumnQuestion] = []
        self._by_cells: list[int] = []

    def all(self) -> Assignment:
        """Settle everything; of two things a column could be, the surer comes first."""
        for index in self._names:
            self._read(index)
        self._weigh_cells()
        self._prefer_native_names()
        fields = dict.fromkeys(claim.field for claim in (*self._claims, *self._doubtful))
        for field in fields:
            self._assign(field)
        self._ask_of_cells()
        for index in self._unknown:
            self._verdicts.setdefault(index, self._drop(index, DropKind.UNKNOWN, _NO_FIELD))
        return Assignment(
            {index: self._verdicts[index] for index in self._names}, tuple(self._questions), tuple(self._by_cells)
        )

    def _read(self, index: int) -> None:
        """Read one header: settled at once, a claim, in doubt, or unknown."""
        header = self._header[index] if index < len(self._header) else ""
        heading = read_header(header, self._source)
        assigned = None if self._source.field_of(header) else self._rule(header, self._names[index])
        if heading and heading.field is Field.EMAIL and assigned is not Field.STEP and not _is_by_law(assigned):
            assigned = None  # an address for mails, not where somebody lives
        if assigned is not None:
            self._verdicts[index] = assigned
        elif heading is None:
            self._unknown.append(index)
        else:
            self._hear(_Claim(index, self._names[index], heading.field, heading, self._looks[index]))

    def _hear(self, claim: _Claim) -> None:
        heading = claim.heading
        if heading.whose and claim.field in OF_THE_PERSON:
            self._verdicts[claim.index] = self._drop(claim.index, DropKind.OTHER, _anothers(heading.whose))
        elif (heading.whose and claim.field in _MATTERS) or heading.grade is Grade.LOOSE:
            self._doubtful.append(claim)
        elif heading.whose and claim.field is not Field.EVALUATION and self._source.field_loosely(claim.name) is None:
            self._unknown.append(claim.index)
        else:
            self._claims.append(claim)

    # cells

    def _weigh_cells(self) -> None:
        """Let the cells speak against a header: addresses are no telephone numbers, whatever is above them."""
        for claim in [*self._claims]:
            look = claim.look
            if claim.field in _WAYS and look.share(Kind.MAIL) and (look.share(Kind.PHONE) or holds_both(look)):
                claim.field = Field.CONTACT
            elif claim.field is Field.PHONE and look.is_mostly(Kind.MAIL):
                claim.field = Field.EMAIL
            elif self._speaks_against(claim):
                self._claims.remove(claim)
                others = [one for one in self._claims if one.field is claim.field]
                if others or claim.field in _NAMES:
                    self._unknown.append(claim.index)
                else:
                    self._doubtful.append(claim)

    def _speaks_against(self, claim: _Claim) -> bool:
        look, field = claim.look, claim.field
        if field is Field.EMAIL:
            return look.never(Kind.MAIL) or _is_one_office(look)
        if field in _NAMES:
            return look.filled >= SURE and any(
                look.is_mostly(kind) for kind in (Kind.MAIL, Kind.PHONE, Kind.DAY, Kind.NUMBER, Kind.RESULT)
            )
        others = [one for one in self._claims if one.field is field and one is not claim]
        return field in _DAYS and bool(others) and look.never(Kind.DAY, Kind.NUMBER)

    def _prefer_native_names(self) -> None:
        """Leave romanised names and readings behind where the same names stand in Japanese beside them."""
        names = [claim for claim in self._claims if claim.field in _NAMES]
        native = [claim for claim in names if not claim.heading.latin and claim.look.share(Kind.TEXT) > 0]
        if not native:
            return
        stated = {claim.field for claim in native}
        for claim in names:
            wholes = {Field.NAME} if claim.field is not Field.NAME else {Field.FAMILY}
            if claim in native or not stated & (wholes | {claim.field}):
                continue
            if claim.heading.latin or claim.look.is_mostly(Kind.LATIN):
                self._leave(claim, DropKind.REPEATED, _romanised(native[0].name))
            elif claim.look.is_mostly(Kind.KANA) and claim.field in stated:
                claim.field = _READING[claim.field]

    def _ask_of_cells(self) -> None:
        """Take the result from a column whose cells tell it, and ask about addresses under an unknown header."""
        assigned = {verdict for verdict in self._verdicts.values() if isinstance(verdict, Field)}
        assigned |= {question.field for question in self._questions}
        results = [index for index in self._unknown if names_results(self._looks[index])]
        if results and Field.RESULT not in assigned:
            self._take_results(results)
        mails = [index for index in self._unknown if self._looks[index].is_mostly(Kind.MAIL)]
        if mails and not assigned & {Field.EMAIL, Field.CONTACT}:
            accounts = [index for index in mails if header_key(self._header[index]) in _ACCOUNTS]
            if len(accounts) == 1 and _STAMPS & set(map(header_key, self._header)):
                self._verdicts[accounts[0]] = Field.EMAIL  # as Google's forms call the address they ask for
                return
            self._ask(Field.EMAIL, mails)

    def _take_results(self, indexes: list[int]) -> None:
        if len(indexes) > 1:
            self._ask(Field.RESULT, indexes)
            return
        self._verdicts[indexes[0]] = Field.RESULT
        self._by_cells.append(indexes[0])

    # fields

    def _assign(self, field: Field) -> None:
        """Give a field to the column, or the columns, with the best claim."""
        claims = [claim for claim in self._claims if claim.field is field]
        doubtful = [claim for claim in self._doubtful if claim.field is field]
        family = next((claim for claim in self._claims if claim.field is Field.FAMILY), None)
        if not claims and field is Field.NAME and family is not None:
            for claim in doubtful:  # the name is there, in its parts
                self._leave(claim, DropKind.REPEATED, _repeats(family.name))
            return
        if not claims:
            self._ask(field, [claim.index for claim in doubtful])
            return
        claims = self._without_empty(claims) if field in _NAMES else claims
        best = max(claim.heading.grade for claim in claims)
        if field not in TOGETHER and not (field in FIRST_FILLED and best < Grade.OWN):
            first = next(claim for claim in claims if claim.heading.grade is best)
            for claim in [*claims]:
                if claim.heading.grade < best:
                    claims.remove(claim)
                    self._leave(claim, DropKind.REPEATED, _repeats(first.name))
        if self._agree(claims):
            self._give(field, claims)
        else:
            self._ask(field, [claim.index for claim in claims])
        for claim in doubtful:
            self._leave(claim, DropKind.REPEATED, _repeats(claims[0].name))

    def _without_empty(self, claims: list[_Claim]) -> list[_Claim]:
        """Return the columns of names that hold any, and leave the others: a form's 名前 that nobody filled in."""
        filled = [claim for claim in claims if claim.look.filled]
        for claim in claims if filled else ():
            if claim not in filled:
                self._leave(claim, DropKind.REPEATED, _repeats(filled[0].name))
        return filled or claims

    def _agree(self, claims: list[_Claim]) -> bool:
        """Tell whether it makes no difference which of them is taken, or a known system decides it by their order."""
        if self._source is not SHEET:
            return True
        rivals = claims
        if claims[0].field is Field.EMAIL:
            rivals = [claim for claim in claims if not _ONE_OF_SEVERAL.search(claim.name)]
        elif claims[0].field in _ANY_NUMBER:
            return True
        return all(_says_the_same(rivals[0].look, other.look) for other in rivals[1:])

    def _give(self, field: Field, claims: list[_Claim]) -> None:
        for place, claim in enumerate(claims):
            if place and field not in _ANY_NUMBER:
                self._leave(claim, DropKind.REPEATED, _repeats(claims[0].name))
            else:
                self._verdicts[claim.index] = field

    def _ask(self, field: Field, indexes: list[int]) -> None:
        for index in indexes:
            self._verdicts[index] = self._drop(index, DropKind.ASKED, _ASKED)
        self._questions.append(ColumnQuestion(field, tuple(indexes)))

    def _leave(self, claim: _Claim, kind: DropKind, reason: Sentence) -> None:
        self._verdicts[claim.index] = self._drop(claim.index, kind, reason)
        if claim in self._claims:
            self._claims.remove(claim)

    def _drop(self, index: int, kind: DropKind, reason: Sentence) -> DroppedColumn:
        return DroppedColumn(self._names[index], kind, reason, index)


_ACCOUNTS = frozenset(map(header_key, ("ユーザー名", "Username")))
_STAMPS = frozenset(map(header_key, ("タイムスタンプ", "Timestamp")))
_READING = {Field.NAME: Field.KANA, Field.FAMILY: Field.FAMILY_KANA, Field.GIVEN: Field.GIVEN_KANA}
_NO_FIELD = _l("あてはまる項目がないため、取り込みません。")
_ASKED = _l("どの列か分からないため、列の対応で選んでいただくまで取り込みません。")


_ONE_OF_SEVERAL = re.compile(
    r"[0-9０-９]|携帯|pc|ｐｃ|パソコン|スマホ|自宅|個人|予備|サブ|副|mobile|home|personal|second|other", re.IGNORECASE
)
"""An address beside another one: メールアドレス2, 携帯メール."""
_OFFICE = 0.2
"""A share of different values below which a column of addresses is no list of people's own."""


def _is_one_office(look: Look) -> bool:
    """Tell whether the same few addresses stand in every row, as an agency's would."""
    filled = [cell for cell in look.cells if cell]
    return len(filled) > SURE + 1 and len(set(filled)) <= _OFFICE * len(filled)


def _is_by_law(assigned: Field | DroppedColumn | None) -> bool:
    return isinstance(assigned, DroppedColumn) and assigned.kind is DropKind.LAW


def _says_the_same(one: Look, other: Look) -> bool:
    """Tell whether two columns never contradict each other, and so the first may stand for both."""
    return all(first == second or not second for first, second in zip(one.cells, other.cells, strict=True))


def _anothers(whose: str) -> Sentence:
    return _l("「%(whose)s」の列で、ご本人のものではないため、取り込みません。", whose=whose)


def _repeats(first: str) -> Sentence:
    return _l("「%(first)s」と同じ項目のため、「%(first)s」の列だけを取り込みます。", first=first)


def _romanised(first: str) -> Sentence:
    return _l("「%(first)s」のローマ字書きのため、取り込みません。", first=first)
