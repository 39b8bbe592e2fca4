"""Relay links (リレーリンク): who gets one, by one uniform rule, and what became of it.

Neither a visit nor a "no" is a state: a visit is only ever counted in totals, a "no" is sent nowhere (A-45). What HR is
told of one person is four words and a date.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import Select, bindparam, case, func, literal, or_, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.age import is_under_age
from relay.errors import DomainError
from relay.infra.keyed_hash import address_hash
from relay.mail import optouts, tokens
from relay.mail.tokens import Link
from relay.models import (
    Application,
    Candidate,
    Company,
    LinkSource,
    LinkState,
    MailClass,
    Message,
    Referral,
    RelayLink,
    TokenPurpose,
    UtcDateTime,
    scopes,
)
from relay.models.prepared import numbered, one_of, read, rounded
from relay.models.retention import ASKED_LINK
from relay.network.partners import active_partners

LIFETIME = timedelta(days=ASKED_LINK.number)
RELAY_LINK = Link(TokenPurpose.RELAY, lifetime=LIFETIME, path="/r/", key="relay_url")
ASKED_FOR = "relay-link"
"""What the mail with a link is about that somebody asked for on the company's public page."""
ABOUT_ASKED_FOR = Message.subject_kind == literal(ASKED_FOR, literal_execute=True)
"""Select such mails. The word stands in the statement itself, for a partial index answers no parameter; so below."""
BY_COMPANY_LINK = RelayLink.source == literal(LinkSource.COMPANY_LINK, RelayLink.source.type, literal_execute=True)
USABLE = (LinkState.ISSUED, LinkState.SENT, LinkState.REGISTERED)


class LinkGone(DomainError):
    """Raise where the link opens nothing (any more): expired, revoked or unknown, all alike (C-20)."""

    code = "relay-link-gone"
    message = _l("このリンクは使えなくなっています。お手元のメールにある企業の連絡先へお問い合わせください。")


class LinkSentByMistake(LinkGone):
    """Raise where the mail with the link was declared as sent by mistake; the page says so, and by whom."""

    code = "relay-link-sent-by-mistake"
    message = _l("このご案内は、誤って送られたものでした。ここからは登録できません。まだどこにも伝わっていません。")

    def __init__(self, company_id: int, link_id: int) -> None:
        super().__init__()
        self.company_id, self.link_id = company_id, link_id


class LinkRefusal(StrEnum):
    """Why a result mail goes without the relay part: the only causes there are (0.3, C-2).

    The person's own stop, HR's note of one and age are one cause to HR: which of them it is concerns nobody (A-45).
    """

    RELAY_OFF = "relay-off"
    NO_PARTNERSHIP = "no-partnership"
    NO_ADDRESS = "no-address"
    NOT_FOR_THEM = "not-for-them"

    @property
    def sentence(self) -> LazyString:
        """Return the cause as HR reads it."""
        return _SENTENCES[self]


_SENTENCES = {
    LinkRefusal.RELAY_OFF: _l("会社の設定で、リレーの案内を停止しています。"),
    LinkRefusal.NO_PARTNERSHIP: _l("いまご案内できる提携先がありません。"),
    LinkRefusal.NO_ADDRESS: _l("メールアドレスがありません。"),
    LinkRefusal.NOT_FOR_THEM: _l("案内は入りません。"),
}


class RelayWord(StrEnum):
    """The words HR may know of one person's link (A-45)."""

    BEFORE = "before"
    TOLD = "told"
    COMPLETED = "completed"
    EXPIRED = "expired"


_LABELS = {
    RelayWord.BEFORE: _l("案内前"),
    RelayWord.TOLD: _l("案内済み"),
    RelayWord.COMPLETED: _l("リレー完了"),
    RelayWord.EXPIRED: _l("期限切れ"),
}


@dataclass(frozen=True)
class RelayStatus:
    """The state of one candidate's relay, and since when; `number` is that of the completed referral."""

    word: RelayWord
    date: date | None
    number: int | None = None

    @property
    def label(self) -> LazyString:
        """Return the word on the page."""
        return _LABELS[self.word]


_ASKED = select(
    Candidate.id, Candidate.email, Candidate.email_key, Candidate.birth_date, Candidate.contact_stopped_at
).where(Candidate.id.in_(bindparam("ids", expanding=True)))


