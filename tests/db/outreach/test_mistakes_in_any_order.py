"""Telling, registering, withdrawing, declaring a mistake and telling again, in any order: a person counts once or not.

The model is the rule in plain words. A registration counts by an invitation that stands. Where that turns out to have
been a mistake, it counts by another one the person used, else no more, until the result was told after all, or they
register by an invitation that stands. A withdrawal changes nothing of this.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.hiring import decisions
from relay.mail import outbox
from relay.mail.final_state import mark_final
from relay.models import (
    Application,
    ApplicationResult,
    Company,
    MailClass,
    Message,
    MessageState,
    MistakeKind,
    Partner,
    RejectionReason,
    RelayLink,
    scopes,
)
from relay.network import consents, credits, ledger_check, links, mistaken, referrals
from relay.outreach import letter, mistakes
from relay.outreach.mistakes import Declared
from tests.cast import make_application, make_candidate, make_company, make_partner, make_partnership
from tests.db.network.build import register, the_profile
from tests.db.network.test_ledger import bare_link

_companies = count(1)
ELSEWHERE = 0
"""The basis of who counts by a result that was told by telephone."""


@dataclass
class Sending:
    """One result mail, with its link and what the model knows of it."""

    mail: Message
    link: RelayLink
    application: Application
    frozen: bool = False
    wrong_address: bool = False
    registered: bool = False


@dataclass
class Person:
    """Somebody with two applications at the company; `basis` is the link by which they count."""

    email: str
    applications: list[Application]
    sent: list[Sending] = field(default_factory=list)
    ever: bool = False
    basis: int | None = None


class Mistakes(RuleBasedStateMachine):
    """Acts on a company of its own, which lacks one referral to its first credit."""

    session: Session

    def __init__(self) -> None:
        super().__init__()
        number = next(_companies)
        self.company: Company = make_company(self.session, f"mistakes-{number}", send_delay_minutes=0)
        self.agency: Partner = make_partner(self.session, f"agency-{number}", license_number=f"13-ユ-{900000 + number}")
        make_partnership(self.session, self.company, self.agency)
        for each in range(9):
            referrals.complete(self.session, bare_link(self.session, self.company), [f"known-{each}"])
        self.people = [self._person(f"p{place}-{number}@mail.example") for place in range(2)]
        self.moment = clock.now()
        self.session.commit()

    def _person(self, email: str) -> Person:
        candidate = make_candidate(self.session, self.company, email=email)
        return Person(email, [make_application(self.session, candidate) for _each in range(2)])

    @rule(who=st.integers(0, 1), which=st.integers(0, 1))
    def tell(self, who: int, which: int) -> None:
        """Reject and send, if nobody told the person yet."""
        person, application = self.people[who], self.people[who].applications[which]
        if application.notified_at is not None:
            return
        with self._now(), scopes.company(self.session, self.company.id):
            rejects = decisions.reject(self.session, application, reason=RejectionReason.SKILLS, by_user_id=None)
            mail = outbox.queue(
                self.session,
                letter.NAME,
                company_id=self.company.id,
                to=person.email,
                subject=("application", application.id),
                candidate_id=application.candidate_id,
                rejects=rejects,
            )
            link = links.issue(self.session, application=application, address=person.email)
            mail.mail_class = MailClass.RELAY
            mark_final(self.session, mail, MessageState.SENT)
            self.session.commit()
        person.sent.append(Sending(mail, link, application))

    @rule(who=st.integers(0, 1), which=st.integers(0, 1))
    def tell_by_telephone(self, who: int, which: int) -> None:
        with self._now(), scopes.company(self.session, self.company.id):
            application = self.people[who].applications[which]
            decisions.note_notified_elsewhere(
                self.session, [application], by_user_id=None, reason=RejectionReason.SKILLS
            )
            self.session.commit()

    @rule(data=st.data(), kind=st.sampled_from(MistakeKind))
    @precondition(lambda self: self._sent())
    def declare(self, data: st.DataObject, kind: MistakeKind) -> None:
        person, sending = data.draw(st.sampled_from(self._sent()))
        twice = [self._declare(sending, kind) for _each in range(2)]
        assert [each.new for each in twice] == [not sending.frozen, False]
        if sending.frozen:
            return
        sending.frozen, sending.wrong_address = True, kind is MistakeKind.ADDRESS
        if person.basis == sending.link.id:
            other = [each.link.id for each in person.sent if not each.frozen and each.registered]
            person.basis = other[0] if other else None

    def _declare(self, sending: Sending, kind: MistakeKind) -> Declared:
        with self._now():
            contact = mistaken.Contact("Ada", "0266-00-0000")
            declared = mistakes.declare(self.session, self.company.id, sending.mail.id, kind, contact, by_user_id=None)
            self.session.commit()
        return declared

    @rule(data=st.data())
    @precondition(lambda self: self._sent())
    def register(self, data: st.DataObject) -> None:
        person, sending = data.draw(st.sampled_from(self._sent()))
        with self._now():
            try:
                register(self.session, sending.link, self.agency)
            except links.LinkSentByMistake:
                assert sending.frozen
                self.session.rollback()
                return
            self.session.commit()
        assert not sending.frozen
        if not sending.registered:
            sending.registered = True
            person.basis = person.basis if person.basis is not None else sending.link.id
            person.ever = True

    @rule(who=st.integers(0, 1))
    def withdraw(self, who: int) -> None:
        person = self.people[who]
        if not person.ever:
            return
        with self._now():
            consents.withdraw(self.session, the_profile(self.session, person.email).id, self.agency.id)
            self.session.commit()

    @rule()
    def an_hour_passes(self) -> None:
        """The worker looks who counts again."""
        self.moment += timedelta(hours=1)
        with self._now():
            mistaken.count_due(self.session)
            self.session.commit()
        for person in self.people:
            if person.ever and person.basis is None:
                person.basis = self._told_after_all(person)

    def _told_after_all(self, person: Person) -> int | None:
        for sending in person.sent:
            if sending.frozen and not sending.wrong_address and sending.application.notified_at is not None:
                same = [each for each in person.sent if each.application is sending.application and not each.frozen]
                return same[-1].link.id if same else ELSEWHERE
        return None

    @invariant()
    def nobody_counts_twice_or_is_lost(self) -> None:
        counting = sum(person.basis is not None for person in self.people)
        meter = credits.meter(self.session, self.company.id)
        assert meter.total == 9 + counting
        assert meter.free == (1 if counting else 0)
        assert ledger_check.verify(self.session, self.company.id) == []

    @invariant()
    def a_result_is_told_at_most_once(self) -> None:
        for person in self.people:
            for application in person.applications:
                mine = [each for each in person.sent if each.application is application]
                standing = [each for each in mine if not each.frozen]
                assert len(standing) <= 1
                self.session.refresh(application)
                if standing:
                    assert application.status is ApplicationResult.REJECTED
                    assert application.notified_at is not None

    @invariant()
    def every_mail_is_still_there(self) -> None:
        with scopes.company(self.session, self.company.id):
            kept = set(self.session.scalars(select(Message.id).where(Message.state == MessageState.SENT)))
        assert kept == {sending.mail.id for _person, sending in self._sent()}

    def _sent(self) -> list[tuple[Person, Sending]]:
        return [(person, each) for person in self.people for each in person.sent]

    def _now(self) -> Any:
        self.moment += timedelta(minutes=1)
        return clock.at(self.moment)


def test_every_order_counts_each_person_once_or_not(session: Session) -> None:
    play(session, orders=6)


def play(session: Session, *, orders: int) -> None:
    """Do thirty acts in each of so many orders; tests/soak/test_any_order.py does many more."""

    class OnThisDatabase(Mistakes):
        pass

    OnThisDatabase.session = session
    run_state_machine_as_test(
        OnThisDatabase,
        settings=settings(
            max_examples=orders,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
