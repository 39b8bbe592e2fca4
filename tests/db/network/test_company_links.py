"""Registrations by a company's own link: who is mailed one, when they count, and what is forgotten."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.infra import jobs
from relay.infra.keyed_hash import address_hash
from relay.mail import optouts
from relay.mail.final_state import mark_final
from relay.models import (
    Application,
    ApplicationResult,
    EventTag,
    Import,
    ImportState,
    LinkSource,
    LinkState,
    MailClass,
    Message,
    MessageState,
    Referral,
    RelayLink,
    event_data,
    record,
    scopes,
)
from relay.network import company_links, consents, ledger_check, matching, referrals, registration
from relay.network.links import LIFETIME, LinkGone, load
from relay.rights import own_erasure
from relay.rights.erasure import erase_address
from tests.cast import Cast, make_application, make_candidate
from tests.db.network.build import EVIDENCE, confirming, mailed_link, mails, register, the_profile

HANA = "hana@mail.example"


def ask(session: Session, cast: Cast, address: str = HANA) -> list[Message]:
    """Type an address on Acme's page and let the worker decide; gives the mails there are."""
    company_links.ask(session, cast.acme.id, address)
    work(session)
    return mails(session, company_links.LETTER)


def link_for(session: Session, cast: Cast, address: str = HANA) -> RelayLink:
    """The link that an address is mailed."""
    ask(session, cast, address)
    with scopes.company(session, cast.acme.id):
        mine = RelayLink.address_hash == address_hash(address), RelayLink.source == LinkSource.COMPANY_LINK
        return session.scalars(select(RelayLink).where(*mine)).one()


def work(session: Session) -> None:
    """Do what is on the list, as the worker does."""
    session.commit()
    while jobs.deliver_event(session, clock.now()) or jobs.run_one(session, clock.now()):
        pass
    session.rollback()


def bring(session: Session, cast: Cast, email: str, status: ApplicationResult = ApplicationResult.REJECTED) -> int:
    """Apply a file in which a person with this address is; gives the application."""
    candidate = make_candidate(session, cast.acme, "高橋 花子", email=email)
    decided = clock.today() if status is not ApplicationResult.OPEN else None
    application = make_application(session, candidate, status=status, decided_on=decided)
    counts = dict.fromkeys(("rows", "created", "updated", "rejected", "withdrew", "hired", "duplicates"), 1)
    rest = dict.fromkeys(("in_selection", "past_date", "left_out"), 0)
    with scopes.company(session, cast.acme.id):
        file = Import(state=ImportState.APPLIED, format="herp", created_at=clock.now(), by_user_id=cast.ada.id)
        session.add(file)
        session.flush()
    data = event_data.ImportApplied(format="herp", basis="selection", **counts, **rest)
    record(session, EventTag.IMPORT_APPLIED, company_id=cast.acme.id, subject=("import", file.id), data=data)
    return application.id


def count(session: Session, cast: Cast) -> int:
    """How many referrals Acme has."""
    with scopes.company(session, cast.acme.id):
        return session.scalar(select(func.count(Referral.id))) or 0


def waits(session: Session, cast: Cast) -> int:
    """How many of its registrations wait."""
    with scopes.company(session, cast.acme.id):
        return session.scalar(select(func.count(RelayLink.id)).where(RelayLink.waits_until.is_not(None))) or 0


@pytest.fixture(autouse=True)
def _sound(session: Session, cast: Cast) -> Iterator[None]:
    """Whatever happened, the ledger is exact afterwards."""
    yield
    assert ledger_check.verify(session, cast.acme.id) == []


# who is mailed a link


def test_an_address_that_is_typed_is_mailed_one_link_a_day(session: Session, cast: Cast) -> None:
    (mail,) = ask(session, cast)
    assert (mail.to_address, mail.company_id, mail.state) == (HANA, None, MessageState.SCHEDULED)
    for spelling in (HANA.upper(), "hana+again@mail.example"):
        assert len(ask(session, cast, spelling)) == 1
    clock_day = clock.now() + timedelta(days=1, hours=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: clock_day)
        assert len(ask(session, cast)) == 2
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(RelayLink.source)).all() == [LinkSource.COMPANY_LINK]


def test_nothing_is_kept_of_who_stopped_mail_of_the_company(session: Session, cast: Cast) -> None:
    optouts.opt_out(session, cast.acme.id, address_hash(HANA), MailClass.RELAY, "page")
    assert ask(session, cast) == []
    with scopes.company(session, cast.acme.id):
        assert session.scalar(select(func.count(RelayLink.id))) == 0


