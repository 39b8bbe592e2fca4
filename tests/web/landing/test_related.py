"""「関連会社にも知らせてよい」 on the own page and behind 再スカウト, and what HR may do with it (A-10, A-48)."""

import re

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Candidate, Referral, RelatedCompany, RelatedConsent, RelatedProvision, scopes
from relay.network import own_pages, related_companies
from relay.outreach import templates
from tests.cast import Cast, browse, make_position
from tests.db.network.build import mails, the_profile
from tests.db.network.relating import facts, relate
from tests.db.outreach.rescouting import mailed_path, pooled, rescout, sent_rescouts
from tests.web.landing.phone import EMAIL, Phone, mail_own_page, registered, words

OKAYAMA, KURASHIKI = "株式会社アクメ岡山", "株式会社アクメ倉敷"
BOX = "（株式会社acmeの関連会社）にも知らせてよい"
HANA = "hana@mail.example"


@pytest.fixture
def related(session: Session, cast: Cast) -> list[RelatedCompany]:
    return relate(session, cast.acme, facts(1, OKAYAMA), facts(2, KURASHIKI))


@pytest.fixture
def own(phone: Phone, session: Session, cast: Cast, related: list[RelatedCompany]) -> str:
    """The own page of somebody who registered through Acme's link, entered."""
    registered(phone, session, cast)
    path = mail_own_page(session, the_profile(session, EMAIL).id)
    assert phone.enter(path).status_code == 303
    return path


@pytest.fixture
def again(session: Session, cast: Cast, related: list[RelatedCompany]) -> str:
    """The page behind a 再スカウト to somebody who never registered."""
    templates.install_defaults(session, cast.acme.id)
    person = pooled(session, cast.acme, HANA, name="花岡 葉")
    rescout(session, cast.acme, make_position(session, cast.acme, "生産技術"), [person.id], cast.ada.id)
    return mailed_path(session, sent_rescouts(session)[0])


def shown(page: str) -> dict[str, str]:
    """The hashes of the words beside the boxes, as the page sends them."""
    return dict(re.findall(r'name="(shown-\d+)" value="([0-9a-f]{64})"', page.partition("/related")[2]))


def standing(session: Session) -> list[RelatedConsent]:
    session.rollback()
    with scopes.everyone(session, "test"):
        return list(session.scalars(select(RelatedConsent).where(RelatedConsent.ended_at.is_(None))))


def count(session: Session, model: type) -> int:
    session.rollback()
    with scopes.everyone(session, "test"):
        return session.scalar(select(func.count()).select_from(model)) or 0


def the_candidate(session: Session, cast: Cast) -> Candidate:
    with scopes.company(session, cast.acme.id):
        return session.scalars(select(Candidate)).one()


def tick(phone: Phone, own: str, cast: Cast, *chosen: RelatedCompany) -> None:
    form = {"company": str(cast.acme.id), "related": [str(each.id) for each in chosen]}
    assert phone.post(f"{own}/related", form | shown(phone.get(own).text)).status_code == 303


def test_each_related_company_has_a_box_of_its_own_and_none_is_ticked(
    phone: Phone, session: Session, cast: Cast, own: str
) -> None:
    page = phone.get(own)
    boxes = re.findall(r'<input[^>]*name="related"[^>]*>', page.text)
    assert len(boxes) == 2 and not any("checked" in box for box in boxes)
    for said in (
        f"{OKAYAMA}{BOX}",
        f"{KURASHIKI}{BOX}",
        "住所：岡山県岡山市北区1-1、代表者：代表 次郎、法人番号：",
        "目的は、株式会社アクメ岡山が、自社の求人をご本人に直接ご案内することです。",
        "選考の結果・評価・メモ・書類は伝えません。",
        "任意です。同意されなくても、選考や、ほかのご案内には影響しません。",
    ):
        assert said in words(page), said
    refused = phone.post(f"{own}/related", {"company": str(cast.acme.id)} | shown(page.text))
    assert refused.status_code == 422 and "チェックを入れてから" in words(refused)
    assert not standing(session)


