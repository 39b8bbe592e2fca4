"""/partner/people: what the desk of the key's partner shows, at this very request, each reading a provision."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.connect.keys import KeyOwner
from relay.models import ApiKey, ApiScope, Event, EventTag, Partner, Profile, ProvisionKind, ProvisionRecord, scopes
from relay.network import consents, finding, item_choices, own_pages, partners, sharing
from relay.rights import own_erasure
from tests.cast import Cast, browse, make_partnership
from tests.db.network.build import EVIDENCE, mailed_link, register
from tests.web.agency.people import consented
from tests.web.api import desk
from tests.web.api.conftest import Keyed, Program
from tests.web.landing.phone import Phone, mail_own_page, words

FIELDS = {
    "name": "中村 遥",
    "kana": "ナカムラ ハルカ",
    "phone": "09012345678",
    "desired_role": "品質保証",
    "place": "松本市",
    "experience": "生産技術を6年\n\n品質保証を2年",
}


@pytest.fixture
def manabi(keyed: Keyed, cast: Cast) -> Program:
    return keyed(KeyOwner(partner_id=cast.manabi.id), by_user_id=cast.sho.id)


@pytest.fixture
def haruka(session: Session, cast: Cast) -> Profile:
    return consented(session, cast, "haruka@mail.example", cast.tsumugi, **FIELDS)


@pytest.fixture
def people(session: Session, cast: Cast, haruka: Profile) -> list[Profile]:
    """Haruka, one known by name alone, one of both partners, and one of the school."""
    return [
        haruka,
        consented(session, cast, "a@mail.example", cast.tsumugi, name="<佐藤> & 花"),
        consented(session, cast, "b@mail.example", cast.tsumugi, cast.manabi, **(FIELDS | {"name": "林 蓮"})),
        consented(session, cast, "c@mail.example", cast.manabi, name="森 凛", phone="0311112222"),
    ]


def walked(program: Program, **asked: str) -> Iterator[dict[str, str]]:
    """Everybody in the list, page by page."""
    cursor: str | None = ""
    while cursor is not None:
        answer = program.get("/partner/people", **asked, **({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.text
        assert answer.json is not None
        yield from answer.json["data"]
        cursor = answer.json["next_cursor"]


Act = Callable[[Session, Cast, list[Profile]], object]


def _nothing(_session: Session, _cast: Cast, _people: list[Profile]) -> None:
    """All is as it was registered."""


def _withdraw(session: Session, cast: Cast, people: list[Profile]) -> None:
    consents.withdraw(session, people[0].id, cast.tsumugi.id)
    consents.withdraw(session, people[2].id, cast.manabi.id)


def _pause(session: Session, _cast: Cast, people: list[Profile]) -> None:
    own_pages.pause(session, people[2].id, clock.today() + timedelta(days=30))


def _narrow(session: Session, cast: Cast, people: list[Profile]) -> None:
    shown = item_choices.forms(session, people[0].id)[cast.tsumugi.id].option.terms.hash
    item_choices.choose(
        session,
        people[0].id,
        cast.tsumugi.id,
        {"name", "email", "place"},
        shown=shown,
        token_id=None,
        evidence=EVIDENCE,
    )


def _write_later(session: Session, _cast: Cast, people: list[Profile]) -> None:
    with scopes.profile(session, people[0].id):
        profile = session.scalars(select(Profile)).one()
        profile.phone, profile.desired_role = "09099999999", "あとから書いた職種"


def _end_partnership(session: Session, cast: Cast, _people: list[Profile]) -> None:
    partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)


def _let_licence_expire(session: Session, cast: Cast, _people: list[Profile]) -> None:
    session.get_one(Partner, cast.tsumugi.id).license_until = clock.today() - timedelta(days=1)


def _suspend(session: Session, cast: Cast, _people: list[Profile]) -> None:
    partners.suspend(session, session.get_one(Partner, cast.manabi.id))


def _come_again_through_another_company(session: Session, cast: Cast, people: list[Profile]) -> None:
    make_partnership(session, cast.other, cast.tsumugi)
    register(session, mailed_link(session, cast.other, people[1].email), cast.tsumugi, name="佐藤 花", place="岡山県")


def _erase(session: Session, _cast: Cast, people: list[Profile]) -> None:
    own_erasure.erase_now(session, people[2].id)


ACTS = [
    _nothing,
    _withdraw,
    _pause,
    _narrow,
    _write_later,
    _end_partnership,
    _let_licence_expire,
    _suspend,
    _come_again_through_another_company,
    _erase,
]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__.strip("_"))
def test_a_partner_key_reads_exactly_what_its_desk_shows(
    app: Flask, session: Session, cast: Cast, tsumugi: Program, manabi: Program, people: list[Profile], act: Act
) -> None:
    """Every person, at the agency and at the school, in the list and field by field, and never what was seen before."""
    codes = [person.code for person in people]
    desks = ((tsumugi, browse(app, cast.agnes)), (manabi, browse(app, cast.sho)))
    before = [_seen(program, their_desk, codes) for program, their_desk in desks]
    assert sum(map(len, before)) == 5
    act(session, cast, people)
    session.commit()
    after = [_seen(program, their_desk, codes) for program, their_desk in desks]
    assert (after == before) == (act in (_nothing, _write_later))


def _seen(program: Program, their_desk: FlaskClient, codes: list[str]) -> list[dict[str, object]]:
    """Whom both show alike."""
    rows = [(*row[:3], row[3].partition("+")[0].partition(".")[0], row[4]) for row in desk.list_of(their_desk)]
    assert [desk.listed_by_api(each) for each in walked(program)] == rows
    seen = []
    for code in codes:
        page, answer = their_desk.get(f"/agency/people/{code}"), program.get(f"/partner/people/{code}")
        assert answer.status_code == page.status_code, code
        assert (code in {row[0] for row in rows}) == (answer.status_code == 200)
        if answer.status_code == 200:
            assert answer.json is not None
            assert desk.record_by_api(answer.json) == desk.record_of(page.text)
            seen.append(answer.json)
    return seen


def test_a_consent_that_ended_shows_nobody(tsumugi: Program, haruka: Profile) -> None:
    with clock.at(clock.now() + timedelta(days=366)):
        assert list(walked(tsumugi)) == []
        answer = tsumugi.get(f"/partner/people/{haruka.code}")
    assert (answer.status_code, answer.mimetype) == (410, "application/problem+json")
    assert answer.json is not None
    assert answer.json["code"] == "person-not-shared"


def test_a_reading_is_a_provision_that_the_person_sees(
    app: Flask, session: Session, cast: Cast, tsumugi: Program, haruka: Profile
) -> None:
    """Read again within ten minutes it is the same reading; the partner's people have not opened the person by it."""
    for minutes in (0, 1, 11):
        with clock.at(clock.now() + timedelta(minutes=minutes)):
            assert tsumugi.get(f"/partner/people/{haruka.code}").status_code == 200
    [key_id] = _keys(session, cast)
    readings = _readings(session, haruka)
    assert [(each.api_key_id, each.user_id, each.partner_id) for each in readings] == [
        (key_id, None, cast.tsumugi.id)
    ] * 2
    assert set(readings[0].items) == {*FIELDS, "email"}
    events = session.scalars(select(Event).where(Event.tag == EventTag.PROFILE_VIEWED)).all()
    assert [(each.actor_kind, each.actor_id) for each in events] == [("api-key", key_id)] * 2
    phone = Phone(app)
    own = mail_own_page(session, haruka.id)
    phone.enter(own)
    page = words(phone.get(own))
    assert page.count(f"{cast.tsumugi.name}のシステムが自動で読み取りました") == 2
    assert f"{cast.tsumugi.name}が開きました" not in page
    with scopes.partner(session, cast.tsumugi.id):
        [row] = finding.find(session).rows
    assert row.opened_at is None


