"""Facts the law keeps out, and the sex of a given name, move nobody, wherever they stand (A-22, B-1, B-2).

Whatever is added to whomever, or stands in the place of another such fact, every order stays, in both layers and by
learned points; and so does what is noted of a contact, from which these are learned.
"""

from dataclasses import dataclass
from functools import cached_property
from random import Random

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import tags
from relay.indexing import search_rows
from relay.insight import fits, scoring
from relay.insight.scoring import STATED, Shares
from relay.models import (
    ApplicationResult,
    ApplicationStep,
    Attachment,
    Candidate,
    FileKind,
    FileText,
    LearnedWeight,
    Note,
    Position,
    RejectionReason,
    StepKind,
    scopes,
)
from relay.text import kana_key, name_key
from tests.cast import Cast, make_application, make_candidate, make_cast, make_position
from tests.db.insight.test_fits import WORK
from tests.protected_facts import PROTECTED

PEOPLE = 24
LEARNED = {
    part: points * (3 if number % 2 else 4) // (4 if number % 2 else 3)
    for number, (part, points) in enumerate(STATED.items())
}
GIVEN = (("美咲", "ミサキ"), ("翔太", "ショウタ"), ("花子", "ハナコ"), ("健一", "ケンイチ"), ("溶子", "ヨウコ"))
PLACES = ("desired_role", "qualifications", "memo", "file", "tag", "comment", "name", "name in a memo")
changes = st.lists(
    st.tuples(st.integers(0, PEOPLE - 1), st.sampled_from(PLACES), st.sampled_from(PROTECTED), st.sampled_from(GIVEN)),
    min_size=1,
    max_size=6,
)


@dataclass
class Pool:
    """People and positions, and the orders as they are before anything is added."""

    session: Session
    cast: Cast
    positions: list[Position]
    people: list[Candidate]

    @cached_property
    def before(self) -> list[list[int]]:
        """The orders when nothing was added yet."""
        return self.orders()

    def orders(self) -> list[list[int]]:
        """Every order: by the stated points, and by learned ones with the second layer on."""
        found = []
        for since, learned in ((None, {}), (clock.today() - relativedelta(years=9), LEARNED)):
            self.cast.acme.record_use_since = since
            self.session.execute(delete(LearnedWeight))
            for part, thousandths in learned.items():
                self.session.add(
                    LearnedWeight(part=part, thousandths=thousandths, people=9, agreed=3, fitted_at=clock.now())
                )
            self.session.flush()
            for position in self.positions:
                listed = fits.of_position(self.session, self.cast.acme.id, position)
                assert listed is not None
                found.append([each.id for each in listed.people])
        return found

    def shares(self) -> list[dict[int, Shares]]:
        """What would be noted of everybody for each position, were they written to now."""
        ids = [each.id for each in self.people]
        asked = [fits.looked_for(self.session, position) for position in self.positions]
        return [scoring.shares(each, fits.pool(self.session), ids) for each in asked]

    def change(self, place: str, person: Candidate, fact: str, given_name: tuple[str, str]) -> None:
        """Add a fact to what stands there, in a sentence or an entry of its own; or swap the given name."""
        session = self.session
        if place == "desired_role":
            person.desired_role = f"{person.desired_role}、{fact}"
        elif place == "qualifications":
            person.qualifications = f"{fact}、{person.qualifications}"
        elif place == "memo":
            session.execute(update(Note).where(Note.candidate_id == person.id).values(body=Note.body + f"。{fact}。"))
        elif place == "file":
            mine = update(Attachment).where(Attachment.candidate_id == person.id)
            session.execute(mine.values(text=f"{fact}。\n" + Attachment.text))
        elif place == "tag":
            tags.add_tag(session, tags.find_or_make(session, fact, confirmed=True), [person.id], by_user_id=None)
        elif place == "comment":
            steps = update(ApplicationStep).where(ApplicationStep.candidate_id == person.id)
            session.execute(steps.values(comment=f"{fact}。溶接工として優秀。"))
        elif place == "name":
            person.name, person.kana = f"高橋 {given_name[0]}", f"タカハシ {given_name[1]}"
            person.name_key, person.kana_key = name_key(person.name), kana_key(person.kana)
        else:
            added = f"。{given_name[0]}さんとお話しした。"
            session.execute(update(Note).where(Note.candidate_id == person.id).values(body=Note.body + added))
        session.flush()
        session.expire_all()
        search_rows.index(session, [person.id])


