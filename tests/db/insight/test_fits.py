"""Who is listed for a position: nobody who may not be written to, in one order on both databases, by work alone."""

from datetime import date, timedelta
from itertools import islice
from random import Random

import pytest
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import tags
from relay.extensions import db
from relay.indexing import search_rows
from relay.infra.keyed_hash import address_hash
from relay.insight import fits, scoring
from relay.insight.wanted import PositionText, wanted
from relay.mail.optouts import opt_out
from relay.models import (
    ApplicationResult,
    ApplicationStep,
    Candidate,
    Company,
    FollowUp,
    MailClass,
    Note,
    Position,
    PositionState,
    RejectionReason,
    RetentionBasis,
    scopes,
)
from relay.text.job_terms import terms_of
from tests.cast import Cast, make_application, make_candidate, make_cast, make_position
from tests.protected_facts import PROTECTED
from tests.statements import counted

WORK = ("溶接工", "鉄骨工", "電気溶接工", "経理事務", "大工", "看護師", "倉庫作業員", "営業事務")


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def welder(session: Session, cast: Cast) -> Position:
    return make_position(session, cast.acme, "溶接工")


def made(session: Session, company: Company, **values: object) -> Candidate:
    """A person of the pool who welds, with their search row."""
    candidate = make_candidate(session, company, **({"desired_role": "溶接工"} | values))
    return indexed(session, candidate)


def indexed(session: Session, candidate: Candidate) -> Candidate:
    with scopes.company(session, candidate.company_id):
        search_rows.index(session, [candidate.id])
    return candidate


def noted(session: Session, candidate: Candidate, body: str) -> None:
    with scopes.company(session, candidate.company_id):
        session.add(Note(candidate_id=candidate.id, body=body, imported=False, at=clock.now()))
        session.flush()
    indexed(session, candidate)


def listed(session: Session, position: Position) -> list[int]:
    with scopes.company(session, position.company_id):
        found = fits.of_position(session, position.company_id, position)
        return [each.id for each in found.people] if found else []


def test_who_may_not_be_written_to_is_never_listed(session: Session, cast: Cast, welder: Position) -> None:
    first = made(session, cast.acme)
    yesterday = clock.today() - timedelta(days=1)
    made(session, cast.acme, basis=RetentionBasis.SELECTION)
    made(session, cast.acme, email="")
    made(session, cast.acme, contact_stopped_at=clock.now())
    made(session, cast.acme, follow_up=FollowUp.RELAY)
    made(session, cast.acme, retain_until=yesterday)
    made(session, cast.acme, birth_date=clock.today() - timedelta(days=365 * 16))
    stopped = made(session, cast.acme, email="stopped@mail.example")
    opt_out(session, cast.acme.id, address_hash(stopped.email), MailClass.PROMO, "page")
    for status, day in ((ApplicationResult.OPEN, None), (ApplicationResult.HIRED, date(2026, 1, 1))):
        make_application(session, made(session, cast.acme), status=status, decided_on=day)
    applied = made(session, cast.acme)
    make_application(session, applied, welder, status=ApplicationResult.REJECTED, decided_on=date(2026, 1, 1))
    assert listed(session, welder) == [first.id]


def test_who_stopped_mails_is_not_listed_however_many_there_are(session: Session, cast: Cast, welder: Position) -> None:
    """The list is full of them at first: it goes on until it has found somebody else."""
    addresses = [f"no{number}@mail.example" for number in range(210)]
    stopped = [make_candidate(session, cast.acme, desired_role="溶接工", email=each) for each in addresses]
    kindred = [made(session, cast.acme, desired_role="鉄骨工", email=f"yes{n}@mail.example") for n in range(2)]
    with scopes.company(session, cast.acme.id):
        search_rows.index(session, [each.id for each in stopped])
    assert len(listed(session, welder)) == fits.SHOWN
    for each in addresses:
        opt_out(session, cast.acme.id, address_hash(each), MailClass.PROMO, "page")
    assert listed(session, welder) == [kindred[1].id, kindred[0].id]


def test_what_was_told_to_another_company_hides_nobody(session: Session, cast: Cast, welder: Position) -> None:
    person = made(session, cast.acme)
    opt_out(session, cast.other.id, address_hash(person.email), MailClass.PROMO, "page")
    assert listed(session, welder) == [person.id]


def test_another_companys_people_are_not_there(session: Session, cast: Cast, welder: Position) -> None:
    made(session, cast.other)
    assert listed(session, welder) == []


