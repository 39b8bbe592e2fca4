"""Settings: one member. Another role, leaving with a hand-over, coming back."""

from flask import Response, flash
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms import SelectChoice

from relay import organisation
from relay.access import context
from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.errors import DomainError
from relay.extensions import db
from relay.identity import colleagues, leaving, users
from relay.identity.leaving import Holdings
from relay.identity.roles import WORDS
from relay.models import Role, User
from relay.portal import portal
from relay.portal.settings.member_forms import ROLE_HINTS, LeaveForm, RoleForm
from relay.portal.settings.members import MEMBERS
from relay.portal.ui.labels import long_day
from relay.web import page


@portal.get("/settings/members/<int:user_id>")
@needs("members:write")
def member(user_id: int) -> Response:
    """Show one member with the forms that change the role and end the login."""
    user = MEMBERS.login(user_id)
    return _member_page(user, RoleForm(None, role=user.role.value), LeaveForm(None))


@portal.post("/settings/members/<int:user_id>/role")
@needs("members:write")
@fresh
def member_role(user_id: int) -> AnyResponse:
    """Give another role."""
    user, form = MEMBERS.login(user_id), RoleForm()
    if not form.validate():
        return _member_page(user, form, LeaveForm(None), status=422)
    try:
        colleagues.give_role(db.session(), user, Role(form.role.data), by_user_id=context.member().user_id)
    except DomainError as refused:
        form.form_errors.append(str(refused))
        return _member_page(user, form, LeaveForm(None), status=422)
    db.session.commit()
    flash(_("%(name)sさんの役割を「%(role)s」にしました。", name=user.name, role=WORDS[user.role]))
    return MEMBERS.to_list()


@portal.post("/settings/members/<int:user_id>/leave")
@needs("members:write")
@fresh
def member_leave(user_id: int) -> AnyResponse:
    """Shut the login, and hand what is under way to a colleague."""
    user, form = MEMBERS.login(user_id), LeaveForm()
    try:
        held = colleagues.let_go(
            db.session(), user, by_user_id=context.member().user_id, to_user_id=form.to.data or None
        )
    except DomainError as refused:
        form.to.errors = [str(refused)]
        return _member_page(user, RoleForm(None, role=user.role.value), form, status=422)
    if held.needs_somebody:
        db.session.commit()
        flash(_handed_over(user, held, form.to.data))
    else:
        organisation.confirm_left(user)
    return MEMBERS.to_list()


def _handed_over(user: User, held: Holdings, to_user_id: int) -> str:
    number = held.drafts + held.scheduled + held.files
    return ngettext(
        "%(name)sさんの利用を停止し、%(num)s件を%(to)sさんに引き継ぎました。",
        "%(name)sさんの利用を停止し、%(num)s件を%(to)sさんに引き継ぎました。",
        number,
        name=user.name,
        to=users.by_id(db.session(), to_user_id).name,
    )


def _member_page(user: User, role_form: RoleForm, leave_form: LeaveForm, status: int = 200) -> Response:
    able = leaving.successors(db.session(), user)
    leave_form.to.choices = [
        SelectChoice(0, _("選んでください")),
        *(SelectChoice(each.id, f"{each.name} {each.email}") for each in able),
    ]
    return page(
        "portal/settings/member.html",
        status=status,
        member=user,
        is_last_admin=users.is_last_answerable(db.session(), user),
        is_self=user.id == context.member().user_id,
        role_form=role_form,
        leave_form=leave_form,
        held=leaving.holdings(db.session(), user),
        role_words=WORDS,
        role_hints=ROLE_HINTS,
        long_day=long_day,
    )
