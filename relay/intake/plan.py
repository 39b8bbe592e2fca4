"""The plan of applying a file, worked out in memory: the preview shows it, applying carries it out.

Applications are found again by their id in the source, people by theirs, else by mail with equal name, else by name and
phone (invariant 8). An id of a person says nothing of which application a row speaks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from relay import clock
from relay.intake.answers import Answers, Past
from relay.intake.imported_values import apply_row
from relay.intake.known import KnownCandidates, fetch, imported_notes, weigh_steps
from relay.intake.matching import Keys, keys_of, together
from relay.intake.people import PlannedApplication, PlannedCandidate, Record
from relay.intake.result import ImportRow, Problem, Reading, after
from relay.intake.sources import SHEET
from relay.mail.hashing import keyed
from relay.models import RetentionBasis
from relay.pool.retention import GRACE, last_day, with_grace
from relay.text import name_key, sensitive_words


def keeps_own_ids(source: str) -> bool:
    """Return whether a source's ids name one application for ever; a hand-kept number may come again elsewhere."""
    return source != SHEET.name


@dataclass
class Plan:
    """The people of a file, by what becomes of them."""

    answers: Answers
    created: list[PlannedCandidate] = field(default_factory=list)
    updated: list[PlannedCandidate] = field(default_factory=list)
    unchanged: list[PlannedCandidate] = field(default_factory=list)
    left_out: list[PlannedCandidate] = field(default_factory=list)
    past: int = 0
    """How many people of the file are past their last day by what the file says."""
    pairs: int = 0
    """How many newcomers share their mail address with someone of another name."""
    notes: list[Problem] = field(default_factory=list)

    @property
    def people(self) -> list[PlannedCandidate]:
        """Everyone whom applying writes about."""
        return self.created + self.updated + self.unchanged


def draw(session: Session, reading: Reading, answers: Answers) -> Plan:
    """Work out what the file would do, in the scope of its company. Writes nothing."""
    plan = Plan(answers)
    own_ids = keeps_own_ids(reading.format)
    rows, keys = _by_source_id(reading, plan, own_ids=own_ids)
    person_ids = {one.person_id for one in keys.values()} - {""} if own_ids else ()
    mails = {one.mail for one in keys.values()} - {""}
    phones = {one.phone for one in keys.values()} - {""}
    known = fetch(session, reading.format, list(rows), sorted(person_ids), sorted(mails), sorted(phones))
    people: dict[PlannedCandidate, None] = {}
    for person, record, row in _meet(known, plan, reading.format, rows, keys):
        apply_row(plan.answers, person, record, row)
        known.place(person)
        person.rows.append(row.row)
        people[person] = None
    _keep_only_untouched_notes(session, people)
    weigh_steps(session, (one for person in people for one in person.applications))
    for person in people:
        _sort(plan, person)
    return plan


def checked_words(row: ImportRow) -> bool:
    """Return whether the row's memo, tags or evaluations hold words the law keeps out (A-22)."""
    free = (row.memo, *(tag for _kind, tag in row.tags), *(step.comment for step in row.steps))
    return any(map(sensitive_words, free))


def past_by_basis(plan: Plan) -> dict[RetentionBasis, int]:
    """Give for each answer how many newcomers would be past their last day already."""
    newcomers = plan.created + plan.left_out
    return {basis: sum(_is_past(person, basis) for person in newcomers) for basis in RetentionBasis}


# rows


def _by_source_id(reading: Reading, plan: Plan, *, own_ids: bool) -> tuple[dict[str, ImportRow], dict[str, Keys]]:
    """Return each row, and what it is compared by, under the id by which the same file finds it again.

    Of two rows for one application the later counts.
    """
    rows: dict[str, ImportRow] = {}
    keys: dict[str, Keys] = {}
    for row in reading.rows:
        own = keys_of(row, own_ids=own_ids)
        source_id = row.source_id if row.source_id and own_ids else _source_id(row, own)
        if (earlier := rows.get(source_id)) is not None:
            message = _l(
                "%(row)s行目と同じ方の同じ応募です。あとに書かれたこの行の内容を取り込みます。", row=earlier.row
            )
            plan.notes.append(Problem(row.row, None, message))
            row = after(earlier, row)  # noqa: PLW2901  (the two rows are one from here on)
            own = keys_of(row, own_ids=own_ids)
        rows[source_id], keys[source_id] = row, own
    return rows, keys


def _source_id(row: ImportRow, keys: Keys) -> str:
    """Return the id of a row that brings none, or one that the next file gives to another person."""
    who = row.source_id or row.person_id or keys.mail or keys.phone
    day = row.applied_on.isoformat() if row.applied_on else ""
    return keyed("import", "\x00".join((who, keys.name, name_key(row.position), day)))


