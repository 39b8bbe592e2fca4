"""Settings: who signs in, and as what; who is invited."""

from flask import Response, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay import organisation
from relay.access.context import member
from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.extensions import db
from relay.identity import factor_rule, invitations, users
from relay.identity.roles import WORDS
from relay.models import Invitation, InvitationKind, Role
from relay.organisation import InviteForm
from relay.portal import portal
from relay.portal.settings.member_forms import ROLE_HINTS, InviteMemberForm
from relay.portal.ui.company import own_company
from relay.portal.ui.labels import long_day, words
from relay.portal.ui.navigation import tab
from relay.web import page


@portal.get("/settings/members")
@needs("settings:read")
@tab(2, _l("ユーザー"))
def settings_members() -> Response:
    """Show the members with their roles, and the invitations that wait."""
    return _members_page(InviteMemberForm(None, role=Role.RECRUITER.value))


@portal.post("/settings/members/invitations")
@needs("members:write")
@fresh
def member_invite() -> AnyResponse:
    """Invite a member by mail."""
    form = InviteMemberForm()

    def send() -> Invitation:
        return invitations.invite_member(
            db.session(),
            own_company(),
            email=form.email.data,
            name=form.name.data or "",
            role=Role(form.role.data),
            by_user_id=member().user_id,
        )

    return organisation.invite(form, send, _members_page, MEMBERS)


MEMBERS = organisation.AdminPages(
    organisation=own_company,
    permission="members:write",
    module=__name__,
    list_url=lambda: url_for("portal.settings_members"),
    user_url=lambda user_id: url_for("portal.member", user_id=user_id),
)
organisation.login_views(portal, "/settings/members", MEMBERS)
organisation.invitation_views(portal, "/settings/members/invitations", "member_invite", InvitationKind.MEMBER, MEMBERS)


def _members_page(form: InviteForm, status: int = 200) -> Response:
    company = own_company()
    rows = users.members(db.session(), company)
    working = [member for member in rows if member.disabled_at is None]
    return page(
        "portal/settings/members.html",
        status=status,
        form=form,
        members=rows,
        working=len(working),
        admins=sum(member.role is Role.ADMIN for member in working),
        pending=invitations.open_ones(db.session(), company, InvitationKind.MEMBER),
        role_words=WORDS,
        role_hints=ROLE_HINTS,
        second_factor_required=factor_rule.is_required(company),
        long_day=long_day,
        moment=words()["moment"],
    )
