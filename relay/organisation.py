"""Acts on an organisation's own logins and invitations, for the pages of companies and of partners alike.

Each act is committed and confirmed with one sentence above the next page; the view says where that is. What is of
another organisation is 404.
"""

from flask import abort, flash
from flask_babel import gettext as _

from relay.access import signed_in
from relay.extensions import db
from relay.identity import colleagues, invitations, users
from relay.models import Company, Invitation, InvitationKind, Partner, User


def user_or_404(organisation: Company | Partner, user_id: int) -> User:
    """Return the organisation's own login of this id."""
    return users.of_organisation(db.session(), organisation, user_id) or abort(404)


def invitation_or_404(organisation: Company | Partner, invitation_id: int, kind: InvitationKind) -> Invitation:
    """Return the organisation's own invitation of this id and kind."""
    found = invitations.of_organisation(db.session(), organisation, invitation_id)
    return found if found is not None and found.kind is kind else abort(404)


def confirm_invited(invitation: Invitation) -> None:
    """Commit an invitation, and say how long it can be accepted."""
    db.session.commit()
    flash(_("%(email)sに招待のメールを送ります。有効期限は72時間です。", email=invitation.email))


def invite_again(invitation: Invitation) -> None:
    """Send an invitation once more, with a new link."""
    invitations.again(db.session(), invitation, by_user_id=signed_in().user_id)
    db.session.commit()
    flash(_("%(email)sにもう一度招待を送ります。前のリンクは使えなくなりました。", email=invitation.email))


def revoke_invitation(invitation: Invitation) -> None:
    """Take an invitation back."""
    invitations.revoke(db.session(), invitation)
    db.session.commit()
    flash(_("%(email)sへの招待を取り消しました。リンクはもう開けません。", email=invitation.email))


def confirm_left(user: User) -> None:
    """Commit a shut login, and say what becomes of the pages left open."""
    db.session.commit()
    flash(_("%(name)sさんの利用を停止しました。開いている画面も、次の操作で閉じます。", name=user.name))


def reopen_login(user: User) -> None:
    """Open a shut login again."""
    users.enable(db.session(), user)
    db.session.commit()
    flash(_("%(name)sさんの利用を再開しました。前のパスワードでログインできます。", name=user.name))


def end_sessions(user: User) -> None:
    """Sign a colleague out everywhere."""
    count = colleagues.end_sessions(db.session(), user, by_user_id=signed_in().user_id)
    db.session.commit()
    flash(colleagues.ended_sentence(user.name, count))


def remove_second_factor(user: User) -> None:
    """Take away a colleague's second factor whose device is lost."""
    colleagues.take_factor_away(db.session(), user, by_user_id=signed_in().user_id)
    db.session.commit()
    flash(colleagues.removed_sentence(user.name))
