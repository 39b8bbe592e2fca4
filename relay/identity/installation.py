"""The installation: who runs it, and what they answered about the law on 募集情報等提供 (0.4).

One row for everybody. The administrators of the company that runs the installation answer for it.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import Company, EventTag, Installation, acting, event_data, record, scopes
from relay.models.prepared import read
from relay.models.upsert import upsert
from relay.text import clean, plain_ascii

ONLY = 1
NUMBER = re.compile(r"\d{2}-募-\d{6}", re.ASCII)
LENGTHS = {"operator_name": 200, "operator_address": 300, "operator_contact": 200, "waiver_with": 200}
REPORT_FROM = (6, 1)
"""The day whose figures the yearly report gives."""
REPORT_BY = (8, 31)


class AnswerRefused(DomainError):
    """Raise where the operator's answer cannot be saved; the message says why."""

    code = "operator-answer-refused"


class NotOperator(DomainError):
    """Raise where another company runs this installation."""

    code = "not-operator"
    message = _l("このRelayの運営者としての回答は、はじめに登録された企業の管理者が行います。")


@dataclass(frozen=True)
class Operator:
    """The operator of the installation, as /about shows it to everyone."""

    operator_name: str = ""
    operator_address: str = ""
    operator_contact: str = ""


@dataclass(frozen=True)
class Answer:
    """The answer to the law: the number of the notification, or who confirmed on which day that none is needed."""

    notification_number: str = ""
    waiver_with: str = ""
    waiver_on: date | None = None


@dataclass(frozen=True)
class Reminder:
    """Something the operator has to do by a day; `days_left` is 0 once the day is past."""

    title: str
    note: str
    due: date
    days_left: int


_THE_ROW = select(Installation).where(Installation.id == ONLY)
_ANSWER = select(Installation.notification_number, Installation.waiver_with, Installation.waiver_on).where(
    Installation.id == ONLY
)
RUNS_IT_ROWS = select(Company.id).where(Company.id == bindparam("company"), Company.runs_installation)


def get(session: Session) -> Installation | None:
    """Return what is known about the operator; None before anybody said anything."""
    return session.scalars(_THE_ROW).one_or_none()


_RUNNING = select(Company).where(Company.runs_installation).order_by(Company.demo, Company.id).limit(1)


def operator(session: Session) -> Operator:
    """Return who runs the installation, as they call themselves; else the company that answers for it; else nobody."""
    row = get(session)
    if row is not None and row.operator_name:
        return Operator(row.operator_name, row.operator_address, row.operator_contact)
    company = session.scalars(_RUNNING).first()
    return Operator(company.name, company.address, company.contact) if company else Operator()


def operator_hires(session: Session) -> bool:
    """Return whether a company of this installation is its operator: then it answers for what its HR cannot see."""
    name = operator(session).operator_name
    return bool(name) and session.scalar(select(Company.id).where(Company.name == name).limit(1)) is not None


def is_answered(session: Session) -> bool:
    """Return whether the law's question was answered: a number, or who confirmed when that none is due (0.4)."""
    found = read(session, _ANSWER)
    return any(row.notification_number or (row.waiver_with and row.waiver_on) for row in found)


def describe(session: Session, company: Company, operator: Operator) -> None:
    """Say who runs the installation. Raises NotOperator, or AnswerRefused for what is too long."""
    check_right(company)
    wanted = {name: _short(value, LENGTHS[name]) for name, value in asdict(operator).items()}
    _write(session, company, wanted)


def answer(session: Session, company: Company, given: Answer) -> None:
    """Keep the answer to the law, with who gave it and when (0.4); an empty one leaves the question open again.

    Raises NotOperator where another company answers for the installation, AnswerRefused for a number of another
    shape, for half an answer, for both answers at once, and for a day still to come.
    """
    check_right(company)
    number = read_number(given.notification_number)
    with_whom = _short(given.waiver_with, LENGTHS["waiver_with"])
    if number and (with_whom or given.waiver_on):
        raise AnswerRefused(_("届出受理番号と「届出は不要」は、どちらか一方だけを残してください。"))
    if bool(with_whom) != bool(given.waiver_on):
        raise AnswerRefused(_("届出が不要なときは、確認先と確認した日の両方を入力してください。"))
    if given.waiver_on and given.waiver_on > clock.today():
        raise AnswerRefused(_("確認した日には、今日までの日付を入力してください。"))
    _write(
        session,
        company,
        {"notification_number": number, "waiver_with": with_whom, "waiver_on": given.waiver_on},
        answered=True,
    )


