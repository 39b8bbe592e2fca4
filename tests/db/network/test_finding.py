"""Finding people in a partner's list: by any item it was given and by no other, in several orders, at this moment."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Partner, PartnerPerson, Partnership, Profile, WorkState, scopes
from relay.network import consents, finding, own_pages, partners, sharing, visits
from relay.network.finding import COUNTED, FoundPeople, Neighbours, PeopleOrder, PeopleQuery
from tests.cast import Cast, make_partnership
from tests.db.network.build import mailed_link, register, the_profile

HARUKA = {
    "name": "髙橋 遥",
    "kana": "タカハシ ハルカ",
    "phone": "090-1234-5678",
    "desired_role": "ＳＥ・品質保証",
    "place": "長野県松本市",
    "experience": "生産技術を6年、C++とPython",
}
MINORU = {
    "name": "田中 実",
    "kana": "タナカ ミノル",
    "desired_role": "経理",
    "place": "東京都",
    "experience": "簿記2級",
}


def look(session: Session, partner: Partner, query: PeopleQuery, **place: str) -> FoundPeople:
    with scopes.partner(session, partner.id):
        return finding.find(session, query, **place)


def codes(session: Session, partner: Partner, query: PeopleQuery) -> list[str]:
    return [row.code for row in look(session, partner, query).rows]


def registered(session: Session, cast: Cast, email: str, *chosen: Partner, **fields: str) -> str:
    """The reference of a person who registered through Acme's link."""
    register(session, mailed_link(session, cast.acme, email), *(chosen or (cast.tsumugi,)), **fields)
    session.commit()
    return the_profile(session, email).code


@pytest.fixture
def haruka(session: Session, cast: Cast) -> str:
    registered(session, cast, "minoru@mail.example", **MINORU)
    return registered(session, cast, "haruka.t@mail.example", **HARUKA)


@pytest.mark.parametrize(
    "q",
    [
        *("高橋", "髙橋遥", "遥", "たかはし", "ﾀｶﾊｼ", "takahasi", "takahashi haruka", "タカハシハルカ"),
        *(
            "haruka.t@mail.example",
            "ＨＡＲＵＫＡ",
            "09012345678",
            "090-1234-5678",
            "090 1234",
            "０９０１２３４５６７８",
        ),
        *("haruka", "se", "ＳＥ", "品質", "松本", "生産技術 長野", "python 高橋", "c++", "松本市　品質保証"),
    ],
)
def test_any_item_finds_in_any_width_and_several_words_all_have_to_hit(
    session: Session, cast: Cast, haruka: str, q: str
) -> None:
    assert codes(session, cast.tsumugi, PeopleQuery(q=q)) == [haruka]


@pytest.mark.parametrize("q", ["高橋 東京", "山田", "%", "_", "AND", '"', "東京 090"])
def test_what_does_not_hit_finds_nobody(session: Session, cast: Cast, haruka: str, q: str) -> None:
    assert codes(session, cast.tsumugi, PeopleQuery(q=q)) == []


def test_the_reference_finds_in_every_way_it_is_told(session: Session, cast: Cast, haruka: str) -> None:
    for q in (haruka, haruka.lower(), haruka.replace("-", ""), haruka.replace("-", " "), haruka[:4]):
        assert codes(session, cast.tsumugi, PeopleQuery(q=q)) == [haruka]


def test_what_fits_unseen_is_named_and_not_shown(session: Session, cast: Cast, haruka: str) -> None:
    for q, fits in (
        ("高橋", ("name",)),
        ("takahasi", ("kana",)),
        ("090", ("phone",)),
        ("haruka", ("kana", "email")),
        ("python", ("experience",)),
        ("c++", ("experience",)),
        ("cpl", ("experience",)),
        ("090-1234", ("phone",)),
        ("6年 mail", ("email", "experience")),
        ("松本", ()),
        ("松本 高橋", ("name",)),
    ):
        (row,) = look(session, cast.tsumugi, PeopleQuery(q=q)).rows
        assert row.fits == fits
        assert not {HARUKA["name"], HARUKA["phone"], HARUKA["experience"]} & set(map(str, vars(row).values()))


