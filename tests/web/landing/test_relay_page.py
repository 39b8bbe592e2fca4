"""The page behind a relay link: what it says, and what it never says (C-19, C-22, A-9, B-6, B-13, B-19)."""

import re

from sqlalchemy.orm import Session

from relay.models import RelayLink, scopes
from tests.cast import Cast, make_position
from tests.db.network.build import mailed_link
from tests.web.landing.phone import EMAIL, Phone, mail_link, words


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
    assert "選考の評価や結果の理由が伝わることはありません" in page
    assert "登録してもしなくても、選考の結果には影響しません" in page
    assert "氏名、フリガナ、メールアドレス、電話番号、希望職種、希望勤務地、これまでの経験のうち" in page
    assert "同意の日から12か月" in page
    assert "いつでも取り消せます" in page
    assert "消去を求め、連絡先をお知らせします" in page
    assert "急がなくて大丈夫です" in page
    gain, button = page.index("10名に達するごとに", page.index("伝わる内容")), page.index("この内容で登録する")
    assert gain < button


def test_every_sentence_a_consent_keeps_stands_on_the_page(phone: Phone, session: Session, cast: Cast) -> None:
    from relay.network import registration

    link, path = mail_link(session, cast.acme)
    page = words(phone.get(path))
    for partner in registration.offer(session, link).partners:
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
    assert len(boxes) == 3
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
    from relay.network import partners

    _link, path = mail_link(session, cast.acme)
    for partner in (cast.tsumugi, cast.manabi):
        partners.end_partnership(session, cast.acme.id, partner.id)
    session.commit()
    response = phone.get(path)
    assert response.status_code == 200
    assert "いま、ご登録いただける相手がいません" in words(response)
    assert "<form" not in response.text


def test_a_link_of_a_company_with_one_school_speaks_of_schools(phone: Phone, session: Session, cast: Cast) -> None:
    from tests.cast import make_partnership

    make_partnership(session, cast.other, cast.manabi)
    link = mailed_link(session, cast.other, "ichiro@mail.example")
    from relay.network import links

    with scopes.company(session, cast.other.id):
        path = f"/r/{links.mint(session, link, None)}"
    session.commit()
    page = words(phone.get(path))
    assert "提携する学校に" in page
    assert "10名に達するごとに" not in page
    assert "この学校への登録で受け取るものはありません" in page


def _visited(session: Session, link: RelayLink) -> object:
    session.rollback()
    with scopes.company(session, link.company_id):
        session.refresh(link)
    return link.visited_at
