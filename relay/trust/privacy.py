"""A company's public page on personal data: written in versions, published, shown to anyone (A-6, APPI 32条1項).

A version is never changed. It names the versions of the purposes it was published with, so that a purpose that is
being rewritten does not show before the company says so. Name, address and representative are not part of it:
the page takes them from the company as it is today.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import Company, EventTag, PrivacyText, Purpose, event_data, record, scopes
from relay.models.prepared import read
from relay.text import clean_block
from relay.text.sentence import Sentence
from relay.trust import purposes, record_use
from relay.trust.purposes import Wording

MAX_LENGTH = 3000
_ON_FEES = re.compile("手数料|無料|費用|料金")
"""In the part on requests: whether they cost something is to be said (A-6)."""
_PERIOD = re.compile(
    r"[0-9一二三四五六七八九十半]+\s*(?:日|週|か月|ヶ月|カ月|ケ月|ヵ月|年)|無期限|永久|永続|期限を定め(?:ず|ない)"
)
"""What the part on retention leaves to the page, which prints the terms that are in force (A-24)."""


class PrivacySection(StrEnum):
    """The parts of the text beside the purposes, in the order in which they are read."""

    RETENTION = "retention"
    SECURITY = "security"
    REQUESTS = "requests"
    COMPLAINTS = "complaints"


WORDS = {
    PrivacySection.RETENTION: _l("保管期間についての補足"),
    PrivacySection.SECURITY: _l("安全管理のための措置"),
    PrivacySection.REQUESTS: _l("開示・訂正・消去などの請求"),
    PrivacySection.COMPLAINTS: _l("苦情・ご相談の窓口"),
}


@dataclass(frozen=True)
class Content:
    """The written text: each purpose and each section."""

    purposes: Mapping[Purpose, str]
    sections: Mapping[PrivacySection, str]


@dataclass(frozen=True)
class PrivacyTextVersion:
    """One version of the privacy text, as read."""

    version: int
    created_at: datetime
    published_at: datetime | None
    purposes: tuple[Wording, ...]
    sections: Mapping[PrivacySection, str]


class PrivacyRefused(DomainError):
    """Raise where the text cannot be saved; `findings` names each place (a Purpose or a PrivacySection) and why."""

    code = "privacy-text-refused"
    message = _l("この内容は、このままでは保存できません。入力はこの画面に残っています。")

    def __init__(self, findings: list[tuple[Purpose | PrivacySection, Sentence]]) -> None:
        self.findings = findings
        super().__init__()


class PurposeChangeDoubted(DomainError):
    """Raise where a published purpose would change, until the company confirms that it is no wider (A-5)."""

    code = "purpose-change-doubted"

    def __init__(self, changed: list[Purpose]) -> None:
        self.changed = changed
        super().__init__(
            _l(
                "公開中の利用目的（%(which)s）が変わります。これまでの目的から無理なく予想できる範囲の変更なら、公開すれば足ります。"
                "それより広げるときは、すでに集めた情報を新しい目的で使う前に、お一人ずつ同意が必要です。",
                which="、".join(str(purposes.WORDS[each]) for each in changed),
            )
        )


class CompanyUnnamed(DomainError):
    """Raise where the page must name the company's address and representative (A-6), and they are not entered yet."""

    code = "company-details-missing"
    message = _l(
        "公開するページには、会社の住所と代表者の氏名も載せます。下書きは保存してありますので、"
        "「会社の情報」に入力してから、もう一度公開してください。"
    )


class PrivacyTextChangedMeanwhile(DomainError):
    """Raise where another version was saved since the page was opened."""

    code = "privacy-text-changed"
    message = _l(
        "編集しているあいだに、ほかの方が新しい版を保存しました。いまの入力は残してあります。"
        "新しい版と見比べてから、もう一度保存してください。"
    )


def names_a_period(text: str) -> bool:
    """Return whether a text on retention says for how long, and so may differ from the terms the page prints."""
    return _PERIOD.search(unicodedata.normalize("NFKC", text)) is not None


def is_published(session: Session, company_id: int) -> bool:
    """Return whether the company's page on personal data can be read by anyone."""
    with scopes.company(session, company_id):
        return bool(read(session, _ANY_PUBLIC))


def public_slug(session: Session, company_id: int) -> str | None:
    """Return the slug under which the company's page is public; None while it is not."""
    with scopes.company(session, company_id):
        return session.scalar(
            select(Company.slug).join(PrivacyText, PrivacyText.company_id == Company.id).where(_IS_PUBLIC).limit(1)
        )


@scopes.in_company
def current(session: Session, company_id: int) -> PrivacyTextVersion | None:
    """Return what the public page shows: the newest published version."""
    return _read(session, company_id, _newest(session, company_id, _NEWEST_PUBLIC))


@scopes.in_company
def newest(session: Session, company_id: int) -> PrivacyTextVersion | None:
    """Return what the company wrote last, published or not: with this the editor begins."""
    return _read(session, company_id, _newest(session, company_id, _NEWEST))


