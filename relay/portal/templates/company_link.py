"""The company's own link, for result mails that leave from an ATS, a mail program or on paper."""

from typing import NamedTuple

import segno
from flask import Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from relay.access.permissions import needs
from relay.extensions import db, settings
from relay.models import Company
from relay.network import company_links, matching
from relay.portal import portal
from relay.portal.ui.company import own_company
from relay.text import Sentence
from relay.web import page


class PastePlace(NamedTuple):
    """A program from which result mails leave, and the steps to the text of its template."""

    name: Sentence
    steps: tuple[Sentence, ...]


_OPEN_TEMPLATE = _l("見送りの連絡に使っているテンプレートを開き、本文の最後、署名の前に貼り付けて、保存します。")
_SEND_ONE = _l("自分宛てに1通送り、リンクが開くことを確認します。")
_MAIL_TEMPLATES = _l("「設定」から「メールテンプレート」を開きます。")
_HRMOS = _l("左のメニューの「設定」から、テンプレートの「メール」を開きます。")
PLACES = (
    PastePlace("HERP", (_MAIL_TEMPLATES, _OPEN_TEMPLATE, _SEND_ONE)),
    PastePlace("HRMOS", (_HRMOS, _OPEN_TEMPLATE, _SEND_ONE)),
    PastePlace(_l("ジョブカン"), (_MAIL_TEMPLATES, _OPEN_TEMPLATE, _SEND_ONE)),
    PastePlace("Talentio", (_MAIL_TEMPLATES, _OPEN_TEMPLATE, _SEND_ONE)),
    PastePlace(
        "Gmail",
        (
            _l("「設定」の「詳細」で「テンプレート」を有効にして、変更を保存します（はじめの一度だけ）。"),
            _l("見送りの文面を新しいメールに書き、最後に貼り付けます。"),
            _l("右下の「︙」から「テンプレート」を開き、「下書きをテンプレートとして保存」を選びます。"),
            _SEND_ONE,
        ),
    ),
    PastePlace(
        "Outlook",
        (
            _l("新しいメールに見送りの文面を書き、最後に貼り付けます。"),
            _l("文面を選び、「挿入」の「マイ テンプレート」（またはクイック パーツ）に保存します。"),
            _SEND_ONE,
        ),
    ),
)


@portal.get("/templates/link")
@needs("templates:read")
def company_link() -> Response:
    """Show the link, the sentences to paste with it, and how many registrations it brought that wait."""
    company = own_company()
    url = address(company)
    return page(
        "portal/templates/company_link.html",
        url=url,
        sentence=_sentence(company, url),
        sender_lines=_sender_lines(company),
        picture=segno.make(url, error="m").svg_data_uri(scale=8, border=4, dark="#000000", light="#ffffff"),
        places=PLACES,
        is_open=company_links.is_open(db.session(), company.id),
        complete=bool(company.address and company.contact),
        waiting=matching.waiting(db.session(), company.id),
        step=matching.STEP,
    )


def address(company: Company) -> str:
    """Return the company's link, under the configured base URL (C-21)."""
    return f"{settings().base_url}{url_for('landing.company_link', slug=company.slug)}"


def _sentence(company: Company, url: str) -> str:
    return _(
        "【任意のご案内】\n"
        "%(company)sでは、ご希望の方に、提携する紹介会社・学校への登録をご案内しています。"
        "登録してもしなくても、選考の結果や今後のご応募には影響しません。\n"
        "%(url)s",
        company=company.name,
        url=url,
    )


def _sender_lines(company: Company) -> str:
    """Return what a mail with such an offer must say of its sender (C-4)."""
    return _(
        "送信者：%(company)s\n"
        "住所：%(address)s\n"
        "お問い合わせ・苦情の受付：%(contact)s\n"
        "このようなご案内を希望されないときは、上記へご連絡ください。以後お送りしません。",
        company=company.name,
        address=company.address,
        contact=company.contact,
    )
