"""The plan of applying a file, worked out in memory: the preview shows it, applying carries it out.

Applications are found again by their id in the source, people by theirs, else by mail with equal name, else by name and
phone (invariant 8); where a birth date, a reading or, behind one phone, a mail address contradicts, HR is asked. An id
of a person says nothing of which application a row speaks. A decision made in Relay is never moved, nor the moment
someone was told.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.retention import GRACE, STRENGTH, last_day, with_grace
from relay.infra.keyed_hash import keyed
from relay.intake.planning.known import (
    KnownCandidates,
    fetch,
    imported_notes,
    keys_of,
    of_several,
    together,
    weigh_steps,
)
from relay.intake.planning.people import (
    OF_APPLICATION,
    OF_COURSE,
    Keys,
    PlannedApplication,
    PlannedCandidate,
    Record,
    apply_basis,
    apply_detail,
    apply_imported_value,
)
from relay.intake.reading.sources import SHEET
from relay.intake.rows.row import ImportRow, Problem, Reading, after
from relay.intake.rows.words import ImportedStep
from relay.models import ApplicationResult, NotifiedBy, RetentionBasis
from relay.text import name_key, sensitive_words
from relay.trust import terms
from relay.trust.terms import RetentionTerms


class Past(StrEnum):
    """The choice for newcomers whose last day has passed already (A-4)."""

    KEEP = "keep"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Answers:
    """Why the people may be kept, and how the rest is to be read."""

    basis: RetentionBasis | None
    """None while nobody has said: then only what does not hang on it is worked out."""
    told: bool = True
    """Whether the rejected were told already, outside Relay."""
    past: Past = Past.KEEP
    words_checked: bool = False
    """Whether memos and tags with words the law keeps out were looked at and belong here (A-22)."""

    @classmethod
    def restored(cls, stored: dict[str, Any]) -> "Answers":
        """Give the answers that a job holds as JSON."""
        return cls(**stored | {"basis": RetentionBasis(stored["basis"]), "past": Past(stored["past"])})


NOTHING_ANSWERED = Answers(None)


def keeps_own_ids(source: str) -> bool:
    """Return whether a source's ids name one application for ever; a hand-kept number may come again elsewhere."""
    return source != SHEET.name