@pytest.mark.parametrize("closed", ["relay_enabled", "live_since"])
def test_a_company_that_writes_to_nobody_mails_no_link(session: Session, cast: Cast, closed: str) -> None:
    setattr(cast.acme, closed, None if closed == "live_since" else False)
    assert not company_links.is_open(session, cast.acme.id)
    assert ask(session, cast) == []


# when it counts


def test_it_waits_until_a_file_brings_the_rejected_application(session: Session, cast: Cast) -> None:
    register(session, link_for(session, cast), cast.tsumugi)
    assert (count(session, cast), waits(session, cast)) == (0, 1)
    application_id = bring(session, cast, HANA, ApplicationResult.OPEN)
    work(session)
    assert (count(session, cast), waits(session, cast)) == (0, 1), "somebody in selection counts for nothing"
    bring(session, cast, HANA.upper())
    work(session)
    assert (count(session, cast), waits(session, cast)) == (1, 0)
    with scopes.company(session, cast.acme.id):
        referral = session.scalars(select(Referral)).one()
        assert referral.source is LinkSource.COMPANY_LINK
        assert matching.brought(session, cast.acme.id) == {referral.import_id: 1}
        assert referral.candidate_id != session.get_one(Application, application_id).candidate_id


def test_it_counts_at_once_where_the_application_is_known(session: Session, cast: Cast) -> None:
    bring(session, cast, HANA)
    register(session, link_for(session, cast), cast.tsumugi)
    assert (count(session, cast), waits(session, cast)) == (1, 0)


def test_what_no_file_brought_is_found_within_the_hour(session: Session, cast: Cast) -> None:
    application_id = bring(session, cast, HANA, ApplicationResult.OPEN)
    register(session, link_for(session, cast), cast.tsumugi)
    with scopes.company(session, cast.acme.id):
        application = session.get_one(Application, application_id)
        application.status, application.decided_on = ApplicationResult.REJECTED, clock.today()
    jobs.enqueue(session, matching.KIND, key="hourly")
    work(session)
    assert count(session, cast) == 1


def test_a_school_alone_neither_counts_nor_waits(session: Session, cast: Cast) -> None:
    bring(session, cast, HANA)
    register(session, link_for(session, cast), cast.manabi)
    work(session)
    assert (count(session, cast), waits(session, cast)) == (0, 0)


def test_an_agency_chosen_later_on_the_own_page_waits_like_one_chosen_first(session: Session, cast: Cast) -> None:
    register(session, link_for(session, cast), cast.manabi)
    profile_id = the_profile(session, HANA).id
    consents.give_more(session, profile_id, cast.tsumugi.id, token_id=None, evidence=EVIDENCE)
    assert (count(session, cast), waits(session, cast)) == (0, 1)
    bring(session, cast, HANA)
    work(session)
    assert count(session, cast) == 1


def test_another_companys_rejection_counts_for_nobody_here(session: Session, cast: Cast) -> None:
    register(session, link_for(session, cast), cast.tsumugi)
    candidate = make_candidate(session, cast.other, "高橋 花子", email=HANA)
    make_application(session, candidate, status=ApplicationResult.REJECTED, decided_on=clock.today())
    jobs.enqueue(session, matching.KIND, key="hourly")
    work(session)
    assert (count(session, cast), waits(session, cast)) == (0, 1)


def test_after_ninety_days_it_stays_uncounted(session: Session, cast: Cast) -> None:
    register(session, link_for(session, cast), cast.tsumugi)
    later = clock.now() + referrals.WAITS + timedelta(minutes=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: later)
        bring(session, cast, HANA)
        work(session)
        assert count(session, cast) == 0
        company_links.sweep(session)
    assert waits(session, cast) == 0


def test_who_waits_is_told_in_tens(session: Session, cast: Cast) -> None:
    for number in range(11):
        register(session, link_for(session, cast, f"person{number}@mail.example"), cast.tsumugi)
        assert matching.waiting(session, cast.acme.id) == (10 if number >= 9 else 0)


def test_many_that_one_file_brings_are_no_sign_of_anything(session: Session, cast: Cast) -> None:
    for number in range(4):
        register(session, link_for(session, cast, f"person{number}@mail.example"), cast.tsumugi)
    for number in range(4):
        bring(session, cast, f"person{number}@mail.example")
    work(session)
    assert count(session, cast) == 4
    with scopes.company(session, cast.acme.id):
        assert not referrals.listed(session, cast.acme.id, only_hints=True)


Act = Callable[[Session, Cast, int], None]


def by_company_link(session: Session, cast: Cast, number: int) -> None:
    register(session, link_for(session, cast, f"first{number}@mail.example"), cast.tsumugi)


