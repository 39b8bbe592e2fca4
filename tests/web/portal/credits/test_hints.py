"""確認したい登録: administrators see number, day and cause, and nothing of a person that HR was not told."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay import clock
from relay.models import HintKind, Referral, ReferralHint, scopes
from relay.network import referrals, registration
from tests.cast import Cast, browse
from tests.db.network.build import EVIDENCE, confirming, mailed_link, register
from tests.web.landing.phone import words

PATH = "/credits/hints"


@pytest.fixture
def adam(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.adam)


def body(browser: FlaskClient, path: str = PATH) -> str:
    return browser.get(path).text.partition("<main")[2]


def odd(session: Session, cast: Cast, kind: HintKind, count: int = 1) -> None:
    """So many referrals of Acme with this hint, a day apart."""
    with scopes.company(session, cast.acme.id):
        for number in range(1, count + 1):
            at = clock.now() - timedelta(days=count - number)
            referral = Referral(company_id=cast.acme.id, number=number, completed_at=at)
            session.add(referral)
            session.flush()
            session.add(ReferralHint(referral_id=referral.id, kind=kind, noted_at=at))
        session.flush()
    session.commit()


def test_it_is_reached_from_the_credits_by_administrators_alone(
    adam: FlaskClient, ada: FlaskClient, vic: FlaskClient
) -> None:
    assert f'href="{PATH}"' in adam.get("/credits").text
    assert "確認したい登録はありません" in body(adam)
    for browser in (ada, vic):
        assert f'href="{PATH}"' not in browser.get("/credits").text
        assert browser.get(PATH).status_code == 403


def test_number_day_and_cause_and_nothing_of_the_person(session: Session, cast: Cast, adam: FlaskClient) -> None:
    link = mailed_link(session, cast.acme, "mailed@mail.example", name="秘密 花子")
    register(session, link, cast.tsumugi, address="typed@other.example", desired_role="秘密の職種")
    registration.confirm(session, confirming(session), EVIDENCE)
    session.commit()
    page = body(adam)
    assert "1番" in page
    assert f"{clock.today().month}/{clock.today().day}" in page
    for secret in ("秘密", "mailed", "typed", "other.example", cast.tsumugi.name, EVIDENCE.network):
        assert secret not in page


def test_which_address_and_which_network_someone_used_read_the_same(
    session: Session, cast: Cast, adam: FlaskClient
) -> None:
    odd(session, cast, HintKind.OTHER_ADDRESS)
    one = words(adam.get(PATH))
    with scopes.company(session, cast.acme.id):
        session.query(ReferralHint).one().kind = HintKind.SAME_NETWORK
    session.commit()
    assert words(adam.get(PATH)) == one
    assert "登録の状況" in one


def test_what_was_voided_says_why(session: Session, cast: Cast, adam: FlaskClient) -> None:
    odd(session, cast, HintKind.SAME_MINUTE)
    assert "数えています" in body(adam)
    referral = referrals.of_number(session, cast.acme.id, 1)
    referrals.void(session, cast.acme.id, referral.id, "同じ方の二重の登録")
    session.commit()
    assert "取り消し済み" in body(adam)
    assert "同じ方の二重の登録" in body(adam)


def test_it_is_read_on_page_by_page(session: Session, cast: Cast, adam: FlaskClient) -> None:
    odd(session, cast, HintKind.SAME_MINUTE, referrals.PAGE + 1)
    newest = body(adam)
    assert f"{referrals.PAGE + 1}番" in newest
    assert ">1番<" not in newest
    older = body(adam, f"{PATH}?before=2")
    assert ">1番<" in older
    assert "いちばん新しいところへ" in older
    assert adam.get(f"{PATH}?before=nonsense").status_code == 200
