"""The file of a disclosure: what a company keeps about a person, as one page to read and the same as JSON (A-31).

It is made from the record when it is taken, so that no copy waits anywhere. What judges the person is in it only where
HR said so; a rejection that was not told yet is never in it. What partners were given is on the own page alone.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import Response, render_template
from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import tags
from relay.hiring import interviews, stays
from relay.hiring.appointments import Appointment
from relay.hiring.stays import StayMark
from relay.infra.keyed_hash import address_hash
from relay.mail import compose, letters
from relay.models import (
    Application,
    ApplicationResult,
    ApplicationStep,
    Attachment,
    Candidate,
    Company,
    DataRequest,
    Introduction,
    IntroductionLink,
    IntroductionRequest,
    Message,
    MessageState,
    Note,
    OpeningsConsent,
    OptOut,
    Partner,
    Position,
    RelatedConsent,
    RequestKind,
    RequestState,
    Rescout,
)
from relay.models.candidate_fields import CANDIDATE_FIELDS
from relay.models.prepared import read
from relay.models.rescouts import RECORD_SHARE_WORDS, SHARE_WORDS
from relay.network import related_consents
from relay.outreach import rescout_lists
from relay.outreach.rescout_lists import RescoutRow
from relay.record import timeline
from relay.trust import related_provisions

FORMAT = 1
AVAILABLE = timedelta(days=14)
"""How long the person can take the file after the answer."""


@dataclass(frozen=True)
class Entry:
    """One thing that is kept: its name, and what is kept under it."""

    name: str
    value: str


@dataclass(frozen=True)
class Section:
    """Things that belong together, each a list of entries."""

    title: str
    items: tuple[tuple[Entry, ...], ...]


@dataclass(frozen=True)
class Disclosure:
    """Everything that is disclosed, as it is on this day; and what is not, with the ground."""

    company: str
    day: str
    sections: tuple[Section, ...]
    withheld: str
    """What is left out and on which ground; empty where nothing is."""

    def as_json(self) -> str:
        """Return the whole as JSON, to be read by programs."""
        return json.dumps({"format": FORMAT} | asdict(self), ensure_ascii=False, indent=2) + "\n"

    def as_html(self) -> str:
        """Return the whole as one page that needs nothing else."""
        return render_template("landing/disclosure.html", disclosure=self)


def disclosed_file(disclosed: Disclosure, as_json: bool) -> Response:
    """Return the answer that lets a browser keep the file."""
    kind, ending = ("application/json", "json") if as_json else ("text/html", "html")
    response = Response(disclosed.as_json() if as_json else disclosed.as_html(), mimetype=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="relay-{clock.today():%Y%m%d}.{ending}"'
    return response


def is_available(request: DataRequest) -> bool:
    """Return whether the person can take the file of this request now."""
    return (
        request.kind is RequestKind.DISCLOSURE
        and request.state is RequestState.ANSWERED
        and request.candidate_id is not None
        and request.closed_at is not None
        and request.closed_at > clock.now() - AVAILABLE
    )


_COMPANY_NAME = select(Company.name).where(Company.id == bindparam("company"))


def of_candidate(session: Session, candidate: Candidate, *, evaluations: bool) -> Disclosure:
    """Return what the company in scope keeps about the person; with `evaluations`, what judges them too."""
    [(company,)] = read(session, _COMPANY_NAME, company=candidate.company_id)
    sections = [
        Section(_("ご本人について"), (tuple(_facts(candidate)),)),
        Section(_("応募と選考"), tuple(_applications(session, candidate, evaluations))),
        Section(_("紹介会社からのご紹介"), tuple(_introductions(session, candidate))),
        Section(_("お送りしたメール"), tuple(_mails(session, candidate))),
        Section(_("同意と停止の記録"), tuple(_wishes(session, candidate))),
        Section(_("募集のご案内のときに記録した、求人との合いやすさ"), tuple(_shares(session, candidate, evaluations))),
        Section(_("お聞きしたことの記録"), tuple(_notes(session, candidate, heard=True))),
        Section(_("保管している書類"), tuple(_files(session, candidate))),
    ]
    if evaluations:
        sections.append(Section(_("社内のメモ"), tuple(_notes(session, candidate, heard=False))))
        carried = tags.tags_of(session, [candidate.id])[candidate.id]
        sections.append(Section(_("タグ"), tuple((Entry(_("タグ"), tag.name),) for tag in carried)))
    kept = tuple(section for section in sections if any(section.items))
    return Disclosure(company, _day(clock.today()), kept, "" if evaluations else withheld())


def withheld() -> str:
    """Return what is left out unless HR discloses it, and the ground."""
    return _(
        "選考の評価と所見、結果の理由、社内のメモとタグは、業務の適正な実施に著しい支障を及ぼすおそれがあるため、開示していません（個人情報保護法第33条第2項第2号）。"
    )


def _facts(candidate: Candidate) -> Iterator[Entry]:
    for field in CANDIDATE_FIELDS:
        value = getattr(candidate, field.name)
        if value:
            yield Entry(str(field.label), _text(value))
    yield Entry(_("保管してよい理由"), str(candidate.basis.label))
    if candidate.retain_until:
        yield Entry(_("保管の期限"), _day(candidate.retain_until))


def _applications(session: Session, candidate: Candidate, evaluations: bool) -> Iterator[tuple[Entry, ...]]:
    histories = timeline.applications_of(session, candidate.id)
    for history in histories:
        yield tuple(each for each in _application(history.application, history.position, evaluations) if each.value)
        for step in history.steps:
            yield tuple(each for each in _step(step, evaluations) if each.value)
    for said in stays.marks(session, [each.application for each in histories]).values():
        yield from (tuple(_stay(mark)) for mark in said if mark.there is not None)
    for invited_at, starts_at, minutes, place in interviews.of_candidate(session, candidate.id):
        yield tuple(each for each in _interview(invited_at, starts_at, minutes, place) if each.value)


_INTRODUCED = (
    select(Introduction, IntroductionRequest.title, Partner.name, IntroductionLink.licence_number)
    .join(IntroductionRequest, IntroductionRequest.id == Introduction.request_id)
    .join(IntroductionLink, IntroductionLink.id == Introduction.link_id)
    .join(Partner, Partner.id == Introduction.partner_id)
    .where(Introduction.candidate_id == bindparam("person"))
    .order_by(Introduction.id)
)


def _introductions(session: Session, candidate: Candidate) -> Iterator[tuple[Entry, ...]]:
    """Yield each introduction as the record of what the person gave the company by it: no provision is recorded beside.

    The person told the company themselves, so neither side records a provision (A-16, A-17): the agency was given and
    gave nothing through Relay. Day, items, text and introducer are in this one row.
    """
    for introduction, title, partner, licence in session.execute(_INTRODUCED, {"person": candidate.id}):
        yield tuple(each for each in _introduction(introduction, title, partner, licence) if each.value)


def _introduction(introduction: Introduction, title: str, partner: str, licence: str) -> Iterator[Entry]:
    labels = [str(field.label) for field in CANDIDATE_FIELDS if field.name in introduction.items]
    yield Entry(_("紹介会社"), partner)
    yield Entry(_("紹介会社の許可番号"), licence)
    yield Entry(_("求人"), title)
    yield Entry(_("面談を希望した日"), _day(introduction.accepted_at))
    yield Entry(_("そのとき会社に伝わった項目"), _("、").join(labels))
    yield Entry(_("会社が受け取った方法"), _("ご本人が、紹介リンクのページから伝えました"))
    yield Entry(_("そのときの説明の版"), introduction.wording_version)
    yield Entry(_("そのときの説明の照合番号"), introduction.wording_hash)
    if introduction.promise_kept is not None:
        yield Entry(_("約束どおりの面談だったか（お返事）"), _("はい") if introduction.promise_kept else _("いいえ"))
        yield Entry(_("お返事の日"), _day(introduction.answered_at))
    yield Entry(_("お返事への会社の説明"), introduction.company_answer)
    yield Entry(_("会社が説明した日"), _day(introduction.company_answered_at))


def _application(application: Application, position: str, evaluations: bool) -> Iterator[Entry]:
    untold = application.status is ApplicationResult.REJECTED and application.notified_at is None
    yield Entry(_("求人"), position)
    yield Entry(_("応募の経路"), " ".join(each for each in (application.channel, application.channel_detail) if each))
    yield Entry(_("応募した日"), _day(application.applied_on))
    yield Entry(_("選考の段階"), application.stage)
    yield Entry(_("選考の結果"), _("別にご連絡します") if untold else str(application.status.label))
    if untold:
        return
    yield Entry(_("結果が決まった日"), _day(application.decided_on))
    yield Entry(_("結果をお伝えした日"), _day(application.notified_at))
    if evaluations and application.reason:
        yield Entry(_("結果の理由"), str(application.reason.label))


def _stay(mark: StayMark) -> Iterator[Entry]:
    yield Entry(_("入社から%(months)sか月", months=mark.months), _("在籍") if mark.there else _("退職"))
    yield Entry(_("記録した日"), _day(mark.at))


def _interview(invited_at: datetime, starts_at: datetime | None, minutes: int, place: str) -> Iterator[Entry]:
    yield Entry(_("面談のご案内を始めた日"), _day(invited_at))
    if starts_at is not None:
        yield Entry(_("面談の日時"), Appointment(starts_at, minutes, place).when)
        yield Entry(_("面談の場所"), place)


def _step(step: ApplicationStep, evaluations: bool) -> Iterator[Entry]:
    yield Entry(_("選考の段階"), step.name)
    yield Entry(_("日付"), _day(step.on))
    if evaluations:
        yield Entry(_("評価"), str(step.score or ""))
        yield Entry(_("段階の結果"), step.result)
        yield Entry(_("所見"), step.comment)


_SENT = (
    select(Message)
    .where(Message.candidate_id == bindparam("person"), Message.state == MessageState.SENT)
    .order_by(Message.id)
)


def _mails(session: Session, candidate: Candidate) -> Iterator[tuple[Entry, ...]]:
    for message in session.scalars(_SENT, {"person": candidate.id}).all():
        if letters.find(message.letter).audience != "candidate":
            continue  # to the member who invited to an interview: what it tells stands among the applications
        mail = compose.render(session, message, preview=True)
        yield (
            Entry(_("送った日"), _day(message.settled_at or message.created_at)),
            Entry(_("宛先"), message.to_address),
            Entry(_("件名"), mail.subject),
            Entry(_("本文"), mail.text),
        )


_OPENINGS = (
    select(OpeningsConsent).where(OpeningsConsent.candidate_id == bindparam("person")).order_by(OpeningsConsent.id)
)
_STOPPED_AT = select(OptOut.at).where(OptOut.address_hash == bindparam("address")).order_by(OptOut.id).limit(1)


def _wishes(session: Session, candidate: Candidate) -> Iterator[tuple[Entry, ...]]:
    for consent in session.scalars(_OPENINGS, {"person": candidate.id}):
        yield tuple(_consent(consent, _("取り消した日")))
    yield from _related(session, candidate)
    for sent in rescout_lists.of_candidate(session, candidate.id):
        if sent.state is MessageState.SENT:
            yield tuple(_answer(sent))
    if candidate.email:
        for (since,) in read(session, _STOPPED_AT, address=address_hash(candidate.email)):
            yield (Entry(_("ご案内のメールの停止"), _day(since)),)
    if candidate.record_objected_at is not None:
        yield (Entry(_("選考の記録を使わないでほしいというお申し出"), _day(candidate.record_objected_at)),)


_RELATED = select(RelatedConsent).where(RelatedConsent.candidate_id == bindparam("person")).order_by(RelatedConsent.id)


def _related(session: Session, candidate: Candidate) -> Iterator[tuple[Entry, ...]]:
    """Yield the words about related companies with the days they were told; then what was told by words that are gone.

    A word goes with the person's registration, the record of what was told stays for its term (A-20).
    """
    consents = session.scalars(_RELATED, {"person": candidate.id}).all()
    told = related_provisions.of_consents(session, [each.id for each in consents])
    for consent in consents:
        days = (Entry(_("関連会社に伝えた日"), _day(at)) for at in told[consent.id])
        yield (*_consent(consent, _("終わった日")), *days)
    for record in related_provisions.of_candidate(session, candidate.id, but=told.keys()):
        yield (
            Entry(_("関連会社に伝えた日"), _day(record.at)),
            Entry(_("伝えた関連会社"), record.recipient["name"]),
            Entry(_("伝えた項目"), "、".join(str(related_consents.TOLD[each]) for each in record.items)),
            Entry(_("同意した日"), _day(record.consented_at)),
        )


def _consent(consent: OpeningsConsent | RelatedConsent, ended: str) -> Iterator[Entry]:
    yield Entry(_("同意の内容"), consent.wording)
    yield Entry(_("同意した日"), _day(consent.given_at))
    if consent.ended_at:
        yield Entry(ended, _day(consent.ended_at))


def _answer(row: RescoutRow) -> Iterator[Entry]:
    yield Entry(_("募集のご案内"), row.position)
    yield Entry(_("送った日"), _day(row.settled_at or row.created_at))
    if row.answer is None:
        return
    yield Entry(_("お返事"), str(row.answer.label))
    yield Entry(_("お返事の日"), _day(row.answered_at))
    if row.waits_until:
        yield Entry(_("ご案内を待つ日"), _day(row.waits_until))
    if row.line:
        yield Entry(_("採用担当へのひとこと"), row.line)


_SHARES = (
    select(Position.title, Rescout.created_at, Rescout.shares)
    .join(Position, Position.id == Rescout.position_id)
    .where(Rescout.candidate_id == bindparam("person"), Rescout.shares.is_not(None))
    .order_by(Rescout.id)
)


def _shares(session: Session, candidate: Candidate, evaluations: bool) -> Iterator[tuple[Entry, ...]]:
    """Yield how well the person fitted each position they were written about, in percent of each part of the order.

    The parts that follow from the selection record judge the person, as that record does.
    """
    told = SHARE_WORDS | RECORD_SHARE_WORDS if evaluations else SHARE_WORDS
    for title, at, shares in read(session, _SHARES, person=candidate.id):
        parts = [Entry(str(words), f"{shares[part] / 10:g}%") for part, words in told.items() if shares.get(part)]
        if parts:
            yield (Entry(_("募集のご案内"), title), Entry(_("記録した日"), _day(at)), *parts)


_NOTES = select(Note.at, Note.body).where(Note.candidate_id == bindparam("person")).order_by(Note.id)
_HEARD = _NOTES.where(Note.contact_channel.is_not(None))
_WRITTEN = _NOTES.where(Note.contact_channel.is_(None))
_FILES = (
    select(Attachment.name, Attachment.at).where(Attachment.candidate_id == bindparam("person")).order_by(Attachment.id)
)


def _notes(session: Session, candidate: Candidate, *, heard: bool) -> Iterator[tuple[Entry, ...]]:
    for at, body in read(session, _HEARD if heard else _WRITTEN, person=candidate.id):
        yield Entry(_("日付"), _day(at)), Entry(_("内容"), body)


def _files(session: Session, candidate: Candidate) -> Iterator[tuple[Entry, ...]]:
    for name, at in read(session, _FILES, person=candidate.id):
        yield Entry(_("ファイルの名前"), name), Entry(_("受け取った日"), _day(at))


def _text(value: Any) -> str:
    if isinstance(value, date):
        return _day(value)
    return str(getattr(value, "label", value))


def _day(value: date | None) -> str:
    """Return a day; of a moment, the day it falls on in Japan."""
    if value is None:
        return ""
    return format_date(value.astimezone(clock.JAPAN).date() if isinstance(value, datetime) else value, "long")
