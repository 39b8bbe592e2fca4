"""The licence gate in any history: a person sees something of a request behind a live link of a licensed partner alone.

What must be open is known from the acts and the partner's standing, written down here a second time and plainly; it
is asked of the candidate's page itself. Every other link gives the one same page, and no mail goes to anybody else.
"""

import html
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count

from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relay import clock
from relay.errors import DomainError
from relay.hiring import positions
from relay.introductions import endings, jobs, links
from relay.models import (
    DeclineReason,
    IntroductionLink,
    IntroductionRequest,
    Message,
    Partner,
    Partnership,
    Position,
    PositionState,
    scopes,
)
from relay.network import partners
from tests.cast import make_cast, make_partnership
from tests.db.introductions import build
from tests.db.introductions.build import Desk
from tests.web.landing.phone import Phone
from tests.web.landing.test_introduction_page import typed

STAFF = {"ada@acme.example", "agnes@tsumugi.example"}
TITLE = "紹介の関所の職種"
_numbers = count(1)


@dataclass
class Handed:
    """A link as it was handed out: `closed` once an act has closed it."""

    token: str
    request_id: int
    made_at: datetime
    until: date
    maker: str
    closed: bool = False


@dataclass
class Ids:
    """The numbers of who takes part, known without asking the database again."""

    company: int
    partner: int
    position: int
    agent: int


