"""The review queue (/pool/duplicates): pairs side by side, made one record or told apart; nothing by itself."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from flask import abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, select
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.permissions import needs
from relay.candidates.duplicates import merging, pairs
from relay.errors import DomainError
from relay.extensions import db
from relay.models import Application, Candidate, DifferentPeople, DuplicatePair, Position
from relay.portal import portal
from relay.portal.candidates.facts import shown
from relay.portal.duplicates import labels as duplicate_words
from relay.portal.ui import conditions
from relay.portal.ui.labels import long_day, short_day, words
from relay.portal.ui.navigation import tab
from relay.web import done, page


class FactComparison(NamedTuple):
    """One fact of two records, side by side."""

    field: str
    label: str
    one: str
    other: str

    @property
    def differs(self) -> bool:
        """Return whether the two are not alike."""
        return self.one != self.other


class MergeQuestion(NamedTuple):
    """Two records that may become one: where the answer goes, where to go without one, and why they are asked about."""

    ids: tuple[int, int]
    action: str
    back: str
    then: str = ""
    """Where to go afterwards, instead of to the record that stays."""
    reasons: Sequence[str] = ()


@portal.get("/pool/duplicates")
@needs("pool:read")
@tab(2, _l("重複の可能性"))
def duplicates() -> AnyResponse:
    """Show the queue: what a file named first, then by score; strangers of one name only when asked for."""
    session, namesakes = db.session(), "namesakes" in request.args
    found = pairs.queue(session, namesakes=namesakes, after=request.args.get("after", ""))
    people = _people(one for pair in found.rows for one in (pair.one_id, pair.other_id))
    applied = _applied(people)
    shown = [
        (pair, people[pair.one_id], people[pair.other_id], _rows(people[pair.one_id], people[pair.other_id], applied))
        for pair in found.rows
        if pair.one_id in people and pair.other_id in people
    ]
    asked = 1 if namesakes else None
    context = {
        "shown": shown,
        "namesakes": namesakes,
        "total": pairs.count(session, namesakes=namesakes),
        "most": pairs.COUNT_CAP,
        "next_url": url_for("portal.duplicates", after=found.next, namesakes=asked) if found.next else "",
        "first_url": url_for("portal.duplicates", namesakes=asked) if "after" in request.args else "",
    }
    return page("portal/duplicates/index.html", **(words() | _said() | context))


@portal.get("/pool/duplicates/<int:pair_id>")
@needs("pool:write")
def duplicate(pair_id: int) -> AnyResponse:
    """Show what the one record would hold, field by field."""
    return choose(_asked(_pair_or_404(pair_id)))


@portal.post("/pool/duplicates/<int:pair_id>/merge")
@needs("pool:write")
def duplicate_merge(pair_id: int) -> AnyResponse:
    """Make one record of the two."""
    return make_one(_asked(_pair_or_404(pair_id)))


def make_one(asked: MergeQuestion) -> AnyResponse:
    """Make one record of the two by what was chosen, and show the one; else ask what is unanswered."""
    session, person, ids = db.session(), member(), asked.ids
    chosen = {field: _chosen(field, ids) for field in merging.FIELDS}
    if None in chosen.values():
        return choose(asked, status=422, unanswered=True)
    picked = {field: value for field, value in chosen.items() if value is not None}
    try:
        merged = merging.merge(session, person.company_id, ids, picked, by_user_id=person.user_id)
    except DomainError as refused:
        session.rollback()
        flash(str(refused), "warning")
        return done(None, go_to=asked.back)
    session.commit()
    flash(_("%(name)sさんの記録を一つにまとめました", name=merged.candidate.name), f"undo:{merged.entry_id}")
    return done(None, go_to=asked.then or url_for("portal.record", candidate_id=merged.candidate.id))


@portal.post("/pool/duplicates/<int:pair_id>/apart")
@needs("pool:write")
def duplicate_apart(pair_id: int) -> AnyResponse:
    """Remember that the two are not the same person."""
    pair, person = _pair_or_404(pair_id), member()
    pairs.tell_apart(db.session(), person.company_id, pair.one_id, pair.other_id, by_user_id=person.user_id)
    db.session.commit()
    flash(_("別の方として残しました。「別人と確認した組」から、いつでも取り消せます。"))
    return done(None, go_to=url_for("portal.duplicates"))


@portal.get("/pool/duplicates/apart")
@needs("pool:read")
def duplicates_apart() -> AnyResponse:
    """Show who was told apart, the latest first."""
    found = pairs.apart_ones(db.session(), after=request.args.get("before", ""))
    context = {
        "shown": found.rows,
        "people": _people(one for each in found.rows for one in (each.one_id, each.other_id)),
        "next_url": url_for("portal.duplicates_apart", before=found.next) if found.next else "",
        "first_url": "" if found.at_top else url_for("portal.duplicates_apart"),
    }
    return page("portal/duplicates/apart.html", **(words() | context))


@portal.post("/pool/duplicates/apart/<int:apart_id>/removal")
@needs("pool:write")
def duplicate_together(apart_id: int) -> AnyResponse:
    """Put the two back into the queue: they may be one person after all."""
    session = db.session()
    apart = session.scalars(select(DifferentPeople).where(DifferentPeople.id == apart_id)).one_or_none()
    if apart is None:
        abort(404)
    pairs.take_back(session, member().company_id, apart)
    session.commit()
    flash(_("取り消しました。もう一度「重複の可能性」に表示します。"))
    return done(None, go_to=url_for("portal.duplicates_apart"))


def _asked(pair: DuplicatePair) -> MergeQuestion:
    queue = url_for("portal.duplicates")
    return MergeQuestion(
        (pair.one_id, pair.other_id),
        url_for("portal.duplicate_merge", pair_id=pair.id),
        queue,
        queue,
        duplicate_words.reasons(pair.reasons),
    )


def choose(asked: MergeQuestion, *, status: int = 200, unanswered: bool = False) -> AnyResponse:
    """Show both records, field by field, with what is chosen beforehand; 404 where one of them is gone."""
    session, people = db.session(), _people(asked.ids)
    one, other = (people.get(id_) or abort(404) for id_ in asked.ids)
    refused = ""
    try:
        merging.staying(session, one, other)
    except DomainError as reason:
        refused = str(reason)
    basis, day = merging.narrower(one, other)
    context = {
        "asked": asked,
        "fields": merging.FIELDS,
        "one": one,
        "other": other,
        "rows": [row for row in _rows(one, other, _applied(people)) if row.field],
        "chosen": merging.preselected(one, other)
        | {field: value for field in merging.FIELDS if (value := _chosen(field, (one.id, other.id)))},
        "basis": basis,
        "day": long_day(day) if day else "",
        "refused": refused,
        "unanswered": unanswered,
    }
    return page("portal/duplicates/merge.html", status=status, **(words() | _said() | context))


_PAIR = select(DuplicatePair).where(DuplicatePair.id == bindparam("pair"))


def _pair_or_404(pair_id: int) -> DuplicatePair:
    pair = db.session.scalars(_PAIR, {"pair": pair_id}).one_or_none()
    return pair or abort(404)


def _chosen(field: str, ids: Sequence[int]) -> int | None:
    picked = conditions.ids([request.form.get(field, "")])
    return picked[0] if picked and picked[0] in ids else None


_PEOPLE = select(Candidate).where(Candidate.id.in_(bindparam("people", expanding=True)))
_APPLIED = (
    select(Application.candidate_id, Position.title, Application.status, Application.applied_on)
    .outerjoin(Position, Position.id == Application.position_id)
    .where(Application.candidate_id.in_(bindparam("people", expanding=True)))
    .order_by(Application.id.desc())
)


def _people(ids: Iterable[int]) -> dict[int, Candidate]:
    return {candidate.id: candidate for candidate in db.session.scalars(_PEOPLE, {"people": list(set(ids))})}


def _applied(ids: Collection[int]) -> dict[int, list[str]]:
    """Return where each of them applied, the latest first."""
    found: dict[int, list[str]] = {each: [] for each in ids}
    result_words = words()["result_words"]
    for candidate_id, title, status, day in db.session.execute(_APPLIED, {"people": list(ids)}):
        where = title or _("求人の記録なし")
        found[candidate_id].append(" ".join(filter(None, [where, str(result_words[status]), short_day(day)])))
    return found


def _rows(one: Candidate, other: Candidate, applied: dict[int, list[str]]) -> list[FactComparison]:
    def row(field: str, label: str, tell: Any) -> FactComparison:
        return FactComparison(field, label, str(tell(one) or ""), str(tell(other) or ""))

    pairs_of = zip(shown(one, merging.CHOSEN), shown(other, merging.CHOSEN), strict=True)
    every = [
        *(FactComparison(mine.field.name, str(mine.label), mine.text, yours.text) for mine, yours in pairs_of),
        row("follow_up", _("今後の対応"), lambda who: who.follow_up.label if who.follow_up else ""),
        row("", _("応募"), lambda who: _("、").join(applied[who.id][:3])),
        row("", _("保管期限"), lambda who: long_day(who.retain_until)),
    ]
    return [each for each in every if each.one or each.other]


def _said() -> dict[str, Any]:
    return {"reasons": duplicate_words.reasons, "band": duplicate_words.band}
