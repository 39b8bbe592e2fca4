"""続けますか: asked on the own page in the last month alone, with nothing ticked, one partner at a time (A-10)."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import compose
from relay.models import Share, scopes
from relay.network import letters as own_letters
from relay.network import renewals
from tests.cast import Cast
from tests.db.network.build import mails, the_profile
from tests.web.landing.phone import EMAIL, Phone, mail_own_page, registered, words


@pytest.fixture
def own(phone: Phone, session: Session, cast: Cast) -> str:
    registered(phone, session, cast)
    return mail_own_page(session, the_profile(session, EMAIL).id)


def last_month(session: Session) -> object:
    with scopes.everyone(session, "test"):
        end = session.scalars(select(func.max(Share.until))).one()
    return clock.at(end - timedelta(days=10))


def test_in_the_last_month_the_page_asks_and_a_tick_goes_on(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    phone.enter(own)
    assert "続けますか" not in words(phone.get(own))
    with last_month(session):
        phone.enter(own)
        page = phone.get(own)
        assert "期限が近づいています。続けますか？" in words(page)
        form = page.text.partition('id="renewal"')[2].partition("</section>")[0]
        assert " checked" not in form
        shown = form.partition(f'name="shown-{cast.tsumugi.id}" value="')[2][:64]
        unticked = phone.post(f"{own}/renewal", {f"shown-{cast.tsumugi.id}": shown})
        assert unticked.status_code == 422 and "まだ何も変わっていません" in words(unticked)
        gone_on = phone.post(f"{own}/renewal", {"partner": str(cast.tsumugi.id), f"shown-{cast.tsumugi.id}": shown})
        answer = words(phone.get(gone_on.location))
        assert "登録先への提供を続けます" in answer and "続けますか" not in answer
        assert f"期限{clock.today().year + 1}年" in answer.replace(" ", "")


def test_the_letter_says_what_silence_means_and_that_no_other_comes(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    profile = the_profile(session, EMAIL)
    own_letters.send(session, renewals.LETTER, profile, values={"until": "2027-11-29"})
    (mail,) = mails(session, renewals.LETTER)
    with scopes.everyone(session, "test"):
        text = compose.render(session, mail, preview=False, links={"own_url": "https://relay.example/me/x"}).text
    assert "2027年11月29日に終わります" in text and "これが最後です" in text and "30日後に消去されます" in text
    assert not any(each in text for each in (cast.tsumugi.name, cast.acme.name, "高橋"))
