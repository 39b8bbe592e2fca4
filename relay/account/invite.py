"""`/invite/<token>`: a person joins a company or a partner; a new partner joins a company."""

from flask import Response
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, InputRequired

from relay.account import login, token_link, token_links
from relay.errors import DomainError
from relay.extensions import db
from relay.forms import LinkForm, longest
from relay.identity import invitations, users
from relay.identity.invitations import InvitationGone
from relay.identity.passwords import SHORTEST
from relay.identity.roles import WORDS
from relay.models import Invitation, InvitationKind, TokenPurpose
from relay.web import page


class JoinForm(LinkForm):
    """A name and a password; the address is the one the invitation went to."""

    name = StringField(
        _l("お名前"), validators=[DataRequired(_l("お名前を入力してください。")), longest(users.NAME_LENGTH)]
    )
    password = PasswordField(_l("パスワード"), validators=[InputRequired(_l("パスワードを入力してください。"))])


@token_link.get("/invite/<token>")
def invite(token: str) -> AnyResponse:
    """Show who invites to what; opening it changes nothing (C-16)."""
    invitation = _opened(token)
    if invitation.kind is InvitationKind.PARTNER:
        from relay.account import partner_joining

        return partner_joining.show(invitation, token)
    return _page(invitation, JoinForm(None, name=invitation.name), token)


@token_link.post("/invite/<token>")
def invite_post(token: str) -> AnyResponse:
    """Join, and sign in: the holder of the link has proven the mailbox, and has just chosen a password."""
    invitation = _opened(token)
    if invitation.kind is InvitationKind.PARTNER:
        from relay.account import partner_joining

        return partner_joining.join(invitation, token)
    form = JoinForm()
    if not form.validate():
        return _page(invitation, form, token, status=422)
    try:
        user = invitations.join(db.session(), invitation, name=form.name.data, password=form.password.data)
    except InvitationGone as gone:
        raise token_links.TokenLinkGone(token_links.ASK[TokenPurpose.INVITE]) from gone
    except DomainError as refused:
        db.session.rollback()
        form.form_errors.append(str(refused))
        return _page(_opened(token), form, token, status=422)
    return login.enter_as(user.id, "/")


def _opened(token: str) -> Invitation:
    """Return the invitation behind the link, else the one page for every link that opens nothing (C-20)."""
    known = token_links.opened(token, TokenPurpose.INVITE)
    try:
        return invitations.load(db.session(), known.subject_id)
    except InvitationGone as gone:
        raise token_links.TokenLinkGone(token_links.ASK[TokenPurpose.INVITE]) from gone


def _page(invitation: Invitation, form: JoinForm, token: str, status: int = 200) -> Response:
    return page(
        "account/invite.html",
        status=status,
        form=form,
        token=token,
        email=invitation.email,
        organisation=invitations.organisation_of(db.session(), invitation).name,
        role_word=WORDS[invitation.role] if invitation.role else "",
        taken=users.signs_in(db.session(), invitation.email),
        shortest=SHORTEST,
    )
