"""Reading the selection in a row: how it ended and why, its steps, its labels."""

import re
from collections.abc import Iterable
from datetime import date

from flask_babel import lazy_gettext as _l

from relay.intake.cells import RowCells
from relay.intake.facts import note_sensitive
from relay.intake.fields import MAX_LENGTH, Field
from relay.intake.sources import SHEET, ImportSource
from relay.intake.steps import ImportedStep, read_score, read_step
from relay.intake.words import is_spoken_result, rejection_reason_of, result_of, split_tags, tag_kind
from relay.models import ApplicationResult, RejectionReason, TagKind
from relay.text import clean, quoted
from relay.text.decoration import PlainName

_NAMED_RESULTS = (
    (re.compile("辞退"), ApplicationResult.WITHDREW),
    (re.compile("見送り|不採用|不合格|お祈り|reject", re.IGNORECASE), ApplicationResult.REJECTED),
    (re.compile("入社|内定承諾|hired", re.IGNORECASE), ApplicationResult.HIRED),
)
_ASIDE = re.compile(r"\s*[（(][^（()）]*[)）]$")
_MAX_REASON = 20
_MAX_NAME = 90
_SENTENCE = re.compile("[。．.!！?？]")
_EVALUATED = _l("評価")


def read_result(cells: RowCells, source: ImportSource) -> ApplicationResult:
    """Return how the application ended. A word nobody knows is in selection, and noted.

    Where no column states it, a reason or a day does: 辞退理由, 不合格日. A reason may say that the person withdrew.
    """
    results = [(column, typed, result_of(typed, source.results)) for column, typed in cells.filled(Field.RESULT)]
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
            cells.note(
                column,
                _l("「%(typed)s」がどの結果にあたるか読み取れません。選考中として取り込みます。", typed=quoted(typed)),
            )
    silent = not results and (source.reason_is_result or cells.column(Field.RESULT) is None)
    return _result_by_reason(cells, source) if silent else ApplicationResult.OPEN


def says_how_it_stands(cells: RowCells, source: ImportSource) -> bool:
    """Return whether a cell says how the application goes, be it that it goes on; an empty or unknown one does not."""
    return any(result_of(typed, source.results) is not None for _column, typed in cells.filled(Field.RESULT))


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
    asked = [(column, typed) for column, typed in cells.filled(Field.RESULT) if _asks_why(column)]
    why = [(column, typed) for column, typed in asked if result_of(typed) is None or not _is_label(typed)]
    return cells.filled(Field.REASON) + why


def read_tags(cells: RowCells) -> tuple[tuple[TagKind, str], ...]:
    """Return the tags with their kinds, each once: labels, short reasons of a rejection, skills."""
    note_sensitive(cells, Field.TAGS, Field.SKILLS)
    found: dict[str, TagKind] = {}
    for column, typed in cells.filled(Field.TAGS):
        for tag in split_tags(typed):
            found.setdefault(cells.cut(Field.TAGS, clean(tag), column), tag_kind(tag))
    for column, typed in read_reasons(cells):
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
    if reasons := read_reasons(cells):
        name = _ASIDE.sub("", reasons[0][0]) or reasons[0][0]
        found.append(ImportedStep(name, decided_on, comment="\n".join(typed for _column, typed in reasons)))
    return _named_apart(found)


def left_to_steps(cells: RowCells, source: ImportSource) -> bool:
    """Return whether only the steps can say how it ended: no column does, or a hand-kept sheet's reason is empty.

    A system that leaves its 選考終了理由 empty says that the selection goes on.
    """
    columns = cells.columns(Field.RESULT)
    return not columns or (source is SHEET and not cells.filled(Field.RESULT) and all(map(_asks_why, columns)))


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
    note_sensitive(cells, Field.EVALUATION)
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
        named = next((result for pattern, result in _NAMED_RESULTS if pattern.search(column)), None)
        if named or source.reason_is_result:
            return named or ApplicationResult.REJECTED
    for column, _typed in cells.filled(Field.DECIDED_ON):
        for pattern, result in _NAMED_RESULTS:
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
