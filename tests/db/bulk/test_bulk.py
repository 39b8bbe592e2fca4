"""One act on many people: at once or by the worker, one entry of the journal either way, taken back as a whole."""

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk import activity, runs, tag_admin
from relay.bulk import bulk_jobs as _worker  # noqa: F401
from relay.bulk.actions import AddTag, BulkAction, DropTag, MergeTags, RemoveTag, SetFollowUp
from relay.bulk.undo import ChangedSince
from relay.candidates import tags
from relay.indexing import search_rows
from relay.infra import jobs
from relay.models import (
    BulkRun,
    Candidate,
    CandidateTag,
    Company,
    Event,
    FollowUp,
    Job,
    JournalEntry,
    Tag,
    TagColour,
    TagKind,
    User,
    journal,
    scopes,
)
from relay.search import candidate_search
from relay.search.candidate_search import Query
from tests.cast import Cast, make_candidate, make_cast


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def acme(session: Session, cast: Cast) -> Iterator[Company]:
    """Acme, in whose scope the test runs."""
    with scopes.company(session, cast.acme.id):
        yield cast.acme


@pytest.fixture
def ada(cast: Cast) -> User:
    return cast.ada


@pytest.fixture
def five(session: Session, acme: Company) -> list[int]:
    """Five people, found by the word 経理, newest last."""
    return people(session, acme, 5)


@pytest.fixture
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """What otherwise takes thousands: more than three people are left to the worker, two at a time."""
    monkeypatch.setattr(runs, "SYNC_LIMIT", 3)
    monkeypatch.setattr(runs, "CHUNK_SIZE", 2)


def people(session: Session, company: Company, number: int, name: str = "経理") -> list[int]:
    made = [make_candidate(session, company, f"{name} {each}番", email="").id for each in range(number)]
    search_rows.index(session, made)
    return made


def carrying(session: Session, name: str) -> list[int]:
    tag = tags.find(session, name)
    wanted = select(CandidateTag.candidate_id).where(CandidateTag.tag_id == (tag.id if tag else 0))
    return sorted(session.scalars(wanted))


def exits_of(session: Session, ids: list[int]) -> list[FollowUp | None]:
    return list(session.scalars(select(Candidate.follow_up).where(Candidate.id.in_(ids)).order_by(Candidate.id)))


def entry_of(session: Session, entry_id: int | None) -> JournalEntry:
    session.flush()  # expiring drops what is not written yet: how many people an act was about
    session.expire_all()
    return session.scalars(select(JournalEntry).where(JournalEntry.id == entry_id)).one()


def work(session: Session) -> None:
    """The worker, until nothing is due."""
    session.commit()
    while jobs.run_one(session, clock.now()):
        pass


def tagging(session: Session, name: str = "惜しい") -> BulkAction:
    return AddTag(tags.find_or_make(session, name).id)


def test_a_tag_goes_on_everybody_who_fits_and_off_again_by_one_act(
    session: Session, acme: Company, ada: User, five: list[int]
) -> None:
    others = people(session, acme, 2, name="営業")
    done = runs.do_to_all(session, acme.id, tagging(session), Query(q="経理"), but=(), by_user_id=ada.id)
    assert (done.people, done.running) == (5, False)
    assert carrying(session, "惜しい") == five
    assert [row.id for row in candidate_search.find(session, acme.id, Query(q="惜しい")).rows] == five[::-1]

    assert activity.take_back(session, acme.id, entry_of(session, done.entry_id), by_user_id=ada.id)

    assert carrying(session, "惜しい") == []
    assert not candidate_search.find(session, acme.id, Query(q="惜しい")).rows
    assert len(others) == 2


def test_whoever_was_unticked_is_left_out(session: Session, acme: Company, ada: User, five: list[int]) -> None:
    done = runs.do_to_all(session, acme.id, tagging(session), Query(q="経理"), but=five[:2], by_user_id=ada.id)
    assert done.people == 3
    assert carrying(session, "惜しい") == five[2:]


def test_an_act_that_changes_nothing_leaves_no_entry(session: Session, acme: Company, five: list[int]) -> None:
    action = tagging(session)
    runs.do(session, acme.id, action, five, by_user_id=None)
    again = runs.do(session, acme.id, action, five, by_user_id=None)
    assert (again.people, again.entry_id) == (0, None)
    assert session.scalar(select(func.count(JournalEntry.id))) == 1


def test_the_follow_up_is_set_and_becomes_for_each_what_it_was(
    session: Session, acme: Company, five: list[int]
) -> None:
    runs.do(session, acme.id, SetFollowUp(FollowUp.SCOUT), five[:1], by_user_id=None)
    done = runs.do(session, acme.id, SetFollowUp(FollowUp.REAPPLY), five, by_user_id=None)
    assert exits_of(session, five) == [FollowUp.REAPPLY] * 5
    activity.take_back(session, acme.id, entry_of(session, done.entry_id), by_user_id=None)
    assert exits_of(session, five) == [FollowUp.SCOUT, None, None, None, None]


