"""A partner's own people: who signs in for it, invited and let go by themselves."""

from flask import Response, abort, flash, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from relay.access import fresh, needs, signed_in
from relay.account import own
from relay.errors import DomainError
from relay.extensions import db
from relay.identity import colleagues as acts
from relay.identity import invitation_letters, invitations, leaving, users
from relay.models import Invitation, Partner, User
from relay.web import done, page


class ColleagueForm(FlaskForm):  # type: ignore[misc]
    """The form that invites a colleague."""

    email = StringField(_l("メールアドレス"), validators=[InputRequired(_l("メールアドレスを入力してください。"))])
    name = StringField(
        _l("お名前"), validators=[Length(max=users.NAME_LENGTH, message=_l("%(max)d文字までで入力してください。"))]
    )


@own.get("/colleagues")
@needs("house:write")
def colleagues() -> Response:
    """Who signs in for the partner, and who is invited."""
    return _page(ColleagueForm(None))


@own.post("/colleagues")
@needs("house:write")
@fresh
def colleague_invite() -> AnyResponse:
    """Invite a colleague by mail."""
    form = ColleagueForm()
    if not form.validate():
        return _page(form, status=422)
    try:
        invited = invitations.invite_agent(
            db.session(),
            _house(),
            email=form.email.data,
            name=form.name.data or "",
            by_user_id=signed_in().user_id,
        )
    except DomainError as refused:
        db.session.rollback()
        form.form_errors.append(str(refused))
        return _page(form, status=422)
    db.session.commit()
    flash(_("%(email)sに招待のメールを送ります。72時間のあいだ受け入れられます。", email=invited.email))
    return done(None, go_to=url_for("own.colleagues"))


@own.post("/colleagues/invitations/<int:invitation_id>/again")
@needs("house:write")
@fresh
def colleague_again(invitation_id: int) -> AnyResponse:
    """Send the mail once more, with a new link."""
    invitation = _invitation_or_404(invitation_id)
    invitations.again(db.session(), invitation, by_user_id=signed_in().user_id)
    db.session.commit()
    flash(_("%(email)sにもう一度招待を送ります。前のリンクは使えなくなりました。", email=invitation.email))
    return done(None, go_to=url_for("own.colleagues"))


@own.post("/colleagues/invitations/<int:invitation_id>/revoke")
@needs("house:write")
def colleague_revoke(invitation_id: int) -> AnyResponse:
    """Take an invitation back."""
    invitation = _invitation_or_404(invitation_id)
    invitations.revoke(db.session(), invitation)
    db.session.commit()
    flash(_("%(email)sへの招待を取り消しました。リンクはもう開けません。", email=invitation.email))
    return done(None, go_to=url_for("own.colleagues"))


@own.post("/colleagues/<int:user_id>/leave")
@needs("house:write")
@fresh
def colleague_leave(user_id: int) -> AnyResponse:
    """Shut a colleague's login."""
    user = _colleague_or_404(user_id)
    leaving.leave(db.session(), user)
    db.session.commit()
    flash(_("%(name)sさんの利用を止めました。開いている画面も、次の操作で閉じます。", name=user.name))
    return done(None, go_to=url_for("own.colleagues"))


@own.post("/colleagues/<int:user_id>/back")
@needs("house:write")
@fresh
def colleague_back(user_id: int) -> AnyResponse:
    """Open a colleague's login again."""
    user = _colleague_or_404(user_id)
    users.enable(db.session(), user)
    db.session.commit()
    flash(_("%(name)sさんの利用を再開しました。前のパスワードでログインできます。", name=user.name))
    return done(None, go_to=url_for("own.colleagues"))


@own.post("/colleagues/<int:user_id>/sessions/end")
@needs("house:write")
@fresh
def colleague_end_sessions(user_id: int) -> AnyResponse:
    """Sign a colleague out everywhere."""
    user = _colleague_or_404(user_id)
    count = acts.end_sessions(db.session(), user, by_user_id=signed_in().user_id)
    db.session.commit()
    flash(acts.ended_sentence(user.name, count))
    return done(None, go_to=url_for("own.colleagues"))


@own.post("/colleagues/<int:user_id>/second-factor/remove")
@needs("house:write")
@fresh
def colleague_remove_factor(user_id: int) -> AnyResponse:
    """Take away a colleague's factor whose device is lost."""
    user = _colleague_or_404(user_id)
    acts.take_factor_away(db.session(), user, by_user_id=signed_in().user_id)
    db.session.commit()
    flash(acts.removed_sentence(user.name))
    return done(None, go_to=url_for("own.colleagues"))


def _house() -> Partner:
    house = users.house_of(db.session(), users.by_id(db.session(), signed_in().user_id))
    assert isinstance(house, Partner)
    return house


def _colleague_or_404(user_id: int) -> User:
    return users.of_house(db.session(), _house(), user_id) or abort(404)


def _invitation_or_404(invitation_id: int) -> Invitation:
    return invitations.of_house(db.session(), _house(), invitation_id) or abort(404)


def _page(form: ColleagueForm, status: int = 200) -> Response:
    house = _house()
    rows = users.members(db.session(), house)
    return page(
        "account/colleagues.html",
        status=status,
        form=form,
        members=rows,
        working=sum(member.disabled_at is None for member in rows),
        pending=invitations.open_ones(db.session(), house),
        own_id=signed_in().user_id,
        last_day=invitation_letters.last_day,
    )
