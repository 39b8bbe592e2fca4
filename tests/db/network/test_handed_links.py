"""Links that a company hands over itself: what they bring, how long they live, and what the company learns of them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.hiring import decisions
from relay.infra.keyed_hash import address_hash
from relay.mail import letters, optouts, tokens
from relay.models import (
    Application,
    ApplicationResult,
    LinkState,
    MailClass,
    Message,
    Referral,
    RelayLink,
    Token,
    TokenPurpose,
    scopes,
)
from relay.network import handed_links, ledger_check, links
from relay.network.links import RelayWord
from relay.outreach import link_file
from relay.rights.erasure import erase_candidates
from relay.tokens import token_hash
from tests.cast import Cast, make_application, make_candidate
from tests.db.network.build import ask_behind, hand_out_to, mails, register
from tests.db.network.test_company_links import link_for

HANA = "hana@mail.example"


@pytest.fixture
def rejected(session: Session, cast: Cast) -> Application:
    """Hana, rejected by Acme, who was told nothing yet."""
    candidate = make_candidate(session, cast.acme, "高橋 花子", email=HANA)
    return make_application(session, candidate, status=ApplicationResult.REJECTED, decided_on=clock.today())


@pytest.fixture(autouse=True)
def _sound(session: Session, cast: Cast) -> Iterator[None]:
    """Whatever happened, the ledger is exact afterwards."""
    yield
    assert ledger_check.verify(session, cast.acme.id) == []


def asked(session: Session, address: str) -> list[Message]:
    """Press the button behind an address; gives the mails there are."""
    ask_behind(session, address)
    return mails(session, handed_links.LETTER)


def relay_link(session: Session, cast: Cast, mail: Message) -> RelayLink:
    """The relay link of a mail, as the worker mints it."""
    mint = letters.find(mail.letter).mint
    assert mint is not None
    with scopes.company(session, cast.acme.id):
        mint(session, mail)
        return session.scalars(select(RelayLink).where(RelayLink.application_id == mail.subject_id)).one()


def word(session: Session, cast: Cast, application: Application) -> RelayWord:
    """What HR is told of the person's relay."""
    with scopes.company(session, cast.acme.id):
        return links.statuses(session, [application.candidate_id])[application.candidate_id].word


def test_a_handed_link_mails_the_relay_link_to_the_address_the_company_has(
    session: Session, cast: Cast, rejected: Application
) -> None:
    address = hand_out_to(session, cast.acme.id, rejected.id)
    (mail,) = asked(session, address)
    assert (mail.to_address, mail.subject_id) == (HANA, rejected.id)
    link = relay_link(session, cast, mail)
    assert link.address_hash == address_hash(HANA)
    assert address.rpartition("/")[2] not in str(session.scalars(select(Token.hash)).all())


def test_one_mail_a_day_whichever_road_asked(session: Session, cast: Cast, rejected: Application) -> None:
    address = hand_out_to(session, cast.acme.id, rejected.id)
    link_for(session, cast, HANA)
    assert asked(session, address) == []
    with clock.at(clock.now() + timedelta(days=1, hours=1)):
        assert len(asked(session, address)) == 1
        assert len(asked(session, address)) == 1


@pytest.mark.parametrize("case", ["stopped", "reopened", "relay off", "practising"])
def test_no_mail_leaves_where_no_result_mail_would_bring_a_link(
    session: Session, cast: Cast, rejected: Application, case: str
) -> None:
    address = hand_out_to(session, cast.acme.id, rejected.id)
    if case == "stopped":
        optouts.opt_out(session, cast.acme.id, address_hash(HANA), MailClass.RELAY, "page")
    elif case == "reopened":
        rejected.status, rejected.decided_on = ApplicationResult.OPEN, None
    elif case == "relay off":
        cast.acme.relay_enabled = False
    else:
        cast.acme.live_since = None
    session.flush()
    assert asked(session, address) == []


def test_unused_for_fourteen_days_it_ends_and_used_it_lives_as_long_as_the_relay_link(
    session: Session, cast: Cast, rejected: Application
) -> None:
    unused, used = (hand_out_to(session, cast.acme.id, rejected.id) for _each in range(2))
    with clock.at(clock.now() + timedelta(days=13)):
        asked(session, used)
    with clock.at(clock.now() + timedelta(days=15)):
        alive = [tokens.find(session, each.rpartition("/")[2], TokenPurpose.HANDED_LINK) for each in (unused, used)]
        assert [each is not None for each in alive] == [False, True]
    with clock.at(clock.now() + timedelta(days=74)):
        assert tokens.find(session, used.rpartition("/")[2], TokenPurpose.HANDED_LINK) is None


