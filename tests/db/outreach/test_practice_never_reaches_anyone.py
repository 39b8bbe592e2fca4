"""In practice no mail can reach a candidate, whatever is pressed in whatever order; and practice never counts.

Every act that can send is pressed at random, with workers running in between, and rows are even smuggled past the
verbs. After each step: only present addresses of the company's own members were mailed, and no table changed but rows
of practice, drafts, the log, and what the acts themselves say of members and the switch.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from relay import clock, registry
from relay.errors import DomainError
from relay.infra import jobs
from relay.mail import outbox, practice, standstill
from relay.mail.delivery import deliver_one
from relay.mail.refusals import Refusal
from relay.mail.server_route import ServerRouteKey
from relay.mail.transport import DeliveryResult, Envelope, Fate
from relay.models import (
    Application,
    Candidate,
    Company,
    MailClass,
    Message,
    MessageBatch,
    MessageState,
    Partner,
    RejectionReason,
    Role,
    Token,
    TokenPurpose,
    User,
    scopes,
)
from relay.network.profiles import ProfileFields
from relay.outreach import drafts, results, templates
from relay.outreach import practice as trying
from relay.outreach.draft_rows import Choice
from relay.outreach.results import ResultNotification
from relay.worker import upkeep
from tests.cast import Cast, make_application, make_candidate, make_company, make_partner, make_partnership, make_user
from tests.db.outreach.conftest import Desk, Postbox
from tests.rows import every_row

MAY_CHANGE = {
    "messages", "message_batches", "practice_registrations", "tokens", "events", "event_deliveries", "jobs",
    "heartbeats",
    "users", "companies", "rate_counts",
}  # fmt: skip
"""Messages and tokens are looked at row by row; users and the company change only as the steps say."""
KEPT_UP_BY_THE_WORKER = {"match_keys", "match_checks", "duplicate_pairs", "rule_checks"}
"""Computed from people as they are: the worker compares whoever is new, in practice too."""
PEOPLE = 4
TO_CANDIDATES = sorted(each.name for each in registry.LETTERS if each.audience == "candidate")
_companies = count(1)


class Eyes:
    """A mail server that knows at each mail who is a member now, and refuses to be silent about anyone else."""

    def __init__(self, machine: "Practice") -> None:
        self.machine = machine
        self.strangers: list[str] = []
        self.mailed = 0

    def send(self, envelope: Envelope) -> DeliveryResult:
        self.mailed += 1
        if envelope.to not in self.machine.members():
            self.strangers.append(envelope.to)
        return self.machine.fates[self.mailed % len(self.machine.fates)]

    def held(self) -> frozenset[ServerRouteKey]:
        return frozenset()

    def rest(self) -> None:
        """Nothing is held."""


class Practice(RuleBasedStateMachine):
    """One company that practises, four applicants, two members."""

    session: Session

    def __init__(self) -> None:
        super().__init__()
        session, n = self.session, next(_companies)
        self.company: Company = make_company(session, f"practises-{n}", live_since=None)
        self.partner: Partner = make_partner(session, f"partner-{n}")
        self.ada: User = make_user(session, f"ada{n}", self.company, Role.RECRUITER)
        self.adam: User = make_user(session, f"adam{n}", self.company, Role.ADMIN)
        self.people: list[Candidate] = [
            make_candidate(session, self.company, f"応募 {i}", email=f"applicant{i}@mail{n}.example")
            for i in range(PEOPLE)
        ]
        self.applications: list[Application] = [make_application(session, each) for each in self.people]
        templates.install_defaults(session, self.company.id)
        session.commit()
        self.company_id, self.ada_id = self.company.id, self.ada.id
        with scopes.company(session, self.company_id):
            self.text = templates.choices(session)[0].id
        self.fates = [
            DeliveryResult(Fate.SENT),
            DeliveryResult(Fate.LATER, "451"),
            DeliveryResult(Fate.UNSURE, "cut"),
            DeliveryResult(Fate.SENT),
        ]
        self.fates.append(DeliveryResult(Fate.REFUSED, "550 5.1.1", Refusal.NO_SUCH_ADDRESS))
        self.batches: list[str] = []
        self.smuggled: set[int] = set()
        self.eyes = Eyes(self)
        self.before = self.rows()

    @initialize(partner_companies=st.booleans())
    def partnerships(self, partner_companies: bool) -> None:
        """With a partner, or without any."""
        if partner_companies:
            make_partnership(self.session, self.company, self.partner)
            self.session.commit()
            self.before = self.rows()

    # the acts that send

    @rule(who=st.sets(st.integers(0, PEOPLE - 1), min_size=1), in_session=st.booleans())
    def tell(self, who: set[int], in_session: bool) -> None:
        notifications = [ResultNotification(self.applications[i].id, RejectionReason.SKILLS, self.text) for i in who]
        self._recorder(
            lambda: results.notify(
                self.session, self.company, notifications, by_user_id=self.ada_id if in_session else None
            )
        )

    @rule(who=st.sets(st.integers(0, PEOPLE - 1), min_size=1))
    def write_and_send(self, who: set[int]) -> None:
        def recorder() -> None:
            ids = [self.applications[i].id for i in who]
            draft = drafts.start(self.session, self.company, ids, by_user_id=self.ada_id)
            common = Choice(RejectionReason.FILLED, self.text)
            drafts.confirm_rejections(
                self.session,
                self.company,
                draft.batch,
                RejectionReason.FILLED,
                expected=len(draft.in_selection),
                by_user_id=self.ada_id,
            )
            drafts.save(self.session, self.company, draft.batch, common, {}, by_user_id=self.ada_id)
            drafts.send(self.session, self.company, draft.batch, expected=len(who), by_user_id=self.ada_id)
            self.batches.append(draft.batch)

        self._recorder(recorder)

    @rule(again=st.integers(0, 20))
    def send_a_draft_again(self, again: int) -> None:
        if self.batches:
            batch = self.batches[again % len(self.batches)]
            self._recorder(
                lambda: drafts.send(self.session, self.company, batch, expected=PEOPLE, by_user_id=self.ada_id)
            )

    @rule()
    def send_to_myself(self) -> None:
        self._recorder(lambda: trying.send_to_myself(self.session, self.company, by_user_id=self.ada_id))

    @rule(name=st.sampled_from(TO_CANDIDATES), whom=st.integers(0, PEOPLE - 1), as_practice=st.booleans())
    def queue_any_letter(self, name: str, whom: int, as_practice: bool) -> None:
        """Whatever letter a later room may queue for a candidate."""
        self._recorder(
            lambda: outbox.queue(
                self.session,
                name,
                company_id=self.company_id,
                to=self.people[whom].email,
                candidate_id=self.people[whom].id,
                by_user_id=self.ada_id,
                practice=as_practice,
            )
        )

    @rule(whom=st.integers(0, PEOPLE - 1))
    def smuggle(self, whom: int) -> None:
        """A row in earnest that no verb would write: the worker stops it at the door."""

        def recorder() -> None:
            message = Message(
                letter="result",
                once_per_subject=True,
                mail_class=MailClass.RELAY,
                subject_kind="application",
                subject_id=None,
                candidate_id=self.people[whom].id,
                to_address=self.people[whom].email,
                state=MessageState.SCHEDULED,
                due_at=clock.now(),
                message_id=outbox.new_message_id(),
                created_at=clock.now(),
                by_user_id=self.ada_id,
            )
            self.session.add(message)
            self.session.flush()
            self.smuggled.add(message.id)

        self._recorder(recorder)

    @rule(whom=st.integers(0, PEOPLE - 1))
    def turn_a_practice_mail_to_a_candidate(self, whom: int) -> None:
        def recorder() -> None:
            with scopes.practice(self.session):
                for message in self.session.scalars(select(Message).where(Message.state == MessageState.SCHEDULED)):
                    message.to_address = self.people[whom].email

        self._recorder(recorder)

    # what else happens

    @rule()
    def stop_results(self) -> None:
        self._recorder(lambda: results.stop(self.session, self.company_id))

    @rule(on=st.booleans())
    def stop_everything(self, on: bool) -> None:
        self._recorder(lambda: (standstill.stop if on else standstill.resume)(self.session, self.company))

    @rule(n=st.integers(1, 3))
    def ada_moves(self, n: int) -> None:
        self.ada.email = f"ada.moved{n}@{self.company.slug}.example"
        self.session.commit()

    @rule(gone=st.booleans())
    def ada_leaves_or_returns(self, gone: bool) -> None:
        self.ada.disabled_at = clock.now() if gone else None
        self.session.commit()

    @rule()
    def register_behind_a_practice_link(self) -> None:
        with scopes.everyone(self.session, "test"):
            mail = self.session.scalars(select(Message).where(Message.practice).limit(1)).first()
        if mail is not None and mail.company_id == self.company_id:
            with scopes.company(self.session, self.company_id):
                urls = practice.mint(self.session, mail).values()
            for link in {url.rpartition("/")[2] for url in urls}:  # a letter without links has none here either
                self._recorder(lambda link=link: self._registers(link))

    @rule()
    def erase_practice(self) -> None:
        self._recorder(lambda: trying.erase(self.session, self.company_id, by_user_id=self.ada_id))

    @rule(later=st.sampled_from([0, 11, 600]))
    def mails_leave(self, later: int) -> None:
        moment = clock.now() + timedelta(minutes=later)
        with clock.at(moment):
            for _ in range(20):
                if not deliver_one(self.session, now=moment, transport=self.eyes):
                    break

    @rule()
    def the_worker_works(self) -> None:
        """What its loop does: mails, jobs with the hourly sweep and the daily deletion, events."""
        self.mails_leave(0)
        upkeep.schedule(self.session, clock.now())
        self.session.commit()
        while jobs.run_one(self.session, clock.now()) or jobs.deliver_event(self.session, clock.now()):
            pass

    def teardown(self) -> None:
        """Leave nothing waiting for the next run's worker."""
        self.session.rollback()
        practice.forget(self.session, self.company_id)
        with scopes.company(self.session, self.company_id):
            self.session.execute(delete(Message))
        self.session.commit()

    # what must hold

    @invariant()
    def nobody_but_members_was_mailed(self) -> None:
        assert self.eyes.strangers == []

    @invariant()
    def nothing_counts(self) -> None:
        assert self.rows() == self.before

    @invariant()
    def in_earnest_there_are_only_drafts_and_what_was_cancelled_at_the_door(self) -> None:
        with scopes.company(self.session, self.company_id):
            for message in self.session.scalars(select(Message)):
                assert message.state is MessageState.DRAFT or message.id in self.smuggled
                assert message.state is not MessageState.SENT

    @invariant()
    def no_act_of_writing_was_sent(self) -> None:
        with scopes.company(self.session, self.company_id):
            assert self.session.scalars(select(MessageBatch).where(MessageBatch.sent_at.is_not(None))).all() == []

    @invariant()
    def no_link_was_made_but_links_of_practice(self) -> None:
        made = set(self.session.scalars(select(Token.purpose).where(Token.company_id == self.company_id)))
        assert made <= {TokenPurpose.PRACTICE}

    # how

    def members(self) -> set[str]:
        with scopes.company(self.session, self.company_id):
            return set(self.session.scalars(select(User.email).where(User.disabled_at.is_(None))))

    def rows(self) -> dict[str, list[Any]]:
        """Everything of every table that practice may not touch."""
        self.session.rollback()
        return every_row(self.session, MAY_CHANGE | KEPT_UP_BY_THE_WORKER)

    def _recorder(self, recorder: Callable[[], object]) -> None:
        """Press; a refusal leaves everything as it was."""
        with scopes.company(self.session, self.company_id):
            try:
                recorder()
                self.session.commit()
            except DomainError:
                self.session.rollback()

    def _registers(self, link: str) -> None:
        arrival = trying.arrive(self.session, link)
        trying.register(self.session, link, [arrival.partners[0].id], ProfileFields(name="練習 花子"), None)


@pytest.mark.usefixtures("cast")
def test_whatever_is_pressed_no_candidate_is_mailed_and_nothing_counts(session: Session) -> None:
    play(session, orders=5)


def play(session: Session, *, orders: int) -> None:
    """Press twenty things in each of so many orders; tests/soak/test_any_order.py presses many more."""

    class OnThisDatabase(Practice):
        pass

    OnThisDatabase.session = session
    run_state_machine_as_test(
        OnThisDatabase,
        settings=settings(
            max_examples=orders,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_same_acts_do_reach_candidates_once_the_company_is_live(cast: Cast, session: Session) -> None:
    """So that the test above cannot pass because nothing is ever sent."""
    desk, postbox = Desk(session, cast), Postbox()
    desk.tell(desk.person())
    postbox.collect(later=timedelta(minutes=11))
    assert [str(mail["To"]) for mail in postbox.mails] == ["hanako@mail.example"]
