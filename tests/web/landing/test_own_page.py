"""The own page: who sees what, who looked, taking a yes back and giving one more (A-13, A-16, A-43)."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import ConsentWithdrawal, Partner, Referral, scopes
from relay.network import handing_over, partners, profiles, sharing
from tests.cast import Cast, make_partner, make_partnership
from tests.db.network.build import the_profile
from tests.web.landing.phone import EMAIL, Phone, answers, mail_link, mail_own_page, registered, words, words_of


@pytest.fixture
def own(phone: Phone, session: Session, cast: Cast) -> str:
    """The own page of a person who registered with the agency; the phone has given the number."""
    registered(phone, session, cast)
    path = mail_own_page(session, the_profile(session, EMAIL).id)
    assert phone.enter(path).status_code == 303
    return path


def test_it_shows_each_partner_with_what_that_partner_sees(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    """Each yes is a snapshot: what was written later is shown at the partner that got it, and at no other (A-43)."""
    _link, path = mail_link(session, cast.acme)
    page = phone.get(path).text
    phone.post(path, answers(page, cast.manabi.id, phone="090-1234-5678", desired_role="人事"))
    shown, today = phone.get(own).text, clock.today()
    for partner, agent in ((cast.tsumugi, cast.agnes), (cast.manabi, cast.sho)):
        card = words_of(shown.partition(f'aria-labelledby="standing-{partner.id}"')[2].partition("/items")[0])
        with scopes.partner(session, partner.id):
            seen = sharing.open_person(session, the_profile(session, EMAIL).code, agent.id)
        assert partner.name in card
        assert partner.contact in card
        assert f"期限{today.year + 1}年{today.month}月" in card
        assert "、".join(profiles.item_labels(seen.items)) in card
        told = card.partition("この登録先に見える内容")[2].partition("伝える項目を選ぶ")[0]
        assert ("090-1234-5678" in told, "人事" in told) == (bool(seen.phone), bool(seen.desired_role))
        assert seen.name in card and seen.email in card


def test_a_viewing_by_the_partner_is_listed(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    profile = the_profile(session, EMAIL)
    with scopes.partner(session, cast.tsumugi.id):
        sharing.open_person(session, profile.code, cast.agnes.id)
    session.commit()
    page, day = words(phone.get(own)), profile.created_at.astimezone(clock.JAPAN)
    assert f"{cast.tsumugi.name}が開きました" in page
    assert f"（{day.year}年{day.month}月{day.day}日の同意による）" in page


def test_a_file_of_the_partners_is_listed(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    with scopes.partner(session, cast.tsumugi.id):
        code = the_profile(session, EMAIL).code
        handing_over.take_out(session, cast.tsumugi.id, [code], cast.agnes.id, reason="register")
    session.commit()
    assert f"{cast.tsumugi.name}がファイルに書き出しました" in words(phone.get(own))


def test_withdrawing_ends_the_view_at_once_and_names_the_contact(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    response = phone.post(f"{own}/withdrawal", {"partner": str(cast.tsumugi.id)})
    assert response.status_code == 303
    page = words(phone.get(response.location))
    assert f"{cast.tsumugi.name}への同意を取り消しました" in page
    assert "すぐに見えなくなりました" in page
    assert "Relayから消去を求めます" in page
    assert cast.tsumugi.contact in page
    assert _seen_by(session, cast.tsumugi) == 0
    assert (_count(session, Referral), _count(session, ConsentWithdrawal)) == (1, 1)


def test_withdrawing_twice_is_harmless(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    for _click in range(2):
        assert phone.post(f"{own}/withdrawal", {"partner": str(cast.tsumugi.id)}).status_code == 303
    assert _count(session, ConsentWithdrawal) == 1


def test_withdrawing_from_a_partner_never_chosen_changes_nothing(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    for partner in (str(cast.manabi.id), "x", ""):
        assert phone.post(f"{own}/withdrawal", {"partner": partner}).status_code == 303
    assert _seen_by(session, cast.tsumugi) == 1


def test_one_more_partner_is_offered_unticked_and_told_after_a_tick(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    page = phone.get(own).text
    assert cast.manabi.name in page
    assert 'name="agree" value="1" required>' in page
    form = {"partner": str(cast.manabi.id), "shown": _shown(page)}
    unticked = phone.post(f"{own}/consent", form)
    assert unticked.status_code == 422
    assert "まだ伝えていません" in words(unticked)
    assert _seen_by(session, cast.manabi) == 0
    given = phone.post(f"{own}/consent", form | {"agree": "1"})
    assert given.status_code == 303
    assert "同意を受け付けました" in words(phone.get(given.location))
    assert _seen_by(session, cast.manabi) == 1


def test_one_more_agency_says_what_the_company_gains(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    make_partnership(session, cast.acme, make_partner(session, "michibiki"))
    session.commit()
    assert "10名に達するごとに" in words(phone.get(own))


def test_words_nobody_saw_are_no_consent(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    shown = _shown(phone.get(own).text)
    partners.change_partner(session, cast.manabi, representative="新しい 代表")
    session.commit()
    for form in ({"shown": shown}, {}):
        response = phone.post(f"{own}/consent", {"partner": str(cast.manabi.id), "agree": "1"} | form)
        assert response.status_code == 422
        assert "説明の内容が変わりました" in words(response)
    assert _seen_by(session, cast.manabi) == 0


def test_a_partner_of_no_company_of_theirs_is_refused(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    stranger = make_partner(session, "stranger")
    session.commit()
    response = phone.post(f"{own}/consent", {"partner": str(stranger.id), "agree": "1", "shown": "x"})
    assert response.status_code == 422
    assert _seen_by(session, stranger) == 0


def test_after_the_end_the_page_says_that_it_ran_out(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    with clock.at(clock.now() + timedelta(days=400)):
        phone.enter(own)
        page = words(phone.get(own))
    assert "いま、情報を伝えている登録先はありません" in page
    assert "期限が過ぎた日" in page


def test_a_partner_in_suspense_is_told_as_such(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    partners.suspend(session, cast.tsumugi)
    session.commit()
    assert "登録先の画面に表示されていません" in words(phone.get(own))


def test_the_page_of_one_person_is_not_opened_by_the_link_of_another(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    registered(phone, session, cast, "other@mail.example", cast.manabi.id)
    other = mail_own_page(session, the_profile(session, "other@mail.example").id)
    phone.enter(other)
    page = words(phone.get(other)).partition("ほかに選べる登録先")[0]
    assert cast.manabi.name in page
    assert cast.tsumugi.name not in page
    phone.post(f"{other}/withdrawal", {"partner": str(cast.tsumugi.id)})
    assert _seen_by(session, cast.tsumugi) == 1


def test_the_value_of_the_page_is_asked_for(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    form = {"partner": str(cast.tsumugi.id)}
    assert phone.bare_post(f"{own}/withdrawal", data=form).status_code == 400
    assert phone.bare_post(f"{own}/withdrawal", data=form | {"link_csrf": "f" * 64}).status_code == 400
    assert _seen_by(session, cast.tsumugi) == 1


def _shown(page: str) -> str:
    return page.partition('id="more-')[2].partition('name="shown" value="')[2][:64]


def _seen_by(session: Session, partner: Partner) -> int:
    session.rollback()
    with scopes.partner(session, partner.id):
        return sharing.count(session)


def _count(session: Session, model: type) -> int:
    session.rollback()
    with scopes.everyone(session, "test"):
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_every_answer_of_the_page_leads_back_when_its_address_is_opened_again(
    phone: Phone, session: Session, cast: Cast
) -> None:
    """A phone that reopens its last address asks for it by GET."""
    registered(phone, session, cast)
    own = mail_own_page(session, the_profile(session, EMAIL).id)
    rules = [rule for rule in phone.app.url_map.iter_rules() if rule.rule.startswith("/me/<token>/")]
    posted = {rule.rule for rule in rules if "POST" in (rule.methods or ())}
    assert {"/me/<token>/objection", "/me/<token>/purpose"} <= posted
    for rule in sorted(posted):
        answer = phone.get(rule.replace("/me/<token>", own))
        assert answer.status_code in {200, 303}, rule
