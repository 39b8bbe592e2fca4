"""What is typed about members: whom to invite, which role, who takes on what somebody leaves behind."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from relay.identity.roles import WORDS
from relay.identity.users import COMPANY_ROLES, NAME_LENGTH
from relay.models import Role
from relay.text import normalise_mail
from relay.text.address import mail_sentence

ROLE_HINTS = {
    Role.ADMIN.value: _l("すべての操作と設定。ほかの方の招待や役割の変更もできます。"),
    Role.RECRUITER.value: _l("候補者の管理と結果連絡。設定は変更できません。"),
    Role.VIEWER.value: _l("見ることだけ。書き込みや送信はできません。"),
}
"""What each role means, in one sentence, where it is chosen."""

ROLES = [SelectChoice(role.value, WORDS[role]) for role in COMPANY_ROLES]


def usable_address(_form: FlaskForm, field: Field) -> None:
    """A mail address as people type it, in any width (F-12)."""
    reading = normalise_mail(field.data or "")
    if not reading.value:
        sentence = (
            mail_sentence(reading.fault, field.data) if reading.fault else _l("メールアドレスを入力してください。")
        )
        raise ValidationError(str(sentence))


class InviteForm(FlaskForm):  # type: ignore[misc]
    """Whom to invite."""

    email = StringField(
        _l("メールアドレス"), validators=[InputRequired(_l("メールアドレスを入力してください。")), usable_address]
    )
    name = StringField(
        _l("お名前"), validators=[Length(max=NAME_LENGTH, message=_l("%(max)d文字までで入力してください。"))]
    )


class InviteMemberForm(InviteForm):
    """Whom to invite, and as what."""

    role = RadioField(
        _l("役割"),
        choices=ROLES,
        validators=[InputRequired(_l("役割を選んでください。"))],
    )


class RoleForm(FlaskForm):  # type: ignore[misc]
    """Another role."""

    role = RadioField(
        _l("役割"),
        choices=ROLES,
        validators=[InputRequired(_l("役割を選んでください。"))],
    )


class LeaveForm(FlaskForm):  # type: ignore[misc]
    """Who takes on what somebody leaves behind."""

    to = SelectField(_l("引き継ぐ方"), coerce=int, default=0, validate_choice=False)
