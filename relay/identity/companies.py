"""Companies: opened at the first start or on the command line, described as they name themselves to candidates."""

import re
from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.identity import installation
from relay.mail import servers
from relay.models import Company, EventTag, ResultsFrom, event_data, record, scopes
from relay.text import clean, normalise_mail
from relay.text.address import mail_sentence

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SLUG_LENGTH = 60
MAX_DELAY = 60
LENGTHS = {"name": 200, "address": 300, "representative": 100, "contact": 200}
ATS_NAME_LENGTH = 60
ANYBODYS = frozenset(
    "gmail googlemail yahoo ymail icloud me mac outlook hotmail live msn docomo ezweb au softbank i.softbank rakuten "
    "nifty biglobe ocn so-net plala dion infoseek excite goo aol proton protonmail zoho mail".split()
)
"""Domains of free mail providers; they say nothing about a company."""
ORGANISED = frozenset("co ne or ac ad go gr ed lg com net org".split())
"""Second levels that stand for a kind of organisation: the name comes before them."""
NAMELESS = "company"


class CompanyUnknown(DomainError):
    """Raise where no company has this slug."""

    code = "company-unknown"


class SlugRefused(DomainError):
    """Raise where the slug is taken, fixed, or cannot be part of an address."""

    code = "company-slug-refused"


class CompanyRefused(DomainError):
    """Raise where the company's details cannot be saved; the message says why."""

    code = "company-refused"


@dataclass(frozen=True)
class CompanyDetails:
    """The particulars of a company; all of them appear in mails and on candidates' pages (A-6, A-18, C-4)."""

    name: str
    address: str = ""
    representative: str = ""
    contact: str = ""
    reply_to: str = ""


@dataclass(frozen=True)
class SendingRule:
    """When result mails of a company leave."""

    send_delay_minutes: int = 10
    daytime_only: bool = True
    day_after_application: bool = True


def by_slug(session: Session, slug: str) -> Company:
    """Return the company of this slug. Raises CompanyUnknown."""
    company = session.scalars(select(Company).where(Company.slug == slug)).one_or_none()
    if company is None:
        raise CompanyUnknown(_("「%(slug)s」という企業はありません。", slug=slug))
    return company


_BY_ID = select(Company).where(Company.id == bindparam("company"))


@scopes.in_company
def by_id(session: Session, company_id: int) -> Company:
    """Return the company of this id, which a scope or a row has already named."""
    return session.scalars(_BY_ID, {"company": company_id}).one()


def create_company(
    session: Session, slug: str, facts: CompanyDetails, *, live: bool = False, demo: bool = False
) -> Company:
    """Open a company, which practises until it goes live. The first one answers for the installation (0.4).

    Raises SlugRefused when the slug is taken or malformed, NoInstallationServer for a second company whose logins
    nothing safe would carry (C-24), CompanyRefused for the rest.
    """
    _check_free(session, slug)
    if session.scalars(select(Company.id).limit(1)).first() is not None:
        servers.check_installation(session)
    moment = clock.now()
    company = Company(
        slug=slug,
        demo=demo,
        created_at=moment,
        live_since=moment if live else None,
        runs_installation=_nobody_runs_it(session, demo=demo),
        **asdict(_checked(facts)),
    )
    if company.runs_installation and not demo:
        _take_over_from_demo(session)
    session.add(company)
    session.flush()
    record(session, EventTag.COMPANY_CREATED, company_id=company.id, subject=("company", company.id))
    return company


def describe(session: Session, company: Company, facts: CompanyDetails) -> None:
    """Change what the company says about itself; the log names the changed fields. Raises CompanyRefused.

    Saying the same again changes and logs nothing.
    """
    _change(session, company, asdict(_checked(facts)))


def set_sending_rule(session: Session, company: Company, rule: SendingRule) -> None:
    """Change when result mails leave; the log names the changed fields. Raises CompanyRefused.

    Mails already waiting keep the time they were given.
    """
    if not 0 <= rule.send_delay_minutes <= MAX_DELAY:
        raise CompanyRefused(_("送信までの時間は0分から%(n)s分の間にしてください。", n=MAX_DELAY))
    _change(session, company, asdict(rule))


def set_reapply_months(session: Session, company: Company, months: int | None) -> None:
    """Set how many months after their last result people are listed for positions again; None for no such rule."""
    _change(session, company, {"reapply_months": months})


def move_to(session: Session, company: Company, slug: str) -> None:
    """Give the company another name in addresses, while it practises: later, links in mails would lead to a stranger.

    Raises SlugRefused when the slug is taken or malformed, or the company is live.
    """
    if slug != company.slug:
        if company.live_since is not None:
            raise SlugRefused(
                _(
                    "本番の送信を始めたあとは、公開ページのアドレスを変更できません。送ったメールのリンクが使えなくなるためです。"
                )
            )
        _check_free(session, slug)
        _change(session, company, {"slug": slug})


