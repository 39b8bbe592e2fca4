"""Requests of the pool's search box and rail after the page: how a word may go on, and how many fit each choice."""

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.permissions import needs
from relay.extensions import db
from relay.portal import portal
from relay.portal.pool import facet_groups
from relay.portal.ui import conditions, search_words
from relay.portal.ui.labels import words
from relay.search import candidate_search, completion, facets
from relay.web import page


@portal.get("/pool/words")
@needs("pool:read")
def pool_words() -> AnyResponse:
    """Return how the query being typed may go on, as the list of the search box."""
    typed = request.args.get("q", "")[-conditions.MAX_Q :]
    return page("portal/pool/_words.html", suggestions=completion.suggestions(db.session(), typed))


@portal.get("/pool/counts")
@needs("pool:read")
def pool_counts() -> AnyResponse:
    """Return how many fit each choice of the rail, for the places beside them; nothing for what cannot be read."""
    query = conditions.read(request.args)
    session, company_id = db.session(), member().company_id
    counted = None if search_words.trouble(query) else facets.count(session, company_id, query)
    shown = facet_groups.values(query, conditions.choices(session, query, latest=True))
    most = candidate_search.COUNT_CAP
    return page("portal/pool/_counts.html", counted=counted, facets_shown=shown, most=most, **words())
