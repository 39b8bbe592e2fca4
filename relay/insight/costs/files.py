"""A file of costs: read in the limited process, looked at, applied whole or not at all, taken back by one act.

A sum of the file takes the place of the one that is there for its month, kind and channel, and the look before says
which; so the same file twice changes nothing, and two files never add up unseen. Of a file that waits, its sums are
kept for a day; of one with problems, nothing.
"""

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from threading import BoundedSemaphore
from typing import IO, Any, NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.infra import limited
from relay.infra.limited import Limits
from relay.insight.costs import file_reading, months
from relay.insight.costs.file_reading import MAX_BYTES
from relay.insight.costs.months import CostKey, CostRefused
from relay.intake.reading.refusals import MEGABYTE, FileRefused, FileTooLarge, ReadingAnother
from relay.models import Cost, CostFile, CostFileState, CostKind, EventTag, User, event_data, record, scopes
from relay.text import Sentence, fold, quoted

READER = file_reading.__name__
"""The module that the limited process loads."""
_LIMITS = Limits(memory=1 << 30, written=MEGABYTE, processor=4, clock=4)
AT_ONCE = 2
WAITS = timedelta(days=1)
MAX_WAITING = 5
"""Files of a company that wait for a look; the oldest goes where one more comes."""
LISTED = 10
_NAMED = 5
_places = BoundedSemaphore(AT_ONCE)


class FileProblems(DomainError):
    """Raise for a file in which cells have to be put right; nothing of it was kept."""

    code = "cost-file-problems"
    message = _l("読み取れない箇所があります。何も取り込んでいません。元のファイルを修正して、選び直してください。")

    def __init__(self, problems: Sequence["Remark"], count: int) -> None:
        super().__init__()
        self.problems, self.count = problems, count


class CostsChangedSince(DomainError):
    """Raise where sums that a file brought were changed since; nothing is taken back."""

    code = "cost-file-changed-since"

    def __init__(self, names: Sequence[str], count: int) -> None:
        shown = "、".join(names)
        super().__init__(
            _l(
                "取り込んだあとに変わった金額があるため、取り消しませんでした（%(names)s）。何も変更していません。",
                names=shown,
            )
            if count <= len(names)
            else _l(
                "取り込んだあとに変わった金額があるため、取り消しませんでした（%(names)sほか、あわせて%(count)s件）。"
                "何も変更していません。",
                names=shown,
                count=count,
            )
        )


class Unanswered(CostRefused):
    """Raise where a file is applied without an answer to what only a person can say of it."""

    code = "cost-file-unanswered"
    message = _l("質問にお答えいただいていないため、取り込んでいません。")


class Remark(NamedTuple):
    """A word about one row of the file, as a spreadsheet numbers it; row 0 is the whole file."""

    row: int
    column: str
    message: str


@dataclass(frozen=True)
class CostReading:
    """A file that waits, as it was read, with the questions that only a person can answer."""

    kept: Mapping[str, Any]

    @property
    def amounts(self) -> Sequence[str]:
        """Return the headers of the columns of sums where there are several: 税抜金額 and 税込金額."""
        names: list[str] = self.kept["amounts"]
        return names if len(names) > 1 else ()

    @property
    def kinds(self) -> dict[str, CostKind | None]:
        """Return each word that means a kind; None where a person has to say which. '' is a row without a word."""
        return {word: CostKind(kind) if kind else None for word, kind in self.kept["kinds"].items()}

    @property
    def strange(self) -> list[str]:
        """Return the words whose kind a person has to say."""
        return [word for word, kind in self.kinds.items() if kind is None]

    @property
    def notes(self) -> list[Remark]:
        """Return what is worth knowing of the file."""
        return [Remark(*note) for note in self.kept["notes"]]

    @property
    def dropped(self) -> list[str]:
        """Return the headers of the columns that were not read."""
        return list(self.kept["dropped"])

    @property
    def sheet(self) -> str:
        """Return the name of the sheet, '' of a file without any."""
        return str(self.kept["sheet"])

    @property
    def header_row(self) -> int:
        """Return the row of the headers."""
        return int(self.kept["header_row"])


