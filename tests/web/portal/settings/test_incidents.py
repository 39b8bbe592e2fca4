"""事故の記録: prepared by the act that made it, written up and closed by people (A-37, A-41)."""

import html
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Incident, Message, MistakeKind, scopes
from relay.network.mistaken import Contact
from relay.outreach import mistakes
from tests.cast import Cast, browse, make_batch
from tests.db.network.build import mailed_link
from tests.web.landing.phone import words


@pytest.fixture
def incident(session: Session, cast: Cast) -> Incident:
    """Three mails of one act: two to wrong addresses, one with a wrong text."""
    mails = [_mail(session, cast, number) for number in range(3)]
    for mail, kind in zip(mails, (MistakeKind.ADDRESS, MistakeKind.ADDRESS, MistakeKind.TEXT), strict=True):
        contact = Contact("中村 恵", "0266-12-3456")
        mistakes.declare(session, cast.acme.id, mail.id, kind, contact, by_user_id=cast.ada.id)
    session.commit()
    with scopes.company(session, cast.acme.id):
        return session.scalars(select(Incident)).one()


def _mail(session: Session, cast: Cast, number: int) -> Message:
    link = mailed_link(session, cast.acme, f"p{number}@mail.example", name=f"候補 {number}番")
    with scopes.company(session, cast.acme.id):
        mail = session.scalars(select(Message).where(Message.subject_id == link.application_id)).one()
        mail.batch_id = make_batch(session, cast.acme, "a" * 32).id
        session.flush()
    return mail


def account(page: str) -> str:
    found = re.search(r'<textarea[^>]*name="account"[^>]*>(.*?)</textarea>', page, re.S)
    assert found is not None
    return html.unescape(found[1]).strip()


def opened(page: str) -> str:
    return re.findall(r'name="opened" value="([^"]*)"', page)[0]


def test_it_is_drawn_up_under_the_nine_headings_and_names_nobody(ada: FlaskClient, incident: Incident) -> None:
    text = account(ada.get(f"/settings/incidents/{incident.id}").text)
    headings = [line.partition("：")[0] for line in text.splitlines()]
    assert headings == [
        "概要", "個人データの項目", "本人の数", "原因", "二次被害またはそのおそれ", "本人への対応", "公表の状況",
        "再発防止の措置", "その他",
    ]  # fmt: skip
    assert "宛先の誤り2通、文面か送る時期の誤り1通" in text
    assert "本人の数：3名" in text
    assert "リンクを3通で停止。お詫びのメールは、まだ送っていない。" in text
    assert "候補" not in text and "mail.example" not in text


def test_it_says_until_when_and_in_which_cases_it_is_reported(
    ada: FlaskClient, session: Session, incident: Incident
) -> None:
    with scopes.company(session, incident.company_id):
        incident.noticed_at = clock.EPOCH.replace(year=2026, month=11, day=2, hour=16)  # 3 November in Japan
        session.commit()
    page = words(ada.get(f"/settings/incidents/{incident.id}"))
    assert "2026年11月8日まで" in page and "2026年12月3日まで" in page
    assert "本人の数が1,000名を超える" in page
    assert "Relayから自動で報告することはありません" in page
    assert "11月8日までに速報" in words(ada.get("/settings/incidents"))


def test_what_is_written_stays_and_is_not_drawn_up_again(ada: FlaskClient, incident: Incident) -> None:
    there = f"/settings/incidents/{incident.id}"
    shown = ada.get(there).text
    saved = ada.post(there, data={"account": "原因：確認の漏れ", "opened": opened(shown)})
    assert saved.status_code == 303
    assert account(ada.get(there).text) == "原因：確認の漏れ"


