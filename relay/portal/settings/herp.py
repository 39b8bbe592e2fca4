"""Settings: HERP連携, the key by which Relay reads the company's applications at HERP, and what came of it."""

from flask import Response, flash, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import PasswordField, RadioField, SelectChoice
from wtforms.validators import InputRequired, Length

from relay.access.context import member
from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.connect.herp import connection
from relay.connect.herp.connection import MAX_KEY
from relay.errors import DomainError
from relay.extensions import db
from relay.models import RetentionBasis
from relay.portal import portal
from relay.portal.ui.labels import words
from relay.web import done, page

YES, NO = "yes", "no"


class HerpForm(FlaskForm):  # type: ignore[misc]
    """The key, and what an import asks of people who come in."""

    key = PasswordField(
        _l("HERPのAPIキー"),
        validators=[Length(max=MAX_KEY, message=_l("APIキーが長すぎます。もう一度、貼り付けてください。"))],
    )
    basis = RadioField(
        _l("この方々の情報を、保管してよい理由"),
        choices=[
            SelectChoice(RetentionBasis.SELECTION.value, _l("選考のためだけに保管している")),
            SelectChoice(RetentionBasis.STATED.value, _l("人材プールでの保管を、応募のときにお伝えしている")),
            SelectChoice(RetentionBasis.CONSENTED.value, _l("人材プールでの保管に、ご本人が同意している")),
        ],
        validators=[InputRequired(_l("3つのうち、あてはまるものを選んでください。"))],
    )
    told = RadioField(
        _l("見送りの結果は、HERPから伝えますか"),
        choices=[SelectChoice(YES, _l("はい、HERPから伝えます")), SelectChoice(NO, _l("いいえ、Relayから伝えます"))],
        validators=[InputRequired(_l("どちらかを選んでください。"))],
    )


@portal.get("/settings/herp")
@needs("settings:read")
def settings_herp() -> Response:
    """Show what came of the connection, and the form."""
    row = connection.of_company(db.session(), member().company_id)
    form = HerpForm(None)
    if row is not None:
        form.basis.data, form.told.data = row.basis.value, YES if row.told else NO
    return _page(form)


@portal.post("/settings/herp")
@needs("settings:write")
@fresh
def settings_herp_save() -> AnyResponse:
    """Try the key, keep it, and begin to read; without a key the answers alone change."""
    form, by = HerpForm(), member()
    if not form.validate():
        return _page(form, status=422)
    key, basis, told = (form.key.data or "").strip(), RetentionBasis(form.basis.data), form.told.data == YES
    try:
        connection.connect(db.session(), by.company_id, key, basis, told=told, by_user_id=by.user_id)
    except DomainError as refused:
        db.session.rollback()
        form.key.errors = (str(refused),)
        return _page(form, status=422)
    db.session.commit()
    flash(_("HERPとつながりました。") if key else _("HERP連携の設定を保存しました。"))
    return done(None, go_to=url_for(".settings_herp"))


@portal.post("/settings/herp/test")
@needs("settings:write")
def settings_herp_test() -> AnyResponse:
    """Ask HERP whether it takes the key that is kept."""
    trouble = connection.test(db.session(), member().company_id)
    db.session.commit()
    if trouble is None:  # else the page says it
        flash(_("HERPとつながっています。"))
    return done(None, go_to=url_for(".settings_herp"))


@portal.post("/settings/herp/read")
@needs("settings:write")
def settings_herp_read() -> AnyResponse:
    """Begin to read now."""
    began = connection.begin(db.session(), member().company_id)
    db.session.commit()
    flash(
        _("応募を読み取り始めます。")
        if began
        else _("読み取った応募が確認を待っています。先に取り込むか、破棄してください。")
    )
    return done(None, go_to=url_for(".settings_herp"))


@portal.post("/settings/herp/remove")
@needs("settings:write")
def settings_herp_remove() -> AnyResponse:
    """Forget the key."""
    if connection.disconnect(db.session(), member().company_id):
        flash(_("HERP連携を終了し、APIキーを削除しました。取り込んだ方はそのまま残っています。"))
    db.session.commit()
    return done(None, go_to=url_for(".settings_herp"))


def _page(form: HerpForm, *, status: int = 200) -> Response:
    session, company_id = db.session(), member().company_id
    row = connection.of_company(session, company_id)
    return page(
        "portal/settings/herp.html",
        status=status,
        form=form,
        row=row,
        waits=row is not None and connection.waits_for_a_look(session, company_id),
        **words(),
    )