def test_a_tick_is_seen_by_hr_tells_nobody_and_is_taken_back_with_one_tap(
    app: Flask, phone: Phone, session: Session, cast: Cast, own: str, related: list[RelatedCompany]
) -> None:
    record = f"/pool/{the_candidate(session, cast).id}"
    assert "関連会社に知らせてよい" not in words(browse(app, cast.ada).get(record)), "nothing to do without a word"
    tick(phone, own, cast, related[0])
    told = words(phone.get(f"{own}?done=related"))
    assert "同意されただけでは、関連会社にはまだ何も伝わりません。" in told and "まだ伝えていません" in told
    (word,) = standing(session)
    assert word.recipient["name"] == OKAYAMA
    assert count(session, Referral) == 1, "no referral besides the registration's"
    assert count(session, RelatedProvision) == 0
    seen = words(browse(app, cast.ada).get(record))
    today = clock.today()
    assert f"{OKAYAMA}{today.year}年{today.month}月{today.day}日に、ご本人が同意されました。" in seen
    assert "関連会社にも知らせてよいと、同意されました" in seen and KURASHIKI not in seen
    for _tap in range(2):
        phone.post(f"{own}/related/withdrawal", {"company": str(cast.acme.id), "consent": str(word.id)})
    assert not standing(session)
    assert "関連会社に知らせてよい" not in words(browse(app, cast.ada).get(record))
    (mail,) = mails(session, "done-on-own-page")
    assert {kind for kind, _at in mail.values["acts"]} >= {"related-agreed", "related-ended"}


def test_the_file_holds_what_was_agreed_and_no_judgement_and_its_record_is_on_the_own_page(
    app: Flask, phone: Phone, session: Session, cast: Cast, own: str, related: list[RelatedCompany]
) -> None:
    tick(phone, own, cast, related[0])
    (word,) = standing(session)
    person = the_candidate(session, cast)
    path = f"/pool/{person.id}/related/{word.id}"
    assert browse(app, cast.vic).post(f"{path}/file").status_code == 403
    assert browse(app, cast.mona).post(f"{path}/file").status_code == 404
    file = browse(app, cast.ada).post(f"{path}/file")
    assert file.mimetype == "text/csv" and file.headers["Cache-Control"] == "no-store"
    text = file.get_data().decode("utf-8-sig")
    for part in ("氏名", person.name, person.email, OKAYAMA, cast.acme.name, cast.acme.address, "ご本人の同意の日"):
        assert part in text, part
    for kept in ("見送り", "不採用", "一次選考", "Indeed"):
        assert kept not in text, kept
    assert count(session, RelatedProvision) == 1
    today = clock.today()
    on = f"{today.year}年{today.month}月{today.day}日"
    assert f"伝えるために書き出した日{on}" in words(phone.get(own)).replace(" ", "")
    seen = words(browse(app, cast.ada).get(f"/pool/{person.id}"))
    assert "関連会社に伝える内容を、ファイルに書き出しました" in seen
    phone.post(f"{own}/related/withdrawal", {"company": str(cast.acme.id), "consent": str(word.id)})
    late = browse(app, cast.ada).post(f"{path}/file")
    assert late.status_code == 422 and "この同意は終わっています。" in words(late)
    assert count(session, RelatedProvision) == 1
    receipt = words(phone.get(f"{own}/receipt"))
    assert OKAYAMA in receipt and "伝える企業" in receipt and "取り消した日時" in receipt


def test_hr_ends_a_word_on_the_persons_wish_and_no_other_company_can(
    app: Flask, phone: Phone, session: Session, cast: Cast, own: str, related: list[RelatedCompany]
) -> None:
    tick(phone, own, cast, *related)
    first, second = standing(session)
    path = f"/pool/{the_candidate(session, cast).id}/related"
    assert browse(app, cast.mona).post(f"{path}/{first.id}/end").status_code == 404
    assert browse(app, cast.vic).post(f"{path}/{first.id}/end").status_code == 403
    for _click in range(2):
        assert browse(app, cast.ada).post(f"{path}/{first.id}/end").status_code == 303
    assert [each.id for each in standing(session)] == [second.id]


