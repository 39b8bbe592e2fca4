"""A company's public page on personal data: for anyone, without a link, a login or a cookie (A-6)."""

from flask import Response, abort, url_for
from sqlalchemy import select

from relay.extensions import db
from relay.landing import landing
from relay.landing.arrival import write_letterhead
from relay.models import Company
from relay.trust import privacy, purposes, retention_notice, terms
from relay.web import page


@landing.get("/careers/<slug>/privacy")
def careers_privacy(slug: str) -> Response:
    """Show what is published now; a company that is not there and one that has published nothing look the same."""
    session = db.session()
    company_id = session.scalar(select(Company.id).where(Company.slug == slug))
    text = privacy.current(session, company_id) if company_id is not None else None
    if company_id is None or text is None:
        abort(404)
    write_letterhead(session, company_id)
    in_force = terms.of_company(session, company_id)
    response = page(
        "landing/privacy.html",
        text=text,
        words=privacy.WORDS,
        retention_lines=retention_notice.of_company(in_force),
        terms_changed=bool(in_force.rows),
        notice_days=terms.NOTICE.days,
        purpose_words=purposes.WORDS,
        privacy_url="",
        requests_url=url_for(".data_request", company=slug),
    )
    response.headers["X-Robots-Tag"] = "all"
    return response
