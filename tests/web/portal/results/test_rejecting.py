"""見送りにして結果を書く: who is in selection is rejected by telling alone, after HR was shown who and how many."""

import re

from flask import Flask

from relay import clock
from relay.extensions import db
from relay.hiring import decisions
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    MessageState,
    RejectionReason,
    RetentionBasis,
    scopes,
)
from tests.cast import browse
from tests.statements import counted
from tests.web.portal.desk import Desk

IN_SELECTION = 71
DECIDED = 52
FIRST_PAGE = 50


def statuses(desk: Desk, people: list[Application]) -> set[ApplicationResult]:
    return {desk.again(each).status for each in people}


def asked(desk: Desk, people: list[Application]) -> str:
    """The page that asks about those ticked in 選考."""
    answer = desk.browser.post("/applications/reject", data={"id": [str(each.id) for each in people]})
    assert answer.status_code == 303
    assert answer.location.endswith("/reject")
    return answer.location


def test_all_that_are_pending_are_the_decided_ones(desk: Desk) -> None:
    running, decided = desk.people(IN_SELECTION), desk.decided(DECIDED)
    page = desk.browser.get("/results?all=1").text
    assert f"条件に合う{DECIDED}名を選択中" in page
    shown = re.findall(r'name="shown" value="(\d+)"', page)

    desk.browser.post("/results/drafts", data={"all": "1", "shown": shown, "id": shown})

    written = {draft.subject_id for draft in desk.messages(MessageState.DRAFT)}
    assert written == {each.id for each in decided}
    assert statuses(desk, running) == {ApplicationResult.OPEN}


def test_all_that_run_are_named_counted_and_asked_for_by_number(desk: Desk) -> None:
    running = desk.people(IN_SELECTION)
    desk.decided(DECIDED)
    listed = desk.browser.get("/applications").text
    assert f"条件に合う選考中の{IN_SELECTION}名すべてを選択" in listed
    shown = re.findall(r'name="shown" value="(\d+)"', desk.browser.get("/applications?all=1").text)
    assert len(shown) == FIRST_PAGE
    page = desk.browser.post("/applications/reject", data={"all": "1", "shown": shown, "id": shown}).location

    first, second = desk.browser.get(page).text, desk.browser.get(f"{page}?page=2").text

    assert f"<h1>{IN_SELECTION}名を見送りにします</h1>" in first
    assert "見送りにする人数" in first
    named = re.findall(r"候補 \d+番", first) + re.findall(r"候補 \d+番", second)
    assert len(set(named)) == IN_SELECTION
    answer = desk.browser.post(page, data={"people": "71", "number": "７１名", "reason": "filled"})
    assert answer.location == page.removesuffix("/reject")
    assert statuses(desk, running) == {ApplicationResult.OPEN}, "only telling decides"


def test_another_number_changes_nothing_and_keeps_what_was_typed(desk: Desk) -> None:
    running = desk.people(IN_SELECTION)
    page = asked(desk, running)

    for number in ("", "70", "123", "七十一", "71.0", "-71", "9" * 20):
        answer = desk.browser.post(page, data={"people": "71", "number": number, "reason": "filled"})

        assert answer.status_code == 422
        assert "まだ誰も見送りにしていません" in answer.text
        assert f'value="{number}"' in answer.text
        assert '<option value="filled" selected>' in answer.text
        assert desk.browser.get(page.removesuffix("/reject")).location == page, "nobody gets past it"
        assert statuses(desk, running) == {ApplicationResult.OPEN}


def test_up_to_twenty_need_the_reason_alone(desk: Desk) -> None:
    page = asked(desk, desk.people(20))
    assert "見送りにする人数" not in desk.browser.get(page).text
    refused = desk.browser.post(page, data={"people": "20", "reason": ""})
    assert refused.status_code == 422
    assert "見送りの理由を選んでください。まだ誰も見送りにしていません。" in refused.text
    assert 'aria-describedby="reason-hint reason-error"' in refused.text
    assert 'id="reason-error"' in refused.text, "said at the field, too"
    assert desk.browser.post(page, data={"people": "20", "reason": "skills"}).status_code == 303


def test_a_number_that_was_shown_before_somebody_came_or_went_asks_again(desk: Desk) -> None:
    people = desk.people(3)
    page = asked(desk, people)
    people[0].status, people[0].decided_on = ApplicationResult.WITHDREW, clock.today()
    desk.session.commit()

    answer = desk.browser.post(page, data={"people": "3", "reason": "skills"})

    assert answer.status_code == 422
    assert "選考中の方の人数が変わりました" in answer.text
    assert "2名を見送りにします" in answer.text


def test_telling_past_the_question_tells_nobody(desk: Desk) -> None:
    people = desk.people(2)
    page = asked(desk, people).removesuffix("/reject")
    desk.save(page, go="confirm")

    desk.tell(page, 2)

    assert desk.messages() == []
    assert statuses(desk, people) == {ApplicationResult.OPEN}
    assert desk.browser.get(f"{page}/confirm").status_code == 303


