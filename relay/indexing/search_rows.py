"""The rows that search reads: one per person, all words they are found by, tokenised the same for both databases."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from relay.indexing import own_words, rule_checks
from relay.models import (
    Application,
    ApplicationStep,
    Attachment,
    Candidate,
    CandidateSearch,
    CandidateTag,
    CheckCause,
    Note,
    Position,
    Tag,
    TagKind,
)
from relay.models.candidate_fields import SEARCHED_FIELDS, CandidateField, FieldKind
from relay.models.inserting import insert_rows
from relay.text import company_token, format_phone, kana_key, name_key, search_body, spelled, tsvector_literal
from relay.text.job_terms import terms_of
from relay.text.own_words import NONE, OwnWords

_CHUNK_SIZE = 200
_WORK_FIELDS = ("qualifications", "desired_role")
WORK_TAGS = (TagKind.SKILL, TagKind.ROLE)
"""Tags that say what a person can do, and not what was thought of them."""
_BESIDE: dict[FieldKind, Callable[[str], Sequence[str]]] = {
    FieldKind.NAME: lambda name: [name_key(name)],
    FieldKind.KANA: lambda kana: [kana_key(kana), spelled(kana)],
    FieldKind.PHONE: lambda phone: [format_phone(phone)],
}
"""What a person is found by beside the value itself."""


@dataclass
class WorkTexts:
    """The texts of one person that positions are compared with: never a name, nor a word of the selection (A-42)."""

    facts: list[str] = field(default_factory=list)
    """Fields, skills, and the positions they applied for, which count whole."""
    told: list[str] = field(default_factory=list)
    """Memos, files and other tags, of which only the vocabulary counts."""

    def add_fields(self, facts: Mapping[str, Any]) -> "WorkTexts":
        """Take the fields that are about work, and return all of it."""
        self.facts.extend(facts[name] for name in _WORK_FIELDS if facts[name])
        return self

    def add_tag(self, kind: TagKind, name: str) -> None:
        """Take a tag; one that assesses a person or says why they were turned down is left out."""
        if kind in WORK_TAGS:
            self.facts.append(name)
        elif kind is TagKind.FREE:
            self.told.append(name)

    def terms(self, own: OwnWords) -> list[str]:
        """Return the terms of the person, with what the company's own words in the texts mean."""
        facts, told = own.added(self.facts, is_list=True), own.added(self.told)
        return terms_of([*self.facts, *facts], [*self.told, *told])


@dataclass
class _Said:
    """All that is said of one person beside their fields."""

    words: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    work: WorkTexts = field(default_factory=WorkTexts)


def index(session: Session, candidate_ids: Iterable[int], *, news: bool = True) -> None:
    """Rewrite the search rows of these people, in the caller's transaction and company scope.

    Without `news` they are who they were (merged, put back, called otherwise), and no alert names them for it.
    To be called by every verb that changes a name, address, application, tag or note. The people are locked first, in
    the order of their ids: of two verbs at once the second reads what the first wrote, and neither row comes twice.
    """
    session.flush()
    wanted = sorted(set(candidate_ids))
    for start in range(0, len(wanted), _CHUNK_SIZE):
        _index_some(session, wanted[start : start + _CHUNK_SIZE], CheckCause.CHANGED if news else CheckCause.SAME)


def index_newcomers(session: Session, candidate_ids: Iterable[int]) -> None:
    """Write the search rows of people who are new, in the caller's transaction and company scope."""
    session.flush()
    wanted = sorted(set(candidate_ids))
    for start in range(0, len(wanted), _CHUNK_SIZE):
        _index_some(session, wanted[start : start + _CHUNK_SIZE], CheckCause.NEW)


def document(facts: Mapping[str, Any], *, words: Iterable[str] = (), files: Iterable[str] = ()) -> list[str]:
    """Return the texts one person is found by, without a database. `words`: tags; then position, stage, channel; notes.

    `facts`: by the names of SEARCHED_FIELDS. Keys are beside the words as typed: 山本太郎 finds 山本 太郎, a number
    is found with or without hyphens, and a reading is found in Latin letters. `files`: texts of what was attached;
    last, for a very long one is cut.
    """
    told = [text for field in SEARCHED_FIELDS for text in _found_by(field, facts[field.name])]
    return [*told, *words, *files]


def _found_by(field: CandidateField, value: Any) -> Sequence[str]:
    """Return the texts by which a person is found who has this value."""
    if not value:
        return ()
    if (made := _BESIDE.get(field.kind)) is not None:
        return [value, *made(value)]
    return [str(value)]


def prepare(
    company_id: int,
    candidate_id: int,
    texts: Iterable[str],
    work: WorkTexts,
    *,
    own: OwnWords = NONE,
    vector: bool = True,
) -> dict[str, Any]:
    """Return the search row of one person, tokenised; pure, so that an import can do it before its transaction.

    `own` are the company's words. Only PostgreSQL reads the `vector`.
    """
    texts = list(texts)
    return {
        "candidate_id": candidate_id,
        "company_id": company_id,
        "company": company_token(company_id),
        "body": search_body(texts),
        "tsv": tsvector_literal(texts) if vector else None,
        "terms": " ".join(work.terms(own)),
    }


