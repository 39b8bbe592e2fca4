"""Likely duplicates in the database: found by the worker where somebody changes, on entry, and by what HR says."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.duplicates import blocking, jobs, pairs
from relay.candidates.duplicates.comparison_record import comparison_record
from relay.candidates.duplicates.matches import matches, matches_for
from relay.candidates.facts import Facts
from relay.models import Candidate, Company, DifferentPeople, DuplicatePair, MatchCheck, MatchKey, scopes
from relay.rights import erasure
from relay.text import kana_key
from tests.cast import make_candidate, make_company

TARO = {"name": "山田 太郎", "kana": "ヤマダ タロウ", "email": "taro.y@mail.example", "phone": "09011112222"}


@pytest.fixture
def acme(session: Session) -> Iterator[Company]:
    """Acme, in whose scope the test runs."""
    company = make_company(session, "acme")
    session.commit()
    with scopes.company(session, company.id):
        yield company


def person(session: Session, company: Company, **facts: Any) -> int:
    values = TARO | facts
    made = make_candidate(session, company, values.pop("name"), kana_key=kana_key(values["kana"]), **values)
    session.commit()
    return made.id


def work(session: Session) -> None:
    jobs.ask(session, clock.now())
    jobs.run(session)
    session.commit()


def queue(session: Session, **asked: Any) -> list[tuple[int, int]]:
    return [(pair.one_id, pair.other_id) for pair in pairs.queue(session, **asked).rows]


def test_the_worker_finds_who_came_twice(session: Session, acme: Company) -> None:
    one = person(session, acme)
    person(session, acme, name="田中 一郎", kana="タナカ イチロウ", email="i@mail.example", phone="0312345678")
    other = person(session, acme, name="山田太郎", kana="", phone="")
    work(session)

    assert queue(session) == [(one, other)]
    assert session.scalar(select(func.count()).select_from(MatchCheck)) == 0


def test_whoever_changes_is_compared_anew_and_nobody_else(session: Session, acme: Company) -> None:
    one, other = person(session, acme), person(session, acme, email="new@mail.example", phone="08099998888")
    work(session)
    assert queue(session) == []

    session.scalars(select(Candidate).where(Candidate.id == other)).one().phone_key = "+819011112222"
    session.commit()
    assert session.scalars(select(MatchCheck.candidate_id)).all() == [other]
    work(session)

    assert queue(session) == [(one, other)]


def test_namesakes_with_something_else_in_common_are_shown_only_when_asked_for(session: Session, acme: Company) -> None:
    one, other = person(session, acme), person(session, acme, email="taro.y@other.example", phone="08099998888")
    work(session)

    assert (queue(session), pairs.count(session)) == ([], 0)
    assert queue(session, namesakes=True) == [(one, other)]


def test_namesakes_without_anything_else_in_common_are_not_written(session: Session, acme: Company) -> None:
    person(session, acme), person(session, acme, email="b@other.example", phone="08099998888")
    work(session)

    assert session.scalars(select(DuplicatePair)).all() == []


def test_marriage_is_found_by_number_and_given_name(session: Session, acme: Company) -> None:
    one = person(session, acme, name="三浦 幸子", kana="ミウラ サチコ", email="miura@mail.example")
    other = person(session, acme, name="金子 幸子", kana="カネコ サチコ", email="kaneko@other.example")
    work(session)

    assert queue(session) == [(one, other)]


def test_of_a_key_that_many_share_nobody_is_fetched(session: Session, acme: Company) -> None:
    """Nine of one name: more than are compared by it alone."""
    first, *others = (blocking.numbers_of(comparison_record(Facts(name))) for name in ("山田 太郎", "山田 花子"))
    for n in range(9):
        person(session, acme, email=f"n{n}@mail.example", phone=f"0901111{n}{n}{n}{n}", kana="")
    person(session, acme, name="山田 花子", kana="", email="", phone="")
    work(session)

    assert blocking.sharing(session, first) == {}
    assert list(blocking.sharing(session, others[0]).values()) == [[10]]
    assert blocking.sharing(session, others[0], fewest=2) == {}


def test_what_a_file_calls_a_duplicate_comes_first_and_stays(session: Session, acme: Company) -> None:
    first, second = person(session, acme), person(session, acme, name="ヤマダ タロー")
    named = person(session, acme, name="佐々木 亘", kana="ササキ ワタル", email="s@mail.example", phone="0311112222")
    work(session)
    pairs.named_by_file(session, acme.id, [(named, first)])
    assert queue(session) == [(first, named), (first, second)]

    session.scalars(select(Candidate).where(Candidate.id == named)).one().name = "佐々木 渉"
    session.commit()
    work(session)
    assert queue(session) == [(first, named), (first, second)]


def test_told_apart_is_remembered_and_can_be_taken_back(session: Session, acme: Company) -> None:
    one, other = person(session, acme), person(session, acme, phone="")
    work(session)
    pairs.tell_apart(session, acme.id, other, one, by_user_id=None)
    pairs.tell_apart(session, acme.id, one, other, by_user_id=None)
    session.execute(MatchCheck.__table__.insert(), [{"candidate_id": other, "company_id": acme.id}])
    work(session)
    assert queue(session) == []

    (apart,) = pairs.apart_ones(session).rows
    pairs.take_back(session, acme.id, apart)
    assert queue(session) == [(one, other)]
    assert session.scalars(select(DifferentPeople)).all() == []


def test_pages_of_the_queue_walk_through_every_pair_once(session: Session, acme: Company) -> None:
    for n in range(5):
        person(session, acme, email=f"t{n}@mail.example")
    work(session)
    seen: list[tuple[int, int]] = []
    place = ""
    while True:
        page = pairs.queue(session, after=place, limit=3)
        seen += [(pair.one_id, pair.other_id) for pair in page.rows]
        place = page.next
        if not place:
            break
    assert len(seen) == len(set(seen)) == pairs.count(session) == 10


def test_somebody_entered_is_met_before_the_worker_has_looked(session: Session, acme: Company) -> None:
    one = person(session, acme)
    assert [
        each.candidate_id for each in matches(session, acme.id, Facts("山田 太郎", email="TARO.Y@mail.example"))
    ] == [one]
    assert matches(session, acme.id, Facts("山田 太郎", email="TARO.Y@mail.example"), but=one) == []
    work(session)
    asked = {1: Facts("Taro Yamada", phone="+81 90-1111-2222"), 2: Facts("誰 でもない", email="nobody@mail.example")}
    found = matches_for(session, acme.id, asked)
    assert [each.candidate_id for each in found[1]] == [one]
    assert found[2] == []


def test_a_company_meets_only_its_own_people(session: Session, acme: Company) -> None:
    person(session, acme)
    session.commit()
    other = make_company(session, "other")
    with scopes.company(session, other.id):
        person(session, other)
        assert matches(session, other.id, Facts(TARO["name"], email=TARO["email"]))[0].candidate_id == 2
        work(session)
        assert queue(session, namesakes=True) == []
    assert queue(session, namesakes=True) == []
    assert [each.candidate_id for each in matches(session, acme.id, Facts(TARO["name"], email=TARO["email"]))] == [1]


def test_whoever_is_erased_leaves_no_key_and_no_pair(session: Session, acme: Company) -> None:
    one, other = person(session, acme), person(session, acme, phone="")
    work(session)
    pairs.tell_apart(session, acme.id, one, person(session, acme, email="x@mail.example"), by_user_id=None)
    erasure.erase_candidates(session, acme.id, [one])
    session.commit()

    assert session.scalars(select(MatchKey.candidate_id).where(MatchKey.candidate_id == one)).all() == []
    assert session.scalars(select(DuplicatePair)).all() == []
    assert session.scalars(select(DifferentPeople)).all() == []
    assert session.scalars(select(MatchKey.candidate_id).where(MatchKey.candidate_id == other)).first() == other


def test_a_placeholder_that_everybody_shares_opens_no_comparison(session: Session, acme: Company) -> None:
    for n in range(70):
        make_candidate(session, acme, f"{chr(0x4E00 + n)} {chr(0x5000 + n)}", email="", phone="00000000000")
    session.commit()
    work(session)
    assert queue(session, namesakes=True) == []