def test_taking_back_is_refused_by_name_where_somebody_changed_since(
    session: Session, acme: Company, five: list[int]
) -> None:
    done = runs.do(session, acme.id, SetFollowUp(FollowUp.SCOUT), five, by_user_id=None)
    runs.do(session, acme.id, SetFollowUp(FollowUp.RELAY), five[2:3], by_user_id=None)
    with pytest.raises(ChangedSince) as refused:
        activity.take_back(session, acme.id, entry_of(session, done.entry_id), by_user_id=None)
    assert refused.value.names == ["経理 2番"]
    assert exits_of(session, five) == [FollowUp.SCOUT, FollowUp.SCOUT, FollowUp.RELAY, FollowUp.SCOUT, FollowUp.SCOUT]


def test_each_person_gets_a_line_in_the_log(session: Session, acme: Company, five: list[int]) -> None:
    runs.do(session, acme.id, tagging(session), five, by_user_id=None)
    logged = session.scalars(select(Event.subject_id).where(Event.tag == "tag:added")).all()
    assert sorted(each for each in logged if each) == five


# by the worker


@pytest.mark.usefixtures("small_portions")
def test_many_are_left_to_the_worker_and_are_still_one_act(
    session: Session, acme: Company, ada: User, five: list[int]
) -> None:
    done = runs.do_to_all(session, acme.id, tagging(session), Query(q="経理"), but=five[:1], by_user_id=ada.id)
    assert done.running
    assert carrying(session, "惜しい") == []
    later = people(session, acme, 1)

    work(session)

    recorder = session.scalars(select(BulkRun)).one()
    assert carrying(session, "惜しい") == five[1:], f"{later} came in after the act began"
    assert (recorder.seen, recorder.conditions, recorder.finished_at is not None) == (4, None, True)
    entry = entry_of(session, done.entry_id)
    assert (entry.people, entry.by_user_id) == (4, ada.id)
    activity.take_back(session, acme.id, entry, by_user_id=ada.id)
    assert carrying(session, "惜しい") == []


@pytest.mark.usefixtures("small_portions")
def test_a_worker_that_died_half_way_is_followed_by_another(session: Session, acme: Company, five: list[int]) -> None:
    runs.do_to_all(session, acme.id, tagging(session), Query(q="経理"), but=(), by_user_id=None)
    recorder = session.scalars(select(BulkRun)).one()
    next(runs.chunks(session, recorder))
    assert carrying(session, "惜しい") == five[3:]

    work(session)

    assert carrying(session, "惜しい") == five
    assert session.scalars(select(JournalEntry.people)).one() == 5


@pytest.mark.usefixtures("small_portions")
def test_what_is_still_under_way_is_not_taken_back(session: Session, acme: Company, five: list[int]) -> None:
    done = runs.do_to_all(session, acme.id, tagging(session), Query(q="経理"), but=(), by_user_id=None)
    with pytest.raises(activity.StillRunning):
        activity.take_back(session, acme.id, entry_of(session, done.entry_id), by_user_id=None)
    [shown] = activity.listed(session, acme.id)[0].rows
    assert (shown.running is not None, shown.can_be_undone) == (True, False)


def test_the_worker_takes_a_great_act_back_and_says_who_kept_it_from_that(
    session: Session, acme: Company, five: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "SYNC_LIMIT", 3)
    done = runs.do(session, acme.id, SetFollowUp(FollowUp.SCOUT), five, by_user_id=None)
    other = runs.do(session, acme.id, SetFollowUp(FollowUp.RELAY), five[:1], by_user_id=None)
    assert not activity.take_back(session, acme.id, entry_of(session, done.entry_id), by_user_id=None)
    with pytest.raises(activity.StillRunning):
        activity.take_back(session, acme.id, entry_of(session, done.entry_id), by_user_id=None)
    work(session)
    shown = next(each for each in activity.listed(session, acme.id)[0].rows if each.entry.id == done.entry_id)
    assert (list(shown.refused[0]), shown.refused[1]) == (["経理 0番"], 1)

    activity.take_back(session, acme.id, entry_of(session, other.entry_id), by_user_id=None)
    activity.take_back(session, acme.id, entry_of(session, done.entry_id), by_user_id=None)
    work(session)

    assert exits_of(session, five) == [None] * 5
    assert session.scalar(select(func.count(Job.id)).where(Job.kind == "undo")) == 2


