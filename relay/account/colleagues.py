"""A partner's own people: who signs in for it, invited and let go by themselves."""

from flask import Response, url_for
from werkzeug.wrappers import Response as AnyResponse

from relay import organisation
from relay.access.context import signed_in
from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.account import my_account
from relay.account.partner_joining import own_partner
from relay.extensions import db
from relay.identity import invitation_letters, invitations, leaving, users
from relay.models import Invitation, InvitationKind
from relay.organisation import InviteForm
from relay.web import page


@my_account.get("/colleagues")
@needs("organisation:write")
def colleagues() -> Response:
    """Show who signs in for the partner, and who is invited."""
    return _page(InviteForm(None))


@my_account.post("/colleagues")
@needs("organisation:write")
@fresh
def member_invite() -> AnyResponse:
    """Invite a colleague by mail."""
    form = InviteForm()

    def send() -> Invitation:
        return invitations.invite_agent(
            db.session(),
            own_partner(),
            email=form.email.data,
            name=form.name.data or "",
            by_user_id=signed_in().user_id,
        )

    return organisation.invite(form, send, _page, COLLEAGUES)


@my_account.post("/colleagues/<int:user_id>/leave")
@needs("organisation:write")
@fresh
def member_leave(user_id: int) -> AnyResponse:
    """Shut a colleague's login."""
    user = COLLEAGUES.login(user_id)
    leaving.leave(db.session(), user)
    organisation.confirm_left(user)
    return COLLEAGUES.to_list()


COLLEAGUES = organisation.AdminPages(
    organisation=own_partner,
    permission="organisation:write",
    module=__name__,
    list_url=lambda: url_for("my_account.colleagues"),
)
organisation.login_views(my_account, "/colleagues", COLLEAGUES)
organisation.invitation_views(my_account, "/colleagues/invitations", "member_invite", InvitationKind.AGENT, COLLEAGUES)


def _page(form: InviteForm, status: int = 200) -> Response:
    partner = own_partner()
    rows = users.members(db.session(), partner)
    return page(
        "account/colleagues.html",
        status=status,
        form=form,
        members=rows,
        working=sum(member.disabled_at is None for member in rows),
        pending=invitations.open_ones(db.session(), partner),
        own_id=signed_in().user_id,
        last_day=invitation_letters.last_day,
    )
