"""The registers of provisions as the law asks for them: the provider's (APPI 29条) and the recipient's (30条).

Both are read from the same records, which hold snapshots and outlive the person's registration (A-16…A-20). The
recipient's names nobody: its people are known to it by their reference, and a person who withdrew is gone from every
screen of the partner. The provider's names people; the operator alone writes it out, on the command line.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import ProvisionKind, ProvisionRecord, scopes
from relay.models.keyset import Page, newest

A_PAGE = 50
_AT_ONCE = 500
_NEWEST = newest(ProvisionRecord.id)


@dataclass(frozen=True)
class ReceivedProvision:
    """One line of a recipient's register; `provider` is the company's name, address and representative as they were.

    `recipient` is what was known of itself, its kind and, as "purposes", what the consent was for.
    `user_id` is whose opening it is, `api_key_id` with which key a program read; both None where nobody's act made it.
    """

    at: datetime
    kind: ProvisionKind
    person_code: str
    items: tuple[str, ...]
    consented_at: datetime
    provider: Mapping[str, Any]
    user_id: int | None
    api_key_id: int | None
    recipient: Mapping[str, Any]


@dataclass(frozen=True)
class GivenProvision(ReceivedProvision):
    """One line of the provider's register, with the person's name as it was."""

    person_name: str


@dataclass(frozen=True)
class RegisterFilter:
    """The lines that are asked for: days in Japan, one recipient, one person by reference or whole name."""

    since: date | None = None
    until: date | None = None
    partner_id: int | None = None
    person: str = ""


def received(
    session: Session,
    *,
    code: str = "",
    user_id: int | None = None,
    api_key_id: int | None = None,
    after: str = "",
    before: str = "",
) -> Page[ReceivedProvision]:
    """Return a page of the register of the partner in scope, newest first.

    Of one person; of what one user opened or programs read with one key.
    """
    named: dict[str, Any] = {"code": code or None, "user_id": user_id, "api_key_id": api_key_id}
    asked = {name: value for name, value in named.items() if value is not None}
    lines = _LINES[frozenset(asked)]
    return _NEWEST.page(session, lines, _line, after=after, before=before, limit=A_PAGE, values=asked)


def all_received(session: Session) -> Iterator[ReceivedProvision]:
    """Yield the whole register of the partner in scope, oldest first, some at a time."""
    for row in session.execute(_IN_ORDER):
        yield _line(*row)


def given(session: Session, which: RegisterFilter) -> Iterator[GivenProvision]:
    """Yield the provider's register, oldest first, some at a time."""
    query = _RECEIVED.add_columns(ProvisionRecord.person_name)
    if which.since:
        query = query.where(ProvisionRecord.at >= clock.start_of_day(which.since))
    if which.until:
        query = query.where(ProvisionRecord.at <= clock.end_of_day(which.until))
    if which.partner_id:
        query = query.where(ProvisionRecord.partner_id == which.partner_id)
    if which.person:
        query = query.where(
            or_(ProvisionRecord.person_code == which.person, ProvisionRecord.person_name == which.person)
        )
    with scopes.everyone(session, "records: the operator's register of provisions to all recipients"):
        rows = session.execute(query.order_by(ProvisionRecord.id).execution_options(yield_per=_AT_ONCE))
        for row in rows:
            yield GivenProvision(**vars(_line(*row[:-1])), person_name=row[-1])


_RECEIVED = select(
    ProvisionRecord.at,
    ProvisionRecord.kind,
    ProvisionRecord.person_code,
    ProvisionRecord.items,
    ProvisionRecord.consented_at,
    ProvisionRecord.company_snapshot,
    ProvisionRecord.user_id,
    ProvisionRecord.api_key_id,
    ProvisionRecord.partner_snapshot,
)
_IN_ORDER = _RECEIVED.order_by(ProvisionRecord.id).execution_options(yield_per=_AT_ONCE)
_OF_ONE = ProvisionRecord.person_code == bindparam("code")
_BY = {name: getattr(ProvisionRecord, name) == bindparam(name) for name in ("user_id", "api_key_id")}
_LINES = {
    frozenset[str](): _RECEIVED,
    frozenset({"code"}): _RECEIVED.where(_OF_ONE),
    **{frozenset({name}): _RECEIVED.where(by) for name, by in _BY.items()},
    **{frozenset({"code", name}): _RECEIVED.where(_OF_ONE, by) for name, by in _BY.items()},
}
"""The register by what is asked for, each statement put together once."""


def _line(
    at: datetime,
    kind: ProvisionKind,
    code: str,
    items: list[str],
    consented_at: datetime,
    provider: Mapping[str, Any],
    user_id: int | None,
    api_key_id: int | None,
    recipient: Mapping[str, Any],
) -> ReceivedProvision:
    return ReceivedProvision(at, kind, code, tuple(items), consented_at, provider, user_id, api_key_id, recipient)