def _meet(
    known: KnownCandidates, plan: Plan, source: str, rows: dict[str, ImportRow], keys: dict[str, Keys]
) -> Iterator[tuple[PlannedCandidate, Record, ImportRow]]:
    """Give each row with whom it speaks of.

    Rows known by their source id come first, because taking them up may change how others are found. Of rows that
    speak of one person each means whom it names itself, else whom another of them names.
    """
    for source_id, row in rows.items():
        if source_id in known.by_source:
            person, record = known.by_source[source_id]
            _learn_id(known, person, record, keys[source_id])
            yield person, record, row
    for group in together({source_id: one for source_id, one in keys.items() if source_id not in known.by_source}):
        named = [known.by_comparison_record(keys[source_id]) for source_id in group]
        meant = next(filter(None, named), None) or _newcomer(known, plan, rows[group[0]], keys[group[0]])
        for source_id, own in zip(group, named, strict=True):
            person, row = own or meant, rows[source_id]
            record = Record(source, source_id, application=_application_for(person, source, row))
            _learn_id(known, person, record, keys[source_id])
            yield person, record, row


def _learn_id(known: KnownCandidates, person: PlannedCandidate, record: Record, keys: Keys) -> None:
    """Remember what the source calls the person; an id that holds only beside a name is not remembered."""
    if keys.person_id and not keys.is_by_name:
        record.changed = record.changed or record.person_id != keys.person_id
        record.person_id = keys.person_id
        known.by_person_id.setdefault(keys.person_id, person)


def _newcomer(known: KnownCandidates, plan: Plan, row: ImportRow, keys: Keys) -> PlannedCandidate:
    if keys.mail and known.names_of_mail.get(keys.mail, set()) - {keys.name}:
        plan.pairs += 1
        message = _l(
            "同じメールアドレスで、別の氏名の方がいます。別の方として取り込みます。同じ方かどうか、あとで確認してください。"
        )
        plan.notes.append(Problem(row.row, None, message))
    basis = plan.answers.basis or RetentionBasis.SELECTION
    return PlannedCandidate(dict(row.facts), basis, known_keys=keys)


def _application_for(person: PlannedCandidate, source: str, row: ImportRow) -> PlannedApplication | None:
    """Return the application another file told of already: the same position, and no other day."""
    for application in person.applications:
        if application.claimed or _has_another_id(application, source, row):
            continue
        days = {application.facts["applied_on"], row.applied_on} - {None}
        if name_key(application.facts["position"]) == name_key(row.position) and len(days) < 2:
            return application
    return None


def _has_another_id(application: PlannedApplication, source: str, row: ImportRow) -> bool:
    """Tell whether the source called the application otherwise before; under the person's id older versions kept it."""
    if not row.source_id or not keeps_own_ids(source):
        return False
    return any(one.source == source and one.source_id != row.person_id for one in application.records)


def _keep_only_untouched_notes(
    session: Session, people: Sequence[PlannedCandidate] | dict[PlannedCandidate, None]
) -> None:
    """Leave out a memo that HR changed or removed since: it is not written again."""
    asked = {person.id: person for person in people if person.changed_notes and person.id is not None}
    notes = imported_notes(session, asked) if asked else {}
    for candidate_id, person in asked.items():
        standing = {body for _id, body in notes.get(candidate_id, ())}
        person.changed_notes = {old: new for old, new in person.changed_notes.items() if old in standing}


# what becomes of whom


def _sort(plan: Plan, person: PlannedCandidate) -> None:
    is_past = _is_past(person, person.basis)
    plan.past += is_past
    if person.id is not None:
        if person.redated:
            results = [(application.status, application.decided_on) for application in person.applications]
            day = with_grace(last_day(person.basis, results), person.retain_until)
            if day and person.retain_until and person.basis is RetentionBasis.CONSENTED:
                day = max(day, person.retain_until)  # nobody who agreed to twelve months is kept for less by a file
            if day != person.retain_until:
                person.before["retain_until"] = person.retain_until
                person.retain_until = day
                person.changed.add("retain_until")
        (plan.updated if person.touched else plan.unchanged).append(person)
        return
    results = [(application.status, application.decided_on) for application in person.applications]
    person.retain_until = last_day(person.basis, results)
    if is_past:
        person.retain_until = clock.today() + GRACE
        if plan.answers.past is Past.LEAVE:
            plan.left_out.append(person)
            return
    plan.created.append(person)


def _is_past(person: PlannedCandidate, basis: RetentionBasis) -> bool:
    results = [(one.status, one.decided_on) for one in person.applications if one.claimed]
    day = last_day(basis, results)
    return day is not None and day < clock.today()
