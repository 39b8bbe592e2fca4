"""Settings: for how long the company keeps its candidates, what a change moves, and all other terms (A-24)."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, SelectChoice, SelectField

from relay.access.context import member
from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db
from relay.models import RetentionBasis
from relay.models.retention import Audience
from relay.portal import portal
from relay.rights import term_changes
from relay.rights.term_changes import TermEffect
from relay.trust import retention_notice, terms
from relay.web import done, page


def _months(basis: RetentionBasis) -> SelectField:
    """Return the choice of the months on one basis; the database knows no other."""
    numbers = range(terms.MIN_MONTHS, terms.MAX_MONTHS[basis] + 1)
    return SelectField(basis.label, coerce=int, choices=[SelectChoice(n, _l("%(n)dか月", n=n)) for n in numbers])


class TermsForm(FlaskForm):  # type: ignore[misc]
    """The months on each basis; `looked` says for which of them the effect was shown."""

    selection = _months(RetentionBasis.SELECTION)
    stated = _months(RetentionBasis.STATED)
    consented = _months(RetentionBasis.CONSENTED)
    looked = HiddenField()

    def months(self) -> dict[RetentionBasis, int]:
        """Return what was chosen."""
        return {basis: self[basis.value].data for basis in RetentionBasis}

    def written(self) -> str:
        """Return what was chosen, as `looked` holds it."""
        return "-".join(map(str, self.months().values()))


@portal.get("/settings/privacy/retention")
@needs("settings:read")
def settings_retention() -> Response:
    """Show the months that were set last; where others are in the address, whom setting them would move.

    Looking takes seconds with a million people, and being a GET holds up nobody who writes.
    """
    session, company_id = db.session(), member().company_id
    newest = terms.of_company(session, company_id).newest()
    if "look" not in request.args:
        return _page(TermsForm(None, **{basis.value: months for basis, months in newest.items()}))
    form = TermsForm(request.args, meta={"csrf": False})
    if not form.validate():
        return _page(form, status=422)
    form.looked.data = form.written()
    effect = term_changes.effect(session, company_id, form.months())
    return _page(form, effect, changes=form.months() != newest)


@portal.post("/settings/privacy/retention")
@needs("settings:write")
def settings_retention_post() -> AnyResponse:
    """Set the months whose effect was shown; for others it is shown first."""
    session, form = db.session(), TermsForm()
    if not form.validate():
        return _page(form, status=422)
    if form.looked.data != form.written():
        chosen: dict[str, Any] = {basis.value: months for basis, months in form.months().items()}
        return done(None, go_to=url_for("portal.settings_retention", look="1", **chosen))
    try:
        term_changes.change(session, member().company_id, form.months(), by_user_id=member().user_id)
        session.commit()
    except DomainError as refused:
        session.rollback()
        form.form_errors.append(str(refused))
        return _page(form, status=422)
    flash(_("保管期間を変更しました。明日からの結果に使い、公開しているページにも明日から載ります。"))
    return done(None, go_to=url_for("portal.settings_retention"))


def _page(form: TermsForm, effect: TermEffect | None = None, *, changes: bool = False, status: int = 200) -> Response:
    in_force = terms.of_company(db.session(), member().company_id)
    return page(
        "portal/settings/retention.html",
        status=status,
        form=form,
        effect=effect,
        changes=changes,
        notice_days=terms.NOTICE.days,
        lines=retention_notice.of_company(in_force),
        staff_lines=retention_notice.of(Audience.STAFF),
    )