def test_a_head_reads_and_records_nothing(session: Session, tsumugi: Program, haruka: Profile) -> None:
    answer = tsumugi("HEAD", f"/partner/people/{haruka.code}")
    assert (answer.status_code, answer.data) == (200, b"")
    assert _readings(session, haruka) == []


def test_a_code_as_told_on_the_phone_is_read(tsumugi: Program, haruka: Profile) -> None:
    answer = tsumugi.get(f"/partner/people/{haruka.code.replace('-', '').lower()}")
    assert answer.json is not None
    assert answer.json["code"] == haruka.code


def test_another_partner_and_made_up_codes_find_nothing(
    session: Session, manabi: Program, tsumugi: Program, haruka: Profile
) -> None:
    nowhere = [tsumugi.get("/partner/people/AAAA-AAAA"), tsumugi.get("/partner/people/x")]
    for answer in (manabi.get(f"/partner/people/{haruka.code}"), *nowhere):
        assert answer.status_code == 404
        assert answer.json is not None
        assert answer.json["code"] == "not-found"
    assert list(walked(manabi)) == []
    assert _readings(session, haruka) == []


def test_the_list_goes_page_by_page_while_people_come_and_go(session: Session, cast: Cast, tsumugi: Program) -> None:
    people = [consented(session, cast, f"{n}@mail.example", cast.tsumugi) for n in range(5)]
    first = tsumugi.get("/partner/people", limit=2).json
    assert first is not None
    consented(session, cast, "new@mail.example", cast.tsumugi)
    consents.withdraw(session, people[3].id, cast.tsumugi.id)
    session.commit()
    rest = tsumugi.get("/partner/people", limit=200, cursor=first["next_cursor"]).json
    assert rest is not None
    read = [each["code"] for each in first["data"] + rest["data"]]
    assert read == [people[place].code for place in (4, 3, 2, 1, 0)]
    assert rest["next_cursor"] is None


