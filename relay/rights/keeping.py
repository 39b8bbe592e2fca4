"""The question of a record beyond its day: asked by the letter of its last month, answered by the person (A-24).

Going on is a consent of its own, with its words and their version (A-10, A-11): the basis becomes `consented`, and the
day moves by the company's months for that. Erasing is the erasure that the person could ask for at any time (A-33).
"""

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.holds import ErasureHeld
from relay.errors import DomainError
from relay.infra.keyed_hash import address_hash
from relay.models import Candidate, Company, RequestKind, RequestSource, RetentionBasis, scopes
from relay.models.locking import lock_company
from relay.network import next_openings
from relay.network.granting import Evidence
from relay.network.next_openings import AgreedWords
from relay.rights import data_requests
from relay.rights.data_requests import RequestInput
from relay.rights.requests import ErasureReason, erase_on_request
from relay.trust import terms
from relay.trust.terms import MAX_MONTHS

VERSION = "2026-11-record-ends"
LAST_MONTH = timedelta(days=30)
"""How long before its last day a record can be kept on, HR is warned (A-25), and the letter may be sent."""


class WordsChanged(DomainError):
    """Raise where the words of the consent changed after they were shown (A-11)."""

    code = "keeping-words-changed"
    message = _l(
        "ご覧になっているあいだに、説明の内容が変わりました。まだ何も変わっていません。"
        "お手数ですが、新しい内容をご確認のうえ、もう一度お選びください。"
    )


@dataclass(frozen=True)
class KeepingQuestion:
    """The question of the last month: the last day, the day until which going on keeps the record, and its words."""

    until: date
    longer: date
    words: AgreedWords


@scopes.in_company
def of_address(session: Session, company_id: int, candidate_id: int, mailed_to: str) -> Candidate | None:
    """Return the candidate, where they are still there and written to at the address with this keyed hash."""
    found = session.scalars(select(Candidate).where(Candidate.id == candidate_id)).one_or_none()
    return found if found is not None and found.email and address_hash(found.email) == mailed_to else None


@scopes.in_company
def consented_months(session: Session, company_id: int) -> int:
    """Return for how many months a consent given today keeps a record."""
    return terms.of_company(session, company_id).months(RetentionBasis.CONSENTED, clock.today())


def longer_until(months: int, until: date) -> date:
    """Return the day until which going on would keep a record: the months of a consent, counted from its last day.

    So a letter a year is enough. Never more than 24 months from today (A-24).
    """
    longest = clock.today() + relativedelta(months=MAX_MONTHS[RetentionBasis.CONSENTED])
    return min(until + relativedelta(months=months), longest)


@scopes.in_company
def question(session: Session, company_id: int, candidate: Candidate) -> KeepingQuestion | None:
    """Return what is asked in the last month of a record; None where there is nothing to decide now."""
    until, today = candidate.retain_until, clock.today()
    if until is None or not today <= until <= today + LAST_MONTH or candidate.basis is RetentionBasis.SELECTION:
        return None
    longer = longer_until(consented_months(session, company_id), until)
    company = session.scalars(select(Company.name).where(Company.id == company_id)).one()
    text = _(
        "%(company)sが応募の記録を%(day)sまで保管し、次の募集をお知らせすることに同意します。"
        "%(company)sの画面に、ご本人の同意とその日付が表示されます。紹介会社や学校には伝わりません。"
        "取り消しは、%(company)sからのメールのいちばん下にあるリンクから、いつでもお申し出いただけます。",
        company=company,
        day=format_date(longer, "long"),
    )
    return KeepingQuestion(until, longer, AgreedWords(VERSION, text))


@scopes.in_company
def keep_on(session: Session, company_id: int, candidate_id: int, *, shown: str, evidence: Evidence) -> bool:
    """Keep the record by the person's own word; returns whether that changed anything.

    `shown` is the hash of the words on the page. Twice changes nothing, for the first moved the day out of the month.
    Raises WordsChanged.
    """
    lock_company(session, company_id)
    held = select(Candidate).where(Candidate.id == candidate_id).with_for_update()
    candidate = session.scalars(held.execution_options(populate_existing=True)).one_or_none()
    asked = question(session, company_id, candidate) if candidate is not None else None
    if candidate is None or asked is None:
        return False
    if shown != asked.words.hash:
        raise WordsChanged
    next_openings.keep_until(session, candidate, asked.words, asked.longer, evidence)
    return True


@scopes.in_company
def erase(session: Session, company_id: int, candidate: Candidate) -> bool:
    """Erase the record at once; returns whether that could be done.

    Where the company holds the erasure (A-28), it is asked for instead, as by any other request: the reason of a hold
    is none that is told here.
    """
    asked = RequestInput(candidate.email)
    try:
        return erase_on_request(session, company_id, candidate.id, reason=ErasureReason.ASKED)
    except ErasureHeld:
        data_requests.receive(session, company_id, asked, [RequestKind.ERASURE], source=RequestSource.PUBLIC_PAGE)
        return False