def test_role_and_place_are_asked_apart(session: Session, cast: Cast) -> None:
    there = registered(session, cast, "a@mail.example", desired_role="営業", place="東京都", experience="大阪で経理")
    other = registered(session, cast, "b@mail.example", desired_role="経理", place="大阪府", experience="東京で営業")
    assert codes(session, cast.tsumugi, PeopleQuery(role="営業")) == [there]
    assert codes(session, cast.tsumugi, PeopleQuery(place="大阪")) == [other]
    assert codes(session, cast.tsumugi, PeopleQuery(place="東京", role="経理")) == []
    assert set(codes(session, cast.tsumugi, PeopleQuery(q="東京 営業"))) == {there, other}


def test_nobody_is_found_by_what_is_kept_from_the_partner_or_was_written_later(session: Session, cast: Cast) -> None:
    registered(session, cast, "a@mail.example", cast.tsumugi, cast.manabi, name="高橋 遥", phone="09012345678")
    profile = the_profile(session, "a@mail.example")
    with scopes.profile(session, profile.id):
        profile.experience = "あとから書いたこと"
    session.commit()
    for q in ("あとから", "書いたこと"):
        assert codes(session, cast.tsumugi, PeopleQuery(q=q)) == []
    assert codes(session, cast.tsumugi, PeopleQuery(q="090")) == [profile.code]


def test_each_partner_finds_its_own(session: Session, cast: Cast) -> None:
    registered(session, cast, "a@mail.example", cast.tsumugi, name="高橋 遥")
    for query in (PeopleQuery(), PeopleQuery(q="高橋"), PeopleQuery(q=the_profile(session, "a@mail.example").code)):
        assert codes(session, cast.manabi, query) == []


@pytest.mark.parametrize("looked_at", [1, 2, 10])
def test_hits_at_another_partner_are_neither_shown_nor_counted(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch, looked_at: int
) -> None:
    """Whether few have the words anywhere, and the partner is asked of each hit, or many do."""
    monkeypatch.setattr(finding, "LOOKED_AT", looked_at)
    own = registered(session, cast, "a@mail.example", cast.tsumugi, place="松本市")
    for number in range(2):
        registered(session, cast, f"{number}@mail.example", cast.manabi, place="松本市")
    found = look(session, cast.tsumugi, PeopleQuery(q="松本"))
    assert ([row.code for row in found.rows], found.total, found.partial) == ([own], 1, False)


def test_words_of_a_consent_that_is_not_shown_find_nobody(session: Session, cast: Cast) -> None:
    """Through Other the partner got a telephone number; while Other has to look it up, it sees what Acme brought."""
    make_partnership(session, cast.other, cast.tsumugi)
    code = registered(session, cast, "a@mail.example", name="高橋 遥")
    register(
        session, mailed_link(session, cast.other, "a@mail.example"), cast.tsumugi, name="高橋 遥", phone="09012345678"
    )
    assert codes(session, cast.tsumugi, PeopleQuery(q="090")) == [code]
    with scopes.company(session, cast.other.id):
        session.execute(update(Partnership).values(look_up_by=clock.today() - timedelta(days=1)))
    assert codes(session, cast.tsumugi, PeopleQuery()) == [code]
    assert codes(session, cast.tsumugi, PeopleQuery(q="090")) == []
    partners.end_partnership(session, cast.other.id, cast.tsumugi.id)
    assert codes(session, cast.tsumugi, PeopleQuery(q="090")) == []
    assert codes(session, cast.tsumugi, PeopleQuery(q="高橋")) == [code]


