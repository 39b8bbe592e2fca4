"""Asking someone for what is missing in their record: a polite text, which HR sends from its own mailbox or reads out.

Relay itself sends nothing here: who has applied once is asked by a person, and answers to that person. Nobody is
written to who wishes to hear no more (C-5).
"""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, urlencode

from flask_babel import gettext as _
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from relay.models import Candidate, Company, Message, MessageState


class RequestedItem(StrEnum):
    """An item that only the person can tell."""

    MAIL = "mail"
    KANA = "kana"
    PHONE = "phone"


@dataclass(frozen=True)
class InformationRequest:
    """The request to one person: for what, in which words, and over which of the two ways."""

    missing: tuple[RequestedItem, ...]
    to: str
    """The address to write to; empty where there is none that is reached, or where nobody may write."""
    stopped: bool
    subject: str
    text: str

    @property
    def mail_link(self) -> str:
        """Return the address of a new mail in one's own mail program (RFC 6068); empty where it would go to nobody."""
        if not self.to or not self.missing:
            return ""
        body = self.text.replace("\n", "\r\n")
        return (
            f"mailto:{quote(self.to, safe='@')}?{urlencode({'subject': self.subject, 'body': body}, quote_via=quote)}"
        )


def write_request(session: Session, candidate: Candidate, company: Company, by: str) -> InformationRequest:
    """Return what the person may be asked for, in the company's scope; `by` is the name of the person who asks."""
    reached = bool(candidate.email) and not _came_back(session, candidate)
    missing = tuple(
        item
        for item, is_known in (
            (RequestedItem.MAIL, reached),
            (RequestedItem.KANA, candidate.kana),
            (RequestedItem.PHONE, candidate.phone),
        )
        if not is_known
    )
    stopped = candidate.contact_stopped_at is not None
    return InformationRequest(
        missing=missing,
        to=candidate.email if reached and not stopped else "",
        stopped=stopped,
        subject=_("ご登録内容の確認のお願い（%(company)s）", company=company.name),
        text=_mail(candidate, company, by, missing) if reached else _spoken(candidate, company, by, missing),
    )


_BOUNCED = (
    select(Message.id)
    .where(
        Message.candidate_id == bindparam("person"),
        Message.to_address == bindparam("address"),
        Message.state == MessageState.BOUNCED,
    )
    .limit(1)
)


def _came_back(session: Session, candidate: Candidate) -> bool:
    return session.scalars(_BOUNCED, {"person": candidate.id, "address": candidate.email}).first() is not None


def _mail(candidate: Candidate, company: Company, by: str, missing: tuple[RequestedItem, ...]) -> str:
    lines = [
        _("%(name)s 様", name=candidate.name),
        "",
        _("%(company)sで採用を担当している%(by)sです。", company=company.name, by=by),
        _("当社の求人にご応募いただき、ありがとうございました。"),
        "",
        _("お預かりしているご登録内容のうち、次の項目が空欄になっています。"),
        _("差し支えなければ、このメールへの返信でお知らせいただけますでしょうか。"),
        "",
        *(f"・{_words(item)}" for item in missing),
        "",
        _("お答えいただかなくても、選考や結果の扱いが変わることはありません。"),
        _("お預かりしている情報の確認や削除をご希望の場合も、このメールにご返信ください。"),
        "",
        *(line for line in (company.name, company.address, company.contact) if line),
    ]
    return "\n".join(lines)


def _spoken(candidate: Candidate, company: Company, by: str, missing: tuple[RequestedItem, ...]) -> str:
    return "\n".join(
        [
            _(
                "%(company)sで採用を担当している%(by)sと申します。%(name)s様でいらっしゃいますか。",
                company=company.name,
                by=by,
                name=candidate.name,
            ),
            _("ご応募いただいた際のご登録内容を確認したく、ご連絡しました。"),
            _("差し支えなければ、次のことを教えていただけますか。"),
            "",
            *(f"・{_words(item)}" for item in missing),
            "",
            _("お答えいただかなくても、選考や結果の扱いが変わることはありません。"),
        ]
    )


def _words(item: RequestedItem) -> str:
    words = {
        RequestedItem.MAIL: _("連絡のつくメールアドレス"),
        RequestedItem.KANA: _("お名前のフリガナ"),
        RequestedItem.PHONE: _("日中につながる電話番号"),
    }
    return str(words[item])
