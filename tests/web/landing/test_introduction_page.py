"""The candidate's page behind a partner's link: one company, one agency, and a person who was never in Relay."""

import contextlib
import re
from datetime import timedelta
from typing import Any

import pytest
from babel.dates import format_date
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.introductions import accepting, endings, letters, links
from relay.mail import compose
from relay.models import (
    ApplicationResult,
    Candidate,
    CreditKind,
    InterviewInvitation,
    Introduction,
    IntroductionRequest,
    IntroductionState,
    Message,
    Profile,
    Slot,
    scopes,
)
from relay.network import partners
from tests.cast import Cast, browse, make_application, make_candidate, make_cast
from tests.db.introductions import build
from tests.db.introductions.build import Desk
from tests.web.landing.phone import Phone, words

PATH = "/introductions/"
SAKI = {"name": "花野 咲", "email": "saki@mail.example", "phone": "090-1111-2222", "of_age": "y"}
GONE = "このリンクは、いまは使えません"
NOTHING_SENT = "ご記入の内容は、どこにも伝えておらず、保存もしていません。"
ACT = "この会社に氏名と連絡先を伝え、この日時の面談を希望します"


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def desk(session: Session, cast: Cast) -> Desk:
    return build.desk(session, cast)


@pytest.fixture
def phone(app: Flask) -> Phone:
    return Phone(app)


@pytest.fixture
def token(desk: Desk) -> str:
    """The token of a link that Agnes made for a request of Acme."""
    return desk.link(desk.ask())


def typed(page: str, which: int = 0, **changed: str) -> dict[str, str]:
    """The form of the page as a person sends it."""
    slots = re.findall(
        r'name="slot"[^>]* value="(\d+)"|value="(\d+)"[^>]* name="slot"|id="slot-\d+"[^>]*value="(\d+)"', page
    )
    chosen = next(each for each in slots[which] if each)
    shown = re.search(r'name="shown" value="([0-9a-f]{64})"', page)
    assert shown is not None
    return SAKI | {"slot": chosen, "shown": shown[1]} | changed


def count(session: Session, desk: Desk, table: Any) -> int:
    with scopes.company(session, desk.company.id):
        return session.scalar(select(func.count()).select_from(table)) or 0


def state(session: Session, desk: Desk) -> IntroductionState:
    session.rollback()
    with scopes.company(session, desk.company.id):
        return session.scalars(select(IntroductionRequest.state).order_by(IntroductionRequest.id.desc())).first()


def test_the_page_says_who_what_and_what_is_guaranteed(phone: Phone, desk: Desk, token: str) -> None:
    shown = words(phone.get(PATH + token))
    assert f"{desk.company.name}の面談のご紹介です" in shown
    for label, text in posting(desk):
        assert label in shown and text.split("\n")[0] in shown
    for each in (
        "カジュアル面談",
        "採用担当者と配属先の課長",
        "オンラインで、30分",
        "希望された日から14日以内",
        "やむを得ないときは、代わりの者がお会いします",
        "14日を過ぎても日時が決まらないときは、この約束は終わります",
        "面談が取り消されても、ご応募は取り消しになりません",
        "その記録の空いている項目にだけ書き加わり",
        "選考のあいだ保管します",
        "始まる時刻まで、ご案内のメールのリンクから取り消せます",
        "通過した扱い",
    ):
        assert each in shown
    assert "採用や、その後の選考の結果を約束するものではありません" in shown
    assert desk.partner.name in shown and (desk.partner.license_number or "-") in shown
    assert "この紹介に手数料はかかりません" in shown and "無料紹介枠を1件使います" in shown
    assert "12か月のあいだに" in shown and "応募されたことがあるかどうかは" in shown
    assert "見送っても、不利になることはありません" in shown and ACT in shown


def posting(desk: Desk) -> list[Any]:
    with scopes.company(desk.session, desk.company.id):
        return list(desk.session.scalars(select(IntroductionRequest.posting)).first() or [])


