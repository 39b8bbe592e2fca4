"""Companies: made once per slug, described with what the law wants named, relay switched for everybody."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import companies, installation
from relay.identity.companies import CompanyDetails, CompanyRefused, CompanyUnknown, SendingRule, SlugRefused
from relay.models import Company, Event, EventTag, ResultsFrom

FACTS = CompanyDetails(
    name="株式会社みどり工業",
    address="長野県岡谷市1-2-3",
    representative="緑川 薫",
    contact="0266-00-0000",
    reply_to="saiyo@midori.example",
)


@pytest.fixture
def midori(session: Session) -> Company:
    return companies.create_company(session, "midori", FACTS)


def changes(session: Session) -> list[tuple[str, dict[str, object]]]:
    rows = session.execute(select(Event.tag, Event.data).order_by(Event.id))
    return [(row.tag, row.data) for row in rows if row.tag != EventTag.COMPANY_CREATED]


def test_a_new_company_is_found_by_its_slug_and_relays(session: Session, midori: Company) -> None:
    found = companies.by_slug(session, "midori")
    assert (found.id, found.relay_enabled, found.send_delay_minutes) == (midori.id, True, 10)


def test_a_slug_is_taken_once(session: Session, midori: Company) -> None:
    with pytest.raises(SlugRefused, match="すでに"):
        companies.create_company(session, "midori", FACTS)


@pytest.mark.parametrize(
    "slug", ["", "Midori", "みどり", "mi dori", "-midori", "midori-", "mi--dori", "a" * 61, "../x"]
)
def test_a_slug_can_stand_in_an_address(session: Session, slug: str) -> None:
    with pytest.raises(SlugRefused):
        companies.create_company(session, slug, FACTS)


def test_an_unknown_slug_says_so(session: Session) -> None:
    with pytest.raises(CompanyUnknown, match="nowhere"):
        companies.by_slug(session, "nowhere")


def test_changes_are_kept_and_logged_by_field_without_their_values(session: Session, midori: Company) -> None:
    companies.describe(session, midori, replace(FACTS, contact="0266-11-1111", address="長野県塩尻市9-9-9"))
    companies.describe(session, midori, replace(FACTS, contact="0266-11-1111", address="長野県塩尻市9-9-9"))
    assert (midori.contact, midori.address) == ("0266-11-1111", "長野県塩尻市9-9-9")
    assert changes(session) == [("company:changed", {"fields": ["address", "contact"]})]


def test_a_changed_sending_rule_is_logged_by_field_too(session: Session, midori: Company) -> None:
    companies.set_sending_rule(session, midori, SendingRule(send_delay_minutes=0, daytime_only=False))
    assert (midori.send_delay_minutes, midori.daytime_only, midori.day_after_application) == (0, False, True)
    assert changes(session) == [("company:changed", {"fields": ["send_delay_minutes", "daytime_only"]})]


@pytest.mark.parametrize("minutes", [-1, 61])
def test_a_delay_of_more_than_an_hour_is_refused(session: Session, midori: Company, minutes: int) -> None:
    with pytest.raises(CompanyRefused, match="0分から60分"):
        companies.set_sending_rule(session, midori, SendingRule(send_delay_minutes=minutes))
    assert midori.send_delay_minutes == 10


@pytest.mark.parametrize(
    ("facts", "because"),
    [
        (replace(FACTS, name="  "), "正式名称"),
        (replace(FACTS, address="長" * 301), "300文字"),
        (replace(FACTS, reply_to="saiyo"), "@"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_changes(
    session: Session, midori: Company, facts: CompanyDetails, because: str
) -> None:
    with pytest.raises(CompanyRefused, match=because):
        companies.describe(session, midori, facts)
    assert midori.name == FACTS.name
    assert changes(session) == []


def test_line_breaks_cannot_reach_a_mail_header(session: Session, midori: Company) -> None:
    companies.describe(session, midori, replace(FACTS, name="みどり\r\nBcc: all@x.example"))
    assert "\n" not in midori.name
    assert "\r" not in midori.name


def test_switching_the_relay_is_logged_each_time_it_changes(session: Session, midori: Company) -> None:
    for on in (True, False, False, True):
        companies.switch_relay(session, midori, on=on)
    assert changes(session) == [("company:relay-switched", {"on": False}), ("company:relay-switched", {"on": True})]


@pytest.mark.parametrize(
    ("email", "slug"),
    [
        ("saiyo@midori.example", "midori"),
        ("saiyo@midori.co.jp", "midori"),
        ("saiyo@mail.midori-kogyo.co.jp", "midori-kogyo"),
        ("saiyo@midori_kogyo.jp", "midori-kogyo"),
        ("midori.saiyo@gmail.com", "company"),
        ("midori@yahoo.co.jp", "company"),
        ("midori@docomo.ne.jp", "company"),
        ("saiyo@みどり.jp", "company"),
        ("saiyo@co.jp", "company"),
    ],
)
def test_a_slug_is_proposed_from_the_domain_of_the_company_and_not_of_its_provider(
    session: Session, email: str, slug: str
) -> None:
    assert companies.suggest_slug(session, email) == slug


def test_a_proposed_slug_is_free(session: Session, midori: Company) -> None:
    assert companies.suggest_slug(session, "saiyo@midori.example") == "midori-2"
    companies.create_company(session, "midori-2", FACTS)
    assert companies.suggest_slug(session, "saiyo@midori.example") == "midori-3"
    companies.check_slug(companies.suggest_slug(session, f"saiyo@{'m' * 63}.example"))


def test_a_company_moves_to_a_free_slug(session: Session, midori: Company) -> None:
    companies.create_company(session, "other", FACTS)
    with pytest.raises(SlugRefused, match="すでに"):
        companies.move_to(session, midori, "other")
    with pytest.raises(SlugRefused):
        companies.move_to(session, midori, "みどり")
    companies.move_to(session, midori, "midori")
    companies.move_to(session, midori, "midori-kogyo")
    assert companies.by_slug(session, "midori-kogyo").id == midori.id
    assert changes(session) == [("company:changed", {"fields": ["slug"]})]


def test_a_live_company_stays_where_its_mails_lead(session: Session, midori: Company) -> None:
    midori.live_since = clock.now()
    companies.move_to(session, midori, "midori")
    with pytest.raises(SlugRefused, match="本番の送信を始めたあとは"):
        companies.move_to(session, midori, "midori-kogyo")
    assert midori.slug == "midori"


def test_the_name_of_a_system_stays_only_with_one(session: Session, midori: Company) -> None:
    companies.set_results_from(session, midori, ResultsFrom.ATS, " HERP ")
    assert (midori.results_from, midori.ats_name) == (ResultsFrom.ATS, "HERP")
    companies.set_results_from(session, midori, ResultsFrom.MAIL, "HERP")
    assert (midori.results_from, midori.ats_name) == (ResultsFrom.MAIL, "")


def test_the_first_company_answers_for_the_installation(session: Session, midori: Company) -> None:
    second = companies.create_company(session, "second", FACTS)
    assert (midori.runs_installation, second.runs_installation) == (True, False)


def test_a_real_company_takes_over_from_the_demo_and_owes_its_own_answer(session: Session) -> None:
    demo = companies.create_company(session, "hinata", FACTS, demo=True)
    installation.answer(session, demo, installation.Answer("51-募-001733"))
    real = companies.create_company(session, "midori", FACTS)
    session.refresh(demo)
    assert (demo.runs_installation, real.runs_installation) == (False, True)
    assert not installation.is_answered(session)


def test_a_demo_beside_a_real_company_answers_for_nobody(session: Session, midori: Company) -> None:
    installation.answer(session, midori, installation.Answer("51-募-001733"))
    assert not companies.create_company(session, "hinata", FACTS, demo=True).runs_installation
    assert installation.is_answered(session)
