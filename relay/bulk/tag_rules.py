"""Rules that tag people and set their follow-up by themselves: a search in the words of the search box, and what
follows.

Switched on, a rule does it once for everybody who fits, and from then on for all who come to fit. It touches each
person once, sets no follow-up over another, and has nothing to do with the relay link (0.3).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk import apply_rule, runs
from relay.bulk.actions import ApplyRule
from relay.bulk.runs import Done
from relay.errors import DomainError
from relay.indexing import rule_checks
from relay.models import (
    AppliedRule,
    Candidate,
    CandidateTag,
    EventTag,
    FollowUp,
    JournalEntry,
    Tag,
    TagRule,
    event_data,
    journal,
    record,
)
from relay.models.rules import MAX_CONDITION
from relay.search import candidate_search
from relay.search.candidate_search import Query
from relay.text import QueryProblem, clean, sensitive_words

MAX_RULES = 50
SHOWN_PEOPLE = 5


class ConditionMissing(DomainError):
    """Raise for a rule without a condition, which would match everybody."""

    code = "rule-condition-missing"
    message = _l("どのような方に当てはまるルールかを、検索の言葉で入力してください。")


class ConditionTooLong(DomainError):
    """Raise for a condition of more than MAX_CONDITION characters."""

    code = "rule-condition-too-long"
    message = _l("条件は%(most)s文字までです。言葉や選んだ項目を減らして、もう一度お試しください。", most=MAX_CONDITION)


class ConditionUnreadable(DomainError):
    """Raise where the condition is no query of the search box; the message says which part."""

    code = "rule-condition-unreadable"

    def __init__(self, problem: QueryProblem) -> None:
        super().__init__(problem.message)


class ConditionOfTime(DomainError):
    """Raise for a condition on `updated:`: rules look at changed records, and the passing of days changes none."""

    code = "rule-condition-of-time"
    message = _l(
        "「更新」の条件は日がたつだけで変わるため、ルールには使えません。"
        "この条件で探すときは、人材プールの検索を保存してお使いください。"
    )


class NothingToDo(DomainError):
    """Raise for a rule that neither adds a tag nor sets a follow-up."""

    code = "rule-without-effect"
    message = _l("付けるタグか、今後の対応を選んでください。")


class SensitiveCondition(DomainError):
    """Raise for a condition on what the law keeps out of selection (B-1, B-2)."""

    code = "rule-condition-sensitive"

    def __init__(self, words: Sequence[str]) -> None:
        quoted = "".join(f"「{word}」" for word in words)
        super().__init__(
            _l(
                "%(words)sは、選考に使うことが法律で制限されている内容かもしれないため、ルールには使えません。"
                "経験や選考の結果など、仕事の言葉で入力してください。",
                words=quoted,
            )
        )


class TooManyRules(DomainError):
    """Raise where the company has MAX_RULES rules."""

    code = "too-many-rules"
    message = _l("ルールは%(most)s件までです。使わないものを削除すると、新しく作れます。", most=MAX_RULES)


@dataclass(frozen=True)
class Matches:
    """How many fit a rule now (up to COUNTED_AT_ONCE + 1), how many of them it would change, and some of them."""

    fitting: int
    would_change: int | None
    """Nothing where more fit than are counted."""
    some: Sequence[candidate_search.CandidateRow]


_LISTED = (
    select(TagRule, Tag)
    .outerjoin(Tag, Tag.id == TagRule.tag_id)
    .order_by(TagRule.switched_on_at.is_(None), TagRule.id.desc())
    .limit(MAX_RULES)
)


def listed(session: Session) -> Sequence[tuple[TagRule, Tag | None]]:
    """Return the company's rules with their tags, those at work first."""
    return [(row[0], row[1]) for row in session.execute(_LISTED)]


def create(
    session: Session,
    company_id: int,
    *,
    condition: str,
    tag: Tag | None,
    follow_up: FollowUp | None,
    by_user_id: int | None,
) -> TagRule:
    """Create a rule, switched off. Raises the refusals above: what it means, what it does, and how many there are."""
    text = understood(condition)
    if tag is None and follow_up is None:
        raise NothingToDo
    if session.scalars(select(func.count(TagRule.id))).one() >= MAX_RULES:
        raise TooManyRules
    rule = TagRule(
        company_id=company_id,
        condition=text,
        tag_id=tag.id if tag else None,
        follow_up=follow_up,
        by_user_id=by_user_id,
        created_at=clock.now(),
    )
    session.add(rule)
    session.flush()
    _log(session, rule, "made")
    return rule


def change(session: Session, rule: TagRule, *, condition: str, tag: Tag | None, follow_up: FollowUp | None) -> None:
    """Let the rule mean and do something else, and switch it off until it is looked at; what it did stays.

    What it does to a person it does once: one that does something else begins with everybody again. Raises as
    `create` does.
    """
    text = understood(condition)
    if tag is None and follow_up is None:
        raise NothingToDo
    tag_id = tag.id if tag else None
    if (rule.tag_id, rule.follow_up) != (tag_id, follow_up):
        session.execute(delete(AppliedRule).where(AppliedRule.rule_id == rule.id))
    rule.condition, rule.tag_id, rule.follow_up, rule.switched_on_at = text, tag_id, follow_up, None
    session.flush()
    _log(session, rule, "changed")


