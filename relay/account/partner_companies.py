"""A partner and one company: how many free introductions it makes (B-18), and the end of the partnership.

The end is asked on a page that says what happens, and done after a fresh proof (E-8).
"""

from flask import abort, flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import signed_in
from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.account import my_account
from relay.account.partner_forms import PromiseForm
from relay.account.partner_joining import own_partner
from relay.extensions import db
from relay.models.retention import PARTNER_RECORD
from relay.network import honouring, partner_companies, partners
from relay.network.partner_companies import PartnerCompany
from relay.network.partnerships import PartnershipGone
from relay.web import done, page


@my_account.get("/companies/<int:company_id>/end")
@needs("organisation:write")
def partnership_end(company_id: int) -> AnyResponse:
    """Show what ending the partnership with this company does, before it is done."""
    known = _known(company_id)
    if known.ended_at is not None:
        return _over()
    return page("account/partnership_end.html", company=known, kept_days=PARTNER_RECORD.number)


@my_account.post("/companies/<int:company_id>/end")
@needs("organisation:write")
@fresh
def partnership_end_post(company_id: int) -> AnyResponse:
    """End it: its people are shown no more with the next request, and everybody concerned is told."""
    name = _known(company_id).name
    if not partners.end_partnership(db.session(), company_id, own_partner().id, by_partner=True):
        return _over()
    db.session.commit()
    flash(_("%(name)sとの提携を終了しました。提供は止まり、登録していた方と企業にお知らせを送ります。", name=name))
    return done(None, go_to=url_for("agency.companies"))


@my_account.get("/companies/<int:company_id>/introductions")
@needs("organisation:write")
def partner_promise(company_id: int) -> AnyResponse:
    """Show how many free introductions a year the agency makes for this company, to be changed."""
    known = _of_agency(company_id)
    if known.ended_at is not None:
        return _over()
    stored = known.free_introductions_per_year
    return _promise_page(PromiseForm(None, free_introductions="" if stored is None else str(stored)), known)


@my_account.post("/companies/<int:company_id>/introductions")
@needs("organisation:write")
def partner_promise_post(company_id: int) -> AnyResponse:
    """Keep the number, with the day and the person who says that the fee table allows it."""
    known, form, session = _of_agency(company_id), PromiseForm(), db.session()
    if not form.validate():
        return _promise_page(form, known, status=422)
    per_year = form.a_year() or 0
    try:
        honouring.promise(
            session,
            company_id,
            own_partner().id,
            per_year,
            fee_table_allows=form.fee_table.data and form.no_fee.data,
            by_user_id=signed_in().user_id,
        )
    except PartnershipGone:
        return _over()
    session.commit()
    if per_year:
        flash(_("%(name)sからの無料紹介の依頼を、年に%(n)s件まで受け入れます。", name=known.name, n=per_year))
    else:
        flash(_("%(name)sからの無料紹介の依頼を、受け入れないことにしました。", name=known.name))
    return done(None, go_to=url_for("agency.companies"))


def _promise_page(form: PromiseForm, known: PartnerCompany, status: int = 200) -> AnyResponse:
    return page(
        "account/partner_promise.html", status=status, form=form, company=known, fees_url=own_partner().fees_url
    )


def _of_agency(company_id: int) -> PartnerCompany:
    """Return the agency's partnership with the company; 404 for a school, which makes no introductions."""
    known = _known(company_id)
    return known if known.agency else abort(404)


def _known(company_id: int) -> PartnerCompany:
    """Return the partnership with the company, in force or the last one; 404 where there never was one."""
    return partner_companies.partnership_with(db.session(), company_id) or abort(404)


def _over() -> AnyResponse:
    db.session.rollback()
    flash(_("この提携は、すでに終わっています。何も変更していません。"))
    return done(None, go_to=url_for("agency.companies"))
