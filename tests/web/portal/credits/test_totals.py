"""The totals under the credits from HR's side, day after day: nothing on the page ever depends on one person (A-45)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.infra import jobs
from relay.models import Job, LinkState, Referral, RelayLink, RelayTotals, scopes
from relay.network import figures, links
from relay.worker.upkeep import schedule
from tests.cast import Cast, make_candidate
from tests.db.network.build import mailed_link, register

DAY = timedelta(days=1)
NOTHING_YET = "まだ合計は表示していません"


@dataclass
class Days:
    """Acme day by day; a month ago is the first. Each night the totals are taken."""

    session: Session
    cast: Cast
    hr: FlaskClient
    morning: datetime

    def invite(self, count: int) -> list[RelayLink]:
        """Mail so many people a link today."""
        with clock.at(self.morning + timedelta(hours=1)):
            made = [
                mailed_link(self.session, self.cast.acme, f"{self.morning:%d}-{number}@mail.example")
                for number in range(count)
            ]
        self.session.commit()
        return made

    def visit(self, sent: list[RelayLink]) -> None:
        """They open the page today."""
        for link in sent:
            with clock.at(self.morning):
                links.visit(self.session, link.company_id, link.id)
        self.session.commit()

    def night(self) -> None:
        """The day ends and the worker takes the totals."""
        self.morning += DAY
        with clock.at(self.morning):
            figures.renew(self.session)
        self.session.commit()

    def totals(self) -> str:
        """What HR reads of the totals."""
        return self.hr.get("/credits").text.partition('id="funnel-h"')[2].partition("</section>")[0]


@pytest.fixture
def days(session: Session, cast: Cast, ada: FlaskClient) -> Days:
    return Days(session, cast, ada, clock.now() - timedelta(days=30))


def test_nothing_is_shown_before_ten_and_then_only_from_the_next_day(days: Days) -> None:
    days.visit(days.invite(9))
    days.night()
    assert NOTHING_YET in days.totals()
    days.visit(days.invite(1))
    assert NOTHING_YET in days.totals(), "no live count"
    days.night()
    assert NOTHING_YET not in days.totals()
    assert "<b>10</b>" in days.totals()


def test_visits_yeses_and_noes_move_nothing_until_ten_more_were_invited(days: Days) -> None:
    sent = days.invite(12)
    days.night()
    shown = days.totals()
    days.visit(sent)
    register(days.session, sent[0], days.cast.tsumugi)
    register(days.session, sent[1], days.cast.manabi)
    days.session.commit()
    for further in (0, 5, 4):
        days.visit(days.invite(further))
        days.night()
        assert days.totals() == shown, f"after {further} more"
    days.invite(1)
    days.night()
    assert days.totals() != shown
    assert "<b>22</b>" in days.totals()


@pytest.mark.parametrize("visitors", [1, 9, 10])
def test_whether_none_some_or_all_of_ten_came_reads_the_same(days: Days, visitors: int) -> None:
    sent = days.invite(10)
    days.visit(sent[:visitors])
    days.night()
    seen = days.totals()
    with scopes.company(days.session, days.cast.acme.id):
        for link in sent:
            link.visited_at = None
        days.session.delete(days.session.scalars(select(RelayTotals)).one())
        days.session.commit()
    with clock.at(days.morning):
        figures.renew(days.session)
    days.session.commit()
    assert days.totals() == seen


def test_of_those_who_completed_nothing_follows_for_the_one_who_did_not(days: Days) -> None:
    """Nine yeses are known to HR; the tenth person's visit must not be."""
    sent = days.invite(10)
    for link in sent[:9]:
        register(days.session, link, days.cast.tsumugi)
    days.visit(sent)
    days.night()
    came = days.totals()
    with scopes.company(days.session, days.cast.acme.id):
        sent[9].visited_at = None
        days.session.delete(days.session.scalars(select(RelayTotals)).one())
        days.session.commit()
    with clock.at(days.morning):
        figures.renew(days.session)
    days.session.commit()
    assert days.totals() == came


def test_a_registration_with_a_school_alone_is_in_no_number(days: Days) -> None:
    sent = days.invite(10)
    register(days.session, sent[0], days.cast.manabi)
    days.session.commit()
    days.night()
    page = days.totals()
    assert [part.partition("</b>")[0] for part in page.split("<b>")[1:]] == ["10", "0", "0"]
    assert "登録した" not in page.replace("登録していない方", "")


def test_whoever_is_invited_again_is_no_further_person(days: Days) -> None:
    people = days.invite(10)
    days.night()
    shown = days.totals()
    with scopes.company(days.session, days.cast.acme.id):
        for link in people:
            days.session.add(
                RelayLink(
                    candidate_id=link.candidate_id,
                    state=LinkState.SENT,
                    issued_at=days.morning,
                    sent_at=days.morning + timedelta(hours=1),
                    expires_at=days.morning + timedelta(days=60),
                )
            )
        days.session.commit()
    days.night()
    assert days.totals() == shown


def test_the_rule_stands_under_the_numbers(days: Days) -> None:
    days.invite(10)
    days.night()
    assert "1日に1回までで、前の表示より後に10名以上へ新しく案内したときだけです" in days.totals()
    assert "10名単位の概数" in days.totals()


def test_another_companys_people_are_not_counted(days: Days) -> None:
    with scopes.company(days.session, days.cast.other.id):
        make_candidate(days.session, days.cast.other)
    days.session.commit()
    days.invite(10)
    days.night()
    with scopes.everyone(days.session, "test"):
        assert [each.company_id for each in days.session.scalars(select(RelayTotals))] == [days.cast.acme.id]


def test_the_worker_takes_them_once_a_day(days: Days) -> None:
    days.invite(10)
    moment = days.morning + timedelta(hours=1)
    with clock.at(moment):
        for _beat in range(2):
            schedule(days.session, moment)
        days.session.commit()
        queued = days.session.scalars(select(Job).where(Job.kind == figures.KIND)).all()
        assert len(queued) == 1
        while jobs.run_one(days.session, moment):
            pass
    assert "<b>10</b>" in days.totals()


def test_a_voided_referral_leaves_the_total_with_the_next_step(days: Days) -> None:
    sent = days.invite(10)
    register(days.session, sent[0], days.cast.tsumugi)
    days.session.commit()
    days.night()
    with scopes.company(days.session, days.cast.acme.id):
        referral = days.session.scalars(select(Referral)).one()
        referral.voided_at, referral.void_reason = clock.now(), "二重の登録"
        days.session.commit()
    days.invite(10)
    days.night()
    with scopes.company(days.session, days.cast.acme.id):
        totals = days.session.scalars(select(RelayTotals)).one()
    assert (totals.told, totals.completed) == (20, 0)
