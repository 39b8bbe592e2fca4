"""Why a person is in the list of those who fit, and what to check first: one line each, made of rows of that person.

Each fact of a line can be looked up in the person's record as it is quoted (tests/db/insight/test_reasons.py).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from relay import clock
from relay.indexing.search_rows import WORK_TAGS, WorkTexts
from relay.insight.selection_record import SelectionRecord
from relay.insight.wanted import Wanted
from relay.models import (
    Application,
    Attachment,
    Candidate,
    CandidateTag,
    Note,
    Position,
    Reapply,
    RetentionBasis,
    Tag,
    TagKind,
)
from relay.text import Sentence
from relay.text.job_terms import Named, named, plain, vocabulary_words, words_in
from relay.text.own_words import OwnWords
from relay.text.protected import work_only

SOON = timedelta(days=30)
_MOST_WORDS = 3
_SOURCES: dict[str, Sentence] = {
    "desired_role": _l("希望職種"),
    "position": _l("応募した求人"),
    "tag": _l("タグ"),
    "qualifications": _l("資格"),
    "note": _l("メモ"),
    "file": _l("ファイル"),
}
"""Where a word was read, in the order in which it is quoted from there."""
_FACTS = ("desired_role", "position", "tag", "qualifications")


@dataclass(frozen=True)
class FittingPerson:
    """One person of the list, with one line why and one what to check first."""

    id: int
    name: str
    kana: str
    why: str
    check_first: str


@dataclass
class _Read:
    """The texts of one person that count, by where they stand."""

    candidate: Candidate
    own: OwnWords
    texts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def clauses(self, source: str) -> list[str]:
        """Return what is read in one place, plain, without what the law keeps out."""
        is_list = source in _FACTS
        return [plain(clause) for text in self.texts[source] for clause in work_only(text, is_list=is_list)]

    def terms(self) -> frozenset[str]:
        """Return the person's terms, as they were written with the search row."""
        facts = [text for source in _FACTS for text in self.texts[source]]
        work = WorkTexts(facts, [*self.texts["told"], *self.texts["note"], *self.texts["file"]])
        return frozenset(work.terms(self.own))

    def named(self, clause: str) -> list[Named]:
        """Return what the vocabulary and the company's own words know in a clause."""
        return [*named(clause), *self.own.named(clause)]


def of(
    session: Session,
    wanted: Wanted,
    position: Position,
    candidate_ids: Sequence[int],
    records: Mapping[int, SelectionRecord] | None = None,
) -> list[FittingPerson]:
    """Return these people with their two lines each, in the order of the ids; `records` are those that may be told."""
    read, told = _read(session, candidate_ids, wanted.own), records or {}
    return [_said(wanted, position, read[number], told.get(number)) for number in candidate_ids]


def sentences(session: Session, compared: Mapping[int, Sequence[Wanted]], own: OwnWords) -> dict[int, list[str]]:
    """Return for each person why each of these positions fits them."""
    read = _read(session, list(compared), own)
    return {number: [_why(wanted, read[number]) for wanted in positions] for number, positions in compared.items()}


def _said(wanted: Wanted, position: Position, one: _Read, record: SelectionRecord | None) -> FittingPerson:
    person = one.candidate
    why = _why(wanted, one) if record is None else record.line + _("。") + _why(wanted, one)
    return FittingPerson(person.id, person.name, person.kana, why, _check_first(wanted, position, one))


def _why(wanted: Wanted, one: _Read) -> str:
    """Return the role they name, how many qualifications they hold, and words they share with the position."""
    terms = one.terms()
    parts = [*_role(wanted, one), *_qualifications(wanted, terms)]
    if words := _shared(wanted, one, "".join(parts)):
        quoted = "".join(f"「{word}」" for word in words)
        parts.append(_("%(words)sの言葉が、求人と記録の両方にあります", words=quoted))
    return _("。").join(parts) + _("。") if parts else _("求人と記録に、共通する言葉があります。")


def _role(wanted: Wanted, one: _Read) -> list[str]:
    """Return where the person names the occupation; else where a kindred one."""
    for looked_for in (wanted.roles, wanted.classes):
        for source, label in _SOURCES.items():
            for clause in one.clauses(source):
                found = next((each.text for each in one.named(clause) if looked_for.intersection(each.terms)), None)
                if found and looked_for is wanted.roles:
                    return [_("%(where)sに「%(word)s」とあり、この職種です", where=label, word=found)]
                if found:
                    return [_("%(where)sに「%(word)s」とあり、近い職種です", where=label, word=found)]
    return []


