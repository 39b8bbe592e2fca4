"""Requests about one's own data: one of a kind at a time, answered to the person alone, and gone with the person."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import letters, optouts
from relay.mail.final_state import mark_final
from relay.models import (
    Candidate,
    DataRequest,
    Message,
    MessageState,
    RequestKind,
    RequestSource,
    RequestState,
    scopes,
)
from relay.rights import data_requests, request_letters
from relay.rights.data_requests import NotShownToBeTheirs, OtherRequestsOpen, RequestInput
from tests.cast import Cast, make_candidate, make_cast

HANA = "hana@mail.example"


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def ask(
    session: Session, cast: Cast, *kinds: RequestKind, address: str = HANA, text: str = "", proven: bool = True
) -> list[DataRequest]:
    source = RequestSource.PUBLIC_PAGE if proven else RequestSource.TYPED
    made = data_requests.receive(session, cast.acme.id, RequestInput(address, text), kinds, source=source)
    session.commit()
    return made


def mails(session: Session, letter: str) -> list[Message]:
    with scopes.everyone(session, "test"):
        return list(session.scalars(select(Message).where(Message.letter == letter).order_by(Message.id)))


def test_the_same_asked_again_while_it_is_open_is_no_second_one(session: Session, cast: Cast) -> None:
    (first,) = ask(session, cast, RequestKind.CORRECTION, text="電話番号が違います")
    assert ask(session, cast, RequestKind.CORRECTION, address=HANA.upper(), text="住所も違います") == []
    session.refresh(first)
    assert first.text.splitlines() == ["電話番号が違います", "住所も違います"]
    assert len(mails(session, request_letters.RECEIVED)) == 1


def test_it_is_about_the_one_record_of_the_address(session: Session, cast: Cast) -> None:
    mine = make_candidate(session, cast.acme, email=HANA)
    make_candidate(session, cast.other, email=HANA)
    (known,) = ask(session, cast, RequestKind.DISCLOSURE)
    (unknown,) = ask(session, cast, RequestKind.DISCLOSURE, address="nobody@mail.example")
    make_candidate(session, cast.acme, email=HANA)
    (several,) = ask(session, cast, RequestKind.ERASURE)
    assert [each.candidate_id for each in (known, unknown, several)] == [mine.id, None, None]
    assert known.due_on == clock.today() + timedelta(days=14)


def test_a_stop_takes_effect_at_once(session: Session, cast: Cast) -> None:
    ask(session, cast, RequestKind.STOP)
    assert optouts.is_opted_out(session, cast.acme.id, HANA)
    assert not optouts.is_opted_out(session, cast.other.id, HANA)


def test_an_erasure_takes_the_record_and_forgets_whom_it_told(session: Session, cast: Cast) -> None:
    person = make_candidate(session, cast.acme, "高橋 花子", email=HANA).id
    (earlier,) = ask(session, cast, RequestKind.CORRECTION, text="高橋花子です")
    (erasure,) = ask(session, cast, RequestKind.ERASURE, text="高橋花子です", proven=False)
    with scopes.company(session, cast.acme.id):
        with pytest.raises(NotShownToBeTheirs):
            data_requests.erase(session, erasure, "消去しました。", by_user_id=cast.adam.id)
        data_requests.prove(session, erasure)
        with pytest.raises(OtherRequestsOpen):
            data_requests.erase(session, erasure, "消去しました。", by_user_id=cast.adam.id)
        data_requests.answer(session, earlier, "高橋様 訂正しました。", by_user_id=cast.ada.id)
        data_requests.erase(session, erasure, "消去しました。", by_user_id=cast.adam.id)
        session.commit()
        assert session.scalars(select(Candidate.id).where(Candidate.id == person)).first() is None
        kept = session.scalars(select(DataRequest).order_by(DataRequest.id)).all()
        assert [each.state for each in kept] == [RequestState.ANSWERED, RequestState.ANSWERED]
        assert {(each.address, each.text, each.answer, each.candidate_id) for each in kept} == {("", "", "", None)}
        *before, last = mails(session, request_letters.ANSWERED)
        assert [each.to_address for each in before] == [""]
        assert (last.to_address, last.state) == (HANA, MessageState.SCHEDULED)
        assert letters.find(last.letter).mint is not None
        mark_final(session, last, MessageState.SENT)
        assert (last.to_address, last.values) == ("", {})


def test_of_a_closed_request_the_fact_alone_is_left_after_a_year(session: Session, cast: Cast) -> None:
    (old,), (new,) = (ask(session, cast, kind) for kind in (RequestKind.COMPLAINT, RequestKind.CORRECTION))
    with scopes.company(session, cast.acme.id):
        for each in (old, new):
            data_requests.answer(session, each, "お答えします。", by_user_id=None)
        long_ago = clock.now() - timedelta(days=366)
        session.execute(update(DataRequest).where(DataRequest.id == old.id).values(closed_at=long_ago))
    with scopes.everyone(session, "test"):
        data_requests.forget_closed(session)
        session.expire_all()
        assert (old.address, old.answer, old.kind) == ("", "", RequestKind.COMPLAINT)
        assert (new.address, new.answer) == (HANA, "お答えします。")
        told = {each.subject_id: each.to_address for each in mails(session, request_letters.ANSWERED)}
        assert told == {old.id: "", new.id: HANA}
