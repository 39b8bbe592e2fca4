"""Names and positions as they stand in somebody's sheet do not reach a mail unless HR says they are meant so."""

from relay.models import Candidate, MessageState, scopes
from tests.web.portal.desk import Desk

GREEN = "差し込みはすべて埋まります。"


def written(desk: Desk, *names: str) -> str:
    """A draft to people of these names."""
    people = desk.decided(len(names))
    with scopes.company(desk.session, desk.cast.acme.id):
        for application, name in zip(people, names, strict=True):
            desk.session.get_one(Candidate, application.candidate_id).name = name
    desk.session.commit()
    page = desk.begin(people)
    desk.save(page)
    return page


def test_the_check_is_green_only_where_nothing_is_odd(desk: Desk) -> None:
    assert GREEN in desk.browser.get(written(desk, "高木 真由美")).text
    shown = desk.browser.get(written(desk, "高木 真由美 様")).text
    assert GREEN not in shown
    assert "高木 真由美 様さんの氏名「高木 真由美 様」：敬称「様」が付いています。" in shown


def test_nothing_odd_is_sent_without_a_word_and_the_record_is_a_link_away(desk: Desk) -> None:
    page = written(desk, "矢崎 大輔（再応募）", "佐藤 花子")
    confirm = desk.browser.get(f"{page}/confirm").text
    assert "1名のメールに、気になる書き方があります" in confirm
    assert "矢崎 大輔（再応募） 様" in confirm
    assert "/facts" in confirm

    refused = desk.tell(page, 2)

    assert refused.status_code == 422
    assert "まだ誰にも送っていません。" in refused.text
    assert desk.messages() == []
    assert desk.browser.post(f"{page}/tell", data={"people": "2", "odd": "1"}).status_code == 303
    assert len(desk.messages(MessageState.SCHEDULED)) == 2


def test_a_name_put_right_needs_no_word(desk: Desk) -> None:
    page = written(desk, "矢崎 大輔 様")
    with scopes.company(desk.session, desk.cast.acme.id):
        [candidate] = desk.session.query(Candidate).filter(Candidate.name == "矢崎 大輔 様")
        candidate.name = "矢崎 大輔"
    desk.session.commit()
    assert "気になる書き方" not in desk.browser.get(f"{page}/confirm").text
    assert desk.tell(page, 1).status_code == 303


def test_somebody_odd_who_was_not_on_the_page_is_asked_about(desk: Desk) -> None:
    page = written(desk, "矢崎 大輔 様", "佐藤 花子")
    with scopes.company(desk.session, desk.cast.acme.id):
        [candidate] = desk.session.query(Candidate).filter(Candidate.name == "佐藤 花子")
        candidate.name = "〃"
    desk.session.commit()
    answer = desk.browser.post(f"{page}/tell", data={"people": "2", "odd": "1"})
    assert answer.status_code == 422
    assert desk.messages() == []
