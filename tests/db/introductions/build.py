"""What tests of introductions start from: a position that says all it must, times for it, and credits to spend."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.hiring import positions, slots
from relay.introductions import accepting, links, requests
from relay.introductions.accepting import Accepted, IntroductionWording
from relay.introductions.guarantees import Guarantee
from relay.models import (
    Company,
    CreditEntry,
    GuaranteeKind,
    IntroductionRequest,
    MeetingForm,
    Partner,
    Partnership,
    Position,
    Slot,
    scopes,
)
from relay.network import credits, referrals
from relay.network.credits import REFERRALS_PER_CREDIT
from relay.text.times import TypedTime
from tests.cast import Cast
from tests.db.hiring.test_passing_on import WHOLE
from tests.db.network.test_ledger import bare_link

GUARANTEE = Guarantee(GuaranteeKind.CASUAL, "採用担当者と配属先の課長", 30, MeetingForm.ONLINE)
WORDING = IntroductionWording("2026-11-30", "この会社に氏名と連絡先を伝え、この日時の面談を希望します")
HANA = {"name": "花野 咲", "kana": "ハナノ サキ", "email": "saki@mail.example", "phone": "090-1111-2222"}
DAYS = 6
"""So many days ahead a time is offered each day."""


@dataclass
class Desk:
    """Acme's desk: its position, whose times are offered, and Tsumugi that takes its credits."""

    session: Session
    company: Company
    partner: Partner
    position: Position
    user_id: int
    agent_id: int

    def ask(self, **changed: Any) -> IntroductionRequest:
        """Ask the partner for an introduction, and commit."""
        given = {"position_id": self.position.id, "partner_id": self.partner.id, "guarantee": GUARANTEE} | changed
        made = requests.request(self.session, self.company.id, **given, by_user_id=self.user_id)
        self.session.commit()
        return made

    def link(self, request: IntroductionRequest) -> str:
        """Let the partner make the link of a request, and commit; gives its token."""
        token = links.make_link(
            self.session, self.company.id, request.id, partner_id=self.partner.id, by_user_id=self.agent_id
        )
        self.session.commit()
        return token

    def yes(self, token: str, **facts: Any) -> Accepted:
        """Let a person say yes to the first time behind a link, and commit."""
        live = links.find(self.session, token)
        slot_id = accepting.offered_times(self.session, live)[0].id if live is not None else 0
        accepted = accepting.accept(self.session, token, HANA | facts, slot_id, WORDING)
        self.session.commit()
        return accepted

    def now(self, request: IntroductionRequest) -> IntroductionRequest:
        """The request as the database has it."""
        with scopes.company(self.session, self.company.id):
            self.session.expire_all()
            wanted = select(IntroductionRequest).where(IntroductionRequest.id == request.id)
            return self.session.scalars(wanted).one()

    def ledger(self) -> list[str]:
        """The kinds of the lines of the ledger, in their order."""
        with scopes.company(self.session, self.company.id):
            return [str(kind) for kind in self.session.scalars(select(CreditEntry.kind).order_by(CreditEntry.sequence))]

    def free(self) -> int:
        """The free credits."""
        return credits.balance(self.session, self.company.id)

    def partnership(self) -> Partnership:
        with scopes.company(self.session, self.company.id):
            theirs = select(Partnership).where(Partnership.partner_id == self.partner.id)
            return self.session.scalars(theirs.order_by(Partnership.id.desc()).limit(1)).one()


def desk(session: Session, cast: Cast, *, earned: int = 1) -> Desk:
    """Set the desk up: everything is said and looked up, credits are earned; committed."""
    company = cast.acme
    with scopes.company(session, company.id):
        session.execute(
            update(Partnership)
            .where(Partnership.partner_id == cast.tsumugi.id)
            .values(free_introductions_per_year=12, fee_table_allows_on=clock.today())
        )
        position = positions.create(session, WHOLE)
        offer(session, position)
    earn(session, company, earned)
    session.commit()
    return Desk(session, company, cast.tsumugi, position, cast.ada.id, cast.agnes.id)


def offer(session: Session, position: Position, days: int = DAYS, hour: int = 10) -> None:
    """Offer a time on each of the next days."""
    today = clock.today()
    typed = [TypedTime(today + timedelta(days=day), time(hour)) for day in range(1, days + 1)]
    slots.offer(session, position.company_id, position.id, typed, minutes=30, place="3階", by_user_id=None)


def earn(session: Session, company: Company, count: int) -> None:
    """Let so many credits be earned, by ten registrations each."""
    link = bare_link(session, company)
    for number in range(count * REFERRALS_PER_CREDIT):
        assert referrals.complete(session, link, [f"{company.slug}-{link.id}-{number}"]) is not None


def first_time(session: Session, position: Position) -> datetime:
    """When the soonest time of the position begins, taken or not."""
    with scopes.company(session, position.company_id):
        return session.scalars(select(Slot.starts_at).order_by(Slot.starts_at).limit(1)).one()
