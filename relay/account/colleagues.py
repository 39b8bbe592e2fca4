"""A partner's own people: who signs in for it and as what, invited and let go by its leads."""

from flask import Response, flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay import organisation
from relay.access.context import signed_in
from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.account import my_account
from relay.account.colleague_forms import OWN_WORDS, ROLE_HINTS, ColleagueRoleForm, InviteColleagueForm
from relay.account.partner_joining import own_partner
from relay.errors import DomainError
from relay.extensions import db
from relay.identity import colleagues as logins
from relay.identity import invitation_letters, invitations, users
from relay.models import Invitation, InvitationKind, Role, User
from relay.organisation import InviteForm
from relay.web import page


@my_account.get("/colleagues")
@needs("organisation:write")
def colleagues() -> Response:
    """Show who signs in for the partner, and who is invited."""
    return _page(InviteColleagueForm(None, role=Role.AGENT.value))


@my_account.post("/colleagues")
@needs("organisation:write")
@fresh
def member_invite() -> AnyResponse:
    """Invite a colleague by mail."""
    form = InviteColleagueForm()

    def send() -> Invitation:
        return invitations.invite_agent(
            db.session(),
            own_partner(),
            email=form.email.data,
            name=form.name.data or "",
            role=Role(form.role.data),
            by_user_id=signed_in().user_id,
        )

    return organisation.invite(form, send, _page, COLLEAGUES)


@my_account.get("/colleagues/<int:user_id>")
@needs("organisation:write")
def colleague(user_id: int) -> Response:
    """Show one colleague, with the forms that change the role and, named, shut the login."""
    user = COLLEAGUES.login(user_id)
    return _colleague_page(user, ColleagueRoleForm(None, role=user.role.value))


@my_account.post("/colleagues/<int:user_id>/role")
@needs("organisation:write")
@fresh
def member_role(user_id: int) -> AnyResponse:
    """Give another role; the partner keeps a lead."""
    user, form = COLLEAGUES.login(user_id), ColleagueRoleForm()
    if not form.validate():
        return _colleague_page(user, form, status=422)
    try:
        logins.give_role(db.session(), user, Role(form.role.data), by_user_id=signed_in().user_id)
    except DomainError as refused:
        db.session.rollback()
        form.form_errors.append(str(refused))
        return _colleague_page(COLLEAGUES.login(user_id), form, status=422)
    db.session.commit()
    flash(_("%(name)sさんの役割を「%(role)s」にしました。", name=user.name, role=OWN_WORDS[user.role]))
    return COLLEAGUES.to_list()


@my_account.post("/colleagues/<int:user_id>/leave")
@needs("organisation:write")
@fresh
def member_leave(user_id: int) -> AnyResponse:
    """Shut a colleague's login; asked for on the page that names them."""
    user = COLLEAGUES.login(user_id)
    logins.let_go(db.session(), user, by_user_id=signed_in().user_id)
    organisation.confirm_left(user)
    return COLLEAGUES.to_list()


COLLEAGUES = organisation.AdminPages(
    organisation=own_partner,
    permission="organisation:write",
    module=__name__,
    list_url=lambda: url_for("my_account.colleagues"),
    user_url=lambda user_id: url_for("my_account.colleague", user_id=user_id),
)
organisation.login_views(my_account, "/colleagues", COLLEAGUES)
organisation.invitation_views(my_account, "/colleagues/invitations", "member_invite", InvitationKind.AGENT, COLLEAGUES)


def _page(form: InviteForm, status: int = 200) -> Response:
    partner = own_partner()
    rows = users.members(db.session(), partner)
    working = [each for each in rows if each.disabled_at is None]
    return page(
        "account/colleagues.html",
        status=status,
        form=form,
        members=rows,
        working=len(working),
        leads=sum(each.role is Role.LEAD for each in working),
        pending=invitations.open_ones(db.session(), partner),
        own_id=signed_in().user_id,
        role_words=OWN_WORDS,
        role_hints=ROLE_HINTS,
        last_day=invitation_letters.last_day,
    )


def _colleague_page(user: User, form: ColleagueRoleForm, status: int = 200) -> Response:
    return page(
        "account/colleague.html",
        status=status,
        member=user,
        form=form,
        is_self=user.id == signed_in().user_id,
        is_last_lead=users.is_last_answerable(db.session(), user),
        role_words=OWN_WORDS,
        role_hints=ROLE_HINTS,
    )
