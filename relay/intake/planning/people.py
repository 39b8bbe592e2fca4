"""People, applications and what files brought about them, held while a file is compared with the pool.

An imported field remembers what it brought: a later file changes it only where it still equals that (invariant 8).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA

from relay.candidates.retention import STRENGTH
from relay.intake.rows.words import ImportedStep
from relay.models import ApplicationResult, NotifiedBy, RetentionBasis, TagKind
from relay.models.candidate_fields import IMPORTED_FIELDS
from relay.text import kana_key, mail_key, mailbox_of, name_key, phone_key
from relay.text.sounds import sound

Trait = tuple[str, str, str]
"""A mail or a phone with the name it belongs to."""
BESIDE_NAME = "\x00"
_SHORT = 2


class Keys(NamedTuple):
    """The keys a row is compared by; '' where it says nothing."""

    name: str
    mail: str
    phone: str
    person_id: str = ""
    """What the source calls the person; with the name behind it where it means nothing without."""
    kana: str = ""
    born: date | None = None

    @property
    def is_by_name(self) -> bool:
        """Return whether the person's id holds only beside the name."""
        return BESIDE_NAME in self.person_id

    def contradicts(self, other: "Keys") -> bool:
        """Return whether two of one name have another birth date or another reading, so that HR is to be asked."""
        if self.born and other.born and self.born != other.born:
            return True
        mine, its = sound(self.kana), sound(other.kana)
        if not mine or not its or mine in its or its in mine:
            return False
        return OSA.distance(mine, its, score_cutoff=1) > 1

    def contradicts_behind_number(self, other: "Keys") -> bool:
        """Return the same of two of one name behind one number, which a household shares.

        There another mailbox counts, too, and a name of two letters, which may be a family's alone.
        """
        mailboxes = {mailbox_of(self.mail), mailbox_of(other.mail)} - {""}
        short = len(self.name) <= _SHORT and (not self.mail or not other.mail)
        return short or len(mailboxes) > 1 or self.contradicts(other)

    @property
    def comparison_record(self) -> list[Trait]:
        """Return the traits by which others are known for the same person."""
        found = (("id", self.person_id, ""), ("mail", self.mail, self.name), ("phone", self.phone, self.name))
        return [trait for trait in found if trait[1]]


OF_PERSON = tuple(field.name for field in IMPORTED_FIELDS)
OF_COURSE = ("position", "channel", "channel_detail", "stage", "applied_on")
OF_APPLICATION = (*OF_COURSE, "reason")
_KEYS: dict[str, Callable[[str], str]] = {"name": name_key, "kana": kana_key}


@dataclass(slots=True, eq=False)
class Record:
    """The values one row of one source last brought, as they are stored."""

    source: str
    source_id: str
    person_id: str = ""
    id: int | None = None
    values: dict[str, Any] = field(default_factory=dict)
    application: "PlannedApplication | None" = None
    changed: bool = False
    at_hand: bool = False
    """Whether the file at hand speaks by it."""

    def remember(self, name: str, value: Any) -> None:
        """Keep what the file brought, as JSON holds it."""
        stored = value.isoformat() if isinstance(value, date) else value
        if self.values.get(name) != stored:
            self.values[name] = stored
            self.changed = True


@dataclass(slots=True, eq=False)
class PlannedApplication:
    """An application as it is stored, and what the import adds to it or changes."""

    facts: dict[str, Any]
    status: ApplicationResult = ApplicationResult.OPEN
    decided_on: date | None = None
    decided_here: bool = False
    notified_at: datetime | None = None
    notified_by: NotifiedBy | None = None
    id: int | None = None
    records: list[Record] = field(default_factory=list)
    changed: bool = False
    new_steps: list[ImportedStep] = field(default_factory=list)
    corrected_steps: list[tuple[ImportedStep, ImportedStep]] = field(default_factory=list)
    """What a file brought of a step before, and what it brings now."""
    changed_steps: dict[int, ImportedStep] = field(default_factory=dict)
    """Of those, by their ids, the ones that nobody touched since."""
    standing_steps: int = 0
    claimed: bool = False
    """Whether a row of the file at hand speaks of it."""
    before: dict[str, Any] = field(default_factory=dict)
    """What changed facts, status and day were before."""
    newly_notified: bool = False
    """Whether the file at hand brings that the person was told elsewhere."""

    @property
    def is_new(self) -> bool:
        """Return whether this row adds the application."""
        return self.id is None and not self.claimed

    @property
    def is_fixed(self) -> bool:
        """Return whether its end is Relay's own, which no file moves."""
        return self.decided_here or self.notified_by is NotifiedBy.RELAY


