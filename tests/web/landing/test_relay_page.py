"""The page behind a relay link: what it says, and what it never says (C-19, C-22, A-9, B-6, B-13, B-19)."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from relay import clock
from relay.models import RelayLink, scopes
from relay.network import links, partner_options, partners
from tests.cast import Cast, browse, make_partner, make_partnership, make_position
from tests.db.network.build import mailed_link, promised
from tests.web.landing.phone import EMAIL, Phone, answers, mail_link, words


def test_it_names_every_partner_as_the_law_wants(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    page = words(phone.get(path))
    for partner in (cast.tsumugi, cast.manabi):
        for particular in (partner.name, partner.address, partner.representative, partner.contact):
            assert particular in page
    assert cast.tsumugi.license_number
    assert cast.tsumugi.license_number in page


def test_it_says_what_a_consent_must_say(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    page = words(phone.get(path))
    assert "職種・評価・理由は伝わりません" in page
    assert "登録してもしなくても、今回の結果にも、今後のご応募にも影響しません" in page
    assert "氏名、フリガナ、メールアドレス、電話番号、希望職種、希望勤務地、これまでの経験のうち" in page
    assert "同意の日から12か月" in page
    assert "いつでも取り消せます" in page
    assert "Relayから消去を求めます" in page
    assert "お急ぎになる必要はありません" in page
    gain, button = page.index("10名に達するごとに", page.index("伝わる内容")), page.index("この内容で登録する")
    assert gain < button


def test_every_sentence_a_consent_keeps_stands_on_the_page(phone: Phone, session: Session, cast: Cast) -> None:

    link, path = mail_link(session, cast.acme)
    page = words(phone.get(path))
    for partner in partner_options.registration_options(session, link).partners:
        recipient, *others = partner.terms.paragraphs
        assert recipient.text.startswith(partner.name)
        for paragraph in others:
            assert paragraph.label in page
            assert paragraph.text in page


def test_nothing_stored_about_the_person_is_shown(phone: Phone, session: Session, cast: Cast) -> None:
    position = make_position(session, cast.acme, "生産技術エンジニア")
    link, path = mail_link(session, cast.acme, name="中村 遥", kana="ナカムラ ハルカ", phone="090-1111-2222")
    with scopes.company(session, cast.acme.id):
        from relay.models import Application

        session.get_one(Application, link.application_id).position_id = position.id
    session.commit()
    for address in (path, f"{path}/done", f"{path}/stop"):
        page = phone.get(address, follow_redirects=True).text
        for stored in (
            "中村",
            "ナカムラ",
            EMAIL,
            "09011112222",
            "090-1111-2222",
            "生産技術エンジニア",
            "見送り",
            "不採用",
        ):
            assert stored not in page


def test_no_box_is_ticked_and_nothing_filled_in(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    page = phone.get(path).text
    boxes = re.findall(r'<input[^>]*type="checkbox"[^>]*>', page)
    assert len(boxes) == 4
    assert not [each for each in boxes if "checked" in each]
    assert 'value="link"' in page
    for name in ("name", "kana", "other_address", "phone", "desired_role", "place"):
        field = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
        assert field is not None
        assert 'value=""' in field[0]


def test_declining_is_as_large_as_registering(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    page = phone.get(path).text
    buttons = re.findall(r'<(?:button type="submit"|summary) class="([^"]*)"', page)
    assert len(buttons) == 2
    assert all("btn--block" in each for each in buttons)
    assert not any("btn--sm" in each or "btn--quiet" in each for each in buttons)


def test_headers_keep_the_link_to_itself(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    headers = phone.get(path).headers
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Robots-Tag"] == "noindex"
    assert "unsafe-inline" not in headers["Content-Security-Policy"]


def test_the_first_visit_is_remembered_but_not_a_head(phone: Phone, session: Session, cast: Cast) -> None:
    link, path = mail_link(session, cast.acme)
    assert phone.head(path).status_code == 200
    assert _visited(session, link) is None
    phone.get(path)
    first = _visited(session, link)
    assert first is not None
    phone.get(path)
    assert _visited(session, link) == first


def test_without_partners_it_says_so_and_offers_no_form(phone: Phone, session: Session, cast: Cast) -> None:

    _link, path = mail_link(session, cast.acme)
    for partner in (cast.tsumugi, cast.manabi):
        partners.end_partnership(session, cast.acme.id, partner.id)
    session.commit()
    response = phone.get(path)
    assert response.status_code == 200
    assert "いまご案内できる紹介会社・学校がありません" in words(response)
    assert "<form" not in response.text


def test_a_link_of_a_company_with_one_school_speaks_of_schools(phone: Phone, session: Session, cast: Cast) -> None:
    from tests.cast import make_partnership

    make_partnership(session, cast.other, cast.manabi)
    link = mailed_link(session, cast.other, "ichiro@mail.example")

    with scopes.company(session, cast.other.id):
        path = f"/r/{links.mint(session, link, None)}"
    session.commit()
    page = words(phone.get(path))
    assert "提携する学校に" in page
    assert "10名に達するごとに" not in page
    assert "この学校への登録で受ける便益はありません" in page


def _visited(session: Session, link: RelayLink) -> object:
    session.rollback()
    with scopes.company(session, link.company_id):
        session.refresh(link)
    return link.visited_at


# what is said of a yes, and what the company sees of it


def test_what_the_company_learns_of_a_yes_is_what_the_page_says(
    app: Flask, phone: Phone, session: Session, cast: Cast
) -> None:
    """That she registered with an agency, the day and the number; no name of an agency, nothing that was typed."""
    link, path = mail_link(session, cast.acme)
    page = phone.get(path)
    assert "ご自身が紹介会社に登録されたことと、その日付・通し番号が伝わります。" in words(page)
    phone.post(path, answers(page.text, cast.tsumugi.id, cast.manabi.id, desired_role="治具の設計"))
    ada = browse(app, cast.ada)
    record = words(ada.get(f"/pool/{link.candidate_id}"))
    assert "リレー完了" in record and f"{clock.today().month}月{clock.today().day}日" in record
    for secret in (cast.tsumugi.name, cast.manabi.name, "治具の設計"):
        assert secret not in record


def test_a_registration_with_a_school_is_not_told_to_the_company(
    app: Flask, phone: Phone, session: Session, cast: Cast
) -> None:
    link, path = mail_link(session, cast.acme)
    page = phone.get(path)
    assert f"学校への登録は、{cast.acme.name}には伝わりません。" in words(page)
    before = _record(app, cast, link)
    phone.post(path, answers(page.text, cast.manabi.id))
    assert _record(app, cast, link) == before
    with clock.at(clock.now() + timedelta(days=61)):
        assert "案内の期限が過ぎました" in _record(app, cast, link), "as of somebody who was silent"


def test_with_a_single_agency_the_page_says_that_it_can_be_inferred(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    inferred = f"どこに登録されたかを{cast.acme.name}が推測できます"
    assert inferred in words(phone.get(path))
    make_partnership(session, cast.acme, make_partner(session, "rival"))
    session.commit()
    assert inferred not in words(phone.get(path))


def test_that_she_was_not_hired_is_said_in_plain_words(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    shown = words(phone.get(path))
    said = f"登録先には、{cast.acme.name}に応募し、採用に至らなかったことが分かります。職種・評価・理由は伝わりません。"
    assert shown.count(said) == 3, "on top, in the terms and among the questions"


@pytest.mark.parametrize(("a_year", "gains"), [(None, False), (4, True), (0, False)])
def test_the_companys_gain_is_said_while_a_partner_honours_it(
    phone: Phone, session: Session, cast: Cast, a_year: int | None, gains: bool
) -> None:
    _link, path = mail_link(session, cast.acme)
    if a_year is not None:
        promised(session, cast, a_year)
    session.commit()
    shown = words(phone.get(path))
    assert ("手数料なしで利用できます" in shown) is gains
    assert ("いま、この枠を使える紹介会社はありません" in shown) is not gains


def test_nothing_says_that_items_can_be_chosen_one_by_one(phone: Phone, session: Session, cast: Cast) -> None:
    """One chooses whom, and what by filling it in: every recipient gets the same."""
    _link, path = mail_link(session, cast.acme)
    shown = words(phone.get(path))
    assert "何を伝えるか" not in shown
    assert "伝わる項目は、どの登録先にも同じです。" in shown


def _record(app: Flask, cast: Cast, link: RelayLink) -> str:
    return words(browse(app, cast.ada).get(f"/pool/{link.candidate_id}"))