def test_an_erased_person_leaves_no_link_behind(session: Session, cast: Cast, rejected: Application) -> None:
    secret = hand_out_to(session, cast.acme.id, rejected.id).rpartition("/")[2]
    erase_candidates(session, cast.acme.id, [rejected.candidate_id])
    assert session.scalar(select(Token.id).where(Token.hash == token_hash(secret))) is None


@pytest.mark.parametrize("first", ["the file", "the page"])
def test_whichever_road_a_person_takes_they_count_once(
    session: Session, cast: Cast, rejected: Application, first: str
) -> None:
    """By the link in a file and by the company's link, either first: one referral."""
    address = hand_out_to(session, cast.acme.id, rejected.id)

    def by_the_file() -> RelayLink:
        return relay_link(session, cast, asked(session, address)[-1])

    def by_the_page() -> RelayLink:
        return link_for(session, cast, HANA)

    roads = [by_the_file, by_the_page] if first == "the file" else [by_the_page, by_the_file]
    for days, road in enumerate(roads):
        with clock.at(clock.now() + timedelta(days=2 * days)):
            register(session, road(), cast.tsumugi)
    with scopes.company(session, cast.acme.id):
        assert session.scalar(select(func.count(Referral.id))) == 1


def test_silence_a_press_and_a_registration_at_a_school_look_alike_to_the_company(
    session: Session, cast: Cast, rejected: Application
) -> None:
    """Until HR says that the file was sent nobody counts as told, and then everybody does (A-45)."""
    people = [rejected]
    for name in ("pressed", "school"):
        candidate = make_candidate(session, cast.acme, f"候補 {name}", email=f"{name}@mail.example")
        people.append(make_application(session, candidate, status=ApplicationResult.REJECTED, decided_on=clock.today()))
    _silent, pressed, school = people
    addresses = {each.id: hand_out_to(session, cast.acme.id, each.id) for each in people}
    asked(session, addresses[pressed.id])
    link = relay_link(session, cast, asked(session, addresses[school.id])[-1])
    register(session, link, cast.manabi)
    session.refresh(link)
    assert link.state is LinkState.REGISTERED
    assert {word(session, cast, each) for each in people} == {RelayWord.BEFORE}
    with scopes.company(session, cast.acme.id):
        link_file.note_notified_elsewhere(session, cast.acme.id, people, by_user_id=cast.ada.id)
    assert {word(session, cast, each) for each in people} == {RelayWord.TOLD}


def test_who_was_told_by_telephone_alone_was_not_invited(session: Session, cast: Cast, rejected: Application) -> None:
    with scopes.company(session, cast.acme.id):
        links.issue(session, application=rejected, address=HANA)
        link_file.note_notified_elsewhere(session, cast.acme.id, [rejected], by_user_id=cast.ada.id)
    assert word(session, cast, rejected) is RelayWord.BEFORE


def test_the_file_leaves_out_whoever_is_in_selection_or_told_and_says_why_somebody_gets_no_link(
    session: Session, cast: Cast, rejected: Application
) -> None:
    others = []
    for name, status in (("選考中", ApplicationResult.OPEN), ("停止", ApplicationResult.REJECTED)):
        candidate = make_candidate(session, cast.acme, f"候補 {name}", email=f"{status.value}@mail.example")
        decided = None if status is ApplicationResult.OPEN else clock.today()
        others.append(make_application(session, candidate, status=status, decided_on=decided))
    told = make_application(
        session, make_candidate(session, cast.acme, "候補 済み", email="told@mail.example"),
        status=ApplicationResult.REJECTED, decided_on=clock.today(),
    )  # fmt: skip
    with scopes.company(session, cast.acme.id):
        decisions.note_notified_elsewhere(session, [told], by_user_id=None)
    optouts.opt_out(session, cast.acme.id, address_hash("rejected@mail.example"), MailClass.RELAY, "page")
    rows = link_file.make(session, cast.acme.id, [each.id for each in (rejected, *others, told)])
    assert {row.person.name: (bool(row.url), row.refusal) for row in rows} == {
        "高橋 花子": (True, None),
        "候補 停止": (False, links.LinkRefusal.NOT_FOR_THEM),
    }