@dataclass(frozen=True)
class FileAnswers:
    """The answers of a person about a file: which column of sums, and the kind of each strange word."""

    amount: int | None = None
    kinds: Mapping[str, CostKind] | None = None


class PlannedCost(NamedTuple):
    """A sum as the file would make it: from which rows, and what is there now."""

    key: CostKey
    rows: tuple[int, ...]
    yen: int
    before: int | None

    @property
    def is_new(self) -> bool:
        """Return whether nothing is there for this month, kind and channel."""
        return self.before is None

    @property
    def is_same(self) -> bool:
        """Return whether the very sum is there already."""
        return self.before == self.yen


@dataclass(frozen=True)
class CostPlan:
    """The effect of applying a file: sums that change, then those that are new, then those that stay."""

    costs: Sequence[PlannedCost]
    typed_by_hire: Mapping[date, int]
    """Months in which the file brings agency fees, and fees were typed hire by hire: they may be the same money."""

    @property
    def added(self) -> int:
        """Return how many sums are new."""
        return sum(each.is_new for each in self.costs)

    @property
    def changed(self) -> int:
        """Return how many sums take the place of another."""
        return sum(not each.is_new and not each.is_same for each in self.costs)

    @property
    def total(self) -> int:
        """Return the yen of all sums of the file."""
        return sum(each.yen for each in self.costs)


class ListedFile(NamedTuple):
    """A file as a list shows it."""

    id: int
    state: CostFileState
    added: int
    changed: int
    at: Any
    by: str


# a file comes


def receive(session: Session, company_id: int, sent: IO[bytes], *, sheet: str = "", by_user_id: int | None) -> CostFile:
    """Read a file and keep its sums for a look, in the caller's transaction.

    `sheet` names one of several of a workbook. The file is read before anything is written. Raises FileRefused and
    FileProblems, and then nothing is kept.
    """
    told = _told(sent, sheet.strip())
    problems, count = [Remark(*each) for each in told["problems"]], told["problem_count"]
    for row, month, _word, _channel, _yen in told["sums"]:
        try:
            months.refuse_beyond_bounds(date.fromisoformat(month), CostKind.OTHER, "", 0)
        except CostRefused as refused:
            problems.append(Remark(row, "", str(refused)))
            count += 1
    if count:
        raise FileProblems(problems[: file_reading.MAX_REMARKS], count)
    with scopes.company(session, company_id):
        months.hold(session, company_id)
        _make_room(session)
        reading = {name: told[name] for name in ("sums", "amounts", "kinds", "notes", "dropped", "sheet", "header_row")}
        row = CostFile(state=CostFileState.PREVIEWED, reading=reading, by_user_id=by_user_id, created_at=clock.now())
        session.add(row)
        session.flush()
    return row


