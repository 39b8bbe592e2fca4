"""Six checks, four of them needed; and the act that begins real sending."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Company, Event, Message, MessageState, PracticeRegistration, RejectionReason, Token, scopes
from relay.network.profiles import ProfileFields
from relay.outreach import drafts, practice, readiness
from relay.outreach.draft_rows import Choice
from relay.rights import erasure
from relay.trust import privacy
from tests.cast import Cast
from tests.db.outreach.conftest import Desk, Postbox

BARE = {"address": "", "representative": "", "contact": "", "reply_to": "", "live_since": None}


@pytest.fixture
def acme(session: Session, cast: Cast) -> Company:
    """Acme on its first day: nothing is ready."""
    for name, value in BARE.items():
        setattr(cast.acme, name, value)
    cast.tsumugi.suspended_at = cast.manabi.suspended_at = clock.now()
    session.commit()
    return cast.acme


@pytest.fixture
def live(session: Session, cast: Cast) -> Callable[[], None]:
    def begin() -> None:
        with scopes.company(session, cast.acme.id):
            readiness.go_live(session, cast.acme, by_user_id=cast.adam.id)
        session.commit()

    return begin


def _lit(session: Session, company: Company) -> set[str]:
    with scopes.company(session, company.id):
        return {check.key for check in readiness.go_live_checks(session, company) if check.done}


def _make_ready(session: Session, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    company.address, company.representative, company.contact = "長野県岡谷市1-2-3", "代表 太郎", "0266-00-0000"
    company.reply_to, company.mail_tested_at = "saiyo@acme.example", clock.now()
    monkeypatch.setattr(privacy, "is_published", lambda *_: True)
    session.commit()


def test_each_check_turns_green_by_its_own_doing(
    session: Session, cast: Cast, acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _lit(session, acme) == set()
    acme.address, acme.representative = "長野県岡谷市1-2-3", "代表 太郎"
    assert _lit(session, acme) == set(), "without a contact the particulars are not complete"
    acme.contact = "0266-00-0000"
    assert _lit(session, acme) == {"company"}
    acme.reply_to = "saiyo@acme.example"
    acme.mail_tested_at = clock.now()
    assert _lit(session, acme) == {"company", "reply", "sending"}
    cast.tsumugi.suspended_at = None
    session.commit()
    assert _lit(session, acme) == {"company", "reply", "sending", "partner"}
    monkeypatch.setattr(privacy, "is_published", lambda *_: True)
    monkeypatch.setattr(readiness.installation, "is_answered", lambda *_: True)
    assert _lit(session, acme) == {"company", "reply", "sending", "partner", "privacy", "operator"}


def test_what_is_missing_is_named_and_nothing_begins(session: Session, acme: Company, live: Callable[[], None]) -> None:
    with pytest.raises(readiness.NotReady) as refused:
        live()
    assert "「会社の情報」「返信先のアドレス」「送信のテスト」「個人情報の取扱い」がまだです" in str(refused.value)
    assert acme.live_since is None


def test_a_company_without_a_partner_goes_live_and_its_mail_has_no_relay_part(
    session: Session,
    acme: Company,
    desk: Desk,
    postbox: Postbox,
    live: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _make_ready(session, acme, monkeypatch)
    live()
    acme.send_delay_minutes = 0
    session.commit()
    desk.tell(desk.person())
    postbox.collect()
    [mail] = postbox.mails
    assert str(mail["To"]) == "hanako@mail.example"
    assert "任意" not in str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]


def test_it_deletes_practice_keeps_nothing_waiting_and_happens_once(
    session: Session, cast: Cast, acme: Company, desk: Desk, live: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    _make_ready(session, acme, monkeypatch)
    desk.tell(desk.person())
    live()
    first = acme.live_since
    live()
    assert acme.live_since == first
    with scopes.everyone(session, "test"):
        assert session.scalar(select(func.count()).where(Message.practice)) == 0
    assert session.scalars(select(Event.data).where(Event.tag == "company:went-live")).all() == [{"practice_mails": 1}]


def test_whoever_lacks_a_required_second_factor_enrols_first(
    session: Session, cast: Cast, acme: Company, live: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    _make_ready(session, acme, monkeypatch)
    acme.second_factor_required = True
    session.commit()
    with pytest.raises(readiness.SecondFactorMissing):
        live()
    session.rollback()
    cast.adam.totp_secret = "sealed"
    session.commit()
    live()
    assert acme.live_since is not None


def test_what_was_practised_about_a_person_goes_with_the_person(
    session: Session, cast: Cast, acme: Company, desk: Desk, postbox: Postbox
) -> None:
    """Her name and address stand in a practice mail, too (invariant 9)."""
    application = desk.person()
    desk.tell(application)
    postbox.collect()
    link = str(postbox.mails[0].get_body(("plain",)).get_content()).partition("/practice/")[2].split()[0]  # type: ignore[union-attr]
    practice.register(session, link, [practice.STAND_IN], ProfileFields(name="練習 花子"), None)
    session.commit()
    assert erasure.erase_candidates(session, acme.id, [application.candidate_id]) == 1
    session.commit()
    with scopes.everyone(session, "test"):
        for table in (Message, PracticeRegistration, Token):
            assert session.scalars(select(table)).all() == []


def test_a_draft_can_be_practised_again_and_the_mails_still_waiting_are_replaced(
    session: Session, cast: Cast, acme: Company, desk: Desk, postbox: Postbox
) -> None:
    application = desk.person()
    with scopes.company(session, acme.id):
        draft = drafts.start(session, acme, [application.id], by_user_id=cast.ada.id)
        reason, by = RejectionReason.SKILLS, cast.ada.id
        drafts.confirm_rejections(session, acme, draft.batch, reason, expected=1, by_user_id=by)
        common = Choice(reason, desk.text().id)
        drafts.save(session, acme, draft.batch, common, {}, by_user_id=cast.ada.id)
        for _press in range(2):
            drafts.send(session, acme, draft.batch, expected=1, by_user_id=cast.ada.id)
            session.commit()
        assert len(practice.of_batch(session, draft.batch)) == 1
    postbox.collect()
    with scopes.company(session, acme.id):
        drafts.send(session, acme, draft.batch, expected=1, by_user_id=cast.ada.id)
        session.commit()
        states = [row.state for row in practice.of_batch(session, draft.batch)]
    assert states == [MessageState.SENT, MessageState.SCHEDULED]
