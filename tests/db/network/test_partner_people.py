"""One row per person at a partner: after any history of acts exactly those of whom a share is there."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.models import (
    Company,
    Consent,
    Partner,
    PartnerKind,
    PartnerPerson,
    PartnerPersonWords,
    Profile,
    Share,
    WorkState,
    scopes,
)
from relay.models.partner_people import LAST
from relay.network import consents, finding, own_pages, partner_people, partners, sharing
from relay.rights import erasure, retention
from tests.cast import Cast, make_partner, make_partnership
from tests.db.network.build import mailed_link, register, the_profile
from tests.statements import said

ACTS = 60
ADDRESSES = tuple(f"{name}@mail.example" for name in ("haruka", "minoru", "yui"))


class Said(NamedTuple):
    """What a row says of the shares."""

    since: datetime
    company_id: int
    role: str
    place: str


def rows(session: Session) -> dict[tuple[int, int], PartnerPerson]:
    """The rows there are, by partner and person."""
    with scopes.everyone(session, "test"):
        found = session.scalars(select(PartnerPerson).execution_options(populate_existing=True))
        return {(row.partner_id, row.profile_id): row for row in found}


def the_row(session: Session, partner: Partner, email: str) -> PartnerPerson:
    return rows(session)[partner.id, the_profile(session, email).id]


def expected(session: Session) -> dict[tuple[int, int], Said]:
    """What the rows have to say, read from the shares and their consents one by one."""
    with scopes.everyone(session, "test"):
        shares = session.execute(
            select(Share, Consent).join(Consent, Consent.id == Share.consent_id).order_by(Consent.id)
        ).all()
    found: dict[tuple[int, int], Said] = {}
    for share, consent in shares:
        whose = share.partner_id, share.profile_id
        since = max(share.since, found[whose][0]) if whose in found else share.since
        role, place = (consent.facts.get(item) or LAST for item in ("desired_role", "place"))
        found[whose] = Said(since, share.company_id, role, place)
    return found


class History:
    """Acts at random on three people, two companies and three partners."""

    def __init__(self, session: Session, cast: Cast, seed: int) -> None:
        self.session, self.dice, self.moment = session, Random(seed), clock.now()  # noqa: S311
        self.companies = [cast.acme, cast.other]
        third = make_partner(session, "michibiki", license_number="13-ユ-765432")
        self.partners = [cast.tsumugi, cast.manabi, third]
        for company in self.companies:
            for partner in self.partners:
                partners.start_partnership(session, company.id, partner.id)
        session.commit()
        self.acts: list[Callable[[], None]] = [
            *[self.register] * 5,
            *[self.withdraw, self.pause, self.part, self.join, self.open, self.erase, self.retain],
        ]

    def act(self) -> None:
        self.moment += timedelta(days=self.dice.choice((0, 1, 20)), minutes=1)
        with clock.at(self.moment):
            self.dice.choice(self.acts)()
            self.session.commit()

    def register(self) -> None:
        company, email = self.dice.choice(self.companies), self.dice.choice(ADDRESSES)
        chosen = [each for each in self.partners if self._tied(company, each) and self.dice.random() < 0.6]
        if chosen:
            role, place = self.dice.choice(("経理", "")), self.dice.choice(("松本市", ""))
            link = mailed_link(self.session, company, email)
            register(self.session, link, *chosen, desired_role=role, place=place)

    def withdraw(self) -> None:
        if person := self._somebody():
            consents.withdraw(self.session, person, self.dice.choice(self.partners).id)

    def pause(self) -> None:
        if person := self._somebody():
            own_pages.pause(self.session, person, clock.today() + timedelta(days=10))
            own_pages.resume(self.session, person)

    def part(self) -> None:
        partners.end_partnership(self.session, self.dice.choice(self.companies).id, self.dice.choice(self.partners).id)

    def join(self) -> None:
        company, partner = self.dice.choice(self.companies), self.dice.choice(self.partners)
        partners.start_partnership(self.session, company.id, partner.id)

    def open(self) -> None:
        partner = self.dice.choice(self.partners)
        with scopes.partner(self.session, partner.id):
            for row in finding.find(self.session).rows[:1]:
                sharing.open_person(self.session, row.code, None)

    def erase(self) -> None:
        if person := self._somebody():
            erasure.erase_profile(self.session, person)

    def retain(self) -> None:
        """Take a long time to pass, now and then."""
        self.moment += timedelta(days=self.dice.choice((30, 400)))
        with clock.at(self.moment):
            retention.run_profiles(self.session)

    def _somebody(self) -> int | None:
        with scopes.everyone(self.session, "test"):
            people = self.session.scalars(select(Profile.id).order_by(Profile.id)).all()
        return self.dice.choice(people) if people else None

    def _tied(self, company: Company, partner: Partner) -> bool:
        return partner.id in {each.id for each in partners.active_partners(self.session, company.id)}


@pytest.mark.parametrize("seed", range(4))
def test_after_any_history_there_is_a_row_for_each_person_with_a_share(session: Session, cast: Cast, seed: int) -> None:
    history = History(session, cast, seed)
    for _act in range(ACTS):
        history.act()
        held = {
            key: Said(row.since, row.company_id, row.role_order, row.place_order) for key, row in rows(session).items()
        }
        assert held == expected(session)


def test_state_and_opening_stay_when_a_second_company_brings_the_person(session: Session, cast: Cast) -> None:
    make_partnership(session, cast.other, cast.tsumugi)
    first = clock.now()
    with clock.at(first):
        register(session, mailed_link(session, cast.acme, "a@mail.example"), cast.tsumugi, desired_role="経理")
    code = the_profile(session, "a@mail.example").code
    with clock.at(first + timedelta(minutes=5)), scopes.partner(session, cast.tsumugi.id):
        sharing.open_person(session, code, cast.agnes.id)
    the_row(session, cast.tsumugi, "a@mail.example").work_state = WorkState.CONTACTED
    session.commit()
    with clock.at(first + timedelta(days=1)):
        register(session, mailed_link(session, cast.other, "a@mail.example"), cast.tsumugi, desired_role="人事")
    row = the_row(session, cast.tsumugi, "a@mail.example")
    assert (row.work_state, row.opened_by_user_id) == (WorkState.CONTACTED, cast.agnes.id)
    assert row.opened_at == first + timedelta(minutes=5)
    assert (row.since, row.company_id, row.role_order) == (first + timedelta(days=1), cast.other.id, "人事")
    partners.end_partnership(session, cast.other.id, cast.tsumugi.id)
    row = the_row(session, cast.tsumugi, "a@mail.example")
    assert (row.since, row.company_id, row.role_order) == (first, cast.acme.id, "経理")
    partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)
    assert rows(session) == {}


def test_a_person_is_not_opened_until_a_user_of_the_partner_has_looked(session: Session, cast: Cast) -> None:
    register(session, mailed_link(session, cast.acme, "a@mail.example"), cast.tsumugi, cast.manabi)
    code = the_profile(session, "a@mail.example").code
    with scopes.partner(session, cast.tsumugi.id):
        sharing.open_person(session, code, cast.agnes.id)
    assert the_row(session, cast.tsumugi, "a@mail.example").opened_at is not None
    assert the_row(session, cast.manabi, "a@mail.example").opened_at is None


def test_the_database_keeps_two_rows_of_one_person_out(session: Session, cast: Cast) -> None:
    register(session, mailed_link(session, cast.acme, "a@mail.example"), cast.tsumugi)
    row = the_row(session, cast.tsumugi, "a@mail.example")
    session.add(
        PartnerPerson(
            partner_id=row.partner_id, profile_id=row.profile_id, company_id=row.company_id, since=clock.now()
        )
    )
    with pytest.raises(IntegrityError):
        session.flush()


def test_agencies_and_schools_work_in_their_own_words() -> None:
    words = {kind: [str(state.label) for state in WorkState.of(kind)] for kind in PartnerKind}
    assert words[PartnerKind.AGENCY] == ["未対応", "連絡済み", "面談", "推薦", "内定", "入社", "終了"]
    assert words[PartnerKind.SCHOOL] == ["未対応", "案内済み", "相談", "受講中", "修了"]
    assert set(WorkState) == {state for kind in PartnerKind for state in WorkState.of(kind)}


def test_words_of_many_are_written_by_portions(session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a restore into the other kind of database does."""
    monkeypatch.setattr(partner_people, "CHUNK_SIZE", 2)
    for each in ADDRESSES:
        register(session, mailed_link(session, cast.acme, each), cast.tsumugi)
    with scopes.partner(session, cast.tsumugi.id):
        session.execute(delete(PartnerPersonWords))
        with said(db.engine) as statements:
            partner_people.index(session)
        written = session.scalars(select(PartnerPersonWords.person_id)).all()
        assert sorted(written) == sorted(session.scalars(select(PartnerPerson.id)))
    assert len([each for each, _values in statements if each.startswith("SELECT")]) == 3, "two, one, and none left"
