"""The own page without its number: it names nothing, stops and erases; the number opens the rest (C-25)."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.infra import jobs
from relay.mail import tokens
from relay.models import Consent, ConsentWithdrawal, Message, MessageState, Pin, Profile, TokenPurpose, scopes
from relay.network import sharing
from relay.network.pins import MAX_WRONG_IN_ALL
from relay.rights import jobs as _erasing  # noqa: F401  (registers the job)
from tests.cast import PIN, Cast, make_partner, make_partnership
from tests.conftest import ON_ONE
from tests.db.network.build import mails, register, the_profile
from tests.web.landing.phone import EMAIL, Phone, answers, mail_link, mail_own_page, registered, words

WRONG, OTHER = "8351", "6038"


@pytest.fixture
def own(phone: Phone, session: Session, cast: Cast) -> str:
    """The mailed link of somebody who registered with the agency, on a phone that never gave the number."""
    link, _path = mail_link(session, cast.acme)
    register(session, link, cast.tsumugi)
    session.commit()
    return mail_own_page(session, the_profile(session, EMAIL).id)


def count(session: Session, model: type) -> int:
    session.rollback()
    with scopes.everyone(session, "test"):
        return len(session.scalars(select(model)).all())


def seen_by_the_agency(session: Session, cast: Cast) -> int:
    session.rollback()
    with scopes.partner(session, cast.tsumugi.id):
        return sharing.count(session)


def work(session: Session) -> None:
    """Everything the worker has to do now."""
    while jobs.run_one(session, clock.now()):
        pass


# the number


def test_the_link_alone_names_nobody_and_counts_nothing(phone: Phone, own: str, cast: Cast) -> None:
    page = phone.get(own).text
    for told in (cast.tsumugi.name, cast.manabi.name, cast.acme.name, "高橋", EMAIL, cast.tsumugi.contact):
        assert told not in page
    assert "暗証番号で開きます" in page
    for field in ('type="password"', 'inputmode="numeric"', 'autocomplete="current-password"', 'pattern="[0-9]{4}"'):
        assert field in page


def test_three_steps_and_no_mail(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    before = count(session, Message)
    answer = phone.enter(own)
    assert cast.tsumugi.name in words(phone.get(answer.location))
    assert count(session, Message) == before


def test_full_width_digits_open_too(phone: Phone, own: str) -> None:
    assert phone.enter(own, "７２９４").status_code == 303


def test_the_browser_stays_inside_for_half_an_hour(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    now = clock.now()
    with clock.at(now):
        cookie = phone.enter(own).headers["Set-Cookie"]
    assert "Max-Age=1800" in cookie
    assert f"Path={own}" in cookie
    with clock.at(now + timedelta(minutes=29)):
        assert cast.tsumugi.name in phone.get(own).text
    with clock.at(now + timedelta(minutes=31)):
        assert cast.tsumugi.name not in phone.get(own).text
        late = phone.post(f"{own}/withdrawal", {"partner": str(cast.tsumugi.id)})
        assert "まだ行っていません" in words(phone.get(late.location))
    assert seen_by_the_agency(session, cast) == 1


def test_over_https_the_cookie_never_leaves_it(app: Flask, phone: Phone, own: str) -> None:
    app.config["SESSION_COOKIE_SECURE"] = True
    cookie = phone.enter(own).headers["Set-Cookie"]
    app.config["SESSION_COOKIE_SECURE"] = False
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_closing_the_page_asks_for_the_number_again(phone: Phone, own: str, cast: Cast) -> None:
    phone.enter(own)
    answer = phone.post(f"{own}/leave")
    assert "ページを閉じました" in words(phone.get(answer.location))
    assert cast.tsumugi.name not in phone.get(own).text


def test_the_session_of_one_person_opens_no_other_page(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    registered(Phone(phone.app), session, cast, "other@mail.example", cast.manabi.id)
    other = mail_own_page(session, the_profile(session, "other@mail.example").id)
    value = phone.enter(own).headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    stolen = phone.app.test_client()
    stolen.set_cookie("own-page", value, path=other)
    assert cast.manabi.name not in stolen.get(other).text


def test_without_the_number_nothing_is_withdrawn_or_given(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    for path, form in (
        ("withdrawal", {"partner": str(cast.tsumugi.id)}),
        ("consent", {"partner": str(cast.manabi.id), "agree": "1", "shown": "x"}),
        ("earlier", {}),
    ):
        assert phone.post(f"{own}/{path}", form).location == f"{own}?done=expired"
    assert (count(session, Consent), count(session, ConsentWithdrawal)) == (1, 0)


@ON_ONE
@pytest.mark.parametrize("typed", ["", "72", "abcd", "72941"])
def test_what_is_no_number_is_said_and_not_counted(phone: Phone, session: Session, own: str, typed: str) -> None:
    answer = phone.enter(own, typed)
    assert answer.status_code == 422
    assert "4桁の数字でご記入ください" in words(answer)
    with scopes.everyone(session, "test"):
        assert session.scalars(select(Pin.wrong_in_all)).one() == 0


def test_five_wrong_say_until_when_to_wait_and_what_can_be_done_meanwhile(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    now = clock.now()
    with clock.at(now):
        answers_given = [phone.enter(own, WRONG) for _try in range(5)]
        assert {each.status_code for each in answers_given} == {422}
        assert len({each.text for each in answers_given[:4]}) == 1, "a wrong answer tells nothing of those before"
        said = words(answers_given[4])
        assert "お待ちください" in said
        assert "停止と消去は、下からいつでもできます" in said
        assert words(phone.enter(own)) == said.replace(" autofocus", ""), "the right one is not compared"
        assert phone.post(f"{own}/stop").status_code == 303
    with clock.at(now + timedelta(hours=24, minutes=1)):
        assert phone.enter(own).status_code == 303


def test_fifteen_wrong_lead_to_a_new_number(phone: Phone, session: Session, own: str) -> None:
    now = clock.now()
    for day in range(3):
        with clock.at(now + timedelta(days=day, minutes=day)):
            for _try in range(5):
                answer = phone.enter(own, WRONG)
    assert MAX_WRONG_IN_ALL == 15
    assert "新しい番号をお選びください" in words(answer)
    assert 'name="number"' not in answer.text


def test_every_link_of_a_registration_counts_together(phone: Phone, session: Session, own: str) -> None:
    for _try in range(5):
        phone.enter(mail_own_page(session, the_profile(session, EMAIL).id), WRONG)
    assert "お待ちください" in words(phone.enter(own))


# forgotten


def new_number(phone: Phone, session: Session, number: str) -> str:
    """Choose a number behind the link that the mail brings; returns the own page's address."""
    profile_id = the_profile(session, EMAIL).id
    path = f"/pin/{tokens.mint(session, TokenPurpose.CHOOSE_PIN, profile_id, profile_id=profile_id)}"
    session.commit()
    assert 'autocomplete="new-password"' in phone.get(path).text
    answer = phone.post(path, {"number": number})
    assert answer.status_code == 303, words(answer)
    assert phone.get(path).status_code == 404, "once"
    return answer.location.partition("?")[0]