def _qualifications(wanted: Wanted, terms: Iterable[str]) -> Iterable[str]:
    if wanted.required:
        held = sum(each.is_held(terms) for each in wanted.required)
        yield _("必要な資格%(total)s件のうち%(held)s件", total=len(wanted.required), held=held)
    if held := sum(each.is_held(terms) for each in wanted.welcome):
        yield _("歓迎する資格%(total)s件のうち%(held)s件", total=len(wanted.welcome), held=held)


def _shared(wanted: Wanted, one: _Read, said: str) -> list[str]:
    """Return the longest stretches of the position's words that are, as they are, in what counts of the person."""
    facts = "\n".join(clause for source in _FACTS for clause in one.clauses(source))
    told = "\n".join(clause for source in ("note", "file") for clause in one.clauses(source))
    found: list[str] = []
    for part in sorted({_part(run, facts, told) for run in wanted.runs}, key=lambda each: (-len(each), each)):
        if part and part not in said and not any(part in longer for longer in found):
            found.append(part)
    return found[:_MOST_WORDS]


def _part(run: str, facts: str, told: str) -> str:
    """Return the longest stretch of a run that is in the facts, or of words of the vocabulary in what was told.

    Nothing shorter than a term; empty where there is none.
    """
    for length in range(len(run), len(words_in(run)[0]) - 1, -1):
        for part in (run[at : at + length] for at in range(len(run) - length + 1)):
            if part in facts or (part in told and vocabulary_words().issuperset(words_in(part))):
                return part
    return ""


def _check_first(wanted: Wanted, position: Position, one: _Read) -> str:
    candidate, terms = one.candidate, one.terms()
    if candidate.reapply is Reapply.NO:
        return _("再応募意向は「いまは考えていない」です。ご連絡の前に、お気持ちが変わっていないか確認してください。")
    if missing := next((each.name for each in wanted.required if not each.is_held(terms)), None):
        return _("必要な資格「%(name)s」は、記録にありません。お持ちか確認してください。", name=missing)
    if candidate.retain_until is not None and candidate.retain_until <= clock.today() + SOON:
        return _("保管は%(day)sまでです。早めに連絡してください。", day=_day(candidate))
    if candidate.basis is RetentionBasis.STATED:
        return _("人材プールへの同意はまだありません。文面を一通ずつ確認してから送ってください。")
    return _wishes(position)


def _wishes(position: Position) -> str:
    """Say which terms of the position the record cannot tell: Relay keeps no wishes of place, employment or pay."""
    names = [
        *([_("勤務地")] if position.place else []),
        *([_("雇用形態")] if position.employment else []),
        *([_("給与")] if position.salary_from or position.salary_to else []),
    ] or [_("勤務地"), _("雇用形態"), _("給与")]
    return _("%(names)sのご希望は、記録にありません。求人の条件に合うか確認してください。", names="・".join(names))


def _day(candidate: Candidate) -> str:
    day = candidate.retain_until
    assert day is not None
    return _("%(year)s年%(month)s月%(day)s日", year=day.year, month=day.month, day=day.day)


_IDS: BindParameter[Sequence[int]] = bindparam("people", expanding=True)
_PEOPLE = select(Candidate).where(Candidate.id.in_(_IDS))
_TAGS = (
    select(CandidateTag.candidate_id, Tag.name, Tag.kind)
    .join(Tag, Tag.id == CandidateTag.tag_id)
    .where(CandidateTag.candidate_id.in_(_IDS))
    .order_by(CandidateTag.id)
)
_TEXTS = {
    "position": select(Application.candidate_id, Position.title)
    .join(Position, Position.id == Application.position_id)
    .where(Application.candidate_id.in_(_IDS))
    .order_by(Application.id.desc()),
    "note": select(Note.candidate_id, Note.body).where(Note.candidate_id.in_(_IDS)).order_by(Note.id.desc()),
    "file": select(Attachment.candidate_id, Attachment.text)
    .where(Attachment.candidate_id.in_(_IDS))
    .order_by(Attachment.id.desc()),
}


def _read(session: Session, candidate_ids: Sequence[int], own: OwnWords) -> dict[int, _Read]:
    """Select the texts of some people, a statement for each kind."""
    ids = {"people": list(candidate_ids)}
    people = session.scalars(_PEOPLE, ids).all()
    read = {each.id: _Read(each, own) for each in people}
    for one in read.values():
        one.texts["desired_role"].append(one.candidate.desired_role)
        one.texts["qualifications"].append(one.candidate.qualifications)
    for number, name, kind in session.execute(_TAGS, {"people": list(read)}):
        if kind in WORK_TAGS:
            read[number].texts["tag"].append(name)
        elif kind is TagKind.FREE:
            read[number].texts["told"].append(name)
    for source, statement in _TEXTS.items():
        for number, text in session.execute(statement, {"people": list(read)}):
            read[number].texts[source].append(text)
    return read
