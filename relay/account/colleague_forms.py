"""Forms about a partner's own people: the invitation, and another role."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectChoice
from wtforms.validators import InputRequired

from relay.identity.users import PARTNER_ROLES
from relay.models import Role
from relay.organisation import InviteForm

OWN_WORDS = {Role.LEAD.value: _l("責任者"), Role.AGENT.value: _l("担当者")}
"""The two roles as a partner calls its own people."""
ROLE_HINTS = {
    Role.LEAD.value: _l("担当者の操作に加えて、招待、役割の変更、利用の停止、自社の情報の変更、提携の終了ができます。"),
    Role.AGENT.value: _l(
        "同意された方の情報の閲覧と書き出し、対応やメモの記録、事故の報告ができます。"
        "ほかの方のログインと、自社の情報は変更できません。"
    ),
}


def _role() -> RadioField:
    choices = [SelectChoice(role.value, OWN_WORDS[role]) for role in PARTNER_ROLES]
    return RadioField(_l("役割"), choices=choices, validators=[InputRequired(_l("役割を選んでください。"))])


class InviteColleagueForm(InviteForm):
    """The invitation of a colleague, with a role."""

    role = _role()


class ColleagueRoleForm(FlaskForm):  # type: ignore[misc]
    """Another role."""

    role = _role()
