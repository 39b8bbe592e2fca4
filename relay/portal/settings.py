"""Settings of the company: how it names itself, when mails leave, whether it relays; who signs in; its partners."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Response, abort, flash, render_template, request, url_for
from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access import needs, signed_in
from relay.errors import DomainError
from relay.extensions import db
from relay.identity import companies, users
from relay.identity.roles import WORDS
from relay.mail import preview_links
from relay.mail.compose import Sender
from relay.models import Company, Partner, PartnerKind, Partnership
from relay.network.partners import in_good_standing
from relay.portal import portal
from relay.portal.settings_form import CompanyForm
from relay.web import done, page


@dataclass(frozen=True)
class Tie:
    """A partner as the settings show it; `troubles` say why candidates are not shown it."""

    name: str
    kind: PartnerKind
    license_number: str | None
    license_until: date | None
    checked_on: date | None
    since: date
    shown: bool
    troubles: list[str]


@portal.get("/settings/company")
@needs("settings:read")
def settings_company() -> Response:
    """How the company names itself, and the lines its mails end with."""
    company = _company()
    return _company_page(CompanyForm(None, obj=company), company)


@portal.post("/settings/company")
@needs("settings:write")
def settings_company_post() -> AnyResponse:
    """Change the company's particulars."""
    company, form = _company(), CompanyForm()
    if not form.validate():
        return _company_page(form, company, status=422)
    try:
        companies.describe(db.session(), company, form.facts())
    except DomainError as refused:
        form.form_errors.append(str(refused))
        return _company_page(form, company, status=422)
    db.session.commit()
    flash(_("会社の情報を保存しました。"))
    return done(None, go_to=url_for("portal.settings_company"))


@portal.post("/settings/relay")
@needs("settings:write")
def settings_relay() -> AnyResponse:
    """Turn the relay on or off for everybody; there is no switch per person (0.3)."""
    if (wanted := request.form.get("on")) not in {"0", "1"}:
        abort(400)
    on = wanted == "1"
    companies.switch_relay(db.session(), _company(), on=on)
    db.session.commit()
    flash(_("リレーのご案内を始めました。") if on else _("リレーのご案内を止めました。"))
    return done(None, go_to=url_for("portal.settings_company"))


@portal.get("/settings/members")
@needs("settings:read")
def settings_members() -> Response:
    """Who signs in, and as what."""
    rows = users.members(db.session(), _company())
    return page(
        "portal/settings/members.html",
        members=rows,
        words=WORDS,
        long_date=long_date,
        nav_active="settings",
        views=_views("members"),
    )


@portal.get("/settings/partners")
@needs("settings:read")
def settings_partners() -> Response:
    """With whom the company relays, and whether candidates are shown them."""
    return page(
        "portal/settings/partners.html",
        ties=_ties(),
        long_date=long_date,
        nav_active="settings",
        views=_views("partners"),
    )


def long_date(day: date | datetime | None) -> str:
    """2026年11月21日, in Japan; nothing for no day."""
    if isinstance(day, datetime):
        return format_date(day.astimezone(clock.JAPAN).date(), "long")
    return format_date(day, "long") if day else ""


def _company() -> Company:
    company_id = signed_in().company_id
    assert company_id is not None
    return companies.by_id(db.session(), company_id)


def _company_page(form: CompanyForm, company: Company, status: int = 200) -> Response:
    return page(
        "portal/settings/company.html",
        status=status,
        form=form,
        company=company,
        footer=_mail_footer(company),
        nav_active="settings",
        views=_views("company"),
    )


def _mail_footer(company: Company) -> str:
    """The last lines of a mail, from the layout that mails are written on; its link is a dead sample."""
    sender = Sender(company.name, company.address, company.contact, company.reply_to)
    lines = render_template("mail/_layout.txt", sender=sender, stops=company.relay_enabled, **preview_links.all_of())
    return lines.strip()


def _views(current: str) -> list[dict[str, Any]]:
    words = {"company": _("会社の情報"), "members": _("ユーザー"), "partners": _("提携先")}
    return [
        {"url": url_for(f"portal.settings_{name}"), "label": word, "current": name == current}
        for name, word in words.items()
    ]


def _ties() -> list[Tie]:
    wanted = (
        select(Partner, Partnership.accepted_on, in_good_standing())
        .join(Partnership, Partnership.partner_id == Partner.id)
        .where(Partnership.ended_at.is_(None))
        .order_by(Partnership.accepted_on, Partnership.id)
    )
    return [
        Tie(
            name=partner.name,
            kind=partner.kind,
            license_number=partner.license_number,
            license_until=partner.license_until,
            checked_on=partner.checked_on,
            since=since,
            shown=bool(shown),
            troubles=[] if shown else _troubles(partner),
        )
        for partner, since, shown in db.session.execute(wanted)
    ]


def _troubles(partner: Partner) -> list[str]:
    agency = partner.kind is PartnerKind.AGENCY
    found = [
        (partner.suspended_at is not None, _("一時停止中です")),
        (agency and partner.checked_on is None, _("許可の確認が済んでいません（形式のみ確認）")),
        (not agency and partner.checked_on is None, _("内容の確認が済んでいません")),
        (agency and (partner.license_until or date.max) < clock.today(), _("許可の期限が切れています")),
        (not partner.address, _("住所が登録されていません")),
        (not partner.representative, _("代表者の氏名が登録されていません")),
    ]
    return [sentence for so, sentence in found if so]