def test_a_rejection_taken_back_while_it_is_written_asks_anew(desk: Desk) -> None:
    [person] = desk.people(1)
    with scopes.company(desk.session, desk.cast.acme.id):
        decisions.reject(desk.session, person, reason=RejectionReason.SKILLS, by_user_id=None)
    desk.session.commit()
    page = desk.begin([person])
    with scopes.company(desk.session, desk.cast.acme.id):
        decisions.reopen(desk.session, person)
    desk.session.commit()

    desk.tell(page, 1)

    assert desk.messages() == []
    assert "1名を見送りにします" in desk.browser.get(desk.browser.get(page).location).text


def test_pressed_twice_and_looked_at_again_it_leads_to_the_same_words(desk: Desk) -> None:
    page = asked(desk, desk.people(2))
    form = {"people": "2", "reason": "filled"}
    first, again = desk.browser.post(page, data=form), desk.browser.post(page, data=form)
    assert first.location == again.location
    assert '<option value="filled" selected>' in desk.browser.get(page).text
    assert len(desk.messages(MessageState.DRAFT)) == 2


def test_two_tabs_reject_and_tell_once(desk: Desk) -> None:
    people = desk.people(2)
    one, two = desk.reject(asked(desk, people)), desk.reject(asked(desk, people))
    desk.save(one)
    desk.save(two)
    desk.tell(one, 2)
    desk.tell(two, 2)
    assert len(desk.messages()) == 2
    assert desk.browser.get(f"{two}/reject").location == two


def test_stopping_the_mails_takes_the_rejections_back(desk: Desk) -> None:
    people = desk.people(2)
    page = desk.reject(asked(desk, people))
    desk.save(page)
    desk.tell(page, 2)
    assert statuses(desk, people) == {ApplicationResult.REJECTED}

    desk.browser.post("/results/stop", data={"batch": page.rsplit("/", 1)[1]})

    assert statuses(desk, people) == {ApplicationResult.OPEN}
    assert "候補 0番" not in desk.browser.get("/results").text


def test_the_confirmation_shows_those_it_rejects_first_and_how_each_mail_begins(desk: Desk) -> None:
    decided, running = desk.decided(1), desk.people(1)
    page = desk.begin([*decided, *running])
    desk.save(page)
    shown = desk.browser.get(f"{page}/confirm").text
    assert shown.index("送ると見送りになる、選考中の1名") < shown.index("見送り（未連絡）の1名")
    for words in ("候補 0番 様", "p0@mail.example", "生産技術の選考では、お忙しいなか"):
        assert words in shown


def test_the_confirmation_of_many_is_paged_and_asks_the_database_no_more(desk: Desk) -> None:
    page = desk.begin(desk.people(60))
    desk.save(page)
    with counted(db.engine) as many:
        first = desk.browser.get(f"{page}/confirm").text
    assert first.count("@mail.example") == FIRST_PAGE
    assert "60名に結果を伝えます" in first
    assert desk.browser.get(f"{page}/confirm?page=2").text.count("@mail.example") == 10
    few = desk.begin(desk.people(2))
    desk.save(few)
    with counted(db.engine) as some:
        desk.browser.get(f"{few}/confirm")
    assert len(many) == len(some)


def test_only_running_selections_can_be_ticked(desk: Desk) -> None:
    for application, end in zip(
        desk.people(3), (ApplicationResult.WITHDREW, ApplicationResult.HIRED, ApplicationResult.REJECTED), strict=True
    ):
        application.status, application.decided_on = end, clock.today()
        with scopes.company(desk.session, desk.cast.acme.id):
            desk.session.get_one(Candidate, application.candidate_id).basis = RetentionBasis.SELECTION
    desk.session.commit()
    page = desk.browser.get("/applications").text
    assert "候補 2番" in page
    assert 'name="id"' not in page
    assert "見送りにして結果を書く" not in page


def test_who_has_no_address_is_not_rejected(desk: Desk) -> None:
    reached, unreached = desk.people(2)
    with scopes.company(desk.session, desk.cast.acme.id):
        desk.session.get_one(Candidate, unreached.candidate_id).email = ""
    desk.session.commit()
    page = asked(desk, [reached, unreached])
    shown = desk.browser.get(page).text
    assert "<h1>1名を見送りにします</h1>" in shown
    assert "メールを送れない1名は、ここでは見送りになりません" in shown


def test_a_viewer_and_another_company_reject_nobody(desk: Desk, app: Flask) -> None:
    people = desk.people(1)
    page = asked(desk, people)
    form = {"people": "1", "reason": "skills", "id": str(people[0].id)}
    mona, vic = browse(app, desk.cast.mona), browse(app, desk.cast.vic)
    assert "見送りにして結果を書く" not in vic.get("/applications").text
    assert vic.get(page).status_code == vic.post(page, data=form).status_code == 403
    assert vic.post("/applications/reject", data=form).status_code == 403
    assert mona.get(page).status_code == mona.post(page, data=form).status_code == 404
    assert mona.post("/applications/reject", data=form).location == "/applications"


def test_throwing_a_draft_away_asks_first(desk: Desk) -> None:
    page = desk.begin(desk.people(1))
    [row] = desk.rows(page)
    answer = desk.save(page, go="discard", **{f"remark__{row}": "ありがとうございました。"})
    assert answer.location == f"{page}/discard"
    assert "1名分の下書きを破棄します" in desk.browser.get(answer.location).text
    assert "ありがとうございました。" in desk.browser.get(page).text
