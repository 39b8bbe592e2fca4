"""After each act on the own page a mail says what was done and when, names nobody, and comes once (C-25)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import compose, tokens
from relay.models import Message, MessageState, Profile, TokenPurpose, scopes
from relay.network import (
    consents,
    corrections,
    item_choices,
    new_contents,
    next_openings,
    own_acts,
    own_pages,
    pins,
)
from relay.network.profiles import ProfileFields
from tests.cast import Cast
from tests.db.network.build import EVIDENCE, mailed_link, mails, register, the_profile

EMAIL = "hanako@mail.example"
NOON = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
Act = Callable[[Session, Cast, Profile], object]


def give(session: Session, cast: Cast, profile: Profile) -> object:
    return consents.give_more(session, profile.id, cast.manabi.id, token_id=None, evidence=EVIDENCE)


def withdraw(session: Session, cast: Cast, profile: Profile) -> object:
    return consents.withdraw(session, profile.id, cast.tsumugi.id)


def tell_contents(session: Session, cast: Cast, profile: Profile) -> object:
    offers = new_contents.question(session, profile.id).offers
    shown = {each.id: each.terms.hash for each in offers}
    return new_contents.answer(session, profile.id, list(shown), shown=shown, token_id=None, evidence=EVIDENCE)


def keep_contents(session: Session, cast: Cast, profile: Profile) -> object:
    return new_contents.answer(session, profile.id, (), shown={}, token_id=None, evidence=EVIDENCE)


def ask_openings(session: Session, cast: Cast, profile: Profile) -> object:
    return next_openings.give(session, profile.id, cast.acme.id, EVIDENCE)


def end_openings(session: Session, cast: Cast, profile: Profile) -> object:
    ask_openings(session, cast, profile)
    return next_openings.take_back(session, profile.id, cast.acme.id)


def choose_number(session: Session, cast: Cast, profile: Profile) -> object:
    token = tokens.mint(session, TokenPurpose.CHOOSE_PIN, profile.id, profile_id=profile.id)
    return pins.choose(session, token, "7391")


def correct(session: Session, cast: Cast, profile: Profile) -> object:
    return corrections.correct(session, profile.id, ProfileFields(name="高橋 花子", place="松本市"))


def choose_items(session: Session, cast: Cast, profile: Profile) -> object:
    form = item_choices.forms(session, profile.id)[cast.tsumugi.id]
    return item_choices.choose(
        session, profile.id, cast.tsumugi.id, {"name", "email"},
        shown=form.option.terms.hash, token_id=None, evidence=EVIDENCE,
    )  # fmt: skip


def pause(session: Session, cast: Cast, profile: Profile) -> object:
    return own_pages.pause(session, profile.id, clock.today() + timedelta(days=7))


def resume(session: Session, cast: Cast, profile: Profile) -> object:
    pause(session, cast, profile)
    return own_pages.resume(session, profile.id)


SAID: dict[Act, str] = {
    give: "登録先への情報の提供に同意",
    withdraw: "登録先への同意を取り消し",
    tell_contents: "新しい内容を、これまでの登録先にも伝えることに同意",
    keep_contents: "新しい内容は、これまでの登録先には伝えないと回答",
    ask_openings: "企業からのお知らせと、応募の記録の保管に同意",
    end_openings: "企業からのお知らせと保管への同意を取り消し",
    choose_number: "新しい暗証番号を選択",
    correct: "登録された内容を訂正",
    choose_items: "登録先に伝える項目を変更",
    pause: "登録先への表示を休止",
    resume: "登録先への表示を再開",
}


@pytest.fixture
def hanako(session: Session, cast: Cast) -> Profile:
    """Registered with Tsumugi at noon, and again with other words and Manabi, whose consent she took back."""
    with clock.at(NOON - timedelta(days=2)):
        register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi, place="長野県")
        register(session, mailed_link(session, cast.acme, EMAIL), cast.manabi, place="岡山県")
        consents.withdraw(session, the_profile(session, EMAIL).id, cast.manabi.id, way="stopped-all")
    session.commit()
    return the_profile(session, EMAIL)


def told(session: Session) -> list[Message]:
    session.commit()
    return mails(session, own_acts.DONE_ON_OWN_PAGE)


def text_of(session: Session, message: Message) -> str:
    with scopes.everyone(session, "test"):
        written = compose.render(session, message, preview=False, links={"own_url": "https://relay.example/me/x"})
    return f"{written.subject}\n{written.text}"


@pytest.mark.parametrize("act", SAID, ids=lambda act: act.__name__)
def test_each_act_is_told_once_with_its_moment_and_names_nobody(
    session: Session, cast: Cast, hanako: Profile, act: Act
) -> None:
    with clock.at(NOON):
        act(session, cast, hanako)
        act(session, cast, hanako)
        [mail] = told(session)
        text = text_of(session, mail)
    assert text.count(f"11月21日 12:00 {SAID[act]}") == 1
    assert "https://relay.example/me/x" in text
    for name in (cast.tsumugi.name, cast.manabi.name, cast.acme.name, "高橋", "長野", "岡山", hanako.code):
        assert name not in text
    assert (mail.to_address, mail.company_id, mail.due_at) == (EMAIL, None, NOON + timedelta(minutes=10))


def test_what_follows_within_ten_minutes_comes_by_the_same_mail_and_later_acts_by_another(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    for minutes, act in ((0, withdraw), (5, give), (9, keep_contents), (10, ask_openings)):
        with clock.at(NOON + timedelta(minutes=minutes)):
            act(session, cast, hanako)
            session.commit()
    first, second = told(session)
    assert [kind for kind, _at in first.values["acts"]] == ["consent-withdrawn", "consent-given", "contents-kept"]
    assert [kind for kind, _at in second.values["acts"]] == ["openings-asked"]
    assert first.due_at == NOON + timedelta(minutes=10)


def test_a_mail_that_has_left_gathers_nothing_more(session: Session, cast: Cast, hanako: Profile) -> None:
    with clock.at(NOON):
        withdraw(session, cast, hanako)
        [first] = told(session)
        first.state = MessageState.SENDING
        session.commit()
        give(session, cast, hanako)
    assert [len(each.values["acts"]) for each in told(session)] == [1, 1]


def test_an_act_that_changes_nothing_and_one_with_a_letter_of_its_own_send_none(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    consents.withdraw(session, hanako.id, cast.manabi.id)
    next_openings.take_back(session, hanako.id, cast.acme.id)
    own_pages.stop_all(session, hanako.id)
    own_pages.plan_erasure(session, hanako.id)
    assert told(session) == []
    assert len(mails(session, "sharing-stopped")) == 1
