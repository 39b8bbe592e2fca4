"""A partner's own particulars, as companies and candidates see them; its agents keep them right (B-10, B-13)."""

from flask import Response, flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access import needs
from relay.account import own
from relay.account.partner_forms import PartnerForm
from relay.account.partner_joining import own_partner
from relay.errors import DomainError
from relay.extensions import db
from relay.models import Partner
from relay.network import partners
from relay.web import done, page


@own.get("/partner")
@needs("house:write")
def partner() -> Response:
    """What is known of the partner."""
    known = own_partner()
    return _page(PartnerForm.showing(known), known)


@own.post("/partner")
@needs("house:write")
def partner_post() -> AnyResponse:
    """Change it; name, address and licence are looked up again by the companies afterwards (B-11)."""
    known = own_partner()
    form = PartnerForm(known.kind)
    if not form.validate():
        return _page(form, known, status=422)
    try:
        given = form.particulars().cleaned().as_columns()
        again = partners.describe_itself(db.session(), known, **given)
    except partners.LicenceTaken as taken:
        db.session.rollback()
        form.license_number.errors = [str(taken)]
        return _page(form, own_partner(), status=422)
    except DomainError as refused:
        db.session.rollback()
        form.form_errors.append(str(refused))
        return _page(form, own_partner(), status=422)
    db.session.commit()
    flash(
        _("保存しました。提携している企業の確認が済むまで、新しい登録の相手としては表示されません。")
        if again
        else _("保存しました。")
    )
    return done(None, go_to=url_for("own.partner"))


def _page(form: PartnerForm, known: Partner, status: int = 200) -> Response:
    return page("account/partner.html", status=status, form=form, partner=known)