def test_what_the_worker_took_back_is_searched_as_it_was(
    session: Session, acme: Company, five: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "SYNC_LIMIT", 3)
    done = runs.do(session, acme.id, tagging(session), five, by_user_id=None)
    assert not activity.take_back(session, acme.id, entry_of(session, done.entry_id), by_user_id=None)
    work(session)
    assert carrying(session, "惜しい") == []
    assert not candidate_search.find(session, acme.id, Query(q="惜しい")).rows
    assert len(candidate_search.find(session, acme.id, Query(q="経理")).rows) == 5


@pytest.fixture
def undone_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than three people are put back by the worker, two at a time."""
    monkeypatch.setattr(activity, "SYNC_LIMIT", 3)
    monkeypatch.setattr(journal, "CHUNK_SIZE", 2)


def after_each_portion(monkeypatch: pytest.MonkeyPatch, act: Callable[[int], None]) -> None:
    """Do this once a portion is committed, with its number; the first is what names nobody."""
    go_on, numbers = jobs.go_on, itertools.count()

    def watched(session: Session, job: Job | None) -> None:
        go_on(session, job)
        act(next(numbers))

    monkeypatch.setattr(jobs, "go_on", watched)


@pytest.mark.usefixtures("undone_in_portions")
def test_a_great_act_goes_back_in_portions_each_whole_with_its_words(
    session: Session, acme: Company, five: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = runs.do(session, acme.id, tagging(session), five, by_user_id=None)
    activity.take_back(session, acme.id, entry_of(session, done.entry_id), by_user_id=None)
    seen: list[tuple[int, int, bool]] = []

    def look(_portion: int) -> None:
        found = [row.id for row in candidate_search.find(session, acme.id, Query(q="惜しい")).rows]
        [shown] = activity.listed(session, acme.id)[0].rows
        seen.append((len(carrying(session, "惜しい")), len(found), shown.going_back and shown.entry.undone_at is None))
        session.commit()

    after_each_portion(monkeypatch, look)
    work(session)
    assert seen == [(5, 5, True), (3, 3, True), (1, 1, True), (0, 0, True)]
    entry = entry_of(session, done.entry_id)
    assert entry.undone_at is not None
    assert entry.data == AddTag(entry.data["tag_id"]).data(), "nothing is left of how far it was"


@pytest.mark.usefixtures("undone_in_portions")
def test_whoever_is_changed_while_it_goes_back_stays_and_is_counted(
    session: Session, acme: Company, five: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = runs.do(session, acme.id, SetFollowUp(FollowUp.SCOUT), five, by_user_id=None)
    activity.take_back(session, acme.id, entry_of(session, done.entry_id), by_user_id=None)

    def meddle(portion: int) -> None:
        if portion == 1:  # those of the first portion are free again, those of the last still wait
            runs.do(session, acme.id, SetFollowUp(FollowUp.RELAY), [five[0], five[4]], by_user_id=None)
            session.commit()

    after_each_portion(monkeypatch, meddle)
    work(session)
    assert exits_of(session, five) == [FollowUp.RELAY, None, None, None, FollowUp.RELAY]
    entry = entry_of(session, done.entry_id)
    assert (entry.undone_at is not None, entry.data["left"]) == (True, 1)


@pytest.mark.usefixtures("undone_in_portions")
def test_whose_place_was_taken_stays_and_the_others_come_back(
    session: Session, acme: Company, five: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = tags.find_or_make(session, "惜しい")
    tags.add_tag(session, tag, five, by_user_id=None)
    done = runs.do(session, acme.id, RemoveTag(tag.id), five, by_user_id=None)
    tags.add_tag(session, tag, five[1:2], by_user_id=None)  # by hand: the same tag by another row
    activity.take_back(session, acme.id, entry_of(session, done.entry_id), by_user_id=None)
    work(session)
    assert carrying(session, "惜しい") == five
    assert entry_of(session, done.entry_id).data["left"] == 1


@pytest.mark.usefixtures("undone_in_portions")
def test_a_worker_that_died_amid_taking_back_is_followed_by_another_whatever_the_hour(
    session: Session, acme: Company, five: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = runs.do(session, acme.id, SetFollowUp(FollowUp.SCOUT), five, by_user_id=None)
    activity.take_back(session, acme.id, entry_of(session, done.entry_id), by_user_id=None)
    ends = entry_of(session, done.entry_id).undo_until

    class Killed(BaseException):
        """The end of a process."""

    def kill(portion: int) -> None:
        if portion == 1:
            raise Killed

    with monkeypatch.context() as patch, clock.at(ends - timedelta(hours=1)):
        after_each_portion(patch, kill)
        with pytest.raises(Killed):
            work(session)
    session.rollback()
    assert exits_of(session, five) == [None, None, *[FollowUp.SCOUT] * 3]

    with clock.at(ends + timedelta(minutes=1)):
        with scopes.everyone(session, "test: the worker's sweep"):
            journal.sweep(session)
        work(session)
    assert exits_of(session, five) == [None] * 5
    entry = entry_of(session, done.entry_id)
    assert entry.undone_at is not None
    assert entry.undo_until == ends, "what is of no more use goes when it was to go"


# tags given up


def test_two_tags_become_one_and_two_again(session: Session, acme: Company, five: list[int]) -> None:
    old, new = tags.find_or_make(session, "おしい"), tags.find_or_make(session, "惜しい")
    tags.add_tag(session, old, five[:3], by_user_id=None)
    tags.add_tag(session, new, five[2:4], by_user_id=None)
    action = MergeTags(old.id, new.id)

    done = runs.do_to_carriers(session, acme.id, action, by_user_id=None)

    assert carrying(session, "惜しい") == five[:4]
    assert tags.find(session, "おしい") is None
    activity.take_back(session, acme.id, entry_of(session, done.entry_id), by_user_id=None)
    assert (carrying(session, "おしい"), carrying(session, "惜しい")) == (five[:3], five[2:4])


def test_a_tag_given_up_comes_off_everybody_and_comes_back(session: Session, acme: Company, five: list[int]) -> None:
    tag = tags.find_or_make(session, "惜しい", kind=TagKind.EVALUATION, colour=TagColour.ROSE)
    tags.add_tag(session, tag, five, by_user_id=None)
    done = runs.do_to_carriers(session, acme.id, DropTag(tag.id), by_user_id=None)
    assert session.scalars(select(Tag)).all() == []
    activity.take_back(session, acme.id, entry_of(session, done.entry_id), by_user_id=None)
    assert carrying(session, "惜しい") == five
    back = tags.find(session, "惜しい")
    assert back is not None
    assert (back.kind, back.colour) == (TagKind.EVALUATION, TagColour.ROSE)


@pytest.mark.usefixtures("small_portions")
def test_a_tag_of_many_is_given_up_by_the_worker(session: Session, acme: Company, five: list[int]) -> None:
    tag = tags.find_or_make(session, "惜しい")
    tags.add_tag(session, tag, five, by_user_id=None)
    assert runs.do_to_carriers(session, acme.id, DropTag(tag.id), by_user_id=None).running
    work(session)
    assert session.scalars(select(Tag)).all() == []
    assert carrying(session, "惜しい") == []


# names


def test_a_renamed_tag_is_found_by_its_new_name(session: Session, acme: Company, five: list[int]) -> None:
    tag = tags.find_or_make(session, "惜しい")
    tags.add_tag(session, tag, five[:1], by_user_id=None)
    tag_admin.change(session, tag, name="あと一歩", kind=TagKind.EVALUATION, colour=TagColour.GREEN)
    assert [row.id for row in candidate_search.find(session, acme.id, Query(q="あと一歩")).rows] == five[:1]
    assert not candidate_search.find(session, acme.id, Query(q="惜しい")).rows


@pytest.mark.usefixtures("small_portions")
def test_where_many_carry_it_the_worker_sees_to_that(session: Session, acme: Company, five: list[int]) -> None:
    tag = tags.find_or_make(session, "惜しい")
    tags.add_tag(session, tag, five, by_user_id=None)
    tag_admin.change(session, tag, name="あと一歩", kind=TagKind.FREE, colour=TagColour.PLAIN)
    work(session)
    assert len(candidate_search.find(session, acme.id, Query(q="あと一歩")).rows) == 5


def test_a_name_that_is_taken_is_refused_whatever_its_form(session: Session, acme: Company) -> None:
    tags.find_or_make(session, "ＡＷＳ")
    other = tags.find_or_make(session, "クラウド")
    with pytest.raises(tag_admin.TagNameTaken):
        tag_admin.change(session, other, name="aws", kind=TagKind.SKILL, colour=TagColour.PLAIN)


def test_tags_are_listed_with_how_many_carry_them(session: Session, acme: Company, five: list[int]) -> None:
    for name, count in (("あ", 5), ("い", 2), ("う", 0)):
        tags.add_tag(session, tags.find_or_make(session, name), five[:count], by_user_id=None)
    found = tag_admin.listed(session)
    assert [(each.tag.name, each.people) for each in found.rows] == [("あ", 5), ("い", 2), ("う", 0)]
    assert found.next == ""
    assert [each.tag.name for each in tag_admin.listed(session, q="い").rows] == ["い"]


def test_what_begins_with_the_typed_word_is_suggested_first(session: Session, acme: Company) -> None:
    for name in ("元営業", "営業経験", "経理"):
        tags.find_or_make(session, name)
    assert tag_admin.suggested(session, "営業") == ["営業経験", "元営業"]
    assert tag_admin.suggested(session, "100%") == []
