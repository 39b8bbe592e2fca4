"""Saved searches (保存した条件): saving the conditions of the list, renaming, sharing, and forgetting them."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import or_, select
from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db
from relay.identity.roles import may
from relay.insight import alerts
from relay.models import Role, SavedSearch
from relay.portal import portal
from relay.portal.ui import conditions, search_words
from relay.search import saved
from relay.search.candidate_search import Query
from relay.search.saved import Saved
from relay.web import page

SHOWN = 8
"""So many stand above the list; all of them on the page of saved searches."""


def views(query: Query, offered: conditions.FilterChoices) -> list[dict[str, Any]]:
    """Everybody, and the searches this person sees, as links above the list; the one on show is always among them."""
    here = conditions.address("portal.pool", query.by_age)
    saved = [{"label": name, "url": conditions.address("portal.pool", kept)} for name, kept in offered.searches.items()]
    saved.sort(key=lambda each: each["url"] != here)
    everybody = {"label": _("すべて"), "url": url_for("portal.pool")}
    return [each | {"current": each["url"] == here} for each in (everybody, *saved[:SHOWN])]


@portal.get("/pool/searches")
@needs("pool:read")
def searches() -> AnyResponse:
    """Show one's own saved searches and the shared ones."""
    return _list()


@portal.post("/pool/searches")
@needs("pool:write")
def search_save() -> AnyResponse:
    """Keep the conditions in the address under a name."""
    query = conditions.top(conditions.read(request.args))
    shared = "shared" in request.form
    try:
        search = saved.save(db.session(), request.form.get("name", ""), query, user_id=member().user_id, shared=shared)
    except DomainError as refused:
        flash(str(refused), "warning")
        return redirect(conditions.address("portal.pool", query), 303)
    db.session.commit()
    told = _("「%(name)s」を保存し、社内で共有しました") if shared else _("「%(name)s」を保存しました")
    flash(told % {"name": search.name})
    return redirect(conditions.address("portal.pool", query), 303)


@portal.post("/pool/searches/<int:search_id>")
@needs("pool:write")
def search_change(search_id: int) -> AnyResponse:
    """Rename, share, or keep to oneself again."""
    search = _own_or_refused(search_id)
    try:
        saved.change(db.session(), search, request.form.get("name", ""), shared="shared" in request.form)
    except DomainError as refused:
        db.session.rollback()
        return _list(refused=str(refused), about=search_id, status=422)
    db.session.commit()
    flash(_("「%(name)s」を変更しました", name=search.name))
    return redirect(url_for("portal.searches"), 303)


@portal.post("/pool/searches/<int:search_id>/delete")
@needs("pool:write")
def search_delete(search_id: int) -> AnyResponse:
    """Forget a search."""
    search = _own_or_refused(search_id)
    name = search.name
    saved.delete(db.session(), search)
    db.session.commit()
    flash(_("保存した条件「%(name)s」を削除しました", name=name))
    return redirect(url_for("portal.searches"), 303)


def _list(*, status: int = 200, **extra: Any) -> AnyResponse:
    session, person = db.session(), member()
    seen = saved.seen_by(session, person.user_id)
    offered = conditions.choices(session, _together(seen))
    listed = [
        {
            "saved": each,
            "url": _address(each),
            "parts": [chip.text for chip in _chips(each.query, offered)],
            "may_change": _may_change(each.search),
        }
        for each in seen
    ]
    return page(
        "portal/pool/searches.html",
        searches=listed,
        own_id=person.user_id,
        may_follow=may(person.role, "alerts:use"),
        alert_ids=alerts.searches_followed(session, person.user_id),
        status=status,
        **extra,
    )


def _together(seen: Sequence[Saved]) -> Query:
    """Return all tags and positions that any of them asks for, so that one statement brings their names."""
    queries = [each.query for each in seen]
    return Query(
        tags=tuple(tag for query in queries for tag in query.tags),
        positions=tuple(position for query in queries for position in query.positions),
    )


def _chips(query: Query, offered: conditions.FilterChoices) -> list[conditions.Chip]:
    return conditions.chips("portal.pool", query, offered, parts=search_words.parts(query))


def _address(each: Saved) -> str:
    return conditions.address("portal.pool", each.query)


def _may_change(saved: SavedSearch) -> bool:
    """Return whether the person may change it: its owner, and administrators what is shared."""
    person = member()
    return saved.user_id == person.user_id or (saved.shared and person.role is Role.ADMIN)


def _own_or_refused(search_id: int) -> SavedSearch:
    seen = or_(SavedSearch.user_id == member().user_id, SavedSearch.shared)
    saved = db.session.scalars(select(SavedSearch).where(SavedSearch.id == search_id, seen)).one_or_none()
    if saved is None:
        raise NotFound
    if not _may_change(saved):
        raise Forbidden
    return saved
