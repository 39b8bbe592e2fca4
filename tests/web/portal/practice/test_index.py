"""HR practises: writes results, gets the mails oneself, tries the page, sees both sides, erases; then goes live."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.access.csrf import link_csrf
from relay.models import (
    Application,
    ApplicationResult,
    Event,
    Message,
    MessageState,
    PracticeRegistration,
    RelayLink,
    RetentionBasis,
    UserSession,
    scopes,
)
from relay.outreach import drafts, templates
from relay.outreach.draft_rows import Choice
from relay.rights import record_ends
from tests.cast import PIN, Cast, browse, make_application, make_candidate, make_cast
from tests.db.outreach.conftest import Postbox, text_of


@pytest.fixture
def cast(session: Session) -> Cast:
    """Acme practises, with the standard texts."""
    made = make_cast(session)
    made.acme.live_since = None
    templates.install_defaults(session, made.acme.id)
    session.commit()
    return made


@pytest.fixture
def ada(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.ada)


@pytest.fixture
def postbox(app: Flask) -> Postbox:
    return Postbox()


def _drafted(session: Session, cast: Cast) -> tuple[Application, str]:
    from relay.models import RejectionReason

    application = make_application(session, make_candidate(session, cast.acme, "高橋 花子"))
    with scopes.company(session, cast.acme.id):
        draft = drafts.start(session, cast.acme, [application.id], by_user_id=cast.ada.id)
        drafts.confirm_rejections(
            session, cast.acme, draft.batch, RejectionReason.SKILLS, expected=1, by_user_id=cast.ada.id
        )
        text = templates.choices(session)[0]
        common = Choice(RejectionReason.SKILLS, text.id)
        drafts.save(session, cast.acme, draft.batch, common, {}, by_user_id=cast.ada.id)
    session.commit()
    return application, draft.batch


def _link(postbox: Postbox) -> str:
    found = re.search(r"/practice/[\w-]+", text_of(postbox.mails[-1]))
    assert found is not None
    return found.group()


def _registers(app: Flask, path: str, **more: object) -> object:
    phone = app.test_client()
    form = {
        "link_csrf": link_csrf(path.rpartition("/")[2]),
        "partner": "0",
        "name": "練習 花子",
        "address": "link",
        "number": PIN,
        "of_age": "y",
        "desired_role": "経理",
    }
    return phone.post(path, data=form | more)


def test_telling_in_practice_mails_whoever_pressed_and_touches_nothing(
    ada: FlaskClient, session: Session, cast: Cast, postbox: Postbox
) -> None:
    application, batch = _drafted(session, cast)
    confirm = ada.get(f"/results/drafts/{batch}/confirm").text
    assert "練習として自分に送る" in confirm
    answer = ada.post(f"/results/drafts/{batch}/tell", data={"people": "1"})
    assert answer.location.endswith(f"/practice/sent/{batch}")
    page = ada.get(answer.location).text
    assert "練習として、1通をあなた宛てに送っています" in page
    assert "高橋 花子さん宛て" in page
    postbox.collect()
    assert "練習として、1通をあなた宛てに送りました" in ada.get(answer.location).text
    [mail] = postbox.mails
    assert str(mail["To"]) == cast.ada.email
    with scopes.company(session, cast.acme.id):
        session.refresh(application)
        assert (application.status, application.notified_at, application.reason) == (ApplicationResult.OPEN, None, None)
        states = set(session.scalars(select(Message.state)))
        assert states == {MessageState.DRAFT}, "the words stay, to be sent in earnest later"
        assert session.scalar(select(func.count()).select_from(RelayLink)) == 0


def test_sending_to_myself_trying_seeing_both_sides_and_erasing(
    app: Flask, ada: FlaskClient, session: Session, cast: Cast, postbox: Postbox
) -> None:
    assert ada.post("/practice/send").location.endswith("/practice")
    postbox.collect()
    path = _link(postbox)
    offered = app.test_client().get(path)
    assert "練習のページです" in offered.text
    assert cast.tsumugi.name in offered.text
    assert "Set-Cookie" not in offered.headers
    answer = _registers(app, path, partner=str(cast.tsumugi.id))
    assert answer.status_code == 303  # type: ignore[attr-defined]
    page = ada.get("/practice").text
    assert "練習 花子" in page
    assert "7人目（見本）" in page
    ada.post("/practice/erase")
    assert "練習 花子" not in ada.get("/practice").text
    assert app.test_client().get(path).status_code == 404
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(PracticeRegistration)).all() == []


def test_registering_again_overwrites_and_a_wrong_form_keeps_nothing(
    app: Flask, ada: FlaskClient, session: Session, cast: Cast, postbox: Postbox
) -> None:
    ada.post("/practice/send")
    postbox.collect()
    path = _link(postbox)
    assert _registers(app, path, partner=str(cast.tsumugi.id), name="").status_code == 422  # type: ignore[attr-defined]
    assert _registers(app, path, partner="987654").status_code == 422  # type: ignore[attr-defined]
    for name in ("一回目", "二回目"):
        _registers(app, path, partner=str(cast.manabi.id), name=name)
    page = ada.get("/practice").text
    assert "二回目" in page and "一回目" not in page
    assert "リレー完了には数えられず" in page, "a school alone completes no relay"


def test_without_a_partner_one_made_for_practice_stands_in(
    app: Flask, ada: FlaskClient, session: Session, cast: Cast, postbox: Postbox
) -> None:
    cast.tsumugi.suspended_at = cast.manabi.suspended_at = clock.now()
    session.commit()
    ada.post("/practice/send")
    postbox.collect()
    assert "本番のメールにこのご案内は付きません" in text_of(postbox.mails[-1])
    path = _link(postbox)
    assert "練習用紹介会社" in app.test_client().get(path).text
    _registers(app, path)
    assert "練習用紹介会社" in ada.get("/practice").text


def test_the_no_of_practice_sends_nothing_either(
    app: Flask, ada: FlaskClient, session: Session, cast: Cast, postbox: Postbox
) -> None:
    ada.post("/practice/send")
    postbox.collect()
    assert '<details class="decline">' in app.test_client().get(_link(postbox)).text
    assert app.test_client().get("/practice/unknown").status_code == 404


def test_every_page_says_that_it_is_practice_until_the_company_is_live(
    ada: FlaskClient, session: Session, cast: Cast
) -> None:
    for path in ("/", "/results", "/templates", "/credits"):
        assert "練習中です。候補者には届きません。" in ada.get(path).text, path
    cast.acme.live_since = clock.now()
    session.commit()
    assert "練習中です" not in ada.get("/results").text


def test_stop_everything_is_on_every_page_and_says_what_waits(ada: FlaskClient, session: Session, cast: Cast) -> None:
    cast.acme.live_since = clock.now()
    session.commit()
    _application, batch = _drafted(session, cast)
    ada.post(f"/results/drafts/{batch}/tell", data={"people": "1"})
    assert "すべての送信を停止する" in ada.get("/pool").text
    ada.post("/sending/stop")
    for path in ("/", "/results/queue", "/pool"):
        page = ada.get(path).text
        assert "すべての送信を停止しています" in page and "1通が待っています" in page, path
    ada.post("/sending/resume")
    assert "すべての送信を停止しています" not in ada.get("/pool").text


# going live


def _ready(session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from relay.trust import privacy

    cast.acme.mail_tested_at = clock.now()
    session.commit()
    monkeypatch.setattr(privacy, "is_published", lambda *_: True)


def test_it_does_not_begin_while_something_is_missing(app: Flask, session: Session, cast: Cast) -> None:
    adam = browse(app, cast.adam)
    assert "ここに開始のボタンが出ます" in adam.get("/live").text
    answer = adam.post("/live", data={"sure": "y"})
    assert answer.status_code == 409
    assert "「送信のテスト」「個人情報の取扱い」がまだです" in answer.text
    session.refresh(cast.acme)
    assert cast.acme.live_since is None


def test_going_live_takes_practice_away_and_keeps_what_was_written(
    app: Flask, ada: FlaskClient, session: Session, cast: Cast, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ready(session, cast, monkeypatch)
    _application, batch = _drafted(session, cast)
    ada.post(f"/results/drafts/{batch}/tell", data={"people": "1"})
    postbox.collect()
    path = _link(postbox)
    assert browse(app, cast.adam).post("/live", data={"sure": "y"}).status_code == 303
    session.refresh(cast.acme)
    assert cast.acme.live_since is not None
    assert app.test_client().get(path).status_code == 404
    assert session.scalars(select(Event.data).where(Event.tag == "company:went-live")).one() == {"practice_mails": 1}
    ada.post(f"/results/drafts/{batch}/tell", data={"people": "1"})
    postbox.collect(later=timedelta(minutes=11))
    assert str(postbox.mails[-1]["To"]) == cast.ada.email, "who was to be rejected in practice is asked about anew"
    ada.post(f"/results/drafts/{batch}/reject", data={"people": "1", "reason": "skills"})
    ada.post(f"/results/drafts/{batch}/tell", data={"people": "1"})
    postbox.collect(later=timedelta(minutes=11))
    assert str(postbox.mails[-1]["To"]) == "hanako@mail.example"
    assert "練習" not in str(postbox.mails[-1]["Subject"])


def test_what_will_happen_is_said_with_numbers_and_has_to_be_confirmed(
    app: Flask, ada: FlaskClient, session: Session, cast: Cast, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ready(session, cast, monkeypatch)
    _application, batch = _drafted(session, cast)
    ada.post(f"/results/drafts/{batch}/tell", data={"people": "1"})
    for name in ("未 一子", "未 二子"):
        person = make_candidate(session, cast.acme, name)
        make_application(session, person, status=ApplicationResult.REJECTED, decided_on=clock.today())
    session.commit()
    adam = browse(app, cast.adam)

    shown = adam.get("/live").text
    for words in (
        "始めただけで候補者に届くメールは、いまはありません。",
        "結果をまだ伝えていない方は2名です。始めただけでは届きません。",
        "練習で送ったメール1通と、",
    ):
        assert words in shown
    unsure = adam.post("/live")
    assert unsure.status_code == 422
    assert "候補者に届くことを確認し、チェックを入れてください。本番の送信は、まだ始まっていません。" in unsure.text
    session.refresh(cast.acme)
    assert cast.acme.live_since is None

    soon = make_candidate(session, cast.acme, "末 近子", email="soon@mail.example", basis=RetentionBasis.CONSENTED)
    soon.retain_until = clock.today() + timedelta(days=10)
    session.commit()
    assert "2週間以内に保管期限が来る1名に、お知らせのメールを自動で送ります。" in adam.get("/live").text

    assert adam.post("/live", data={"sure": "y"}).location == "/"
    with scopes.company(session, cast.acme.id):
        written = record_ends.write_to(session, cast.acme.id)
        session.commit()
        mails = session.scalars(select(Message.to_address).where(Message.state == MessageState.SCHEDULED)).all()
    assert ([each.name for each in written], mails) == (["末 近子"], ["soon@mail.example"]), "and nobody else"


def test_a_required_second_factor_comes_first(
    app: Flask, session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ready(session, cast, monkeypatch)
    cast.acme.second_factor_required = True
    session.commit()
    adam = browse(app, cast.adam)
    assert "二段階認証を設定する" in adam.get("/live").text
    answer = adam.post("/live", data={"sure": "y"})
    assert answer.location.startswith("/account/second-factor?next=")
    session.refresh(cast.acme)
    assert cast.acme.live_since is None


def test_beginning_wants_a_fresh_proof_of_who_presses(
    app: Flask, session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ready(session, cast, monkeypatch)
    adam = browse(app, cast.adam)
    session.execute(UserSession.__table__.update().values(proven_at=clock.now() - timedelta(hours=1)))  # type: ignore[attr-defined]
    session.commit()
    adam.post("/live", data={"sure": "y"})
    session.refresh(cast.acme)
    assert cast.acme.live_since is None
