"""The first start: the first company and its administrator, behind the address that `relay setup` printed."""

from flask import Response, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired

from relay.account import token_link
from relay.account.login import enter_as
from relay.account.token_links import ASK, TokenLinkGone, opened
from relay.errors import DomainError
from relay.extensions import db
from relay.forms import LinkForm, required_text
from relay.identity import companies, first_start, users
from relay.identity.passwords import SHORTEST
from relay.models import TokenPurpose, User
from relay.outreach import opening
from relay.text import normalise_mail
from relay.web import page


class SetupForm(LinkForm):
    """The first administrator and company; the rest is asked step by step."""

    company = required_text(_l("会社の正式名称"), _l("会社の正式名称を入力してください。"), companies.LENGTHS["name"])
    name = required_text(_l("お名前"), _l("お名前を入力してください。"), users.NAME_LENGTH)
    email = EmailField(_l("メールアドレス"), validators=[InputRequired(_l("メールアドレスを入力してください。"))])
    password = PasswordField(_l("パスワード"), validators=[InputRequired(_l("パスワードを入力してください。"))])


@token_link.get("/setup/<token>")
def setup(token: str) -> Response:
    """Ask for the first administrator and company."""
    opened(token, TokenPurpose.SETUP)
    return _page(SetupForm(None))


@token_link.post("/setup/<token>")
def setup_post(token: str) -> AnyResponse:
    """Open the company with its administrator, sign them in, and go on with the company's particulars."""
    opened(token, TokenPurpose.SETUP)
    form = SetupForm()
    if not form.validate():
        return _page(form, status=422)
    try:
        user = _open(form)
    except first_start.AlreadyBegun as begun:
        raise TokenLinkGone(ASK[TokenPurpose.SETUP]) from begun
    except DomainError as refused:
        db.session.rollback()
        _beside_its_field(form, refused)
        return _page(form, status=422)
    return enter_as(user.id, url_for("portal.setup_company"))


def _open(form: SetupForm) -> User:
    session = db.session()
    first_start.close(session)
    slug = companies.suggest_slug(session, normalise_mail(form.email.data).value)
    admin = opening.Administrator(form.email.data, form.password.data, form.name.data)
    return opening.open_company(session, slug, companies.CompanyDetails(name=form.company.data), admin)


def _beside_its_field(form: SetupForm, refused: DomainError) -> None:
    place = {
        users.PasswordRefused: form.password,
        users.UserRefused: form.email,
        companies.CompanyRefused: form.company,
    }
    field = place.get(type(refused))
    (field.errors if field is not None else form.form_errors).append(str(refused))


def _page(form: SetupForm, status: int = 200) -> Response:
    return page("account/setup.html", status=status, form=form, shortest=SHORTEST)
