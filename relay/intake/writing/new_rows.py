"""The rows that a plan adds, worked out to what the driver takes, with their images for the journal and the log.

Only ids come from the database, and they can be given out before: so on SQLite, where one writer holds up all others,
the rows are made before the lock is taken (relay.intake.writing.applying).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Dialect, insert
from sqlalchemy.orm import Session

from relay import clock
from relay.intake.planning.known import chunks
from relay.intake.planning.people import PlannedApplication, PlannedCandidate, Record
from relay.intake.planning.plan import Plan
from relay.intake.rows.words import ImportedStep
from relay.intake.writing.naming import NamedIds, NamesFound
from relay.models import (
    Actor,
    Application,
    ApplicationStep,
    Candidate,
    CandidateTag,
    Event,
    EventTag,
    Import,
    Note,
    Position,
    SourceRecord,
    Tag,
    event_data,
    triggers,
)
from relay.models.inserting import Bound, bound, insert_bound, take_ids
from relay.models.journal import MadeRows
from relay.text import kana_key
from relay.tokens import new_erasure_key

Ids = Mapping[Any, Sequence[int]]
"""Ids of rows that come later, by their model."""


@dataclass(frozen=True)
class WrittenFor:
    """The act that adds the rows: of which import, where a file brings them, and by which actor."""

    company_id: int
    import_id: int | None
    by_user_id: int | None
    actor: Actor


def give_ids(session: Session, plan: Plan) -> tuple[NamedIds, Ids]:
    """Give out the ids of everything the plan adds, and of an import, in the caller's transaction, which writes."""
    applications = [one for person in plan.people for one in person.applications]
    counts = {
        Import: 1,
        Candidate: len(plan.created),
        Application: sum(one.changed and one.id is None for one in applications),
        CandidateTag: sum(len(person.new_tags) for person in plan.people),
        Note: sum(len(person.new_notes) for person in plan.people),
        ApplicationStep: sum(len(one.new_steps) for one in applications),
        SourceRecord: sum(record.changed and record.id is None for person in plan.people for record in person.records),
    }
    found = NamesFound.by(session, plan)
    ids = take_ids(session.connection(), counts | {Position: len(found.new_positions), Tag: len(found.new_tags)})
    return found.named(ids[Position], ids[Tag]), ids


