"""The rows that search reads: one per person, all words they are found by, tokenised the same for both databases.

An act that does several things to a person marks them each time (`index`), and their row is written once, before the
commit, or before the same transaction reads what is written with it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Select, event, select, text
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction

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
    QueuedAlertCheck,
    QueuedRuleCheck,
    Tag,
    TagKind,
    scopes,
)
from relay.models.candidate_fields import SEARCHED_FIELDS, CandidateField, FieldKind
from relay.models.inserting import insert_rows, upsert_rows
from relay.models.prepared import numbered, one_of, read, rounded
from relay.text import company_token, format_phone, kana_key, name_key, search_body, spelled, tsvector_literal
from relay.text.job_terms import terms_of
from relay.text.own_words import NONE, OwnWords

_CHUNK_SIZE = 200
_MARKED = "relay_search_rows"
"""The place in a session for the people whose rows are due: by the scope they were marked in, each with the cause."""
_CAUSES = list(CheckCause)
_FOLLOWING = frozenset({CandidateSearch, QueuedAlertCheck, QueuedRuleCheck})
"""What is written with a search row."""
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
    """Let the search rows of these people be rewritten in the caller's transaction and company scope, before it ends.

    Without `news` they are who they were (merged, put back, called otherwise), and no alert names them for it.
    To be called by every verb that changes a name, address, application, tag or note.
    """
    _mark(session, candidate_ids, CheckCause.CHANGED if news else CheckCause.SAME)


def index_newcomers(session: Session, candidate_ids: Iterable[int]) -> None:
    """Let the search rows of people who are new be written in the caller's transaction, before it ends."""
    _mark(session, candidate_ids, CheckCause.NEW)


def write_marked(session: Session) -> None:
    """Write the rows of everybody who was marked in this transaction, each once, in the scope they were marked in.

    Selects of such rows call it by themselves, but not what passes by the ORM (FTS5, prepared reads). The people are
    locked first, in the order of their ids: of two writers at once the second reads what the first wrote.
    """
    while marked := session.info.get(_MARKED):
        scope, causes = marked.popitem()
        with scopes.within(session, scope):
            for cause in CheckCause:
                wanted = sorted(one for one, counts in causes.items() if counts is cause)
                for start in range(0, len(wanted), _CHUNK_SIZE):
                    _index_some(session, wanted[start : start + _CHUNK_SIZE], cause)


def _mark(session: Session, candidate_ids: Iterable[int], cause: CheckCause) -> None:
    """Note people with the cause that counts, which of several is the first of its class."""
    marked = session.info.setdefault(_MARKED, {}).setdefault(scopes.current(session), {})
    for one in candidate_ids:
        marked[one] = min(cause, marked.get(one, cause), key=_CAUSES.index)


@event.listens_for(Session, "before_commit")
def _write_before_commit(session: Session) -> None:
    if not session.in_nested_transaction():
        write_marked(session)


@event.listens_for(Session, "do_orm_execute", insert=True)
def _write_before_reading(state: ORMExecuteState) -> None:
    if state.is_select and state.session.info.get(_MARKED) and scopes.asks(state.statement, _FOLLOWING):
        write_marked(state.session)


@event.listens_for(Session, "after_transaction_end")
def _forget_marked(session: Session, transaction: SessionTransaction) -> None:
    """Forget who was marked in a transaction that ended without a commit."""
    if transaction.parent is None:
        session.info.pop(_MARKED, None)


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
    if session.get_bind().dialect.name == "sqlite":  # FTS5 reads `body`; the vector would only take room
        rows = [row | {"tsv": None} for row in rows]
    upsert_rows(session.connection(), CandidateSearch, rows, key="candidate_id")
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
    session.flush()
    names = [field.name for field in SEARCHED_FIELDS]
    asked = rounded(candidate_ids)
    many, ids = len(asked), numbered("person", asked)
    people = read(session, _people(many), **ids)
    said, own = _said_of(session, many, ids), own_words.in_scope(session)
    rows: list[dict[str, Any]] = []
    for one, company_id, *values in people:
        facts, of_them = dict(zip(names, values, strict=True)), said[one]
        texts = document(facts, words=of_them.words, files=of_them.files)
        rows.append(prepare(company_id, one, texts, of_them.work.add_fields(facts), own=own))
    write(session, rows, cause)


def _said_of(session: Session, many: int, ids: Mapping[str, int]) -> dict[int, _Said]:
    """Select what is known of each person beyond name and address: where they applied, tags, notes, evaluations."""
    said: dict[int, _Said] = defaultdict(_Said)
    for candidate_id, name, kind in read(session, _tags(many), **ids):
        said[candidate_id].words.append(name)
        said[candidate_id].work.add_tag(kind, name)
    for candidate_id, title, *rest in read(session, _applications(many), **ids):
        said[candidate_id].words.extend(text for text in (title, *rest) if text)
        said[candidate_id].work.facts.extend([title] if title else [])
    for candidate_id, body in read(session, _notes(many), **ids):
        said[candidate_id].words.append(body)
        said[candidate_id].work.told.append(body)
    for candidate_id, comment in read(session, _comments(many), **ids):
        said[candidate_id].words.append(comment)
    for candidate_id, words in read(session, _files(many), **ids):
        said[candidate_id].files.append(words)
        said[candidate_id].work.told.append(words)
    return said


# Statements about so many people, kept: putting one together takes longer than running it.

_Statement = Select[*tuple[Any, ...]]


@cache  # tricks: indexing
def _people(many: int) -> _Statement:
    facts = (getattr(Candidate, field.name) for field in SEARCHED_FIELDS)
    mine = select(Candidate.id, Candidate.company_id, *facts).where(one_of(Candidate.id, "person", many))
    return mine.order_by(Candidate.id).with_for_update(key_share=True)


@cache  # tricks: indexing
def _tags(many: int) -> _Statement:
    carried = select(CandidateTag.candidate_id, Tag.name, Tag.kind).join(Tag, Tag.id == CandidateTag.tag_id)
    return carried.where(one_of(CandidateTag.candidate_id, "person", many)).order_by(CandidateTag.id)


@cache  # tricks: indexing
def _applications(many: int) -> _Statement:
    at = (Application.stage, Application.channel, Application.channel_detail)
    sent = select(Application.candidate_id, Position.title, *at)
    sent = sent.outerjoin(Position, Position.id == Application.position_id)
    return sent.where(one_of(Application.candidate_id, "person", many)).order_by(Application.id.desc())


@cache  # tricks: indexing
def _notes(many: int) -> _Statement:
    kept = select(Note.candidate_id, Note.body).where(one_of(Note.candidate_id, "person", many))
    return kept.order_by(Note.id.desc())


@cache  # tricks: indexing
def _comments(many: int) -> _Statement:
    steps = select(ApplicationStep.candidate_id, ApplicationStep.comment).where(ApplicationStep.comment != "")
    return steps.where(one_of(ApplicationStep.candidate_id, "person", many)).order_by(ApplicationStep.id.desc())


@cache  # tricks: indexing
def _files(many: int) -> _Statement:
    read_files = select(Attachment.candidate_id, Attachment.text).where(Attachment.text != "")
    return read_files.where(one_of(Attachment.candidate_id, "person", many)).order_by(Attachment.id.desc())
