"""Behind a partner's invitation: registering itself, or, for a login that exists, accepting one more company.

The mailed page knows no cookie; so a person who signs in already is sent to a page behind the login to accept.
"""

from flask import Response, flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import signed_in
from relay.access.permissions import needs
from relay.account import my_account, token_links
from relay.account.login import enter_as
from relay.account.partner_forms import AcceptingForm, JoiningForm
from relay.errors import DomainError
from relay.extensions import db
from relay.identity import companies, invitations, users
from relay.identity.invitations import InvitationGone
from relay.identity.roles import may
from relay.models import Company, Invitation, InvitationKind, Partner, TokenPurpose, User, scopes
from relay.network import joining, partnerships
from relay.network.joining import AlreadySignsIn
from relay.web import done, page


def show(invitation: Invitation, token: str) -> AnyResponse:
    """Return the form of a new partner; a person who signs in already is asked to do so instead."""
    return _door(JoiningForm(None), invitation, token)


def join(invitation: Invitation, token: str) -> AnyResponse:
    """Register the partner with its first agent, who is signed in at once."""
    form = JoiningForm()
    if _holder(invitation) is not None or not form.validate():
        return _door(form, invitation, token, status=422)
    session = db.session()
    try:
        joined = joining.join(
            session,
            invitation,
            form.particulars(),
            person=form.person.data,
            password=form.password.data,
            free_introductions=form.a_year(),
        )
    except InvitationGone as gone:
        raise token_links.TokenLinkGone(token_links.ASK[TokenPurpose.INVITE]) from gone
    except DomainError as refused:
        session.rollback()
        _place(form, refused)
        return _door(form, invitation, token, status=422)
    user_id = joined.user.id
    return enter_as(user_id, url_for("agency.about"))


@my_account.get("/invitation/<token>")
@needs("organisation:write")
def partner_invitation(token: str) -> AnyResponse:
    """Show what accepting one more company means, for a partner that is here already."""
    invitation = _invitation(token)
    if invitation is None:
        return _gone()
    return _behind_login(AcceptingForm(own_partner().kind, None), invitation, token)


@my_account.post("/invitation/<token>")
@needs("organisation:write")
def partner_invitation_post(token: str) -> AnyResponse:
    """Accept it: a new tie, and no second login."""
    invitation = _invitation(token)
    if invitation is None:
        return _gone()
    partner = own_partner()
    form = AcceptingForm(partner.kind)
    if not form.validate():
        return _behind_login(form, invitation, token, status=422)
    company = _company(invitation).name
    try:
        joining.accept(
            db.session(), invitation, partner.id, user_id=signed_in().user_id, free_introductions=form.a_year()
        )
    except InvitationGone:
        db.session.rollback()
        return _gone()
    db.session.commit()
    flash(_("%(company)sとの提携を受け入れました。企業の確認が済むと、候補者に表示されます。", company=company))
    return done(None, go_to=url_for("agency.about"))


def _door(form: JoiningForm, invitation: Invitation, token: str, status: int = 200) -> Response:
    holder = _holder(invitation)
    return page(
        "account/partner_known.html" if holder else "account/partner_join.html",
        status=status,
        form=form,
        token=token,
        email=invitation.email,
        lead=holder is not None and may(holder.role, "organisation:write"),
        agent=holder is not None and holder.partner_id is not None,
        company=_company(invitation),
        sharing=partnerships.rules_of(invitation.rules_version),
    )


def _behind_login(form: AcceptingForm, invitation: Invitation, token: str, status: int = 200) -> Response:
    return page(
        "account/partner_accept.html",
        status=status,
        form=form,
        token=token,
        partner=own_partner(),
        company=_company(invitation),
        sharing=partnerships.rules_of(invitation.rules_version),
    )


def _gone() -> Response:
    return page("account/partner_gone.html", status=404)


def _place(form: JoiningForm, refused: DomainError) -> None:
    """Put a refusal under the field it is about, where there is one."""
    fields = {AlreadySignsIn: form.license_number, users.PasswordRefused: form.password}
    field = fields.get(type(refused))
    if field is None:
        form.form_errors.append(str(refused))
    else:
        field.errors = [*field.errors, str(refused)]


def _holder(invitation: Invitation) -> User | None:
    """Return the login that has the invited address already, if any; only the holder of the link learns of it."""
    try:
        return users.by_address(db.session(), invitation.email)
    except users.UserUnknown:
        return None


def _invitation(token: str) -> Invitation | None:
    """Return the open partner invitation behind the token; links of members and agents open nothing here."""
    try:
        found = invitations.by_token(db.session(), token)
    except InvitationGone:
        return None
    return found if found.kind is InvitationKind.PARTNER else None


def _company(invitation: Invitation) -> Company:
    return companies.by_id(db.session(), scopes.required(invitation.company_id))


def own_partner() -> Partner:
    """Return the partner of the signed-in person; only behind a permission that its people alone hold."""
    partner = users.organisation_of(db.session(), users.by_id(db.session(), signed_in().user_id))
    assert isinstance(partner, Partner)
    return partner