def save(
    session: Session, company: Company, content: Content, *, by_user_id: int | None, seen_version: int | None = None
) -> PrivacyTextVersion:
    """Keep what was written as the next version, seen by nobody outside yet; the same again makes none.

    Raises PrivacyRefused (vague purposes, A-2; something the page must say is missing, A-6), and
    PrivacyTextChangedMeanwhile when `seen_version` is no longer the newest.
    """
    if findings := _findings(content):
        raise PrivacyRefused(findings)
    session.execute(select(Company.id).where(Company.id == company.id).with_for_update())
    before = newest(session, company.id)
    if seen_version is not None and seen_version != (before.version if before else 0):
        raise PrivacyTextChangedMeanwhile
    sections = {part: clean_block(content.sections.get(part, "")) for part in PrivacySection}
    kept = purposes.keep(session, company.id, content.purposes, by_user_id)
    if before and before.sections == sections and before.purposes == tuple(kept.values()):
        return before
    row = PrivacyText(
        version=before.version + 1 if before else 1,
        sections={"purposes": {purpose.value: wording.version for purpose, wording in kept.items()}}
        | {part.value: text for part, text in sections.items()},
        created_at=clock.now(),
        by_user_id=by_user_id,
    )
    with scopes.company(session, company.id):
        session.add(row)
        session.flush()
    return PrivacyTextVersion(row.version, row.created_at, None, tuple(kept.values()), sections)


def publish(session: Session, company: Company, *, confirmed: bool = False) -> PrivacyTextVersion:
    """Show the newest version to anyone; publishing it twice changes nothing.

    A text that no longer names the use of the selection record ends it (A-42). Raises CompanyUnnamed, and
    PurposeChangeDoubted unless `confirmed` where a published purpose changes (A-5).
    """
    with scopes.company(session, company.id):
        row = session.scalars(select(PrivacyText).order_by(PrivacyText.version.desc()).limit(1)).one()
    if not company.address or not company.representative:
        raise CompanyUnnamed
    if row.published_at is None:
        if not confirmed and (changed := _changed_purposes(session, company.id)):
            raise PurposeChangeDoubted(changed)
        row.published_at = clock.now()
        if Purpose.RECORD.value not in row.sections["purposes"]:
            record_use.end(session, company.id)
        record(
            session,
            EventTag.PRIVACY_PUBLISHED,
            company_id=company.id,
            subject=("privacy", row.id),
            data=event_data.PrivacyPublished(version=row.version),
        )
        session.flush()
    shown = current(session, company.id)
    assert shown is not None
    return shown


_IS_PUBLIC = PrivacyText.published_at.is_not(None)
_ANY_PUBLIC = select(PrivacyText.id).where(_IS_PUBLIC).limit(1)


def _findings(content: Content) -> list[tuple[Purpose | PrivacySection, Sentence]]:
    found: list[tuple[Purpose | PrivacySection, Sentence]] = []
    for purpose in purposes.WORDS:
        found.extend((purpose, fault) for fault in purposes.faults(purpose, content.purposes.get(purpose, "")))
    for part in PrivacySection:
        found.extend((part, fault) for fault in _section_faults(part, content.sections.get(part, "")))
    return found


def _section_faults(part: PrivacySection, text: str) -> list[Sentence]:
    if not text.strip():
        return [] if part is PrivacySection.RETENTION else [_l("「%(part)s」を書いてください。", part=WORDS[part])]
    if len(text) > MAX_LENGTH:
        return [_l("%(most)d文字までにしてください（いま%(length)d文字）。", most=MAX_LENGTH, length=len(text))]
    flat = unicodedata.normalize("NFKC", text)
    if part is PrivacySection.REQUESTS and not _ON_FEES.search(flat):
        return [
            _l("請求に手数料がかかるかどうかを書いてください。かからないときは「手数料はいただきません」と書きます。")
        ]
    if part is PrivacySection.RETENTION and names_a_period(text):
        return [
            _l(
                "期間は、実際に消去する期間のとおりにRelayがページへ載せます。"
                "食い違わないよう、この文章からは「6か月」「無期限」のような期間を削除してください。"
            )
        ]
    return []


def _changed_purposes(session: Session, company_id: int) -> list[Purpose]:
    shown, written = current(session, company_id), newest(session, company_id)
    if shown is None or written is None:
        return []
    before = {wording.purpose: wording.text for wording in shown.purposes}
    return [wording.purpose for wording in written.purposes if before.get(wording.purpose) != wording.text]


_NEWEST = (
    select(PrivacyText.version, PrivacyText.created_at, PrivacyText.published_at, PrivacyText.sections)
    .order_by(PrivacyText.version.desc())
    .limit(1)
)
_NEWEST_PUBLIC = _NEWEST.where(_IS_PUBLIC)


def _newest(session: Session, company_id: int, which: Select[*tuple[Any, ...]]) -> Row[Any] | None:
    with scopes.company(session, company_id):
        return session.execute(which).one_or_none()


def _read(session: Session, company_id: int, row: Row[Any] | None) -> PrivacyTextVersion | None:
    if row is None:
        return None
    versions = {Purpose(name): version for name, version in row.sections["purposes"].items()}
    wordings = purposes.in_versions(session, company_id, versions)
    return PrivacyTextVersion(
        row.version,
        row.created_at,
        row.published_at,
        tuple(wordings.values()),
        {part: row.sections[part.value] for part in PrivacySection},
    )