def refusals(
    session: Session, company_id: int, candidate_ids: Iterable[int], *, practice: bool = False
) -> dict[int, LinkRefusal]:
    """Return those of the candidates whose result mail goes without the relay part, and why; everyone else gets it.

    In `practice` a partner made for it takes the place, so that a company without one sees the part too.
    """
    ids = list(candidate_ids)
    with scopes.company(session, company_id):
        if (whole := _whole_company(session, company_id, practice)) is not None:
            return dict.fromkeys(ids, whole)
        people = session.execute(_ASKED, {"ids": ids}).all()
        stopped = optouts.opted_out(session, company_id, [each.email for each in people], MailClass.RELAY)
    found: dict[int, LinkRefusal] = {}
    for each in people:
        if not each.email_key:
            found[each.id] = LinkRefusal.NO_ADDRESS
        elif each.email in stopped or each.contact_stopped_at is not None or is_under_age(each.birth_date):
            found[each.id] = LinkRefusal.NOT_FOR_THEM
    return found


_RETAINED = select(Candidate.retain_until).where(Candidate.id == bindparam("person"))


def issue(session: Session, *, application: Application, address: str) -> RelayLink:
    """Return the application's link for a mail to `address`, which it will prove; asked again, the same link.

    It lives 60 days, never longer than the candidate is kept (C-18). Where the address changed, links that went
    to the earlier one stop working: they would prove the wrong mailbox.
    """
    with scopes.company(session, application.company_id):
        [kept_until] = next(iter(read(session, _RETAINED, person=application.candidate_id)), [None])
        proves, expires = address_hash(address), expiry(kept_until)
        link = of_application(session, application.company_id, application.id)
        if link is None:
            link = RelayLink(
                company_id=application.company_id,
                candidate_id=application.candidate_id,
                application_id=application.id,
                address_hash=proves,
                state=LinkState.ISSUED,
                issued_at=clock.now(),
                expires_at=expires,
            )
            session.add(link)
        elif link.address_hash != proves:
            tokens.revoke(session, TokenPurpose.RELAY, link.id)
            link.address_hash, link.expires_at = proves, expires
        elif link.state is LinkState.ISSUED:
            link.expires_at = expires
        session.flush()
        return link


def expiry(kept_until: date | None) -> datetime:
    """Return when a link made now ends: after 60 days, never after the last day its person is kept (C-18)."""
    longest = clock.now() + LIFETIME
    return min(longest, clock.end_of_day(kept_until)) if kept_until else longest


def mint(session: Session, link: RelayLink, message_id: int | None) -> str:
    """Return the secret part of the mailed address, made while sending; good until the link expires."""
    return tokens.mint(
        session,
        TokenPurpose.RELAY,
        link.id,
        company_id=link.company_id,
        candidate_id=link.candidate_id,
        message_id=message_id,
        lifetime=max(link.expires_at - clock.now(), timedelta(seconds=1)),
    )


_OF_APPLICATION = select(RelayLink).where(RelayLink.application_id == bindparam("application"))


def of_application(session: Session, company_id: int, application_id: int) -> RelayLink | None:
    """Return the link of an application, if one was issued."""
    with scopes.company(session, company_id):
        return session.scalars(_OF_APPLICATION, {"application": application_id}).one_or_none()


def load(session: Session, link_id: int) -> RelayLink:
    """Return the link behind a token, in the company's scope, as the database has it now.

    Raises LinkSentByMistake, LinkGone. Gone too is the link of a person who turned out to be under age after it was
    mailed (A-47).
    """
    link = session.scalars(
        select(RelayLink).where(RelayLink.id == link_id).execution_options(populate_existing=True)
    ).one_or_none()
    if link is not None and link.state is LinkState.REVOKED:
        raise LinkSentByMistake(link.company_id, link.id)
    if link is None or not _is_whole(link) or link.state not in USABLE or link.expires_at <= clock.now():
        raise LinkGone
    born = session.scalar(select(Candidate.birth_date).where(Candidate.id == link.candidate_id))
    if link.state is not LinkState.REGISTERED and is_under_age(born):
        raise LinkGone
    return link


def mailed_to(session: Session, links: Sequence[RelayLink]) -> list[str]:
    """Return the addresses that links of one company were mailed to, as far as their mails still name them."""
    proven = {each.address_hash for each in links if each.address_hash}
    told = [each for each in links if each.application_id is not None]
    asked_for = [each.id for each in links if each.source is LinkSource.COMPANY_LINK]
    of_applications = select(Message.to_address).where(
        Message.company_id.in_({each.company_id for each in told}),
        Message.candidate_id.in_({each.candidate_id for each in told}),
        Message.subject_kind == "application",
        Message.subject_id.in_({each.application_id for each in told}),
    )
    of_requests = select(Message.to_address).where(ABOUT_ASKED_FOR, Message.subject_id.in_(asked_for))
    with scopes.everyone(session, "network: mails with these links; those that were asked for belong to no company"):
        mailed = [*session.scalars(of_applications)] if told else []
        mailed += [*session.scalars(of_requests)] if asked_for else []
    return sorted({each for each in mailed if each and address_hash(each) in proven})


