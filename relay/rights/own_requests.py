"""Requests from the own page to the companies that keep a record of the person: for what the page cannot do itself.

They are received as those of the public page are, word for word, so that no company learns by one that its candidate
registered (A-45). The own page proves the address of the registration alone: where the record has another, the link of
the public page is mailed to that one, and proves it (A-34).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.errors import DomainError
from relay.models import Candidate, Profile, RequestKind, RequestSource, scopes
from relay.network import next_openings
from relay.rights import asking, data_requests, objections
from relay.rights.data_requests import RequestInput
from relay.trust import record_use


class NoRecordThere(DomainError):
    """Raise where the company keeps no record to which the own page leads."""

    code = "no-record-there"
    message = _l("この企業には、いま、ご請求の対象になる記録がありません。何も届けていません。")


class NothingAsked(DomainError):
    """Raise where no kind of request was chosen."""

    code = "nothing-asked"
    message = _l("請求する内容を、一つ以上選んでください。")


class RequestTooLong(DomainError):
    """Raise where the person's words are more than a request holds."""

    code = "request-too-long"


@dataclass(frozen=True)
class RecordKeeper:
    """A company that keeps a record of the person, its address, and whether the own page proves that address."""

    company_id: int
    name: str
    address: str
    proven: bool
    candidate_id: int
    objected: bool
    """Whether the person objected to the use of the selection record (A-42)."""


def keepers(session: Session, profile_id: int) -> list[RecordKeeper]:
    """Return the companies whose links the person used and that keep the record, as far as the page shows them."""
    with scopes.profile(session, profile_id):
        key = session.scalars(select(Profile.email_key)).one()
    found = []
    for wish in next_openings.of_profile(session, profile_id):
        record = _record(session, profile_id, wish.company_id)
        if record is not None:
            theirs = (record.email, record.email_key == key, record.id, record.record_objected_at is not None)
            found.append(RecordKeeper(wish.company_id, wish.company, *theirs))
    return found


def ask(session: Session, profile_id: int, company_id: int, kinds: Collection[RequestKind], text: str) -> bool:
    """Open these requests at the company, or mail the link of the public page to the address of its record.

    Returns whether they were opened. Raises NoRecordThere, NothingAsked, RequestTooLong.
    """
    keeper = next((each for each in keepers(session, profile_id) if each.company_id == company_id), None)
    if keeper is None:
        raise NoRecordThere
    if not keeper.proven:
        asking.ask(session, keeper.address, company_id)
        return False
    if not kinds:
        raise NothingAsked
    if len(text) > data_requests.MAX_TEXT:
        raise RequestTooLong(_("%(max)d文字までで入力してください。", max=data_requests.MAX_TEXT))
    asked, source = RequestInput(keeper.address, text), RequestSource.PUBLIC_PAGE
    data_requests.receive(session, company_id, asked, kinds, source=source)
    return True


def users_of_the_record(session: Session, found: Sequence[RecordKeeper]) -> list[RecordKeeper]:
    """Return those of the keepers that let the selection record count (A-42) and may be told by this page."""
    return [each for each in found if each.proven and record_use.since(session, each.company_id) is not None]


def object_to_record(session: Session, profile_id: int, company_id: int) -> None:
    """Object to the use of the selection record, as the link below a company's mail does: the same row and event.

    Twice changes nothing. Raises NoRecordThere.
    """
    reached = users_of_the_record(session, keepers(session, profile_id))
    keeper = next((each for each in reached if each.company_id == company_id), None)
    if keeper is None:
        raise NoRecordThere
    objections.object_to_record(session, company_id, keeper.candidate_id)


def _record(session: Session, profile_id: int, company_id: int) -> Candidate | None:
    """Return the record behind the person's newest link of the company, where it has an address."""
    link = next_openings.newest_link(session, profile_id, company_id)
    if link is None:
        return None
    with scopes.company(session, company_id):
        mine = select(Candidate).where(Candidate.id == link.candidate_id, Candidate.email_key != "")
        return session.scalars(mine).one_or_none()
