"""Items per recipient: what a person ticks is what that partner sees, and no other sees a change (A-9, A-43)."""

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.infra import jobs
from relay.mail import compose
from relay.models import Consent, ConsentWithdrawal, Partner, ProvisionRecord, Referral, scopes
from relay.network import sharing
from tests.cast import Cast
from tests.db.network.build import mailed_link, mails, register, the_profile
from tests.web.landing.phone import EMAIL, Phone, mail_own_page, words

WRITTEN = {"name": "高橋 花子", "phone": "09012345678", "experience": "経理 5年"}


@pytest.fixture
def own(phone: Phone, session: Session, cast: Cast) -> str:
    """The own page of a person who registered with agency and school; the phone has given the number."""
    register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi, cast.manabi, **WRITTEN)
    path = mail_own_page(session, the_profile(session, EMAIL).id)
    phone.enter(path)
    return path


def choose(phone: Phone, own: str, partner: Partner, *items: str) -> str:
    """Tick these in the form of the partner and send it; returns what the page says then."""
    page = phone.get(own).text
    card = page.partition(f'aria-labelledby="standing-{partner.id}"')[2].partition("</section>")[0]
    form = card.partition('/items"')[2].partition("</form>")[0]
    shown = re.search(r'name="shown" value="([0-9a-f]{64})"', form)
    assert shown is not None
    sent = {"partner": str(partner.id), "shown": shown[1], "item": ["name", *items]}
    answer = phone.post(f"{own}/items", sent)
    return words(phone.get(answer.location) if answer.location else answer)


def seen_by(session: Session, partner: Partner) -> set[str]:
    """The items in which the partner reads something."""
    session.rollback()
    with scopes.partner(session, partner.id):
        person = sharing.open_person(session, the_profile(session, EMAIL).code, None)
    return {code for code in ("name", "email", "phone", "experience") if getattr(person, code)}


def test_one_item_goes_from_one_partner_and_stays_at_the_other(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    assert "伝える項目を変更しました" in choose(phone, own, cast.tsumugi, "email", "experience")
    assert seen_by(session, cast.tsumugi) == {"name", "email", "experience"}
    assert seen_by(session, cast.manabi) == {"name", "email", "phone", "experience"}
    with scopes.everyone(session, "test"):
        newest = session.scalars(select(Consent).order_by(Consent.id.desc())).first()
        assert newest is not None
        assert (newest.items, newest.withheld) == (["name", "email", "experience"], ["phone"])
        assert len(newest.wording_hash) == 64
        assert [each.way for each in session.scalars(select(ConsentWithdrawal))] == ["items-changed"]
        recorded = session.scalars(select(ProvisionRecord).where(ProvisionRecord.consent_id == newest.id)).first()
        assert recorded is not None and "phone" not in recorded.items
        assert len(session.scalars(select(Referral)).all()) == 1, "nobody counts twice"


def test_the_partner_is_asked_by_code_to_delete_what_it_has_no_more(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    choose(phone, own, cast.tsumugi, "email", "experience")
    session.rollback()
    while jobs.deliver_event(session, clock.now()):
        pass
    (notice,) = mails(session, "withdrawal-notice")
    with scopes.everyone(session, "test"):
        mail = compose.render(session, notice, preview=False)
    for part in (mail.text, mail.html):
        assert "電話番号" in part
        assert "ほかの項目への同意は続いています" in part
        assert not [each for each in WRITTEN.values() if each in part]


def test_what_is_kept_from_a_partner_stays_kept_after_a_correction(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    choose(phone, own, cast.tsumugi, "email", "experience")
    saved = phone.post(f"{own}/facts", WRITTEN | {"phone": "0266-00-0000"})
    asked = words(phone.get(saved.location))
    assert "いまの登録先1か所にも伝えますか" in asked, "the agency has no telephone number to be corrected"
    phone.post(f"{own}/facts", WRITTEN | {"phone": "0266-00-0000", "experience": "経理 6年"})
    page = phone.get(own).text
    assert f"{cast.tsumugi.name}に伝わる項目：氏名、メールアドレス、これまでの経験" in words(phone.get(own))
    told = {"answer": "all", "partner": [str(cast.tsumugi.id), str(cast.manabi.id)]}
    phone.post(f"{own}/contents", told | dict(re.findall(r'name="(shown-\d+)" value="([0-9a-f]{64})"', page)))
    assert seen_by(session, cast.tsumugi) == {"name", "email", "experience"}
    choose(phone, own, cast.tsumugi, "email", "phone", "experience")
    assert seen_by(session, cast.tsumugi) == {"name", "email", "phone", "experience"}


def test_a_name_and_a_way_to_reach_the_person_stay(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    assert "メールアドレスか電話番号のどちらかは必要です" in choose(phone, own, cast.tsumugi, "experience")
    assert seen_by(session, cast.tsumugi) == {"name", "email", "phone", "experience"}
    choose(phone, own, cast.tsumugi, "phone")
    assert seen_by(session, cast.tsumugi) == {"name", "phone"}


def test_the_same_items_again_change_nothing(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    assert "変わったところはありませんでした" in choose(phone, own, cast.tsumugi, "email", "phone", "experience")
    with scopes.everyone(session, "test"):
        assert len(session.scalars(select(Consent)).all()) == 2


def test_without_the_number_nothing_is_chosen(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    phone.post(f"{own}/leave")
    sent = {"partner": str(cast.tsumugi.id), "item": ["name", "email"]}
    assert phone.post(f"{own}/items", sent).location.endswith("done=expired")
    assert seen_by(session, cast.tsumugi) == {"name", "email", "phone", "experience"}
