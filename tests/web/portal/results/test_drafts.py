"""Writing results: a draft per person, the mail as each will see it, second thoughts, and going on."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from relay import clock
from relay.infra.keyed_hash import address_hash
from relay.mail import optouts
from relay.models import ApplicationResult, Candidate, MailClass, MessageState, RejectionReason, scopes
from relay.rights import erasure
from tests.cast import browse
from tests.web.portal.conftest import HTMX
from tests.web.portal.desk import Desk


def test_a_draft_changes_nobody(desk: Desk) -> None:
    [person] = desk.people(1)
    page = desk.begin([person])
    desk.save(page, remark__0="")

    assert desk.again(person).status is ApplicationResult.OPEN
    assert desk.messages() == []
    assert "候補 0番" not in page


def test_who_closed_the_window_finds_the_words_again_and_who_gave_up_does_not(desk: Desk) -> None:
    people = desk.people(2)
    page = desk.begin(people)
    first, _second = desk.rows(page)
    desk.save(page, reason="filled", **{f"remark__{first}": "粘り強いご説明でした。"})

    again = desk.begin(people)
    shown = desk.browser.get(again).text
    assert again != page
    assert "粘り強いご説明でした。</textarea>" in shown
    assert re.search(r'<option[^>]*value="filled"[^>]* selected|<option selected value="filled"', shown)

    desk.browser.post(f"{again}/discard")
    assert "粘り強いご説明でした。" not in desk.browser.get(desk.begin(people)).text


def test_the_page_shows_each_person_and_the_mail_of_one(desk: Desk) -> None:
    page = desk.begin(desk.people(2))
    shown = desk.browser.get(page).text
    for words in (
        "候補 0番",
        "候補 1番",
        "候補 0番さんに届くメール",
        "リレーの案内",
        "選考段階に合わせて自動（面接後）",
    ):
        assert words in shown
    assert "<title>結果連絡を書く" in shown


def test_the_frame_holds_the_mail_with_dead_links_and_its_own_policy(desk: Desk) -> None:
    page = desk.begin(desk.people(1))
    [row] = desk.rows(page)
    mail = desk.browser.get(f"{page}/{row}/mail")
    assert "候補 0番 様" in mail.text
    assert "任意" in mail.text
    assert "href=" not in mail.text
    assert "sandbox" in mail.headers["Content-Security-Policy"]


def test_what_is_typed_is_kept_and_shown(desk: Desk) -> None:
    page = desk.begin(desk.people(2))
    first, second = desk.rows(page)
    desk.save(page, **{f"remark__{second}": "粘り強いご説明でした。", f"template__{second}": str(desk.text("簡潔").id)})

    shown = desk.browser.get(f"{page}?show={second}").text
    assert "粘り強いご説明でした。</textarea>" in shown
    assert "粘り強いご説明でした。" in desk.browser.get(f"{page}/{second}/mail").text
    assert "粘り強い" not in desk.browser.get(f"{page}/{first}/mail").text
    assert "選考の結果、今回は採用を見送らせて" in desk.browser.get(f"{page}/{second}/mail").text


def test_htmx_saves_as_it_is_typed_and_gets_the_preview_and_the_checks(desk: Desk) -> None:
    page = desk.begin(desk.people(1))
    [row] = desk.rows(page)
    form = {"reason": "filled", f"remark-{row}": "ありがとうございました。", "show": str(row)}

    part = desk.browser.post(page, data=form, headers=HTMX)

    assert part.status_code == 200
    assert "<html" not in part.text
    for place in ('id="saved"', 'id="checks"', 'id="sendline"', "<iframe"):
        assert place in part.text
    assert "ありがとうございました。</textarea>" in desk.browser.get(page).text


def test_without_a_reason_one_does_not_get_on(desk: Desk) -> None:
    page = desk.begin(desk.people(2))
    refused = desk.save(page, reason="", go="confirm")
    assert refused.status_code == 422
    assert "見送りの理由を選んでください。" in refused.text
    assert desk.browser.get(f"{page}/confirm").status_code == 303


def test_a_reason_of_ones_own_overrules_that_of_all(desk: Desk) -> None:
    people = desk.people(2)
    page = desk.begin(people)
    _first, second = desk.rows(page)
    desk.save(page, **{f"reason__{second}": "conditions"})
    desk.tell(page, 2)
    assert [desk.again(each).reason for each in people] == [RejectionReason.SKILLS, RejectionReason.CONDITIONS]


@pytest.mark.parametrize("word", ["通院", "国籍"])
def test_words_the_law_keeps_out_are_asked_about_before_they_are_kept(desk: Desk, word: str) -> None:
    page = desk.begin(desk.people(1))
    [row] = desk.rows(page)
    asked = desk.save(page, **{f"remark__{row}": f"{word}のお話"}, go="confirm")
    assert asked.status_code == 422
    assert f"「{word}」" in asked.text
    assert f"{word}のお話</textarea>" in asked.text
    assert word not in desk.browser.get(page).text

    sure = desk.save(page, **{f"remark__{row}": f"{word}のお話", f"sure__{row}": "1"}, go="confirm")
    assert sure.location == f"{page}/confirm"
    assert f"{word}のお話" in desk.browser.get(f"{page}/confirm").text


def test_a_gift_is_refused_even_when_confirmed(desk: Desk) -> None:
    page = desk.begin(desk.people(1))
    [row] = desk.rows(page)
    refused = desk.save(page, **{f"remark__{row}": "登録でギフト券", f"sure__{row}": "1"}, go="confirm")
    assert refused.status_code == 422
    assert "ギフト券" in refused.text


def test_who_has_no_address_is_named_and_left_out(desk: Desk) -> None:
    reached, unreached = desk.people(2)
    with scopes.company(desk.session, desk.cast.acme.id):
        desk.session.execute(
            update(Candidate).where(Candidate.id == unreached.candidate_id).values(email="", email_key="")
        )
    desk.session.commit()
    page = desk.begin([reached, unreached])
    shown = desk.browser.get(page).text
    assert "メールを送れない方" in shown
    assert "電話などで連絡済みにする" in shown
    assert desk.save(page, go="confirm").location == f"{page}/confirm"
    assert "1名に結果を伝えます" in desk.browser.get(f"{page}/confirm").text
    desk.tell(page, 1)
    assert desk.again(unreached).status is ApplicationResult.OPEN
    assert [message.subject_id for message in desk.messages()] == [reached.id]


def test_the_relay_block_says_who_gets_none_and_why(desk: Desk) -> None:
    page = desk.begin(desk.people(2))
    with scopes.company(desk.session, desk.cast.acme.id):
        optouts.opt_out(desk.session, desk.cast.acme.id, address_hash("p1@mail.example"), MailClass.RELAY, "page")
    desk.session.commit()
    shown = desk.browser.get(page).text
    assert "候補 1番：案内は入りません。" in shown
    assert 'name="relay"' not in shown


def test_an_address_told_within_sixty_days_is_warned_about(desk: Desk) -> None:
    [first] = desk.people(1)
    desk.told([first])
    [second] = desk.people(1)
    page = desk.begin([second])
    assert "60日以内" in desk.browser.get(page).text


def test_a_remark_without_a_place_is_warned_about(desk: Desk) -> None:
    desk.browser.post(
        "/templates/new", data={"name": "場所なし", "subject": "結果", "body": "{{氏名}} 様\n\n見送りとします。"}
    )
    page = desk.begin(desk.people(1))
    [row] = desk.rows(page)
    desk.save(page, **{f"remark__{row}": "ありがとうございました。", "template": str(desk.text("場所なし").id)})
    assert "ひとことは入りません" in desk.browser.get(page).text


def test_someone_left_out_stays_pending(desk: Desk) -> None:
    people = desk.decided(2)
    page = desk.begin(people)
    first, _second = desk.rows(page)
    desk.save(page, drop=str(first))
    assert desk.rows(page) == [_second]
    assert "候補 0番" in desk.browser.get("/results").text


def test_giving_up_leaves_no_draft(desk: Desk) -> None:
    page = desk.begin(desk.people(1))
    assert desk.browser.post(f"{page}/discard").status_code == 303
    assert desk.messages(MessageState.DRAFT) == []
    assert desk.browser.get(page).status_code == 404


def test_another_company_and_a_viewer_do_not_reach_a_draft(desk: Desk, app: Flask) -> None:
    page = desk.begin(desk.people(1))
    [row] = desk.rows(page)
    mona, vic = browse(app, desk.cast.mona), browse(app, desk.cast.vic)
    for path in (page, f"{page}/confirm", f"{page}/{row}/mail"):
        assert mona.get(path).status_code == 404
        assert vic.get(path).status_code == 403
    for path in (page, f"{page}/tell", f"{page}/discard"):
        assert mona.post(path, data={"people": "1"}).status_code == 404
        assert vic.post(path, data={"people": "1"}).status_code == 403
    assert len(desk.messages(MessageState.DRAFT)) == 1


def test_someone_erased_while_written_to_is_gone_from_the_page(desk: Desk) -> None:
    gone, stays = desk.people(2)
    page, alone = desk.begin([gone, stays]), desk.begin([gone])
    erasure.erase_candidates(desk.session, desk.cast.acme.id, [gone.candidate_id])
    desk.session.commit()
    assert "候補 0番" not in desk.browser.get(page).text
    assert len(desk.rows(page)) == 1
    assert desk.browser.get(alone).status_code == 404


def test_what_was_begun_is_found_again_until_it_is_sent_or_given_up(desk: Desk, app: Flask) -> None:
    people = desk.people(5)
    three, one = desk.begin(people[:3]), desk.begin(people[4:])

    shown = desk.browser.get("/results/drafts").text
    for words in ("候補 0番さんほか2名", "候補 4番さん", "あなたが書きはじめました", "7日で消えます"):
        assert words in shown
    assert shown.index(one) < shown.index(three), "the newest first"
    colleague = browse(app, desk.cast.adam).get("/results/drafts").text
    assert f"{desk.cast.ada.name}さんが書きはじめました" in colleague
    assert "候補" not in browse(app, desk.cast.mona).get("/results/drafts").text
    assert browse(app, desk.cast.vic).get("/results/drafts").status_code == 403

    desk.save(three)
    desk.tell(three, 3)
    desk.browser.post(f"{one}/discard")

    assert "書きかけの結果連絡はありません" in desk.browser.get("/results/drafts").text


def test_who_is_written_to_anew_is_listed_once(desk: Desk) -> None:
    people = desk.people(3)
    older, newer = desk.begin(people), desk.begin(people[:2])

    shown = desk.browser.get("/results/drafts").text

    assert f'href="{older}"' in shown
    assert "候補 2番さん<" in shown, "of the older act one person is left"
    assert f'href="{newer}"' in shown
    assert "候補 0番さんほか1名" in shown


def test_what_was_stopped_is_found_again_until_it_is_written_anew(desk: Desk, app: Flask) -> None:
    page = desk.told(desk.people(3))
    first, *_others = desk.messages()
    desk.browser.post(f"/results/messages/{first.id}/stop")
    alone = desk.browser.get("/results/drafts").text
    assert "送信を停止した結果連絡" in alone
    assert "候補 0番さん<" in alone

    answer = desk.browser.post("/results/stop", data={"batch": page.rsplit("/", 1)[1]})

    said = desk.browser.get(answer.location).text
    for words in (
        "2名への送信を停止しました。誰にも届いていません。",
        "2名を選考中に戻しました",
        "先に停止した1名も、いっしょに書き直せます。",
        "この3名の結果連絡を書き直す",
    ):
        assert words in said
    listed = desk.browser.get("/results/drafts").text
    assert "書きかけの結果連絡はありません" not in listed
    assert "候補 0番さんほか2名" in listed
    assert "候補" not in browse(app, desk.cast.mona).get("/results/drafts").text

    batch = re.findall(r'name="stopped" value="([^"]+)"', listed)[0]
    again = desk.browser.post("/results/drafts", data={"stopped": batch}).location
    shown = desk.browser.get("/results/drafts").text
    assert "送信を停止した結果連絡" not in shown, "they are being written to"
    assert "候補 0番さんほか2名" in shown
    desk.browser.post(f"{again}/discard")
    assert "送信を停止した結果連絡" in desk.browser.get("/results/drafts").text
    with clock.at(clock.now() + timedelta(days=7, minutes=1)):
        assert "送信を停止した結果連絡" not in desk.browser.get("/results/drafts").text
