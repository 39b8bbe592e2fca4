"""Acts on the people chosen in the pool: a tag put on or taken off, the follow-up set, each with its way back.

The ticked people stand in the form. With `all` in the address it is everybody who fits the conditions there, but for
those of the page that were unticked.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.permissions import needs
from relay.bulk import runs
from relay.bulk.actions import AddTag, BulkAction, RemoveTag, SetFollowUp
from relay.bulk.runs import Done
from relay.candidates import tags
from relay.candidates.sensitive import SensitiveWords
from relay.errors import DomainError
from relay.extensions import db
from relay.identity.roles import may
from relay.models import FollowUp
from relay.outreach import drafts, pending_results
from relay.outreach.results import MAX_RECIPIENTS
from relay.portal import portal
from relay.portal.pool.erasure import MAX_ERASED
from relay.portal.pool.index import listed
from relay.portal.ui import conditions
from relay.portal.ui.company import own_company
from relay.search.candidate_search import Query
from relay.web import done, wants_fragment


class NobodyChosen(DomainError):
    """Raise for a bulk action without people."""

    code = "nobody-chosen"
    message = _l("どなたも選ばれていません。表の左のチェックで選んでから、もう一度お試しください。")


class InvalidChoice(DomainError):
    """Raise where the form names no action, or a follow-up that does not exist."""

    code = "invalid-choice"
    message = _l("一覧にない値です。画面を開き直して選んでください。何も変わっていません。")


class NobodyPending(DomainError):
    """Raise where none of the people chosen waits for a result."""

    code = "nobody-pending"
    message = _l(
        "選んだ方の中に、見送りを決めてまだ連絡していない方はいません。選考中の方を見送りにするときは、「選考」で選んで"
        "ください。何も変わっていません。"
    )


class TooManyToErase(DomainError):
    """Raise where more people are chosen than are erased at once."""

    code = "too-many-to-erase"
    message = _l(
        "一度に消去できるのは%(most)s名までです。条件を絞るか、表で選び直してください。まだ消去していません。",
        most=MAX_ERASED,
    )


@dataclass(frozen=True)
class Chosen:
    """The people a form means."""

    query: Query
    ids: tuple[int, ...]
    everybody: bool
    shown: tuple[int, ...]

    @classmethod
    def read(cls) -> "Chosen":
        """Out of the address and the form."""
        ids, shown = (tuple(conditions.ids(request.form.getlist(name))) for name in ("id", "shown"))
        return cls(conditions.read(request.args), ids, "all" in request.args, shown)

    def do(self, action: BulkAction) -> Done:
        """Do it to them. Raises NobodyChosen."""
        session, person = db.session(), member()
        company_id = person.company_id
        if self.everybody:
            but = set(self.shown) - set(self.ids)
            return runs.do_to_all(session, company_id, action, self.query, but=but, by_user_id=person.user_id)
        if not self.ids:
            raise NobodyChosen
        return runs.do(session, company_id, action, self.ids, by_user_id=person.user_id)

    def again(self, **extra: Any) -> AnyResponse:
        """Show the list as it was, with a message above it."""
        return listed(self.query, everybody=self.everybody, ticked=list(self.ids), **extra)

    def people(self, most: int) -> list[int]:
        """Return them, the newest first, no more than `most`."""
        if not self.everybody:
            return list(self.ids)[:most]
        but = frozenset(self.shown) - frozenset(self.ids)
        return runs.Whom(self.query, but).first(db.session(), member().company_id, most)

    def exported(self) -> Query:
        """Return the search that finds them alone."""
        if not self.everybody:
            return Query(among=self.ids)
        return replace(self.query.by_age, besides=tuple(sorted(set(self.shown) - set(self.ids))))


@portal.post("/pool/bulk")
@needs("pool:write")
def pool_bulk() -> AnyResponse:
    """Run one act on everybody chosen; what changes the records is in the journal and can be taken back."""
    chosen, name = Chosen.read(), request.form.get("name", "")
    try:
        if not chosen.ids and not chosen.everybody:
            raise NobodyChosen
        if (leads := _LEADS_ON.get(request.form.get("act", ""))) is not None:
            permission, to = leads
            if not may(member().role, permission):
                raise Forbidden
            return to(chosen)
        action, word = _action(name)
        outcome = chosen.do(action) if action else Done(0, None)
    except SensitiveWords as asked:
        return chosen.again(status=422, asking={"sentence": str(asked), "name": name})
    except DomainError as refused:
        return chosen.again(status=422, refused=str(refused))
    db.session.commit()
    return _told(chosen, outcome, (action or RemoveTag).outcome(outcome.people, word))


def _to_export(chosen: Chosen) -> AnyResponse:
    return done(None, go_to=conditions.address("portal.export", chosen.exported()))


def _to_results(chosen: Chosen) -> AnyResponse:
    """Begin to write to those who were rejected and not told; the others are said to be left out."""
    people = chosen.people(runs.SYNC_LIMIT)
    pending = pending_results.of_people(db.session(), people, MAX_RECIPIENTS)
    if not pending:
        raise NobodyPending
    draft = drafts.start(db.session(), own_company(), pending, by_user_id=member().user_id)
    db.session.commit()
    told = _(
        "%(count)s名の結果連絡を書きます。選んだほかの方は、結果を伝える見送りがないため含みません。",
        count=len(draft.rows),
    )
    flash(told if len(people) > len(draft.rows) else _("%(count)s名の結果連絡を書きます。", count=len(draft.rows)))
    return done(None, go_to=url_for("portal.result_draft", batch=draft.batch))


def _to_erasure(chosen: Chosen) -> AnyResponse:
    people = chosen.people(MAX_ERASED + 1)
    if len(people) > MAX_ERASED:
        raise TooManyToErase
    return done(None, go_to=url_for("portal.people_erasure", id=people))


_LEADS_ON: dict[str, tuple[str, Callable[[Chosen], AnyResponse]]] = {
    "export": ("pool:export", _to_export),
    "results": ("results:tell", _to_results),
    "erase": ("people:erase", _to_erasure),
}
"""Acts that lead to a page of their own, with the permission of each."""


def _action(name: str) -> tuple[AddTag | RemoveTag | SetFollowUp | None, str]:
    """Return what the form asks for, with the word it is about; no act where nobody can carry such a tag."""
    item, session = request.form.get("act", ""), db.session()
    if item == "follow_up":
        chosen = request.form.get("follow_up", "")
        if chosen not in [*FollowUp, "none"]:
            raise InvalidChoice
        action = SetFollowUp(None if chosen == "none" else FollowUp(chosen))
        return action, action.word
    if item == "remove":
        tag = tags.find(session, name)
        return (RemoveTag(tag.id), tag.name) if tag else (None, name.strip())
    if item != "add":
        raise InvalidChoice
    tag = tags.find_or_make(session, name, confirmed="confirmed" in request.form)
    return AddTag(tag.id), tag.name


def _told(chosen: Chosen, outcome: Done, sentence: str) -> AnyResponse:
    if outcome.running:
        flash(_("人数が多いため、順に進めています。ほかの作業を続けられます。"))
        return done(None, go_to=url_for("portal.activity"))
    if wants_fragment():
        undo_url = url_for("portal.activity_undo", entry_id=outcome.entry_id) if outcome.entry_id else ""
        return listed(chosen.query, ticked=list(chosen.ids), told=sentence, undo_url=undo_url)
    flash(sentence, f"undo:{outcome.entry_id}" if outcome.entry_id else "message")
    return redirect(conditions.address("portal.pool", chosen.query), 303)