def test_what_another_saved_meanwhile_is_not_overwritten(app: Flask, cast: Cast, incident: Incident) -> None:
    there = f"/settings/incidents/{incident.id}"
    ada, adam = browse(app, cast.ada), browse(app, cast.adam)
    mark = opened(ada.get(there).text)
    adam.post(there, data={"account": "原因：操作の誤り", "opened": opened(adam.get(there).text)})

    refused = ada.post(there, data={"account": "原因：確認の漏れ", "opened": mark})

    assert refused.status_code == 409
    assert "原因：操作の誤り" in refused.text and "原因：確認の漏れ" in refused.text
    assert account(adam.get(there).text) == "原因：操作の誤り"


def test_closing_keeps_the_account_as_it_reads_then(ada: FlaskClient, session: Session, incident: Incident) -> None:
    there = f"/settings/incidents/{incident.id}"
    drawn = account(ada.get(there).text)
    for _each in range(2):
        ada.post(f"{there}/close")
    session.refresh(incident)
    assert incident.account == drawn
    assert incident.closed_at is not None
    assert "対応済み" in words(ada.get("/settings/incidents"))
    assert "対応済みにする" not in words(ada.get(there))


def test_without_one_the_list_says_where_they_come_from(ada: FlaskClient, cast: Cast) -> None:
    assert "送った結果連絡を「誤って送った」と記録すると" in words(ada.get("/settings/incidents"))


def test_it_is_not_for_those_who_may_only_look(vic: FlaskClient, incident: Incident) -> None:
    for path in ("/settings/incidents", f"/settings/incidents/{incident.id}"):
        assert vic.get(path).status_code == 403


def test_home_says_so_until_it_is_dealt_with(ada: FlaskClient, vic: FlaskClient, incident: Incident) -> None:
    assert "対応中の事故の記録" in words(ada.get("/"))
    assert "対応中の事故の記録" not in words(vic.get("/"))
    ada.post(f"/settings/incidents/{incident.id}/close")
    assert "対応中の事故の記録" not in words(ada.get("/"))


def enter(ada: FlaskClient, **typed: str) -> str:
    """Enter an incident by hand; gives the address of its page."""
    answer = ada.post("/settings/incidents/new", data={"what": "採用用のパソコンの紛失"} | typed)
    assert answer.status_code == 303, answer.text
    return answer.location


def test_one_that_the_company_noticed_itself_has_its_days_and_its_draft(ada: FlaskClient, session: Session) -> None:
    page = ada.get(enter(ada, day="2026年11月3日", people="12"))
    text = account(page.text)
    assert text.startswith("概要：2026年11月3日、採用用のパソコンの紛失に気づいた。")
    assert "本人の数：12名" in text and len(text.splitlines()) == 9
    assert "11月8日" in words(page) and "12月3日" in words(page)
    assert "採用用のパソコンの紛失" in ada.get("/settings/incidents").text


def test_where_somebody_may_have_meant_harm_the_full_report_has_sixty_days(ada: FlaskClient) -> None:
    address = enter(ada, day="2026年11月3日", malicious="y")
    page = ada.get(address)
    assert "1月2日" in words(page)
    assert "本人の数：確認中" in account(page.text)
    ada.post(address, data={"account": "分かったこと", "opened": opened(page.text)})
    assert "12月3日" in words(ada.get(address)), "the box was cleared"


def test_its_account_leaves_as_a_text_file(ada: FlaskClient) -> None:
    file = ada.get(f"{enter(ada)}/account")
    assert file.mimetype == "text/plain" and "attachment" in file.headers["Content-Disposition"]
    assert file.text.startswith("概要：")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"what": ""}, "何が起きたかを入力してください"),
        ({"day": "2100年1月1日"}, "これからの日は記録できません"),
        ({"people": "多数"}, "数字で入力してください"),
    ],
)
def test_what_cannot_be_entered_is_said_and_nothing_is_kept(
    ada: FlaskClient, session: Session, cast: Cast, typed: dict[str, str], said: str
) -> None:
    answer = ada.post("/settings/incidents/new", data={"what": "紛失", "day": "", "people": ""} | typed)
    assert answer.status_code == 422 and said in words(answer)
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Incident)).all() == []
