"""The switch of purpose ②-b: whether the selection record may order whom a company thinks of telling (A-42).

Only of people who were told when they applied: the purpose is published, the application form says it, and the
application is of a later day (A-5). Earlier records stay out for good, for nobody was asked about them.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import Company, EventTag, LegalCheck, LegalItem, PrivacyText, Purpose, event_data, record, scopes


class CounselMissing(DomainError):
    """Raise where the legal checklist has no day on which counsel confirmed the wording."""

    code = "record-use-not-confirmed"
    message = _l(
        "「法務の確認」に、選考の記録の利用を弁護士か労働局に確認した日がありません。まだ何も変わっていません。"
        "確認した日を入力してから、もう一度お試しください。"
    )


class PurposeNotPublished(DomainError):
    """Raise where the public page does not name the purpose."""

    code = "record-use-not-published"
    message = _l(
        "公開中の「個人情報の取扱い」に、この利用目的がありません。まだ何も変わっていません。"
        "利用目的を書いて公開してから、もう一度お試しください。"
    )


class ToldDayImpossible(DomainError):
    """Raise where the form cannot have said it on that day: before the page did, or in the future."""

    code = "record-use-day-impossible"
    message = _l(
        "応募フォームに入れた日は、利用目的を公開した日から今日までの日にしてください。まだ何も変わっていません。"
    )


@dataclass(frozen=True)
class RecordUse:
    """How far the switch is: the first day of application that counts, and what it asks for before."""

    since: date | None
    published_on: date | None
    """Since when the public page has named the purpose without a break; None while it does not."""
    confirmed_on: date | None


_CONFIRMED = select(LegalCheck.confirmed_on).where(LegalCheck.item == LegalItem.SELECTION_RECORD)
_SINCE = select(Company.record_use_since).where(Company.id == bindparam("company"))
_SHOWN = (
    select(PrivacyText.published_at, PrivacyText.sections)
    .where(PrivacyText.published_at.is_not(None))
    .order_by(PrivacyText.version.desc())
)


@scopes.in_company
def standing(session: Session, company_id: int) -> RecordUse:
    """Return how far the switch is."""
    return RecordUse(since(session, company_id), _published_on(session), session.scalar(_CONFIRMED))


@scopes.in_company
def since(session: Session, company_id: int) -> date | None:
    """Return the first day of application whose record counts; None while none does."""
    return session.scalar(_SINCE, {"company": company_id})


@scopes.in_company
def begin(session: Session, company_id: int, told_on: date) -> date:
    """Switch it on, for applications from the day after the form said it; returns that day. Twice changes nothing.

    Raises CounselMissing, PurposeNotPublished, ToldDayImpossible.
    """
    session.execute(select(Company.id).where(Company.id == company_id).with_for_update())
    found = standing(session, company_id)
    if found.confirmed_on is None:
        raise CounselMissing
    if found.published_on is None:
        raise PurposeNotPublished
    if not found.published_on <= told_on <= clock.today():
        raise ToldDayImpossible
    first = told_on + timedelta(days=1)
    _set(session, company_id, first)
    return first


@scopes.in_company
def end(session: Session, company_id: int) -> None:
    """Switch it off at once; twice changes nothing."""
    _set(session, company_id, None)


def _set(session: Session, company_id: int, first: date | None) -> None:
    company = session.scalars(select(Company).where(Company.id == company_id).with_for_update()).one()
    if company.record_use_since == first:
        return
    company.record_use_since = first
    session.flush()
    data = event_data.RecordUseSet(since=first.isoformat() if first else None)
    record(session, EventTag.RECORD_USE_SET, company_id=company_id, subject=("company", company_id), data=data)


def _published_on(session: Session) -> date | None:
    """Return the day on which the oldest of the published texts without a break that name the purpose was shown."""
    found: date | None = None
    for shown_at, sections in session.execute(_SHOWN):
        if Purpose.RECORD.value not in sections["purposes"]:
            break
        found = shown_at.astimezone(clock.JAPAN).date()
    return found