def test_who_withdraws_pauses_or_runs_out_is_found_no_more(session: Session, cast: Cast, haruka: str) -> None:
    person = the_profile(session, "haruka.t@mail.example").id
    asked = (PeopleQuery(q="高橋"), PeopleQuery(place="松本"), PeopleQuery(q=haruka))

    def found() -> list[bool]:
        return [bool(codes(session, cast.tsumugi, query)) for query in asked]

    own_pages.pause(session, person, clock.today() + timedelta(days=3))
    assert found() == [False] * 3
    own_pages.resume(session, person)
    assert found() == [True] * 3
    with clock.at(clock.now() + timedelta(days=370)):
        assert found() == [False] * 3
    consents.withdraw(session, person, cast.tsumugi.id)
    assert found() == [False] * 3


@pytest.fixture
def three(session: Session, cast: Cast) -> list[str]:
    """Three people, an hour apart, the newest last."""
    start = clock.now() - timedelta(days=2)
    made = []
    for hours, (role, place) in enumerate((("経理", "松本市"), ("", "岡谷市"), ("営業", ""))):
        with clock.at(start + timedelta(hours=hours)):
            made.append(registered(session, cast, f"{hours}@mail.example", desired_role=role, place=place))
    return made


def test_the_orders(session: Session, cast: Cast, three: list[str]) -> None:
    first, second, third = three
    mark(session, first, work_state=WorkState.CONTACTED)
    for order, expected in (
        (PeopleOrder.NEWEST, [third, second, first]),
        (PeopleOrder.OLDEST, [first, second, third]),
        (PeopleOrder.ROLE, [third, first, second]),
        (PeopleOrder.PLACE, [second, first, third]),
        (PeopleOrder.COMPANY, [third, second, first]),
        (PeopleOrder.STATE, [second, third, first]),
    ):
        assert codes(session, cast.tsumugi, PeopleQuery(order=order)) == expected, order


def test_the_conditions(session: Session, cast: Cast, three: list[str]) -> None:
    first, second, third = three
    make_partnership(session, cast.other, cast.tsumugi)
    register(session, mailed_link(session, cast.other, "9@mail.example"), cast.tsumugi)
    elsewhere = the_profile(session, "9@mail.example").code
    mark(session, second, work_state=WorkState.CONTACTED, opened_at=clock.now())
    day = (clock.now() - timedelta(days=2)).astimezone(clock.JAPAN).date()
    for query, expected in (
        (PeopleQuery(state=WorkState.CONTACTED), {second}),
        (PeopleQuery(unopened=True), {first, third, elsewhere}),
        (PeopleQuery(company_id=cast.other.id), {elsewhere}),
        (PeopleQuery(new_since=since_of(session, second)), {third, elsewhere}),
        (PeopleQuery(first=clock.today()), {elsewhere}),
        (PeopleQuery(last=day + timedelta(days=1)), {first, second, third}),
        (PeopleQuery(q="経理", unopened=True), {first}),
        (PeopleQuery(q="経理", state=WorkState.CONTACTED), set()),
    ):
        assert set(codes(session, cast.tsumugi, query)) == expected, query