@pytest.mark.parametrize("state", [PositionState.PAUSED, PositionState.CLOSED])
def test_a_position_that_is_not_open_has_no_list(
    session: Session, cast: Cast, welder: Position, state: PositionState
) -> None:
    made(session, cast.acme)
    assert listed(session, welder)
    welder.state, welder.closed_at = state, clock.now() if state is PositionState.CLOSED else None
    with scopes.company(session, cast.acme.id):
        session.flush()
        assert fits.of_position(session, cast.acme.id, welder) is None


def test_practice_changes_nobody(session: Session, cast: Cast, welder: Position) -> None:
    """People are the same while a company practises; what was written in practice counts for nothing here."""
    person = made(session, cast.acme)
    cast.acme.live_since = None
    session.flush()
    assert listed(session, welder) == [person.id]
    with scopes.company(session, cast.acme.id), scopes.practice(session):
        assert listed(session, welder) == [person.id]


def test_what_the_selection_says_of_a_person_moves_nobody(session: Session, cast: Cast, welder: Position) -> None:
    people = [made(session, cast.acme) for _ in range(4)]
    elsewhere = make_position(session, cast.acme, "倉庫作業員")
    before = listed(session, welder)
    for person, reason, score in zip(people, RejectionReason, (1, 5, 3, 2), strict=False):
        application = make_application(
            session,
            person,
            stage="最終面接",
            status=ApplicationResult.REJECTED,
            decided_on=date(2025, 1, score),
            reason=reason,
        )
        with scopes.company(session, cast.acme.id):
            step = {"candidate_id": person.id, "application_id": application.id, "place": 1, "name": "溶接の実技"}
            moment = {"created_at": clock.now(), "updated_at": clock.now()}
            session.add(ApplicationStep(**step, **moment, score=score, comment="溶接工として優秀" * score))
            session.flush()
            tags.add_tag(session, tags.find_or_make(session, f"惜しい{score}"), [person.id], by_user_id=None)
        indexed(session, person)
    assert listed(session, welder) == before
    assert listed(session, elsewhere) == []


def test_facts_that_may_not_count_and_names_leave_every_order_as_it_is(
    session: Session, cast: Cast, welder: Position
) -> None:
    dice = Random(11)  # noqa: S311
    positions = [welder, make_position(session, cast.acme, "看護師"), make_position(session, cast.acme, "大工")]
    people = [
        made(session, cast.acme, desired_role=dice.choice(WORK), qualifications=dice.choice(("", "ガス溶接技能者")))
        for _ in range(40)
    ]
    for person in people[::2]:
        noted(session, person, f"{dice.choice(WORK)}として{dice.randrange(2, 9)}年。")
    before = [listed(session, position) for position in positions]
    assert all(before)
    for turn in range(3):
        for person in people:
            fact = dice.choice(PROTECTED)
            person.name, person.kana = dice.choice(("大工 花子", "看護師 太郎", "鍛冶 誠", "溶接 美咲")), "タロウ"
            if turn == 0:
                noted(session, person, f"{fact}。")
            elif turn == 1:
                person.desired_role = f"{person.desired_role}、{fact}"
            else:
                person.qualifications = f"{fact}、{person.qualifications}"
            session.flush()
            indexed(session, person)
        assert [listed(session, position) for position in positions] == before, turn


def test_a_memo_counts_by_the_vocabulary_and_a_name_in_it_does_not(
    session: Session, cast: Cast, welder: Position
) -> None:
    told = made(session, cast.acme, desired_role="")
    noted(session, told, "前職では溶接工を五年。")
    silent = made(session, cast.acme, desired_role="")
    noted(session, silent, "面接では笑顔。")
    assert listed(session, welder) == [told.id]


def test_twenty_are_shown_by_few_statements_however_many_fit(session: Session, cast: Cast, welder: Position) -> None:
    for _ in range(25):
        made(session, cast.acme)
    session.commit()
    with scopes.company(session, cast.acme.id), counted(db.engine) as statements:
        found = fits.of_position(session, cast.acme.id, welder)
    assert found and len(found.people) == fits.SHOWN and found.has_more
    assert len(statements) <= 12


def test_each_database_gives_the_order_that_the_points_give_in_memory(session: Session, cast: Cast) -> None:
    dice = Random(5)  # noqa: S311
    position = make_position(session, cast.acme, "溶接工")
    roles = [dice.choice(WORK) for _ in range(60)]
    people = [(made(session, cast.acme, desired_role=role).id, " ".join(terms_of([role], []))) for role in roles]
    expected = islice(scoring.ordered(wanted(PositionText("溶接工")), people), fits.SHOWN)
    assert listed(session, position) == [fit.candidate_id for fit in expected]
