"""/data-request: requests about one's own data, without registering: an address typed, a link mailed, requests chosen.

The first page says the same for every address (C-20); the second, behind the mailed link, acts by its form (C-16).
"""

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from relay.access.csrf import link_csrf
from relay.extensions import db
from relay.landing import landing
from relay.landing.arrival import find, write_letterhead
from relay.models import Company, RequestKind, TokenPurpose
from relay.network.links import LinkGone
from relay.rights import asking, data_requests
from relay.text import MailFault, clean_block, mail_sentence, normalise_mail, whole_number
from relay.web import page


@landing.get("/data-request")
def data_request() -> Response:
    """Show the form for the address, or that the request was taken."""
    return _ask(done=request.args.get("done") == "mailed")


@landing.post("/data-request")
def data_request_post() -> AnyResponse:
    """Put the request aside; whether anybody knows the address is looked up afterwards, by the worker."""
    typed = request.form.get("address", "")
    reading = normalise_mail(typed)
    if not reading.value:
        return _ask(status=422, typed=typed, trouble=str(mail_sentence(reading.fault or MailFault.NO_AT, typed)))
    slug = request.args.get("company", "")
    asking.ask(db.session(), reading.value, _company(slug))
    db.session.commit()
    return redirect(url_for(".data_request", company=slug or None, done="mailed"), 303)


@landing.get("/data-request/<token>")
def choose_requests(token: str) -> Response:
    """Show what can be asked of whom, or that it was passed on; nothing happens by looking."""
    return _choose(token, done=request.args.get("done") == "asked")


@landing.post("/data-request/<token>")
def choose_requests_post(token: str) -> AnyResponse:
    """Open the chosen requests; what is open already is not opened twice."""
    session, form = db.session(), request.form
    message_id = find(session, token, TokenPurpose.CHOOSE_REQUESTS).subject_id
    kinds = [kind for kind in RequestKind if kind.value in form.getlist("kind")]
    chosen = {whole_number(each) for each in form.getlist("company")} - {None}
    others, text = "others" in form, clean_block(form.get("text", ""))
    trouble = ""
    if not kinds:
        trouble = _("請求する内容を、一つ以上選んでください。")
    elif not chosen and not others:
        trouble = _("請求を届ける企業を選んでください。")
    elif len(text) > data_requests.MAX_TEXT:
        trouble = _("%(max)d文字までで入力してください。", max=data_requests.MAX_TEXT)
    if trouble:
        return _choose(token, status=422, trouble=trouble)
    asking.open_requests(session, message_id, kinds, chosen, others=others, text=text)
    session.commit()
    return redirect(url_for(".choose_requests", token=token, done="asked"), 303)


def _company(slug: str) -> int | None:
    return db.session.scalar(select(Company.id).where(Company.slug == slug)) if slug else None


def _ask(*, status: int = 200, done: bool = False, typed: str = "", trouble: str = "") -> Response:
    slug = request.args.get("company", "")
    if (company_id := _company(slug)) is not None:
        write_letterhead(db.session(), company_id)
    return page(
        "landing/data_request.html",
        status=status,
        slug=slug if company_id is not None else None,
        done=done,
        typed=typed,
        trouble=trouble,
        link_csrf=link_csrf(""),
    )


def _choose(token: str, *, status: int = 200, done: bool = False, trouble: str = "") -> Response:
    found = asking.addressees(db.session(), find(db.session(), token, TokenPurpose.CHOOSE_REQUESTS).subject_id)
    if found is None:
        raise LinkGone
    _address, companies = found
    return page(
        "landing/choose_requests.html",
        status=status,
        companies=companies,
        done=done,
        trouble=trouble,
        most=data_requests.MAX_TEXT,
    )
