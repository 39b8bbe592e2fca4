"""Rows put together by person, and the records that Relay has already of a file's people.

Rows are put together before any is taken up, so that it depends neither on their order nor on what Relay
learns from them: a file read again meets the same people. Records are fetched in a fixed number of queries per thousand
rows, in the company's scope. Nothing is written.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from relay.intake.planning.people import (
    BESIDE_NAME,
    OF_APPLICATION,
    OF_PERSON,
    Keys,
    PlannedApplication,
    PlannedCandidate,
    Record,
    Trait,
)
from relay.intake.rows.row import ImportRow
from relay.intake.rows.words import ImportedStep
from relay.models import (
    Application,
    ApplicationStep,
    Candidate,
    CandidateTag,
    FormerTitle,
    Note,
    Position,
    SourceRecord,
    Tag,
)
from relay.text import mail_key, name_key, phone_key

# rows of one person


def keys_of(row: ImportRow, *, own_ids: bool) -> Keys:
    """Fold what a row says of its person for comparison.

    Without `own_ids` a number names a person only beside the name: the next sheet counts from 1 again.
    """
    name = name_key(row.name)
    person_id = row.person_id if own_ids or not row.person_id else f"{row.person_id}{BESIDE_NAME}{name}"
    kana, born = row.facts.get("kana", ""), row.facts.get("birth_date")
    return Keys(name, mail_key(row.email), phone_key(row.phone), person_id, kana, born)


def together(rows: Mapping[str, Keys], several: Collection[Trait]) -> list[list[str]]:
    """Give the ids of the rows put together by person, in the order of the file.

    What may be of `several` people puts none of them together.
    """
    traits = {
        source_id: [trait for trait in keys.comparison_record if trait not in several]
        for source_id, keys in rows.items()
    }
    linked = _Linked()
    for mine in traits.values():
        linked.join(mine)
    people: dict[Trait | str, list[str]] = {}
    for source_id, mine in traits.items():
        person = linked.first(mine[0]) if mine else source_id
        people.setdefault(person, []).append(source_id)
    return list(people.values())


def of_several(rows: Iterable[Keys]) -> set[Trait]:
    """Return each number or address whose rows of one name contradict each other: HR is asked whose it is."""
    first: dict[Trait, Keys] = {}
    sharing: dict[Trait, list[Keys]] = {}
    for keys in rows:
        for trait in keys.comparison_record:
            if first.setdefault(trait, keys) is not keys and trait[0] != _ID:
                sharing.setdefault(trait, [first[trait]]).append(keys)
    return {trait for trait, keys in sharing.items() if _contradict(set(keys), trait[0])}


def _contradict(several: Collection[Keys], kind: str) -> bool:
    """Return whether any two of these contradict each other; too many to look at tell nothing."""
    if len(several) > _MOST_ALIKE:
        return True
    against = Keys.contradicts_behind_number if kind == _PHONE else Keys.contradicts
    return any(against(one, other) for one, other in combinations(several, 2))


class _Linked:
    """Traits of one person, each pointing towards the one that represents them all."""

    def __init__(self) -> None:
        self._towards: dict[Trait, Trait] = {}

    def join(self, comparison_record: list[Trait]) -> None:
        for trait in comparison_record[1:]:
            self._towards[self.first(trait)] = self.first(comparison_record[0])

    def first(self, trait: Trait) -> Trait:
        while (nearer := self._towards.get(trait, trait)) != trait:
            self._towards[trait] = self._towards.get(nearer, nearer)
            trait = nearer
        return trait


# records


CHUNK_SIZE = 1_000


_ID, _MAIL, _PHONE = "id", "mail", "phone"
_MOST_ALIKE = 50
"""Behind a placeholder that so many of one name share nobody is found."""


def _add(people: list[PlannedCandidate], person: PlannedCandidate) -> None:
    """Put the person behind those who are there already."""
    if person not in people:
        people.append(person)


@dataclass
class KnownCandidates:
    """The people a file may speak of, by each of the ways they are found again."""

    by_source: dict[str, tuple[PlannedCandidate, Record]] = field(default_factory=dict)
    by_person_id: dict[str, PlannedCandidate] = field(default_factory=dict)
    by_mail: dict[tuple[str, str], list[PlannedCandidate]] = field(default_factory=dict)
    by_phone: dict[tuple[str, str], list[PlannedCandidate]] = field(default_factory=dict)
    names_of_mail: dict[str, set[str]] = field(default_factory=dict)
    several: set[Trait] = field(default_factory=set)
    """By what nobody is found, because rows of the file at hand contradict each other (`of_several`)."""

    def place(self, person: PlannedCandidate) -> None:
        """Make the person findable by what is known of them now; who is there already comes first."""
        keys = person.keys
        if keys.mail:
            _add(self.by_mail.setdefault((keys.mail, keys.name), []), person)
            self.names_of_mail.setdefault(keys.mail, set()).add(keys.name)
        if keys.phone:
            _add(self.by_phone.setdefault((keys.name, keys.phone), []), person)

    def by_comparison_record(self, keys: Keys) -> PlannedCandidate | None:
        """Find whom a row means that has no known source id.

        Who contradicts it is not meant; of several behind one number who contradict each other, none is.
        """
        if (found := self._by_id(keys)) is not None:
            return found
        by_mail = [each for each in self._of_mail(keys) if not keys.contradicts(each.keys)]
        if by_mail and (_MAIL, keys.mail, keys.name) not in self.several:
            return by_mail[0]
        if (_PHONE, keys.phone, keys.name) in self.several:
            return None
        by_phone = [each for each in self._of_phone(keys) if not keys.contradicts_behind_number(each.keys)]
        return by_phone[0] if by_phone and not _contradict([each.keys for each in by_phone], _PHONE) else None

    def is_contradicted(self, keys: Keys) -> bool:
        """Return whether a known person of this name has this address or number."""
        return bool(self._of_mail(keys) or self._of_phone(keys))

    def _of_mail(self, keys: Keys) -> Sequence[PlannedCandidate]:
        return self.by_mail.get((keys.mail, keys.name), ()) if keys.mail else ()

    def _of_phone(self, keys: Keys) -> Sequence[PlannedCandidate]:
        return self.by_phone.get((keys.name, keys.phone), ()) if keys.phone else ()

    def _by_id(self, keys: Keys) -> PlannedCandidate | None:
        """Find by the person's id; where older versions took it for an application's, by that and the name."""
        if not keys.person_id:
            return None
        if (found := self.by_person_id.get(keys.person_id)) is not None:
            return found
        person, record = self.by_source.get(keys.person_id, (None, None))
        is_meant = person is not None and record is not None and not record.person_id and person.keys.name == keys.name
        return person if is_meant else None


def fetch(
    session: Session,
    source: str,
    source_ids: Sequence[str],
    person_ids: Sequence[str],
    mails: Sequence[str],
    phones: Sequence[str],
) -> KnownCandidates:
    """Fetch everyone whom these ids, address keys or phone keys may mean, with applications, tags and records."""
    of_source = SourceRecord.source == source
    either = sorted({*source_ids, *person_ids})
    ids = set(_column(session, SourceRecord.candidate_id, SourceRecord.source_id, either, of_source))
    ids |= set(
        _column(
            session,
            SourceRecord.candidate_id,
            SourceRecord.person_id,
            person_ids,
            of_source,
            SourceRecord.person_id != "",
        )
    )
    ids |= set(_column(session, Candidate.id, Candidate.email_key, mails))
    ids |= set(_column(session, Candidate.id, Candidate.phone_key, phones))
    people = _people(session, sorted(ids))
    applications = _applications(session, people)
    known = KnownCandidates()
    for person, record in _records(session, people, applications):
        if record.source == source:
            known.by_source[record.source_id] = (person, record)
            if record.person_id:
                known.by_person_id.setdefault(record.person_id, person)
    _name_positions(session, applications.values())
    for candidate_id, key in _rows(session, select(CandidateTag.candidate_id, Tag.name_key).join(Tag), _tagged, people):
        people[candidate_id].tags.add(key)
    for person in people.values():
        known.place(person)
    return known


def imported_notes(session: Session, candidate_ids: Iterable[int]) -> dict[int, list[tuple[int, str]]]:
    """Fetch the memos that files brought about these people, as (id, text)."""
    notes: dict[int, list[tuple[int, str]]] = {}
    wanted = select(Note.candidate_id, Note.id, Note.body).where(Note.imported.is_(True)).order_by(Note.id)
    for candidate_id, note_id, body in _rows(session, wanted, Note.candidate_id.in_, sorted(set(candidate_ids))):
        notes.setdefault(candidate_id, []).append((note_id, body))
    return notes


def weigh_steps(session: Session, applications: Iterable[PlannedApplication]) -> None:
    """Leave of the steps that a file brings those that are not there yet, and those nobody changed since."""
    by_id = {one.id: one for one in applications if one.id is not None and (one.new_steps or one.corrected_steps)}
    columns = (ApplicationStep.name, ApplicationStep.on, ApplicationStep.score, ApplicationStep.result)
    wanted = select(
        ApplicationStep.application_id, ApplicationStep.id, ApplicationStep.imported, *columns, ApplicationStep.comment
    ).order_by(ApplicationStep.id)
    standing: dict[int, dict[str, tuple[int, bool, ImportedStep]]] = {}
    for application_id, step_id, imported, *facts in _rows(session, wanted, ApplicationStep.application_id.in_, by_id):
        standing.setdefault(application_id, {})[facts[0]] = (step_id, imported, ImportedStep(*facts))
    for application_id, application in by_id.items():
        there = standing.get(application_id, {})
        application.standing_steps = len(there)
        application.new_steps = [step for step in application.new_steps if step.name not in there]
        for earlier, now in application.corrected_steps:
            step_id, imported, as_it_is = there.get(earlier.name, (0, False, None))
            if imported and as_it_is == earlier:
                application.changed_steps[step_id] = now


def chunks(values: Iterable[Any]) -> Iterator[Sequence[Any]]:
    """Give the values in parts of AT_ONCE."""
    everything = list(values)
    for start in range(0, len(everything), CHUNK_SIZE):
        yield everything[start : start + CHUNK_SIZE]


def _people(session: Session, ids: Sequence[int]) -> dict[int, PlannedCandidate]:
    columns = select(Candidate.id, Candidate.basis, Candidate.retain_until, *(getattr(Candidate, n) for n in OF_PERSON))
    rows = _rows(session, columns, Candidate.id.in_, ids)
    return {
        candidate_id: PlannedCandidate(dict(zip(OF_PERSON, facts, strict=True)), basis, retain_until, candidate_id)
        for candidate_id, basis, retain_until, *facts in sorted(rows, key=lambda row: row[0])
    }


def _applications(session: Session, people: dict[int, PlannedCandidate]) -> dict[int, PlannedApplication]:
    columns = select(
        Application.candidate_id,
        Application.id,
        Application.status,
        Application.decided_on,
        Application.decided_in_relay,
        Application.notified_at,
        Application.notified_by,
        Position.title,
        *(getattr(Application, name) for name in OF_APPLICATION if name != "position"),
    ).outerjoin(Position, Position.id == Application.position_id)
    found: dict[int, PlannedApplication] = {}
    for candidate_id, one, status, decided_on, here, notified_at, notified_by, title, *rest in _rows(
        session, columns, Application.candidate_id.in_, people
    ):
        facts = dict(zip(OF_APPLICATION, [title or "", *rest], strict=True))
        found[one] = PlannedApplication(facts, status, decided_on, here, notified_at, notified_by, one)
        people[candidate_id].applications.append(found[one])
    return found


def _records(
    session: Session, people: dict[int, PlannedCandidate], applications: dict[int, PlannedApplication]
) -> Iterator[tuple[PlannedCandidate, Record]]:
    columns = select(
        SourceRecord.candidate_id,
        SourceRecord.id,
        SourceRecord.source,
        SourceRecord.source_id,
        SourceRecord.person_id,
        SourceRecord.application_id,
        SourceRecord.values,
    ).order_by(SourceRecord.id)
    for candidate_id, one, source, source_id, person_id, application_id, values in _rows(
        session, columns, SourceRecord.candidate_id.in_, people
    ):
        application = applications.get(application_id or 0)
        record = Record(source, source_id, person_id, one, dict(values), application)
        people[candidate_id].records.append(record)
        if application is not None:
            application.records.append(record)
        yield people[candidate_id], record


def _name_positions(session: Session, applications: Iterable[PlannedApplication]) -> None:
    """Call a position as its files call it, by another spelling or a former title, so that the two compare as equal."""
    named = [
        (application, brought, name_key(brought))
        for application in applications
        for record in application.records
        if (brought := record.values.get("position", ""))
    ]
    wanted = select(FormerTitle.title_key, Position.title_key).join(Position, Position.id == FormerTitle.position_id)
    current = dict(_rows(session, wanted, FormerTitle.title_key.in_, sorted({key for _one, _brought, key in named})))
    keys = {id(application): name_key(application.facts["position"]) for application, _brought, _key in named}
    for application, brought, key in named:
        if keys[id(application)] in (key, current.get(key)):
            application.facts["position"] = brought


def _tagged(ids: Iterable[int]) -> ColumnElement[bool]:
    return CandidateTag.candidate_id.in_(ids)


def _column(session: Session, wanted: Any, by: Any, values: Sequence[str], *where: Any) -> Iterator[int]:
    for part in chunks(values):
        yield from session.scalars(select(wanted).where(by.in_(part), *where))


def _rows(
    session: Session, statement: Any, within: Callable[[Any], ColumnElement[bool]], ids: Iterable[Any]
) -> Iterator[Any]:
    for part in chunks(ids):
        yield from session.execute(statement.where(within(part)))
