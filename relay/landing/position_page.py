"""A position under its link to pass on (リファラル): for anyone, without a login or a cookie.

It takes no application and notes no visit. A link that was closed, a position that is not open and a link that never
was get the same answer.
"""

from flask import Response, abort
from sqlalchemy import select

from relay.extensions import db
from relay.hiring import passing_on, position_facts
from relay.landing import landing
from relay.landing.arrival import write_letterhead
from relay.models import Company, scopes
from relay.web import page


@landing.get("/careers/<slug>/positions/<link>")
def position_page(slug: str, link: str) -> Response:
    """Show the posting and where one applies, or that the company does not hire by this link now."""
    session = db.session()
    company_id = session.scalar(select(Company.id).where(Company.slug == slug))
    if company_id is None:
        abort(404)
    write_letterhead(session, company_id)
    with scopes.company(session, company_id):
        position = passing_on.behind(session, link)
        if position is None or position.apply_at is None:
            return page("landing/position_gone.html", status=410)
        return page(
            "landing/position.html",
            title=position.title,
            facts=position_facts.published(position),
            confirmed_on=position.confirmed_on,
            way=position.apply_at,
            by_mail=passing_on.is_mail(position.apply_at),
        )
