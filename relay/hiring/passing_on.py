"""リファラル: the link of a position to pass on, where its page says one applies, and what came by it.

The page takes no application and keeps nothing of its visitors: one applies the company's own way. Applications that
came so are those whose channel says it, by hand or by a file. Nobody is rewarded for passing it on (B-27).
"""

import secrets

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from relay.errors import DomainError
from relay.hiring import posting
from relay.models import Application, Company, EventTag, Position, PositionState, record
from relay.models.hiring import PASSED_ON
from relay.models.prepared import Prepared
from relay.text import MailFault, Sentence, mail_sentence, normalise_mail, page_address, plain_ascii

CHANNEL = _l("リファラル")
"""The channel of an application that came so, as the form of a new person offers it."""
COUNT_CAP = 1_000
_CODE_BYTES = 12


class LinkIncomplete(DomainError):
    """Raise for a link of a position whose page could not say everything it must."""

    code = "position-link-incomplete"

    def __init__(self, lacking: list[Sentence]) -> None:
        super().__init__(
            _l(
                "まだ足りないものがあるため、求人のリンクは作成していません。足りないもの：%(lacking)s。",
                lacking="、".join(str(each) for each in lacking),
            )
        )


class WayUnreadable(DomainError):
    """Raise where the text is neither the address of a page nor a mail address."""

    code = "way-to-apply-unreadable"
    message = _l(
        "応募先を読み取れませんでした。応募ページのアドレス（https://から始まるもの）か、"
        "応募を受け付けるメールアドレスを、そのまま貼り付けてください。"
    )


def way_to_apply(typed: str) -> str:
    """Return where one applies, an address of a page or of mail, as it is stored. Raises WayUnreadable."""
    plain = plain_ascii(typed)
    if "@" in plain and "://" not in plain:
        reading = normalise_mail(plain)
        if not reading.value:
            raise WayUnreadable(mail_sentence(reading.fault or MailFault.NO_AT, plain))
        return reading.value
    address = page_address(typed)
    if not address:
        raise WayUnreadable
    return address


def is_mail(way: str) -> bool:
    """Return whether one applies by mail, not on a page."""
    return "://" not in way


def lacking(session: Session, position: Position) -> list[Sentence]:
    """Return what the page of the link could not say yet: the items of a posting (B-21), and where one applies.

    The address of the page holds the company's short name, which is settled once it sends to candidates.
    """
    found = [item.label for item in posting.missing(position)]
    if not position.apply_at:
        found.append(_l("応募先"))
    if not is_settled(session, position):
        found.append(_l("本番の送信の開始（開始すると、リンクのアドレスが決まります）"))
    return found


_LIVE_SINCE = select(Company.live_since).where(Company.id == bindparam("company"))


def is_settled(session: Session, position: Position) -> bool:
    """Return whether the company sends to candidates, so that its short name stays as it is."""
    return session.scalars(_LIVE_SINCE, {"company": position.company_id}).one() is not None


def open_link(session: Session, position: Position) -> bool:
    """Make the link of an open position; return whether that is new. Raises LinkIncomplete."""
    if position.link_code is not None:
        return False
    missing = lacking(session, position)
    if missing:
        raise LinkIncomplete(missing)
    position.link_code = secrets.token_urlsafe(_CODE_BYTES)
    _note(session, position, EventTag.POSITION_LINK_OPENED)
    return True


def close_link(session: Session, position: Position) -> bool:
    """Let the link show the position no more, for good; return whether there was one. A later one is another link."""
    if position.link_code is None:
        return False
    position.link_code = None
    _note(session, position, EventTag.POSITION_LINK_CLOSED)
    return True


def shown(session: Session, position: Position) -> bool:
    """Return whether the link shows the position now: it is open, and everything is said that must be."""
    is_open = position.link_code is not None and position.state is PositionState.OPEN
    return is_open and not lacking(session, position)


def behind(session: Session, code: str) -> Position | None:
    """Return the position the company shows under this link now."""
    position = session.scalars(select(Position).where(Position.link_code == code)).one_or_none()
    return position if position is not None and shown(session, position) else None


def came_by_it(session: Session, position_id: int) -> int:
    """Return how many applications for the position name the channel, counted up to COUNT_CAP + 1."""
    [number] = _CAME.all(session, position_id=position_id)
    return number


_CAME = Prepared(
    select(func.count()).select_from(
        select(Application.position_id)
        .where(Application.position_id == bindparam("position_id"), PASSED_ON)
        .limit(COUNT_CAP + 1)
        .subquery()
    ),
    int,
)


def _note(session: Session, position: Position, tag: EventTag) -> None:
    session.flush()
    record(session, tag, company_id=position.company_id, subject=("position", position.id))
