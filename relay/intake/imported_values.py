"""One row against what Relay knows of the person: what it may change, and what it leaves alone (invariant 8).

A decision made in Relay is never moved, nor the moment someone was told.
"""

from datetime import date, datetime

from relay import clock
from relay.intake.answers import Answers
from relay.intake.people import (
    OF_APPLICATION,
    OF_COURSE,
    PlannedApplication,
    PlannedCandidate,
    Record,
    apply_basis,
    apply_detail,
    apply_imported_value,
)
from relay.intake.result import ImportRow
from relay.intake.steps import ImportedStep
from relay.models import ApplicationResult, NotifiedBy
from relay.text import name_key, sensitive_words

TAG_KEY = 60
"""How long the key of a tag is kept."""


def apply_row(answers: Answers, person: PlannedCandidate, record: Record, row: ImportRow) -> None:
    """Let one row change what it may, and remember what it brought; an empty cell says nothing."""
    record.at_hand = True
    for name, value in row.facts.items():
        apply_imported_value(person, record, name, value)
    if answers.basis is not None:
        apply_basis(person, record, answers.basis)
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
    if row.result is ApplicationResult.REJECTED and answers.told and application.notified_at is None:
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
        key = name_key(tag)[:TAG_KEY]
        if not key or key in brought or (not answers.words_checked and sensitive_words(tag)):
            continue
        brought.add(key)
        if key not in person.tags:
            person.tags.add(key)
            person.new_tags[key] = (kind, tag)
    if brought:
        record.remember("tags", sorted(brought))


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
