"""「次の募集を知らせてほしい」: her own word to the company, apart from every partner, and hers to take back."""

import re
from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.hiring import decisions
from relay.models import Candidate, Consent, LinkState, OpeningsConsent, Referral, RelayLink, RetentionBasis, scopes
from relay.network import own_pages
from relay.rights.erasure import erase_candidates
from tests.cast import Cast, browse
from tests.db.network.build import confirming, mails, mint_confirmation, the_profile
from tests.web.landing.phone import EMAIL, Phone, answers, confirm, mail_link, mail_own_page, words

BOX = "の次の募集を知らせてほしい（応募の記録を12か月保管）"


@pytest.fixture
def link(session: Session, cast: Cast) -> tuple[RelayLink, str]:
    """She was told her result a month ago, and is kept for five months more."""
    found, path = mail_link(session, cast.acme)
    with scopes.company(session, cast.acme.id):
        decisions.renew_dates(session, [found.candidate_id or 0])
    session.commit()
    return found, path


def candidate(session: Session, link: RelayLink) -> Candidate:
    session.rollback()
    with scopes.company(session, link.company_id):
        return session.scalars(select(Candidate).where(Candidate.id == link.candidate_id)).one()


def count(session: Session, model: type) -> int:
    session.rollback()
    with scopes.everyone(session, "test"):
        return session.scalar(select(func.count()).select_from(model)) or 0


def own_page(phone: Phone, session: Session, address: str = EMAIL) -> str:
    path = mail_own_page(session, the_profile(session, address).id)
    assert phone.enter(path).status_code == 303
    return path


def in_a_year() -> date:
    return clock.today() + relativedelta(months=12)


def test_the_box_is_unticked_and_changes_nothing_by_itself(
    phone: Phone, session: Session, cast: Cast, link: tuple[RelayLink, str]
) -> None:
    found, path = link
    page = phone.get(path)
    assert f"{cast.acme.name}{BOX}" in words(page)
    box = re.search(r'<input[^>]*name="openings"[^>]*>', page.text)
    assert box is not None and "checked" not in box[0]
    before = candidate(session, found).retain_until
    phone.post(path, answers(page.text, cast.tsumugi.id))
    kept = candidate(session, found)
    assert (kept.basis, kept.retain_until) == (RetentionBasis.STATED, before)
    assert count(session, OpeningsConsent) == 0


def test_it_works_alone_and_the_link_still_offers_the_partners(
    app: Flask, phone: Phone, session: Session, cast: Cast, link: tuple[RelayLink, str]
) -> None:
    found, path = link
    page = phone.get(path).text
    answered = phone.post(path, answers(page, openings="y"))
    assert answered.location.startswith("/me/")
    kept = candidate(session, found)
    assert (kept.basis, kept.retain_until) == (RetentionBasis.CONSENTED, in_a_year())
    assert (count(session, Consent), count(session, Referral)) == (0, 0), "no partner, no referral"
    with scopes.company(session, cast.acme.id):
        (consent,) = session.scalars(select(OpeningsConsent)).all()
        state = session.scalars(select(RelayLink.state).where(RelayLink.id == found.id)).one()
    assert (consent.basis_before, consent.wording_version) == (RetentionBasis.STATED, "2026-11")
    for line in consent.wording.split("\n"):
        assert line in words(phone.get(path))
    assert state is LinkState.SENT
    record = words(browse(app, cast.ada).get(f"/pool/{found.candidate_id}"))
    today = clock.today()
    assert (
        f"ご本人が{today.year}年{today.month}月{today.day}日に、次の募集のお知らせと、そのための保管に同意されました。"
        in record
    )
    assert "応募の記録の保管に同意されました" in record and "ご本人" in record
    assert "リレー完了まで" not in record
    assert phone.post(path, answers(page, cast.tsumugi.id)).location.startswith("/me/")
    assert count(session, Consent) == 1


