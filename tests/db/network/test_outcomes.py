"""What became of people: added and never changed, read by name by their word alone, else in full tens of others."""

from datetime import timedelta
from itertools import count
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from relay import clock
from relay.models import (
    Candidate,
    CountedOutcome,
    Event,
    EventTag,
    Outcome,
    OutcomeConsent,
    OutcomeKind,
    Profile,
    scopes,
)
from relay.network import consents, outcome_consents, outcome_totals, outcomes, own_pages, sharing
from relay.network.outcome_consents import OutcomeWordsChanged
from relay.network.outcomes import OutcomeUnknown, OutcomeWord
from relay.rights import erasure, own_erasure
from tests.cast import Cast
from tests.db.network.build import EVIDENCE, mailed_link, mails, register, the_profile

MAIL = "hanako@mail.example"
OFFER, FINISHED = OutcomeKind.OFFER, OutcomeKind.COURSE_FINISHED
_numbers = count(1)


@pytest.fixture
def hanako(session: Session, cast: Cast) -> Profile:
    register(session, mailed_link(session, cast.acme, MAIL), cast.tsumugi, cast.manabi)
    session.commit()
    return the_profile(session, MAIL)


def tell(session: Session, cast: Cast, person: Profile, kind: str = "offer", *, so: bool = True) -> bool:
    """The agency says it; of a course the school."""
    partner, by = (cast.manabi, cast.sho) if kind == FINISHED else (cast.tsumugi, cast.agnes)
    new = outcomes.tell(session, partner.id, person.id, kind, so=so, by_user_id=by.id)
    session.commit()
    return new


def say(session: Session, person: Profile, kind: str = "offer", *, so: bool = True) -> bool:
    new = outcomes.say(session, person.id, kind, so=so)
    session.commit()
    return new


def agree(session: Session, cast: Cast, person: Profile) -> bool:
    """Let Acme read, by the words the own page shows."""
    (choice,) = outcome_consents.of_profile(session, person.id)
    given = outcome_consents.give(session, person.id, cast.acme.id, choice.words.hash, EVIDENCE)
    session.commit()
    return given


def take_back(session: Session, cast: Cast, person: Profile) -> bool:
    ended = outcome_consents.take_back(session, person.id, cast.acme.id)
    session.commit()
    return ended


def candidate_of(session: Session, cast: Cast, person: Profile) -> int:
    with scopes.company(session, cast.acme.id):
        return session.scalars(select(Candidate.id).where(Candidate.email_key == person.email_key)).one()


def read(session: Session, cast: Cast, person: Profile) -> list[tuple[str, bool, str]] | None:
    """What HR of Acme reads by name: kind, whether it is so, and who says it."""
    found = outcome_consents.read(session, cast.acme.id, candidate_of(session, cast, person))
    return None if found is None else _plain(found.words)


def _plain(words: Any) -> list[tuple[str, bool, str]]:
    return [(each.kind.value, each.so, each.teller) for each in words]


def rows(session: Session) -> list[tuple[Any, ...]]:
    with scopes.everyone(session, "test"):
        columns = (Outcome.id, Outcome.profile_id, Outcome.partner_id, Outcome.kind, Outcome.so, Outcome.at)
        return [tuple(each) for each in session.execute(select(*columns).order_by(Outcome.id))]


def people(session: Session, cast: Cast, number: int) -> list[Profile]:
    """So many people who registered with the agency and the school through links of Acme."""
    made = []
    for _each in range(number):
        address = f"person{next(_numbers)}@mail.example"
        register(session, mailed_link(session, cast.acme, address), cast.tsumugi, cast.manabi)
        made.append(the_profile(session, address))
    session.commit()
    return made


def renew(session: Session) -> None:
    outcome_totals.renew(session)
    session.commit()


def totals(session: Session, cast: Cast) -> dict[str, int]:
    found = outcome_totals.totals(session, cast.acme.id)
    return {} if found is None else {kind.value: number for kind, number in found.people.items()}