@pytest.fixture
def pool(session: Session) -> Pool:
    dice, cast = Random(29), make_cast(session)  # noqa: S311
    positions = [make_position(session, cast.acme, title) for title in ("溶接工", "看護師", "大工")]
    people = [_person(session, cast, dice, number) for number in range(PEOPLE)]
    with scopes.company(session, cast.acme.id):
        search_rows.index(session, [each.id for each in people])
    session.commit()
    return Pool(session, cast, positions, people)


def _person(session: Session, cast: Cast, dice: Random, number: int) -> Candidate:
    """Somebody with something of everything."""
    person = make_candidate(
        session,
        cast.acme,
        email=f"p{number}@mail.example",
        desired_role=dice.choice(WORK),
        qualifications=dice.choice(("ガス溶接技能者", "普通自動車免許", "日商簿記2級")),
    )
    decided = clock.today() - relativedelta(months=dice.randrange(1, 30))
    application = make_application(
        session,
        person,
        status=ApplicationResult.REJECTED,
        reason=dice.choice(list(RejectionReason)),
        decided_on=decided,
        applied_on=decided,
    )
    moment = {"created_at": clock.now(), "updated_at": clock.now()}
    about = {"candidate_id": person.id, "application_id": application.id, "place": 1, "comment": "落ち着いている。"}
    with scopes.company(session, cast.acme.id):
        kind = dice.choice((StepKind.DOCUMENTS, StepKind.FIRST, StepKind.FINAL))
        session.add(ApplicationStep(**about, **moment, name=kind.value, kind=kind, score=dice.randrange(1, 6)))
        work = f"前職では{dice.choice(WORK)}を{dice.randrange(2, 9)}年"
        session.add(Note(candidate_id=person.id, body=work, imported=False, at=clock.now()))
        session.add(
            Attachment(
                candidate_id=person.id,
                name="職務経歴書.pdf",
                kind=FileKind.PDF,
                size=1,
                sha256=f"{number:064d}",
                state=FileText.READ,
                stored_as=f"{number:032d}",
                text=f"職務経歴\n{dice.choice(WORK)}として勤務。",
                at=clock.now(),
            )
        )
        session.flush()
    return person


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(added=changes, swapped=st.sampled_from(PROTECTED))
def test_whatever_is_added_and_whatever_stands_in_its_place_every_order_stays(
    pool: Pool, added: list[tuple[int, str, str, tuple[str, str]]], swapped: str
) -> None:
    session = pool.session
    with scopes.company(session, pool.cast.acme.id):
        assert all(pool.before)
        for fact_of in (lambda fact: fact, lambda _fact: swapped):
            with session.begin_nested() as step:
                for number, place, fact, given_name in added:
                    pool.change(place, pool.people[number], fact_of(fact), given_name)
                assert pool.orders() == pool.before
                step.rollback()
            session.expire_all()


@pytest.mark.parametrize("place", PLACES)
def test_every_fact_in_this_place(pool: Pool, place: str) -> None:
    """Each of the facts once, to somebody else each time."""
    with scopes.company(pool.session, pool.cast.acme.id):
        assert all(pool.before)
        noted = pool.shares()
        for number, fact in enumerate(PROTECTED):
            pool.change(place, pool.people[number % PEOPLE], fact, GIVEN[number % len(GIVEN)])
        assert pool.orders() == pool.before
        assert pool.shares() == noted


def test_the_orders_do_move_for_a_fact_of_work(pool: Pool) -> None:
    """Else the tests above would show nothing."""
    with scopes.company(pool.session, pool.cast.acme.id):
        assert all(pool.before)
        person = pool.session.scalars(select(Candidate).where(Candidate.desired_role == "大工").limit(1)).one()
        person.desired_role, person.qualifications = "溶接工", "ガス溶接技能者"
        pool.session.flush()
        search_rows.index(pool.session, [person.id])
        assert pool.orders() != pool.before
