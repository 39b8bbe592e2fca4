"""Forms about members: the invitation, the role, and who takes over the work of someone who leaves."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired

from relay.identity.roles import WORDS
from relay.identity.users import COMPANY_ROLES
from relay.models import Role
from relay.organisation import InviteForm

ROLE_HINTS = {
    Role.ADMIN.value: _l("すべての操作と設定。ほかの方の招待や役割の変更もできます。"),
    Role.RECRUITER.value: _l("候補者の管理と結果連絡。設定は変更できません。"),
    Role.VIEWER.value: _l("見ることだけ。書き込みや送信はできません。"),
}
"""What each role means, in one sentence, where it is chosen."""

ROLES = [SelectChoice(role.value, WORDS[role]) for role in COMPANY_ROLES]


def _role() -> RadioField:
    return RadioField(_l("役割"), choices=ROLES, validators=[InputRequired(_l("役割を選んでください。"))])


class InviteMemberForm(InviteForm):
    """The invitation of a member, with a role."""

    role = _role()


class RoleForm(FlaskForm):  # type: ignore[misc]
    """Another role."""

    role = _role()


class LeaveForm(FlaskForm):  # type: ignore[misc]
    """The choice of who takes over the work of someone who leaves."""

    to = SelectField(_l("引き継ぐ方"), coerce=int, default=0, validate_choice=False)
