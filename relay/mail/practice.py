"""Practice: before a company goes live, nothing written to a candidate leaves for one.

Such a letter goes to the member who pressed, says whom it would reach, and all its links lead to one page that counts
for nothing. Its row is practice, and no ordinary query sees it (relay.models.scopes).
"""

from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, bindparam, delete, func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.mail import letters, tokens
from relay.mail.tokens import Link
from relay.models import Candidate, Company, Message, PracticeRegistration, Token, TokenPurpose, User, scopes
from relay.models.prepared import read
from relay.models.retention import PRACTICE

KEPT = timedelta(days=PRACTICE.number)
"""How long what was practised is kept; going live takes it away at once."""

PRACTICE_LINK = Link(TokenPurpose.PRACTICE, lifetime=timedelta(days=14), path="/practice/")

REACHES = "practice_reaches"
"""Value of a practice mail: the address it would go to in earnest."""


class PracticeOnly(DomainError):
    """Raise where a real mail to a candidate would be queued while the company practises."""

    code = "practice-only"
    message = _l("練習中のため、候補者へのメールは用意しませんでした。本番の送信は、管理者が始められます。")


class NobodyPractises(DomainError):
    """Raise where no signed-in member with an address can receive the practice mail."""

    code = "no-recipient-for-practice"
    message = _l("練習のメールは操作した人に届きます。ログインして、画面から操作してください。何も送っていません。")


_LIVE_SINCE = select(Company.live_since).where(Company.id == bindparam("company"))


@scopes.in_company
def is_practising(session: Session, company_id: int) -> bool:
    """Return whether the company has not begun real sending."""
    return not any(since for (since,) in read(session, _LIVE_SINCE, company=company_id))


def own_address(session: Session, company_id: int, user_id: int | None) -> str:
    """Return the present address of an active member of this company; empty for anyone else."""
    with scopes.company(session, company_id):
        mine = select(User.email).where(User.id == user_id, User.disabled_at.is_(None))
        return session.scalars(mine).one_or_none() or ""


def may_leave(session: Session, message: Message) -> bool:
    """Return whether a mail may leave at all, asked last of everything before it does.

    A practice mail leaves for its member's present address and no other; one to a candidate only when the company
    is live.
    """
    if message.practice:
        message.to_address = own_address(session, scopes.required(message.company_id), message.by_user_id)
        return bool(message.to_address)
    if message.company_id is None or letters.find(message.letter).audience != "candidate":
        return True
    return not is_practising(session, message.company_id)


def mint(session: Session, message: Message) -> dict[str, str]:
    """Return the one link of a practice mail, in place of every link of the letter."""
    token = tokens.mint(
        session, TokenPurpose.PRACTICE, message.id, company_id=message.company_id, message_id=message.id
    )
    keys = (link.key for link in letters.find(message.letter).links)
    return dict.fromkeys(keys, tokens.url_of(TokenPurpose.PRACTICE, token))


def banner(session: Session, message: Message) -> str:
    """Return what a practice mail says first: whom it would reach in earnest; empty for every other mail."""
    if not message.practice:
        return ""
    with scopes.company(session, scopes.required(message.company_id)):
        name = session.scalar(select(Candidate.name).where(Candidate.id == message.candidate_id))
    if name is None:
        return _("これは練習のメールです。操作したご本人にだけ届いています。")
    return _(
        "これは練習のメールです。本番では、%(name)sさん（%(address)s）に届きます。候補者には届いていません。",
        name=name,
        address=message.values.get(REACHES, ""),
    )


def forget(session: Session, company_id: int, *which: ColumnElement[bool]) -> int:
    """Delete the company's practice mails (those of the conditions), their links and what was typed behind them.

    Returns how many mails there were.
    """
    with scopes.company(session, company_id), scopes.practice(session):
        return _delete(session, *which)


def number(session: Session, company_id: int) -> int:
    """Return how many mails the company has practised that are still kept."""
    with scopes.company(session, company_id), scopes.practice(session):
        return session.scalar(select(func.count()).where(Message.practice)) or 0


def sweep(session: Session) -> int:
    """Delete what was practised more than thirty days ago, by whichever company."""
    with scopes.everyone(session, "worker: what was practised a month ago, of any company"):
        return _delete(session, Message.created_at <= clock.now() - KEPT)


def _delete(session: Session, *which: ColumnElement[bool]) -> int:
    mails = select(Message.id).where(Message.practice, *which)
    session.execute(delete(PracticeRegistration).where(PracticeRegistration.message_id.in_(mails)))
    session.execute(delete(Token).where(Token.purpose == TokenPurpose.PRACTICE, Token.message_id.in_(mails)))
    gone = delete(Message).where(Message.practice, *which).returning(Message.id)
    return len(session.scalars(gone).all())
