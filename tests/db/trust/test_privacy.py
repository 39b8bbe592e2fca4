"""A company's public text on personal data: versions, concrete purposes, published on purpose (A-1, A-2, A-5, A-6)."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.models import Company, Event, EventTag, PrivacyText, Purpose, PurposeText, scopes
from relay.trust import privacy, purposes
from relay.trust.privacy import Content, PrivacySection
from tests.cast import make_company

SELECTION = "ご応募いただいた職種の選考を行い、面接の日程と結果をご連絡するために使用します。"
POOL = "見送りのあとも応募の記録を保管し、別の求人が出たときにご連絡するために使用します。"
PROVISION = "ご本人が選んだ紹介会社や学校に、ご本人が同意した項目を提供するために使用します。"
CONTENT = Content(
    purposes={Purpose.SELECTION: SELECTION, Purpose.POOL: POOL, Purpose.PROVISION: PROVISION},
    sections={
        PrivacySection.RETENTION: "紙の履歴書は、選考のあとお返しします。",
        PrivacySection.SECURITY: "見られる人を限り、見た記録を残しています。",
        PrivacySection.REQUESTS: "下の連絡先で承ります。手数料はいただきません。",
        PrivacySection.COMPLAINTS: "下の連絡先で承ります。",
    },
)


@pytest.fixture
def acme(session: Session) -> Company:
    company = make_company(session, "acme")
    session.commit()
    return company


def changed(
    *, purposes: Mapping[Purpose, str] | None = None, sections: Mapping[PrivacySection, str] | None = None
) -> Content:
    return replace(
        CONTENT,
        purposes={**CONTENT.purposes, **(purposes or {})},
        sections={**CONTENT.sections, **(sections or {})},
    )


def shown(session: Session, company: Company) -> str:
    text = privacy.current(session, company.id)
    return " ".join(wording.text for wording in text.purposes) if text else ""


def test_nothing_is_public_until_it_is_published(session: Session, acme: Company) -> None:
    assert not privacy.is_published(session, acme.id)
    privacy.save(session, acme, CONTENT, by_user_id=None)
    assert not privacy.is_published(session, acme.id)
    assert privacy.current(session, acme.id) is None

    privacy.publish(session, acme)
    assert privacy.is_published(session, acme.id)
    text = privacy.current(session, acme.id)
    assert text is not None
    assert [wording.purpose for wording in text.purposes] == list(CONTENT.purposes)
    assert text.sections == CONTENT.sections
    assert not privacy.is_published(session, make_company(session, "other").id)


def test_what_is_being_rewritten_does_not_show_before_it_is_published(session: Session, acme: Company) -> None:
    privacy.save(session, acme, CONTENT, by_user_id=None)
    privacy.publish(session, acme)
    later = "見送りのあとも記録を1年保管し、別の求人や採用の催しをご案内するために使用します。"
    privacy.save(session, acme, changed(purposes={Purpose.POOL: later}), by_user_id=None)
    assert POOL in shown(session, acme)
    assert later not in shown(session, acme)
    privacy.publish(session, acme, confirmed=True)
    assert later in shown(session, acme)


def test_each_change_is_a_version_of_that_purpose_alone(session: Session, acme: Company) -> None:
    privacy.save(session, acme, CONTENT, by_user_id=None)
    privacy.save(session, acme, CONTENT, by_user_id=None)
    later = "見送りのあとも記録を1年保管し、別の求人をご案内するために使用します。"
    privacy.save(session, acme, changed(purposes={Purpose.POOL: later}), by_user_id=None)
    privacy.publish(session, acme)
    privacy.publish(session, acme)
    versions = {purpose: wording.version for purpose, wording in purposes.standing(session, acme.id).items()}
    assert versions == {Purpose.SELECTION: 1, Purpose.POOL: 2, Purpose.PROVISION: 1}
    with scopes.company(session, acme.id):
        assert session.scalars(select(PrivacyText.version).order_by(PrivacyText.version)).all() == [1, 2]
        earlier = select(PurposeText.text).where(PurposeText.purpose == Purpose.POOL).order_by(PurposeText.version)
        assert session.scalars(earlier).all() == [POOL, later]
    logged = session.scalars(select(Event.tag)).all()
    assert logged.count(EventTag.PURPOSE_CHANGED.value) == 4
    assert logged.count(EventTag.PRIVACY_PUBLISHED.value) == 1


def test_changing_a_published_purpose_is_weighed_first(session: Session, acme: Company) -> None:
    privacy.save(session, acme, CONTENT, by_user_id=None)
    privacy.publish(session, acme)
    privacy.save(session, acme, changed(sections={PrivacySection.COMPLAINTS: "人事部で承ります。"}), by_user_id=None)
    privacy.publish(session, acme)  # no purpose changed

    wider = "ご応募の選考と、応募の傾向を調べて求人の出し方を見直すために使用します。"
    privacy.save(session, acme, changed(purposes={Purpose.SELECTION: wider}), by_user_id=None)
    with pytest.raises(privacy.PurposeChangeDoubted) as doubted:
        privacy.publish(session, acme)
    assert doubted.value.changed == [Purpose.SELECTION]
    assert "お一人ずつ同意" in str(doubted.value)
    privacy.publish(session, acme, confirmed=True)
    assert wider in shown(session, acme)


def test_the_page_must_name_address_and_representative(session: Session, acme: Company) -> None:
    acme.representative = ""
    privacy.save(session, acme, CONTENT, by_user_id=None)
    with pytest.raises(privacy.CompanyUnnamed):
        privacy.publish(session, acme)
    assert not privacy.is_published(session, acme.id)


def test_two_who_edit_at_once_do_not_overwrite_each_other(session: Session, acme: Company) -> None:
    privacy.save(session, acme, CONTENT, by_user_id=None, seen_version=0)
    with pytest.raises(privacy.PrivacyTextChangedMeanwhile):
        privacy.save(session, acme, CONTENT, by_user_id=None, seen_version=0)
    privacy.save(session, acme, CONTENT, by_user_id=None, seen_version=1)


def test_every_fault_is_named_at_its_place_and_nothing_is_kept(session: Session, acme: Company) -> None:
    bad = changed(
        purposes={Purpose.SELECTION: "採用活動のために使用します。", Purpose.POOL: ""},
        sections={
            PrivacySection.REQUESTS: "下の連絡先で承ります。",
            PrivacySection.SECURITY: " ",
            PrivacySection.RETENTION: "必要なあいだ、無期限に保管します。",
        },
    )
    with pytest.raises(privacy.PrivacyRefused) as refused:
        privacy.save(session, acme, bad, by_user_id=None)
    assert {place for place, _sentence in refused.value.findings} == {
        Purpose.SELECTION,
        Purpose.POOL,
        PrivacySection.REQUESTS,
        PrivacySection.SECURITY,
        PrivacySection.RETENTION,
    }
    assert privacy.newest(session, acme.id) is None
    assert purposes.standing(session, acme.id) == {}
