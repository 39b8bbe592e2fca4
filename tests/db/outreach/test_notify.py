"""Telling decides, queues once, leaves after the delay, and can be taken back until then."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.hiring import decisions
from relay.infra.keyed_hash import address_hash
from relay.mail import batches, optouts
from relay.models import (
    Application,
    ApplicationResult,
    Event,
    EventTag,
    MailClass,
    Message,
    MessageState,
    NotifiedBy,
    RejectionReason,
    RelayLink,
    Token,
    TokenPurpose,
    scopes,
)
from relay.outreach import results
from tests.db.outreach.conftest import Desk, Postbox, text_of

DELAY = timedelta(minutes=10)


def _fresh(desk: Desk, application: Application) -> Application:
    with scopes.company(desk.session, desk.cast.acme.id):
        return desk.session.scalars(
            select(Application).where(Application.id == application.id).execution_options(populate_existing=True)
        ).one()


def _messages(desk: Desk) -> list[Message]:
    with scopes.company(desk.session, desk.cast.acme.id):
        return list(desk.session.scalars(select(Message).order_by(Message.id)))


def _count(desk: Desk, tag: EventTag) -> int:
    return desk.session.scalar(select(func.count()).where(Event.tag == tag.value)) or 0


def test_telling_decides_and_queues_for_after_the_delay(desk: Desk) -> None:
    application = desk.person()

    told = desk.tell(application)

    now = _fresh(desk, application)
    assert (now.status, now.reason, now.notified_at) == (ApplicationResult.REJECTED, RejectionReason.SKILLS, None)
    [message] = _messages(desk)
    assert message.state is MessageState.SCHEDULED
    with scopes.company(desk.session, desk.cast.acme.id):
        assert batches.code_of(desk.session, message) == told.batch
    assert timedelta(minutes=9) < message.due_at - clock.now() <= DELAY
    assert message.values["氏名"] == "高橋 花子"
    assert message.values["担当者"] == "Ada"
    assert _count(desk, EventTag.RESULT_QUEUED) == 1


def test_without_a_delay_it_leaves_at_once(desk: Desk, postbox: Postbox) -> None:
    desk.cast.acme.send_delay_minutes = 0
    desk.session.commit()
    application = desk.person()

    desk.tell(application)
    postbox.collect()

    now = _fresh(desk, application)
    assert now.notified_by is NotifiedBy.RELAY
    assert now.notified_at is not None
    assert len(postbox.mails) == 1


def test_nothing_leaves_before_its_time(desk: Desk, postbox: Postbox) -> None:
    desk.tell(desk.person())

    postbox.collect(later=DELAY - timedelta(seconds=30))
    assert postbox.mails == []

    postbox.collect(later=DELAY + timedelta(seconds=1))
    assert len(postbox.mails) == 1


def test_the_mail_says_the_result_first_and_the_relay_part_apart_and_later(desk: Desk, postbox: Postbox) -> None:
    application = desk.person()
    desk.tell(application, remark="現場の改善のお話、勉強になりました。")

    postbox.collect(later=DELAY)

    [mail] = postbox.mails
    assert mail["Subject"] == "【株式会社acme】選考結果のご連絡"
    text = text_of(mail)
    assert text.index("高橋 花子 様") < text.index("見送らせて") < text.index("勉強になりました") < text.index("任意")
    assert text.index("任意") < text.index("/r/") < text.index("受信を停止できます")
    assert "/r/" in text_of(mail, "html")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    [message] = _messages(desk)
    assert message.mail_class is MailClass.RELAY
    with scopes.company(desk.session, desk.cast.acme.id):
        link = desk.session.scalars(select(RelayLink)).one()
    assert link.sent_at is not None
    token = desk.session.scalars(select(Token).where(Token.purpose == TokenPurpose.RELAY)).one()
    assert token.subject_id == link.id
    assert token.message_id == message.id


def test_nothing_at_rest_holds_a_live_link(desk: Desk, postbox: Postbox) -> None:
    desk.tell(desk.person())
    postbox.collect(later=DELAY)

    [message] = _messages(desk)
    assert "/r/" not in str(message.values)


def test_an_empty_remark_takes_its_paragraph_with_it(desk: Desk, postbox: Postbox) -> None:
    desk.tell(desk.person())
    postbox.collect(later=DELAY)

    text = text_of(postbox.mails[0])
    assert "ひとこと" not in text
    assert "\n\n\n\n" not in text.split("任意")[0]


def test_who_opted_out_gets_the_result_without_the_relay_part(desk: Desk, postbox: Postbox) -> None:
    application = desk.person(email="stop@mail.example")
    with scopes.company(desk.session, desk.cast.acme.id):
        optouts.opt_out(desk.session, desk.cast.acme.id, address_hash("stop@mail.example"), MailClass.RELAY, "page")
    desk.session.commit()

    desk.tell(application)
    postbox.collect(later=DELAY)

    [mail] = postbox.mails
    assert "見送らせて" in text_of(mail)
    assert "/r/" not in text_of(mail) + text_of(mail, "html")
    assert mail["List-Unsubscribe"] is None
    assert _messages(desk)[0].mail_class is MailClass.TRANSACTIONAL
    assert _fresh(desk, application).notified_by is NotifiedBy.RELAY
    with scopes.company(desk.session, desk.cast.acme.id):
        assert desk.session.scalars(select(RelayLink)).first() is None


def test_opting_out_while_the_mail_waits_is_heeded(desk: Desk, postbox: Postbox) -> None:
    application = desk.person(email="stop@mail.example")
    desk.tell(application)
    with scopes.company(desk.session, desk.cast.acme.id):
        optouts.opt_out(desk.session, desk.cast.acme.id, address_hash("stop@mail.example"), MailClass.RELAY, "page")
    desk.session.commit()

    postbox.collect(later=DELAY)

    assert "/r/" not in text_of(postbox.mails[0])


def test_stopping_keeps_the_mail_and_takes_the_rejection_back(desk: Desk, postbox: Postbox) -> None:
    application = desk.person()
    told = desk.tell(application)

    assert desk.stop(told.batch) == 1

    now = _fresh(desk, application)
    assert (now.status, now.reason, now.decided_on, now.decided_in_relay) == (ApplicationResult.OPEN, None, None, False)
    assert _messages(desk)[0].state is MessageState.CANCELLED
    assert _count(desk, EventTag.RESULT_CANCELLED) == 1
    postbox.collect(later=DELAY * 3)
    assert postbox.mails == []


def test_stopping_leaves_a_rejection_that_came_before(desk: Desk) -> None:
    application = desk.person(status=ApplicationResult.REJECTED, decided_on=clock.today())
    desk.tell(application, reason=None)

    desk.stop()

    assert _fresh(desk, application).status is ApplicationResult.REJECTED


def test_stopping_one_act_leaves_the_other_waiting(desk: Desk) -> None:
    first = desk.tell(desk.person("一 花子", "one@mail.example"))
    desk.tell(desk.person("二 花子", "two@mail.example"))

    assert desk.stop(first.batch) == 1

    assert [message.state for message in _messages(desk)] == [MessageState.CANCELLED, MessageState.SCHEDULED]


def test_a_stopped_result_can_be_told_again(desk: Desk, postbox: Postbox) -> None:
    application = desk.person()
    desk.tell(application)
    desk.stop()

    desk.tell(application, template_id=desk.text("簡潔").id)
    postbox.collect(later=DELAY)

    assert len(postbox.mails) == 1


def test_nobody_is_told_twice_whatever_the_text(desk: Desk) -> None:
    application = desk.person()
    desk.tell(application)

    with pytest.raises(results.AlreadyNotified) as refused:
        desk.tell(application, template_id=desk.text("簡潔").id)

    db.session.rollback()
    assert "高橋 花子さん" in str(refused.value)
    assert len(_messages(desk)) == 1


def test_one_who_was_told_keeps_everybody_of_the_act_back(desk: Desk) -> None:
    told = desk.person("一 花子", "one@mail.example")
    desk.tell(told)
    other = desk.person("二 花子", "two@mail.example")

    with pytest.raises(results.AlreadyNotified):
        desk.tell(other, told)

    db.session.rollback()
    assert _fresh(desk, other).status is ApplicationResult.OPEN
    assert len(_messages(desk)) == 1


def test_who_was_told_elsewhere_gets_no_mail(desk: Desk) -> None:
    application = desk.person()
    with scopes.company(desk.session, desk.cast.acme.id):
        decisions.note_notified_elsewhere(
            desk.session, [_fresh(desk, application)], by_user_id=desk.cast.ada.id, reason=RejectionReason.FILLED
        )
    desk.session.commit()

    with pytest.raises(results.AlreadyNotified):
        desk.tell(application)


@pytest.mark.parametrize("end", [ApplicationResult.WITHDREW, ApplicationResult.DUPLICATE, ApplicationResult.HIRED])
def test_the_other_ends_get_no_rejection(desk: Desk, end: ApplicationResult) -> None:
    application = desk.person(status=end, decided_on=clock.today())

    with pytest.raises(results.EndedOtherwise):
        desk.tell(application)


def test_an_open_application_needs_a_reason(desk: Desk) -> None:
    application = desk.person()

    with pytest.raises(results.RecipientReasonMissing, match="高橋 花子さん"):
        desk.tell(application, reason=None)


def test_without_an_address_nothing_is_queued(desk: Desk) -> None:
    application = desk.person(email="")

    with pytest.raises(results.AddressMissing):
        desk.tell(application)


def test_a_remark_promises_no_gift(desk: Desk) -> None:
    with pytest.raises(results.RemarkRefused, match="お祝い金"):
        desk.tell(desk.person(), remark="登録するとお祝い金があります")


def test_a_mail_that_comes_back_leaves_the_person_pending(desk: Desk, postbox: Postbox) -> None:
    application = desk.person(email="gone@mail.example")
    postbox.unknown.add("gone@mail.example")
    desk.tell(application)

    postbox.collect(later=DELAY)

    now = _fresh(desk, application)
    assert (now.status, now.notified_at) == (ApplicationResult.REJECTED, None)
    assert _messages(desk)[0].state is MessageState.BOUNCED
    assert _count(desk, EventTag.RESULT_FAILED) == 1


def test_a_person_erased_while_the_mail_waits_gets_none(desk: Desk, postbox: Postbox, session: Session) -> None:
    from relay.rights.erasure import erase_candidates

    application = desk.person()
    desk.tell(application)
    erase_candidates(session, desk.cast.acme.id, [application.candidate_id])
    session.commit()

    postbox.collect(later=DELAY)

    assert postbox.mails == []


def test_a_position_nobody_recorded_still_reads_well(desk: Desk, postbox: Postbox) -> None:
    application = desk.person()
    with scopes.company(desk.session, desk.cast.acme.id):
        _fresh(desk, application).position_id = None
    desk.session.commit()

    desk.tell(application)
    postbox.collect(later=DELAY)

    assert "当社の求人の選考では" in text_of(postbox.mails[0])


def test_values_that_look_like_markup_or_placeholders_stay_words(desk: Desk, postbox: Postbox) -> None:
    application = desk.person("{{会社名}}<b>太郎</b>", "odd@mail.example")

    desk.tell(application)
    postbox.collect(later=DELAY)

    [mail] = postbox.mails
    assert "{{会社名}}<b>太郎</b> 様" in text_of(mail)
    assert "&lt;b&gt;太郎" in text_of(mail, "html")