def test_a_partner_tells_and_the_person_reads_who_said_it(session: Session, cast: Cast, hanako: Profile) -> None:
    assert tell(session, cast, hanako)
    assert not tell(session, cast, hanako), "a form that is sent twice is one word"
    (word,) = outcomes.of_profile(session, hanako.id)
    assert isinstance(word, OutcomeWord)
    assert (word.kind, word.so, word.teller, word.disputed) == (OFFER, True, cast.tsumugi.name, False)


def test_a_correction_is_a_further_row(session: Session, cast: Cast, hanako: Profile) -> None:
    tell(session, cast, hanako)
    before = rows(session)
    assert not tell(session, cast, hanako, "interview", so=False), "nothing was said that could be taken back"
    assert tell(session, cast, hanako, so=False)
    assert rows(session)[:1] == before and len(rows(session)) == 2
    told = outcomes.of_partner(session, cast.tsumugi.id, hanako.id)
    assert [each.so for each in told.told] == [False] and OFFER in told.left


def test_the_database_changes_no_word(session: Session, cast: Cast, hanako: Profile) -> None:
    tell(session, cast, hanako)
    with scopes.everyone(session, "test"), pytest.raises(DatabaseError, match="append-only"):
        session.execute(update(Outcome).values(so=False))


def test_a_denial_is_shown_to_the_partner_it_is_about_and_to_no_other(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    assert not say(session, hanako, so=False), "nobody said so"
    tell(session, cast, hanako)
    assert say(session, hanako, so=False)
    (word,) = outcomes.of_partner(session, cast.tsumugi.id, hanako.id).told
    assert word.disputed
    assert outcomes.of_partner(session, cast.manabi.id, hanako.id).told == []
    assert [each.disputed for each in outcomes.of_profile(session, hanako.id)] == [True, True], "both stay"


def test_what_the_person_says_is_no_partners_to_read(session: Session, cast: Cast, hanako: Profile) -> None:
    say(session, hanako)
    for partner in (cast.tsumugi, cast.manabi):
        assert outcomes.of_partner(session, partner.id, hanako.id).told == []
    tell(session, cast, hanako, FINISHED)
    assert outcomes.of_partner(session, cast.tsumugi.id, hanako.id).told == [], "nor another partner's"


@pytest.mark.parametrize("kind", ["course-finished", "hired-here", "re-applied", "", "nonsense"])
def test_an_agency_tells_the_kinds_of_agencies_alone(session: Session, cast: Cast, hanako: Profile, kind: str) -> None:
    with pytest.raises(OutcomeUnknown):
        outcomes.tell(session, cast.tsumugi.id, hanako.id, kind, so=True, by_user_id=cast.agnes.id)
    assert rows(session) == []


def test_the_end_of_the_share_ends_what_the_partner_tells_and_reads(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    tell(session, cast, hanako)
    consents.withdraw(session, hanako.id, cast.tsumugi.id)
    session.commit()
    with scopes.partner(session, cast.tsumugi.id), pytest.raises(sharing.Gone):
        sharing.hold(session, hanako.code)
    with clock.at(clock.now() + timedelta(minutes=1)):
        consents.give_more(session, hanako.id, cast.tsumugi.id, token_id=None, evidence=EVIDENCE)
        session.commit()
        assert outcomes.of_partner(session, cast.tsumugi.id, hanako.id).told == [], "a new yes begins without it"
        assert [each.kind for each in outcomes.of_profile(session, hanako.id)] == [OFFER], "the person keeps it"


def test_a_company_reads_by_the_persons_word_alone_and_one_tap_ends_it(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    tell(session, cast, hanako)
    say(session, hanako, "interview")
    assert read(session, cast, hanako) is None, "off until ticked"
    assert agree(session, cast, hanako)
    assert not agree(session, cast, hanako), "twice is once"
    assert read(session, cast, hanako) == [("offer", True, cast.tsumugi.name), ("interview", True, "")]
    with scopes.company(session, cast.other.id):
        assert outcome_consents.read(session, cast.other.id, candidate_of(session, cast, hanako)) is None
    assert take_back(session, cast, hanako)
    assert not take_back(session, cast, hanako)
    assert read(session, cast, hanako) is None
    with scopes.everyone(session, "test"):
        tags = session.scalars(select(Event.tag).where(Event.tag.like("candidate:outcomes%")).order_by(Event.id)).all()
    assert tags == [EventTag.OUTCOMES_AGREED, EventTag.OUTCOMES_ENDED]
    (mail,) = mails(session, "done-on-own-page")
    assert {kind for kind, _at in mail.values["acts"]} == {"outcome-said", "outcomes-agreed", "outcomes-ended"}


def test_words_that_were_not_shown_are_agreed_to_by_nobody(session: Session, cast: Cast, hanako: Profile) -> None:
    with pytest.raises(OutcomeWordsChanged):
        outcome_consents.give(session, hanako.id, cast.acme.id, "0" * 64, EVIDENCE)
    assert not outcome_consents.give(session, hanako.id, cast.other.id, "0" * 64, EVIDENCE), "a company without a link"


@pytest.mark.parametrize("stop", [own_pages.stop_all, own_pages.plan_erasure, own_erasure.erase_now])
def test_stopping_and_erasing_end_it_at_once(session: Session, cast: Cast, hanako: Profile, stop: Any) -> None:
    tell(session, cast, hanako)
    agree(session, cast, hanako)
    candidate = candidate_of(session, cast, hanako)
    stop(session, hanako.id)
    session.commit()
    assert outcome_consents.read(session, cast.acme.id, candidate) is None


def test_after_a_replaced_number_earlier_words_are_shown_to_nobody(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    tell(session, cast, hanako)
    agree(session, cast, hanako)
    hanako.visible_since = clock.now() + timedelta(seconds=1)
    session.commit()
    with clock.at(clock.now() + timedelta(seconds=2)):
        assert outcomes.of_profile(session, hanako.id) == []
        assert read(session, cast, hanako) == []


def test_ten_make_a_number_and_it_moves_by_tens(session: Session, cast: Cast) -> None:
    everybody = people(session, cast, 21)
    for person in everybody[:9]:
        tell(session, cast, person)
    renew(session)
    assert totals(session, cast) == {}, "nine are nobody"
    tell(session, cast, everybody[9])
    tell(session, cast, everybody[10])
    renew(session)
    renew(session)
    assert totals(session, cast) == {"offer": 10}
    tell(session, cast, everybody[0], so=False)
    renew(session)
    assert totals(session, cast) == {"offer": 10}, "it never falls"


def test_everybody_is_never_counted(session: Session, cast: Cast) -> None:
    for person in people(session, cast, 10):
        tell(session, cast, person)
    renew(session)
    assert totals(session, cast) == {}, "of ten people ten would name each of them"
    people(session, cast, 1)
    renew(session)
    assert totals(session, cast) == {"offer": 10}


def test_whoever_is_read_by_name_is_in_no_number_and_the_reverse(session: Session, cast: Cast) -> None:
    everybody = people(session, cast, 12)
    for person in everybody[:10]:
        tell(session, cast, person)
    agree(session, cast, everybody[0])
    take_back(session, cast, everybody[0])
    renew(session)
    assert totals(session, cast) == {}, "nine and one who was read"
    tell(session, cast, everybody[10])
    renew(session)
    assert totals(session, cast) == {"offer": 10}
    agree(session, cast, everybody[0])
    agree(session, cast, everybody[1])
    assert read(session, cast, everybody[0]) == [("offer", True, cast.tsumugi.name)]
    assert read(session, cast, everybody[1]) == [], "in the number for good, and read by nobody"
    tell(session, cast, everybody[1], "interview")
    assert read(session, cast, everybody[1]) == [("interview", True, cast.tsumugi.name)]


def test_what_is_denied_is_in_no_number(session: Session, cast: Cast) -> None:
    everybody = people(session, cast, 11)
    for person in everybody[:10]:
        tell(session, cast, person)
    say(session, everybody[0], so=False)
    renew(session)
    assert totals(session, cast) == {}


def test_erasing_a_candidate_leaves_the_word_without_them(session: Session, cast: Cast, hanako: Profile) -> None:
    agree(session, cast, hanako)
    candidate = candidate_of(session, cast, hanako)
    erasure.erase_candidates(session, cast.acme.id, [candidate])
    session.commit()
    with scopes.everyone(session, "test"):
        assert session.scalars(select(OutcomeConsent.candidate_id)).one() is None


class History:
    """Random acts of people, partners and the worker, beside what each of them may come to."""

    def __init__(self, session: Session, cast: Cast, seed: int) -> None:
        self.session, self.cast, self.random = session, cast, Random(seed)  # noqa: S311  (repeatable)
        self.people = people(session, cast, 24)
        self.agreed: set[int] = set()
        self.kept: list[tuple[Any, ...]] = []
        self.shown: dict[str, int] = {}

    def act(self) -> None:
        person, open_one = self.random.choice(self.people), self.random.choice(self.people[:4])
        kind = self.random.choice(["offer", "offer", "offer", "interview"])
        self.touched = {person.id, open_one.id}
        match self.random.randrange(9):
            case 0 | 1 | 2 | 3:
                tell(self.session, self.cast, person, kind, so=self.random.random() < 0.9)
            case 4:
                say(self.session, person, kind, so=self.random.random() < 0.7)
            case 5:
                self.agreed |= {open_one.id} if agree(self.session, self.cast, open_one) else set()
            case 6:
                take_back(self.session, self.cast, open_one)
                self.agreed.discard(open_one.id)
            case 7:
                renew(self.session)
            case _ if len(self.people) > 22:
                self._erase(person)

    def _erase(self, person: Profile) -> None:
        self.people.remove(person)
        self.agreed.discard(person.id)
        number = person.id
        erasure.erase_profile(self.session, number)
        self.session.commit()
        self.kept = [each for each in self.kept if each[1] != number]
        with scopes.everyone(self.session, "test"):
            for table in (Outcome, OutcomeConsent, CountedOutcome):
                left = select(func.count()).select_from(table).where(table.profile_id == number)
                assert self.session.scalar(left) == 0, f"an erased person is in {table.__tablename__}"

    def check(self, *, all_of_them: bool) -> None:
        now = rows(self.session)
        assert now[: len(self.kept)] == self.kept, "nothing is overwritten"
        self.kept = now
        seen: set[tuple[int, str]] = set()
        for person in self.people:
            if not all_of_them and person.id not in self.touched:
                continue
            words = read(self.session, self.cast, person)
            assert (words is not None) == (person.id in self.agreed), "read without a word, or not with one"
            seen |= {(person.id, kind) for kind, _so, _teller in words or ()}
        with scopes.everyone(self.session, "test"):
            counted = self.session.execute(select(CountedOutcome.profile_id, CountedOutcome.kind))
            in_numbers = {tuple(each) for each in counted}
        assert not {(person, OutcomeKind(kind)) for person, kind in seen} & in_numbers, "by name and in a number"
        shown = totals(self.session, self.cast)
        assert all(number and number % 10 == 0 for number in shown.values())
        assert all(shown.get(kind, 0) >= number for kind, number in self.shown.items()), "a number fell"
        self.shown = shown


@pytest.mark.parametrize("seed", range(2))
def test_in_any_history(session: Session, cast: Cast, seed: int) -> None:
    history = History(session, cast, seed)
    for step in range(100):
        history.act()
        history.check(all_of_them=step % 20 == 19)
    assert history.shown, "nothing was counted in the whole history"
