"""Many people registering in the same moment: exact numbers, exact credits, one profile, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay.errors import DomainError
from relay.extensions import db
from relay.identity import invitations
from relay.models import Consent, OutcomeKind, Partner, Profile, Referral, RelayLink, Share, scopes
from relay.network import (
    credits,
    joining,
    ledger_check,
    links,
    outcome_consents,
    outcome_totals,
    outcomes,
    partnerships,
)
from tests.cast import PASSWORD, Cast, make_partnership
from tests.db.network.build import EVIDENCE, mailed_link, register
from tests.db.network.test_joining import AGENCY
from tests.db.network.test_outcomes import people, read, tell, totals

PEOPLE = 32


def all_at_once(app: Flask, acts: list[Callable[[Session], None]]) -> None:
    """Each act in a thread and transaction of its own, all begun together."""
    start = Barrier(len(acts))

    def run(recorder: Callable[[Session], None]) -> None:
        with app.app_context():
            start.wait(30)
            recorder(db.session())
            db.session.commit()
            db.session.remove()

    with ThreadPoolExecutor(len(acts)) as pool:
        for done in [pool.submit(run, recorder) for recorder in acts]:
            done.result(60)


def registering(link: RelayLink, partner: Partner) -> Callable[[Session], None]:
    company_id, link_id = link.company_id, link.id

    def recorder(session: Session) -> None:
        with scopes.company(session, company_id):
            register(session, links.load(session, link_id), partner)

    return recorder


def test_32_people_at_once_are_numbered_without_gaps_and_earn_three_credits(
    app: Flask, session: Session, cast: Cast
) -> None:
    sent = [mailed_link(session, cast.acme, f"person{each}@mail.example") for each in range(PEOPLE)]
    session.commit()
    all_at_once(app, [registering(link, cast.tsumugi) for link in sent])
    with scopes.company(session, cast.acme.id):
        numbers = session.scalars(select(Referral.number).order_by(Referral.number)).all()
    assert numbers == list(range(1, PEOPLE + 1))
    meter = credits.meter(session, cast.acme.id)
    assert (meter.free, meter.total, meter.to_next) == (3, PEOPLE, 8)
    assert ledger_check.verify(session, cast.acme.id) == []


def test_one_person_pressing_many_times_counts_once(app: Flask, session: Session, cast: Cast) -> None:
    sent = [mailed_link(session, cast.acme, "hanako@mail.example") for _each in range(3)]
    session.commit()
    all_at_once(app, [registering(link, cast.tsumugi) for link in sent for _press in range(4)])
    with scopes.everyone(session, "test"):
        counts = [
            session.scalar(select(func.count()).select_from(each)) for each in (Profile, Referral, Share, Consent)
        ]
    assert counts == [1, 1, 1, 3]


def test_two_companies_at_once_make_one_profile(app: Flask, session: Session, cast: Cast) -> None:
    make_partnership(session, cast.other, cast.tsumugi)
    organisations = (cast.acme, cast.other)
    sent = [
        mailed_link(session, organisation, f"person{each}@mail.example")
        for each in range(6)
        for organisation in organisations
    ]
    session.commit()
    all_at_once(app, [registering(link, cast.tsumugi) for link in sent])
    with scopes.everyone(session, "test"):
        assert session.scalar(select(func.count()).select_from(Profile)) == 6
        assert session.scalar(select(func.count()).select_from(Share)) == 12
        assert session.scalar(select(func.count()).select_from(Referral)) == 12


def test_two_who_join_at_once_make_one_partner(app: Flask, session: Session, cast: Cast) -> None:
    """Twice through one invitation, and once more under the same licence through another."""
    twice, other = (
        invitations.invite_partner(
            session,
            cast.acme,
            email=f"{name}@musubi.example",
            rules_version=partnerships.RULES_VERSION,
            by_user_id=None,
        ).id
        for name in ("desk", "office")
    )
    session.commit()
    told: list[str] = []

    def joining_by(invitation_id: int) -> Callable[[Session], None]:
        def recorder(session: Session) -> None:
            try:
                invitation = invitations.load(session, invitation_id)
                joining.join(session, invitation, AGENCY, person="", password=PASSWORD, free_introductions=0)
                session.commit()
                told.append("joined")
            except DomainError as refused:
                session.rollback()
                told.append(type(refused).__name__)

        return recorder

    all_at_once(app, [joining_by(twice), joining_by(twice), joining_by(other)])
    assert told.count("joined") == 1
    assert set(told) <= {"joined", "InvitationGone", "AlreadySignsIn"}
    assert (
        session.scalar(select(func.count()).select_from(Partner).where(Partner.license_number == "27-ユ-316864")) == 1
    )


def test_who_agrees_while_numbers_are_counted_is_read_by_name_or_counted_and_never_both(
    app: Flask, session: Session, cast: Cast
) -> None:
    everybody = people(session, cast, 12)
    for person in everybody[:11]:
        tell(session, cast, person)
    agreeing = [person.id for person in everybody[:4]]
    (choice,) = outcome_consents.of_profile(session, agreeing[0])
    shown, company_id = choice.words.hash, cast.acme.id
    session.commit()

    def agree(profile_id: int) -> Callable[[Session], None]:
        return lambda session: outcome_consents.give(session, profile_id, company_id, shown, EVIDENCE)

    all_at_once(app, [*map(agree, agreeing), *[outcome_totals.renew] * 4])
    session.expire_all()
    for person in everybody[:4]:
        read_by_name = bool(read(session, cast, person))
        assert read_by_name != (OutcomeKind.OFFER in outcomes.counted(session, person.id, company_id))
    counted = sum(bool(outcomes.counted(session, person.id, company_id)) for person in everybody)
    assert counted == totals(session, cast).get("offer", 0)
    assert counted in (0, 10)
