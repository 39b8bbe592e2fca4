"""People who may be written to about a position (再スカウト), and of everybody else, plainly, why not (C-2).

The basis decides first: nobody is written to who is kept for a selection alone, and a person who was merely informed is
written to singly. Why the address of another sender's mails is full is no company's to know, so that is one reason with
a wish the person made behind a link.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import format_date
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import holds
from relay.candidates.age import is_under_age
from relay.hiring import unfinished
from relay.mail import allowance, optouts
from relay.mail.allowance import YEAR
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    FollowUp,
    MailClass,
    Message,
    MessageState,
    Rescout,
    RetentionBasis,
    scopes,
)
from relay.models.labels import Labelled
from relay.outreach import cautions
from relay.text import normalise_mail
from relay.text.sentence import Sentence

LETTER = "rescout"
A_YEAR = 2
"""How many mails of this kind one person gets in a year, of all companies."""
_LIVE = (MessageState.SCHEDULED, MessageState.SENDING, MessageState.SENT, MessageState.BOUNCED)


class RescoutBar(Labelled):
    """The reasons against a mail to a person, as HR reads them; the first that holds is told."""

    SELECTION_ONLY = "selection-only", _l("選考のためだけに保管している方です")
    PAST_DATE = "past-date", _l("保管期限を過ぎています")
    STOPPED = "stopped", _l("こちらからの連絡の停止を希望されています")
    NOT_FROM_US = "not-from-us", _l("今後の対応が「こちらからは連絡しない」です")
    UNDER_AGE = "under-age", _l("年齢の条件に満たない方です")
    HELD = "held", _l("消去を保留している方です")
    IN_SELECTION = "in-selection", _l("選考中の方です")
    HIRED = "hired", _l("入社された方です")
    UNTOLD = "untold", _l("選考の結果をまだ伝えていません")
    NO_ADDRESS = "no-address", _l("メールアドレスの記録がありません")
    BOUNCED = "bounced", _l("このアドレスへのメールは、届かずに戻ってきています")
    WAITS = "waits", _l("ご本人が、%(day)sまで待つことを希望されています")
    ALREADY = "already", _l("この求人のご案内を、この一年のあいだに送っています")
    TWICE = "twice", _l("この一年のあいだに、自社から2通送っています")
    QUIET = "quiet", _l("ご本人が案内を停止しているか、一年に受け取るメールの数の上限に達しています")
    SAME_ADDRESS = "same-address", _l("同じアドレスの別の記録に送ります")


@dataclass(frozen=True)
class RescoutRecipient:
    """A person who was chosen: whom the mail would reach, and why it may not, if so."""

    candidate_id: int
    name: str
    email: str
    basis: RetentionBasis
    application_id: int | None
    """The last application; lists of mails are read by it."""
    bar: RescoutBar | None
    until: date | None = None
    """Until when the person waits."""

    @property
    def why_not(self) -> Sentence:
        """Return the reason as a sentence; '' for a person who may be written to."""
        if self.bar is None:
            return ""
        return str(self.bar.label) % {"day": format_date(self.until, "long") if self.until else ""}

    @property
    def singly(self) -> bool:
        """Return whether the mail needs a yes of its own, for the person was merely informed (C-2)."""
        return self.basis is not RetentionBasis.CONSENTED


@dataclass(frozen=True)
class _Wish:
    """The mails of this kind that an address has had of the company: for this position, and a wish to wait."""

    until: date | None
    had: bool


def waits() -> ColumnElement[bool]:
    """Return the condition, on a query of candidates, that they asked for no such mail until a day that is not over."""
    return exists().where(
        Rescout.company_id == Candidate.company_id,
        Rescout.candidate_id == Candidate.id,
        Rescout.waits_until >= clock.today(),
    )


@scopes.in_company
def recipients(
    session: Session, company_id: int, position_id: int, candidate_ids: Sequence[int], *, leaving: bool = False
) -> list[RescoutRecipient]:
    """Return these people, in the order of the ids, each with the reason against a mail about the position, if any.

    `leaving`: asked of a mail that is about to leave, which has been counted already.
    """
    rows = {row.id: row for row in session.execute(_people(candidate_ids))}
    mailed_to = {id_: normalise_mail(row.email).value for id_, row in rows.items()}
    addresses = {address for address in mailed_to.values() if address}
    bounced = cautions.bounced(session, addresses)
    wishes = _wishes(session, position_id, {row.email_key for row in rows.values() if row.email_key})
    full = set() if leaving else _full(session, company_id, addresses)
    own = {} if leaving else allowance.of_sender(session, LETTER, company_id, addresses)
    found: list[RescoutRecipient] = []
    taken: set[str] = set()
    for id_ in dict.fromkeys(candidate_ids):
        if (row := rows.get(id_)) is None:
            continue
        address, wish = mailed_to[id_], wishes.get(row.email_key, _Wish(None, False))
        bar = _bar_of_record(row) or (RescoutBar.NO_ADDRESS if not address else None)
        if bar is None:
            later = (
                (RescoutBar.BOUNCED, address in bounced),
                (RescoutBar.WAITS, wish.until is not None),
                (RescoutBar.ALREADY, wish.had and not leaving),
                (RescoutBar.TWICE, own.get(address, 0) >= A_YEAR),
                (RescoutBar.QUIET, address in full),
                (RescoutBar.SAME_ADDRESS, address in taken),
            )
            bar = next((each for each, holds_good in later if holds_good), None)
        if bar is None:
            taken.add(address)
        found.append(RescoutRecipient(id_, row.name, address, row.basis, row.last, bar, wish.until))
    return found


def _people(candidate_ids: Collection[int]) -> Any:
    theirs = (Application.company_id == Candidate.company_id, Application.candidate_id == Candidate.id)
    untold = exists().where(
        *theirs, Application.status == ApplicationResult.REJECTED, Application.notified_at.is_(None)
    )
    return select(
        Candidate.id,
        Candidate.name,
        Candidate.email,
        Candidate.email_key,
        Candidate.basis,
        Candidate.retain_until,
        Candidate.birth_date,
        Candidate.follow_up,
        Candidate.contact_stopped_at,
        select(func.max(Application.id)).where(*theirs).scalar_subquery().label("last"),
        unfinished.runs().label("runs"),
        exists().where(*theirs, Application.status == ApplicationResult.HIRED).label("hired"),
        untold.label("untold"),
        holds.is_held().label("held"),
    ).where(Candidate.id.in_(candidate_ids))


def _bar_of_record(row: Any) -> RescoutBar | None:
    """Return the first reason that the record itself gives."""
    reasons = (
        (RescoutBar.SELECTION_ONLY, row.basis is RetentionBasis.SELECTION),
        (RescoutBar.PAST_DATE, row.retain_until is not None and row.retain_until < clock.today()),
        (RescoutBar.STOPPED, row.contact_stopped_at is not None),
        (RescoutBar.NOT_FROM_US, row.follow_up is FollowUp.RELAY),
        (RescoutBar.UNDER_AGE, is_under_age(row.birth_date)),
        (RescoutBar.HELD, bool(row.held)),
        (RescoutBar.IN_SELECTION, bool(row.runs)),
        (RescoutBar.HIRED, bool(row.hired)),
        (RescoutBar.UNTOLD, bool(row.untold)),
    )
    return next((bar for bar, holds_good in reasons if holds_good), None)


def _wishes(session: Session, position_id: int, keys: Collection[str]) -> dict[str, _Wish]:
    """Return by address the mails of this kind that the company sent, about any of its records."""
    lately = and_(Rescout.position_id == position_id, Message.state.in_(_LIVE), Message.created_at > clock.now() - YEAR)
    asked = (
        select(Candidate.email_key, Rescout.waits_until, Rescout.position_id)
        .join(Rescout, Rescout.candidate_id == Candidate.id)
        .join(Message, Message.id == Rescout.message_id)
        .where(Candidate.email_key.in_(keys), or_(Rescout.waits_until >= clock.today(), lately))
    )
    found: dict[str, _Wish] = {}
    for key, until, about in session.execute(asked):
        before = found.get(key, _Wish(None, False))
        days = [day for day in (before.until, until if until and until >= clock.today() else None) if day]
        found[key] = _Wish(max(days, default=None), before.had or about == position_id)
    return found


def _full(session: Session, company_id: int, addresses: set[str]) -> set[str]:
    """Return those of the addresses that have had their mails of a year, or stopped such mail of the company."""
    open_to_it = allowance.may_be_written_to(session, LETTER, company_id, addresses)
    return (addresses - open_to_it) | optouts.opted_out(session, company_id, addresses, MailClass.PROMO)
