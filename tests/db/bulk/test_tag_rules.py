"""Rules: once for everybody who fits when switched on, then for whoever comes to fit; never twice, never against HR."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk import activity, runs, tag_admin, tag_rules
from relay.bulk.actions import DropTag, MergeTags
from relay.bulk.undo import ChangedSince
from relay.candidates import follow_ups, notes, tags
from relay.candidates.tag_presets import PRESET_RULES, PresetRule
from relay.hiring import decisions
from relay.indexing import search_rows
from relay.infra import jobs
from relay.models import (
    ActionKind,
    ApplicationResult,
    AppliedRule,
    Candidate,
    CandidateTag,
    Company,
    FollowUp,
    JournalEntry,
    QueuedRuleCheck,
    RejectionReason,
    RelayLink,
    TagRule,
    journal,
    scopes,
)
from relay.rights import erasure
from relay.search import candidate_search
from relay.worker import upkeep
from tests.cast import Cast, make_application, make_candidate, make_cast
from tests.db.intake.bringing import bring, sheet


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def acme(session: Session, cast: Cast) -> Iterator[Company]:
    """Acme, in whose scope the test runs."""
    with scopes.company(session, cast.acme.id):
        yield cast.acme


def person(session: Session, company: Company, name: str, note: str = "") -> Candidate:
    """Somebody about whom a memo says something."""
    made = make_candidate(session, company, name, email="")
    search_rows.index(session, [made.id])
    if note:
        notes.add_note(session, made, note, by_user_id=None)
    return made


def a_rule(
    session: Session, company: Company, *, follow_up: FollowUp | None = None, condition: str = "最終面接"
) -> TagRule:
    tag = tags.find_or_make(session, "再スカウト候補")
    return tag_rules.create(session, company.id, condition=condition, tag=tag, follow_up=follow_up, by_user_id=None)


def work(session: Session) -> None:
    """The worker's round: what is due is queued, then done."""
    upkeep.schedule(session, clock.now())
    session.commit()
    while jobs.run_one(session, clock.now()):
        pass


def carrying(session: Session) -> set[int]:
    return set(session.scalars(select(CandidateTag.candidate_id)))


def the_follow_up(session: Session, candidate: Candidate) -> FollowUp | None:
    return session.scalars(select(Candidate.follow_up).where(Candidate.id == candidate.id)).one()


def test_how_many_it_would_touch_is_known_before_it_is_switched_on(session: Session, acme: Company) -> None:
    fits, tagged = (person(session, acme, name, "最終面接まで進んだ") for name in ("森 凛", "林 葵"))
    person(session, acme, "高橋 花子")
    rule = a_rule(session, acme)
    tag = tags.find_or_make(session, "再スカウト候補")
    tags.add_tag(session, tag, [tagged.id], by_user_id=None)
    matches = tag_rules.matches(session, rule)
    assert (matches.fitting, matches.would_change, len(matches.some)) == (2, 1, 2)
    assert carrying(session) == {tagged.id}, f"{fits.name} is not touched by looking"


@pytest.mark.parametrize(("most", "fitting", "would_change"), [(2, 3, None), (3, 3, 3)])
def test_of_more_than_are_counted_nobody_is_read(
    session: Session,
    acme: Company,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    fitting: int,
    would_change: int | None,
) -> None:
    for number in range(3):
        person(session, acme, f"候補 {number}", "最終面接まで進んだ")
    rule = a_rule(session, acme)
    monkeypatch.setattr(candidate_search, "COUNTED_AT_ONCE", most)
    matches = tag_rules.matches(session, rule)
    assert (matches.fitting, matches.would_change) == (fitting, would_change)


