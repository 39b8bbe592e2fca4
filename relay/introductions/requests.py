"""Asking a partner for a free introduction: position, partner and guarantee are chosen, and a credit is set aside.

It is a job offer to the agency, so the posting says everything the law asks for first (B-21); it is kept as it was
shown, and neither side is promised more than that (B-23).
"""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.hiring import position_facts, posting, slots
from relay.introductions import endings, letters
from relay.introductions.guarantees import Guarantee, checked
from relay.introductions.letters import AskedNews
from relay.introductions.standing import PartnerMayNotIntroduce, honouring
from relay.mail.sending_hours import working_day
from relay.models import EventTag, IntroductionRequest, IntroductionState, Position, PositionState, scopes
from relay.models.locking import lock_company
from relay.network import credits
from relay.text import Sentence

TURN_DAYS = 5
"""So many working days a partner has to answer, and a person behind a link."""
INTERVIEW_DAYS = 14
"""Within so many days of a yes the interview is held."""


class PositionNotReady(DomainError):
    """Raise where a partner could not be told of the position everything it must be."""

    code = "introduction-position-not-ready"

    def __init__(self, lacking: list[Sentence]) -> None:
        super().__init__(
            _l(
                "まだ足りないものがあるため、紹介を依頼していません。紹介枠もそのままです。足りないもの：%(lacking)s。",
                lacking="、".join(str(each) for each in lacking),
            )
        )


class NoneLeftThisYear(DomainError):
    """Raise where the partner takes no further credit of the company this year."""

    code = "introduction-none-left-this-year"
    message = _l(
        "この紹介会社に今年申し込める件数は、残っていません。紹介枠はそのままです。ほかの紹介会社を選んでください。"
    )


class NoTimesSoLong(DomainError):
    """Raise where no free time of the position is as long as the meeting that would be promised."""

    code = "introduction-no-times-so-long"

    def __init__(self, minutes: int) -> None:
        super().__init__(
            _l(
                "%(minutes)s分の面談の候補日時がないため、まだ依頼していません。紹介枠もそのままです。"
                "求人に%(minutes)s分の候補日時を追加するか、面談の長さを選び直してください。",
                minutes=minutes,
            )
        )


def lacking(session: Session, position: Position) -> list[Sentence]:
    """Return what is missing before a partner can be asked: items of a posting (B-21), an open position, times."""
    found: list[Sentence] = [item.label for item in posting.missing(position)]
    if position.state is not PositionState.OPEN:
        found.append(_l("募集中の状態"))
    if not slots.offers_times(session, position.id):
        found.append(_l("面談の候補日時"))
    return found


def check_times(session: Session, position_id: int, minutes: int) -> None:
    """Raise NoTimesSoLong where the position offers no free time of this length."""
    if not any(slot.minutes == minutes for slot in slots.free(session, position_id)):
        raise NoTimesSoLong(minutes)


def posted(position: Position) -> list[list[str]]:
    """Return the posting as a request keeps it: pairs of label and text, as everybody would read it."""
    return [[str(label), text] for label, text in position_facts.published(position)]


def request(
    session: Session,
    company_id: int,
    position_id: int,
    partner_id: int,
    guarantee: Guarantee,
    *,
    by_user_id: int | None,
    after: int | None = None,
) -> IntroductionRequest:
    """Set a credit aside and ask the partner, whose turn it is for TURN_DAYS working days.

    `after` is the number of the newest request when the page was shown: one made since for the same position and
    partner is returned, so that pressing twice sets one credit aside.
    Raises PositionNotReady, NoTimesSoLong, PartnerMayNotIntroduce, NoneLeftThisYear, GuaranteeRefused, NoFreeCredit.
    """
    guarantee = checked(guarantee)
    lock_company(session, company_id)
    with scopes.company(session, company_id):
        if after is not None and (twice := _made_since(session, after, position_id, partner_id)) is not None:
            return twice
        position = _position(session, position_id)
        if position is None or (missing := lacking(session, position)):
            raise PositionNotReady([_l("求人")] if position is None else missing)
        check_times(session, position_id, guarantee.minutes)
        partner = next((each for each in honouring(session, company_id) if each.id == partner_id), None)
        if partner is None:
            raise PartnerMayNotIntroduce
        if partner.left == 0:
            raise NoneLeftThisYear
        reserved = credits.reserve(
            session, company_id, _("%(partner)sへの依頼（%(title)s）", partner=partner.name, title=position.title)[:200]
        )
        made = IntroductionRequest(
            company_id=company_id,
            partner_id=partner_id,
            position_id=position.id,
            title=position.title,
            posting=posted(position),
            reservation_id=reserved.id,
            state=IntroductionState.OPEN,
            due_on=working_day(clock.today(), TURN_DAYS),
            made_at=clock.now(),
            made_by_user_id=by_user_id,
            **guarantee.columns,
        )
        session.add(made)
        session.flush()
        endings.note(session, EventTag.INTRODUCTION_REQUESTED, made)
        letters.ask_partner(session, made, AskedNews.NEW)
    return made


def _made_since(session: Session, after: int, position_id: int, partner_id: int) -> IntroductionRequest | None:
    since = select(IntroductionRequest).where(
        IntroductionRequest.id > after,
        IntroductionRequest.position_id == position_id,
        IntroductionRequest.partner_id == partner_id,
    )
    return session.scalars(since.limit(1)).one_or_none()


def _position(session: Session, position_id: int) -> Position | None:
    return session.scalars(select(Position).where(Position.id == position_id)).one_or_none()