@dataclass
class Plan:
    """The people of a file, by what becomes of them."""

    answers: Answers
    terms: RetentionTerms = field(default_factory=RetentionTerms)
    """The months for which the company keeps people."""
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
    plan = Plan(answers, terms.in_scope(session))
    own_ids = keeps_own_ids(reading.format)
    rows, keys = _by_source_id(reading, plan, own_ids=own_ids)
    person_ids = {one.person_id for one in keys.values()} - {""} if own_ids else ()
    mails = {one.mail for one in keys.values()} - {""}
    phones = {one.phone for one in keys.values()} - {""}
    known = fetch(session, reading.format, list(rows), sorted(person_ids), sorted(mails), sorted(phones))
    people: dict[PlannedCandidate, None] = {}
    for person, record, row in _meet(known, plan, reading.format, rows, keys):
        _apply_row(plan.answers, person, record, row)
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
    return {
        basis: sum(_is_past(plan, person, person.own_basis or basis) for person in newcomers)
        for basis in RetentionBasis
    }


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
    speak of one person each means whom it names itself, else whom another of them names, unless the two contradict.
    """
    for source_id, row in rows.items():
        if source_id in known.by_source:
            person, record = known.by_source[source_id]
            _learn_id(known, person, record, keys[source_id])
            yield person, record, row
    others = {source_id: one for source_id, one in keys.items() if source_id not in known.by_source}
    known.several = of_several(others.values())
    for group in together(others, known.several):
        named = [known.by_comparison_record(keys[source_id]) for source_id in group]
        found = next(filter(None, named), None)
        newcomer: PlannedCandidate | None = None
        for source_id, own in zip(group, named, strict=True):
            row, meant = rows[source_id], own
            if meant is None and found is not None and _may_be(found, keys[source_id]):
                meant = found
            if meant is None:
                meant = newcomer = newcomer or _newcomer(known, plan, row, keys[source_id])
            record = Record(source, source_id, application=_application_for(meant, source, row))
            _learn_id(known, meant, record, keys[source_id])
            yield meant, record, row


def _may_be(found: PlannedCandidate, keys: Keys) -> bool:
    """Return whether a row may mean whom another row of its person names."""
    shares_number = keys.phone != "" and keys.phone == found.keys.phone
    return not (keys.contradicts_behind_number(found.keys) if shares_number else keys.contradicts(found.keys))


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
    if known.is_contradicted(keys):
        message = _l(
            "氏名と電話番号（またはメールアドレス）が同じ、ほかの内容の違う方がいます。別の方として取り込みます。"
            "同じ方かどうか、あとで「重複の可能性」で確認してください。"
        )
        plan.notes.append(Problem(row.row, None, message))
    basis = _basis_of(row, plan.answers.basis) if plan.answers.basis else RetentionBasis.SELECTION
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
    if person.id is not None:
        plan.past += _is_past(plan, person, person.basis)
        if person.redated or (person.retain_until and _moves_on(person)):
            results = [(application.status, application.decided_on) for application in person.applications]
            day = with_grace(last_day(plan.terms, person.basis, results), person.retain_until)
            if day and person.retain_until and person.basis is RetentionBasis.CONSENTED:
                day = max(day, person.retain_until)  # nobody who agreed to twelve months is kept for less by a file
            if day != person.retain_until:
                person.before["retain_until"] = person.retain_until
                person.retain_until = day
                person.changed.add("retain_until")
        (plan.updated if person.touched else plan.unchanged).append(person)
        return
    results = [(application.status, application.decided_on) for application in person.applications]
    person.retain_until = last_day(plan.terms, person.basis, results)
    if person.retain_until and person.retain_until < clock.today():
        plan.past += 1
        person.retain_until = clock.today() + GRACE
        if plan.answers.past is Past.LEAVE:
            plan.left_out.append(person)
            return
    plan.created.append(person)


def _moves_on(person: PlannedCandidate) -> bool:
    """Return whether a selection that runs got further by the file, so that a day set for its silence falls (A-24)."""
    return any(
        one.status is ApplicationResult.OPEN and ("stage" in one.before or one.new_steps or one.changed_steps)
        for one in person.applications
    )


def _is_past(plan: Plan, person: PlannedCandidate, basis: RetentionBasis) -> bool:
    results = [(one.status, one.decided_on) for one in person.applications if one.claimed]
    day = last_day(plan.terms, basis, results)
    return day is not None and day < clock.today()


# one row against what Relay knows of the person (invariant 8)


_MAX_TAG_KEY = 60
"""How long the key of a tag is kept."""
_REMEMBERED = 4_096
"""So many different tags: a file says the same in many of its rows."""


def _apply_row(answers: Answers, person: PlannedCandidate, record: Record, row: ImportRow) -> None:
    """Let one row change what it may, and remember what it brought; an empty cell says nothing."""
    record.at_hand = True
    for name, value in row.facts.items():
        apply_imported_value(person, record, name, value)
    if row.consented is not None:
        own = _basis_of(row, RetentionBasis.SELECTION)
        person.own_basis = max(own, person.own_basis or own, key=STRENGTH.index)
    if answers.basis is not None:
        apply_basis(person, record, _basis_of(row, answers.basis))
    if record.application is None:
        record.application = _new_application(person, row)
    application = record.application
    for name in OF_COURSE:
        apply_detail(application, record, name, getattr(row, name))
    if row.result_said or application.is_new:
        _apply_result(answers, person, application, record, row)
    _apply_reason(application, record, row)
    for owner in (application, person):
        if record not in owner.records:
            owner.records.append(record)
    application.claimed = True
    _apply_tags(answers, person, record, row)
    _apply_memo(answers, person, record, row)
    _apply_steps(answers, application, record, row)


def _basis_of(row: ImportRow, answer: RetentionBasis) -> RetentionBasis:
    """Return why the person of a row may be kept: by their own word where the file holds it, else by HR's answer."""
    if row.consented is None:
        return answer
    return RetentionBasis.CONSENTED if row.consented else RetentionBasis.SELECTION


# applications and how they end


def _new_application(person: PlannedCandidate, row: ImportRow) -> PlannedApplication:
    application = PlannedApplication({name: getattr(row, name) for name in OF_APPLICATION}, changed=True)
    person.applications.append(application)
    person.redated = True
    return application


def _apply_result(
    answers: Answers, person: PlannedCandidate, application: PlannedApplication, record: Record, row: ImportRow
) -> None:
    is_new = application.is_new
    if row.result is ApplicationResult.OPEN and not is_new and "end" not in record.values:
        return  # another file that knows of no end does not reopen what has ended
    if is_new or _moves(application, record, row):
        _result(answers, application, record, row, is_new=is_new)
        person.redated = application.changed = True
    elif _dates(application, record, row):
        application.before.setdefault("decided_on", application.decided_on)
        application.decided_on = row.decided_on
        person.redated = application.changed = True
    record.remember("end", row.result.value)
    if row.decided_on:
        record.remember("decided_on", row.decided_on)


