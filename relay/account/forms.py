"""Forms of the login and of one's own account."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired

from relay.forms import LinkForm


class LoginForm(FlaskForm):  # type: ignore[misc]
    """Address and password; the password is taken exactly as typed (E-4)."""

    email = EmailField(_l("メールアドレス"), validators=[InputRequired(_l("メールアドレスを入力してください。"))])
    password = PasswordField(_l("パスワード"), validators=[InputRequired(_l("パスワードを入力してください。"))])
    next = HiddenField()
    deferred = HiddenField()


class CodeForm(FlaskForm):  # type: ignore[misc]
    """A code of the app, or a recovery code."""

    code = StringField(_l("確認コード"), validators=[InputRequired(_l("確認コードを入力してください。"))])
    next = HiddenField()
    deferred = HiddenField()


class ProofForm(FlaskForm):  # type: ignore[misc]
    """The password once more; its names keep clear of those of a form that waits."""

    proof_password = PasswordField(
        _l("いまのパスワード"), validators=[InputRequired(_l("パスワードを入力してください。"))]
    )
    proof_code = StringField(_l("確認コード"))
    proof_next = HiddenField()
    proof_replay = HiddenField()


class AskForm(FlaskForm):  # type: ignore[misc]
    """The address whose password is forgotten."""

    email = EmailField(_l("メールアドレス"), validators=[InputRequired(_l("メールアドレスを入力してください。"))])


class NewPasswordForm(LinkForm):
    """A new password behind a mailed link, once: it can be shown while it is typed (E-3)."""

    password = PasswordField(
        _l("新しいパスワード"), validators=[InputRequired(_l("新しいパスワードを入力してください。"))]
    )


class ChangePasswordForm(FlaskForm):  # type: ignore[misc]
    """The old password and the new one."""

    old_password = PasswordField(
        _l("いまのパスワード"), validators=[InputRequired(_l("いまのパスワードを入力してください。"))]
    )
    new_password = PasswordField(
        _l("新しいパスワード"), validators=[InputRequired(_l("新しいパスワードを入力してください。"))]
    )


class NameForm(FlaskForm):  # type: ignore[misc]
    """How the person is called in the organisation."""

    name = StringField(_l("お名前"), validators=[InputRequired(_l("お名前を入力してください。"))])


class NewEmailForm(FlaskForm):  # type: ignore[misc]
    """The address to sign in with from now on."""

    new_email = EmailField(
        _l("新しいメールアドレス"), validators=[InputRequired(_l("新しいメールアドレスを入力してください。"))]
    )


class EnrolForm(FlaskForm):  # type: ignore[misc]
    """A code of the app that was just set up."""

    code = StringField(
        _l("アプリに表示された6桁の数字"), validators=[InputRequired(_l("6桁の数字を入力してください。"))]
    )
    next = HiddenField()