class Gate(RuleBasedStateMachine):
    """One desk, one agency, and every link it ever handed out; the clock only goes forward."""

    session: Session
    desk: Desk
    phone: Phone
    ids: Ids
    company_name: str
    said_yes: set[str]
    seen_live: list[Handed]

    @initialize()
    def begin(self) -> None:
        self.moment, self.handed, self.requests = clock.now(), list[Handed](), list[int]()
        with scopes.company(self.session, self.ids.company):
            self.session.execute(
                update(IntroductionRequest)
                .where(IntroductionRequest.due_on.is_not(None))
                .values(due_on=self.moment.date() - timedelta(days=1))
            )
        jobs.lapse_due(self.session)
        self.all_is_in_order_again()
        build.earn(self.session, self.desk.company, 3)
        with scopes.company(self.session, self.ids.company):
            build.offer(self.session, self.desk.position, days=20)
        self.session.commit()
        self.nothing = self._look("A" * 43).text
        self._ask_and_make()
        assert self.handed
        for how in ("licence", "suspended", "position"):
            self.the_gate_closes(how=how)
            self.a_page_shows_something_behind_a_live_link_alone()
            self.all_is_in_order_again()
            self.a_page_shows_something_behind_a_live_link_alone()

    @rule(data=st.data(), anew=st.booleans())
    def a_link_is_made(self, data: st.DataObject, anew: bool) -> None:
        """For a new request, or for any other: one that waits again, or is over."""
        if anew:
            self._ask_and_make()
        else:
            self._make(data.draw(st.sampled_from([*self.requests, 10**9])))

    def _ask_and_make(self) -> None:
        self._at(lambda: self.requests.append(self.desk.ask().id))
        self._make(self.requests[-1] if self.requests else 10**9)

    def _make(self, number: int) -> None:

        def make() -> None:
            made = links.make_link(
                self.session, self.ids.company, number, partner_id=self.ids.partner, by_user_id=self.ids.agent
            )
            with scopes.company(self.session, self.ids.company):
                row = self.session.scalars(select(IntroductionLink).order_by(IntroductionLink.id.desc())).first()
            assert row is not None
            self.handed.append(Handed(made, number, self.moment, row.until, self._maker(self._partner())))

        self._at(make)

    @rule(data=st.data(), how=st.sampled_from(["taken back", "cancelled", "declined"]))
    def a_side_ends_it(self, data: st.DataObject, how: str) -> None:
        if not self.requests:
            return
        about = (self.session, self.ids.company, number := data.draw(st.sampled_from(self.requests)))

        def end() -> None:
            if how == "taken back":
                links.take_back(*about, partner_id=self.ids.partner)
            elif how == "cancelled":
                endings.cancel(*about)
            else:
                endings.decline(*about, partner_id=self.ids.partner, reason=DeclineReason.NOBODY_FITS)
            self._close(number)

        self._at(end)

    @rule(data=st.data(), yes=st.booleans())
    def a_person_acts_on_the_page(self, data: st.DataObject, yes: bool) -> None:
        """By its own form where it opens; the forms of a page that is gone are answered with the one page."""
        if not self.handed:
            return
        link = data.draw(st.sampled_from(self.handed))
        live, path, email = self._is_live(link), f"/introductions/{link.token}", f"p{next(_numbers)}@mail.example"
        page = self._look(link.token).text
        if not yes:
            answer = self._post(f"{path}/pass", {})
        elif not live or 'name="slot"' not in page:
            answer = self._post(path, {"name": "人", "email": email, "of_age": "y"})
            assert answer.status_code == (422 if live else 410)
            live = False
        else:
            answer = self._post(path, typed(page, name=f"人 {email}", email=email, phone=""))
            self.said_yes.add(email)
        if live:
            assert answer.status_code == 200
            self._close(link.request_id)
        else:
            assert answer.status_code in (410, 422)

    @rule(days=st.integers(1, 6))
    def days_pass(self, days: int) -> None:
        self.moment += timedelta(days=days)

    @rule()
    def the_worker_comes(self) -> None:
        over = [link for link in self.handed if self._today() > link.until or not self._maker_is_in_order(link)]
        self._at(lambda: jobs.lapse_due(self.session))
        for link in over:
            link.closed = True

    @rule(how=st.sampled_from(["licence", "suspended", "identity", "partnership", "position"]))
    def the_gate_closes(self, how: str) -> None:
        """By an expired licence, the operator, another legal identity, an ended partnership, a position not open."""
        number = f"1{next(_numbers):012d}"

        def close() -> None:
            if how == "licence":
                self._partner().license_until = self._today() - timedelta(days=1)
            elif how == "suspended":
                partners.suspend(self.session, self._partner())
            elif how == "identity":
                partners.describe_itself(self.session, self._partner(), sure=True, corporate_number=number)
            elif how == "partnership":
                partners.end_partnership(self.session, self.ids.company, self.ids.partner)
            else:
                self._position_is(PositionState.CLOSED)

        self._at(close)

    @rule()
    def all_is_in_order_again(self) -> None:
        """A partnership that ended is begun anew; what was opened in the one before stays closed."""
        self.moment += timedelta(minutes=1)
        with clock.at(self.moment), scopes.company(self.session, self.ids.company):
            partner = self._partner()
            partner.license_until = self._today() + timedelta(days=900)
            partners.resume(self.session, partner)
            self._position_is(PositionState.OPEN)
            if self._partnership() is None:
                make_partnership(self.session, self.desk.company, partner)
            allowed = {"free_introductions_per_year": 99, "fee_table_allows_on": self._today(), "look_up_by": None}
            self.session.execute(update(Partnership).where(Partnership.ended_at.is_(None)).values(allowed))
        self.session.commit()

    @invariant()
    def a_page_shows_something_behind_a_live_link_alone(self) -> None:
        for link in self.handed:
            live = self._is_live(link)
            page = self._look(link.token)
            assert page.status_code == (200 if live else 410), link
            if live:
                assert self.company_name in html.unescape(page.text)
                self.seen_live.append(link)
            else:
                assert page.text == self.nothing

    @invariant()
    def mails_about_requests_go_to_hr_and_the_partner_alone(self) -> None:
        """Who said yes is written to about the interview, by the letters of every interview."""
        with scopes.everyone(self.session, "test"):
            sent = self.session.scalars(select(Message)).all()
            others = [each for each in sent if each.to_address not in STAFF]
            assert not [each.letter for each in others if each.letter.startswith("introduction")]
            assert not [each.letter for each in others if each.subject_kind == "introduction-request"]
            told = {each.to_address for each in others if TITLE in json.dumps(each.values, ensure_ascii=False)}
            assert told <= self.said_yes
        self.session.rollback()

    def _is_live(self, link: Handed) -> bool:
        with scopes.company(self.session, self.ids.company):
            position = self.session.scalars(select(Position.state).where(Position.id == self.ids.position)).one()
        in_order = self._maker_is_in_order(link)
        return not link.closed and link.until >= self._today() and in_order and position is PositionState.OPEN

    def _maker_is_in_order(self, link: Handed) -> bool:
        """Say by the rows as they are whether the same legal person may introduce here since the link was made."""
        partner, partnership = self._partner(), self._partnership()
        found = (
            partner.suspended_at is None
            and partner.license_until is not None
            and partner.license_until >= self._today()
            and self._maker(partner) == link.maker
            and partnership is not None
            and partnership.created_at <= link.made_at
            and (partnership.look_up_by is None or partnership.look_up_by >= self._today())
        )
        self.session.rollback()
        return found

    def _partner(self) -> Partner:
        return self.session.scalars(
            select(Partner).where(Partner.id == self.ids.partner).execution_options(populate_existing=True)
        ).one()

    def _partnership(self) -> Partnership | None:
        theirs = select(Partnership).where(Partnership.partner_id == self.ids.partner, Partnership.ended_at.is_(None))
        with scopes.company(self.session, self.ids.company):
            return self.session.scalars(theirs.execution_options(populate_existing=True)).one_or_none()

    def _position_is(self, state: PositionState) -> None:
        with scopes.company(self.session, self.ids.company):
            positions.set_state(self.session, self.session.get_one(Position, self.ids.position), state)

    def _maker(self, partner: Partner) -> str:
        return partner.corporate_number or partner.license_number or ""

    def _close(self, request_id: int) -> None:
        for link in self.handed:
            link.closed = link.closed or link.request_id == request_id

    def _today(self) -> date:
        with clock.at(self.moment):
            return clock.today()

    def _at(self, act: object) -> None:
        """Do this at the desk's time; what is refused changes nothing."""
        with clock.at(self.moment):
            try:
                act()  # type: ignore[operator]
                self.session.commit()
            except DomainError:
                self.session.rollback()

    def _look(self, token: str) -> TestResponse:
        self.session.rollback()
        with clock.at(self.moment):
            return self.phone.get(f"/introductions/{token}")

    def _post(self, path: str, form: dict[str, str]) -> TestResponse:
        self.session.rollback()
        with clock.at(self.moment):
            return self.phone.post(path, form)


def play(app: Flask, session: Session, *, orders: int, steps: int = 15) -> int:
    """Walk so many histories; returns how often a live link was looked at."""

    class Played(Gate):
        pass

    cast = make_cast(session)
    desk = build.desk(session, cast)
    desk.position.title = TITLE
    Played.ids = Ids(cast.acme.id, cast.tsumugi.id, desk.position.id, cast.agnes.id)
    Played.session, Played.desk, Played.phone, Played.company_name = session, desk, Phone(app), cast.acme.name
    Played.said_yes, Played.seen_live = set(), []
    session.commit()
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Played,
        settings=settings(
            max_examples=orders,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )
    return len(Played.seen_live)


def test_only_a_live_link_of_a_licensed_partner_shows_anything(app: Flask, session: Session) -> None:
    assert play(app, session, orders=3) > 0