def _moves(application: PlannedApplication, record: Record, row: ImportRow) -> bool:
    """Return whether the file brings another end than before, and the standing one is a file's."""
    brought = {known.values.get("end") for known in application.records}
    is_news = record.values.get("end") != row.result.value and application.status is not row.result
    return is_news and not application.is_fixed and application.status.value in brought


def _dates(application: PlannedApplication, record: Record, row: ImportRow) -> bool:
    """Return whether the file brings the day of an end that a file brought."""
    if row.decided_on is None or application.is_fixed or application.status is not row.result:
        return False
    is_news = record.values.get("decided_on") != row.decided_on.isoformat()
    return is_news and application.decided_on != row.decided_on


def _result(answers: Answers, application: PlannedApplication, record: Record, row: ImportRow, *, is_new: bool) -> None:
    application.before.setdefault("status", application.status)
    application.before.setdefault("decided_on", application.decided_on)
    application.status = row.result
    if row.result is ApplicationResult.OPEN:
        application.decided_on = None
        if application.notified_at and record.values.get("told") == application.notified_at.isoformat():
            application.notified_at = application.notified_by = None
        return
    known_day = row.applied_on if is_new else None
    application.decided_on = row.decided_on or known_day or clock.today()
    told = answers.told if row.told is None else row.told
    if row.result is ApplicationResult.REJECTED and told and application.notified_at is None:
        application.notified_at, application.notified_by = _notified_at(application.decided_on), NotifiedBy.ELSEWHERE
        application.newly_notified = True
        record.remember("told", application.notified_at.isoformat())


def _notified_at(decided_on: date) -> datetime:
    return min(clock.end_of_day(decided_on), clock.now().replace(microsecond=0))


def _apply_reason(application: PlannedApplication, record: Record, row: ImportRow) -> None:
    """Take the reason of a rejection, where the rejection is a file's; a selection taken up again forgets it."""
    if application.is_fixed:
        return
    if application.status is ApplicationResult.REJECTED:
        apply_detail(application, record, "reason", row.reason)
    elif application.facts["reason"] is not None:
        application.before.setdefault("reason", application.facts["reason"])
        application.facts["reason"] = None
        record.remember("reason", None)


# labels and memos


def _apply_tags(answers: Answers, person: PlannedCandidate, record: Record, row: ImportRow) -> None:
    brought = set(record.values.get("tags", ()))
    for kind, tag in row.tags:
        key = _tag_key(tag)
        if not key or key in brought or (not answers.words_checked and sensitive_words(tag)):
            continue
        brought.add(key)
        if key not in person.tags:
            person.tags.add(key)
            person.new_tags[key] = (kind, tag)
    if brought:
        record.remember("tags", sorted(brought))


@lru_cache(maxsize=_REMEMBERED)  # tricks: import
def _tag_key(tag: str) -> str:
    return name_key(tag)[:_MAX_TAG_KEY]


def _apply_memo(answers: Answers, person: PlannedCandidate, record: Record, row: ImportRow) -> None:
    before = record.values.get("memo", "")
    if not row.memo or row.memo == before or (not answers.words_checked and sensitive_words(row.memo)):
        return
    if before:
        person.changed_notes[before] = row.memo
    elif row.memo not in person.new_notes:
        person.new_notes.append(row.memo)
    record.remember("memo", row.memo)


# the selection as it went


def _apply_steps(answers: Answers, application: PlannedApplication, record: Record, row: ImportRow) -> None:
    """Take steps that are new, and let this file's own earlier word about a step be put right.

    A step this file no longer names stays; what HR changed or removed meanwhile is looked up once for all.
    """
    before = {stored[0]: ImportedStep.restored(stored) for stored in record.values.get("steps", ())}
    brought = dict(before)
    for step in row.steps:
        if not answers.words_checked and sensitive_words(step.comment):
            continue
        earlier = before.get(step.name)
        if earlier is None:
            application.new_steps.append(step)
        elif earlier != step:
            application.corrected_steps.append((earlier, step))
        brought[step.name] = step
    if brought:
        record.remember("steps", [step.stored() for step in brought.values()])
