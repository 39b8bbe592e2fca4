"""What a later file may change, and what it leaves alone (invariant 8)."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.duplicates import jobs, pairs
from relay.hiring import decisions
from relay.intake.planning.plan import Past
from relay.models import (
    Application,
    ApplicationResult,
    ApplicationStep,
    Candidate,
    CandidateTag,
    Company,
    Note,
    NotifiedBy,
    Reapply,
    RejectionReason,
    RetentionBasis,
    Tag,
    scopes,
)
from tests.cast import make_cast
from tests.db.intake.bringing import bring, herp, sheet

TODAY = datetime(2026, 11, 21, 3, tzinfo=UTC)
HANAKO = {
    "応募ID": "H1",
    "応募時刻": "2026/10/01 10:00",
    "名前": "高橋 花子",
    "メールアドレス": "hanako@mail.example",
    "電話番号": "090-1111-2222",
    "選考ステップ": "一次選考",
    "募集職種": "経理",
    "選考終了理由": "",
}

RESUMED = {"選考終了理由": "選考中"}
"""The selection goes on, in so many words."""


@pytest.fixture
def acme(session: Session) -> Iterator[Company]:
    company = make_cast(session).acme
    with clock.at(TODAY), scopes.company(session, company.id):
        yield company


def person(session: Session) -> Candidate:
    return session.scalars(select(Candidate).execution_options(populate_existing=True)).one()


def application(session: Session) -> Application:
    return session.scalars(select(Application).execution_options(populate_existing=True)).one()


# fields


def test_a_later_file_changes_what_a_file_brought(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO))
    report = bring(session, acme, herp(HANAKO | {"電話番号": "090-3333-4444", "選考ステップ": "最終選考"}))
    assert (report.created, report.updated) == (0, 1)
    assert (person(session).phone, application(session).stage) == ("09033334444", "最終選考")


def test_what_hr_changed_since_stays(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO))
    person(session).phone = "0312345678"
    session.commit()
    report = bring(session, acme, herp(HANAKO | {"電話番号": "090-3333-4444"}))
    assert report.updated == 0
    assert person(session).phone == "0312345678"


def test_what_hr_emptied_stays_empty(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO))
    person(session).phone = ""
    session.commit()
    bring(session, acme, herp(HANAKO | {"電話番号": "090-3333-4444"}))
    assert person(session).phone == ""


def test_an_empty_cell_takes_nothing_away(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO))
    assert bring(session, acme, herp(HANAKO | {"電話番号": "", "選考ステップ": ""})).updated == 0
    assert person(session).phone == "09011112222"


def test_people_missing_from_a_later_file_stay(session: Session, acme: Company) -> None:
    bring(
        session,
        acme,
        herp(
            HANAKO, HANAKO | {"応募ID": "H2", "名前": "佐藤 健", "メールアドレス": "ken@mail.example", "電話番号": ""}
        ),
    )
    bring(session, acme, herp(HANAKO))
    assert session.scalar(select(func.count()).select_from(Candidate)) == 2


# found again


@pytest.mark.parametrize(
    "row",
    [
        {"氏名": "髙橋　花子", "メールアドレス": "Hanako@mail.example"},
        {"氏名": "高橋花子", "メールアドレス": "", "電話番号": "０９０－１１１１－２２２２"},
    ],
    ids=["by mail and name", "by name and phone"],
)
def test_the_same_person_in_another_file_is_found_again(session: Session, acme: Company, row: dict[str, str]) -> None:
    bring(session, acme, herp(HANAKO))
    report = bring(session, acme, sheet([row | {"職種": "法人営業"}]))
    assert (report.created, report.updated) == (0, 1)
    assert session.scalar(select(func.count()).select_from(Application)) == 2
    assert person(session).name == "高橋 花子"


KNOWN = {
    "氏名": "高橋 優",
    "フリガナ": "タカハシ ユウ",
    "メールアドレス": "yu@mail.example",
    "電話番号": "090-1111-2222",
    "生年月日": "1990-01-01",
    "職種": "経理",
}


@pytest.mark.parametrize(
    "other",
    [
        {"メールアドレス": "masaru@mail.example"},
        {"メールアドレス": "", "フリガナ": "タカハシ マサル"},
        {"メールアドレス": "", "生年月日": "1961-03-04"},
        {"フリガナ": "タカハシ マサル"},
        {"生年月日": "1961-03-04"},
    ],
    ids=["other address", "other reading", "other birth date", "same address, other reading", "same, other birth date"],
)
def test_two_of_a_household_with_one_name_are_never_joined_but_asked_about(
    session: Session, acme: Company, other: dict[str, str]
) -> None:
    bring(session, acme, sheet([KNOWN]))
    report = bring(session, acme, sheet([KNOWN | {"職種": "人事"} | other]))
    jobs.run(session)

    assert report.created == 1
    assert any("重複の可能性" in str(note.message) for note in report.notes)
    assert [(pair.one_id, pair.other_id) for pair in pairs.queue(session).rows] == [(1, 2)]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_rows_of_a_household_with_one_name_are_not_put_together(
    session: Session, acme: Company, order: tuple[int, ...]
) -> None:
    """Whom the row without an address means nobody knows, so it is a person of its own until HR says."""
    rows = [KNOWN, KNOWN | {"メールアドレス": "masaru@mail.example"}, KNOWN | {"メールアドレス": "", "職種": "人事"}]
    rows = [row | {"フリガナ": "", "生年月日": ""} for row in rows]
    file = sheet([rows[place] for place in order])
    assert bring(session, acme, file).created == 3
    again = bring(session, acme, file)
    assert (again.created, again.updated) == (0, 0)


def test_a_name_of_two_letters_may_be_a_familys_and_is_not_joined_by_number_alone(
    session: Session, acme: Company
) -> None:
    bring(session, acme, sheet([{"氏名": "後藤", "電話番号": "090-1111-2222", "職種": "経理"}]))
    assert bring(session, acme, sheet([{"氏名": "後藤", "電話番号": "090-1111-2222", "職種": "人事"}])).created == 1


def test_a_slip_in_the_reading_or_another_spelling_of_the_mailbox_contradicts_nothing(
    session: Session, acme: Company
) -> None:
    known = KNOWN | {"氏名": "中島 翔", "フリガナ": "ナカジマ ショウ", "メールアドレス": "sho.n@gmail.com"}
    bring(session, acme, sheet([known]))
    other = {"フリガナ": "ナカシマ シヨウ", "メールアドレス": "shon+job@gmail.com", "職種": "人事"}
    assert bring(session, acme, sheet([known | other])).created == 0


def test_an_equal_mail_under_another_name_is_someone_else(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO))
    report = bring(
        session, acme, sheet([{"氏名": "高橋 一郎", "メールアドレス": "hanako@mail.example", "結果": "不採用"}])
    )
    assert report.created == 1
    assert [(note.row, "別の氏名" in str(note.message)) for note in report.notes] == [(2, True)]


def test_two_rows_of_one_person_make_one_candidate_with_two_applications(session: Session, acme: Company) -> None:
    report = bring(
        session, acme, herp(HANAKO, HANAKO | {"応募ID": "H2", "募集職種": "人事", "電話番号": "03-9999-0000"})
    )
    assert (report.rows, report.created) == (2, 1)
    assert session.scalar(select(func.count()).select_from(Application)) == 2
    again = bring(
        session, acme, herp(HANAKO, HANAKO | {"応募ID": "H2", "募集職種": "人事", "電話番号": "03-9999-0000"})
    )
    assert (again.created, again.updated) == (0, 0)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_rows_are_put_together_by_person_whatever_their_order(
    session: Session, acme: Company, order: tuple[int, ...]
) -> None:
    rows = [
        {"氏名": "高橋 花子", "メールアドレス": "hanako@mail.example", "電話番号": "", "職種": "経理"},
        {"氏名": "髙橋花子", "メールアドレス": "", "電話番号": "090-1111-2222", "職種": "人事"},
        {
            "氏名": "高橋花子",
            "メールアドレス": "Hanako@mail.example",
            "電話番号": "０９０－１１１１－２２２２",
            "職種": "",
        },
    ]
    bring(session, acme, sheet([rows[place] for place in order]))
    assert (person(session).email.lower(), person(session).phone) == ("hanako@mail.example", "09011112222")


def test_a_row_that_names_two_known_people_joins_neither_to_the_other(session: Session, acme: Company) -> None:
    by_mail = {"氏名": "高橋 花子", "メールアドレス": "hanako@mail.example", "電話番号": ""}
    by_phone = {"氏名": "高橋 花子", "メールアドレス": "", "電話番号": "090-1111-2222"}
    bring(session, acme, sheet([by_mail]))
    bring(session, acme, sheet([by_phone]))
    both = by_mail | {"電話番号": "090-1111-2222", "職種": "経理"}
    report = bring(session, acme, sheet([by_mail, by_phone, both]))
    assert (report.created, session.scalar(select(func.count()).select_from(Candidate))) == (0, 2)


def test_the_same_application_told_by_two_sources_is_one(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO | {"選考終了理由": "不採用"}))
    rows = [{"氏名": "高橋 花子", "メールアドレス": "hanako@mail.example", "職種": "経理", "応募日": "2026-10-01"}]
    report = bring(session, acme, sheet(rows))
    assert (report.created, report.updated) == (0, 0)
    assert application(session).status is ApplicationResult.REJECTED


def test_a_number_in_another_sheet_is_another_person(session: Session, acme: Company) -> None:
    bring(session, acme, sheet([{"ID": "1", "氏名": "高橋 花子", "メールアドレス": "hanako@mail.example"}]))
    report = bring(session, acme, sheet([{"ID": "1", "氏名": "佐藤 健", "メールアドレス": "ken@mail.example"}]))
    assert (report.created, report.updated) == (1, 0)


def test_one_company_never_finds_another_companys_people(session: Session, acme: Company) -> None:
    other = session.scalars(select(Company).where(Company.slug == "other")).one()
    bring(session, acme, herp(HANAKO))
    with scopes.company(session, other.id):
        assert bring(session, other, herp(HANAKO)).created == 1
    assert bring(session, acme, herp(HANAKO)).created == 0


# decisions


def test_a_decision_made_in_relay_is_never_moved(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO))
    decisions.reject(session, application(session), reason=RejectionReason.FILLED, by_user_id=None)
    session.commit()
    report = bring(session, acme, herp(HANAKO | {"選考終了理由": "入社決定"}))
    assert report.updated == 0
    decided = application(session)
    assert (decided.status, decided.reason) == (ApplicationResult.REJECTED, RejectionReason.FILLED)
    assert decided.notified_at is None


def test_a_decision_made_in_relay_stands_even_when_a_file_said_the_same_before(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO))
    decisions.reject(session, application(session), reason=RejectionReason.FILLED, by_user_id=None)
    session.commit()
    bring(session, acme, herp(HANAKO | {"選考終了理由": "不採用"}))
    bring(session, acme, herp(HANAKO | {"選考終了理由": "入社決定"}))
    assert application(session).status is ApplicationResult.REJECTED


def test_an_end_in_a_later_file_ends_an_open_application(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO))
    assert person(session).retain_until is None
    report = bring(session, acme, herp(HANAKO | {"選考終了理由": "不採用"}))
    assert report.updated == 1
    ended = application(session)
    assert (ended.status, ended.decided_on, ended.notified_by) == (
        ApplicationResult.REJECTED,
        clock.today(),
        NotifiedBy.ELSEWHERE,
    )
    assert not ended.decided_in_relay
    assert person(session).retain_until == date(2027, 5, 21)


def test_when_someone_was_told_is_never_moved(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO | {"選考終了理由": "不採用"}), told=False)
    assert application(session).notified_at is None
    decisions.note_notified_elsewhere(session, [application(session)], by_user_id=None)
    session.commit()
    notified_at = application(session).notified_at
    bring(session, acme, herp(HANAKO | {"選考終了理由": "応募者辞退"}))
    assert (application(session).notified_at, application(session).notified_by) == (notified_at, NotifiedBy.ELSEWHERE)


def test_when_hr_told_someone_survives_a_selection_taken_up_again(session: Session, acme: Company) -> None:
    rejected = HANAKO | {"選考終了理由": "不採用"}
    bring(session, acme, herp(rejected), told=False)
    decisions.note_notified_elsewhere(session, [application(session)], by_user_id=None)
    session.commit()
    notified_at = application(session).notified_at
    bring(session, acme, herp(HANAKO | RESUMED))
    with clock.at(TODAY + timedelta(days=3)):
        bring(session, acme, herp(rejected))
    assert application(session).notified_at == notified_at


def test_who_waits_to_be_told_still_waits_after_the_next_file(session: Session, acme: Company) -> None:
    rejected = HANAKO | {"選考終了理由": "不採用"}
    bring(session, acme, herp(rejected), told=False)
    bring(session, acme, herp(rejected | {"電話番号": "090-3333-4444"}), told=True)
    assert application(session).notified_at is None


def test_a_selection_taken_up_again_is_open_and_can_be_told_again(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO | {"選考終了理由": "不採用"}))
    bring(session, acme, herp(HANAKO | RESUMED))
    assert (application(session).status, application(session).notified_at) == (ApplicationResult.OPEN, None)
    assert person(session).retain_until is None


@pytest.mark.parametrize("write", [herp, sheet], ids=["a system's file", "a sheet"])
@pytest.mark.parametrize("unsaid", ["", "-", "グリーン"], ids=["empty", "a dash", "a word nobody knows"])
def test_an_empty_result_takes_no_decision_back(
    session: Session, acme: Company, write: Callable[..., bytes], unsaid: str
) -> None:
    def file(result: str) -> bytes:
        row = {"氏名": "空 欄子", "メールアドレス": "blank@mail.example", "電話番号": "090-0000-0090"}
        row |= {"応募職種": "営業", "応募日": "2026/10/1", "結果": result}
        return sheet([row]) if write is sheet else herp(HANAKO | {"選考終了理由": result})

    bring(session, acme, file("不採用"))
    before = application(session)
    notified_at, decided_on, last_day = before.notified_at, before.decided_on, person(session).retain_until
    bring(session, acme, file(unsaid))
    after = application(session)
    assert (after.status, after.notified_at, after.decided_on) == (ApplicationResult.REJECTED, notified_at, decided_on)
    assert person(session).retain_until == last_day


def test_the_later_row_of_a_file_leaves_what_it_does_not_say(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO | {"選考終了理由": "応募者辞退"}, HANAKO | {"電話番号": "", "選考ステップ": ""}))
    assert (application(session).status, application(session).stage) == (ApplicationResult.WITHDREW, "一次選考")
    assert person(session).phone == "09011112222"


def test_a_sheet_without_a_column_of_results_reopens_nobody(session: Session, acme: Company) -> None:
    row = {"氏名": "高橋 花子", "メールアドレス": "hanako@mail.example", "応募日": "2026-10-01"}
    bring(session, acme, sheet([row | {"結果": "不採用"}]))
    assert bring(session, acme, sheet([row])).updated == 0
    assert application(session).status is ApplicationResult.REJECTED


def test_the_reason_in_a_file_is_the_decisions_reason(session: Session, acme: Company) -> None:
    row = {"氏名": "高橋 花子", "メールアドレス": "hanako@mail.example", "結果": "不採用"}
    bring(session, acme, sheet([row | {"不採用理由": ""}]))
    assert application(session).reason is None
    bring(session, acme, sheet([row | {"不採用理由": "採用枠充足"}]))
    assert application(session).reason is RejectionReason.FILLED
    assert bring(session, acme, sheet([row | {"不採用理由": "採用枠充足"}])).updated == 0
    bring(session, acme, sheet([row | {"不採用理由": "経験不足"}]))
    assert application(session).reason is RejectionReason.SKILLS


def test_the_reason_hr_gave_is_not_overruled(session: Session, acme: Company) -> None:
    rejected = HANAKO | {"選考終了理由": "不採用"}
    bring(session, acme, herp(HANAKO))
    decisions.reject(session, application(session), reason=RejectionReason.COMPARISON, by_user_id=None)
    session.commit()
    bring(session, acme, herp(rejected | {"タグ": "スキル不足"}))
    assert application(session).reason is RejectionReason.COMPARISON


def test_no_file_explains_what_was_told_from_relay(session: Session, acme: Company) -> None:
    rejected = HANAKO | {"選考終了理由": "不採用"}
    bring(session, acme, herp(rejected), told=False)
    known = application(session)
    known.notified_at, known.notified_by = clock.now(), NotifiedBy.RELAY
    session.commit()
    bring(session, acme, herp(rejected | {"タグ": "スキル不足"}))
    assert application(session).reason is None


def test_a_selection_taken_up_again_has_no_reason_until_it_ends_again(session: Session, acme: Company) -> None:
    rejected = HANAKO | {"選考終了理由": "不採用", "タグ": "スキル不足"}
    bring(session, acme, herp(rejected))
    assert application(session).reason is RejectionReason.SKILLS
    bring(session, acme, herp(HANAKO | RESUMED))
    assert (application(session).status, application(session).reason) == (ApplicationResult.OPEN, None)
    bring(session, acme, herp(rejected))
    assert (application(session).status, application(session).reason) == (
        ApplicationResult.REJECTED,
        RejectionReason.SKILLS,
    )


def test_a_sheet_of_steps_ends_what_its_last_step_ended(session: Session, acme: Company) -> None:
    row = {"氏名": "高橋 花子", "メールアドレス": "hanako@mail.example", "一次": "○", "二次": ""}
    bring(session, acme, sheet([row]))
    assert application(session).status is ApplicationResult.OPEN
    bring(session, acme, sheet([row | {"二次": "×"}]))
    assert application(session).status is ApplicationResult.REJECTED


# why and how long


def test_the_last_day_counts_from_the_decision(session: Session, acme: Company) -> None:
    row = {"氏名": "高橋 花子", "応募日": "2026-05-01", "結果": "不採用", "不採用日": "2026-08-31"}
    bring(session, acme, sheet([row]))
    assert person(session).retain_until == date(2027, 2, 28)


def test_another_answer_for_the_same_file_changes_the_basis(session: Session, acme: Company) -> None:
    rejected = herp(HANAKO | {"選考終了理由": "不採用"})
    bring(session, acme, rejected, basis=RetentionBasis.SELECTION)
    assert bring(session, acme, rejected, basis=RetentionBasis.CONSENTED).updated == 1
    assert (person(session).basis, person(session).retain_until) == (RetentionBasis.CONSENTED, date(2027, 10, 1))


def test_a_narrower_basis_of_another_file_takes_no_consent_away(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO), basis=RetentionBasis.CONSENTED)
    bring(
        session,
        acme,
        sheet([{"氏名": "高橋 花子", "メールアドレス": "hanako@mail.example"}]),
        basis=RetentionBasis.SELECTION,
    )
    assert person(session).basis is RetentionBasis.CONSENTED


def test_whoever_is_there_is_not_left_out(session: Session, acme: Company) -> None:
    old = HANAKO | {"応募時刻": "2025/01/01 10:00", "選考終了理由": "不採用"}
    assert bring(session, acme, herp(old), past=Past.KEEP).past_date == 1
    assert person(session).retain_until == clock.today() + timedelta(days=30)
    with clock.at(TODAY + timedelta(days=5)):
        again = bring(session, acme, herp(old | {"電話番号": "090-3333-4444"}), past=Past.LEAVE)
    assert (again.left_out, again.updated) == (0, 1)
    assert person(session).retain_until == date(2026, 12, 21)


def test_a_decision_of_long_ago_makes_nobody_leave_overnight(session: Session, acme: Company) -> None:
    row = {"氏名": "高橋 花子", "応募日": "2024-12-01"}
    bring(session, acme, sheet([row | {"結果": "", "不採用日": ""}]))
    report = bring(session, acme, sheet([row | {"結果": "不採用", "不採用日": "2025-01-10"}]))
    assert (report.updated, report.left_out) == (1, 0)
    assert person(session).retain_until == clock.today() + timedelta(days=30)


def test_someone_with_a_running_selection_is_not_past_their_date(session: Session, acme: Company) -> None:
    old = HANAKO | {"応募時刻": "2025/01/01 10:00", "選考終了理由": "不採用"}
    report = bring(session, acme, herp(old, HANAKO | {"応募ID": "H2", "募集職種": "人事"}), past=Past.LEAVE)
    assert (report.past_date, report.left_out, report.created) == (0, 0, 1)


# memos and labels


def test_words_the_law_keeps_out_stay_behind_until_someone_checked_them(session: Session, acme: Company) -> None:
    worded = herp(HANAKO | {"メモ": "うつ病で休職していたとのこと", "タグ": "妊娠,他職種向き"})
    bring(session, acme, worded)
    assert session.scalar(select(func.count()).select_from(Note)) == 0
    assert session.scalars(select(Tag.name)).all() == ["他職種向き"]
    assert bring(session, acme, worded).updated == 0
    assert bring(session, acme, worded, words_checked=True).updated == 1
    assert session.scalars(select(Note.body)).all() == ["うつ病で休職していたとのこと"]
    assert set(session.scalars(select(Tag.name))) == {"他職種向き", "妊娠"}


def test_a_tag_hr_took_away_does_not_come_back(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO | {"タグ": "他職種向き"}))
    for tagged in session.scalars(select(CandidateTag)):
        session.delete(tagged)
    session.commit()
    assert bring(session, acme, herp(HANAKO | {"タグ": "他職種向き,惜しい"})).updated == 1
    names = select(Tag.name).join(CandidateTag, CandidateTag.tag_id == Tag.id)
    assert session.scalars(names).all() == ["惜しい"]


def test_a_memo_follows_its_file_until_hr_writes_into_it(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO | {"メモ": "経理5年"}))
    bring(session, acme, herp(HANAKO | {"メモ": "経理5年。簿記2級"}))
    note = session.scalars(select(Note)).one()
    assert note.body == "経理5年。簿記2級"
    note.body = "わたしのメモ"
    session.commit()
    assert bring(session, acme, herp(HANAKO | {"メモ": "経理6年"})).updated == 0
    assert session.scalars(select(Note.body)).all() == ["わたしのメモ"]


def test_a_step_follows_its_file_until_hr_writes_into_it(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO | {"一次面接評価": "3", "二次面接日": "2026/10/5"}))
    bring(session, acme, herp(HANAKO | {"一次面接評価": "4", "二次面接日": "2026/10/5", "最終面接結果": "保留"}))
    first, second, third = session.scalars(select(ApplicationStep).order_by(ApplicationStep.place))
    assert (first.score, str(second.on), third.result) == (4, "2026-10-05", "保留")
    first.score = 5
    session.delete(third)
    session.commit()
    later = bring(session, acme, herp(HANAKO | {"一次面接評価": "2", "最終面接結果": "通過"}))
    assert later.updated == 0
    names = select(ApplicationStep.name, ApplicationStep.score).order_by(ApplicationStep.place)
    assert session.execute(names).all() == [("一次面接", 5), ("二次面接", None)]


def test_the_persons_answer_changes_with_the_file_but_never_hrs_word(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO | {"再応募意向": "あり", "保有資格": "日商簿記3級"}))
    bring(session, acme, herp(HANAKO | {"再応募意向": "なし", "保有資格": "日商簿記2級"}))
    person = session.scalars(select(Candidate)).one()
    assert (person.reapply, person.qualifications) == (Reapply.NO, "日商簿記2級")
    person.qualifications = "日商簿記1級"
    session.commit()
    assert bring(session, acme, herp(HANAKO | {"保有資格": "なし", "再応募意向": ""})).updated == 0
    assert (person.reapply, person.qualifications) == (Reapply.NO, "日商簿記1級")


def test_whom_a_file_calls_a_duplicate_comes_first_in_the_review_queue(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO, HANAKO | {"応募ID": "H2", "電話番号": "", "メールアドレス": "z@mail.example"}))
    again = HANAKO | {"応募ID": "H3", "メールアドレス": "new@mail.example", "電話番号": "", "選考終了理由": "重複応募"}
    bring(session, acme, herp(again))
    newest = session.scalars(select(Candidate.id).order_by(Candidate.id.desc())).first()
    queue = pairs.queue(session, namesakes=True).rows
    assert {pair.other_id for pair in queue} == {newest}
    assert len(queue) == 2
    bring(session, acme, herp(again))
    assert pairs.count(session, namesakes=True) == 2
