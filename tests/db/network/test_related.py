"""関連会社: a word for one legal person, frozen as it was shown, and nothing is told without it (A-48)."""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.duplicates import merging
from relay.models import (
    Candidate,
    Event,
    EventTag,
    LegalItem,
    Message,
    Profile,
    Referral,
    RelatedCompany,
    RelatedConsent,
    RelatedEnd,
    RelatedProvision,
    scopes,
)
from relay.network import own_pages, profiles, related_companies, related_consents
from relay.network.related_companies import (
    MAX_COMPANIES,
    RelatedAnotherPerson,
    RelatedFacts,
    RelatedFactsMissing,
    RelatedNumberTaken,
    RelatedNumberUnreadable,
    TooManyRelated,
)
from relay.network.related_consents import RelatedNotConfirmed, RelatedWordEnded, RelatedWordsChanged
from relay.rights import disclosure, own_copy, own_erasure
from relay.rights.erasure import erase_candidates, erase_profile
from relay.trust import legal_checklist
from relay.trust.legal_checklist import LegalEntry
from tests.cast import Cast, make_application, make_candidate, make_position
from tests.db.network.build import EVIDENCE, mailed_link, register, the_profile
from tests.db.network.relating import agree, ask_counsel, facts, number, relate, words_of

EMAIL = "hanako@mail.example"
STEPS = 60
ACTS = ("name", "name", "rename", "become", "remove", "tick", "tick", "tick", "end")


@pytest.fixture
def hana(session: Session, cast: Cast) -> Candidate:
    """Somebody Acme keeps, who applied once."""
    person = make_candidate(session, cast.acme, "花岡 葉", kana="ハナオカ ヨウ", email=EMAIL, phone="090-1111-2222")
    make_application(session, person, make_position(session, cast.acme, "生産技術"))
    session.commit()
    return person


@pytest.fixture
def hanako(session: Session, cast: Cast) -> Profile:
    """Somebody who registered through Acme's link."""
    register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi)
    session.commit()
    return the_profile(session, EMAIL)


def candidate_of(session: Session, cast: Cast) -> Candidate:
    with scopes.company(session, cast.acme.id):
        return session.scalars(select(Candidate)).one()


def say_so(session: Session, cast: Cast, profile: Profile) -> int:
    """Tick every box of Acme on the own page."""
    (here,) = related_consents.of_profile(session, profile.id)
    ticked = {each.related_company_id: each.words.hash for each in here.offers}
    return related_consents.give_own(session, profile.id, cast.acme.id, ticked, EVIDENCE)


def records(session: Session) -> list[RelatedProvision]:
    with scopes.everyone(session, "test"):
        return list(session.scalars(select(RelatedProvision).order_by(RelatedProvision.id)))


def told(session: Session, person: Candidate, consent: RelatedConsent) -> dict[str, str]:
    return dict(related_consents.tell(session, person.company_id, person.id, consent.id, None).values)


@dataclass
class History:
    """Acts on related companies and words, beside a model that knows who is named, and who was ticked since."""

    session: Session
    cast: Cast
    chance: Random
    people: list[Candidate]
    named: dict[int, tuple[int, str]] = field(default_factory=dict)
    """By the place of its number: the row, and the name it has now."""
    ticked: dict[tuple[int, int], str] = field(default_factory=dict)
    """By person and row: the name that was shown."""

    def act(self, name: str) -> None:
        place, wording = self.chance.randrange(4), f"関連 {len(self.ticked)}-{self.chance.randrange(99)}"
        if name == "name" and place not in self.named:
            made = related_companies.add(self.session, self.cast.acme.id, facts(place, wording), by_user_id=None)
            self.named[place] = (made.id, wording)
        elif name != "name" and place in self.named:
            getattr(self, name)(place, wording)

    def rename(self, place: int, wording: str) -> None:
        row = self.named[place][0]
        kept = related_companies.change(self.session, self.cast.acme.id, row, facts(place, wording), by_user_id=None)
        assert kept is not None and kept.id == row, "the same legal person goes on"
        self.named[place] = (row, wording)

    def become(self, place: int, wording: str) -> None:
        other = next((each for each in range(4) if each not in self.named), None)
        if other is None:
            return
        row = self._forget(place)
        new = related_companies.change(
            self.session, self.cast.acme.id, row, facts(other, wording), by_user_id=None, sure=True
        )
        assert new is not None and new.id != row
        self.named[other] = (new.id, wording)

    def remove(self, place: int, _wording: str) -> None:
        row = self._forget(place)
        assert related_companies.remove(self.session, self.cast.acme.id, row)
        assert not related_companies.remove(self.session, self.cast.acme.id, row)

    def tick(self, place: int, _wording: str) -> None:
        (row, shown), person = self.named[place], self.chance.choice(self.people)
        with scopes.company(self.session, self.cast.acme.id):
            agree(self.session, person, self.session.get_one(RelatedCompany, row))
        self.ticked.setdefault((person.id, row), shown)

    def end(self, place: int, _wording: str) -> None:
        row, person = self.named[place][0], self.chance.choice(self.people)
        for word in words_of(self.session, person):
            if word.related_company_id == row:
                assert related_consents.end(self.session, self.cast.acme.id, person.id, word.id, RelatedEnd.TAKEN_BACK)
                del self.ticked[person.id, row]

    def check(self) -> None:
        """Each person's words are those of the model, under the names that were shown; the boxes are for the others."""
        for person in self.people:
            mine = {row: shown for (whose, row), shown in self.ticked.items() if whose == person.id}
            standing = words_of(self.session, person)
            assert {word.related_company_id: word.recipient["name"] for word in standing} == mine
            offers = related_consents.answers(self.session, self.cast.acme.id, person.id).offers
            rows = {row for row, _name in self.named.values()}
            assert {box.related_company_id for box in offers} == rows - mine.keys()

    def tell(self) -> None:
        """Whoever's word is in force can be told of, and nobody whose word has ended."""
        person = self.chance.choice(self.people)
        for word in words_of(self.session, person):
            told(self.session, person, word)
        for over in words_of(self.session, person, ended=True)[-3:]:
            with pytest.raises(RelatedWordEnded):
                told(self.session, person, over)

    def _forget(self, place: int) -> int:
        row, _name = self.named.pop(place)
        self.ticked = {key: shown for key, shown in self.ticked.items() if key[1] != row}
        return row


