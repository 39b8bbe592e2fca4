"""「関連会社にも知らせてよい」: a person's word that a company may tell a related company of them (A-10, A-48).

A word for each recipient, under the words shown beside its box; it never widens. It ends by the person's wish, or when
the company names the recipient no more. Telling is an act of a member on one person, recorded as a provision.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import (
    Application,
    Candidate,
    Company,
    EventTag,
    Position,
    RelatedCompany,
    RelatedConsent,
    RelatedEnd,
    event_data,
    record,
    scopes,
)
from relay.models.locking import lock_companies, lock_company
from relay.network import consents, next_openings, own_acts, related_companies
from relay.network.granting import Evidence, visible_since
from relay.network.next_openings import AgreedWords
from relay.network.own_acts import OwnAct
from relay.network.profiles import ITEMS
from relay.text import Sentence, format_phone
from relay.trust import related_provisions

VERSION = "2026-11-related"
OWN_PAGE = "own page: what the person told companies about their related companies"
TOLD: dict[str, Sentence] = {
    **{code: ITEMS[code] for code in ("name", "kana", "email", "phone")},
    "applications": _l("応募した求人と応募日"),
}
"""The items that a related company is told, and no others (A-12)."""
_STANDING = (
    select(RelatedConsent)
    .where(RelatedConsent.candidate_id == bindparam("candidate_id"), RelatedConsent.ended_at.is_(None))
    .order_by(RelatedConsent.id)
)
PURPOSE = _l("提供先が、自社の求人をご本人に直接ご案内するため")
"""The purpose for which a related company is told, as the words beside each box name it."""


class RelatedWordsChanged(DomainError):
    """Raise where the words beside a box are no longer those that were shown (A-11)."""

    code = "related-words-changed"
    message = _l(
        "ご覧になっているあいだに、関連会社についての説明が変わりました。まだ何も変わっていません。もう一度お選びください。"
    )


class RelatedNotConfirmed(DomainError):
    """Raise where a related company would be told without counsel's day in the legal checklist."""

    code = "related-not-confirmed"
    message = _l(
        "「法務の確認」に、関連会社への提供を弁護士か労働局に確認した日がありません。まだ何も伝えていません。"
        "管理者が確認した日を入力してから、もう一度お試しください。"
    )


class RelatedWordEnded(DomainError):
    """Raise where the person's word does not stand, or ended meanwhile."""

    code = "related-word-ended"
    message = _l("この同意は終わっています。ファイルは作られず、何も伝えていません。")


@dataclass(frozen=True)
class RelatedOffer:
    """A box: the related company, and what a tick agrees to. `label` is its first line."""

    related_company_id: int
    label: str
    explanation: str

    @property
    def words(self) -> AgreedWords:
        """Return all of it, as the consent keeps it."""
        return AgreedWords(VERSION, f"{self.label}\n{self.explanation}")


@dataclass(frozen=True)
class RelatedWord:
    """A word in force: about which related company, since when, and when it was told of the person."""

    consent_id: int
    name: str
    contact: str
    given_at: datetime
    told_at: Sequence[datetime]


@dataclass(frozen=True)
class RelatedAnswers:
    """One company's part of a page: the words that stand, and the boxes besides."""

    company_id: int
    company: str
    standing: Sequence[RelatedWord]
    offers: Sequence[RelatedOffer]


@dataclass(frozen=True)
class ToldPerson:
    """The contents of the file for a related company: label and value, in the order of TOLD; its name; whose word."""

    recipient: str
    consented_at: datetime
    values: Sequence[tuple[str, str]]


def is_given() -> ColumnElement[bool]:
    """Return the condition, on a query of candidates, that such a word of theirs is in force."""
    theirs = (RelatedConsent.company_id == Candidate.company_id, RelatedConsent.candidate_id == Candidate.id)
    return exists().where(*theirs, RelatedConsent.ended_at.is_(None))


@scopes.in_company
def standing(session: Session, company_id: int, candidate_id: int) -> list[RelatedWord]:
    """Return the candidate's words that stand, oldest first, as the company reads them."""
    rows = session.scalars(_STANDING, {"candidate_id": candidate_id}).all()
    return _worded(session, rows)