def test_one_act_makes_application_and_interview_for_a_person_who_was_never_here(
    app: Flask, phone: Phone, session: Session, cast: Cast, desk: Desk, token: str
) -> None:
    """Before it nobody knows of the person; after it the company does, as they wrote, and nobody else."""
    page = phone.get(PATH + token).text
    before = count(session, desk, Candidate)
    hers = browse(app, cast.ada)
    assert "花野" not in hers.get("/pool?all=1").text
    answer = phone.post(PATH + token, typed(page))
    assert answer.status_code == 200, words(answer)
    said = words(answer)
    assert "カジュアル面談" in said and "採用担当者と配属先の課長" in said and desk.partner.name in said
    assert "採用や、その後の選考の結果を約束するものではありません" in said
    assert "面談を受け付けました" in said and f"氏名と連絡先を{desk.company.name}に伝えました" in said
    assert count(session, desk, Candidate) == before + 1
    assert state(session, desk) is IntroductionState.ACCEPTED
    with scopes.company(session, desk.company.id):
        made = session.scalars(select(Introduction)).one()
        candidate = session.scalars(select(Candidate).where(Candidate.id == made.candidate_id)).one()
        invitation = session.scalars(select(InterviewInvitation)).one()
        slot = session.scalars(select(Slot).where(Slot.id == invitation.slot_id)).one()
        mails = session.scalars(select(Message.to_address).where(Message.candidate_id == candidate.id)).all()
    assert (candidate.name, candidate.email, candidate.phone) == ("花野 咲", "saki@mail.example", "09011112222")
    assert made.items == ["email", "name", "phone"] and made.wording_version == "2026-11-30"
    assert slot.starts_at > clock.now() and "saki@mail.example" in mails
    assert desk.ledger()[-2:] == [CreditKind.RESERVED, CreditKind.SPENT]
    with scopes.everyone(session, "test: she is in no network"):
        assert session.scalar(select(func.count()).select_from(Profile)) == 0
    opened = re.search(r'href="https?://[^/]+(/interview/[\w-]+)"', answer.text)
    assert opened and phone.get(opened[1]).status_code == 200

    assert "花野 咲" in words(hers.get(f"/pool/{candidate.id}"))
    assert browse(app, cast.mona).get(f"/pool/{candidate.id}").status_code == 404
    agents = words(browse(app, cast.agnes).get(f"/agency/requests/{made.request_id}"))
    assert "面談の予定があります" in agents and "花野" not in agents and "saki" not in agents


def test_pressed_twice_it_is_one_introduction_and_both_answers_say_yes(
    phone: Phone, session: Session, desk: Desk, token: str
) -> None:
    form = typed(phone.get(PATH + token).text)
    phone.post(PATH + token, form)
    again = phone.post(PATH + token, form)
    assert again.status_code == 200 and "面談を受け付けました" in words(again)
    assert "/interview/" not in again.text, "the way in is for the first answer and the mail alone"
    assert count(session, desk, Introduction) == 1
    stranger = phone.post(PATH + token, form | {"email": "other@mail.example"})
    assert stranger.status_code == 410 and NOTHING_SENT in words(stranger)
    with clock.at(clock.now() + timedelta(minutes=11)):
        assert phone.post(PATH + token, form).status_code == 410
    assert phone.get(PATH + token).status_code == 410


