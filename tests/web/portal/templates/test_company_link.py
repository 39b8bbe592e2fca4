"""結果連絡 → テンプレート → 会社のリンク: what to paste, and how many came by it without saying who."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from relay.models import Application, ApplicationResult, Company, Referral, ResultsFrom, scopes
from tests.cast import Cast, browse
from tests.db.network.build import register
from tests.db.network.test_company_links import bring, link_for, work
from tests.web.landing.phone import words


def test_the_link_and_the_lines_to_paste(ada: FlaskClient, cast: Cast) -> None:
    page = ada.get("/templates/link")
    text = words(page)
    url = f"/careers/{cast.acme.slug}/relay"
    assert f'{url}"' in page.text
    for part in ("送信者：", cast.acme.name, cast.acme.address, cast.acme.contact, "以後お送りしません"):
        assert part in text
    for program in ("HERP", "HRMOS", "ジョブカン", "Talentio", "Gmail", "Outlook", "紙の手紙"):
        assert program in text
    assert 'src="data:image/svg+xml' in page.text
    assert "受け付けていません" not in text
    assert ada.get(url).status_code == 200


def test_a_link_that_takes_nobody_says_so(ada: FlaskClient, session: Session, cast: Cast) -> None:
    session.execute(update(Company).where(Company.id == cast.acme.id).values(relay_enabled=False))
    session.commit()
    assert "いま登録を受け付けていません" in words(ada.get("/templates/link"))


def test_who_waits_is_a_number_in_tens_without_a_name(ada: FlaskClient, session: Session, cast: Cast) -> None:
    for number in range(10):
        waiting = words(ada.get("/templates/link"))
        assert "確認待ち：10件未満" in waiting
        register(session, link_for(session, cast, f"person{number}@mail.example"), cast.tsumugi, name="高橋 花子")
        session.commit()
    page = words(ada.get("/templates/link"))
    assert "確認待ち：10件以上" in page
    assert "高橋" not in page


def test_home_tells_what_an_import_brought_and_from_ten_on_by_which_way(
    ada: FlaskClient, session: Session, cast: Cast
) -> None:
    for number in range(10):
        register(session, link_for(session, cast, f"person{number}@mail.example"), cast.tsumugi)
        bring(session, cast, f"person{number}@mail.example")
        if number == 8:
            work(session)
            assert "リレー完了の内訳" not in words(ada.get("/"))
    work(session)
    home = words(ada.get("/"))
    assert "会社のリンクから登録された方1名の応募が確認でき" in home
    assert "結果連絡のメールから0名、会社のリンクから10名" in home
    with scopes.company(session, cast.acme.id):
        assert session.query(Referral).count() == 10


def test_a_registration_changes_nothing_the_company_sees_while_selection_runs(
    app: Flask, session: Session, cast: Cast
) -> None:
    """Not even an administrator can tell: pages of the person, lists, numbers and log are the same bytes (A-45)."""
    application_id = bring(session, cast, "hana@mail.example", ApplicationResult.OPEN)
    work(session)
    with scopes.company(session, cast.acme.id):
        candidate_id = session.get_one(Application, application_id).candidate_id
    adam = browse(app, cast.adam)
    pages = (f"/candidates/{candidate_id}", "/", "/pool", "/credits", "/results", "/results/sent", "/templates/link")
    [adam.get(each) for each in pages]
    before = [words(adam.get(each)) for each in pages]
    register(session, link_for(session, cast, "hana@mail.example"), cast.tsumugi)
    work(session)
    assert [words(adam.get(each)) for each in pages] == before


def test_whoever_tells_results_from_an_ats_is_led_there(ada: FlaskClient, session: Session, cast: Cast) -> None:
    session.execute(update(Company).where(Company.id == cast.acme.id).values(results_from=ResultsFrom.ATS))
    session.commit()
    assert "/templates/link" in ada.get("/").text
    assert "/templates/link" in ada.get("/templates").text