@scopes.in_company
def answers(session: Session, company_id: int, candidate_id: int) -> RelatedAnswers:
    """Return what a page without a number shows (C-25): the words given without one, and the boxes besides."""
    words = _words(session, _stands(candidate_id), RelatedConsent.profile_id.is_(None))
    return RelatedAnswers(company_id, _name(session, company_id), words, _offers(session, company_id, candidate_id))


@scopes.in_company
def give(
    session: Session,
    company_id: int,
    candidate_id: int,
    chosen: Mapping[int, str],
    evidence: Evidence,
    *,
    profile_id: int | None = None,
    since: datetime = clock.EPOCH,
) -> int:
    """Write a word down for each chosen related company; returns how many are new.

    `chosen` gives by its number the hash of the words that were shown. A word from before `since`, which the page does
    not show, is given again. Raises RelatedWordsChanged, before any is kept.
    """
    lock_company(session, company_id)
    offers = {each.related_company_id: each for each in _offers(session, company_id, candidate_id, since)}
    shown = select(RelatedConsent.related_company_id).where(_stands(candidate_id), RelatedConsent.given_at >= since)
    new = sorted(chosen.keys() - set(session.scalars(shown)))
    if any(each not in offers or offers[each].words.hash != chosen[each] for each in new):
        raise RelatedWordsChanged
    recipients = {each.id: each for each in related_companies.named(session, company_id)}
    _end(session, RelatedEnd.TAKEN_BACK, _stands(candidate_id), RelatedConsent.related_company_id.in_(new))
    for each in new:
        said = offers[each].words
        consent = RelatedConsent(
            company_id=company_id,
            candidate_id=candidate_id,
            profile_id=profile_id,
            related_company_id=each,
            recipient=_snapshot(recipients[each]),
            items=list(TOLD),
            wording_version=said.version,
            wording=said.text,
            wording_hash=said.hash,
            locale=evidence.locale,
            ip=evidence.network,
            agent=evidence.browser,
            given_at=clock.now(),
        )
        session.add(consent)
        session.flush()
        _note(session, EventTag.RELATED_AGREED, consent)
    return len(new)


@scopes.in_company
def end(session: Session, company_id: int, candidate_id: int, consent_id: int, by: RelatedEnd) -> bool:
    """End one word of the candidate at once; returns whether it stood."""
    lock_company(session, company_id)
    return bool(_end(session, by, _stands(candidate_id), RelatedConsent.id == consent_id))


