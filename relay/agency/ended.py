"""References of people whom the partner sees no more, to find its copies by and to answer that they are deleted."""

from flask import Response, request, url_for

from relay.access.context import agent
from relay.access.permissions import needs
from relay.agency import agency
from relay.extensions import db
from relay.models.retention import PROVISION
from relay.network import ended_references, sharing
from relay.tokens import parse_code
from relay.web import page


@agency.get("/ended")
@needs("people:read")
def ended() -> Response:
    """Show what waits for an answer, the newest first; everything with `all`, and one person's by reference."""
    session = db.session()
    q, everything = request.args.get("q", "").strip()[:100], request.args.get("all") == "1"
    found = ended_references.lines(
        session,
        code=parse_code(q) or q,
        unanswered=not (everything or q),
        after=request.args.get("after", ""),
        before=request.args.get("before", ""),
    )
    return page(
        "agency/ended.html",
        state=sharing.of_partner(session, agent().partner_id),
        found=found,
        waiting=ended_references.count_unanswered(session),
        most=ended_references.COUNT_CAP,
        at_once=ended_references.AT_ONCE,
        newest=ended_references.newest_unanswered(session),
        q=q,
        everything=everything,
        years=PROVISION.number,
        newer_url=_page_url(q, everything, before=found.previous) if found.previous else "",
        older_url=_page_url(q, everything, after=found.next) if found.next else "",
    )


def _page_url(q: str, everything: bool, **cursor: str) -> str:
    return url_for(".ended", q=q or None, all="1" if everything else None, **cursor)  # type: ignore[arg-type]
