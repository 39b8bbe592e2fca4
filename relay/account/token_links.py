"""Shared by the pages behind staff's mailed links: what a token opens, and the page when it opens nothing."""

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from relay.access.csrf import link_csrf
from relay.account import token_link
from relay.errors import DomainError
from relay.extensions import db
from relay.mail import tokens
from relay.models import Token, TokenPurpose
from relay.web import page

ASK = {
    TokenPurpose.SETUP: _l("サーバーで「relay setup」を実行すると、新しいリンクが表示されます。"),
    TokenPurpose.INVITE: _l("招待してくださった方に、もう一度招待を送るよう頼んでください。"),
    TokenPurpose.PASSWORD: _l("ログイン画面の「パスワードを忘れたとき」から、新しいリンクを受け取れます。"),
    TokenPurpose.ALERTS: _l("ログインして、ホームの「お知らせ」の画面から止められます。"),
    TokenPurpose.MORNING: _l("ログインして、「ログインとアカウント」の画面から停止できます。"),
    TokenPurpose.MONTH_REPORT: _l("ログインして、「ログインとアカウント」の画面から停止できます。"),
    TokenPurpose.INTRODUCTION_REQUEST: _l("ログインして、「紹介の依頼」の画面から返答できます。"),
    TokenPurpose.NEW_EMAIL: _l("いまのアドレスでログインし、「ログインとアカウント」からもう一度手続きしてください。"),
}
"""What to do instead; the words depend on the kind of link alone (C-20)."""


class TokenLinkGone(DomainError):
    """Raise where a mailed link is unknown, expired, used or revoked, without telling which (C-20)."""

    code = "token-link-gone"


@token_link.context_processor
def proof_of_link() -> dict[str, Any]:
    """Return the CSRF value of the link, which forms behind it carry (E-9)."""
    token = (request.view_args or {}).get("token", "")
    return {"link_csrf": link_csrf(token) if token else ""}


@token_link.errorhandler(TokenLinkGone)
def token_link_gone(error: TokenLinkGone) -> Response:
    """Return the one page for every link that opens nothing."""
    db.session.rollback()
    forgotten = (request.endpoint or "").startswith("token_link.password")
    return page(
        "account/gone.html",
        "components/_error.html",
        status=404,
        code=404,
        title=_("このリンクは、いまは使えません"),
        text=str(error),
        forgotten=forgotten,
    )


def opened(token: str, purpose: TokenPurpose) -> Token:
    """Return the living token behind a mailed page of staff. Raises TokenLinkGone, answered with one page for all
    kinds."""
    found = tokens.find(db.session(), token, purpose)
    if found is None:
        raise TokenLinkGone(ASK[purpose])
    return found