def test_looking_on_closes_the_link_and_tells_the_company_no_more_than_that(
    app: Flask, phone: Phone, session: Session, cast: Cast, desk: Desk, token: str
) -> None:
    """Taken back by the partner and passed by the person look the same to the company."""
    shown = words(phone.get(PATH + token))
    assert f"{desk.company.name}に伝わるのは、紹介会社がほかの方を探していることだけです" in shown
    answer = phone.post(f"{PATH}{token}/pass")
    assert answer.status_code == 200
    assert "氏名や連絡先は、どこにも伝えておらず、保存もしていません" in words(answer)
    assert "紹介会社には、このリンクが使えなくなったことだけが伝わります" in words(answer)
    told = mail_text(session, letters.ASKED)
    assert "【Relay】" in told and "貴社の番です（" in told
    assert "紹介リンクは、使えなくなりました。ほかの方をご紹介いただけます" in told
    assert phone.get(PATH + token).status_code == 410
    assert phone.post(f"{PATH}{token}/pass").status_code == 410
    assert state(session, desk) is IntroductionState.OPEN
    assert count(session, desk, Introduction) == 0
    assert "貴社の番です" in words(browse(app, cast.agnes).get("/agency/requests"))


def mail_text(session: Session, letter: str) -> str:
    """The newest mail of a letter, without its breaks."""
    with scopes.everyone(session, "test: the outbox"):
        newest = select(Message).where(Message.letter == letter).order_by(Message.id.desc()).limit(1)
        message = session.scalars(newest).one()
    with contextlib.ExitStack() as scope:
        if message.company_id:
            scope.enter_context(scopes.company(session, message.company_id))
        written = compose.render(session, message, preview=True)
    return "".join(f"{written.subject}{written.text}".split())


CLOSED = ["used", "expired", "taken-back", "cancelled", "licence", "ended", "identity", "unknown"]


@pytest.mark.parametrize("how", CLOSED)
def test_what_opens_nothing_gives_one_same_page_and_keeps_nothing(
    phone: Phone, session: Session, cast: Cast, desk: Desk, token: str, how: str
) -> None:
    """An expired licence, another legal person, an ended partnership close it at once, as taking it back does."""
    form = typed(phone.get(PATH + token).text)
    with scopes.company(session, desk.company.id):
        request_id = session.scalars(select(IntroductionRequest.id)).one()
    company, partner, later = desk.company.id, desk.partner.id, clock.now()
    if how == "used":
        desk.yes(token, email="first@mail.example")
    elif how == "expired":
        later += timedelta(days=15)
    elif how == "taken-back":
        links.take_back(session, company, request_id, partner_id=partner)
    elif how == "cancelled":
        endings.cancel(session, company, request_id)
    elif how == "licence":
        desk.partner.license_until = clock.today() - timedelta(days=1)
    elif how == "ended":
        partners.end_partnership(session, company, partner)
    elif how == "identity":
        desk.partner.corporate_number = "9999999999999"
    session.commit()
    path = PATH + ("A" * 43 if how == "unknown" else token)
    people = count(session, desk, Candidate)
    with clock.at(later):
        looked, acted = phone.get(path), phone.post(path, form)
        unknown = phone.get(PATH + "B" * 43)
        assert looked.status_code == acted.status_code == phone.post(f"{path}/pass").status_code == 410
        assert looked.text == unknown.text and GONE in words(looked)
        assert NOTHING_SENT in words(acted)
    assert desk.partner.name not in looked.text and desk.company.name not in looked.text
    assert count(session, desk, Candidate) == people


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": ""}, "氏名をご記入ください"),
        ({"email": ""}, "メールアドレスをご記入ください"),
        ({"email": "saki.mail.example"}, "メールアドレス"),
        ({"phone": "でんわ"}, "電話番号の形ではないようです"),
        ({"of_age": ""}, "16歳未満の方は、このページからは希望できません"),
        ({"slot": "987654321"}, "面談の日時"),
        ({"slot": ""}, "面談の日時をお選びください"),
    ],
)
def test_what_is_lacking_is_asked_for_and_nothing_is_sent(
    phone: Phone, session: Session, desk: Desk, token: str, changed: dict[str, str], sentence: str
) -> None:
    answer = phone.post(PATH + token, typed(phone.get(PATH + token).text, **changed))
    assert answer.status_code == 422
    assert sentence in words(answer) and ACT in words(answer)
    assert changed.get("name") == "" or "花野 咲" in answer.text, "what was typed stays"
    assert count(session, desk, Introduction) == 0
    assert state(session, desk) is IntroductionState.OFFERED


