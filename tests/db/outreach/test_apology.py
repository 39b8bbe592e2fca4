"""The apology after a mail that was sent by mistake: what is always in it, and that it tells nobody who registered."""

from datetime import timedelta

import pytest

from relay.models import Message, MistakeKind, scopes
from relay.network.mistaken import Contact
from relay.outreach import apology
from relay.outreach.apology import ApologyText
from tests.db.network.build import register
from tests.db.outreach.conftest import Desk, Postbox, text_of
from tests.db.outreach.test_mistakes import declare, send, the_link

MEGUMI = Contact("中村 恵", "0266-12-3456")


def apologise(desk: Desk, mail: Message, text: ApologyText | None = None) -> None:
    """Declare the mail, and send the apology as it was drawn up or as it was written."""
    mistake = declare(desk, mail)
    company = desk.cast.acme
    with scopes.company(desk.session, company.id):
        written = text or apology.draw_up(desk.session, company, mistake)
        apology.send(desk.session, company, mistake, [mistake.id], written, MEGUMI, by_user_id=desk.cast.ada.id)
    desk.session.commit()


def test_it_names_a_colleague_and_a_number_whatever_was_written(desk: Desk, postbox: Postbox) -> None:
    mail = send(desk, postbox, desk.person())
    apologise(desk, mail, ApologyText("お詫び", "申し訳ありません。"))
    postbox.collect(later=timedelta(hours=1))
    for kind in ("plain", "html"):
        assert "中村 恵（電話：0266-12-3456）" in text_of(postbox.mails[-1], kind)


def test_it_says_the_same_to_who_registered_and_to_who_did_not(desk: Desk, postbox: Postbox) -> None:
    mails = [send(desk, postbox, desk.person("高橋 花子", f"p{number}@mail.example")) for number in range(2)]
    register(desk.session, the_link(desk, mails[0]), desk.cast.tsumugi)
    for mail in mails:
        apologise(desk, mail)
    before = len(postbox.mails)
    postbox.collect(later=timedelta(hours=1))
    apologies = [text_of(each) for each in postbox.mails[before:] if "お詫び" in str(each["Subject"])]
    assert len(apologies) == 2
    assert len(set(apologies)) == 1
    assert "/me/" not in apologies[0]


@pytest.mark.parametrize("kind", list(MistakeKind))
def test_the_text_that_is_drawn_up_can_be_sent(desk: Desk, postbox: Postbox, kind: MistakeKind) -> None:
    mail = send(desk, postbox, desk.person())
    mistake = declare(desk, mail, kind)
    with scopes.company(desk.session, desk.cast.acme.id):
        drawn = apology.draw_up(desk.session, desk.cast.acme, mistake)
    assert apology.check(drawn) == drawn
    assert ("{{氏名}}" in drawn.body) is (kind is not MistakeKind.ADDRESS)
