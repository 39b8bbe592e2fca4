"""The consent text in versions: what is in force, what earlier consents were given under, and what it says of whom.

What the sentences promise is asserted where it happens; the register of promises names each test.
"""

from dataclasses import replace
from datetime import date
from hashlib import sha256

import pytest
from sqlalchemy.orm import Session

from relay.models import PartnerKind
from relay.network import consent_texts, partner_options, partnerships
from relay.network.consent_texts import VERSIONS, ConsentContext
from relay.network.partners import PartnerCard
from tests.cast import Cast
from tests.db.network.build import promised

AGENCY = PartnerCard(
    id=1,
    kind=PartnerKind.AGENCY,
    name="株式会社つむぎ",
    address="長野県岡谷市1-1",
    representative="紬 一郎",
    contact="0266-11-1111",
    about="",
    license_number="20-ユ-300001",
    since=date(2026, 11, 1),
)
SCHOOL = replace(AGENCY, kind=PartnerKind.SCHOOL, name="学び舎", license_number=None)
TWO = ConsentContext(("株式会社ひなた", "みどり工業株式会社"), "運営株式会社", credits_honoured=False)
LAST_OF_THE_FIRST, FIRST_OF_THE_SECOND = date(2026, 11, 27), date(2026, 11, 28)


@pytest.mark.parametrize(
    ("partner", "kept"),
    [
        (AGENCY, "a0bcf6ee0098469319046a90cf4ab9b384be1e4fe7aa6c76560fad26b340d66f"),
        (SCHOOL, "6c543b793c8b9738c76dd21b075a8167d3b165118f9d6bfa00dc489ac3815115"),
    ],
)
def test_an_earlier_version_stays_word_for_word(partner: PartnerCard, kept: str) -> None:
    earlier = consent_texts.terms(partner, TWO, LAST_OF_THE_FIRST)
    assert earlier.version == "2026-11"
    assert sha256(earlier.text.encode()).hexdigest() == kept


def test_a_new_version_is_in_force_from_its_day_on() -> None:
    assert consent_texts.in_force(LAST_OF_THE_FIRST).name == "2026-11"
    assert consent_texts.in_force(FIRST_OF_THE_SECOND).name == VERSIONS[-1].name == "2026-11-28"


def test_it_names_provider_recipient_and_who_keeps_the_profile() -> None:
    text = consent_texts.terms(AGENCY, TWO, FIRST_OF_THE_SECOND).text
    assert "情報を提供する者: 株式会社ひなた、みどり工業株式会社" in text
    assert "情報の提供先: 株式会社つむぎ、長野県岡谷市1-1、代表者 紬 一郎、職業紹介事業 許可番号 20-ユ-300001" in text
    assert "登録内容とご本人専用ページは、Relayの運営者である運営株式会社が管理します" in text
    assert "法律上の責任者は同社です" not in text


def test_it_says_so_where_the_hiring_company_itself_runs_the_installation() -> None:
    text = consent_texts.terms(AGENCY, replace(TWO, operator="株式会社ひなた"), FIRST_OF_THE_SECOND).text
    assert (
        "この仕組みは株式会社ひなたが運営しています。採用担当の画面には表示されませんが、法律上の責任者は同社です。"
        in text
    )


def test_what_hr_learns_is_said_by_the_kind_of_partner() -> None:
    agency = consent_texts.terms(AGENCY, TWO, FIRST_OF_THE_SECOND).text
    school = consent_texts.terms(SCHOOL, TWO, FIRST_OF_THE_SECOND).text
    assert "その日付・通し番号" in agency
    assert "1社だけのときは、登録先を推測できます" in agency
    assert "学校への登録は、株式会社ひなた、みどり工業株式会社の採用担当の画面には表示されません" in school
    assert "通し番号" not in school


def test_the_gain_is_promised_only_while_a_partner_honours_credits(session: Session, cast: Cast) -> None:
    """B-23: nothing is said of a benefit that nobody gives."""
    company = partner_options.sharing_company(session, cast.acme.id)
    assert not company.credits_honoured
    before = consent_texts.gain(partner_options.context(session, [company]))
    assert "いま、この枠を使える紹介会社はありません" in before
    promised(session, cast)
    after = consent_texts.gain(
        partner_options.context(session, [partner_options.sharing_company(session, cast.acme.id)])
    )
    assert "職業紹介を1名分、手数料なしで利用できます" in after


def test_a_partnership_shows_the_rules_it_was_made_under(session: Session) -> None:
    earlier, now = partnerships.rules_of("2026-11"), partnerships.rules_of(partnerships.RULES_VERSION)
    assert (earlier.version, len(earlier.points)) == ("2026-11", 8)
    assert now.version == "2026-11-30"
    assert "すみやかに消去します" in earlier.points[3]
    assert "遅滞なく消去します" in now.points[4]
