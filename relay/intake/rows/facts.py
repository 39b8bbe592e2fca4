"""Reading one row, fact by fact, about the person and about the selection: how it ended and why, its steps, its labels.

Each says what refuses the file and what is only noted.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from relay.intake.fields import MAX_LENGTH, OF_CANDIDATE, Field
from relay.intake.reading.sources import SHEET, ImportSource, names_another, says_gmt
from relay.intake.rows.days import read_file_day
from relay.intake.rows.row import MAX_WORD, RowCells
from relay.intake.rows.words import (
    NAMED_RESULTS,
    ImportedStep,
    is_plain_reason,
    is_qualification,
    is_spoken_result,
    read_score,
    read_step,
    reapply_of,
    rejection_reason_of,
    result_of,
    split_tags,
    tag_kind,
    yes_or_no,
)
from relay.models import ApplicationResult, Reapply, RejectionReason, TagKind
from relay.models.candidate_fields import FieldKind
from relay.models.labels import Labelled
from relay.text import (
    DateProblem,
    MailFault,
    clean,
    fold,
    mail_sentence,
    meant_domain,
    normalise_mail,
    normalise_phone,
    phone_sentence,
    quoted,
    to_katakana,
)
from relay.text.decoration import OddityKind, PlainName, looks_plain, odd_in_name, odd_sentence, plain_name

_BEHIND = re.compile(r"(?<=[0-9A-Za-z０-９])\s*[（(\[【]([^）)\]】]*)[）)\]】]")
_PARTS = re.compile(r"[、,，;；/／|｜\n]+")
_SEVERAL = re.compile(r"[\s,;、，；/／|]+")


# the person


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
    typed, others = _ones_own(typed)
    if others:
        cells.note(column, _l("「%(typed)s」は、ご本人のものではないようです。空欄にします。", typed=quoted(others)))
    if not typed:
        return ""
    if typed.count("@") > 1 and len(several := [part for part in _SEVERAL.split(typed) if "@" in part]) > 1:
        typed = several[0]
        cells.note(
            column, _l("メールアドレスが2つ以上あります。最初の「%(typed)s」を取り込みます。", typed=quoted(typed))
        )
    reading = normalise_mail(typed)
    if reading.fault is MailFault.NO_AT:
        cells.problem(column, mail_sentence(reading.fault, typed))
    elif reading.fault is MailFault.SEVERAL and not normalise_mail(typed.replace(",", ".")).fault:
        cells.note(
            column, _l("「%(typed)s」の「,」は「.」の書き間違いではありませんか。空欄にします。", typed=quoted(typed))
        )
    elif reading.fault is not None:
        cells.note(column, mail_sentence(reading.fault, typed))
    elif meant := meant_domain(reading.value.rpartition("@")[2]):
        cells.note(
            column,
            _l(
                "「%(typed)s」は、%(meant)sの打ち間違いかもしれません。このまま取り込みますが、結果を伝える前に確認してください。",
                typed=quoted(typed),
                meant=meant,
            ),
        )
    return reading.value


def read_phone(cells: RowCells, field: Field = Field.PHONE) -> str:
    """Return the number as digits or E.164; an odd one is kept and noted (F-17)."""
    column, typed = cells.first(field)
    typed, others = _ones_own(typed)
    if others:
        cells.note(column, _l("「%(typed)s」は、ご本人のものではないようです。空欄にします。", typed=quoted(others)))
    reading = normalise_phone(typed)
    if reading.fault is not None:
        cells.note(column, phone_sentence(reading.fault, typed))
    return reading.value


def _ones_own(typed: str) -> tuple[str, str]:
    """Return a cell without what is another's by the brackets behind it (母), and what that was.

    An address loses any other bracket behind it: （携帯）.
    """
    if not _BEHIND.search(typed):
        return typed, ""
    parts = [part for part in _PARTS.split(typed) if part.strip()]
    others = [part for part in parts if any(map(names_another, _BEHIND.findall(part)))]
    own = [_BEHIND.sub("", part).strip() if "@" in part else part for part in parts if part not in others]
    return "、".join(own), "、".join(others)


def read_day(cells: RowCells, field: Field, *, today: date) -> date | None:
    """Return a date, None when the cell says nothing. A day that never was is a problem, one to come a note (F-19)."""
    column, typed = cells.first(field)
    if not typed:
        return None
    try:
        day, said = read_file_day(
            typed,
            cells.days,
            today=today,
            in_gmt=says_gmt(column or ""),
            of_sheet=field is not Field.BIRTH_DATE,
        )
    except DateProblem as problem:
        cells.problem(column, problem.message)
        return None
    if said is not None:
        cells.note(column, said)
    if day > today:
        cells.note(column, _l("「%(typed)s」は今日より先の日付です。確認してください。", typed=quoted(typed)))
    return day


def read_line(cells: RowCells, field: Field) -> str:
    """Return any other single value, as typed."""
    column, typed = cells.first(field)
    return cells.cut(field, typed, column)


def one_role(wanted: str) -> str:
    """Return the wished role as the position applied for; '' where they name several."""
    return wanted if len(split_tags(wanted)) == 1 else ""


def read_memo(cells: RowCells, name: PlainName) -> str:
    """Return the notes of all memo columns, one below the other; what the person did before is named as such.

    What was written around the name and says something about the person (再応募) is kept here.
    """
    parts = [typed for _column, typed in cells.filled(Field.MEMO)]
    parts += [f"{column}：{typed}" for column, typed in cells.filled(Field.HISTORY)]
    parts += [str(_l("氏名の欄の書き添え：%(text)s", text=text)) for text in name.says]
    cells.note_sensitive(Field.MEMO, Field.HISTORY)
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


# the selection


_ASIDE = re.compile(r"\s*[（(][^（()）]*[)）]$")
_MAX_REASON = 20
_MAX_NAME = 90
_SENTENCE = re.compile("[。．.!！?？]")
_EVALUATED = _l("評価")


def read_result(cells: RowCells, source: ImportSource) -> ApplicationResult:
    """Return how the application ended. A word nobody knows is in selection, and noted.

    Where no column states it, a reason or a day does: 辞退理由, 不合格日. A reason may say that the person withdrew.
    """
    results = [(column, typed, result_of(typed, source.results)) for column, typed in _results_of(cells)]
    stated = next((result for _column, _typed, result in results if result not in (None, ApplicationResult.OPEN)), None)
    reasons = read_reasons(cells)
    if stated is ApplicationResult.REJECTED and any(
        result_of(typed, source.results) is ApplicationResult.WITHDREW for _column, typed in reasons
    ):
        return ApplicationResult.WITHDREW
    if stated is not None:
        return stated
    says_open = any(result is ApplicationResult.OPEN for _column, _typed, result in results)
    if not says_open and any(
        result is None and _asks_why(column) and _decided(typed) for column, typed, result in results
    ):
        return ApplicationResult.REJECTED
    for column, typed, result in results:
        if result is None:
            if len(typed) <= MAX_WORD:
                cells.strange.append(clean(typed))
            cells.note(
                column,
                _l("「%(typed)s」がどの結果にあたるか読み取れません。選考中として取り込みます。", typed=quoted(typed)),
            )
    silent = not results and (source.reason_is_result or cells.column(Field.RESULT) is None)
    return _result_by_reason(cells, source) if silent else ApplicationResult.OPEN


def says_how_it_stands(cells: RowCells, source: ImportSource) -> bool:
    """Return whether a cell says how the application goes, be it that it goes on; an empty or unknown one does not."""
    return any(result_of(typed, source.results) is not None for _column, typed in _results_of(cells))


def _results_of(cells: RowCells) -> list[tuple[str, str]]:
    """Return the cells of results; where no column holds any, a stage that says how it ended: 書類NG."""
    if cells.columns(Field.RESULT):
        return cells.filled(Field.RESULT)
    return [(column, typed) for column, typed in cells.filled(Field.STAGE) if is_spoken_result(typed)]


def read_answer(cells: RowCells, field: Field) -> bool | None:
    """Return a yes or no, None where the cell says nothing; a word nobody knows is noted."""
    column, typed = cells.first(field)
    answer = yes_or_no(typed) if typed else None
    if typed and answer is None:
        message = _l("「%(typed)s」が、はいかいいえか読み取れません。空欄として扱います。", typed=quoted(typed))
        cells.note(column, message)
    return answer


def note_result_beside_name(cells: RowCells, name: PlainName) -> None:
    """Note 山川 太郎（辞退）: a word beside the name is no result, however much it sounds like one."""
    for text in filter(is_spoken_result, name.says):
        message = _l(
            "氏名の横の「%(text)s」は、選考の結果としては取り込みません。結果の列に書くと、結果として読み取ります。",
            text=quoted(text),
        )
        cells.note(cells.column(Field.NAME, Field.FAMILY), message)


def read_reasons(cells: RowCells) -> list[tuple[str, str]]:
    """Give (column, words) of each reason; a column such as 終了理由 may hold the end (不採用) or what led to it."""
    if cells.reasons is None:
        asked = [(column, typed) for column, typed in cells.filled(Field.RESULT) if _asks_why(column)]
        why = [(column, typed) for column, typed in asked if result_of(typed) is None or not _is_label(typed)]
        cells.reasons = cells.filled(Field.REASON) + why
    return cells.reasons


def _finer_reasons(cells: RowCells) -> list[tuple[str, str]]:
    """Give the reasons that say more than the label of one of the closed list, as Relay's own files have it."""
    return [(column, typed) for column, typed in read_reasons(cells) if not is_plain_reason(typed)]