def understood(condition: str) -> str:
    """Return a condition as it is kept. Raises what says why it can be none of a rule."""
    text = clean(condition)
    if not text:
        raise ConditionMissing
    if len(text) > MAX_CONDITION:
        raise ConditionTooLong
    try:
        asks_age = Query(q=text).asks_age
    except QueryProblem as problem:
        raise ConditionUnreadable(problem) from None
    if asks_age:
        raise ConditionOfTime
    if words := sensitive_words(text):
        raise SensitiveCondition(words)
    return text


def fitting(session: Session, company_id: int, condition: str) -> Matches:
    """Return who fits a condition that is still being written. Raises as `understood` does."""
    return _found(session, company_id, Query(q=understood(condition)))


def matches(session: Session, rule: TagRule) -> Matches:
    """Return whom the rule would touch if it were switched on now."""
    query = Query(q=rule.condition)
    found = _found(session, rule.company_id, query)
    if found.fitting > candidate_search.COUNTED_AT_ONCE:
        return found
    return replace(found, would_change=_would_change(session, rule, query))


def switch_on(session: Session, rule: TagRule, *, by_user_id: int | None) -> Done:
    """Let the rule work by itself from now on; for everybody who fits already it does so once, as one act."""
    rule.switched_on_at = clock.now()
    session.flush()
    _log(session, rule, "on")
    everybody = Query(q=rule.condition)
    return runs.do_to_all(session, rule.company_id, ApplyRule.of(rule), everybody, but=(), by_user_id=by_user_id)


def switch_off(session: Session, rule: TagRule) -> None:
    """Stop the rule; what it did stays."""
    rule.switched_on_at = None
    _log(session, rule, "off")


def delete_rule(session: Session, rule: TagRule) -> None:
    """Delete the rule; what it did stays."""
    _log(session, rule, "dropped")
    session.delete(rule)
    session.flush()


def apply_all(session: Session, company_id: int) -> Iterator[int]:
    """Let every rule at work look at the changed people, some hundred at a time; between, the caller may commit."""
    at_work = session.scalars(select(TagRule).where(TagRule.switched_on_at.is_not(None)).order_by(TagRule.id)).all()
    entries: dict[int, JournalEntry] = {}
    while waiting := rule_checks.next_ids(session):
        people = rule_checks.people_of(session, waiting)
        for rule in at_work:
            _apply_one(session, company_id, rule, people, entries)
        rule_checks.remove(session, waiting)
        yield len(people)


def _apply_one(
    session: Session, company_id: int, rule: TagRule, people: Sequence[int], entries: dict[int, JournalEntry]
) -> None:
    text = Query(q=rule.condition, among=tuple(people), limit=len(people))
    fitting = [row.id for row in candidate_search.find(session, company_id, text).rows]
    if not fitting:
        return
    if rule.id in entries:
        with journal.chunk(session, entries[rule.id]) as recorder:
            apply_rule.apply_rule(session, rule, fitting, recorder)
        return
    action = ApplyRule.of(rule)
    with journal.kept(session, company_id, action.kind, by_user_id=None, data=action.data()) as recorder:
        apply_rule.apply_rule(session, rule, fitting, recorder)
    if recorder.entry is not None:
        entries[rule.id] = recorder.entry


def _found(session: Session, company_id: int, query: Query) -> Matches:
    few = replace(query, limit=SHOWN_PEOPLE)
    found = candidate_search.find(session, company_id, few, most=candidate_search.COUNTED_AT_ONCE)
    return Matches(found.total, None, found.rows)


def _would_change(session: Session, rule: TagRule, query: Query) -> int:
    """Return how many of those who fit the rule was not applied to and would change, by one statement."""
    fitting = candidate_search.ids_of(session, rule.company_id, query, limit=candidate_search.COUNTED_AT_ONCE)
    if fitting is None:
        return 0
    applied = exists().where(AppliedRule.rule_id == rule.id, AppliedRule.candidate_id == Candidate.id)
    lacking: list[ColumnElement[bool]] = []
    if rule.tag_id is not None:
        lacking.append(~exists().where(CandidateTag.tag_id == rule.tag_id, CandidateTag.candidate_id == Candidate.id))
    if rule.follow_up is not None:
        lacking.append(Candidate.follow_up.is_(None))
    wanted = select(func.count(Candidate.id)).where(Candidate.id.in_(fitting), ~applied, or_(*lacking))
    return session.scalars(wanted).one()


def _log(session: Session, rule: TagRule, what: str) -> None:
    follow_up = rule.follow_up.value if rule.follow_up else ""
    data = event_data.RuleChanged(rule=what, tag_id=rule.tag_id, follow_up=follow_up)
    record(session, EventTag.RULE_CHANGED, company_id=rule.company_id, subject=("rule", rule.id), data=data)
