"""Settings: with whom the company relays, whom it invited, whether candidates are shown them; checking and ending."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from flask import Response, abort, flash, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, select
from werkzeug.wrappers import Response as AnyResponse

from relay import clock, organisation
from relay.access.context import member, signed_in
from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.errors import DomainError
from relay.extensions import db
from relay.identity import invitations
from relay.models import InvitationKind, Partner, PartnerKind, Partnership, User
from relay.network import honouring, partner_letters, partners, partnerships
from relay.network.partners import may_be_offered
from relay.portal import portal
from relay.portal.settings.partner_forms import CheckPartnerForm, InvitePartnerForm
from relay.portal.setup import steps as setup_steps
from relay.portal.ui.company import own_company
from relay.portal.ui.labels import long_day, words
from relay.portal.ui.navigation import tab
from relay.web import done, page

MAX_SHOWN = 200
PUBLIC_REGISTER = "https://jinzai.hellowork.mhlw.go.jp/JinzaiWeb/"
"""人材サービス総合サイト of the ministry, where every licence is listed."""


@dataclass(frozen=True)
class PartnershipRow:
    """A partner as the settings show it; `troubles` say why candidates are not shown it."""

    partner: Partner
    terms: Partnership
    checked_by: str
    shown: bool
    troubles: list[str]

    @property
    def overdue(self) -> bool:
        """Return whether the day is past by which it was to be looked up; then it sees nobody of this company."""
        return self.terms.look_up_by is not None and self.terms.look_up_by < clock.today()

    @property
    def checked_on(self) -> date | None:
        """Return when it was looked up: by this company, else by the operator of the installation."""
        return self.terms.checked_on or self.partner.checked_on


@portal.get("/settings/partners")
@needs("settings:read")
@tab(5, _l("提携先"))
def settings_partners() -> Response:
    """Show with whom the company relays, whom it invited, and whether candidates are shown them."""
    return _list_page(InvitePartnerForm(None))


@portal.post("/settings/partners/invitations")
@needs("partners:write")
@fresh
def settings_partner_invite() -> AnyResponse:
    """Invite an agency or school by its address; by that the company accepts the sharing rules."""
    form = InvitePartnerForm()
    if not form.validate():
        return _list_page(form, status=422)
    try:
        invited = invitations.invite_partner(
            db.session(),
            own_company(),
            email=form.email.data,
            rules_version=partnerships.RULES_VERSION,
            by_user_id=member().user_id,
        )
    except DomainError as refused:
        db.session.rollback()
        form.email.errors = [str(refused)]
        return _list_page(form, status=422)
    db.session.commit()
    flash(_("%(email)sに招待のメールを送ります。有効期限は14日です。", email=invited.email))
    return done(None, go_to=setup_steps.after(url_for("portal.settings_partners")))


INVITED_PARTNERS = organisation.AdminPages(
    organisation=own_company,
    permission="partners:write",
    module=__name__,
    list_url=lambda: setup_steps.after(url_for("portal.settings_partners")),
)
organisation.invitation_views(
    portal, "/settings/partners/invitations", "settings_partner", InvitationKind.PARTNER, INVITED_PARTNERS
)


@portal.get("/settings/partners/<int:partner_id>/check")
@needs("partners:write")
def settings_partner_check(partner_id: int) -> Response:
    """Show what to compare with the public register, and the form that records it."""
    partnership = _partnership_or_404(partner_id)
    return _check_page(CheckPartnerForm(None, seen=partners.fingerprint(partnership.partner)), partnership)


@portal.post("/settings/partners/<int:partner_id>/check")
@needs("partners:write")
def settings_partner_check_post(partner_id: int) -> AnyResponse:
    """Record the look-up; from now on candidates are offered the partner (B-11)."""
    partnership, form = _partnership_or_404(partner_id), CheckPartnerForm()
    if not form.validate():
        return _check_page(form, partnership, status=422)
    person = member()
    try:
        partners.check_partnership(
            db.session(),
            own_company().id,
            partner_id,
            seen=form.seen.data or "",
            note=form.note.data or "",
            by_user_id=person.user_id,
        )
    except DomainError as refused:
        db.session.rollback()
        partnership = _partnership_or_404(partner_id)
        form.seen.data = partners.fingerprint(partnership.partner)
        form.same.data = False
        form.form_errors.append(str(refused))
        return _check_page(form, partnership, status=422)
    db.session.commit()
    flash(_("確認を記録しました。"))
    return done(None, go_to=url_for("portal.settings_partners"))


@portal.get("/settings/partners/<int:partner_id>/end")
@needs("partners:write")
def settings_partner_end(partner_id: int) -> Response:
    """Show what ending a partnership does, before it is done."""
    return page("portal/settings/partner_end.html", partnership=_partnership_or_404(partner_id))


@portal.post("/settings/partners/<int:partner_id>/end")
@needs("partners:write")
@fresh
def settings_partner_end_post(partner_id: int) -> AnyResponse:
    """End it: sharing stops with the next request, and the people concerned are told."""
    name = _partnership_or_404(partner_id).partner.name
    partners.end_partnership(db.session(), own_company().id, partner_id)
    db.session.commit()
    flash(_("%(name)sとの提携を終了しました。提供は止まり、登録していた方にお知らせを送ります。", name=name))
    return done(None, go_to=url_for("portal.settings_partners"))


def invitation_context(form: InvitePartnerForm | None = None) -> dict[str, Any]:
    """Return what inviting needs, here and in the set-up: the form, the rules, and the invitations that wait."""
    return {
        "form": form or InvitePartnerForm(None),
        "sharing": partnerships.rules_of(partnerships.RULES_VERSION),
        "invitation_text": partner_letters.invitation_sample(db.session(), member().company_id, signed_in().name),
        "pending": invitations.open_ones(db.session(), own_company(), InvitationKind.PARTNER),
        "moment": words()["moment"],
    }


def _list_page(form: InvitePartnerForm, status: int = 200) -> Response:
    if setup_steps.sent_from("partner"):
        context = invitation_context(form) | setup_steps.frame("partner")
        return page("portal/setup/partner.html", status=status, **context)
    return page(
        "portal/settings/partners.html",
        status=status,
        partnerships=_partnerships(),
        left={each.partner_id: each.year.left for each in honouring.agencies(db.session(), own_company().id)},
        long_day=long_day,
        **invitation_context(form),
    )


def _check_page(form: CheckPartnerForm, partnership: PartnershipRow, status: int = 200) -> Response:
    return page(
        "portal/settings/partner_check.html",
        status=status,
        form=form,
        partnership=partnership,
        public_register=PUBLIC_REGISTER,
        public_host=urlsplit(PUBLIC_REGISTER).hostname,
        long_day=long_day,
    )


_PARTNERSHIPS = (
    select(Partner, Partnership, may_be_offered(), User.name)
    .join(Partnership, Partnership.partner_id == Partner.id)
    .outerjoin(User, User.id == Partnership.checked_by_user_id)
    .where(Partnership.ended_at.is_(None))
    .order_by(Partnership.accepted_on, Partnership.id)
    .limit(MAX_SHOWN)
)
_PARTNERSHIP = _PARTNERSHIPS.where(Partnership.partner_id == bindparam("partner"))


def _partnerships(partner_id: int | None = None) -> list[PartnershipRow]:
    statement = _PARTNERSHIPS if partner_id is None else _PARTNERSHIP
    return [
        PartnershipRow(partner, terms, checker or "", bool(shown), [] if shown else _troubles(partner, terms))
        for partner, terms, shown, checker in db.session.execute(statement, {"partner": partner_id})
    ]


def _partnership_or_404(partner_id: int) -> PartnershipRow:
    """Return the open partnership with this partner, if the signed-in person's company has one; else 404."""
    return next(iter(_partnerships(partner_id)), None) or abort(404)


def _troubles(partner: Partner, terms: Partnership) -> list[str]:
    agency = partner.kind is PartnerKind.AGENCY
    unchecked = partner.checked_on is None and terms.checked_on is None
    cases = [
        (partner.suspended_at is not None, _("一時停止中です")),
        (agency and unchecked, _("許可の確認が済んでいません（形式のみ確認）")),
        (not agency and unchecked, _("内容の確認が済んでいません")),
        (agency and (partner.license_until or date.max) < clock.today(), _("許可の有効期限が切れています")),
        (agency and partner.license_until is None and not partner.checked_on, _("許可の有効期限が登録されていません")),
        (not partner.address, _("住所が登録されていません")),
        (not partner.representative, _("代表者の氏名が登録されていません")),
    ]
    return [sentence for so, sentence in cases if so]