def test_a_time_that_is_gone_and_words_that_changed_send_nothing(
    phone: Phone, session: Session, desk: Desk, token: str
) -> None:
    page = phone.get(PATH + token).text
    form = typed(page)
    stale = phone.post(PATH + token, form | {"shown": "0" * 64})
    assert stale.status_code == 409 and "まだ何も伝えていません" in words(stale)
    live = links.find(session, token)
    assert live is not None and len(accepting.offered_times(session, live)) > 1
    with scopes.company(session, desk.company.id):
        session.delete(session.scalars(select(Slot).where(Slot.id == int(form["slot"]))).one())
    session.commit()
    gone = phone.post(PATH + token, form)
    assert gone.status_code == 422 and ACT in words(gone)
    assert count(session, desk, Introduction) == 0
    assert phone.post(PATH + token, typed(phone.get(PATH + token).text)).status_code == 200


def test_without_a_time_one_can_wait_or_look_on(phone: Phone, session: Session, desk: Desk, token: str) -> None:
    with scopes.company(session, desk.company.id):
        for slot in session.scalars(select(Slot)):
            session.delete(slot)
    session.commit()
    shown = words(phone.get(PATH + token))
    assert "いま、お選びいただける日時がありません" in shown and ACT not in shown
    assert "今回は見送る" in shown
    assert phone.post(PATH + token, SAKI).status_code == 422


def test_looking_changes_nothing(phone: Phone, session: Session, desk: Desk, token: str) -> None:
    """Mail scanners open every link (C-16)."""
    for _look in range(3):
        assert phone.get(PATH + token).status_code == phone.head(PATH + token).status_code == 200
    assert state(session, desk) is IntroductionState.OFFERED
    assert phone.post(PATH + token, typed(phone.get(PATH + token).text)).status_code == 200


def test_a_reapplication_gives_the_credit_back_and_the_partner_is_not_told(
    app: Flask, phone: Phone, session: Session, cast: Cast, desk: Desk, token: str
) -> None:
    """Whoever applied here within a year gets the interview all the same; the page asks nobody and tells nobody."""
    known = make_candidate(session, desk.company, "花野 咲", email="saki@mail.example")
    make_application(session, known, status=ApplicationResult.REJECTED, decided_on=clock.today())
    session.commit()
    before = phone.get(PATH + token)
    answer = phone.post(PATH + token, typed(before.text))
    assert answer.status_code == 200 and "再応募" not in words(answer).partition("面談を受け付けました")[2]
    assert desk.free() == 1
    assert count(session, desk, InterviewInvitation) == 1
    agents = words(browse(app, cast.agnes).get("/agency/requests"))
    assert "面談の予定があります" in agents and "再応募" not in agents and "花野" not in agents
    hers = words(browse(app, cast.ada).get("/introductions"))
    assert "再応募" in hers and "返却" in hers and "面談の予定です" in hers


def test_calling_off_says_until_when_the_promise_lasts_and_so_does_its_mail(
    phone: Phone, session: Session, desk: Desk, token: str
) -> None:
    answer = phone.post(PATH + token, typed(phone.get(PATH + token).text))
    opened = re.search(r'href="https?://[^/]+(/interview/[\w-]+)"', answer.text)
    assert opened is not None
    last = format_date(clock.today() + timedelta(days=14), "long", locale="ja")
    said = f"この面談の約束は、{last}までです。その日までに日時が決まらないときは、約束は終わります。"
    assert said not in words(phone.get(opened[1]))
    assert said in words(phone.get(f"{opened[1]}?call-off=1"))
    assert phone.post(f"{opened[1]}/call-off").status_code == 303
    assert said in words(phone.get(opened[1])), "while another time can be picked"
    assert said in mail_text(session, "interview")
