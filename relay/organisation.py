"""An organisation's own logins and invitations: one form and one set of acts for companies and partners alike.

A surface says what differs (`AdminPages`) and adds the views of the acts to itself (`login_views`,
`invitation_views`). Each act is committed and confirmed with one sentence above the next page. What is of another
organisation is 404.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, abort, flash
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField
from wtforms.validators import DataRequired

from relay.access.context import signed_in
from relay.access.markers import View
from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.errors import DomainError
from relay.extensions import db
from relay.forms import longest, usable_address
from relay.identity import colleagues, invitations, users
from relay.models import Company, Invitation, InvitationKind, Partner, User
from relay.web import done

Organisation = Company | Partner


class InviteForm(FlaskForm):  # type: ignore[misc]
    """The address of a future colleague, and a name where it is known."""

    email = StringField(
        _l("メールアドレス"), validators=[DataRequired(_l("メールアドレスを入力してください。")), usable_address]
    )
    name = StringField(_l("お名前"), validators=[longest(users.NAME_LENGTH)])


@dataclass(frozen=True)
class AdminPages:
    """Differences between the pages about the people of companies and of partners.

    `organisation` returns whose people they are; `permission` is needed for every act; `module` is the one whose view
    lists them, at the address that `list_url` returns; `user_url` returns that of one login's page.
    """

    organisation: Callable[[], Organisation]
    permission: str
    module: str
    list_url: Callable[[], str]
    user_url: Callable[[int], str] | None = None

    def login(self, user_id: int) -> User:
        """Return the organisation's own login of this id; else 404."""
        return users.of_organisation(db.session(), self.organisation(), user_id) or abort(404)

    def invitation(self, invitation_id: int, kind: InvitationKind) -> Invitation:
        """Return the organisation's own invitation of this id and kind; else 404."""
        found = invitations.of_organisation(db.session(), self.organisation(), invitation_id)
        return found if found is not None and found.kind is kind else abort(404)

    def to_list(self) -> AnyResponse:
        """Return the way back to the list."""
        return done(None, go_to=self.list_url())

    def to_login(self, user_id: int) -> AnyResponse:
        """Return the way back to one login's page, or to the list where logins have none."""
        return done(None, go_to=self.user_url(user_id)) if self.user_url else self.to_list()

    def add(self, surface: Blueprint, path: str, endpoint: str, view: View) -> None:
        """Add the view of an act, as one of the module whose page it leads back to (menus go by a view's module)."""
        view.__module__ = self.module
        surface.add_url_rule(path, endpoint, needs(self.permission)(view), methods=["POST"])


def invite(
    form: InviteForm, send: Callable[[], Invitation], show: Callable[[InviteForm, int], Response], pages: AdminPages
) -> AnyResponse:
    """Invite a colleague as typed; a refusal is shown above the form."""
    if not form.validate():
        return show(form, 422)
    try:
        invitation = send()
    except DomainError as refused:
        db.session.rollback()
        form.form_errors.append(str(refused))
        return show(form, 422)
    db.session.commit()
    flash(_("%(email)sに招待のメールを送ります。有効期限は72時間です。", email=invitation.email))
    return pages.to_list()


def invitation_views(surface: Blueprint, path: str, name: str, kind: InvitationKind, pages: AdminPages) -> None:
    """Add what can be done with an invitation that waits: `NAME_again` and `NAME_revoke`."""

    @fresh
    def again(invitation_id: int) -> AnyResponse:
        """Send an invitation once more, with a new link."""
        invitation = pages.invitation(invitation_id, kind)
        invitations.again(db.session(), invitation, by_user_id=signed_in().user_id)
        db.session.commit()
        flash(_("%(email)sにもう一度招待を送ります。前のリンクは使えなくなりました。", email=invitation.email))
        return pages.to_list()

    def revoke(invitation_id: int) -> AnyResponse:
        """Take an invitation back."""
        invitation = pages.invitation(invitation_id, kind)
        invitations.revoke(db.session(), invitation)
        db.session.commit()
        flash(_("%(email)sへの招待を取り消しました。リンクはもう開けません。", email=invitation.email))
        return pages.to_list()

    pages.add(surface, f"{path}/<int:invitation_id>/again", f"{name}_again", again)
    pages.add(surface, f"{path}/<int:invitation_id>/revoke", f"{name}_revoke", revoke)


def login_views(surface: Blueprint, path: str, pages: AdminPages) -> None:
    """Add what an administrator does to a colleague's login: `member_back`, `member_end_sessions`,
    `member_remove_factor`."""

    @fresh
    def back(user_id: int) -> AnyResponse:
        """Open a shut login again."""
        user = pages.login(user_id)
        colleagues.let_back(db.session(), user, by_user_id=signed_in().user_id)
        db.session.commit()
        flash(_("%(name)sさんの利用を再開しました。前のパスワードでログインできます。", name=user.name))
        return pages.to_list()

    @fresh
    def end_sessions(user_id: int) -> AnyResponse:
        """Sign a colleague out everywhere."""
        user = pages.login(user_id)
        count = colleagues.end_sessions(db.session(), user, by_user_id=signed_in().user_id)
        db.session.commit()
        flash(colleagues.ended_sentence(user.name, count))
        return pages.to_login(user_id)

    @fresh
    def remove_factor(user_id: int) -> AnyResponse:
        """Take away a colleague's second factor whose device is lost."""
        user = pages.login(user_id)
        colleagues.take_factor_away(db.session(), user, by_user_id=signed_in().user_id)
        db.session.commit()
        flash(colleagues.removed_sentence(user.name))
        return pages.to_login(user_id)

    pages.add(surface, f"{path}/<int:user_id>/back", "member_back", back)
    pages.add(surface, f"{path}/<int:user_id>/sessions/end", "member_end_sessions", end_sessions)
    pages.add(surface, f"{path}/<int:user_id>/second-factor/remove", "member_remove_factor", remove_factor)


def confirm_left(user: User) -> None:
    """Commit a shut login, and say what becomes of the pages left open."""
    db.session.commit()
    flash(_("%(name)sさんの利用を停止しました。開いている画面も、次の操作で閉じます。", name=user.name))