def read_tags(cells: RowCells) -> tuple[tuple[TagKind, str], ...]:
    """Return the tags with their kinds, each once: labels, short reasons of a rejection, skills."""
    cells.note_sensitive(Field.TAGS, Field.SKILLS)
    found: dict[str, TagKind] = {}
    for column, typed in cells.filled(Field.TAGS):
        for tag in split_tags(typed):
            found.setdefault(cells.cut(Field.TAGS, clean(tag), column), tag_kind(tag))
    for column, typed in _finer_reasons(cells):
        for tag in _labels(typed) if "辞退" not in column else ():
            kind = tag_kind(tag)
            found.setdefault(clean(tag), TagKind.REASON if kind is TagKind.FREE else kind)
    for column, typed in cells.filled(Field.SKILLS):
        for tag in split_tags(typed):
            found.setdefault(cells.cut(Field.TAGS, clean(tag), column), TagKind.SKILL)
    return tuple((kind, tag) for tag, kind in found.items() if tag)


def read_reason(
    cells: RowCells, result: ApplicationResult, tags: Iterable[tuple[TagKind, str]]
) -> RejectionReason | None:
    """Return the reason of a rejection, from its column or from a label that is one (充足済み); None if unsaid.

    What a whole sentence comes to is for HR to say; it stays in the history.
    """
    if result is not ApplicationResult.REJECTED:
        return None
    texts = [typed for _column, typed in read_reasons(cells)] + [tag for kind, tag in tags if kind is TagKind.REASON]
    return next((reason for text in texts if (reason := _decided(text))), None)


