"""The end of a partnership by the partner: asked on a page that says what happens, done after a fresh proof (E-8)."""

from flask import abort, flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.account import my_account
from relay.account.partner_joining import own_partner
from relay.extensions import db
from relay.models.retention import PARTNER_RECORD
from relay.network import partner_companies, partners
from relay.network.partner_companies import PartnerCompany
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


def _known(company_id: int) -> PartnerCompany:
    """Return the partnership with the company, in force or the last one; 404 where there never was one."""
    return partner_companies.partnership_with(db.session(), company_id) or abort(404)


def _over() -> AnyResponse:
    db.session.rollback()
    flash(_("この提携は、すでに終わっています。何も変更していません。"))
    return done(None, go_to=url_for("agency.companies"))
