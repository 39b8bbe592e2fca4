"""Forms about partners: the invitation, and the record of a look-up."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import InputRequired

from relay.forms import longest


class InvitePartnerForm(FlaskForm):  # type: ignore[misc]
    """The address of an agency or school, and the rules accepted by inviting."""

    email = StringField(
        _l("提携先のメールアドレス"), validators=[InputRequired(_l("メールアドレスを入力してください。"))]
    )
    rules = BooleanField(
        _l("共有のルールを読み、自社として同意します"),
        validators=[InputRequired(_l("招待するには、共有のルールへの同意が必要です。"))],
    )


class CheckPartnerForm(FlaskForm):  # type: ignore[misc]
    """The confirmation that the partner was looked up, and that the page says the same."""

    seen = HiddenField()
    same = BooleanField(
        _l("提携先が登録した内容と同じであることを、自分の目で確認しました"),
        validators=[InputRequired(_l("確認してから、チェックを入れてください。"))],
    )
    note = StringField(_l("メモ"), validators=[longest(200)])
