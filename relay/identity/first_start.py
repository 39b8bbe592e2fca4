"""The first start: an address that opens the first company, printed where only the operator reads."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.errors import DomainError
from relay.mail import tokens
from relay.mail.tokens import Link
from relay.models import Company, TokenPurpose

SETUP_LINK = Link(TokenPurpose.SETUP, lifetime=timedelta(hours=24), path="/setup/")
INSTALLATION = 0
"""What a set-up token is about: no row, the installation as a whole."""


class AlreadyBegun(DomainError):
    """Raise where a company is registered already; its administrators invite the others."""

    code = "setup-already-done"
    message = _l(
        "企業はすでに登録されています。利用者を増やすときは、管理者が「設定」のユーザーから招待します。"
        "管理者がログインできないときは、「relay user password」で新しいパスワードを設定してください。"
    )


def is_ahead(session: Session) -> bool:
    """Return whether no real company is here yet; the demo does not count."""
    return session.scalars(select(Company.id).where(Company.demo.is_(False)).limit(1)).first() is None


def is_empty(session: Session) -> bool:
    """Return whether nobody at all could sign in: no company is here, not even that of the demo."""
    return session.scalars(select(Company.id).limit(1)).first() is None


def address(session: Session) -> str:
    """Return a new address that opens the first company, good for a day and once (C-18).

    Addresses printed before stay good, so that a restart of the web server takes none away. Raises AlreadyBegun.
    """
    _check_ahead(session)
    return tokens.url_of(TokenPurpose.SETUP, tokens.mint(session, TokenPurpose.SETUP, INSTALLATION))


def close(session: Session) -> None:
    """Use the first start up: every address printed so far opens nothing from here on.

    Of two people who finish at the same moment one gets AlreadyBegun: the rows are ended by one of them alone.
    """
    if not tokens.revoke(session, TokenPurpose.SETUP, INSTALLATION):
        raise AlreadyBegun
    _check_ahead(session)


def _check_ahead(session: Session) -> None:
    if not is_ahead(session):
        raise AlreadyBegun