def test_a_company_added_later_is_another_box_and_one_removed_ends_its_own(
    app: Flask, phone: Phone, session: Session, cast: Cast, own: str, related: list[RelatedCompany]
) -> None:
    tick(phone, own, cast, *related)
    related_companies.add(session, cast.acme.id, facts(3, "株式会社アクメ津山"), by_user_id=None)
    related_companies.remove(session, cast.acme.id, related[0].id)
    session.commit()
    page = phone.get(own)
    assert len(re.findall(r'name="related"', page.text)) == 1 and f"株式会社アクメ津山{BOX}" in words(page)
    (left,) = standing(session)
    assert left.recipient["name"] == KURASHIKI
    assert "提携の終了などで終わった日時" in words(phone.get(f"{own}/receipt"))


def test_words_that_changed_meanwhile_are_shown_again(
    phone: Phone, session: Session, cast: Cast, own: str, related: list[RelatedCompany]
) -> None:
    opened = shown(phone.get(own).text)
    moved = facts(1, "株式会社アクメ総社")
    related_companies.change(session, cast.acme.id, related[0].id, moved, by_user_id=None)
    session.commit()
    form = {"company": str(cast.acme.id), "related": [str(each.id) for each in related]}
    refused = phone.post(f"{own}/related", form | opened)
    assert refused.status_code == 422 and "関連会社についての説明が変わりました" in words(refused)
    assert not standing(session)
    for company in (cast.other.id, 10**17):
        assert phone.post(f"{own}/related", form | {"company": str(company)} | opened).status_code == 303
    assert not standing(session), "to no company whose link was not used"


def test_stopping_everything_without_the_number_ends_it(
    phone: Phone, session: Session, cast: Cast, own: str, related: list[RelatedCompany]
) -> None:
    tick(phone, own, cast, related[0])
    assert "関連会社に知らせることへの同意も取り消しになります。" in words(phone.get(own))
    own_pages.stop_all(session, the_profile(session, EMAIL).id)
    session.commit()
    assert not standing(session)


def test_whoever_never_registered_says_it_behind_the_mail_and_takes_it_back_there(
    app: Flask, phone: Phone, session: Session, cast: Cast, again: str, related: list[RelatedCompany]
) -> None:
    page = phone.get(again)
    assert "チェックを入れなければ、関連会社には何も伝わりません。" in words(page)
    assert phone.post(f"{again}/related", shown(page.text)).status_code == 422
    assert not standing(session)
    given = phone.post(f"{again}/related", {"related": str(related[0].id)} | shown(page.text))
    assert given.status_code == 303
    (word,) = standing(session)
    assert (word.profile_id, word.recipient["name"]) == (None, OKAYAMA)
    page = phone.get(again)
    assert f"{OKAYAMA}に知らせてよい" in words(page) and "何もなさらなければ、応募したことにはならず" in words(page)
    browse(app, cast.ada).post(f"/pool/{word.candidate_id}/related/{word.id}/file")
    assert "<dt>伝えるために書き出した日</dt>" not in phone.get(again).text, "passed on, it shows nothing kept (C-19)"
    assert "取り消しを記録し、そのあとは伝えません。" in words(phone.get(again))
    for _tap in range(2):
        assert phone.post(f"{again}/related/withdrawal", {"consent": str(word.id)}).status_code == 303
    assert not standing(session)


def test_where_no_related_company_is_named_no_page_speaks_of_it(phone: Phone, session: Session, cast: Cast) -> None:
    registered(phone, session, cast)
    path = mail_own_page(session, the_profile(session, EMAIL).id)
    phone.enter(path)
    assert "関連会社にも" not in words(phone.get(path))
