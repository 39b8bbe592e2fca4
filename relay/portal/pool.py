"""The talent pool list (人材プール): search, filters, tags on several people at once, and who leaves next."""

from typing import Any

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay.access import needs, signed_in
from relay.errors import DomainError
from relay.extensions import db
from relay.network import links
from relay.pool import search, tags
from relay.pool.search import Query
from relay.pool.sensitive import SensitiveWords
from relay.portal import conditions, portal
from relay.portal.words import relay_legs, words
from relay.rights import retention
from relay.web import page, wants_fragment


class NobodyChosen(DomainError):
    """An act on several people needs at least one."""

    def __init__(self) -> None:
        super().__init__(_l("どなたも選ばれていません。表の左のチェックで選んでから、もう一度お試しください。"))


@portal.get("/pool")
@needs("pool:read")
def pool() -> AnyResponse:
    """The list, or the part of it that htmx asks for."""
    return _list(conditions.read(request.args))


@portal.post("/pool/tags")
@needs("pool:write")
def pool_tags() -> AnyResponse:
    """Put a tag on the ticked people or take it off; the conditions of the list stand in the address."""
    query, ids = conditions.read(request.args), conditions.ids(request.form.getlist("id"))
    name, removing = request.form.get("name", ""), request.form.get("act") == "remove"
    try:
        told = _take_off(name, ids) if removing else _put_on(name, ids, confirmed="confirmed" in request.form)
    except SensitiveWords as asked:
        return _list(query, status=422, ticked=ids, asking={"sentence": str(asked), "name": name, "ids": ids})
    except DomainError as refused:
        return _list(query, status=422, ticked=ids, refused=str(refused))
    db.session.commit()
    if wants_fragment():
        return _list(query, ticked=ids, told=told)
    flash(told)
    return redirect(conditions.address("portal.pool", query), 303)


@portal.get("/pool/leaving")
@needs("pool:read")
def leaving() -> AnyResponse:
    """Who leaves within the coming days because their date comes."""
    return page("portal/pool/leaving.html", run=retention.next_run(db.session(), days=30, limit=500), **words())


def _put_on(name: str, ids: list[int], *, confirmed: bool) -> str:
    if not ids:
        raise NobodyChosen
    session = db.session()
    tag = tags.find_or_make(session, name, confirmed=confirmed)
    fresh = tags.add_tag(session, tag, ids, by_user_id=signed_in().user_id)
    if not fresh:
        return _("選んだ方には、すでに「%(name)s」が付いています", name=tag.name)
    return _("%(n)s名に「%(name)s」を付けました", n=len(fresh), name=tag.name)


def _take_off(name: str, ids: list[int]) -> str:
    if not ids:
        raise NobodyChosen
    session = db.session()
    tag = tags.find(session, name)
    gone = tags.remove_tag(session, tag, ids) if tag else []
    if not gone:
        return _("選んだ方には「%(name)s」が付いていませんでした", name=tag.name if tag else name.strip())
    return _("%(n)s名から「%(name)s」を外しました", n=len(gone), name=tag.name if tag else "")


def _list(query: Query, *, status: int = 200, **extra: Any) -> AnyResponse:
    session, company_id = db.session(), signed_in().company_id or 0
    found = search.find(session, company_id, query)
    if not found.rows and query != conditions.top(query):
        return redirect(conditions.address("portal.pool", conditions.top(query)))
    ids = [row.id for row in found.rows]
    offered, statuses = conditions.choices(session, query), links.statuses(session, ids)
    context: dict[str, Any] = {
        "query": query,
        "found": found,
        "tags_of": tags.tags_of(session, ids),
        "legs_of": {candidate_id: relay_legs(statuses.get(candidate_id)) for candidate_id in ids},
        "total": search.count(session, company_id, query),
        "most": search.COUNTED,
        "choices": offered,
        "chips": conditions.chips("portal.pool", query, offered),
        **conditions.turns("portal.pool", query, found.newer, found.older),
        "paged": query.before_id is not None or query.after_id is not None,
        "list_url": conditions.address("portal.pool", query),
        "bulk_url": conditions.address("portal.pool_tags", query),
        "swapped": wants_fragment(),
    }
    return page("portal/pool/index.html", "portal/pool/_list.html", status=status, **(words() | context | extra))