@pytest.mark.parametrize("seed", range(3))
def test_a_word_covers_the_legal_person_that_was_shown_and_no_other_in_any_history(
    session: Session, cast: Cast, seed: int
) -> None:
    people = [make_candidate(session, cast.acme, f"方 {each}", email=f"p{each}@mail.example") for each in range(3)]
    ask_counsel(session, cast.acme)
    history = History(session, cast, Random(seed), people)  # noqa: S311  (no secret)
    for _step in range(STEPS):
        history.act(history.chance.choice(ACTS))
        history.check()
        history.tell()
    assert len(records(session)) > 2, "the histories reach words in force"
    assert any(words_of(session, each, ended=True) for each in people), "and words that ended"


def test_the_related_company_is_told_five_items_and_the_record_says_so(
    session: Session, cast: Cast, hana: Candidate
) -> None:
    relate(session, cast.acme)
    (word,) = agree(session, hana)
    given = told(session, hana, word)
    assert list(given) == ["氏名", "フリガナ", "メールアドレス", "電話番号", "応募した求人と応募日"]
    assert given["氏名"] == "花岡 葉" and given["電話番号"] == "090-1111-2222"
    assert "生産技術" in given["応募した求人と応募日"]
    told(session, hana, word)
    (record,) = records(session)
    assert (record.person_name, record.consented_at, record.items) == ("花岡 葉", word.given_at, word.items)
    assert record.recipient["name"] == "株式会社アクメ岡山" and record.recipient["corporate_number"] == number(1)
    assert set(record.company_snapshot) == {"name", "address", "representative"}
    with clock.at(clock.now() + timedelta(minutes=11)):
        told(session, hana, word)
    assert len(records(session)) == 2, "a file taken again later is another provision"


def test_without_a_word_and_without_counsels_day_nobody_is_told(session: Session, cast: Cast, hana: Candidate) -> None:
    related_companies.add(session, cast.acme.id, facts(), by_user_id=None)
    assert not related_consents.answers(session, cast.acme.id, hana.id).offers, "nobody is asked before the day"
    ask_counsel(session, cast.acme)
    (word,) = agree(session, hana)
    other = make_candidate(session, cast.acme, "別の 方", email="other@mail.example")
    with pytest.raises(RelatedWordEnded):
        related_consents.tell(session, cast.acme.id, other.id, word.id, None)
    with pytest.raises(RelatedWordEnded):
        related_consents.tell(session, cast.other.id, hana.id, word.id, None)
    assert not records(session)


def test_where_the_day_is_taken_away_again_the_word_stands_and_nothing_is_told(
    session: Session, cast: Cast, hana: Candidate
) -> None:
    relate(session, cast.acme)
    (word,) = agree(session, hana)
    legal_checklist.save(session, cast.acme.id, LegalEntry(LegalItem.RELATED_COMPANIES), by_user_id=None)
    with pytest.raises(RelatedNotConfirmed):
        told(session, hana, word)
    assert words_of(session, hana) and not records(session)