def read_steps(cells: RowCells, decided_on: date | None) -> tuple[ImportedStep, ...]:
    """Return the selection as it went: its steps, what was assessed, and last why it ended."""
    found = [step for key, parts in cells.steps().items() if (step := read_step(key, parts)) is not None]
    found += _assessed(cells)
    if reasons := _finer_reasons(cells):
        name = _ASIDE.sub("", reasons[0][0]) or reasons[0][0]
        found.append(ImportedStep(name, decided_on, comment="\n".join(typed for _column, typed in reasons)))
    return _named_apart(found)


def left_to_steps(cells: RowCells, source: ImportSource) -> bool:
    """Return whether only the steps can say how it ended: no column does, or a hand-kept sheet's reason is empty.

    So is its 最終合否, beside columns of the steps before it.

    A system that leaves its 選考終了理由 empty says that the selection goes on.
    """
    columns = cells.columns(Field.RESULT)
    return not columns or (
        source.name == SHEET.name
        and not cells.filled(Field.RESULT)
        and all(_asks_why(column) or column.startswith("最終") for column in columns)
    )


def result_of_steps(cells: RowCells, steps: tuple[ImportedStep, ...]) -> ApplicationResult:
    """Return how the steps left it, where nothing else says so: 一次 ○, 二次 ×. A note says from what that was read.

    A withdrawal at any step counts; a rejection is that of the last step with a result.
    """
    told = [(step, result_of(step.result)) for step in steps if step.result]
    withdrew = next((step for step, result in told if result is ApplicationResult.WITHDREW), None)
    if withdrew is not None:
        cells.note(
            withdrew.name, _l("「%(typed)s」とあるため、辞退として取り込みます。", typed=quoted(withdrew.result))
        )
        return ApplicationResult.WITHDREW
    if told and told[-1][1] is ApplicationResult.REJECTED:
        last = told[-1][0]
        cells.note(last.name, _l("「%(typed)s」とあるため、見送りとして取り込みます。", typed=quoted(last.result)))
        return ApplicationResult.REJECTED
    return ApplicationResult.OPEN