def set_results_from(session: Session, company: Company, where: ResultsFrom | None, ats_name: str = "") -> None:
    """Note where the company tells results from today; the name of its system only where it uses one."""
    name = clean(ats_name)[:ATS_NAME_LENGTH] if where is ResultsFrom.ATS else ""
    _change(session, company, {"results_from": where, "ats_name": name})


def switch_relay(session: Session, company: Company, *, on: bool) -> None:
    """Turn the relay on or off for the whole company; logged, and without any switch per person (0.3)."""
    if company.relay_enabled == on:
        return
    company.relay_enabled = on
    record(
        session,
        EventTag.RELAY_SWITCHED,
        company_id=company.id,
        subject=("company", company.id),
        data=event_data.RelaySwitch(on=on),
    )


def check_slug(slug: str) -> None:
    """Raise SlugRefused unless the slug can be part of an address: a-z, 0-9 and single hyphens."""
    if not SLUG.fullmatch(slug) or len(slug) > SLUG_LENGTH:
        raise SlugRefused(
            _(
                "アドレスに使う名前は、英小文字・数字・ハイフンで、%(n)s文字までにしてください（例：sample-kogyo）。",
                n=SLUG_LENGTH,
            )
        )


def suggest_slug(session: Session, email: str) -> str:
    """Return a free slug from the domain of a company's mail address: saiyo@midori.co.jp gives midori."""
    label = _naming_label(email.rpartition("@")[2])
    name = "-".join(re.findall(r"[a-z0-9]+", label))[: SLUG_LENGTH - 4].strip("-")
    if not name or name in ANYBODYS or name in ORGANISED:
        name = NAMELESS
    taken = set(session.scalars(select(Company.slug).where(Company.slug.startswith(name)).limit(1000)))
    return next(slug for n in range(1, 1002) if (slug := f"{name}-{n}" if n > 1 else name) not in taken)


def is_anybodys(domain: str) -> bool:
    """Return whether anybody gets an address at this mail domain, so that it says nothing about a company."""
    return _naming_label(domain) in ANYBODYS


def _naming_label(domain: str) -> str:
    """Return the label of a domain that names its owner: midori of midori.co.jp."""
    labels = domain.lower().split(".")[:-1]
    while len(labels) > 1 and labels[-1] in ORGANISED:
        labels.pop()
    return labels[-1] if labels else ""


def _check_free(session: Session, slug: str) -> None:
    check_slug(slug)
    if session.scalars(select(Company.id).where(Company.slug == slug)).one_or_none() is not None:
        raise SlugRefused(_("「%(slug)s」は、すでに別の企業が使っています。", slug=slug))


def _change(session: Session, company: Company, wanted: dict[str, Any]) -> None:
    """Set what differs, and log the names of the fields alone."""
    changed = [name for name, value in wanted.items() if getattr(company, name) != value]
    for name in changed:
        setattr(company, name, wanted[name])
    if changed:
        record(
            session,
            EventTag.COMPANY_CHANGED,
            company_id=company.id,
            subject=("company", company.id),
            data=event_data.FieldsChanged(fields=tuple(changed)),
        )


def _nobody_runs_it(session: Session, *, demo: bool) -> bool:
    """Return whether no company answers for the installation yet; the demo is never in a real company's way."""
    answering = select(Company.id).where(Company.runs_installation)
    if not demo:
        answering = answering.where(Company.demo.is_(False))
    return session.scalars(answering.limit(1)).first() is None


def _take_over_from_demo(session: Session) -> None:
    """Take the installation over from the demo: its answer about the law is no real operator's."""
    demo = update(Company).where(Company.demo, Company.runs_installation).values(runs_installation=False)
    if session.execute(demo.returning(Company.id)).all():
        installation.forget(session)


def _checked(facts: CompanyDetails) -> CompanyDetails:
    mail = normalise_mail(facts.reply_to)
    if mail.fault is not None and not mail.value:
        raise CompanyRefused(mail_sentence(mail.fault, facts.reply_to))
    words = {name: clean(getattr(facts, name)) for name in LENGTHS}
    if not words["name"]:
        raise CompanyRefused(_("正式名称を入力してください。"))
    for name, longest in LENGTHS.items():
        if len(words[name]) > longest:
            start = words[name][:10]
            raise CompanyRefused(_("「%(start)s…」は長すぎます。%(n)s文字までにしてください。", start=start, n=longest))
    return CompanyDetails(reply_to=mail.value, **words)