def test_words_that_were_not_shown_are_not_agreed_to(session: Session, cast: Cast, hana: Candidate) -> None:
    (related,) = relate(session, cast.acme)
    (offer,) = related_consents.answers(session, cast.acme.id, hana.id).offers
    moved = facts(name="株式会社アクメ倉敷")
    related_companies.change(session, cast.acme.id, related.id, moved, by_user_id=None)
    for chosen in ({related.id: offer.words.hash}, {related.id: ""}, {10**15: offer.words.hash}):
        with pytest.raises(RelatedWordsChanged):
            related_consents.give(session, cast.acme.id, hana.id, chosen, EVIDENCE)
    assert not words_of(session, hana)
    (word,) = agree(session, hana)
    assert word.wording.startswith("株式会社アクメ倉敷（") and (word.ip, word.locale) == ("192.0.2.0", "ja")
    assert agree(session, hana) == [word], "a form sent twice gives one word"


def test_it_changes_nothing_else_and_counts_as_nothing(session: Session, cast: Cast, hana: Candidate) -> None:
    relate(session, cast.acme)
    before = (hana.basis, hana.retain_until, hana.follow_up)
    agree(session, hana)
    session.refresh(hana)
    assert (hana.basis, hana.retain_until, hana.follow_up) == before
    with scopes.everyone(session, "test"):
        assert session.scalar(select(func.count()).select_from(Referral)) == 0
        assert session.scalar(select(func.count()).select_from(Message)) == 0, "nobody is written to"


@pytest.mark.parametrize(
    ("wrong", "refused"),
    [
        (facts(name=""), RelatedFactsMissing),
        (facts(name="長" * 201), RelatedFactsMissing),
        (RelatedFacts("名", "所", "代", "先", "123"), RelatedNumberUnreadable),
        (facts(1), RelatedNumberTaken),
    ],
)
def test_what_is_no_legal_person_is_refused(session: Session, cast: Cast, wrong: object, refused: type) -> None:
    (there,) = relate(session, cast.acme)
    with pytest.raises(refused):
        related_companies.add(session, cast.acme.id, wrong, by_user_id=None)  # type: ignore[arg-type]
    assert [each.id for each in related_companies.named(session, cast.acme.id)] == [there.id]


def test_another_number_is_asked_about_and_there_are_at_most_ten(session: Session, cast: Cast) -> None:
    (first,) = relate(session, cast.acme)
    with pytest.raises(RelatedAnotherPerson):
        related_companies.change(session, cast.acme.id, first.id, facts(2), by_user_id=None)
    for place in range(2, MAX_COMPANIES + 1):
        related_companies.add(session, cast.acme.id, facts(place), by_user_id=None)
    with pytest.raises(TooManyRelated):
        related_companies.add(session, cast.acme.id, facts(99), by_user_id=None)
    assert related_companies.named(session, cast.other.id) == [], "another company names its own"
    assert not related_companies.remove(session, cast.other.id, first.id)


def test_the_database_names_a_legal_person_once(session: Session, cast: Cast) -> None:
    (first,) = relate(session, cast.acme)
    columns = ("corporate_number", "name", "address", "representative", "contact", "added_at")
    session.add(RelatedCompany(company_id=cast.acme.id, **{each: getattr(first, each) for each in columns}))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_the_own_page_gives_and_takes_back_with_one_mail(session: Session, cast: Cast, hanako: Profile) -> None:
    relate(session, cast.acme, facts(1), facts(2, "株式会社アクメ倉敷"))
    assert say_so(session, cast, hanako) == 2
    (here,) = related_consents.of_profile(session, hanako.id)
    assert [each.name for each in here.standing] == ["株式会社アクメ岡山", "株式会社アクメ倉敷"] and not here.offers
    person = candidate_of(session, cast)
    word = words_of(session, person)[0]
    assert related_consents.take_back_own(session, hanako.id, cast.acme.id, word.id)
    assert not related_consents.take_back_own(session, hanako.id, cast.acme.id, word.id), "twice is harmless"
    with pytest.raises(RelatedWordEnded):
        told(session, person, word)
    assert [each.recipient["name"] for each in words_of(session, person)] == ["株式会社アクメ倉敷"]
    with scopes.everyone(session, "test"):
        events = session.scalars(select(Event.tag).where(Event.tag.like("candidate:related%")).order_by(Event.id))
        assert list(events) == [EventTag.RELATED_AGREED] * 2 + [EventTag.RELATED_ENDED]


@pytest.mark.parametrize("stop", [own_pages.stop_all, own_pages.plan_erasure, own_erasure.erase_now])
def test_stopping_and_erasing_end_it_at_once(session: Session, cast: Cast, hanako: Profile, stop: object) -> None:
    relate(session, cast.acme)
    say_so(session, cast, hanako)
    person = candidate_of(session, cast)
    told(session, person, words_of(session, person)[0])
    stop(session, hanako.id)  # type: ignore[operator]
    assert not words_of(session, person)
    assert len(records(session)) == 1, "the record of provision outlives the word"