_MARK_SENT = (
    update(RelayLink)
    .where(
        RelayLink.application_id == bindparam("application"),
        or_(RelayLink.sent_at.is_(None), RelayLink.state == LinkState.ISSUED),
    )
    .values(
        sent_at=func.coalesce(RelayLink.sent_at, bindparam("moment", type_=UtcDateTime())),
        state=case((RelayLink.state == LinkState.ISSUED, LinkState.SENT), else_=RelayLink.state),
    )
    .execution_options(synchronize_session="fetch")
)


def mark_sent(session: Session, company_id: int, application_id: int) -> None:
    """Mark the link as sent once its mail has left. A link already answered keeps its state."""
    with scopes.company(session, company_id):
        session.execute(_MARK_SENT, {"application": application_id, "moment": clock.now()})


def freeze(session: Session, link: RelayLink) -> None:
    """Let the link register nobody any more: its mail was sent by mistake. The application's next link is another."""
    link.state, link.revoked_at, link.application_id = LinkState.REVOKED, clock.now(), None
    session.flush()


def mark_returned(session: Session, company_id: int, application_id: int) -> None:
    """Mark the link as not sent where its mail came back; the next mail of the application carries it again."""
    with scopes.company(session, company_id):
        session.execute(
            update(RelayLink)
            .where(RelayLink.application_id == application_id, RelayLink.state == LinkState.SENT)
            .values(state=LinkState.ISSUED, sent_at=None)
        )


def has_registered(session: Session, application: Application) -> bool:
    """Return whether a registration was made through the link of this application."""
    link = of_application(session, application.company_id, application.id)
    return link is not None and link.state is LinkState.REGISTERED


def visit(session: Session, company_id: int, link_id: int) -> None:
    """Remember the first time the page was shown, for the totals only (C-15, invariant 7)."""
    with scopes.company(session, company_id):
        session.execute(
            update(RelayLink)
            .where(RelayLink.id == link_id, RelayLink.visited_at.is_(None))
            .values(visited_at=clock.now())
        )


@cache  # tricks: pool, first page
def _standing(many: int) -> Select[*tuple[Any, ...]]:
    """Return the statement about so many people."""
    return (
        select(
            RelayLink.candidate_id,
            RelayLink.state,
            RelayLink.sent_at,
            RelayLink.expires_at,
            Referral.completed_at,
            Referral.number,
        )
        .outerjoin(Referral, (Referral.candidate_id == RelayLink.candidate_id) & Referral.voided_at.is_(None))
        .where(one_of(RelayLink.candidate_id, "person", many))
        .order_by(RelayLink.id, Referral.number.desc())
    )


def statuses(session: Session, candidate_ids: Iterable[int]) -> dict[int, RelayStatus]:
    """Return the state of each candidate's relay, in the company's scope; those without a link are left out.

    One that was sent by mistake is none.

    A completed referral has the last word; else the newest link. A person registered with a school alone is where
    one who was silent is, also when the link is over: it is no business of the company (A-45).
    """
    people = rounded(list(candidate_ids))
    now = clock.now()
    found: dict[int, RelayStatus] = {}
    for row in read(session, _standing(len(people)), **numbered("person", people)) if people else ():
        if row.number is not None:
            found[row.candidate_id] = RelayStatus(RelayWord.COMPLETED, _day(row.completed_at), row.number)
        elif row.state is not LinkState.REVOKED:
            found[row.candidate_id] = _status(row.state, row.sent_at, row.expires_at, now)
    return found


def _is_whole(link: RelayLink) -> bool:
    """Return whether what the link was made for is still known: its application, or the address that asked for it."""
    asked_for = link.source is LinkSource.COMPANY_LINK
    return link.address_hash is not None if asked_for else link.application_id is not None


_RELAY_ENABLED = select(Company.relay_enabled).where(Company.id == bindparam("company"))


def _whole_company(session: Session, company_id: int, practice: bool) -> LinkRefusal | None:
    if not any(enabled for (enabled,) in read(session, _RELAY_ENABLED, company=company_id)):
        return LinkRefusal.RELAY_OFF
    if not practice and not active_partners(session, company_id):
        return LinkRefusal.NO_PARTNERSHIP
    return None


def _status(state: LinkState, sent_at: datetime | None, expires_at: datetime, now: datetime) -> RelayStatus:
    if sent_at is None:  # whatever the person did with it: HR has not said yet that it was handed over
        return RelayStatus(RelayWord.BEFORE, None)
    if expires_at <= now or state is LinkState.EXPIRED:
        return RelayStatus(RelayWord.EXPIRED, _day(expires_at))
    return RelayStatus(RelayWord.TOLD, _day(sent_at))


def _day(moment: datetime | None) -> date | None:
    return moment.astimezone(clock.JAPAN).date() if moment else None