def test_switched_on_it_is_done_once_for_everybody_who_fits_and_can_be_taken_back(
    session: Session, cast: Cast, acme: Company
) -> None:
    fits = person(session, acme, "森 凛", "最終面接まで進んだ")
    person(session, acme, "高橋 花子")
    rule = a_rule(session, acme, follow_up=FollowUp.SCOUT)
    done = tag_rules.switch_on(session, rule, by_user_id=cast.ada.id)
    assert done.people == 1
    assert (carrying(session), the_follow_up(session, fits)) == ({fits.id}, FollowUp.SCOUT)
    entry = activity.last_of(session, cast.ada.id)
    assert entry.action is ActionKind.RULE_APPLIED
    activity.take_back(session, acme.id, entry, by_user_id=cast.ada.id)
    assert (carrying(session), the_follow_up(session, fits)) == (set(), None)
    work(session)
    assert carrying(session) == set(), "what was taken back is not done again by itself"


def test_whoever_comes_to_fit_is_touched_by_the_worker_not_by_the_act_itself(session: Session, acme: Company) -> None:
    tag_rules.switch_on(session, a_rule(session, acme), by_user_id=None)
    later = person(session, acme, "森 凛")
    notes.add_note(session, later, "最終面接まで進んだ", by_user_id=None)
    assert carrying(session) == set()
    work(session)
    assert carrying(session) == {later.id}
    [entry] = session.scalars(select(JournalEntry)).all()
    assert (entry.people, entry.by_user_id) == (1, None)


def test_a_decision_lets_the_rules_look_again(session: Session, acme: Company) -> None:
    applicant = person(session, acme, "森 凛")
    application = make_application(session, applicant)
    tag_rules.switch_on(session, a_rule(session, acme), by_user_id=None)
    decisions.reject(session, application, reason=RejectionReason.FILLED, by_user_id=None)
    assert set(session.scalars(select(QueuedRuleCheck.candidate_id))) == {applicant.id}


def test_what_hr_takes_off_stays_off(session: Session, acme: Company) -> None:
    fits = person(session, acme, "森 凛", "最終面接まで進んだ")
    tag_rules.switch_on(session, a_rule(session, acme), by_user_id=None)
    tag = tags.find(session, "再スカウト候補")
    assert tag is not None
    tags.remove_tag(session, tag, [fits.id])
    notes.add_note(session, fits, "最終面接の記録を足した", by_user_id=None)
    work(session)
    assert carrying(session) == set()


def test_an_follow_up_that_hr_chose_is_left_alone(session: Session, acme: Company) -> None:
    fits = person(session, acme, "森 凛", "最終面接まで進んだ")
    follow_ups.set_follow_up(session, fits, FollowUp.REAPPLY)
    session.flush()
    tag_rules.switch_on(session, a_rule(session, acme, follow_up=FollowUp.SCOUT), by_user_id=None)
    assert the_follow_up(session, fits) is FollowUp.REAPPLY
    assert carrying(session) == {fits.id}


def test_switched_off_it_does_nothing_and_nobody_waits(session: Session, acme: Company) -> None:
    rule = a_rule(session, acme)
    tag_rules.switch_on(session, rule, by_user_id=None)
    tag_rules.switch_off(session, rule)
    person(session, acme, "森 凛", "最終面接まで進んだ")
    assert session.scalar(select(func.count(QueuedRuleCheck.id))) == 0
    work(session)
    assert carrying(session) == set()


def test_one_rule_may_follow_from_another_and_they_come_to_rest(session: Session, acme: Company) -> None:
    tag_rules.switch_on(session, a_rule(session, acme), by_user_id=None)
    second = tag_rules.create(
        session, acme.id, condition="再スカウト候補", tag=None, follow_up=FollowUp.SCOUT, by_user_id=None
    )
    tag_rules.switch_on(session, second, by_user_id=None)
    fits = person(session, acme, "森 凛", "最終面接まで進んだ")
    for _round in range(3):
        work(session)
    assert the_follow_up(session, fits) is FollowUp.SCOUT
    assert session.scalar(select(func.count(QueuedRuleCheck.id))) == 0


