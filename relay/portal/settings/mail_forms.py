"""The forms of the way mails are sent: the server as typed, and the code that arrived."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, PasswordField, RadioField, SelectChoice, StringField
from wtforms.validators import InputRequired, NumberRange, Optional

from relay.forms import longest, required_text, usable_address
from relay.mail.server_settings import LENGTHS, Kept, ServerInput
from relay.models import MailTls
from relay.portal.settings.mail_labels import ENCRYPTION
from relay.portal.settings.mail_recipes import Recipe

WAYS = [SelectChoice(tls.value, word) for tls, word in ENCRYPTION.items()]


class ServerForm(FlaskForm):  # type: ignore[misc]
    """A mail server. The stored password never comes back into the form."""

    host = required_text(_l("送信サーバーの名前"), _l("送信サーバーの名前を入力してください。"), LENGTHS["host"])
    port = IntegerField(
        _l("ポート番号"),
        validators=[
            InputRequired(_l("ポート番号を数字で入力してください。")),
            NumberRange(1, 65535, message=_l("ポート番号は1から65535までの数字です。")),
        ],
    )
    tls = RadioField(_l("暗号化"), choices=WAYS, validators=[InputRequired(_l("暗号化の方式を選んでください。"))])
    username = StringField(_l("ユーザー名"), validators=[Optional(), longest(LENGTHS["username"])])
    password = PasswordField(_l("パスワード"), validators=[Optional(), longest(LENGTHS["password"])])
    sender = StringField(
        _l("差出人のアドレス"), validators=[InputRequired(_l("差出人のアドレスを入力してください。")), usable_address]
    )

    def typed(self) -> ServerInput:
        """Return the typed values."""
        return ServerInput(
            host=self.host.data,
            port=self.port.data,
            tls=MailTls(self.tls.data),
            username=self.username.data or "",
            password=self.password.data or "",
            sender=self.sender.data,
        )


class MailCodeForm(FlaskForm):  # type: ignore[misc]
    """The code from the test mail."""

    code = StringField(_l("メールの確認コード"), validators=[InputRequired(_l("6桁の数字を入力してください。"))])


class ShareForm(FlaskForm):  # type: ignore[misc]
    """The one tick of a firm that has a single server."""

    share = BooleanField(
        _l("ログインや招待のメールも、自社の送信サーバーから送る"),
        validators=[InputRequired(_l("同じサーバーを使うときは、チェックを入れてください。"))],
    )


def server_form(kept: Kept | None, recipe: Recipe | None, proposed_sender: str) -> ServerForm:
    """Return the form as opened: values of the chosen service before stored ones, and those before a proposal."""
    known = {"port": 587, "tls": MailTls.STARTTLS.value, "sender": proposed_sender}
    if kept is not None:
        known |= {name: getattr(kept, name) for name in ("host", "port", "tls", "username", "sender")}
    if recipe is not None:
        known |= {"host": recipe.host, "port": recipe.port, "tls": recipe.tls.value}
    return ServerForm(None, data=known)
