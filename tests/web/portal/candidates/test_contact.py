"""What a person said outside Relay, and their own wish to hear no more: kept, shown, taken back by their word alone."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.infra.keyed_hash import address_hash
from relay.mail import optouts
from relay.models import Candidate, ContactChannel, Event, EventTag, MailClass, Note, scopes
from relay.network import links
from relay.network.links import LinkRefusal
from tests.cast import Cast, make_candidate
from tests.conftest import ON_ONE
from tests.web.portal.conftest import HTMX


def refusal(session: Session, cast: Cast, candidate: Candidate) -> LinkRefusal | None:
    """Why the person's result mail would go without the relay part."""
    return links.refusals(session, cast.acme.id, [candidate.id]).get(candidate.id)


def stopped(session: Session, cast: Cast, address: str) -> list[bool]:
    with scopes.company(session, cast.acme.id):
        return [optouts.is_opted_out(session, cast.acme.id, address, kind) for kind in MailClass]


NOTHING_BUT_RESULTS = [False, True, True]
"""Transactional, relay, promo."""


def test_a_wish_to_hear_no_more_leaves_only_results(
    session: Session, cast: Cast, ada: FlaskClient, vic: FlaskClient, hanako: Candidate
) -> None:
    assert refusal(session, cast, hanako) is None
    saved = ada.post(f"/pool/{hanako.id}/contact-stop", data={"contact_channel": "phone"})
    assert (saved.status_code, saved.location) == (303, f"/pool/{hanako.id}")
    assert stopped(session, cast, hanako.email) == NOTHING_BUT_RESULTS
    assert refusal(session, cast, hanako) is LinkRefusal.NOT_FOR_THEM
    page = vic.get(f"/pool/{hanako.id}").text
    for words in ("ご本人の希望で停止しています", "電話", "記録：Ada", "結果連絡だけは送れます", "連絡を停止しました"):
        assert words in page
    assert "contact-resume" not in page, "who only reads takes nothing back"


