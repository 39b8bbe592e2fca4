"""What is typed to sign in."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import InputRequired


class LoginForm(FlaskForm):  # type: ignore[misc]
    """Address and password; the password is taken exactly as typed (E-4)."""

    email = EmailField(_l("メールアドレス"), validators=[InputRequired(_l("メールアドレスを入力してください。"))])
    password = PasswordField(_l("パスワード"), validators=[InputRequired(_l("パスワードを入力してください。"))])
    next = HiddenField()


class ProofForm(FlaskForm):  # type: ignore[misc]
    """The password once more; its names keep clear of those of a form that waits."""

    proof_password = PasswordField(
        _l("いまのパスワード"), validators=[InputRequired(_l("パスワードを入力してください。"))]
    )
    proof_next = HiddenField()
    proof_replay = HiddenField()
