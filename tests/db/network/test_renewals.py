"""The last month of a consent: one letter, then going on by a new yes, or the end (A-44)."""

from datetime import datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.infra import jobs
from relay.models import Consent, Profile, Referral, Share, scopes
from relay.network import consents, own_pages, renewals
from relay.network.granting import RENEWABLE, WordingChanged
from tests.cast import Cast
from tests.db.network.build import EVIDENCE, mailed_link, mails, register, the_profile

EMAIL = "hanako@mail.example"


@pytest.fixture
def hanako(session: Session, cast: Cast) -> Profile:
    """Registered today with the agency and the school."""
    register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi, cast.manabi, place="松本市")
    session.commit()
    return the_profile(session, EMAIL)


def ends(session: Session) -> datetime:
    with scopes.everyone(session, "test"):
        return session.scalars(select(func.max(Share.until))).one()


def write(session: Session) -> int:
    """The daily job; gives how many letters there are."""
    jobs.enqueue(session, renewals.KIND, key=f"{renewals.KIND}:{clock.now()}")
    session.commit()
    while jobs.run_one(session, clock.now()):
        pass
    session.rollback()
    return len(mails(session, renewals.LETTER))


def renew(session: Session, profile: Profile, *partner_ids: int) -> bool:
    shown = {each.option.id: each.option.terms.hash for each in renewals.offers(session, profile.id)}
    return renewals.renew(session, profile.id, partner_ids, shown=shown, token_id=None, evidence=EVIDENCE)


def test_the_letter_comes_once_in_the_last_month_and_names_nobody(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    end = ends(session)
    for days, letters in ((-60, 0), (-32, 0), (-30, 1), (-29, 1), (-1, 1), (1, 1), (29, 1)):
        with clock.at(end + timedelta(days=days)):
            assert write(session) == letters, days
    (mail,) = mails(session, renewals.LETTER)
    assert mail.values == {"until": end.astimezone(clock.JAPAN).date().isoformat()}
    assert (mail.to_address, mail.company_id) == (EMAIL, None)


@pytest.mark.parametrize("case", ["stopped", "erasure planned", "one goes on"])
def test_nobody_is_written_to_for_whom_nothing_ends(session: Session, cast: Cast, hanako: Profile, case: str) -> None:
    end = ends(session)
    with clock.at(end - timedelta(days=20)):
        if case == "stopped":
            own_pages.stop_all(session, hanako.id)
        elif case == "erasure planned":
            own_pages.plan_erasure(session, hanako.id)
        else:
            renew(session, hanako, cast.tsumugi.id)
        session.commit()
    with clock.at(end - timedelta(days=10)):
        assert write(session) == 0


def test_going_on_gives_twelve_months_to_those_chosen_with_what_they_have(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    end = ends(session)
    with clock.at(end - timedelta(days=10)):
        offers = renewals.offers(session, hanako.id)
        assert {each.option.id for each in offers} == {cast.tsumugi.id, cast.manabi.id}
        assert renew(session, hanako, cast.tsumugi.id)
        session.commit()
        longer = clock.now() + relativedelta(months=12)
        standing = {each.partner_id: each for each in consents.standing(session, hanako.id)}
        assert standing[cast.tsumugi.id].until.date() == longer.date()
        assert standing[cast.manabi.id].until == end
        with scopes.profile(session, hanako.id):
            first, last = session.scalars(
                select(Consent).where(Consent.partner_id == cast.tsumugi.id).order_by(Consent.id)
            ).all()
        assert (first.facts, first.withheld) == (last.facts, last.withheld)
        with scopes.company(session, cast.acme.id):
            assert session.scalar(select(func.count(Referral.id))) == 1, "a person counts once"


def test_sent_twice_it_goes_on_once_and_before_its_last_month_not_at_all(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    assert renewals.offers(session, hanako.id) == []
    assert not renew(session, hanako, cast.tsumugi.id)
    with clock.at(ends(session) - RENEWABLE + timedelta(hours=1)):
        assert renew(session, hanako, cast.tsumugi.id)
        assert not renew(session, hanako, cast.tsumugi.id)
        with scopes.profile(session, hanako.id):
            given = session.scalars(select(Consent.id).where(Consent.partner_id == cast.tsumugi.id)).all()
    assert len(given) == 2


def test_words_that_were_not_shown_are_no_consent(session: Session, cast: Cast, hanako: Profile) -> None:
    with clock.at(ends(session) - timedelta(days=3)), pytest.raises(WordingChanged):
        renewals.renew(
            session, hanako.id, [cast.tsumugi.id], shown={cast.tsumugi.id: "other"}, token_id=None, evidence=EVIDENCE
        )