def test_a_word_keeps_the_registration_as_long_as_it_stands(session: Session, cast: Cast, hanako: Profile) -> None:
    relate(session, cast.acme)
    say_so(session, cast, hanako)
    assert profiles.last_day(session, hanako.id) is None
    with clock.at(clock.now() + timedelta(days=500)):
        assert profiles.last_day(session, hanako.id) is None and profiles.count_ended(session) == 0
        related_consents.take_all_back(session, hanako.id)
    with clock.at(clock.now() + timedelta(days=540)):
        assert profiles.last_day(session, hanako.id) is not None and profiles.count_ended(session) == 1


def test_after_a_replaced_number_it_is_not_shown_and_is_stopped_all_the_same(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    relate(session, cast.acme)
    say_so(session, cast, hanako)
    hanako.visible_since = clock.now() + timedelta(seconds=1)
    session.commit()
    person = candidate_of(session, cast)
    with clock.at(clock.now() + timedelta(seconds=2)):
        assert related_consents.of_profile(session, hanako.id) == []
        assert not related_consents.given_by(session, hanako.id)
        related_consents.take_all_back(session, hanako.id)
    assert not words_of(session, person), "stopping reaches what is not shown"


def test_erasing_the_candidate_takes_the_word_and_leaves_the_record(
    session: Session, cast: Cast, hana: Candidate
) -> None:
    relate(session, cast.acme)
    (word,) = agree(session, hana)
    told(session, hana, word)
    erase_candidates(session, cast.acme.id, [hana.id])
    session.commit()
    with scopes.everyone(session, "test"):
        assert session.scalar(select(func.count()).select_from(RelatedConsent)) == 0
    (record,) = records(session)
    assert record.person_name == "花岡 葉"


def test_two_records_of_one_person_keep_both_words(session: Session, cast: Cast, hana: Candidate) -> None:
    relate(session, cast.acme)
    agree(session, hana)
    twin = make_candidate(session, cast.acme, "花岡 葉", email="")
    with scopes.company(session, cast.acme.id):
        kept = merging.merge(session, cast.acme.id, (hana.id, twin.id), {}, by_user_id=None).candidate
    (word,) = words_of(session, kept)
    assert told(session, kept, word)["氏名"] == "花岡 葉"


def test_the_disclosure_and_the_copy_hold_it(session: Session, cast: Cast, hanako: Profile) -> None:
    relate(session, cast.acme)
    say_so(session, cast, hanako)
    person = candidate_of(session, cast)
    told(session, person, words_of(session, person)[0])
    related_consents.take_all_back(session, hanako.id)
    copied = {table.name: list(rows) for table, rows in own_copy.copy(session, hanako.id)}
    (word,), (record,) = copied["related_consents"], copied["related_provisions"]
    assert word["company"] == cast.acme.name and word["ended_by"] is RelatedEnd.TAKEN_BACK
    assert record["recipient"]["name"] == "株式会社アクメ岡山"
    with scopes.company(session, cast.acme.id):
        said = disclosure.of_candidate(session, person, evaluations=False).as_json()
    for part in ("株式会社アクメ岡山", "関連会社に伝えた日", "終わった日"):
        assert part in said


def disclosed(session: Session, person: Candidate) -> str:
    with scopes.company(session, person.company_id):
        return disclosure.of_candidate(session, person, evaluations=False).as_json()


def test_the_disclosure_says_what_was_told_though_the_registration_and_its_word_are_gone(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    relate(session, cast.acme)
    say_so(session, cast, hanako)
    person = candidate_of(session, cast)
    told(session, person, words_of(session, person)[0])
    session.commit()
    erase_profile(session, hanako.id)
    session.commit()
    assert not words_of(session, person)
    for part in ("株式会社アクメ岡山", "関連会社に伝えた日", "応募した求人と応募日"):
        assert part in disclosed(session, person)
    assert "関連会社に伝えた日" not in disclosed(
        session, make_candidate(session, cast.acme, "別の 方", email="b@mail.example")
    )


def test_also_where_the_record_became_part_of_another(session: Session, cast: Cast, hana: Candidate) -> None:
    relate(session, cast.acme)
    twin = make_candidate(session, cast.acme, "花岡 葉", email="")
    (word,) = agree(session, twin)
    told(session, twin, word)
    with scopes.company(session, cast.acme.id):
        session.execute(delete(RelatedConsent))
        kept = merging.merge(session, cast.acme.id, (hana.id, twin.id), {}, by_user_id=None).candidate
    assert kept.id != records(session)[0].candidate_id
    assert "株式会社アクメ岡山" in disclosed(session, kept)
