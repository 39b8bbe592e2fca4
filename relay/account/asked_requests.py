"""The acts of an agency on a request for a free introduction: making its link, taking it back, declining (B-25).

Signed in, from the request's page in the portal; or from the mail that asked, without signing in: GET shows, POST acts
(C-16). A link is shown in the answer to the press that made it, and never again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, abort, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import agent, client_address
from relay.access.permissions import needs
from relay.account import my_account, token_link, token_links
from relay.errors import DomainError
from relay.extensions import db, settings
from relay.introductions import asked_mails, endings, for_partners, links
from relay.introductions.for_partners import MAY_NOT_INTRODUCE, STATE_WORDS, AskedRequest
from relay.introductions.standing import PartnerMayNotIntroduce, RequestOver
from relay.models import Actor, DeclineReason, TokenPurpose, act_as, scopes
from relay.models.introductions import MAX_ADVICE
from relay.web import page


@dataclass(frozen=True)
class Answering:
    """The agent who answers a request, signed in or by the mail that asked (then with its token)."""

    asked_id: int
    partner_id: int
    user_id: int
    token: str = ""

    @property
    def urls(self) -> dict[str, str]:
        """Return where the forms of the page are posted to."""
        if self.token:
            return {act: url_for(f"token_link.asked_mail_{act}", token=self.token) for act in _ACTS}
        return {act: url_for(f"my_account.asked_{act}", asked_id=self.asked_id) for act in _ACTS}

    @property
    def back(self) -> str:
        """Return the page that shows the request."""
        if self.token:
            return url_for("token_link.asked_mail", token=self.token)
        return url_for("agency.request_show", asked_id=self.asked_id)


_ACTS = ("link", "take_back", "decline")


@my_account.post("/requests/<int:asked_id>/link")
@needs("introductions:answer")
def asked_link(asked_id: int) -> AnyResponse:
    """Make the link and show it, this once."""
    return _make_link(_agent(asked_id))


@my_account.post("/requests/<int:asked_id>/take-back")
@needs("introductions:answer")
def asked_take_back(asked_id: int) -> AnyResponse:
    """Close the live link at once."""
    return _take_back(_agent(asked_id))


@my_account.post("/requests/<int:asked_id>/decline")
@needs("introductions:answer")
def asked_decline(asked_id: int) -> AnyResponse:
    """Decline with a reason and one line."""
    return _decline(_agent(asked_id))


@token_link.get("/asked/<token>")
def asked_mail(token: str) -> Response:
    """Show the request that the mail told of, with what can be done."""
    answering = _mailed(token)
    return _page(answering, _asked(answering))


@token_link.post("/asked/<token>/link")
def asked_mail_link(token: str) -> AnyResponse:
    """Make the link without signing in, and show it this once."""
    return _make_link(_mailed(token))


@token_link.post("/asked/<token>/take-back")
def asked_mail_take_back(token: str) -> AnyResponse:
    """Close the live link without signing in."""
    return _take_back(_mailed(token))


@token_link.post("/asked/<token>/decline")
def asked_mail_decline(token: str) -> AnyResponse:
    """Decline without signing in."""
    return _decline(_mailed(token))


def _make_link(by: Answering) -> AnyResponse:
    session, asked = db.session(), _asked(by)
    made = {"partner_id": by.partner_id, "by_user_id": by.user_id}
    try:
        token = links.make_link(session, asked.company_id, by.asked_id, **made)
    except DomainError as refused:
        return _refused(by, refused)
    made_asked = _asked(by)  # as this act left it: what another does after the commit keeps nobody from the one link
    session.commit()
    return _page(by, made_asked, made_url=f"{settings().base_url}/introductions/{token}")


def _take_back(by: Answering) -> AnyResponse:
    asked = _asked(by)

    def take_back() -> None:
        closed = links.take_back(db.session(), asked.company_id, by.asked_id, partner_id=by.partner_id)
        if not closed and not _asked(by).is_turn:  # a yes or an end was first; pressed twice it is closed already
            raise RequestOver

    return _act(by, take_back, _("紹介リンクを取り消しました。リンクは、もう使えません。"))


def _decline(by: Answering) -> AnyResponse:
    asked, typed = _asked(by), request.form.get("reason", "")
    reason = next((each for each in DeclineReason if each.value == typed), None)
    if reason is None:
        return _page(by, asked, status=422, trouble=_("理由を選んでください。まだ何も送っていません。"))
    advice = request.form.get("advice", "")
    return _act(
        by,
        lambda: endings.decline(
            db.session(), asked.company_id, by.asked_id, partner_id=by.partner_id, reason=reason, advice=advice
        ),
        _("この依頼を見合わせました。企業に伝え、紹介枠は企業に返却されました。"),
    )


def _act(by: Answering, act: Callable[[], Any], said: str) -> AnyResponse:
    """Act, and lead back to the request; what cannot be done any more is said there."""
    try:
        act()
    except DomainError as refused:
        return _refused(by, refused)
    db.session.commit()
    if not by.token:
        flash(said)
    return redirect(by.back, 303)


def _refused(by: Answering, refused: DomainError) -> Response:
    db.session.rollback()
    trouble = str(MAY_NOT_INTRODUCE) if isinstance(refused, PartnerMayNotIntroduce) else str(refused)
    return _page(by, _asked(by), status=409, trouble=trouble)


def _page(by: Answering, asked: AskedRequest, *, status: int = 200, trouble: str = "", made_url: str = "") -> Response:
    return page(
        "account/asked_mail.html" if by.token else "account/asked.html",
        status=status,
        asked=asked,
        state_words=STATE_WORDS,
        reasons=DeclineReason.labels(),
        max_advice=MAX_ADVICE,
        urls=by.urls,
        back=by.back,
        trouble=trouble,
        made_url=made_url,
        chosen=request.form.get("reason", ""),
        advice=request.form.get("advice", ""),
    )


def _agent(asked_id: int) -> Answering:
    here = agent()
    return Answering(asked_id, here.partner_id, here.user_id)


def _mailed(text: str) -> Answering:
    """Return the agent whose mail the token came in. Raises TokenLinkGone once they left or the request is gone."""
    token = token_links.opened(text, TokenPurpose.INTRODUCTION_REQUEST)
    company_id = scopes.required(token.company_id)
    reader = asked_mails.reader_of(db.session(), company_id, token.subject_id, token.address_hash)
    if reader is None:
        raise token_links.TokenLinkGone(token_links.ASK[TokenPurpose.INTRODUCTION_REQUEST])
    act_as(db.session(), Actor("user", reader.user_id, client_address(), g.request_id))
    return Answering(token.subject_id, reader.partner_id, reader.user_id, text)


def _asked(by: Answering) -> AskedRequest:
    """Return the request as it is now; 404 where this agency was not asked."""
    with scopes.partner(db.session(), by.partner_id):
        return for_partners.asked(db.session(), by.asked_id) or abort(404)