def test_many_who_came_in_are_one_act_for_each_rule(
    session: Session, acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.indexing.rule_checks.CHUNK_SIZE", 2)
    tag_rules.switch_on(session, a_rule(session, acme, condition="森"), by_user_id=None)
    made = [person(session, acme, f"森 {n}") for n in range(5)]
    work(session)
    assert carrying(session) == {each.id for each in made}
    [entry] = session.scalars(select(JournalEntry)).all()
    assert entry.people == 5


def test_rules_touch_no_relay_link(session: Session, acme: Company) -> None:
    fits = person(session, acme, "森 凛", "最終面接まで進んだ")
    tag_rules.switch_on(session, a_rule(session, acme, follow_up=FollowUp.RELAY), by_user_id=None)
    assert the_follow_up(session, fits) is FollowUp.RELAY
    assert session.scalar(select(func.count(RelayLink.id))) == 0


def test_a_company_sees_and_feeds_only_its_own_rules(session: Session, cast: Cast, acme: Company) -> None:
    tag_rules.switch_on(session, a_rule(session, acme), by_user_id=None)
    with scopes.company(session, cast.other.id):
        person(session, cast.other, "他社 太郎", "最終面接まで進んだ")
        assert session.scalar(select(func.count(QueuedRuleCheck.id))) == 0
        assert tag_rules.listed(session) == []


def test_erasing_somebody_leaves_nothing_in_the_rules(session: Session, acme: Company) -> None:
    fits = person(session, acme, "森 凛", "最終面接まで進んだ")
    tag_rules.switch_on(session, a_rule(session, acme), by_user_id=None)
    notes.add_note(session, fits, "もう一度", by_user_id=None)
    erasure.erase_candidates(session, acme.id, [fits.id], cause="request")
    for model in (AppliedRule, QueuedRuleCheck):
        assert session.scalar(select(func.count(model.id))) == 0


@pytest.mark.parametrize("condition", ["国籍", "妊娠中の方", "宗教 最終"])
def test_people_are_not_sorted_by_what_the_law_keeps_out(session: Session, acme: Company, condition: str) -> None:
    with pytest.raises(tag_rules.SensitiveCondition):
        a_rule(session, acme, condition=condition)


@pytest.mark.parametrize("preset", PRESET_RULES, ids=lambda preset: str(preset.tag))
def test_every_ready_made_rule_can_be_read_and_is_about_work(
    session: Session, acme: Company, preset: PresetRule
) -> None:
    rule = a_rule(session, acme, condition=str(preset.condition))
    assert tag_rules.matches(session, rule).fitting == 0


def test_a_condition_that_cannot_be_read_is_refused_with_the_part_it_means(session: Session, acme: Company) -> None:
    with pytest.raises(tag_rules.ConditionUnreadable) as refused:
        a_rule(session, acme, condition="score:>=九")
    assert "九" in str(refused.value)


def test_a_rule_says_whom_it_means_and_does_something(session: Session, acme: Company) -> None:
    with pytest.raises(tag_rules.ConditionMissing):
        a_rule(session, acme, condition="  ")
    with pytest.raises(tag_rules.NothingToDo):
        tag_rules.create(session, acme.id, condition="最終", tag=None, follow_up=None, by_user_id=None)


def test_a_merged_tag_takes_its_rules_along_and_a_dropped_one_ends_them(session: Session, acme: Company) -> None:
    rule = a_rule(session, acme)
    old, new = tags.find_or_make(session, "再スカウト候補"), tags.find_or_make(session, "声をかけたい方")
    runs.do_to_carriers(session, acme.id, MergeTags(old.id, new.id), by_user_id=None)
    assert session.scalars(select(TagRule.tag_id)).one() == new.id
    done = runs.do_to_carriers(session, acme.id, DropTag(new.id), by_user_id=None)
    assert session.scalars(select(TagRule)).all() == []
    entry = session.scalars(select(JournalEntry).where(JournalEntry.id == done.entry_id)).one()
    activity.take_back(session, acme.id, entry, by_user_id=None)
    assert session.scalars(select(TagRule.id)).one() == rule.id


def test_a_rule_that_asks_for_a_tag_goes_on_meaning_it(session: Session, acme: Company) -> None:
    old, new = tags.find_or_make(session, "惜しい"), tags.find_or_make(session, "声をかけたい方")
    rule = a_rule(session, acme, condition="-辞退 tag:惜しい,若手 最終")
    tag_admin.change(session, old, name="もう 一歩", kind=old.kind, colour=old.colour)
    assert rule.condition == '-辞退 tag:"もう 一歩",若手 最終'
    action = MergeTags(old.id, new.id)
    done = runs.do_to_carriers(session, acme.id, action, by_user_id=None)
    assert rule.condition == "-辞退 tag:声をかけたい方,若手 最終"
    entry = session.scalars(select(JournalEntry).where(JournalEntry.id == done.entry_id)).one()
    activity.take_back(session, acme.id, entry, by_user_id=None)
    session.refresh(rule)
    assert rule.condition == '-辞退 tag:"もう 一歩",若手 最終'


def test_a_rule_does_not_ask_for_the_age_of_a_change(session: Session, acme: Company) -> None:
    with pytest.raises(tag_rules.ConditionOfTime):
        a_rule(session, acme, condition="最終 -updated:<6m")


def test_a_reason_given_later_brings_a_rule_to_its_person(session: Session, acme: Company) -> None:
    came = person(session, acme, "森 凛")
    application = make_application(session, came)
    application.status, application.decided_on = ApplicationResult.REJECTED, clock.today()
    tag_rules.switch_on(session, a_rule(session, acme, condition="reason:充足"), by_user_id=None)
    work(session)
    assert carrying(session) == set()
    decisions.reject(session, application, reason=RejectionReason.FILLED, by_user_id=None)
    work(session)
    assert carrying(session) == {came.id}


def test_whoever_comes_with_a_file_meets_the_rules(session: Session, acme: Company) -> None:
    tag_rules.switch_on(session, a_rule(session, acme, condition="最終面接"), by_user_id=None)
    session.commit()
    row = {"氏名": "森 凛", "メールアドレス": "mori@mail.example", "選考段階": "最終面接"}
    bring(session, acme, sheet([row, {"氏名": "林 葵", "メールアドレス": "hayashi@mail.example", "選考段階": "書類"}]))
    work(session)
    names = select(Candidate.name).where(Candidate.id.in_(carrying(session)))
    assert session.scalars(names).all() == ["森 凛"]


def test_what_rules_did_does_not_keep_an_import_from_being_undone(session: Session, acme: Company) -> None:
    tag_rules.switch_on(session, a_rule(session, acme, follow_up=FollowUp.SCOUT, condition="森"), by_user_id=None)
    with journal.kept(session, acme.id, ActionKind.IMPORTED, by_user_id=None) as recorder:
        came = make_candidate(session, acme, "森 凛", email="")
        recorder.made(Candidate, [came.id])
        search_rows.index(session, [came.id])
    work(session)
    assert (carrying(session), the_follow_up(session, came)) == ({came.id}, FollowUp.SCOUT)
    assert recorder.entry is not None
    activity.take_back(session, acme.id, recorder.entry, by_user_id=None)
    assert session.scalars(select(Candidate.id)).all() == []


def test_what_a_person_did_still_keeps_it(session: Session, cast: Cast, acme: Company) -> None:
    tag_rules.switch_on(session, a_rule(session, acme, condition="森"), by_user_id=None)
    with journal.kept(session, acme.id, ActionKind.IMPORTED, by_user_id=None) as recorder:
        came = make_candidate(session, acme, "森 凛", email="")
        recorder.made(Candidate, [came.id])
        search_rows.index(session, [came.id])
    work(session)
    tags.add_tag(session, tags.find_or_make(session, "惜しい"), [came.id], by_user_id=cast.ada.id)
    assert recorder.entry is not None
    with pytest.raises(ChangedSince):
        activity.take_back(session, acme.id, recorder.entry, by_user_id=None)
