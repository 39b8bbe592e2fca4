"""Any order of referrals, voids, requests, links, yeses, lapses, cancellations and failures keeps every credit exact.

The licence gate is in it, too: whatever happened, only a live link of a partner in order opens anything.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.introductions import endings, jobs, links
from relay.introductions.endings import Fault
from relay.models import (
    AMOUNTS,
    CreditEntry,
    CreditKind,
    DeclineReason,
    IntroductionLink,
    IntroductionRequest,
    Message,
    Partner,
    Referral,
    scopes,
)
from relay.models.introductions import SPENT, WAITING
from relay.network import ledger_check, referrals
from tests.cast import make_cast
from tests.db.introductions import build
from tests.db.introductions.build import Desk

_numbers = count(1)
PICKS = st.integers(0, 999)
"""Which of several is meant, drawn before anybody knows how many there are: what an earlier order left behind must not
decide what is drawn."""
T = TypeVar("T")


def picked(several: Sequence[T], pick: int) -> T:
    """The one that is meant."""
    return several[pick % len(several)]


class History(RuleBasedStateMachine):
    """One desk, whose clock only goes forward, from one order of acts to the next, too."""

    session: Session
    desk: Desk
    reached: datetime
    """How far the clock has come."""

    @initialize()
    def begin(self) -> None:
        self.moment = type(self).reached
        self.tokens: list[str] = []
        self._clock: Iterator[None] | None = None

    def at(self, act: object) -> None:
        """Do this at the desk's time; what is refused changes nothing."""
        with clock.at(self.moment):
            try:
                act()  # type: ignore[operator]
                self.session.commit()
            except DomainError:
                self.session.rollback()

    def known(self) -> list[IntroductionRequest]:
        with scopes.company(self.session, self.desk.company.id):
            return list(self.session.scalars(select(IntroductionRequest).order_by(IntroductionRequest.id)))

    def any_request(self, pick: int) -> int:
        """The number of a request, or of none."""
        return picked([*(each.id for each in self.known()), 10**9], pick)

    @rule(people=st.integers(1, 10))
    def people_register(self, people: int) -> None:
        def register() -> None:
            link = build.bare_link(self.session, self.desk.company)
            for _each in range(people):
                referrals.complete(self.session, link, [f"history-{next(_numbers)}"])

        self.at(register)

    @rule(pick=PICKS)
    def one_is_voided(self, pick: int) -> None:
        with scopes.company(self.session, self.desk.company.id):
            ids = self.session.scalars(select(Referral.id).order_by(Referral.id)).all()
        if ids:
            self.at(lambda: referrals.void(self.session, self.desk.company.id, picked(ids, pick), "二重の登録"))

    @rule()
    def a_request_is_made(self) -> None:
        with clock.at(self.moment), scopes.company(self.session, self.desk.company.id):
            build.offer(self.session, self.desk.position, days=3)
            self.session.commit()
        self.at(self.desk.ask)

    @rule(pick=PICKS)
    def a_link_is_made(self, pick: int) -> None:
        number = self.any_request(pick)
        who = {"partner_id": self.desk.partner.id, "by_user_id": self.desk.agent_id}

        def make() -> None:
            self.tokens.append(links.make_link(self.session, self.desk.company.id, number, **who))

        self.at(make)

    @rule(pick=PICKS, passed_on=st.booleans())
    def a_link_is_given_up(self, pick: int, passed_on: bool) -> None:
        number, partner_id = self.any_request(pick), self.desk.partner.id
        if self.tokens and passed_on:
            self.at(lambda: links.pass_on(self.session, picked(self.tokens, pick)))
        else:
            self.at(lambda: links.take_back(self.session, self.desk.company.id, number, partner_id=partner_id))

    @rule(pick=PICKS, again=st.booleans())
    def a_person_says_yes(self, pick: int, again: bool) -> None:
        """A new person, or one who said yes before."""
        if self.tokens:
            token, number = picked(self.tokens, pick), 0 if again else next(_numbers)
            self.at(lambda: self.desk.yes(token, name=f"人 {number}", email=f"p{number}@mail.example", phone=""))

    @rule(pick=PICKS, fault=st.sampled_from([None, *Fault]))
    def hr_records(self, pick: int, fault: Fault | None) -> None:
        about = (self.session, self.desk.company.id, self.any_request(pick))
        if fault is None:
            self.at(lambda: endings.interview_held(*about))
        else:
            self.at(lambda: endings.interview_failed(*about, by=fault))

    @rule(pick=PICKS, declined=st.booleans())
    def one_side_ends_it(self, pick: int, declined: bool) -> None:
        about = (self.session, self.desk.company.id, self.any_request(pick))
        who = {"partner_id": self.desk.partner.id, "reason": DeclineReason.NOBODY_FITS}
        self.at(lambda: endings.decline(*about, **who) if declined else endings.cancel(*about))

    @rule(days=st.integers(1, 12))
    def days_pass(self, days: int) -> None:
        self.moment = type(self).reached = self.moment + timedelta(days=days)
        self.at(lambda: jobs.lapse_due(self.session))

    @rule(in_order=st.booleans())
    def the_partner_changes(self, in_order: bool) -> None:
        until = self.moment.date() + timedelta(days=900 if in_order else -1)
        self.session.execute(update(Partner).where(Partner.id == self.desk.partner.id).values(license_until=until))
        self.session.commit()

    @invariant()
    def every_credit_is_exact(self) -> None:
        assert ledger_check.verify(self.session, self.desk.company.id) == []
        with scopes.company(self.session, self.desk.company.id):
            lines = self.session.scalars(select(CreditEntry).order_by(CreditEntry.sequence)).all()
            requests = self.session.scalars(select(IntroductionRequest).execution_options(populate_existing=True)).all()
        assert sum(AMOUNTS[line.kind] for line in lines) == self.desk.free() >= 0
        ends = {line.reservation_id: line for line in lines if line.reservation_id}
        back = {line.reverses_id: line.id for line in lines if line.kind is CreditKind.RESTORED}
        assert {each.reservation_id for each in requests} == {e.id for e in lines if e.kind is CreditKind.RESERVED}
        for each in requests:
            end = ends.get(each.reservation_id)
            if each.state in WAITING:
                assert end is None
            else:
                assert end is not None
                spent = each.state in SPENT and not each.reapplied
                assert (end.kind is CreditKind.SPENT) == spent
                assert each.spent_id == (end.id if spent else None)
                assert each.restored_id == back.get(end.id)

    @invariant()
    def only_a_live_link_opens_anything(self) -> None:
        with clock.at(self.moment):
            opened = [found for token in self.tokens if (found := links.find(self.session, token)) is not None]
            licence = self.session.scalars(
                select(Partner.license_until).where(Partner.id == self.desk.partner.id)
            ).one()
            with scopes.company(self.session, self.desk.company.id):
                live = set(
                    self.session.scalars(
                        select(IntroductionLink.id).where(
                            IntroductionLink.closed_at.is_(None), IntroductionLink.until >= clock.today()
                        )
                    )
                )
            assert {each.id for each in opened} <= live
            assert not opened or (licence is not None and licence >= clock.today())
            assert len({each.request.id for each in opened}) == len(opened)

    @invariant()
    def nobody_else_is_written_to_about_a_request(self) -> None:
        with scopes.everyone(self.session, "test"):
            told = self.session.scalars(
                select(Message.to_address).where(Message.letter.in_(["introduction-request", "introduction-news"]))
            )
            assert set(told) <= {"agnes@tsumugi.example", "ada@acme.example"}


def play(session: Session, *, orders: int, steps: int = 25) -> None:
    class Played(History):
        pass

    Played.session = session
    Played.desk = build.desk(session, make_cast(session))
    Played.reached = clock.now()
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Played,
        settings=settings(
            max_examples=orders,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )


def test_every_order_of_acts_keeps_every_credit_exact(session: Session) -> None:
    play(session, orders=4)