def test_a_forgotten_number_is_mailed_for_a_few_times_a_day_with_one_answer(
    phone: Phone, session: Session, own: str
) -> None:
    said = {words(phone.get(phone.post(f"{own}/forgotten").location)) for _press in range(5)}
    assert len(said) == 1
    assert "お送りできるのは、1日に3通までです" in said.pop()
    assert [each.to_address for each in mails(session, "choose-pin")] == [EMAIL] * 3


def test_a_new_number_shows_only_what_is_chosen_afterwards(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    rival = make_partner(session, "rival")
    make_partnership(session, cast.other, rival)
    session.commit()
    with clock.at(clock.now() + timedelta(days=1)):
        page = phone.get(new_number(phone, session, OTHER))
        for told in (cast.tsumugi.name, cast.manabi.name, cast.acme.name, cast.tsumugi.contact):
            assert told not in page.text
        assert "以前に選んだ登録先" in words(page)
        _link, path = mail_link(session, cast.other, EMAIL)
        registering = phone.post(path, answers(phone.get(path).text, rival.id, number=OTHER))
        shown = phone.get(registering.location).text
        assert rival.name in shown
        assert cast.tsumugi.name not in shown
        phone.post(f"{registering.location.partition('?')[0]}/earlier")
    assert seen_by_the_agency(session, cast) == 0
    with scopes.partner(session, rival.id):
        assert sharing.count(session) == 1


def test_the_earlier_number_opens_nothing_any_more(phone: Phone, session: Session, own: str) -> None:
    phone.enter(own)
    new_number(Phone(phone.app), session, OTHER)
    assert "暗証番号で開きます" in words(phone.get(own)), "the session of before has ended"
    assert phone.enter(own).status_code == 422
    assert phone.enter(own, OTHER).status_code == 303


@pytest.mark.parametrize(
    ("number", "said"), [("1234", "試されやすい"), ("12", "4桁の数字でご記入"), ("5719", "推測されやすい")]
)
def test_a_number_that_will_not_do_is_said_and_the_link_stays(
    phone: Phone, session: Session, cast: Cast, number: str, said: str
) -> None:
    registered(Phone(phone.app), session, cast)
    profile = the_profile(session, EMAIL)
    with scopes.profile(session, profile.id):
        profile.phone = "0357190028"
    path = f"/pin/{tokens.mint(session, TokenPurpose.CHOOSE_PIN, profile.id, profile_id=profile.id)}"
    session.commit()
    answer = phone.post(path, {"number": number})
    assert answer.status_code == 422
    assert said in words(answer)
    assert f'value="{number}"' not in answer.text
    assert phone.post(path, {"number": OTHER}).status_code == 303


# stop and erase without the number


def test_everything_is_stopped_at_once_and_told_by_mail(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    for _press in range(2):
        answer = phone.post(f"{own}/stop")
    assert "すべて停止しました" in words(phone.get(answer.location))
    assert seen_by_the_agency(session, cast) == 0
    assert len(mails(session, "sharing-stopped")) == 1


def test_an_erasure_waits_72_hours_and_stops_everything_meanwhile(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    now = clock.now()
    with clock.at(now):
        page = phone.get(phone.post(f"{own}/erasure").location)
        assert "すべて消去します" in words(page)
        assert "消去を取り消す" in words(page)
        assert seen_by_the_agency(session, cast) == 0
        assert len(mails(session, "erasure-planned")) == 1
    with clock.at(now + timedelta(hours=71, minutes=59)):
        work(session)
        assert count(session, Profile) == 1
    with clock.at(now + timedelta(hours=72, seconds=1)):
        work(session)
        assert (count(session, Profile), count(session, Pin), count(session, Consent)) == (0, 0, 0)
        assert phone.get(own).status_code == 404
        assert {each.to_address for each in mails(session, "erasure-planned")} == {""}


def test_an_erasure_taken_back_does_not_happen(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    now = clock.now()
    with clock.at(now):
        phone.post(f"{own}/erasure")
    with clock.at(now + timedelta(hours=71)):
        page = phone.get(phone.post(f"{own}/erasure/cancel").location)
        assert "消去を取り消しました" in words(page)
        assert len(mails(session, "erasure-cancelled")) == 1
    with clock.at(now + timedelta(hours=80)):
        work(session)
        assert count(session, Profile) == 1
        phone.enter(own)
        assert "終わった同意" in words(phone.get(own))


def test_an_erasure_asked_for_again_after_it_was_taken_back_waits_anew(
    phone: Phone, session: Session, own: str
) -> None:
    now = clock.now()
    for hours, recorder in ((0, "erasure"), (10, "erasure/cancel"), (20, "erasure"), (30, "erasure")):
        with clock.at(now + timedelta(hours=hours)):
            phone.post(f"{own}/{recorder}")
    for hours, people in ((73, 1), (91, 1), (93, 0)):
        with clock.at(now + timedelta(hours=hours)):
            work(session)
            assert count(session, Profile) == people, hours


def test_nothing_more_is_given_while_an_erasure_waits(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    phone.enter(own)
    shown = phone.get(own).text.partition('id="more-')[2].partition('name="shown" value="')[2][:64]
    phone.post(f"{own}/erasure")
    assert cast.manabi.name not in phone.get(own).text
    form = {"partner": str(cast.manabi.id), "agree": "1", "shown": shown}
    assert "先に、消去の予定を取り消してください" in words(phone.post(f"{own}/consent", form))
    assert count(session, Consent) == 1


def test_registering_anew_takes_a_planned_erasure_back(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    phone.post(f"{own}/erasure")
    registered(phone, session, cast)
    with clock.at(clock.now() + timedelta(hours=73)):
        work(session)
    assert count(session, Profile) == 1
    assert len(mails(session, "erasure-cancelled")) == 1


# a registration from before there were numbers


def test_an_old_link_without_a_number_stops_and_erases_and_asks_for_one(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    with scopes.everyone(session, "test: as before there were numbers"):
        session.delete(session.scalars(select(Pin)).one())
    session.commit()
    page = phone.get(own)
    assert "暗証番号が、まだ選ばれていません" in words(page)
    assert cast.tsumugi.name not in page.text
    assert phone.enter(own).status_code == 422
    phone.post(f"{own}/forgotten")
    assert len(mails(session, "choose-pin")) == 1
    phone.post(f"{own}/stop")
    assert seen_by_the_agency(session, cast) == 0


def test_hr_is_told_nothing_of_numbers(session: Session, phone: Phone, own: str, cast: Cast) -> None:
    """What happens to a number belongs to no company: its log and its mails do not hold it."""
    from relay.models import Event

    for _try in range(5):
        phone.enter(own, WRONG)
    phone.post(f"{own}/forgotten")
    told = session.execute(select(Event.tag, Event.company_id).where(Event.tag.startswith("profile:"))).all()
    assert {"profile:pin-chosen", "profile:pin-locked"} <= {each.tag for each in told}
    assert {each.company_id for each in told} == {None}
    assert {each.company_id for each in mails(session, "choose-pin")} == {None}
    assert {each.state for each in mails(session, "choose-pin")} == {MessageState.SCHEDULED}


def test_the_registration_form_asks_for_a_number_the_phone_keeps(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    field = phone.get(path).text.partition('id="number"')
    tag = field[0].rpartition("<")[2] + field[2].partition(">")[0]
    for attribute in (
        'type="password"',
        'inputmode="numeric"',
        'autocomplete="new-password"',
        'pattern="[0-9]{4}"',
        'maxlength="4"',
    ):
        assert attribute in tag
    page = phone.get(path).text
    refused = phone.post(path, answers(page, cast.tsumugi.id, number="1234"))
    assert "試されやすい" in words(refused)
    assert f'value="{PIN}"' not in phone.post(path, answers(page, cast.tsumugi.id, name="")).text


def test_a_number_that_hr_knows_is_refused_and_the_ticks_stay(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme, phone="090-1122-3344")
    refused = phone.post(path, answers(phone.get(path).text, cast.tsumugi.id, place="岡谷市", number="3344"))
    assert refused.status_code == 422
    assert "推測されやすい" in words(refused)
    assert 'value="岡谷市"' in refused.text
    assert 'data-choice="1" checked' in refused.text
    assert count(session, Profile) == 0
