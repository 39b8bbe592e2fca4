"""Introduction links: made by a licensed partner for one person it chose, sent by itself, single-use (B-25).

The token is returned once and kept as a hash (C-17). A link opens its page only while it is live: neither used, taken
back nor past its day, and its maker may introduce now as the same legal person.
"""

from dataclasses import dataclass
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.introductions import endings, letters
from relay.introductions.letters import AskedNews
from relay.introductions.requests import TURN_DAYS
from relay.introductions.standing import PartnerMayNotIntroduce, RequestOver, held, identity, introducing
from relay.mail.sending_hours import working_day
from relay.models import (
    EventTag,
    IntroductionLink,
    IntroductionRequest,
    IntroductionState,
    LinkEnd,
    Partner,
    Position,
    PositionState,
    scopes,
)
from relay.models.locking import lock_company
from relay.tokens import new_token, token_hash

LOOK_UP = "token look-up: whose introduction a link opens is not known before"


class LinkIsOut(DomainError):
    """Raise where a request has a live link already: one person at a time."""

    code = "introduction-link-is-out"
    message = _l(
        "この依頼には、すでに有効な紹介リンクがあります。新しいリンクは作成していません。"
        "ほかの方に紹介するときは、先にいまのリンクを取り消してください。"
    )


class PositionHalted(DomainError):
    """Raise where a link would be made to a position that is paused or filled: its page would not open."""

    code = "introduction-position-halted"
    message = _l("企業が募集を止めているため、いまは紹介リンクを作成できません。何も変わっていません。")


@dataclass(frozen=True)
class LiveLink:
    """The contents of a live link: the request as it was made, and the partner that introduces."""

    id: int
    company_id: int
    request: IntroductionRequest
    partner: Partner
    until: date
    """The last day on which the person can say yes."""


def make_link(session: Session, company_id: int, request_id: int, *, partner_id: int, by_user_id: int) -> str:
    """Make the one live link of a request and return its token, for the only time; it is the person's turn now.

    Its maker, licence number and day are kept: that is the gate. Raises RequestOver, LinkIsOut, PartnerMayNotIntroduce,
    PositionHalted.
    """
    lock_company(session, company_id)
    request = held(session, company_id, request_id, partner_id=partner_id)
    if request.state is IntroductionState.OFFERED:
        raise LinkIsOut
    if request.state is not IntroductionState.OPEN or request.due_on is None or request.due_on < clock.today():
        raise RequestOver
    partner = introducing(session, company_id, partner_id, since=request.made_at)
    if partner is None or not partner.license_number:
        raise PartnerMayNotIntroduce
    with scopes.company(session, company_id):
        position = select(Position.state).where(Position.id == request.position_id)
        if session.scalars(position).one() is not PositionState.OPEN:
            raise PositionHalted
    token, until = new_token(), working_day(clock.today(), TURN_DAYS)
    link = IntroductionLink(
        company_id=company_id,
        partner_id=partner_id,
        request_id=request.id,
        token_hash=token_hash(token),
        licence_number=partner.license_number,
        legal_identity=identity(partner),
        made_at=clock.now(),
        made_by_user_id=by_user_id,
        until=until,
    )
    try:
        with session.begin_nested():
            session.add(link)
    except IntegrityError as out:
        raise LinkIsOut from out
    request.state, request.due_on, request.reminded_on = IntroductionState.OFFERED, until, None
    session.flush()
    endings.note(session, EventTag.INTRODUCTION_LINK_MADE, request)
    return token


def take_back(session: Session, company_id: int, request_id: int, *, partner_id: int) -> bool:
    """Close the live link at once, so that the partner may introduce another person; returns whether there was one."""
    lock_company(session, company_id)
    request = held(session, company_id, request_id, partner_id=partner_id)
    return _look_on(session, request, LinkEnd.TAKEN_BACK)


def pass_on(session: Session, token: str) -> bool:
    """Let the person behind a live link look on (今回は見送る); the company sees only that the partner does.

    The partner is told by a mail that it is its turn again: it hears of it nowhere else.
    Returns whether the link was live.
    """
    found = find(session, token)
    if found is None:
        return False
    lock_company(session, found.company_id)
    again = find(session, token)
    if again is None:
        return False
    request = held(session, found.company_id, found.request.id)
    passed = _look_on(session, request, LinkEnd.PASSED)
    if passed:
        letters.ask_partner(session, request, AskedNews.PASSED)
    return passed


def find(session: Session, token: str) -> LiveLink | None:
    """Return what a live link opens; None alike for unknown, closed, expired and taken back ones (C-20).

    Licence, partnership and identity of its maker are asked now, and whether the position is still to be filled.
    """
    with scopes.everyone(session, LOOK_UP):
        wanted = select(IntroductionLink).where(IntroductionLink.token_hash == token_hash(token))
        link = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if link is None or link.closed_at is not None or link.until < clock.today():
        return None
    with scopes.company(session, link.company_id):
        asked = (
            select(IntroductionRequest)
            .join(Position, Position.id == IntroductionRequest.position_id)
            .where(
                IntroductionRequest.id == link.request_id,
                IntroductionRequest.state == IntroductionState.OFFERED,
                Position.state == PositionState.OPEN,
            )
        )
        request = session.scalars(asked.execution_options(populate_existing=True)).one_or_none()
    partner = introducing(session, link.company_id, link.partner_id, since=link.made_at)
    if request is None or partner is None or identity(partner) != link.legal_identity:
        return None
    return LiveLink(link.id, link.company_id, request, partner, link.until)


def _look_on(session: Session, request: IntroductionRequest, how: LinkEnd) -> bool:
    """Close the link and let it be the partner's turn again, for as many days as at first; both ways look alike."""
    if request.state is not IntroductionState.OFFERED or not endings.close_links(session, request, how):
        return False
    request.state, request.due_on = IntroductionState.OPEN, working_day(clock.today(), TURN_DAYS)
    request.reminded_on = None
    session.flush()
    endings.note(session, EventTag.INTRODUCTION_LINK_CLOSED, request)
    return True
