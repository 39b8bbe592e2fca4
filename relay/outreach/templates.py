"""A company's texts for the mails it words itself: the result, and 再スカウト.

Saving makes a version; sent mails go on referring to theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.mail import letters
from relay.models import EventTag, MailTemplate, MailTemplateVersion, event_data, record, scopes
from relay.models.prepared import read
from relay.outreach import letter, placeholders, rescout_letter, standard, wording
from relay.outreach.wording import Findings
from relay.text import clean, clean_block
from relay.text.sentence import Sentence

RESULT, RESCOUT = letter.NAME, rescout_letter.NAME
KNOWN = {RESULT: placeholders.KNOWN, RESCOUT: placeholders.OFFERING}
"""The letters that have templates, and what theirs can be filled with."""
MAX_NAME = 60

_STAGES = {
    "書類": ("書類", "エントリー", "応募", "スクリーニング"),
    "面接": ("面接", "面談", "最終", "役員"),
}
"""What a template's name says, and the words of a stage it suits."""
_SHORT = ("簡潔", "短く")
"""The name of the standard template for any stage, and the one it had in companies set up earlier."""


@dataclass(frozen=True)
class TemplateText:
    """A template as lists and choices need it, with its newest wording."""

    id: int
    name: str
    version_id: int
    version: int
    subject: str
    body: str
    saved_at: datetime
    archived_at: datetime | None
    letter: str

    @property
    def called(self) -> Sentence:
        """Return what a mail by this text is called where it tells no result, else ''."""
        return letters.find(self.letter).called


class NameTaken(DomainError):
    """Raise where another template of the company, archived ones included, has the name."""

    code = "template-name-taken"

    def __init__(self, name: str) -> None:
        super().__init__(
            _l(
                "「%(name)s」という名前のテンプレートがすでにあります（使わなくなったものも含みます）。"
                "別の名前にしてください。",
                name=name,
            )
        )


class TemplateNameMissing(DomainError):
    """Raise for a template without a name."""

    code = "template-name-missing"
    message = _l("テンプレートの名前を入力してください。")


class TextRefused(DomainError):
    """Raise where the text holds what a mail may not; `findings` names each."""

    code = "template-text-refused"
    message = _l("この文面は、このままでは保存できません。")

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        super().__init__()


class TextDoubted(DomainError):
    """Raise where the text needs a second look, until it is confirmed; `findings` names each."""

    code = "template-text-doubted"
    message = _l("保存する前に、文面の気になる点を確認してください。")

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        super().__init__()


class TemplateChangedMeanwhile(DomainError):
    """Raise where another version was saved since the page was opened."""

    code = "template-changed"
    message = _l(
        "編集しているあいだに、ほかの方がこのテンプレートを保存しました。いまの入力は残してあります。"
        "新しい文面と見比べてから、もう一度保存してください。"
    )


def install_defaults(session: Session, company_id: int, by_user_id: int | None = None) -> None:
    """Give a new company the standard texts; a company that has templates keeps what it has."""
    with scopes.company(session, company_id):
        if session.scalars(select(MailTemplate.id).limit(1)).first() is not None:
            return
        for text in (*standard.TEXTS, standard.RESCOUT):
            create(
                session,
                which=RESCOUT if text is standard.RESCOUT else RESULT,
                name=text.name,
                subject=text.subject,
                body=text.body,
                by_user_id=by_user_id,
                confirmed=True,
            )


def create(
    session: Session,
    *,
    name: str,
    subject: str,
    body: str,
    by_user_id: int | None,
    confirmed: bool = False,
    which: str = RESULT,
) -> MailTemplate:
    """Make a template of a letter with its first version, in the company's scope.

    Raises TemplateNameMissing, NameTaken, TextRefused, and TextDoubted unless `confirmed`.
    """
    name = _free_name(session, name)
    subject, body = _checked(which, subject, body, confirmed)
    template = MailTemplate(letter=which, name=name, created_at=clock.now())
    session.add(template)
    session.flush()
    _add_version(session, template, 1, subject, body, by_user_id)
    return template


def save(
    session: Session,
    template: MailTemplate,
    *,
    name: str,
    subject: str,
    body: str,
    by_user_id: int | None,
    seen_version: int | None = None,
    confirmed: bool = False,
) -> TemplateText:
    """Keep a change as the next version; the same text again makes none.

    Raises TemplateNameMissing, NameTaken, TextRefused, TextDoubted unless `confirmed`, and TemplateChangedMeanwhile
    when `seen_version` is no longer the newest.
    """
    session.execute(select(MailTemplate.id).where(MailTemplate.id == template.id).with_for_update())
    newest = current(session, template.id)
    assert newest is not None
    if seen_version is not None and seen_version != newest.version:
        raise TemplateChangedMeanwhile
    name = _free_name(session, name, but=template.id)
    subject, body = _checked(template.letter, subject, body, confirmed)
    template.name = name
    if (subject, body) != (newest.subject, newest.body):
        _add_version(session, template, newest.version + 1, subject, body, by_user_id)
    session.flush()
    saved = current(session, template.id)
    assert saved is not None
    return saved