def write(session: Session, rows: Sequence[dict[str, Any]], cause: CheckCause = CheckCause.CHANGED) -> None:
    """Put prepared rows in the place of what these people had, in the company's scope."""
    if not rows:
        return
    ids = [row["candidate_id"] for row in rows]
    session.execute(delete(CandidateSearch).where(CandidateSearch.candidate_id.in_(ids)))
    if session.get_bind().dialect.name == "sqlite":  # FTS5 reads `body`; the vector would only take room
        rows = [row | {"tsv": None} for row in rows]
    session.execute(insert(CandidateSearch), list(rows))
    for company_id in {row["company_id"] for row in rows}:
        of_it = [row["candidate_id"] for row in rows if row["company_id"] == company_id]
        rule_checks.enqueue(session, company_id, of_it, cause)


def add(session: Session, company_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Write the prepared rows of people who are new, however many, in the company's scope."""
    with _in_bulk(session):
        insert_rows(session.connection(), CandidateSearch, rows)
    rule_checks.enqueue(session, company_id, [row["candidate_id"] for row in rows], CheckCause.NEW)


@contextmanager
def _in_bulk(session: Session) -> Iterator[None]:
    """Let FTS5 put off merging what it is told inside the block, of which it is too much to merge at every step."""
    if session.get_bind().dialect.name == "sqlite":
        _fts_automerge(session, 0)
    yield
    if session.get_bind().dialect.name == "sqlite":
        _fts_automerge(session, 4)


def _fts_automerge(session: Session, segments: int) -> None:
    """Set how many parts of the index are merged into one as soon as there are so many; 0 for never, 4 as it comes."""
    session.execute(text("INSERT INTO candidate_fts(candidate_fts, rank) VALUES ('automerge', :n)"), {"n": segments})


def _index_some(session: Session, candidate_ids: Sequence[int], cause: CheckCause) -> None:
    names = [field.name for field in SEARCHED_FIELDS]
    known = select(Candidate.id, Candidate.company_id, *(getattr(Candidate, name) for name in names)).where(
        Candidate.id.in_(candidate_ids)
    )
    people = session.execute(known.order_by(Candidate.id).with_for_update(key_share=True)).all()
    said, own = _said_of(session, candidate_ids), own_words.in_scope(session)
    rows: list[dict[str, Any]] = []
    for one, company_id, *values in people:
        facts, of_them = dict(zip(names, values, strict=True)), said[one]
        texts = document(facts, words=of_them.words, files=of_them.files)
        rows.append(prepare(company_id, one, texts, of_them.work.add_fields(facts), own=own))
    write(session, rows, cause)


def _said_of(session: Session, candidate_ids: Sequence[int]) -> dict[int, _Said]:
    """Select what is known of each person beyond name and address: where they applied, tags, notes, evaluations."""
    said: dict[int, _Said] = defaultdict(_Said)
    tags = (
        select(CandidateTag.candidate_id, Tag.name, Tag.kind)
        .join(Tag, Tag.id == CandidateTag.tag_id)
        .where(CandidateTag.candidate_id.in_(candidate_ids))
        .order_by(CandidateTag.id)
    )
    for candidate_id, name, kind in session.execute(tags):
        said[candidate_id].words.append(name)
        said[candidate_id].work.add_tag(kind, name)
    applications = (
        select(
            Application.candidate_id,
            Position.title,
            Application.stage,
            Application.channel,
            Application.channel_detail,
        )
        .outerjoin(Position, Position.id == Application.position_id)
        .where(Application.candidate_id.in_(candidate_ids))
        .order_by(Application.id.desc())
    )
    for candidate_id, title, *rest in session.execute(applications):
        said[candidate_id].words.extend(text for text in (title, *rest) if text)
        said[candidate_id].work.facts.extend([title] if title else [])
    notes = select(Note.candidate_id, Note.body).where(Note.candidate_id.in_(candidate_ids)).order_by(Note.id.desc())
    for candidate_id, body in session.execute(notes):
        said[candidate_id].words.append(body)
        said[candidate_id].work.told.append(body)
    steps = (
        select(ApplicationStep.candidate_id, ApplicationStep.comment)
        .where(ApplicationStep.candidate_id.in_(candidate_ids), ApplicationStep.comment != "")
        .order_by(ApplicationStep.id.desc())
    )
    for candidate_id, comment in session.execute(steps):
        said[candidate_id].words.append(comment)
    _add_files(session, candidate_ids, said)
    return said


def _add_files(session: Session, candidate_ids: Sequence[int], said: dict[int, _Said]) -> None:
    found = (
        select(Attachment.candidate_id, Attachment.text)
        .where(Attachment.candidate_id.in_(candidate_ids), Attachment.text != "")
        .order_by(Attachment.id.desc())
    )
    for candidate_id, words in session.execute(found):
        said[candidate_id].files.append(words)
        said[candidate_id].work.told.append(words)