def test_taken_back_the_basis_is_what_it_was_and_the_day_is_reckoned_anew(
    app: Flask, phone: Phone, session: Session, cast: Cast, link: tuple[RelayLink, str]
) -> None:
    found, path = link
    before = candidate(session, found).retain_until
    phone.post(path, answers(phone.get(path).text, cast.tsumugi.id, openings="y"))
    own = own_page(phone, session)
    assert "お知らせと保管への同意を取り消す" in words(phone.get(own))
    for _click in range(2):
        phone.post(f"{own}/openings/withdrawal", {"company": str(cast.acme.id)})
    kept = candidate(session, found)
    assert (kept.basis, kept.retain_until) == (RetentionBasis.STATED, before)
    assert "取り消されました" in words(browse(app, cast.ada).get(f"/pool/{found.candidate_id}"))
    assert count(session, Consent) == 1, "what she gave to a partner goes on"


def test_the_own_page_gives_it_too_and_only_by_a_tick(
    phone: Phone, session: Session, cast: Cast, link: tuple[RelayLink, str]
) -> None:
    found, path = link
    phone.post(path, answers(phone.get(path).text, cast.tsumugi.id))
    own = own_page(phone, session)
    assert phone.post(f"{own}/openings", {"company": str(cast.acme.id)}).status_code == 422
    assert candidate(session, found).basis is RetentionBasis.STATED
    for company in (cast.acme.id, cast.other.id, 10**17):
        phone.post(f"{own}/openings", {"company": str(company), "agree": "1"})
    assert candidate(session, found).basis is RetentionBasis.CONSENTED
    assert count(session, OpeningsConsent) == 1, "to no company whose link she did not use"


def test_after_a_forgotten_number_an_earlier_word_is_not_shown(
    phone: Phone, session: Session, cast: Cast, link: tuple[RelayLink, str]
) -> None:
    _found, path = link
    phone.post(path, answers(phone.get(path).text, cast.tsumugi.id, openings="y"))
    profile = the_profile(session, EMAIL)
    profile.visible_since = clock.now() + timedelta(seconds=1)
    session.commit()
    with clock.at(clock.now() + timedelta(seconds=2)):
        shown = words(phone.get(own_page(phone, session)))
        assert cast.acme.name not in shown


def test_a_company_that_has_erased_her_is_not_asked(
    phone: Phone, session: Session, cast: Cast, link: tuple[RelayLink, str]
) -> None:
    found, path = link
    phone.post(path, answers(phone.get(path).text, cast.tsumugi.id, openings="y"))
    own = own_page(phone, session)
    erase_candidates(session, cast.acme.id, [found.candidate_id or 0])
    session.commit()
    assert count(session, OpeningsConsent) == 0
    assert BOX not in words(phone.get(own))
    assert phone.post(f"{own}/openings", {"company": str(cast.acme.id), "agree": "1"}).status_code == 303
    assert count(session, OpeningsConsent) == 0


def test_erasing_everything_takes_it_back_at_once(
    phone: Phone, session: Session, cast: Cast, link: tuple[RelayLink, str]
) -> None:
    found, path = link
    phone.post(path, answers(phone.get(path).text, openings="y"))
    own_pages.plan_erasure(session, the_profile(session, EMAIL).id)
    session.commit()
    assert candidate(session, found).basis is RetentionBasis.STATED


def test_with_another_address_it_waits_for_both_mails(
    phone: Phone, session: Session, cast: Cast, link: tuple[RelayLink, str]
) -> None:
    found, path = link
    form = answers(phone.get(path).text, openings="y", address="other", other_address="h@other.example")
    assert phone.post(path, form).status_code == 303
    assert candidate(session, found).basis is RetentionBasis.STATED
    confirming_path = f"/confirm/{mint_confirmation(session, confirming(session), cast.acme)}"
    session.commit()
    assert [each.to_address for each in mails(session, "confirm-address")] == ["h@other.example"]
    assert confirm(phone, confirming_path).location.startswith("/me/")
    assert candidate(session, found).basis is RetentionBasis.CONSENTED
