"""Proving the address to sign in with from now on: only a POST from its mailbox changes it (C-16, E-8)."""

from flask import Response
from flask_login import current_user

from relay.account import token_link
from relay.account.token_links import TokenLinkGone, opened
from relay.errors import DomainError
from relay.extensions import db
from relay.identity import profile
from relay.identity.sessions import SignedIn
from relay.models import TokenPurpose
from relay.web import page


@token_link.get("/new-email/<token>")
def new_email(token: str) -> Response:
    """Which address is about to be used; nothing happens by looking."""
    try:
        user = profile.waiting_address(db.session(), opened(token, TokenPurpose.NEW_EMAIL))
    except profile.ProofGone as gone:
        raise TokenLinkGone(gone.message) from gone
    return page("account/new_email.html", address=user.new_email, token=token)


@token_link.post("/new-email/<token>")
def new_email_post(token: str) -> Response:
    """Take the address; the browser that asked for it stays signed in, all others are signed out."""
    found = opened(token, TokenPurpose.NEW_EMAIL)
    person = current_user._get_current_object()
    here = person.session_id if isinstance(person, SignedIn) and person.user_id == found.subject_id else None
    try:
        user = profile.take_new_address(db.session(), found, keep_session=here)
    except DomainError as refused:
        raise TokenLinkGone(refused.message) from refused
    db.session.commit()
    return page("account/new_email_done.html", address=user.email, signed_in=here is not None)
