"""合いそうな方の設定: the switch of selection records, the months before contact, the company's own words."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay import clock
from relay.indexing import search_rows
from relay.models import ApplicationResult, LearnedWeight, LegalItem, Purpose, RejectionReason, scopes
from relay.rights import privacy_draft
from relay.trust import legal_checklist, privacy, record_use
from relay.trust.legal_checklist import LegalEntry
from relay.trust.privacy import Content
from tests.cast import Cast, browse, make_application, make_candidate, make_position
from tests.web.landing.phone import words

PAGE = "/settings/fits"


@pytest.fixture
def adam(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.adam)


def written(day: object) -> str:
    return f"{day.year}年{day.month}月{day.day}日"  # type: ignore[attr-defined]


def publish(session: Session, cast: Cast) -> None:
    drafted = privacy_draft.proposal(cast.acme)
    content = Content({**drafted.purposes, Purpose.RECORD: privacy_draft.RECORD}, drafted.sections)
    privacy.save(session, cast.acme, content, by_user_id=None)
    privacy.publish(session, cast.acme, confirmed=True)
    session.commit()


def confirm(session: Session, cast: Cast) -> None:
    entry = LegalEntry(LegalItem.SELECTION_RECORD, "弁護士 山田", clock.today())
    legal_checklist.save(session, cast.acme.id, entry, by_user_id=None)
    session.commit()


def test_the_switch_says_what_is_missing_and_nothing_changes(adam: FlaskClient, session: Session, cast: Cast) -> None:
    shown = words(adam.get(PAGE))
    assert "利用していません" in shown and privacy_draft.RECORD_FORM_LINE in shown
    today = written(clock.today())
    for step, said in ((publish, "弁護士か労働局に確認した日がありません"), (None, "")):
        if step is not None:
            step(session, cast)
        answer = adam.post(f"{PAGE}/record", data={"act": "on", "told": today})
        assert (answer.status_code == 422) is bool(said or not record_use.since(session, cast.acme.id))
        assert "弁護士か労働局に確認した日がありません" in words(answer)
    assert record_use.since(session, cast.acme.id) is None


def test_an_admin_begins_it_from_a_day_and_stops_it_at_once(adam: FlaskClient, session: Session, cast: Cast) -> None:
    publish(session, cast)
    confirm(session, cast)
    for typed, said in (("いつか", ""), (written(clock.today() - timedelta(days=1)), "公開した日から今日までの日")):
        answer = adam.post(f"{PAGE}/record", data={"act": "on", "told": typed})
        assert answer.status_code == 422 and said in words(answer)
        assert f'value="{typed}"' in answer.text
    assert adam.post(f"{PAGE}/record", data={"act": "on", "told": written(clock.today())}).status_code == 303
    first = clock.today() + timedelta(days=1)
    shown = words(adam.get(PAGE))
    assert "利用中" in shown and f"{written(first)}以降に応募した候補者の記録だけを使います" in shown
    assert "どなたが申し出たかは表示しません" in shown
    assert adam.post(f"{PAGE}/record", data={"act": "off"}).status_code == 303
    session.expire_all()
    assert record_use.since(session, cast.acme.id) is None


def test_a_recruiter_changes_none_of_it(ada: FlaskClient, session: Session, cast: Cast) -> None:
    for path in ("record", "learning", "months", "words", "words/remove"):
        assert ada.post(f"{PAGE}/{path}", data={"act": "on"}).status_code == 403


def test_the_page_of_fits_says_by_which_layer_and_by_which_points(
    ada: FlaskClient, session: Session, cast: Cast
) -> None:
    position = make_position(session, cast.acme, "溶接工")
    person = make_candidate(session, cast.acme, "青木 はるか", desired_role="溶接工")
    day = clock.today()
    ended = {"status": ApplicationResult.REJECTED, "decided_on": day, "applied_on": day - timedelta(days=9)}
    make_application(session, person, stage="最終面接", reason=RejectionReason.FILLED, **ended)
    with scopes.company(session, cast.acme.id):
        search_rows.index(session, [person.id])
    session.commit()
    assert "まで進み" not in words(ada.get(f"/positions/{position.id}/fits"))
    cast.acme.record_use_since, cast.acme.reapply_months = day - timedelta(days=9), None
    session.commit()
    shown = words(ada.get(f"/positions/{position.id}/fits"))
    assert "「最終面接」まで進み、当時の理由は「採用人数の都合」" in shown
    assert "最終か内定まで（15点）" in shown and "採用人数の都合（10点）" in shown
    assert "使わないよう申し出た方の記録は使いません。経験と資格で2,000番目までの方について数えます" in shown
    cast.acme.reapply_months = 3
    session.commit()
    shown = words(ada.get(f"/positions/{position.id}/fits"))
    assert "最後の結果から3か月たっていない方も表示しません" in shown and "青木" not in shown


def test_learned_points_are_told_with_what_moved_them_and_one_click_leads_back(
    adam: FlaskClient, session: Session, cast: Cast
) -> None:
    position = make_position(session, cast.acme, "溶接工")
    assert "動いた理由をお伝えできる項目は、まだありません" in words(adam.get(PAGE))
    with scopes.company(session, cast.acme.id):
        for part, thousandths, people in (("role", 51_260, 7), ("kindred", 19_000, 4), ("final", 16_000, 9)):
            row = {"part": part, "thousandths": thousandths, "people": people, "agreed": 3}
            session.add(LearnedWeight(**row, fitted_at=clock.now()))
    session.commit()
    moved = "同じ職種の7名中3名が応じました（50点から51.3点へ）。"
    for address in (PAGE, f"/positions/{position.id}/fits"):
        shown = words(adam.get(address))
        assert moved in shown and "近い職種の4名" not in shown and "最終か内定まで進んだ9名" not in shown
    assert "同じ職種（51.3点）または近い職種（19点）" in shown
    assert adam.post(f"{PAGE}/learning", data={"act": "off"}).status_code == 303
    shown = words(adam.get(f"/positions/{position.id}/fits"))
    assert "同じ職種（50点）または近い職種（20点）" in shown and moved not in shown
    assert "はじめの配点で並べています" in words(adam.get(PAGE))
    assert adam.post(f"{PAGE}/learning", data={"act": "sideways"}).status_code == 400
    assert adam.post(f"{PAGE}/learning", data={"act": "on"}).status_code == 303
    assert "少しずつ動きます" in words(adam.get(PAGE))


def test_the_months_are_chosen_and_none_is_a_choice(adam: FlaskClient, session: Session, cast: Cast) -> None:
    for typed, kept in (("6", 6), ("0", None)):
        assert adam.post(f"{PAGE}/months", data={"months": typed}).status_code == 303
        session.refresh(cast.acme)
        assert cast.acme.reapply_months == kept
    assert adam.post(f"{PAGE}/months", data={"months": "99"}).status_code == 422


def test_a_word_is_added_once_shown_and_removed(adam: FlaskClient, session: Session, cast: Cast) -> None:
    typed = {"word": "生技", "meaning": "生産技術"}
    for _ in range(2):
        assert adam.post(f"{PAGE}/words", data=typed).status_code == 303
    shown = adam.get(PAGE).text
    assert shown.count("「生産技術」の意味") == 1
    refused = adam.post(f"{PAGE}/words", data={"word": "ほげ", "meaning": "ふがふが"})
    assert refused.status_code == 422 and 'value="ふがふが"' in refused.text
    number = shown.split('name="word_id" value="')[1].split('"')[0]
    for _ in range(2):
        assert adam.post(f"{PAGE}/words/remove", data={"word_id": number}).status_code == 303
    assert "「生産技術」の意味" not in adam.get(PAGE).text
