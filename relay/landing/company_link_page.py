"""A company's link for the mails it sends from elsewhere: mail a relay link to the address that is typed.

The answer is the same for every address; the worker decides afterwards whether a mail leaves.
"""

from flask import Response, abort, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from relay.access.csrf import link_csrf
from relay.extensions import db
from relay.landing import landing
from relay.landing.arrival import write_letterhead
from relay.models import Company
from relay.network import company_links, links
from relay.text import MailFault, mail_sentence, normalise_mail
from relay.web import page


@landing.get("/careers/<slug>/relay")
def company_link(slug: str) -> Response:
    """Show the form for the address, or that the request was taken."""
    return _page(_company_or_404(slug), slug, done=request.args.get("done") == "mailed")


@landing.post("/careers/<slug>/relay")
def company_link_post(slug: str) -> AnyResponse:
    """Put the request for a link aside."""
    company_id = _company_or_404(slug)
    typed = request.form.get("address", "")
    reading = normalise_mail(typed)
    if not reading.value:
        trouble = str(mail_sentence(reading.fault or MailFault.NO_AT, typed))
        return _page(company_id, slug, status=422, typed=typed, trouble=trouble)
    if not company_links.is_open(db.session(), company_id):
        return _page(company_id, slug)
    company_links.ask(db.session(), company_id, reading.value)
    db.session.commit()
    return redirect(url_for(".company_link", slug=slug, done="mailed"), 303)


def _company_or_404(slug: str) -> int:
    company_id = db.session.scalar(select(Company.id).where(Company.slug == slug))
    if company_id is None:
        abort(404)
    write_letterhead(db.session(), company_id)
    return int(company_id)


def _page(
    company_id: int, slug: str, *, status: int = 200, done: bool = False, typed: str = "", trouble: str = ""
) -> Response:
    return page(
        "landing/company_link.html",
        status=status,
        slug=slug,
        open=company_links.is_open(db.session(), company_id),
        days=links.LIFETIME.days,
        done=done,
        typed=typed,
        trouble=trouble,
        link_csrf=link_csrf(""),
    )
