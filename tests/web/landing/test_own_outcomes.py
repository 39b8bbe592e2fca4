"""What became of the person, on their own page: who said it, their own word, and which company reads it from when."""

import re

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Candidate, OutcomeKind, OutcomeTotal, Profile, scopes
from relay.network import outcomes
from tests.cast import Cast, browse
from tests.db.network.build import the_profile
from tests.web.landing.phone import EMAIL, Phone, mail_own_page, registered, words


@pytest.fixture
def own(phone: Phone, session: Session, cast: Cast) -> str:
    """The own page of a person who registered through Acme's link, entered."""
    registered(phone, session, cast)
    path = mail_own_page(session, the_profile(session, EMAIL).id)
    assert phone.enter(path).status_code == 303
    return path


@pytest.fixture
def person(session: Session, own: str) -> Profile:
    return the_profile(session, EMAIL)


def tell(session: Session, cast: Cast, person: Profile, kind: str = "offer") -> None:
    outcomes.tell(session, cast.tsumugi.id, person.id, kind, so=True, by_user_id=cast.agnes.id)
    session.commit()


def record(app: Flask, session: Session, cast: Cast) -> str:
    """What HR reads of the person's record."""
    session.rollback()
    with scopes.company(session, cast.acme.id):
        number = session.scalars(select(Candidate.id)).one()
    return words(browse(app, cast.ada).get(f"/pool/{number}"))


def agree(phone: Phone, own: str, cast: Cast) -> int:
    shown = re.findall(r'name="shown" value="([0-9a-f]{64})"', phone.get(own).text)[-1]
    form = {"company": str(cast.acme.id), "agree": "1", "shown": shown}
    return phone.post(f"{own}/outcomes/consent", form).status_code


def test_the_person_reads_who_said_it_and_denies_it_with_one_tap(
    phone: Phone, session: Session, cast: Cast, own: str, person: Profile
) -> None:
    tell(session, cast, person)
    today = clock.today()
    said = f"{cast.tsumugi.name}が{today.year}年{today.month}月{today.day}日に伝えました。"
    assert said in words(phone.get(own)) and "上書きはされません" in words(phone.get(own))
    for _tap in range(2):
        assert phone.post(f"{own}/outcomes", {"kind": "offer", "not-so": "1"}).status_code == 303
    page = words(phone.get(f"{own}?done=outcome"))
    assert said in page and "登録先とご本人の内容が違っています。" in page
    assert "お名前とあわせては伝わりません" in page
    assert phone.post(f"{own}/outcomes", {"kind": "nonsense"}).status_code == 422


def test_a_company_reads_from_the_tick_to_the_tap_and_before_and_after_nothing(
    app: Flask, phone: Phone, session: Session, cast: Cast, own: str, person: Profile
) -> None:
    tell(session, cast, person)
    assert "内定" not in record(app, session, cast), "off until ticked"
    boxes = re.findall(r'<input[^>]*name="agree"[^>]*>', phone.get(own).text)
    assert boxes and not any("checked" in box for box in boxes)
    page = words(phone.get(own))
    assert "お名前とあわせて読むことへの同意です。伝えた紹介会社・学校の名前も表示されます。" in page
    assert "任意で、同意されなくても何も変わりません。" in page
    refused = phone.post(f"{own}/outcomes/consent", {"company": str(cast.acme.id)})
    assert refused.status_code == 422 and "チェックを入れてから" in words(refused)
    stale = {"company": str(cast.acme.id), "agree": "1", "shown": "0" * 64}
    assert "説明が変わりました" in words(phone.post(f"{own}/outcomes/consent", stale))
    assert "内定" not in record(app, session, cast)
    assert agree(phone, own, cast) == 303
    assert "読めるようになりました。いつでも取り消せます。" in words(phone.get(f"{own}?done=outcomes"))
    seen = record(app, session, cast)
    assert "内定" in seen and cast.tsumugi.name in seen
    for _tap in range(2):
        assert phone.post(f"{own}/outcomes/withdrawal", {"company": str(cast.acme.id)}).status_code == 303
    assert "企業は、もう読めません。" in words(phone.get(f"{own}?done=outcomes-ended"))
    assert "内定" not in record(app, session, cast)


def test_the_credits_show_full_tens(app: Flask, session: Session, cast: Cast) -> None:
    assert "登録された方のその後" not in words(browse(app, cast.ada).get("/credits"))
    with scopes.company(session, cast.acme.id):
        session.add(OutcomeTotal(company_id=cast.acme.id, kind=OutcomeKind.OFFER, people=20, taken_at=clock.now()))
    session.commit()
    page = words(browse(app, cast.ada).get("/credits"))
    assert "20名以上" in page and "10名単位で、1日に1回" in page
