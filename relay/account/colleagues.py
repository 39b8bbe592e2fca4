"""A partner's own people: who signs in for it, invited and let go by themselves."""

from flask import Response, url_for
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from relay import organisation
from relay.access import fresh, needs, signed_in
from relay.account import my_account
from relay.errors import DomainError
from relay.extensions import db
from relay.identity import invitation_letters, invitations, leaving, users
from relay.models import InvitationKind, Partner
from relay.web import done, page


class ColleagueForm(FlaskForm):  # type: ignore[misc]
    """The form that invites a colleague."""

    email = StringField(_l("メールアドレス"), validators=[InputRequired(_l("メールアドレスを入力してください。"))])
    name = StringField(
        _l("お名前"), validators=[Length(max=users.NAME_LENGTH, message=_l("%(max)d文字までで入力してください。"))]
    )


@my_account.get("/colleagues")
@needs("organisation:write")
def colleagues() -> Response:
    """Who signs in for the partner, and who is invited."""
    return _page(ColleagueForm(None))


@my_account.post("/colleagues")
@needs("organisation:write")
@fresh
def colleague_invite() -> AnyResponse:
    """Invite a colleague by mail."""
    form = ColleagueForm()
    if not form.validate():
        return _page(form, status=422)
    try:
        invited = invitations.invite_agent(
            db.session(),
            _organisation(),
            email=form.email.data,
            name=form.name.data or "",
            by_user_id=signed_in().user_id,
        )
    except DomainError as refused:
        db.session.rollback()
        form.form_errors.append(str(refused))
        return _page(form, status=422)
    organisation.confirm_invited(invited)
    return done(None, go_to=url_for("my_account.colleagues"))


@my_account.post("/colleagues/invitations/<int:invitation_id>/again")
@needs("organisation:write")
@fresh
def colleague_again(invitation_id: int) -> AnyResponse:
    """Send the mail once more, with a new link."""
    organisation.invite_again(organisation.invitation_or_404(_organisation(), invitation_id, InvitationKind.AGENT))
    return done(None, go_to=url_for("my_account.colleagues"))


@my_account.post("/colleagues/invitations/<int:invitation_id>/revoke")
@needs("organisation:write")
def colleague_revoke(invitation_id: int) -> AnyResponse:
    """Take an invitation back."""
    organisation.revoke_invitation(organisation.invitation_or_404(_organisation(), invitation_id, InvitationKind.AGENT))
    return done(None, go_to=url_for("my_account.colleagues"))


@my_account.post("/colleagues/<int:user_id>/leave")
@needs("organisation:write")
@fresh
def colleague_leave(user_id: int) -> AnyResponse:
    """Shut a colleague's login."""
    user = organisation.user_or_404(_organisation(), user_id)
    leaving.leave(db.session(), user)
    organisation.confirm_left(user)
    return done(None, go_to=url_for("my_account.colleagues"))


@my_account.post("/colleagues/<int:user_id>/back")
@needs("organisation:write")
@fresh
def colleague_back(user_id: int) -> AnyResponse:
    """Open a colleague's login again."""
    organisation.reopen_login(organisation.user_or_404(_organisation(), user_id))
    return done(None, go_to=url_for("my_account.colleagues"))


@my_account.post("/colleagues/<int:user_id>/sessions/end")
@needs("organisation:write")
@fresh
def colleague_end_sessions(user_id: int) -> AnyResponse:
    """Sign a colleague out everywhere."""
    organisation.end_sessions(organisation.user_or_404(_organisation(), user_id))
    return done(None, go_to=url_for("my_account.colleagues"))


@my_account.post("/colleagues/<int:user_id>/second-factor/remove")
@needs("organisation:write")
@fresh
def colleague_remove_factor(user_id: int) -> AnyResponse:
    """Take away a colleague's factor whose device is lost."""
    organisation.remove_second_factor(organisation.user_or_404(_organisation(), user_id))
    return done(None, go_to=url_for("my_account.colleagues"))


def _organisation() -> Partner:
    organisation = users.organisation_of(db.session(), users.by_id(db.session(), signed_in().user_id))
    assert isinstance(organisation, Partner)
    return organisation


def _page(form: ColleagueForm, status: int = 200) -> Response:
    organisation = _organisation()
    rows = users.members(db.session(), organisation)
    return page(
        "account/colleagues.html",
        status=status,
        form=form,
        members=rows,
        working=sum(member.disabled_at is None for member in rows),
        pending=invitations.open_ones(db.session(), organisation),
        own_id=signed_in().user_id,
        last_day=invitation_letters.last_day,
    )