def archive(session: Session, template: MailTemplate) -> None:
    """Take a template out of the choices; mails that refer to it are untouched. Twice is harmless."""
    template.archived_at = template.archived_at or clock.now()
    _note(session, template, event_data.TemplateSaved(archived=True))


def restore(session: Session, template: MailTemplate) -> None:
    """Offer an archived template again."""
    template.archived_at = None
    _note(session, template, event_data.TemplateSaved(archived=False))


def listed(session: Session) -> Sequence[TemplateText]:
    """Return every template with its newest wording: those in use first, each group in order of making."""
    return [TemplateText(*row) for row in read(session, _all())]


def choices(session: Session, which: str = RESULT) -> Sequence[TemplateText]:
    """Return the templates a result, or a mail of another such letter, can be written with."""
    return [TemplateText(*row) for row in read(session, _offered(), letter=which)]


def current(session: Session, template_id: int) -> TemplateText | None:
    """Return one template with its newest wording."""
    found = read(session, _one(), template=template_id)
    return TemplateText(*found[0]) if found else None


def fitting(offered: Sequence[TemplateText], stage: str) -> TemplateText | None:
    """Return the text to begin with for someone who got as far as `stage`; a person still chooses.

    By name: for documents, for interviews, and where the stage does not say which, the short one. Thanking a person
    for an interview that never was is the mistake this avoids.
    """
    wanted = next(((name,) for name, words in _STAGES.items() if any(word in stage for word in words)), _SHORT)
    suits = (text for text in offered if any(name in text.name for name in wanted))
    return next(suits, offered[0] if offered else None)


@cache  # tricks: portal.templates
def _all() -> Select[*tuple[Any, ...]]:
    return _newest().order_by(MailTemplate.archived_at.is_not(None), MailTemplate.id)


@cache  # tricks: portal.result_draft
def _offered() -> Select[*tuple[Any, ...]]:
    offered = _newest().where(MailTemplate.archived_at.is_(None), MailTemplate.letter == bindparam("letter"))
    return offered.order_by(MailTemplate.id)


@cache  # tricks: portal.template
def _one() -> Select[*tuple[Any, ...]]:
    return _newest().where(MailTemplate.id == bindparam("template"))


def _newest() -> Select[*tuple[Any, ...]]:
    newest = (
        select(MailTemplateVersion.template_id, func.max(MailTemplateVersion.version).label("version"))
        .group_by(MailTemplateVersion.template_id)
        .subquery()
    )
    return (
        select(
            MailTemplate.id,
            MailTemplate.name,
            MailTemplateVersion.id,
            MailTemplateVersion.version,
            MailTemplateVersion.subject,
            MailTemplateVersion.body,
            MailTemplateVersion.created_at,
            MailTemplate.archived_at,
            MailTemplate.letter,
        )
        .join(MailTemplateVersion, MailTemplateVersion.template_id == MailTemplate.id)
        .join(
            newest,
            (newest.c.template_id == MailTemplateVersion.template_id)
            & (newest.c.version == MailTemplateVersion.version),
        )
        .where(MailTemplate.letter.in_(KNOWN))
    )


def _free_name(session: Session, typed: str, but: int | None = None) -> str:
    name = clean(typed)[:MAX_NAME]
    if not name:
        raise TemplateNameMissing
    taken = select(MailTemplate.id).where(MailTemplate.name == name)
    if but is not None:
        taken = taken.where(MailTemplate.id != but)
    with session.no_autoflush:
        if session.scalars(taken.limit(1)).first() is not None:
            raise NameTaken(name)
    return name


def _checked(which: str, subject: str, body: str, confirmed: bool) -> tuple[str, str]:
    subject = placeholders.canonical(clean(subject))
    body = placeholders.canonical(clean_block(body))
    findings = wording.check(subject, body, KNOWN[which])
    if findings.refusals:
        raise TextRefused(findings)
    if findings.warnings and not confirmed:
        raise TextDoubted(findings)
    return subject, body


def _add_version(
    session: Session, template: MailTemplate, version: int, subject: str, body: str, by_user_id: int | None
) -> None:
    session.add(
        MailTemplateVersion(
            template_id=template.id,
            version=version,
            subject=subject,
            body=body,
            created_at=clock.now(),
            by_user_id=by_user_id,
        )
    )
    session.flush()
    _note(session, template, event_data.TemplateSaved(version=version))


def _note(session: Session, template: MailTemplate, data: event_data.TemplateSaved) -> None:
    record(
        session,
        EventTag.TEMPLATE_SAVED,
        company_id=template.company_id,
        subject=("template", template.id),
        data=data,
    )
