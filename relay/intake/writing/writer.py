"""The rows of a plan, written by the thousand: people, applications, labels, memos, what was brought, search, log.

Last come the pairs for review from a file's own word 重複.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import tags
from relay.candidates.duplicates import pairs
from relay.hiring.positions import find_or_make_all
from relay.indexing import search_rows
from relay.intake.planning.known import chunks, imported_notes
from relay.intake.planning.people import Keys, PlannedApplication, PlannedCandidate, Record
from relay.intake.planning.plan import Plan
from relay.intake.rows.words import ImportedStep
from relay.models import (
    Application,
    ApplicationResult,
    ApplicationStep,
    Candidate,
    CandidateTag,
    Event,
    EventTag,
    Note,
    Position,
    SourceRecord,
    Tag,
    acting,
    event_data,
)
from relay.models.inserting import insert_rows
from relay.models.journal import Recorder
from relay.text import kana_key
from relay.tokens import new_erasure_key

Prepared = dict[int, dict[str, Any]]
"""The search row of each row's person, by the row's number, as if it were the only word about them."""
MANY = 200
"""From so many new people on, the database is told to look at its tables anew."""


class PlanWriter:
    """One plan being written, in the company's scope and the caller's transaction."""

    def __init__(
        self, session: Session, company_id: int, import_id: int, by_user_id: int | None, recorder: Recorder
    ) -> None:
        self._session = session
        self._company_id = company_id
        self._import_id = import_id
        self._by_user_id = by_user_id
        self._recorder = recorder
        self._now = clock.now()

    def write(self, plan: Plan, prepared: Prepared | None) -> None:
        """Write everything the plan says; parents before children. Without `prepared` the search rows come later."""
        created = sorted(plan.created, key=_came_on)  # ids rise with time: the newest applicant leads the list
        self._insert_people(created)
        self._update_people([person for person in plan.updated if person.changed])
        self._write_applications(plan.people)
        self._write_tags([person for person in plan.people if person.new_tags])
        self._write_notes(plan.people)
        self._write_steps(plan.people)
        self._write_records(plan.people)
        if prepared is not None:
            self._write_search(created, plan.updated, prepared)
        self._log(EventTag.CANDIDATE_ADDED, created)
        self._log(EventTag.CANDIDATE_CHANGED, plan.updated)
        if len(created) >= MANY:
            self._refresh_statistics()

    def _refresh_statistics(self) -> None:
        """Let PostgreSQL look at the tables now: until it does so by itself, a minute later, it takes them for empty.

        It then compares every person of a list with every application. SQLite is told daily (`worker.upkeep`).
        """
        if self._session.get_bind().dialect.name == "postgresql":
            self._session.execute(text("ANALYZE applications, candidate_orders, candidates, listed_applications"))

    def _insert_people(self, people: Sequence[PlannedCandidate]) -> None:
        rows = [_columns(person) | self._stamp | {"erasure_key": new_erasure_key()} for person in people]
        for person, candidate_id in zip(people, self._insert_named(Candidate, rows), strict=True):
            person.id = candidate_id

    def _update_people(self, people: Sequence[PlannedCandidate]) -> None:
        by_id = {person.id: person for person in people if person.id is not None}
        self._recorder.will_change(Candidate, by_id)
        for part in chunks(by_id):
            for candidate in self._session.scalars(select(Candidate).where(Candidate.id.in_(part))):
                for name, value in _columns(by_id[candidate.id]).items():
                    setattr(candidate, name, value)
                candidate.updated_at = self._now
            self._session.flush()

    def _write_applications(self, people: Iterable[PlannedCandidate]) -> None:
        owned = [(person, one) for person in people for one in person.applications if one.changed]
        positions: dict[str, int] = {}
        for part in chunks(dict.fromkeys(one.facts["position"] for _person, one in owned)):
            found = find_or_make_all(self._session, part)
            positions |= {title: position.id for title, position in found.items()}
            self._recorder.made(Position, [one.id for one in found.values() if one.created_at >= self._now])
        new = [(person, one) for person, one in owned if one.id is None]
        rows = [_details(one, positions) | {"candidate_id": person.id} | self._stamp for person, one in new]
        for (_person, one), application_id in zip(new, self._insert_named(Application, rows), strict=True):
            one.id = application_id
        inserted = {one for _person, one in new}
        self._update_applications([one for _person, one in owned if one not in inserted], positions)

    def _update_applications(self, changed: Sequence[PlannedApplication], positions: dict[str, int]) -> None:
        by_id = {one.id: one for one in changed if one.id is not None}
        self._recorder.will_change(Application, by_id)
        for part in chunks(by_id):
            for application in self._session.scalars(select(Application).where(Application.id.in_(part))):
                for name, value in _details(by_id[application.id], positions).items():
                    setattr(application, name, value)
                application.updated_at = self._now
            self._session.flush()

    def _write_tags(self, people: Sequence[PlannedCandidate]) -> None:
        wanted = {key: named for person in people for key, named in person.new_tags.items()}
        ids: dict[str, int] = {}
        for part in chunks(wanted):
            found = select(Tag.name_key, Tag.id).where(Tag.name_key.in_(part))
            ids |= dict(self._session.execute(found).all())
        for key, (kind, name) in wanted.items():
            if key not in ids:
                ids[key] = tags.find_or_make(self._session, name, kind=kind, confirmed=True).id
                self._recorder.made(Tag, [ids[key]])
        self._insert_named(
            CandidateTag,
            [
                {"candidate_id": person.id, "tag_id": ids[key], "at": self._now, "by_user_id": self._by_user_id}
                for person in people
                for key in person.new_tags
            ],
        )

    def _write_notes(self, people: Sequence[PlannedCandidate]) -> None:
        rows = [
            {"candidate_id": person.id, "body": body, "imported": True, "at": self._now, "by_user_id": self._by_user_id}
            for person in people
            for body in person.new_notes
        ]
        self._insert_named(Note, rows)
        changed = {person.id: person.changed_notes for person in people if person.id and person.changed_notes}
        texts: dict[int, str] = {}
        for candidate_id, notes in imported_notes(self._session, changed).items():
            texts |= {note_id: changed[candidate_id][body] for note_id, body in notes if body in changed[candidate_id]}
        self._recorder.will_change(Note, texts)
        for part in chunks(texts):
            for note in self._session.scalars(select(Note).where(Note.id.in_(part))):
                note.body, note.at = texts[note.id], self._now
        self._session.flush()

    def _write_steps(self, people: Iterable[PlannedCandidate]) -> None:
        rows = [
            _step(step)
            | {"kind": None, "place": place, "candidate_id": person.id, "application_id": one.id}
            | self._stamp
            for person in people
            for one in person.applications
            for place, step in enumerate(one.new_steps, start=one.standing_steps + 1)
        ]
        self._insert_named(ApplicationStep, rows)
        changed = {
            step_id: step
            for person in people
            for one in person.applications
            for step_id, step in one.changed_steps.items()
        }
        self._recorder.will_change(ApplicationStep, changed)
        for part in chunks(changed):
            for standing in self._session.scalars(select(ApplicationStep).where(ApplicationStep.id.in_(part))):
                for name, value in _step(changed[standing.id]).items():
                    setattr(standing, name, value)
                standing.updated_at = self._now
        self._session.flush()

    def _write_records(self, people: Iterable[PlannedCandidate]) -> None:
        owned = [(person, record) for person in people for record in person.records if record.changed]
        rows = [
            self._record(person, record) | {"source": record.source, "source_id": record.source_id}
            for person, record in owned
            if record.id is None
        ]
        self._insert_named(SourceRecord, rows)
        by_id = {record.id: (person, record) for person, record in owned if record.id is not None}
        self._recorder.will_change(SourceRecord, by_id)
        for part in chunks(by_id):
            for standing in self._session.scalars(select(SourceRecord).where(SourceRecord.id.in_(part))):
                for name, value in self._record(*by_id[standing.id]).items():
                    setattr(standing, name, value)
        self._session.flush()

    def _record(self, person: PlannedCandidate, record: Record) -> dict[str, Any]:
        return {
            "candidate_id": person.id,
            "application_id": record.application.id if record.application else None,
            "person_id": record.person_id,
            "import_id": self._import_id,
            "values": record.values,
            "updated_at": self._now,
        }

    def _write_search(
        self, created: Sequence[PlannedCandidate], updated: Sequence[PlannedCandidate], prepared: Prepared
    ) -> None:
        alone = [person for person in created if len(person.rows) == 1]
        rows = [prepared[one.rows[0]] | {"candidate_id": one.id} for one in alone]
        search_rows.add(self._session, self._company_id, rows)
        rest = [person.id for person in (*created, *updated) if person.id is not None and len(person.rows) > 1]
        rest += [person.id for person in updated if person.id is not None and len(person.rows) == 1]
        search_rows.index(self._session, rest)

    def _log(self, tag: EventTag, people: Sequence[PlannedCandidate]) -> None:
        actor = acting(self._session)
        changes = [(person, tuple(sorted(person.changed))) for person in people]
        kept = {
            fields: event_data.CandidateChanged(import_id=self._import_id, fields=fields).as_json()
            for fields in {fields for _person, fields in changes}
        }
        rows = [
            {
                "company_id": self._company_id,
                "at": self._now,
                "tag": tag.value,
                "actor_kind": actor.kind,
                "actor_id": actor.id,
                "subject_kind": "candidate",
                "subject_id": person.id,
                "data": kept[fields],
                "ip": actor.ip,
                "request_id": actor.request_id,
            }
            for person, fields in changes
        ]
        self._insert(Event, rows)

    def _insert(self, model: Any, rows: Sequence[dict[str, Any]]) -> None:
        """Insert rows without the unit of work, which has nothing to add; the company is in every row."""
        insert_rows(self._session.connection(), model, rows)

    def _insert_named(self, model: Any, rows: Sequence[dict[str, Any]]) -> list[int]:
        """Insert by the thousand, note it in the journal, and give the new ids in the order of the rows."""
        whole = _defaults(model) | {"company_id": self._company_id}
        complete = [whole | row for row in rows]
        if self._session.get_bind().dialect.name == "sqlite":
            ids = self._insert_numbered(model, complete)
        else:
            ids = self._insert_returning(model, complete)
        self._recorder.made_as(model, complete)
        return ids

    def _insert_numbered(self, model: Any, rows: Sequence[dict[str, Any]]) -> list[int]:
        """SQLite hands back ids one row at a time only; its one writer can count on from the last id ever given."""
        given = text("SELECT seq FROM sqlite_sequence WHERE name = :table")
        last = self._session.scalar(given, {"table": model.__tablename__}) or 0
        ids = range(last + 1, last + 1 + len(rows))
        _name(rows, ids)
        self._insert(model, rows)
        return list(ids)

    def _insert_returning(self, model: Any, rows: Sequence[dict[str, Any]]) -> list[int]:
        table: Any = model.__table__
        statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
        connection = self._session.connection()
        ids = [row_id for part in chunks(rows) for row_id in connection.scalars(statement, part)]
        _name(rows, ids)
        return ids

    @property
    def _stamp(self) -> dict[str, Any]:
        return {"created_at": self._now, "updated_at": self._now}


def _name(rows: Sequence[dict[str, Any]], ids: Iterable[int]) -> None:
    for row, row_id in zip(rows, ids, strict=True):
        row["id"] = row_id


def _defaults(model: Any) -> dict[str, Any]:
    """Return what a row holds where nothing else is said, but the id."""
    columns = (column for column in model.__table__.columns if column.name != "id")
    return {
        column.name: column.default.arg if column.default is not None and column.default.is_scalar else None
        for column in columns
    }


def _columns(person: PlannedCandidate) -> dict[str, Any]:
    facts, own = person.facts, person.keys
    keys = {
        "name_key": own.name,
        "kana_key": kana_key(facts["kana"]),
        "email_key": own.mail,
        "phone_key": own.phone,
    }
    return facts | keys | {"basis": person.basis, "retain_until": person.retain_until}


def _details(application: PlannedApplication, positions: dict[str, int]) -> dict[str, Any]:
    facts = {name: value for name, value in application.facts.items() if name != "position"}
    return facts | {
        "position_id": positions.get(application.facts["position"]),
        "status": application.status,
        "decided_on": application.decided_on,
        "notified_at": application.notified_at,
        "notified_by": application.notified_by,
    }


def _step(step: ImportedStep) -> dict[str, Any]:
    return {
        "name": step.name,
        "on": step.on,
        "score": step.score,
        "result": step.result,
        "comment": step.comment,
        "imported": True,
    }


def _came_on(person: PlannedCandidate) -> date:
    return max((one.facts["applied_on"] or date.min for one in person.applications), default=date.min)


# pairs


_MAX_PAIRS = 3
"""How many namesakes are asked about where nothing tells which of them is meant."""


def note_named(session: Session, company_id: int, people: Iterable[PlannedCandidate], recorder: Recorder) -> None:
    """Note the pairs of whom the file newly calls a duplicate, where the other is found. In the company's scope."""
    said = [person for person in people if any(_is_news(one.status, one.changed) for one in person.applications)]
    namesakes = _namesakes(session, {person.keys.name for person in said})
    found = [
        (person.id, other)
        for person in said
        if person.id is not None
        for other in _meant(person.id, person.keys, namesakes.get(person.keys.name, ()))
    ]
    if found:
        pairs.named_by_file(session, company_id, found, recorder)


def _is_news(status: ApplicationResult, changed: bool) -> bool:
    return changed and status is ApplicationResult.DUPLICATE


def _namesakes(session: Session, names: set[str]) -> dict[str, list[tuple[int, Keys]]]:
    found: dict[str, list[tuple[int, Keys]]] = {}
    columns = select(Candidate.id, Candidate.name_key, Candidate.email_key, Candidate.phone_key)
    for part in chunks(sorted(names)):
        rows = session.execute(columns.where(Candidate.name_key.in_(part)).order_by(Candidate.id.desc()))
        for candidate_id, *keys in rows:
            found.setdefault(keys[0], []).append((candidate_id, Keys(*keys)))
    return found


def _meant(own_id: int, own: Keys, namesakes: Sequence[tuple[int, Keys]]) -> list[int]:
    """Return those who share a mail or a phone too; else the newest of that name."""
    others = [(one, keys) for one, keys in namesakes if one != own_id]
    closer = [
        one for one, keys in others if (own.mail and own.mail == keys.mail) or (own.phone and own.phone == keys.phone)
    ]
    return (closer or [one for one, _keys in others])[:_MAX_PAIRS]
