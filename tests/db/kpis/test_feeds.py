"""Feeds: what an address reads back, what it leaves out, and when it ends."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.kpis import feed_rows, feeds, month_counts
from relay.kpis.feed_rows import FeedRow, NotCountedYet
from relay.kpis.feeds import FeedUnnamed, TooManyFeeds
from relay.models import ApplicationResult, CaseKind, Event, EventTag, Feed, RejectionReason, scopes
from relay.rights import erasure
from relay.tokens import token_hash
from tests.cast import Cast, make_application, make_candidate, make_cast

MARCH = date(2026, 3, 1)


@pytest.fixture(autouse=True)
def in_november() -> Iterator[None]:
    with clock.at(datetime(2026, 11, 30, 12, tzinfo=clock.JAPAN)):
        yield


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def rejected(session: Session, cast: Cast, times: int, reason: RejectionReason) -> int:
    """Some people who were rejected in March; the id of the last."""
    for number in range(times):
        person = make_candidate(session, cast.acme, f"見本 {reason.value} {number}")
        made = {"applied_on": MARCH, "decided_on": MARCH, "status": ApplicationResult.REJECTED, "channel": "Indeed"}
        make_application(session, person, reason=reason, **made)
    session.commit()
    return person.id


def rows(session: Session, cast: Cast, kind: CaseKind) -> dict[str, int]:
    """The keys and numbers of one kind in March."""
    with scopes.company(session, cast.acme.id):
        return {row.key: row.count for row in read_back(session) if row.kind is kind and row.month == MARCH}


def read_back(session: Session) -> list[FeedRow]:
    return list(feed_rows.read_back(session).rows)


def make(session: Session, cast: Cast, name: str = "役員会の表") -> str:
    token = feeds.make(session, cast.acme.id, name, by_user_id=cast.adam.id)
    session.commit()
    return token


def test_an_address_is_kept_as_a_hash_and_opens_its_own_company(session: Session, cast: Cast) -> None:
    token = make(session, cast)
    found = feeds.find(session, token)
    assert found is not None and found.company_id == cast.acme.id
    assert len(token) == 43 and found.token_hash == token_hash(token)
    assert feeds.living(session, cast.other.id) == []
    assert [each.name for each in feeds.living(session, cast.acme.id)] == ["役員会の表"]


@pytest.mark.parametrize("token", ["", "x" * 43, "x" * 42, "あ" * 43, "x" * 4000, "x" * 42 + "\0"])
def test_what_was_never_made_opens_nothing(session: Session, cast: Cast, token: str) -> None:
    make(session, cast)
    assert feeds.find(session, token) is None


def test_only_its_company_revokes_it_and_only_once(session: Session, cast: Cast) -> None:
    token = make(session, cast)
    [feed] = feeds.living(session, cast.acme.id)
    assert feeds.revoke(session, cast.other.id, feed.id, by_user_id=cast.mona.id) is None
    assert feeds.find(session, token) is not None
    assert feeds.revoke(session, cast.acme.id, feed.id, by_user_id=cast.adam.id) == "役員会の表"
    assert feeds.revoke(session, cast.acme.id, feed.id, by_user_id=cast.adam.id) is None
    session.commit()
    assert feeds.find(session, token) is None and feeds.living(session, cast.acme.id) == []
    written = select(Event.tag, Event.subject_id, Event.data).where(Event.tag.like("feed:%")).order_by(Event.id)
    lines = [tuple(row) for row in session.execute(written)]
    assert lines == [(EventTag.FEED_MADE, feed.id, {}), (EventTag.FEED_REVOKED, feed.id, {})]


def test_an_address_has_a_name_and_there_are_not_too_many(session: Session, cast: Cast) -> None:
    for name in ("", "　", "長" * 61):
        with pytest.raises(FeedUnnamed):
            feeds.make(session, cast.acme.id, name, by_user_id=cast.adam.id)
    for number in range(feeds.MAX_FEEDS):
        feeds.make(session, cast.acme.id, f"表{number}", by_user_id=cast.adam.id)
    with pytest.raises(TooManyFeeds):
        feeds.make(session, cast.acme.id, "もう一つ", by_user_id=cast.adam.id)
    feeds.revoke(session, cast.acme.id, feeds.living(session, cast.acme.id)[0].id, by_user_id=cast.adam.id)
    feeds.make(session, cast.acme.id, "もう一つ", by_user_id=cast.adam.id)


def test_the_day_of_use_is_written_once_a_day_and_never_goes_back(session: Session, cast: Cast) -> None:
    make(session, cast)
    [feed] = feeds.living(session, cast.acme.id)
    for day in (date(2026, 3, 2), date(2026, 3, 1), date(2026, 3, 3)):
        feeds.note_use(session, cast.acme.id, feed.id, day)
        session.commit()
    with scopes.company(session, cast.acme.id):
        assert session.scalar(select(Feed.last_used_on)) == date(2026, 3, 3)


def test_the_rows_are_the_counts_of_two_years_of_the_living_and_the_erased(session: Session, cast: Cast) -> None:
    gone = rejected(session, cast, 12, RejectionReason.SKILLS)
    old = make_candidate(session, cast.acme, "見本 昔")
    make_application(session, old, applied_on=date(2024, 11, 30), status=ApplicationResult.OPEN)
    made = make_application(session, old, applied_on=date(2024, 12, 1), status=ApplicationResult.OPEN)
    session.commit()
    before = rows(session, cast, CaseKind.APPLIED), rows(session, cast, CaseKind.REJECTED)
    assert before == ({"Indeed": 12}, {str(RejectionReason.SKILLS.label): 12})
    with scopes.company(session, cast.acme.id):
        erasure.erase_candidates(session, cast.acme.id, [gone])
    session.commit()
    assert (rows(session, cast, CaseKind.APPLIED), rows(session, cast, CaseKind.REJECTED)) == before
    with scopes.company(session, cast.acme.id):
        there = read_back(session)
        counted = month_counts.of(session, tuple(CaseKind), date(2024, 12, 1), date(2026, 11, 1))
    assert made.applied_on in {row.month for row in there}
    assert {kind: sum(row.count for row in there if row.kind is kind) for kind in CaseKind} == {
        kind: counted.total(kind).all for kind in CaseKind
    }
    assert [row.month for row in there] == sorted(row.month for row in there)


def test_reasons_of_few_are_one_number(session: Session, cast: Cast) -> None:
    rejected(session, cast, 8, RejectionReason.SKILLS)
    rejected(session, cast, 1, RejectionReason.FILLED)
    assert rows(session, cast, CaseKind.REJECTED) == {"10件未満のため内訳なし": 9}
    rejected(session, cast, 1, RejectionReason.FILLED)
    told = {str(RejectionReason.SKILLS.label): 8, str(RejectionReason.FILLED.label): 2}
    assert rows(session, cast, CaseKind.REJECTED) == told


def test_whether_one_of_few_stayed_is_not_told_by_the_channel(session: Session, cast: Cast) -> None:
    hired = {"applied_on": MARCH, "decided_on": MARCH, "status": ApplicationResult.HIRED}
    for number in range(9):
        make_application(session, make_candidate(session, cast.acme, f"入社 {number}"), **hired)
    assert rows(session, cast, CaseKind.REACHED_6) == {"10件未満のため内訳なし": 9}
    assert rows(session, cast, CaseKind.HIRED) == {"Indeed": 9}
    make_application(session, make_candidate(session, cast.acme, "入社 9"), channel="自社サイト", **hired)
    assert rows(session, cast, CaseKind.REACHED_6) == {"Indeed": 9, "自社サイト": 1}


def test_a_company_that_was_not_counted_reads_no_zeros(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    rejected(session, cast, 2, RejectionReason.SKILLS)
    monkeypatch.setattr(month_counts, "_is_small", lambda _session: False)
    with scopes.company(session, cast.acme.id), pytest.raises(NotCountedYet):
        feed_rows.read_back(session)
    month_counts.recount(session, cast.acme.id)
    session.commit()
    assert rows(session, cast, CaseKind.APPLIED) == {"Indeed": 2}