def _told(sent: IO[bytes], sheet: str) -> Any:
    """Return what the limited process read. Raises FileRefused."""
    if os.fstat(sent.fileno()).st_size > MAX_BYTES:
        raise FileTooLarge(megabytes=MAX_BYTES // MEGABYTE)
    if not _places.acquire(blocking=False):
        raise ReadingAnother
    try:
        sent.seek(0)
        limited.wait_until_ready(READER)
        told = limited.run(READER, "read", [sent], _LIMITS, sheet=sheet)
    except limited.Ended as error:
        raise FileRefused(file_reading.UNREADABLE) from error
    finally:
        _places.release()
    if "refused" in told:
        raise FileRefused(told["refused"])
    return told


def _make_room(session: Session) -> None:
    """Drop files whose day is over, and the oldest of too many."""
    waiting = CostFile.state == CostFileState.PREVIEWED
    session.execute(delete(CostFile).where(waiting, CostFile.created_at <= clock.now() - WAITS))
    newest = session.scalars(select(CostFile.id).where(waiting).order_by(CostFile.id.desc())).all()
    session.execute(delete(CostFile).where(CostFile.id.in_(newest[MAX_WAITING - 1 :])))


# a look at it


def plan(session: Session, row: CostFile, answers: FileAnswers) -> CostPlan | None:
    """Return what applying a waiting file would do, by these answers; None where one is missing.

    Raises SumOutOfReach where rows of one month, kind and channel add up to more than a month may cost.
    """
    reading, kinds = CostReading(row.reading), dict(answers.kinds or {})
    if (reading.amounts and answers.amount not in range(len(reading.amounts))) or set(reading.strange) - kinds.keys():
        return None
    meant = {word: kind or kinds[word] for word, kind in reading.kinds.items()}
    spelled = _spellings(session)
    rows: dict[CostKey, list[tuple[int, int]]] = defaultdict(list)
    for number, month, word, channel, yen in row.reading["sums"]:
        amount = yen[answers.amount if reading.amounts and answers.amount is not None else 0]
        if amount is not None:
            name = spelled.get(fold(channel), channel)
            rows[CostKey(date.fromisoformat(month), meant[word or channel], name)].append((number, amount))
    now = _now(session, {key.month for key in rows})
    costs = []
    for key, found in rows.items():
        yen = sum(amount for _number, amount in found)
        months.refuse_beyond_bounds(*key, yen)
        before = now.get(key)
        costs.append(
            PlannedCost(
                key, tuple(dict.fromkeys(number for number, _yen in found)), yen, before.yen if before else None
            )
        )
    costs.sort(
        key=lambda each: (each.is_same, each.is_new, each.key.month, list(CostKind).index(each.key.kind), each.key)
    )
    fees = {key.month for key in rows if key.kind is CostKind.AGENCY_FEE}
    return CostPlan(costs, months.fees_of_hires(session, sorted(fees)))


_KINDS = (
    select(Cost.channel, Cost.kind)
    .where(Cost.channel.in_(bindparam("words", expanding=True)), Cost.channel != "")
    .distinct()
)
_USED = select(Cost.channel).where(Cost.month >= bindparam("since")).distinct()
_NOW = select(Cost).where(Cost.month.in_(bindparam("months", expanding=True)), Cost.of_hire.is_(False))


def usual_kinds(session: Session, words: Collection[str]) -> dict[str, CostKind]:
    """Return the kind of each channel that so far was one kind only, for the question about it."""
    rows = session.execute(_KINDS, {"words": list(words)})
    found: dict[str, list[CostKind]] = defaultdict(list)
    for channel, kind in rows:
        found[channel].append(kind)
    return {channel: kinds[0] for channel, kinds in found.items() if len(kinds) == 1}


def _spellings(session: Session) -> dict[str, str]:
    """Return how the company writes the channels it knows, by their folded form: the indeed of a file is its Indeed."""
    used = session.scalars(_USED, {"since": months.last_months(2 * months.YEAR)[0]})
    return {fold(channel): channel for channel in (*months.recent_channels(session), *used)}


def _now(session: Session, of: Iterable[date]) -> dict[CostKey, Cost]:
    """Return the sums of these months as they are, fees of single hires left out."""
    rows = session.scalars(_NOW, {"months": sorted(of)})
    return {CostKey(row.month, row.kind, row.channel): row for row in rows}


# applying, discarding, taking back


def apply(session: Session, row: CostFile, answers: FileAnswers, *, by_user_id: int | None) -> bool:
    """Apply a waiting file as a whole, in the company's scope; returns False where it is applied or gone already.

    Raises Unanswered.
    """
    months.hold(session, row.company_id)
    found = _locked(session, row.id)
    if found is None or found.state is not CostFileState.PREVIEWED:
        return False
    planned = plan(session, found, answers)
    if planned is None:
        raise Unanswered
    now = _now(session, {each.key.month for each in planned.costs})
    changes: list[list[Any]] = []
    for each in planned.costs:
        if each.is_same:
            continue
        cost = now.get(each.key)
        before = (None, None) if cost is None else (cost.yen, cost.file_id)
        if cost is None:
            cost = Cost(month=each.key.month, kind=each.key.kind, channel=each.key.channel)
            session.add(cost)
        cost.yen, cost.file_id, cost.by_user_id, cost.changed_at = each.yen, found.id, by_user_id, clock.now()
        changes.append([each.key.month.isoformat(), each.key.kind.value, each.key.channel, *before, each.yen])
    found.state, found.applied_at, found.reading, found.changes = CostFileState.APPLIED, clock.now(), {}, changes
    found.added, found.changed, found.by_user_id = planned.added, planned.changed, by_user_id
    session.flush()
    _note(session, EventTag.COST_FILE_APPLIED, found)
    return True


def discard(session: Session, row: CostFile) -> bool:
    """Drop a file that waits; one that was applied stays."""
    found = _locked(session, row.id)
    if found is None or found.state is not CostFileState.PREVIEWED:
        return False
    session.delete(found)
    session.flush()
    return True


def take_back(session: Session, row: CostFile, *, by_user_id: int | None) -> bool:
    """Put every sum back as it was before the file, in the company's scope; returns False where that was done already.

    Raises CostsChangedSince, naming them, where a sum was typed or brought again since.
    """
    months.hold(session, row.company_id)
    found = _locked(session, row.id)
    if found is None or found.state is not CostFileState.APPLIED:
        return False
    now = _now(session, {date.fromisoformat(each[0]) for each in found.changes})
    changed = []
    for month, kind, channel, _before, _file, after in found.changes:
        key = CostKey(date.fromisoformat(month), CostKind(kind), channel)
        cost = now.get(key)
        if cost is None or cost.file_id != found.id or cost.yen != after:
            changed.append(key)
    if changed:
        raise CostsChangedSince([str(name_of(key)) for key in changed[:_NAMED]], len(changed))
    for month, kind, channel, before, file_id, _after in found.changes:
        cost = now[CostKey(date.fromisoformat(month), CostKind(kind), channel)]
        if before is None:
            session.delete(cost)
        else:
            cost.yen, cost.file_id, cost.by_user_id, cost.changed_at = before, file_id, by_user_id, clock.now()
    found.state, found.undone_at, found.undone_by_user_id = CostFileState.UNDONE, clock.now(), by_user_id
    session.flush()
    _note(session, EventTag.COST_FILE_UNDONE, found)
    return True


_ONE = select(CostFile).where(CostFile.id == bindparam("file"))


def find(session: Session, file_id: int) -> CostFile | None:
    """Return a file of the company in scope."""
    return session.scalars(_ONE, {"file": file_id}).one_or_none()


_LISTED = (
    select(CostFile, User.name)
    .outerjoin(User, User.id == CostFile.by_user_id)
    .order_by(CostFile.id.desc())
    .limit(LISTED)
)


def listed(session: Session) -> list[ListedFile]:
    """Return the newest files that came, but for those whose day is over."""
    rows = session.execute(_LISTED)
    over = clock.now() - WAITS
    return [
        ListedFile(row.id, row.state, row.added, row.changed, row.applied_at or row.created_at, name or "")
        for row, name in rows
        if row.state is not CostFileState.PREVIEWED or row.created_at > over
    ]


def name_of(key: CostKey) -> Sentence:
    """Return a month, kind and channel as people read them."""
    values = {"year": key.month.year, "month": key.month.month, "kind": key.kind.label}
    if not key.channel:
        return _l("%(year)s年%(month)s月の%(kind)s", **values)
    return _l("%(year)s年%(month)s月の%(channel)s（%(kind)s）", **values, channel=quoted(key.channel))


def _locked(session: Session, file_id: int) -> CostFile | None:
    wanted = select(CostFile).where(CostFile.id == file_id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def _note(session: Session, tag: EventTag, row: CostFile) -> None:
    data = event_data.CostFileNoted(added=row.added, changed=row.changed)
    record(session, tag, company_id=row.company_id, subject=("cost-file", row.id), data=data)