def test_a_whole_list_is_counted_as_far_in_every_order(
    session: Session, cast: Cast, haruka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only those who are looked for are counted further, to be put in order."""
    monkeypatch.setattr(finding, "COUNTED", 1)
    for order in PeopleOrder:
        assert look(session, cast.tsumugi, PeopleQuery(order=order)).most == 1
        sought = look(session, cast.tsumugi, PeopleQuery(state=WorkState.NEW, order=order))
        assert sought.most == (1 if order is PeopleOrder.NEWEST else finding.SORTED)


@pytest.mark.parametrize("counted", [COUNTED, 2])
@pytest.mark.parametrize("q", ["", "松"])
def test_pages_and_neighbours_follow_the_same_order(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch, counted: int, q: str
) -> None:
    """However many there are: of few the order is made at once, of many an index is walked."""
    for limit in ("COUNTED", "SORTED"):
        monkeypatch.setattr(finding, limit, counted)
    for number in range(5):
        registered(session, cast, f"{number}@mail.example", place="松本市", desired_role=f"職種{number % 2}")
    for order in PeopleOrder:
        query = PeopleQuery(q=q, order=order)
        pages, after = [look(session, cast.tsumugi, query, limit=2)], "x"
        while after := pages[-1].next:
            pages.append(look(session, cast.tsumugi, query, after=after, limit=2))
        everyone = [row.code for page in pages for row in page.rows]
        assert len(everyone) == len(set(everyone)) == 5
        back = look(session, cast.tsumugi, query, before=pages[-1].previous, limit=2)
        assert back.rows == pages[-2].rows
        with scopes.partner(session, cast.tsumugi.id):
            near = [finding.neighbours(session, query, code) for code in everyone]
        assert near == [Neighbours(*pair) for pair in zip(["", *everyone], [*everyone[1:], ""], strict=False)]
        assert pages[0].total == min(5, counted + 1)
        assert pages[0].in_order == (not q or counted > 5 or order is PeopleOrder.NEWEST)


def test_a_common_word_is_looked_at_as_far_as_it_is_said(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes_made = [registered(session, cast, f"{number}@mail.example", place="松本市") for number in range(3)]
    mark(session, codes_made[0], work_state=WorkState.CONTACTED)
    asked = PeopleQuery(q="松本", state=WorkState.CONTACTED)
    for looked_at, expected, partial in ((3, [codes_made[0]], False), (2, [], True)):
        monkeypatch.setattr(finding, "LOOKED_AT", looked_at)
        found = look(session, cast.tsumugi, asked)
        assert ([row.code for row in found.rows], found.partial) == (expected, partial)


def test_somebody_who_left_the_list_keeps_their_place_in_it(session: Session, cast: Cast, three: list[str]) -> None:
    first, second, third = three
    mark(session, second, opened_at=clock.now())
    with scopes.partner(session, cast.tsumugi.id):
        assert finding.neighbours(session, PeopleQuery(unopened=True), second) == Neighbours(third, first)


def test_what_a_partner_is_told_again_is_what_it_finds(session: Session, cast: Cast) -> None:
    code = registered(session, cast, "a@mail.example", name="高橋 遥", experience="旋盤")
    assert codes(session, cast.tsumugi, PeopleQuery(q="旋盤")) == [code]
    register(
        session, mailed_link(session, cast.acme, "a@mail.example"), cast.tsumugi, name="高橋 遥", experience="溶接"
    )
    with scopes.partner(session, cast.tsumugi.id):
        seen = sharing.open_person(session, code, cast.agnes.id).experience
    for word in ("旋盤", "溶接"):
        assert bool(codes(session, cast.tsumugi, PeopleQuery(q=word))) == (word in seen)


def test_a_visit_ends_half_an_hour_after_the_last_look(session: Session, cast: Cast) -> None:
    begin = clock.now()

    def look_at(minutes: int) -> datetime:
        with clock.at(begin + timedelta(minutes=minutes)), scopes.partner(session, cast.tsumugi.id):
            since = visits.of(session, cast.agnes.id).news_since
            visits.note(session, cast.agnes.id)
            assert visits.of(session, cast.agnes.id).news_since == since, "a page loaded again moves nothing"
            return since

    assert [look_at(minutes) for minutes in (0, 1, 20, 49)] == [clock.EPOCH] * 4
    assert [look_at(minutes) for minutes in (80, 95)] == [begin + timedelta(minutes=49)] * 2
    assert look_at(2000) == begin + timedelta(minutes=95)


def mark(session: Session, code: str, **values: object) -> None:
    with scopes.everyone(session, "test"):
        person = select(Profile.id).where(Profile.code == code).scalar_subquery()
        session.execute(update(PartnerPerson).where(PartnerPerson.profile_id == person).values(**values))


def since_of(session: Session, code: str) -> datetime:
    with scopes.everyone(session, "test"):
        person = select(Profile.id).where(Profile.code == code).scalar_subquery()
        return session.scalars(select(PartnerPerson.since).where(PartnerPerson.profile_id == person)).one()
