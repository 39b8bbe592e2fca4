"""A plan written by the thousand: the new rows as they were worked out, changes to what is there, search rows.

Last come the pairs for review from a file's own word 重複.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from relay.candidates.duplicates import pairs
from relay.indexing import search_rows
from relay.intake.planning.known import chunks, imported_notes
from relay.intake.planning.people import Keys, PlannedCandidate
from relay.intake.writing.naming import NamedIds
from relay.intake.writing.new_rows import NewRows, columns_of, details_of, step_of
from relay.models import Application, ApplicationResult, ApplicationStep, Candidate, Note, SourceRecord
from relay.models.journal import Recorder

Prepared = dict[int, dict[str, Any]]
"""The search row of each row's person, by the row's number, as if it were the only word about them."""
MANY = 200
"""From so many new people on, the database is told to look at its tables anew."""


class PlanWriter:
    """One plan being written, in the company's scope and the caller's transaction."""

    def __init__(self, session: Session, rows: NewRows, named: NamedIds, recorder: Recorder) -> None:
        self._session = session
        self._rows = rows
        self._named = named
        self._recorder = recorder
        self._now = rows.now

    def write(self, prepared: Prepared | None) -> None:
        """Write everything the plan says. Without `prepared` the search rows come later."""
        plan = self._rows.plan
        self._rows.insert(self._session)
        self._recorder.made_as(self._rows.images)
        self._update_people([person for person in plan.updated if person.changed])
        self._update_applications()
        self._update_notes(plan.people)
        self._update_steps(plan.people)
        self._update_records(plan.people)
        if prepared is not None:
            self._write_search(self._rows.created, plan.updated, prepared)
        if len(plan.created) >= MANY:
            self._refresh_statistics()

    def _refresh_statistics(self) -> None:
        """Let PostgreSQL look at the tables now: until it does so by itself, a minute later, it takes them for empty.

        It then compares every person of a list with every application. SQLite is told daily (`worker.upkeep`).
        """
        if self._session.get_bind().dialect.name == "postgresql":
            self._session.execute(text("ANALYZE applications, candidate_orders, candidates, listed_applications"))

    def _update_people(self, people: Sequence[PlannedCandidate]) -> None:
        by_id = {person.id: person for person in people if person.id is not None}
        self._recorder.will_change(Candidate, by_id)
        for part in chunks(by_id):
            for candidate in self._session.scalars(select(Candidate).where(Candidate.id.in_(part))):
                for name, value in columns_of(by_id[candidate.id]).items():
                    setattr(candidate, name, value)
                candidate.updated_at = self._now
            self._session.flush()

    def _update_applications(self) -> None:
        by_id = {one.id: one for one in self._rows.changed_applications if one.id is not None}
        self._recorder.will_change(Application, by_id)
        for part in chunks(by_id):
            for application in self._session.scalars(select(Application).where(Application.id.in_(part))):
                for name, value in details_of(by_id[application.id], self._named.positions).items():
                    setattr(application, name, value)
                application.updated_at = self._now
            self._session.flush()

    def _update_notes(self, people: Iterable[PlannedCandidate]) -> None:
        changed = {person.id: person.changed_notes for person in people if person.id and person.changed_notes}
        texts: dict[int, str] = {}
        for candidate_id, notes in imported_notes(self._session, changed).items():
            texts |= {note_id: changed[candidate_id][body] for note_id, body in notes if body in changed[candidate_id]}
        self._recorder.will_change(Note, texts)
        for part in chunks(texts):
            for note in self._session.scalars(select(Note).where(Note.id.in_(part))):
                note.body, note.at = texts[note.id], self._now
        self._session.flush()

    def _update_steps(self, people: Iterable[PlannedCandidate]) -> None:
        changed = {
            step_id: step
            for person in people
            for one in person.applications
            for step_id, step in one.changed_steps.items()
        }
        self._recorder.will_change(ApplicationStep, changed)
        for part in chunks(changed):
            for standing in self._session.scalars(select(ApplicationStep).where(ApplicationStep.id.in_(part))):
                for name, value in step_of(changed[standing.id]).items():
                    setattr(standing, name, value)
                standing.updated_at = self._now
        self._session.flush()

    def _update_records(self, people: Iterable[PlannedCandidate]) -> None:
        owned = ((person, record) for person in people for record in person.records if record.changed)
        by_id = {record.id: (person, record) for person, record in owned if record.id is not None}
        self._recorder.will_change(SourceRecord, by_id)
        for part in chunks(by_id):
            for standing in self._session.scalars(select(SourceRecord).where(SourceRecord.id.in_(part))):
                for name, value in self._rows.record_of(*by_id[standing.id]).items():
                    setattr(standing, name, value)
        self._session.flush()

    def _write_search(
        self, created: Sequence[PlannedCandidate], updated: Sequence[PlannedCandidate], prepared: Prepared
    ) -> None:
        alone = [person for person in created if len(person.rows) == 1]
        rows = [prepared[one.rows[0]] | {"candidate_id": one.id} for one in alone]
        search_rows.add(self._session, self._rows.act.company_id, rows)
        rest = [person.id for person in (*created, *updated) if person.id is not None and len(person.rows) > 1]
        rest += [person.id for person in updated if person.id is not None and len(person.rows) == 1]
        search_rows.index(self._session, rest)


# pairs


_MAX_PAIRS = 3
"""How many namesakes are asked about where nothing tells which of them is meant."""


def note_named(
    session: Session, company_id: int, people: Iterable[PlannedCandidate], recorder: Recorder | None
) -> None:
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
        for candidate_id, name, mail, phone in rows:
            found.setdefault(name, []).append((candidate_id, Keys(name, mail, phone)))
    return found


def _meant(own_id: int, own: Keys, namesakes: Sequence[tuple[int, Keys]]) -> list[int]:
    """Return those who share a mail or a phone too; else the newest of that name."""
    others = [(one, keys) for one, keys in namesakes if one != own_id]
    closer = [
        one for one, keys in others if (own.mail and own.mail == keys.mail) or (own.phone and own.phone == keys.phone)
    ]
    return (closer or [one for one, _keys in others])[:_MAX_PAIRS]