@scopes.in_company
def tell(session: Session, company_id: int, candidate_id: int, consent_id: int, by_user_id: int | None) -> ToldPerson:
    """Return what the related company is told of the candidate, and record that it was (A-16).

    A withdrawal is before it, or waits for it. Raises RelatedWordEnded, RelatedNotConfirmed.
    """
    lock_company(session, company_id)
    found = session.execute(
        select(RelatedConsent, Candidate)
        .join(Candidate, Candidate.id == RelatedConsent.candidate_id)
        .join(RelatedCompany, RelatedCompany.id == RelatedConsent.related_company_id)
        .where(RelatedConsent.id == consent_id, _stands(candidate_id), RelatedCompany.removed_at.is_(None))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise RelatedWordEnded
    if not related_companies.confirmed(session, company_id):
        raise RelatedNotConfirmed
    consent, candidate = found
    if related_provisions.write(session, consent, candidate.name, by_user_id) is not None:
        _note(session, EventTag.RELATED_TOLD, consent)
    return ToldPerson(consent.recipient["name"], consent.given_at, _values(session, candidate, consent))


def of_profile(session: Session, profile_id: int) -> list[RelatedAnswers]:
    """Return what the own page shows, company by company; a company without a word and a box is left out."""
    since, found = visible_since(session, profile_id), []
    for company_id in _companies_of(session, profile_id):
        candidate_id = _candidate_of(session, profile_id, company_id)
        with scopes.company(session, company_id):
            shown = (_mine(profile_id, candidate_id), RelatedConsent.given_at >= since)
            words = _words(session, *shown, RelatedConsent.ended_at.is_(None))
            offers = [] if candidate_id is None else _offers(session, company_id, candidate_id, since)
            if words or offers:
                found.append(RelatedAnswers(company_id, _name(session, company_id), words, offers))
    return found


def give_own(session: Session, profile_id: int, company_id: int, chosen: Mapping[int, str], evidence: Evidence) -> int:
    """Say it on the own page, to a company whose link the person used; returns how many words are new.

    Raises RelatedWordsChanged.
    """
    lock_company(session, company_id)
    candidate_id = _candidate_of(session, profile_id, company_id)
    if candidate_id is None:
        return 0
    since = visible_since(session, profile_id)
    new = give(session, company_id, candidate_id, chosen, evidence, profile_id=profile_id, since=since)
    if new:
        own_acts.tell(session, profile_id, OwnAct.RELATED_AGREED)
    return new


def take_back_own(session: Session, profile_id: int, company_id: int, consent_id: int) -> bool:
    """Take one back on the own page, at once; returns whether it stood."""
    lock_company(session, company_id)
    ended = _end_mine(session, profile_id, company_id, RelatedConsent.id == consent_id)
    if ended:
        own_acts.tell(session, profile_id, OwnAct.RELATED_ENDED)
    return bool(ended)


def take_all_back(session: Session, profile_id: int) -> None:
    """End every word of a registered person, without a mail of its own; to be called before the profile is held."""
    companies = _companies_of(session, profile_id, all_of_them=True)
    lock_companies(session, companies)
    for company_id in companies:
        _end_mine(session, profile_id, company_id)


def given_by(session: Session, profile_id: int) -> Sequence[RelatedConsent]:
    """Return every such word of a person that the own page shows, those that ended too, oldest first."""
    since = visible_since(session, profile_id)
    mine = (RelatedConsent.profile_id == profile_id, RelatedConsent.given_at >= since)
    with scopes.everyone(session, OWN_PAGE):
        return session.scalars(select(RelatedConsent).where(*mine).order_by(RelatedConsent.id)).all()


def _words(session: Session, *which: ColumnElement[bool]) -> list[RelatedWord]:
    return _worded(session, session.scalars(select(RelatedConsent).where(*which).order_by(RelatedConsent.id)).all())


def _worded(session: Session, rows: Sequence[RelatedConsent]) -> list[RelatedWord]:
    told = related_provisions.of_consents(session, [each.id for each in rows])
    return [
        RelatedWord(each.id, each.recipient["name"], each.recipient["contact"], each.given_at, told[each.id])
        for each in rows
    ]


def _offers(session: Session, company_id: int, candidate_id: int, since: datetime = clock.EPOCH) -> list[RelatedOffer]:
    """Return a box for each related company, but for those of words in force that were given since that moment."""
    if not related_companies.confirmed(session, company_id):
        return []
    given = select(RelatedConsent.related_company_id).where(_stands(candidate_id), RelatedConsent.given_at >= since)
    covered, company = set(session.scalars(given)), _name(session, company_id)
    recipients = related_companies.named(session, company_id)
    return [_offer(company, each) for each in recipients if each.id not in covered]


def _name(session: Session, company_id: int) -> str:
    return session.scalars(select(Company.name).where(Company.id == company_id)).one()


def _offer(company: str, related: RelatedCompany) -> RelatedOffer:
    named = {"company": company, "related": related.name}
    label = _("%(related)s（%(company)sの関連会社）にも知らせてよい", **named)
    lines = (
        _(
            "%(related)s（住所：%(address)s、代表者：%(representative)s、法人番号：%(number)s）に、%(company)sが、"
            "保管している氏名・フリガナ・メールアドレス・電話番号・応募した求人と応募日を、ファイルで伝えることへの同意です。",
            address=related.address,
            representative=related.representative,
            number=related.corporate_number,
            **named,
        ),
        _("目的は、%(related)sが、自社の求人をご本人に直接ご案内することです。", **named),
        _("選考の結果・評価・メモ・書類は伝えません。伝えた日時と項目は記録し、3年間保管します。"),
        _("任意です。同意されなくても、選考や、ほかのご案内には影響しません。この同意は、紹介枠には数えません。"),
        _(
            "あとから増えた関連会社には及びません。%(company)sが応募の記録を保管しているあいだ続き、"
            "%(related)sが関連会社でなくなるか、別の法人に変わると終わります。",
            **named,
        ),
        _(
            "いつでも取り消せます。取り消すと、そのあとは伝えません。すでに伝えた内容の消去は、%(related)s（%(contact)s）へ"
            "お申し出ください。%(related)sでの保管期間と取扱いは、%(related)sが決めます。",
            contact=related.contact,
            **named,
        ),
    )
    return RelatedOffer(related.id, label, "\n".join(lines))


def _snapshot(related: RelatedCompany) -> dict[str, str]:
    named = ("name", "address", "representative", "contact", "corporate_number")
    return {each: getattr(related, each) for each in named}


def _stands(candidate_id: int) -> ColumnElement[bool]:
    return (RelatedConsent.candidate_id == candidate_id) & RelatedConsent.ended_at.is_(None)


def _end(session: Session, by: RelatedEnd, *which: ColumnElement[bool]) -> int:
    wanted = select(RelatedConsent).where(*which, RelatedConsent.ended_at.is_(None)).order_by(RelatedConsent.id)
    standing = session.scalars(wanted.execution_options(populate_existing=True)).all()
    for each in standing:
        each.ended_at, each.ended_by = clock.now(), by
        session.flush()
        _note(session, EventTag.RELATED_ENDED, each)
    return len(standing)


def _end_mine(session: Session, profile_id: int, company_id: int, *which: ColumnElement[bool]) -> int:
    candidate_id = _candidate_of(session, profile_id, company_id)
    with scopes.company(session, company_id):
        return _end(session, RelatedEnd.TAKEN_BACK, _mine(profile_id, candidate_id), *which)


def _mine(profile_id: int, candidate_id: int | None) -> ColumnElement[bool]:
    """Return the condition of words of this person: given here, or as the candidate behind the link they used."""
    own = RelatedConsent.profile_id == profile_id
    return own if candidate_id is None else or_(own, RelatedConsent.candidate_id == candidate_id)


def _candidate_of(session: Session, profile_id: int, company_id: int) -> int | None:
    link = next_openings.newest_link(session, profile_id, company_id)
    return None if link is None else link.candidate_id


def _companies_of(session: Session, profile_id: int, *, all_of_them: bool = False) -> list[int]:
    """Return the companies the person used a link of or gave a word to; as far as the page shows it, or all."""
    since = clock.EPOCH if all_of_them else visible_since(session, profile_id)
    with scopes.everyone(session, OWN_PAGE):
        told = select(RelatedConsent.company_id).where(
            RelatedConsent.profile_id == profile_id, RelatedConsent.given_at >= since
        )
        given = set(session.scalars(told))
    return sorted(given | set(consents.companies_of(session, profile_id)))


def _values(session: Session, candidate: Candidate, consent: RelatedConsent) -> list[tuple[str, str]]:
    facts = {
        "name": candidate.name,
        "kana": candidate.kana,
        "email": candidate.email,
        "phone": format_phone(candidate.phone),
        "applications": "、".join(_applications(session, candidate.id)),
    }
    return [(str(TOLD[code]), facts[code]) for code in consent.items]


def _applications(session: Session, candidate_id: int) -> Iterator[str]:
    rows = session.execute(
        select(Position.title, Application.applied_on)
        .select_from(Application)
        .outerjoin(Position, Position.id == Application.position_id)
        .where(Application.candidate_id == candidate_id)
        .order_by(Application.id)
    )
    for title, day in rows:
        yield " ".join(each for each in (title, format_date(day, "long") if day else "") if each)


def _note(session: Session, tag: EventTag, consent: RelatedConsent) -> None:
    session.flush()
    by = consent.ended_by.value if consent.ended_by else None
    record(
        session,
        tag,
        company_id=consent.company_id,
        subject=("candidate", consent.candidate_id),
        data=event_data.RelatedNoted(related_company_id=consent.related_company_id, by=by),
    )
