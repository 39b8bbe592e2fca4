"""A partner's own particulars, as companies and candidates see them; its agents keep them right (B-10, B-13)."""

from flask import Response, flash, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay.access.permissions import needs
from relay.account import my_account
from relay.account.partner_forms import PartnerForm
from relay.account.partner_joining import own_partner
from relay.errors import DomainError
from relay.extensions import db
from relay.models import Partner, scopes
from relay.network import legal_person, partners, sharing
from relay.network.partners import Effect
from relay.web import done, page

_SAVED = {
    Effect.NOTHING: _l("保存しました。"),
    Effect.LOOKED_UP: _l("保存しました。提携している企業の確認が済むまで、新しい登録先としては表示されません。"),
    Effect.CLOSED: _l("保存しました。提携している企業の確認が済むまで、同意された方も表示されません。"),
    Effect.ENDED: _l(
        "保存しました。これまでの提携と同意は、すべて終わりました。企業から、改めて招待を受けてください。"
    ),
}


@my_account.get("/partner")
@needs("organisation:write")
def partner() -> Response:
    """Show what is known of the partner."""
    known = own_partner()
    return _page(PartnerForm.showing(known), known)


@my_account.post("/partner")
@needs("organisation:write")
def partner_post() -> AnyResponse:
    """Change it; name, address and licence are looked up again by the companies afterwards (B-11)."""
    known = own_partner()
    form = PartnerForm(known.kind)
    if not form.validate():
        return _page(form, known, status=422)
    try:
        given = form.particulars().cleaned().as_columns()
        effect = partners.describe_itself(db.session(), known, sure=form.sure.data, **given)
    except partners.LicenceTaken as taken:
        db.session.rollback()
        form.license_number.errors = [str(taken)]
        return _page(form, own_partner(), status=422)
    except partners.NotificationNotLookedUp as early:
        db.session.rollback()
        form.notification_number.errors = [str(early)]
        return _page(form, own_partner(), status=422)
    except partners.NotSure as asked:
        db.session.rollback()
        form.form_errors.append(str(asked))
        return _page(form, own_partner(), status=422, asked=asked.effect)
    except legal_person.RenewalTooEarly as early:
        db.session.rollback()
        form.license_until.errors = [str(early)]
        return _page(form, own_partner(), status=422)
    except DomainError as refused:
        db.session.rollback()
        form.form_errors.append(str(refused))
        return _page(form, own_partner(), status=422)
    db.session.commit()
    flash(str(_SAVED[effect]))
    return done(None, go_to=url_for("my_account.partner"))


def _page(form: PartnerForm, known: Partner, status: int = 200, asked: Effect | None = None) -> Response:
    session, people = db.session(), 0
    if asked is not None:  # it takes long where a partner has very many
        with scopes.partner(session, known.id):
            people = sharing.count(session, sharing.COUNT_CAP)
    return page(
        "account/partner.html",
        status=status,
        form=form,
        partner=known,
        asked=asked,
        people=people,
        most=sharing.COUNT_CAP,
        may_introduce=known.introduces_jobs or partners.notification_is_looked_up(session, known),
    )
