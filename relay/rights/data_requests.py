"""Requests of people about their own data at one company: received, shown to be the person's own, answered (A-29…A-34).

A request is matched with a record by its address alone. Each is acknowledged by mail at once, and the same asked again
while it is open is no second one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.contact import STOPPABLE
from relay.errors import DomainError
from relay.infra.keyed_hash import address_hash
from relay.mail import optouts
from relay.models import (
    Candidate,
    DataRequest,
    EventTag,
    RequestKind,
    RequestSource,
    RequestState,
    event_data,
    record,
    scopes,
)
from relay.models.locking import lock_company
from relay.models.retention import DATA_REQUEST
from relay.rights import disclosure, request_letters, requests
from relay.rights.disclosure import Disclosure
from relay.rights.request_register import DUE, of_address, record_of
from relay.text import mail_key

MAX_TEXT = 5_000
_WITHOUT_PROOF = frozenset({RequestKind.COMPLAINT})
"""What may be answered to whoever asks: nothing of a record is told."""


class RequestIsClosed(DomainError):
    """Raise where a request was answered, refused or withdrawn already."""

    code = "request-closed"
    message = _l("この請求への対応は、すでに終わっています。何も変わっていません。")


class NotShownToBeTheirs(DomainError):
    """Raise where a request would be answered before it is shown that the person asks themselves (A-34)."""

    code = "request-not-proven"
    message = _l(
        "ご本人の確認がまだのため、回答していません。ご本人がメールのリンクから確認されるのを待つか、"
        "ほかの方法で確認したことを記録してから、もう一度お試しください。"
    )


class OtherRequestsOpen(DomainError):
    """Raise where a person would be erased while another request of theirs waits for its answer."""

    code = "other-requests-open"
    message = _l(
        "この方のほかの請求が残っているため、消去していません。消去すると回答できなくなります。"
        "先に、ほかの請求に回答してください。"
    )


class AskedAlready(DomainError):
    """Raise where the person of a record has asked the same already, by the address of that record."""

    code = "request-asked-already"
    message = _l("この方からは、同じ請求をすでに受け付けています。何も変わっていません。")


@dataclass(frozen=True)
class RequestInput:
    """A request as it comes in: the address of the person, their words, and the day."""

    address: str
    text: str = ""
    received_on: date | None = None


@scopes.in_company
def receive(
    session: Session,
    company_id: int,
    asked: RequestInput,
    kinds: Iterable[RequestKind],
    *,
    source: RequestSource,
    by_user_id: int | None = None,
) -> list[DataRequest]:
    """Open a request of each kind and acknowledge them by one mail; gives those that were not open already.

    One from the public page comes out of the mailbox, and is proven by that (A-34). A stop takes effect at once: no
    more mail but results leaves for the address. What is written to a request that is open already is added to it.
    """
    lock_company(session, company_id)
    key = mail_key(asked.address)
    known = {each.kind: each for each in of_address(session, key) if each.state is RequestState.OPEN}
    wanted = list(dict.fromkeys(kinds))
    for kind in wanted:
        if kind in known and asked.text and asked.text not in known[kind].text:
            known[kind].text = f"{known[kind].text}\n{asked.text}".strip()[: 4 * MAX_TEXT]
    day = asked.received_on or clock.today()
    made = [
        DataRequest(
            company_id=company_id,
            kind=kind,
            source=source,
            state=RequestState.OPEN,
            candidate_id=record_of(session, key),
            address=key,
            text=asked.text,
            received_on=day,
            due_on=day + DUE,
            proven_at=clock.now() if source is RequestSource.PUBLIC_PAGE else None,
            created_at=clock.now(),
            by_user_id=by_user_id,
        )
        for kind in wanted
        if kind not in known
    ]
    session.add_all(made)
    session.flush()
    if RequestKind.STOP in wanted and key:
        for mail_class in STOPPABLE:
            optouts.opt_out(session, company_id, address_hash(key), mail_class, "data-request")
    for each in made:
        _note(session, EventTag.REQUEST_RECEIVED, each)
    request_letters.acknowledge(session, made)
    return made


def prove(session: Session, request: DataRequest, *, by_user_id: int | None = None) -> None:
    """Note that the person asks themselves: they said so behind the mailed link, or a member saw to it (A-34)."""
    if request.proven_at is None and request.state is RequestState.OPEN:
        request.proven_at, request.proven_by_user_id = clock.now(), by_user_id
        _note(session, EventTag.REQUEST_PROVEN, request)


def match(session: Session, request: DataRequest, candidate: Candidate) -> None:
    """Say whose record a request is about. The person is written to at the address of the record from now on.

    Where that is another address, it has to be shown there that the person asks themselves. Raises AskedAlready.
    """
    _hold_open(session, request)
    if candidate.email_key and candidate.email_key != request.address:
        theirs = of_address(session, candidate.email_key)
        if any(each.kind is request.kind and each.state is RequestState.OPEN for each in theirs):
            raise AskedAlready
        request.address, request.proven_at, request.proven_by_user_id = candidate.email_key, None, None
        request.candidate_id = candidate.id
        request_letters.acknowledge(session, [request])
    request.candidate_id = candidate.id
    _note(session, EventTag.REQUEST_MATCHED, request)


def withdraw(session: Session, request: DataRequest) -> None:
    """Close a request because the person takes it back; one that is closed stays as it is."""
    if request.state is RequestState.OPEN:
        _close(session, request, RequestState.WITHDRAWN, by_user_id=None)


def answer(
    session: Session, request: DataRequest, text: str, *, evaluations: bool = False, by_user_id: int | None
) -> None:
    """Close a request with this answer, which is mailed; of a disclosure, with the link of its file.

    Raises RequestIsClosed, NotShownToBeTheirs, and PracticeOnly while the company practises.
    """
    _hold_open(session, request)
    if request.proven_at is None and request.kind not in _WITHOUT_PROOF:
        raise NotShownToBeTheirs
    request.answer, request.evaluations = text, evaluations
    _close(session, request, RequestState.ANSWERED, by_user_id=by_user_id)
    request_letters.send_answer(session, request)


def take_file(session: Session, request: DataRequest) -> Disclosure | None:
    """Return the file of an answered disclosure and note that it was taken; None where there is none, or no longer."""
    candidate = session.scalars(select(Candidate).where(Candidate.id == request.candidate_id)).one_or_none()
    if candidate is None or not disclosure.is_available(request):
        return None
    _note(session, EventTag.REQUEST_FILE_TAKEN, request)
    return disclosure.of_candidate(session, candidate, evaluations=request.evaluations)


def refuse(session: Session, request: DataRequest, reason: str, *, by_user_id: int | None) -> None:
    """Close a request that is not met; the person is told by mail, with the reason (A-32). Raises as `answer` does."""
    _hold_open(session, request)
    request.answer = reason
    _close(session, request, RequestState.REFUSED, by_user_id=by_user_id)
    request_letters.send_refusal(session, request)


def erase(session: Session, request: DataRequest, text: str, *, by_user_id: int | None) -> None:
    """Meet a request for erasure: the record goes now, and the mail that says so forgets its address once it left.

    Raises OtherRequestsOpen, and what `answer` raises.
    """
    _hold_open(session, request)
    if request.proven_at is None:
        raise NotShownToBeTheirs
    if any(each.id != request.id and each.state is RequestState.OPEN for each in of_address(session, request.address)):
        raise OtherRequestsOpen
    company_id, candidate_id, address = request.company_id, request.candidate_id, request.address
    _close(session, request, RequestState.ANSWERED, by_user_id=by_user_id)
    if candidate_id is not None:
        reason, day = requests.ErasureReason.ASKED, request.received_on
        requests.erase_on_request(session, company_id, candidate_id, reason=reason, asked_on=day)
    _forget(session, DataRequest.company_id == company_id, DataRequest.address == address)
    request_letters.send_erased(session, company_id, request.id, address, text)


def forget_closed(session: Session) -> None:
    """Leave of requests that were closed a year ago the fact alone. To be called across companies."""
    _forget(session, DataRequest.closed_at <= clock.now() - DATA_REQUEST.length)


def _forget(session: Session, *which: ColumnElement[bool]) -> None:
    told = or_(DataRequest.address != "", DataRequest.text != "", DataRequest.answer != "")
    ids = session.scalars(select(DataRequest.id).where(*which, told).limit(1_000)).all()
    if not ids:
        return
    request_letters.forget(session, ids)
    session.execute(
        update(DataRequest)
        .where(DataRequest.id.in_(ids))
        .values(address="", text="", answer="", candidate_id=None)
        .execution_options(synchronize_session="fetch")
    )


def _hold_open(session: Session, request: DataRequest) -> None:
    session.refresh(request, with_for_update=True)
    if request.state is not RequestState.OPEN:
        raise RequestIsClosed


def _close(session: Session, request: DataRequest, state: RequestState, *, by_user_id: int | None) -> None:
    request.state, request.closed_at, request.closed_by_user_id = state, clock.now(), by_user_id
    _note(session, EventTag.REQUEST_CLOSED, request)


def _note(session: Session, tag: EventTag, request: DataRequest) -> None:
    session.flush()
    data = event_data.RequestNoted(kind=request.kind.value, state=request.state.value)
    record(session, tag, company_id=request.company_id, subject=("data-request", request.id), data=data)