def by_another_address(session: Session, cast: Cast, number: int) -> None:
    """Ask with one address and register with the other."""
    link = link_for(session, cast, f"second{number}@mail.example")
    register(session, link, cast.tsumugi, address=f"first{number}@mail.example")
    registration.confirm(session, confirming(session), EVIDENCE)


def by_result_mail(session: Session, cast: Cast, number: int) -> None:
    register(session, mailed_link(session, cast.acme, f"first{number}@mail.example"), cast.tsumugi)


def file_with_first(session: Session, cast: Cast, number: int) -> None:
    bring(session, cast, f"first{number}@mail.example")


def file_with_second(session: Session, cast: Cast, number: int) -> None:
    bring(session, cast, f"second{number}@mail.example")


STORIES: list[tuple[Act, ...]] = [
    *permutations((by_company_link, file_with_first)),
    *permutations((by_another_address, file_with_first)),
    *permutations((by_another_address, file_with_second)),
    *permutations((by_company_link, by_result_mail, file_with_first)),
    *[*permutations((by_company_link, by_another_address, by_result_mail, file_with_second))][::4],
]


def test_whatever_the_order_and_the_roads_a_person_counts_once(session: Session, cast: Cast) -> None:
    """Also by two addresses, of which the file brings either (invariant 3)."""
    for number, story in enumerate(STORIES):
        before = count(session, cast)
        for act in story:
            act(session, cast, number)
            work(session)
        assert count(session, cast) == before + 1, [act.__name__ for act in story]


# what is forgotten


def test_an_unused_link_goes_with_the_address_in_its_mail(session: Session, cast: Cast) -> None:
    link_for(session, cast)
    later = clock.now() + LIFETIME + timedelta(minutes=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: later)
        company_links.sweep(session)
    (mail,) = mails(session, company_links.LETTER)
    assert (mail.to_address, mail.values) == ("", {})
    with scopes.company(session, cast.acme.id):
        assert session.scalar(select(func.count(RelayLink.id))) == 0


@pytest.mark.parametrize("registered", [True, False])
def test_erasing_a_person_ends_the_link_and_the_waiting(session: Session, cast: Cast, registered: bool) -> None:
    link_id = link_for(session, cast).id
    if registered:
        with scopes.company(session, cast.acme.id):
            register(session, load(session, link_id), cast.tsumugi)
    erase_address(session, HANA)
    with scopes.company(session, cast.acme.id):
        link = session.scalars(select(RelayLink)).one()
        assert (link.address_hash, link.waits_until) == (None, None)
        with pytest.raises(LinkGone):
            load(session, link_id)
    assert [mail.to_address for mail in mails(session, company_links.LETTER)] == [""]
    bring(session, cast, HANA)
    work(session)
    assert count(session, cast) == 0


def test_the_link_of_a_rejected_person_waits_for_nobody_any_more(session: Session, cast: Cast) -> None:
    bring(session, cast, HANA)
    link = link_for(session, cast)
    register(session, link, cast.tsumugi)
    assert link.state is LinkState.REGISTERED
    assert link.candidate_id is not None


@pytest.mark.parametrize("state", [MessageState.BOUNCED, MessageState.FAILED])
def test_a_link_whose_mail_came_back_is_as_if_it_had_not_left(
    session: Session, cast: Cast, state: MessageState
) -> None:
    link = link_for(session, cast)
    (mail,) = mails(session, company_links.LETTER)
    with scopes.company(session, cast.acme.id):
        for reached in (MessageState.SENT, state):
            mark_final(session, mail, reached)
    assert (link.state, link.sent_at) == (LinkState.ISSUED, None)


def test_a_link_that_was_used_is_not_taken_back_by_a_mail(session: Session, cast: Cast) -> None:
    link = link_for(session, cast)
    (mail,) = mails(session, company_links.LETTER)
    with scopes.company(session, cast.acme.id):
        mark_final(session, mail, MessageState.SENT)
        link.state = LinkState.REGISTERED
        mark_final(session, mail, MessageState.BOUNCED)
    assert link.state is LinkState.REGISTERED


def test_who_erases_their_registration_is_forgotten_in_links_they_asked_for_and_did_not_use(
    session: Session, cast: Cast
) -> None:
    register(session, mailed_link(session, cast.acme, HANA), cast.tsumugi)
    link = link_for(session, cast)
    other = link_for(session, cast, "other@mail.example")
    own_erasure.erase_now(session, the_profile(session, HANA).id)
    session.commit()
    session.refresh(link)
    assert link.address_hash is None
    told = {mail.subject_id: (mail.to_address, mail.state) for mail in mails(session, company_links.LETTER)}
    assert told[link.id] == ("", MessageState.CANCELLED)
    assert told[other.id] == ("other@mail.example", MessageState.SCHEDULED)
