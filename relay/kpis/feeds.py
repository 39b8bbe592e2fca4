"""Feeds: making, naming and revoking the addresses by which spreadsheets read a company's counts (C-17).

Nothing but the address proves anything. So it is shown once, the list says when each was last read, and revoking holds
from the next request on: nothing about a feed is remembered between two.
"""

import re
from collections.abc import Sequence
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import EventTag, Feed, record, scopes
from relay.models.feeds import MAX_FEED_NAME
from relay.models.locking import lock_company
from relay.text import clean
from relay.tokens import new_token, token_hash

MAX_FEEDS = 20
"""Living ones of a company: so many lines can be looked through for the one that leaked."""
_LOOKED_UP = "token look-up: whose counts an address opens is not known before"
_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")


class FeedUnnamed(DomainError):
    """Raise where the use of the address is not said, or at too great length."""

    code = "feed-unnamed"

    def __init__(self) -> None:
        super().__init__(
            _l("使う場所を、%(most)s文字までで入力してください。まだ作成していません。", most=MAX_FEED_NAME)
        )


class TooManyFeeds(DomainError):
    """Raise where one more would be more than can be looked through."""

    code = "too-many-feeds"

    def __init__(self) -> None:
        super().__init__(
            _l(
                "アドレスは%(most)s件まで作成できます。まだ作成していません。使っていないものを無効にしてから、もう一度作成してください。",
                most=MAX_FEEDS,
            )
        )


_LIVING = (
    select(Feed).where(Feed.revoked_at.is_(None)).order_by(Feed.id.desc()).execution_options(populate_existing=True)
)


@scopes.in_company
def living(session: Session, company_id: int) -> Sequence[Feed]:
    """Return the addresses that open something, the newest first."""
    return session.scalars(_LIVING).all()


@scopes.in_company
def make(session: Session, company_id: int, name: str, *, by_user_id: int) -> str:
    """Make an address and return its token, which is nowhere afterwards. Raises FeedUnnamed, TooManyFeeds."""
    name = clean(name)
    if not 0 < len(name) <= MAX_FEED_NAME:
        raise FeedUnnamed
    lock_company(session, company_id)
    if len(living(session, company_id)) >= MAX_FEEDS:
        raise TooManyFeeds
    token = new_token()
    made = Feed(
        company_id=company_id,
        name=name,
        token_hash=token_hash(token),
        made_at=clock.now(),
        made_by_user_id=by_user_id,
    )
    session.add(made)
    session.flush()
    record(session, EventTag.FEED_MADE, company_id=company_id, subject=("feed", made.id))
    return token


@scopes.in_company
def revoke(session: Session, company_id: int, feed_id: int, *, by_user_id: int) -> str | None:
    """End an address at once and return its name; None where it opens nothing here any more."""
    ended = session.scalar(
        update(Feed)
        .where(Feed.id == feed_id, Feed.revoked_at.is_(None))
        .values(revoked_at=clock.now(), revoked_by_user_id=by_user_id)
        .returning(Feed.name)
    )
    if ended is not None:
        record(session, EventTag.FEED_REVOKED, company_id=company_id, subject=("feed", feed_id))
    return ended


def find(session: Session, token: str) -> Feed | None:
    """Return the feed that a token opens; None alike for malformed, unknown and revoked ones (C-20)."""
    if not _SHAPE.fullmatch(token):
        return None
    with scopes.everyone(session, _LOOKED_UP):
        opened = select(Feed).where(Feed.token_hash == token_hash(token), Feed.revoked_at.is_(None))
        return session.scalars(opened.execution_options(populate_existing=True)).one_or_none()


@scopes.in_company
def note_use(session: Session, company_id: int, feed_id: int, day: date) -> None:
    """Note that an address was asked for on this day; nothing is written where that is noted."""
    unnoted = or_(Feed.last_used_on.is_(None), Feed.last_used_on < day)
    session.execute(update(Feed).where(Feed.id == feed_id, unnoted).values(last_used_on=day))