@dataclass(slots=True, eq=False)
class PlannedCandidate:
    """A candidate as stored, and what the import adds or changes."""

    facts: dict[str, Any]
    basis: RetentionBasis
    retain_until: date | None = None
    id: int | None = None
    applications: list[PlannedApplication] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    new_tags: dict[str, tuple[TagKind, str]] = field(default_factory=dict)
    new_notes: list[str] = field(default_factory=list)
    changed_notes: dict[str, str] = field(default_factory=dict)
    """The text a file brought before → the text it brings now."""
    changed: set[str] = field(default_factory=set)
    before: dict[str, Any] = field(default_factory=dict)
    """What changed facts were before."""
    rows: list[int] = field(default_factory=list)
    """The rows of the file at hand that speak of them."""
    redated: bool = False
    """Whether a decision or the basis changed, so that the last day is to be reckoned anew."""
    own_basis: RetentionBasis | None = None
    """Why they may be kept by their own word, where the file at hand holds it."""
    known_keys: Keys | None = None
    """The keys of these facts, where they are worked out already."""

    @property
    def touched(self) -> bool:
        """Return whether anything anyone can see changes."""
        return bool(
            self.changed
            or self.new_tags
            or self.new_notes
            or self.changed_notes
            or any(one.changed or one.new_steps or one.changed_steps for one in self.applications)
        )

    @property
    def keys(self) -> Keys:
        """Return by what the person is found again, as known now."""
        if self.known_keys is None:
            name, mail, phone = self.facts["name"], self.facts["email"], self.facts["phone"]
            kana, born = self.facts["kana"], self.facts["birth_date"]
            self.known_keys = Keys(name_key(name), mail_key(mail), phone_key(phone), kana=kana, born=born)
        return self.known_keys

    def now_called(self, name: str, value: Any) -> None:
        """Take up another value of a fact."""
        self.before.setdefault(name, self.facts[name])
        self.facts[name] = value
        self.changed.add(name)
        self.known_keys = None


def apply_imported_value(person: PlannedCandidate, record: Record, name: str, value: Any) -> None:
    """Take a fact about the person from the file, if it is news and nobody in Relay changed the field since."""
    current = person.facts[name]
    is_another = current != value and _is_news(record, name, value)
    is_wanted = is_another and not _only_spelled_otherwise(record, name, value, current)
    if is_wanted and _is_free(current, name, person.records):
        person.now_called(name, value)
    _remember(record, name, value)


def apply_detail(application: PlannedApplication, record: Record, name: str, value: Any) -> None:
    """Take a fact about the application, as is done with one about the person."""
    current = application.facts[name]
    if current != value and _is_news(record, name, value) and _is_free(current, name, application.records):
        application.before.setdefault(name, current)
        application.facts[name] = value
        application.changed = True
    _remember(record, name, value)


def apply_basis(person: PlannedCandidate, record: Record, basis: RetentionBasis) -> None:
    """Take the answer why the person may be kept: the widest any file gives, unless Relay changed it since."""
    before = _widest(person.records)
    record.remember("basis", basis.value)
    now = _widest([*person.records, record]) or basis
    if before is None:
        now = max(now, person.basis, key=STRENGTH.index)
    if before in (None, person.basis) and now is not person.basis:
        person.before.setdefault("basis", person.basis)
        person.basis = now
        person.redated = True
        person.changed.add("basis")


def rebased(person: PlannedCandidate, answer: RetentionBasis) -> bool:
    """Return whether a known person would be kept for another reason if this were the answer for the file at hand."""
    answer = person.own_basis or answer
    before = _widest(person.records)
    if person.id is None or before not in (None, person.basis):
        return False
    now = _widest([record for record in person.records if not record.at_hand]) or answer
    now = max(now, answer, *([person.basis] if before is None else []), key=STRENGTH.index)
    return now is not person.basis


def _widest(records: list[Record]) -> RetentionBasis | None:
    bases = [RetentionBasis(record.values["basis"]) for record in records if record.values.get("basis")]
    return max(bases, key=STRENGTH.index, default=None)


def _is_news(record: Record, name: str, value: Any) -> bool:
    """Return whether a cell tells something new: it is not empty and was not told before."""
    stored = value.isoformat() if isinstance(value, date) else value
    return bool(value) and record.values.get(name) != stored


def _is_free(current: Any, name: str, records: list[Record]) -> bool:
    brought = {record.values.get(name) for record in records} - {None, ""}
    if not current:
        return not brought
    return (current.isoformat() if isinstance(current, date) else current) in brought


def _only_spelled_otherwise(record: Record, name: str, value: Any, current: Any) -> bool:
    """髙橋 in one file and 高橋 in another: the spelling that came first stays, unless its own source changes it."""
    key = _KEYS.get(name)
    return key is not None and record.id is None and bool(current) and key(value) == key(current)


def _remember(record: Record, name: str, value: Any) -> None:
    if value:
        record.remember(name, value)