@dataclass
class NewRows:
    """Everything a plan adds, parents before children; new people and applications have their ids from here on."""

    plan: Plan
    act: WrittenFor
    now: datetime = field(default_factory=clock.now)
    created: list[PlannedCandidate] = field(default_factory=list)
    changed_applications: list[PlannedApplication] = field(default_factory=list)
    """Those that were there before."""
    images: MadeRows = field(default_factory=MadeRows)
    _ids: Ids = field(default_factory=dict)
    _tables: list[tuple[Any, Sequence[dict[str, Any]]]] = field(default_factory=list)
    _bound: list[Bound] = field(default_factory=list)

    @classmethod
    def of(cls, dialect: Dialect, plan: Plan, ids: Ids, named: NamedIds, act: WrittenFor) -> "NewRows":
        """Work the rows out."""
        made = cls(plan, act, _ids=ids)
        made.created = sorted(plan.created, key=_came_on)  # ids rise with time: the newest applicant leads the list
        stamp = {"created_at": made.now, "updated_at": made.now}
        own = {"at": made.now, "by_user_id": act.by_user_id}
        for person, candidate_id in zip(made.created, ids[Candidate], strict=True):
            person.id = candidate_id
        rows: dict[Any, Iterator[dict[str, Any]]] = {
            Candidate: (columns_of(one) | stamp | {"erasure_key": new_erasure_key()} for one in made.created),
            Application: made._applications(ids[Application], named, stamp),
            CandidateTag: (
                {"candidate_id": person.id, "tag_id": named.tags[key]} | own
                for person in plan.people
                for key in person.new_tags
            ),
            Note: (
                {"candidate_id": person.id, "body": body, "imported": True} | own
                for person in plan.people
                for body in person.new_notes
            ),
            ApplicationStep: made._steps(stamp),
            SourceRecord: made._records(),
        }
        for model, added in rows.items():
            made._add(dialect, model, list(added), ids[model])
        made._log(dialect, EventTag.CANDIDATE_ADDED, made.created)
        made._log(dialect, EventTag.CANDIDATE_CHANGED, plan.updated)
        return made

    def insert(self, session: Session) -> None:
        """Write the rows."""
        connection = session.connection()
        for model, rows in self._tables:
            named: Any = insert(model.__table__).returning(model.__table__.c.id)
            for part in chunks(rows):
                connection.execute(named, part)
        followed = {model.__tablename__: self._ids[model] for model in (Candidate, Application, ApplicationStep)}
        with triggers.of_many_rows(connection, followed):
            insert_bound(connection, self._bound)

    def _add(self, dialect: Dialect, model: Any, rows: Sequence[dict[str, Any]], ids: Sequence[int]) -> None:
        whole = _defaults(model) | {"company_id": self.act.company_id}
        complete = [whole | row | {"id": row_id} for row, row_id in zip(rows, ids, strict=True)]
        self.images.add(model, complete)
        if dialect.name == "sqlite":
            self._bound += bound(dialect, model, complete)
        else:  # a statement of many rows calls the triggers of PostgreSQL once; SQLAlchemy makes it of what returns ids
            self._tables.append((model, complete))

    def _applications(self, ids: Iterable[int], named: NamedIds, stamp: dict[str, Any]) -> Iterator[dict[str, Any]]:
        given = iter(ids)
        for person in self.plan.people:
            for one in person.applications:
                if not one.changed:
                    continue
                if one.id is not None:
                    self.changed_applications.append(one)
                    continue
                one.id = next(given)
                yield details_of(one, named.positions) | {"candidate_id": person.id, **stamp}

    def _steps(self, stamp: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for person in self.plan.people:
            for one in person.applications:
                for place, step in enumerate(one.new_steps, start=one.standing_steps + 1):
                    own = {"kind": None, "place": place, "candidate_id": person.id, "application_id": one.id}
                    yield step_of(step) | own | stamp

    def _records(self) -> Iterator[dict[str, Any]]:
        for person in self.plan.people:
            for record in person.records:
                if record.changed and record.id is None:
                    yield self.record_of(person, record) | {"source": record.source, "source_id": record.source_id}

    def record_of(self, person: PlannedCandidate, record: Record) -> dict[str, Any]:
        """Return what a record holds beside what it is found by."""
        return {
            "candidate_id": person.id,
            "application_id": record.application.id if record.application else None,
            "person_id": record.person_id,
            "import_id": self.act.import_id,
            "values": record.values,
            "updated_at": self.now,
        }

    def _log(self, dialect: Dialect, tag: EventTag, people: Sequence[PlannedCandidate]) -> None:
        actor = self.act.actor
        changes = [(person, tuple(sorted(person.changed))) for person in people]
        kept = {
            fields: event_data.CandidateChanged(import_id=self.act.import_id, fields=fields).as_json()
            for fields in {fields for _person, fields in changes}
        }
        same = {
            "company_id": self.act.company_id,
            "at": self.now,
            "tag": tag.value,
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            "subject_kind": "candidate",
            "ip": actor.ip,
            "request_id": actor.request_id,
        }
        rows = [{**same, "subject_id": person.id, "data": kept[fields]} for person, fields in changes]
        self._bound += bound(dialect, Event, rows)


def columns_of(person: PlannedCandidate) -> dict[str, Any]:
    """Return the columns of a person that a file decides."""
    facts, own = person.facts, person.keys
    keys = {
        "name_key": own.name,
        "kana_key": kana_key(facts["kana"]),
        "email_key": own.mail,
        "phone_key": own.phone,
    }
    return facts | keys | {"basis": person.basis, "retain_until": person.retain_until}


def details_of(application: PlannedApplication, positions: Mapping[str, int]) -> dict[str, Any]:
    """Return the columns of an application that a file decides."""
    facts = {name: value for name, value in application.facts.items() if name != "position"}
    return facts | {
        "position_id": positions.get(application.facts["position"]),
        "status": application.status,
        "decided_on": application.decided_on,
        "notified_at": application.notified_at,
        "notified_by": application.notified_by,
    }


def step_of(step: ImportedStep) -> dict[str, Any]:
    """Return the columns of a step that a file decides."""
    return {
        "name": step.name,
        "on": step.on,
        "score": step.score,
        "result": step.result,
        "comment": step.comment,
        "imported": True,
    }


def _defaults(model: Any) -> dict[str, Any]:
    """Return what a row holds where nothing else is said, but the id."""
    columns = (column for column in model.__table__.columns if column.name != "id")
    return {
        column.name: column.default.arg if column.default is not None and column.default.is_scalar else None
        for column in columns
    }


def _came_on(person: PlannedCandidate) -> date:
    return max((one.facts["applied_on"] or date.min for one in person.applications), default=date.min)