def read_number(typed: str) -> str:
    """Return the 届出受理番号 in its one form, whatever widths and hyphens were typed (F-12); empty stays empty.

    Raises AnswerRefused for what has another shape.
    """
    number = "".join(plain_ascii(clean(typed)).split())
    if number and not NUMBER.fullmatch(number):
        raise AnswerRefused(
            _("届出受理番号は「51-募-001733」の形です。届出の受理通知書に書かれた番号を確認してください。")
        )
    return number


def report_filed(session: Session, company: Company, year: int) -> None:
    """Note that the yearly 事業概況報告書 was handed in, so that nobody is reminded any more. Raises NotOperator."""
    check_right(company)
    _write(session, company, {"report_year": year})


@scopes.in_company
def reminders(session: Session, company_id: int) -> list[Reminder]:
    """Return what the operator has to do, for the home of the company that answers; others are told nothing.

    With a number, the 事業概況報告書 is due each year by 31 August; it is named from 1 June until it is marked as
    handed in, and after the day until the year ends.
    """
    row, today = get(session) if read(session, RUNS_IT_ROWS, company=company_id) else None, clock.today()
    if row is None or not row.notification_number:
        return []
    due = date(today.year, *REPORT_BY)
    if today < date(today.year, *REPORT_FROM) or (row.report_year or 0) >= today.year or _answered_after(row, due):
        return []
    return [Reminder(title=_("事業概況報告書の提出"), note=_note(today, due), due=due, days_left=_days(today, due))]


def forget(session: Session) -> None:
    """Take the row away: a real company begins, and nobody has answered for it yet."""
    session.execute(delete(Installation))


def check_right(company: Company) -> None:
    """Raise NotOperator unless this company answers for the installation."""
    if not company.runs_installation:
        raise NotOperator


def _days(today: date, due: date) -> int:
    return max((due - today).days, 0)


def _note(today: date, due: date) -> str:
    if today > due:
        return _("期限の8月31日を過ぎています。提出が済んでいれば、運営者の設定で「提出した」と記してください。")
    return _("特定募集情報等提供事業の届出をした事業者は、毎年8月31日までに労働局へ提出します")


def _answered_after(row: Installation, due: date) -> bool:
    """Return whether the number came only after this year's report was due."""
    return row.answered_at is not None and row.answered_at.astimezone(clock.JAPAN).date() > due


def _short(text: str, longest: int) -> str:
    words = clean(text)
    if len(words) > longest:
        raise AnswerRefused(_("「%(start)s…」は長すぎます。%(n)s文字までにしてください。", start=words[:10], n=longest))
    return words


def _write(session: Session, company: Company, wanted: Mapping[str, object], *, answered: bool = False) -> None:
    """Change the row and log which fields changed; saying the same again changes and logs nothing."""
    row = _the_row(session)
    changed = [name for name, value in wanted.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, wanted[name])
    if not changed:
        return
    if answered:
        row.answered_by_user_id, row.answered_at = acting(session).id, clock.now()
    record(
        session,
        EventTag.INSTALLATION_ANSWERED,
        company_id=company.id,
        subject=("installation", ONLY),
        data=event_data.FieldsChanged(fields=tuple(changed)),
    )


def _the_row(session: Session) -> Installation:
    """Return the row, made if it is not there, and held until the transaction ends."""
    fresh = upsert(session, Installation).values(
        id=ONLY,
        operator_name="",
        operator_address="",
        operator_contact="",
        notification_number="",
        waiver_with="",
        created_at=clock.now(),
    )
    session.execute(fresh.on_conflict_do_nothing(index_elements=["id"]))
    return session.scalars(select(Installation).with_for_update()).one()