def last_step(steps: tuple[ImportedStep, ...], cells: RowCells) -> str:
    """Return how far a person came, where only the columns of steps tell."""
    count = len(cells.steps())
    return steps[count - 1].name if count and len(steps) >= count else ""


def _assessed(cells: RowCells) -> list[ImportedStep]:
    cells.note_sensitive(Field.EVALUATION)
    found: list[ImportedStep] = []
    for column, typed in (*cells.filled(Field.SCORE), *cells.filled(Field.EVALUATION)):
        score, rest = read_score(typed)
        found.append(ImportedStep(column, score=score, comment=rest))
    if not any(step.score for step in found):
        scores = (read_score(typed)[0] for _column, typed in cells.filled(Field.MEMO) if "評価" in typed)
        if (score := next((score for score in scores if score), None)) is not None:
            found.append(ImportedStep(str(_EVALUATED), score=score))
    return found


def _result_by_reason(cells: RowCells, source: ImportSource) -> ApplicationResult:
    for column, typed in cells.filled(Field.REASON):
        known = result_of(typed, source.results) if source.reason_is_result else None
        if known not in (None, ApplicationResult.OPEN):
            return known
        named = next((result for pattern, result in NAMED_RESULTS if pattern.search(column)), None)
        if named or source.reason_is_result:
            return named or ApplicationResult.REJECTED
    for column, _typed in cells.filled(Field.DECIDED_ON):
        for pattern, result in NAMED_RESULTS:
            if pattern.search(column):
                return result
    return ApplicationResult.OPEN


def _decided(text: str) -> RejectionReason | None:
    return next((reason for label in _labels(text) if (reason := rejection_reason_of(label))), None)


def _labels(text: str) -> list[str]:
    """Return the short ones of the labels in a cell."""
    return [tag for tag in split_tags(text) if _is_label(tag)]


def _is_label(text: str) -> bool:
    return len(text) <= _MAX_REASON and not _SENTENCE.search(text)


def _asks_why(column: str) -> bool:
    return "理由" in column or "reason" in column.lower()


def _named_apart(steps: list[ImportedStep]) -> tuple[ImportedStep, ...]:
    """Cut what is too long, and number steps of the same name: a later file finds each again by its name."""
    named: dict[str, ImportedStep] = {}
    for step in steps:
        name = base = step.name[:_MAX_NAME]
        number = 1
        while name in named:
            number += 1
            name = f"{base}（{number}）"
        named[name] = ImportedStep(name, step.on, step.score, step.result[:100], step.comment[: MAX_LENGTH[Field.STEP]])
    return tuple(named.values())