def test_the_wish_holds_for_a_later_address_and_for_none(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    ada.post(f"/pool/{hanako.id}/contact-stop", data={"contact_channel": "mail"})
    data = {"name": hanako.name, "kana": hanako.kana, "email": "new@mail.example", "phone": ""}
    ada.post(f"/pool/{hanako.id}/facts", data=data)
    assert stopped(session, cast, "new@mail.example") == NOTHING_BUT_RESULTS
    silent = make_candidate(session, cast.acme, "宛先 無", email="")
    session.commit()
    ada.post(f"/pool/{silent.id}/contact-stop", data={"contact_channel": "meeting"})
    silent.email, silent.email_key = "found@mail.example", "found@mail.example"
    session.commit()
    assert refusal(session, cast, silent) is LinkRefusal.NOT_FOR_THEM


def test_it_is_taken_back_by_the_persons_word_and_logged(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    ada.post(f"/pool/{hanako.id}/contact-stop", data={"contact_channel": "phone"})
    assert ada.post(f"/pool/{hanako.id}/contact-resume").status_code == 422
    assert stopped(session, cast, hanako.email) == NOTHING_BUT_RESULTS
    assert ada.post(f"/pool/{hanako.id}/contact-resume", data={"contact_channel": "mail"}).status_code == 303
    assert stopped(session, cast, hanako.email) == [False, False, False]
    assert refusal(session, cast, hanako) is None
    tags = (EventTag.CONTACT_STOPPED.value, EventTag.CONTACT_RESUMED.value)
    told = select(Event.tag, Event.actor_id, Event.data).where(Event.tag.in_(tags)).order_by(Event.id)
    assert [tuple(row) for row in session.execute(told)] == [
        (tags[0], cast.ada.id, {"contact_channel": "phone"}),
        (tags[1], cast.ada.id, {"contact_channel": "mail"}),
    ]
    assert "連絡を再開しました" in ada.get(f"/pool/{hanako.id}?show=mail").text


def test_two_presses_are_one_wish(session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate) -> None:
    for _press in range(2):
        assert ada.post(f"/pool/{hanako.id}/contact-stop", data={"contact_channel": "phone"}).status_code == 303
    assert len(session.scalars(select(Event).where(Event.tag == EventTag.CONTACT_STOPPED.value)).all()) == 1


def test_what_the_person_stopped_by_a_link_stays_their_own(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    with scopes.company(session, cast.acme.id):
        optouts.opt_out(session, cast.acme.id, address_hash(hanako.email), MailClass.RELAY, "page")
    session.commit()
    page = ada.get(f"/pool/{hanako.id}").text
    assert "案内は入りません。" in page
    assert "ご本人の希望で停止しています" not in page, "whose doing it is, is not said"
    assert "contact-resume" not in page
    ada.post(f"/pool/{hanako.id}/contact-stop", data={"contact_channel": "phone"})
    ada.post(f"/pool/{hanako.id}/contact-resume", data={"contact_channel": "phone"})
    assert stopped(session, cast, hanako.email) == [False, True, False]


def test_another_person_of_the_same_address_keeps_their_wish(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    sister = make_candidate(session, cast.acme, "髙橋 桜", email=hanako.email)
    session.commit()
    for person in (hanako, sister):
        ada.post(f"/pool/{person.id}/contact-stop", data={"contact_channel": "phone"})
    ada.post(f"/pool/{hanako.id}/contact-resume", data={"contact_channel": "phone"})
    assert stopped(session, cast, hanako.email) == NOTHING_BUT_RESULTS


@pytest.mark.parametrize("recorder", ["contact-stop", "contact-resume", "replies"])
def test_strangers_and_viewers_do_neither(
    ada: FlaskClient, vic: FlaskClient, hanako: Candidate, stranger: Candidate, recorder: str
) -> None:
    data = {"contact_channel": "phone", "reply-contact_channel": "phone", "reply-body": "x"}
    assert ada.post(f"/pool/{stranger.id}/{recorder}", data=data).status_code == 404
    assert vic.post(f"/pool/{hanako.id}/{recorder}", data=data).status_code == 403


# replies


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_reply_stands_under_the_day_it_came(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate, headers: dict[str, str]
) -> None:
    day = clock.today() - timedelta(days=3)
    data = {
        "reply-contact_channel": "phone",
        "reply-day": f"{day:%Y/%m/%d}",
        "reply-body": "春なら話を聞きたいとのこと",
    }
    saved = ada.post(f"/pool/{hanako.id}/replies", data=data, headers=headers)
    assert saved.status_code == (200 if headers else 303)
    with scopes.company(session, cast.acme.id):
        note = session.scalars(select(Note)).one()
    assert (note.contact_channel, note.at.astimezone(clock.JAPAN).date()) == (ContactChannel.PHONE, day)
    page = ada.get(f"/pool/{hanako.id}").text
    assert "ご本人の返信（電話）" in page
    assert f"{day.year}年{day.month}月{day.day}日</time>・Ada" in page
    assert "春なら話を聞きたい" in page
    assert "髙橋 花子" in ada.get("/pool?q=春なら").text


@ON_ONE
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"reply-contact_channel": ""}, "どのようにお聞きしたか"),
        ({"reply-body": ""}, "お聞きした内容を入力"),
        ({"reply-day": "2026/2/30"}, "という日はありません"),
        ({"reply-day": f"{clock.today() + timedelta(days=1)}"}, "これからの日は記録できません"),
        ({"reply-body": "持病が再発したとのこと"}, "「持病」"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_reply_that_cannot_be_kept_is_said_so(
    session: Session,
    cast: Cast,
    ada: FlaskClient,
    hanako: Candidate,
    typed: dict[str, str],
    sentence: str,
    headers: dict[str, str],
) -> None:
    data = {"reply-contact_channel": "mail", "reply-day": "", "reply-body": "よろしくとのこと"} | typed
    answer = ada.post(f"/pool/{hanako.id}/replies", data=data, headers=headers)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert data["reply-body"] in answer.text
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Note)).all() == []
    if "持病" in data["reply-body"]:
        ada.post(f"/pool/{hanako.id}/replies", data=data | {"confirmed": "1"}, headers=headers)
        with scopes.company(session, cast.acme.id):
            assert len(session.scalars(select(Note)).all()) == 1