def test_the_list_is_narrowed_to_days_of_registration(
    session: Session, cast: Cast, tsumugi: Program, haruka: Profile
) -> None:
    today = clock.today()
    with clock.at(clock.now() + timedelta(days=3)):
        later = consented(session, cast, "later@mail.example", cast.tsumugi)
        soon = (today + timedelta(days=1)).isoformat()
        assert [each["code"] for each in walked(tsumugi, registered_from=soon)] == [later.code]
        assert [each["code"] for each in walked(tsumugi, registered_to=soon)] == [haruka.code]
        whole = {"registered_from": "0001-01-01", "registered_to": "9999-12-31"}
        assert [each["code"] for each in walked(tsumugi, **whole)] == [later.code, haruka.code]
    for asked in ({"registered_from": "きのう"}, {"q": "中村"}, {"limit": "0"}):
        assert tsumugi.get("/partner/people", **asked).status_code == 422
    assert tsumugi.get("/partner/people", cursor="x").status_code == 400


def test_the_list_holds_no_name_and_is_no_viewing(session: Session, tsumugi: Program, haruka: Profile) -> None:
    [row] = walked(tsumugi)
    assert set(row) == {"code", "desired_role", "place", "registered_at", "as_of"}
    assert _readings(session, haruka) == []


def test_readings_count_as_openings(
    session: Session, cast: Cast, tsumugi: Program, haruka: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opened by a colleague and read by a program within ten minutes, a person counts once."""
    counted: list[int] = []
    monkeypatch.setattr(sharing, "_count_openings", lambda _session, partner_id, times: counted.append(times))
    other = consented(session, cast, "other@mail.example", cast.tsumugi)
    with scopes.partner(session, cast.tsumugi.id):
        sharing.open_person(session, haruka.code, cast.agnes.id)
    session.commit()
    for code in (haruka.code, other.code, other.code):
        tsumugi.get(f"/partner/people/{code}")
    assert counted == [1, 1]


def test_a_key_for_acts_alone_reads_nobody(keyed: Keyed, cast: Cast, haruka: Profile) -> None:
    acts = keyed(KeyOwner(partner_id=cast.tsumugi.id), ApiScope.WRITE_OUTCOMES, by_user_id=cast.agnes.id)
    assert acts.get("/partner/people").status_code == 403
    assert acts.get(f"/partner/people/{haruka.code}").status_code == 403


def _keys(session: Session, cast: Cast) -> list[int]:
    with scopes.partner(session, cast.tsumugi.id):
        return list(session.scalars(select(ApiKey.id)))


def _readings(session: Session, person: Profile) -> list[ProvisionRecord]:
    session.rollback()
    with scopes.profile(session, person.id):
        which = select(ProvisionRecord).where(ProvisionRecord.kind == ProvisionKind.READ_BY_API)
        return list(session.scalars(which.order_by(ProvisionRecord.id)))
