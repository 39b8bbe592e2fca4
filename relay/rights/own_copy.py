"""The copy that a registered person takes of everything stored about them: profile, consents, records, mails (A-31).

Each table that holds rows of a person is declared here, column by column, with the words a person reads; what is left
out says why. Rows leave as they are read. After a replaced number the copy begins with it, like the page (C-25).
What companies keep of an applicant is theirs to disclose, and is none of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from relay.mail import compose
from relay.models import (
    Company,
    Consent,
    ConsentWithdrawal,
    EndedReference,
    Message,
    MessageState,
    MistakenInvitation,
    OpeningsConsent,
    Outcome,
    OutcomeConsent,
    OutcomeKind,
    Pin,
    Profile,
    ProvisionRecord,
    RelatedConsent,
    RelatedProvision,
    Share,
    scopes,
)
from relay.network import partner_records
from relay.network.granting import visible_since
from relay.network.profiles import ITEMS
from relay.text import Sentence

WORDS: Mapping[str, Sentence] = {
    **ITEMS,
    **{each.value: each.label for each in OutcomeKind},
    "made_available": _l("見えるようになった"),
    "viewed": _l("登録先が開いた"),
    "exported": _l("登録先がファイルに書き出した"),
    "read_by_api": _l("登録先のシステムが自動で読み取った"),
    "own-page": _l("ご本人が取り消した"),
    "stopped-all": _l("ご本人がすべて停止した"),
    "items-changed": _l("ご本人が伝える項目を変更した"),
    "purpose-changed": _l("ご本人が利用目的を変更した"),
    "partnership-ended": _l("提携が終わった"),
    "another-person": _l("登録先が別の法人に変わった"),
    "taken-back": _l("ご本人が取り消した"),
    "heard": _l("ご本人のお申し出を企業が記録した"),
    "removed": _l("関連会社の一覧から外れた"),
    "applications": _l("応募した求人と応募日"),
    "address": _l("住所"),
    "representative": _l("代表者"),
    "contact": _l("問い合わせ先"),
    "corporate_number": _l("法人番号"),
    "introduce-jobs": _l("求人の紹介"),
    "present-courses": _l("講座・コースの案内"),
    "present-courses introduce-jobs": _l("講座・コースの案内と、求人の紹介"),
    "scheduled": _l("これから送る"),
    "sending": _l("送っている"),
    "sent": _l("送った"),
    "failed": _l("届いていない"),
    "bounced": _l("届いていない"),
    "cancelled": _l("送らなかった"),
    "suppressed": _l("送らなかった"),
    "kept": _l("あります"),
    "kept-until-erased": _l("消去を待っています（登録先も見られません）"),
}
"""How a person reads the closed words of these tables."""
FORMAT = "relay-own-copy-1"
OWN_COPY = "own page: what the person takes along, also of what they told companies and of mails of no company"
ROWS_AT_ONCE = 200
OURS = "a number of this installation, which names a row and nothing else"
_BY_NAME = "a number of this installation; the name stands beside it"
_SECRET = "would help to open the page, or to tell who was erased"  # noqa: S105  (no secret)
_OF_SENDING = "how far the worker was with a mail, and nothing of the person"


@dataclass(frozen=True)
class CopiedList:
    """A list in the copy that is no table: its name in the JSON, its heading, and the labels of what a row holds."""

    name: str
    heading: Sentence
    labels: Mapping[str, Sentence]


@dataclass(frozen=True)
class CopiedTable:
    """A table in the copy: its rows since a moment, the columns with their labels, and why others are left out."""

    model: Any
    heading: Sentence
    labels: Mapping[str, Sentence]
    left_out: Mapping[str, str]
    since: str = ""
    """The column that says since when a row is shown; by its consent where empty and the table has one."""
    companies: str = ""
    """The column that names a company by its number; the copy gives the name, as `company`."""

    @property
    def name(self) -> str:
        """Return the name of the table, which is its key in the JSON."""
        return str(self.model.__tablename__)


TABLES = (
    CopiedTable(
        Profile,
        _l("登録内容"),
        {
            "code": _l("照会番号"),
            "name": _l("氏名"),
            "kana": _l("フリガナ"),
            "email": _l("メールアドレス"),
            "phone": _l("電話番号"),
            "desired_role": _l("希望職種"),
            "place": _l("希望勤務地"),
            "experience": _l("これまでの経験"),
            "locale": _l("言語"),
            "created_at": _l("登録した日時"),
            "updated_at": _l("最後に変わった日時"),
            "last_confirmed_at": _l("ご本人が内容を最後に確認した日時"),
            "confirm_by": _l("内容の確認をお願いしている期限"),
            "paused_until": _l("休止の最後の日"),
            "erase_at": _l("消去の予定"),
            "unshared_since": _l("登録先に伝えていない変更があるのは"),
            "visible_since": _l("この日時より前の内容は含みません"),
        },
        {
            "id": OURS,
            "email_key": "the address in the form in which it is looked for",
            "phone_key": "the telephone number in the form in which it is looked for",
            "erasure_key": _SECRET,
            "hidden_items": "which items `visible_since` leaves out",
        },
    ),
    CopiedTable(
        Pin,
        _l("暗証番号"),
        {
            "chosen_at": _l("決めた日時"),
            "wrong_in_a_row": _l("続けて違った回数"),
            "wrong_in_all": _l("違った回数"),
            "locked_until": _l("受け付けない期限"),
        },
        {"id": OURS, "profile_id": OURS, "hash": _SECRET},
        since="chosen_at",
    ),
    CopiedTable(
        Consent,
        _l("同意"),
        {
            "partner_name": _l("登録先"),
            "given_at": _l("同意した日時"),
            "until": _l("期限"),
            "purpose": _l("利用目的"),
            "items": _l("項目"),
            "facts": _l("同意の時点の内容"),
            "withheld": _l("伝えないことにした項目"),
            "wording_version": _l("同意文の版"),
            "wording": _l("同意文"),
            "wording_hash": _l("同意文のSHA-256"),
            "legal_identity": _l("登録先の法人番号または許可番号"),
            "locale": _l("言語"),
            "ip": _l("通信元のネットワーク"),
            "agent": _l("ブラウザー"),
            "company": _l("案内を送った企業"),
        },
        {
            "id": OURS,
            "profile_id": OURS,
            "partner_id": _BY_NAME,
            "via_company_id": _BY_NAME,
            "via_relay_link_id": OURS,
            "via_token_id": OURS,
        },
        since="given_at",
        companies="via_company_id",
    ),
    CopiedTable(
        ConsentWithdrawal,
        _l("同意の終わり"),
        {"partner_name": _l("登録先"), "given_at": _l("同意した日時"), "at": _l("終わった日時"), "way": _l("終わり方")},
        {"id": OURS, "profile_id": OURS, "partner_id": _BY_NAME, "consent_id": "its day and partner stand beside it"},
    ),
    CopiedTable(
        Share,
        _l("いまの提供"),
        {
            "partner_name": _l("登録先"),
            "given_at": _l("同意した日時"),
            "since": _l("提供を始めた日時"),
            "until": _l("提供の期限"),
            "company": _l("案内を送った企業"),
        },
        {
            "id": OURS,
            "profile_id": OURS,
            "partner_id": _BY_NAME,
            "company_id": _BY_NAME,
            "relay_link_id": OURS,
            "consent_id": "its day and partner stand beside it",
        },
        companies="company_id",
    ),
    CopiedTable(
        OpeningsConsent,
        _l("応募先の企業からのお知らせへの同意"),
        {
            "company": _l("企業"),
            "given_at": _l("同意した日時"),
            "ended_at": _l("終わった日時"),
            "wording_version": _l("同意文の版"),
            "wording": _l("同意文"),
            "wording_hash": _l("同意文のSHA-256"),
            "locale": _l("言語"),
            "ip": _l("通信元のネットワーク"),
            "agent": _l("ブラウザー"),
        },
        {
            "id": OURS,
            "company_id": _BY_NAME,
            "candidate_id": OURS,
            "relay_link_id": OURS,
            "profile_id": OURS,
            "basis_before": "why the company kept the application before; the company's to disclose",
        },
        since="given_at",
        companies="company_id",
    ),
    CopiedTable(
        RelatedConsent,
        _l("関連会社に知らせることへの同意"),
        {
            "company": _l("企業"),
            "recipient": _l("関連会社"),
            "items": _l("項目"),
            "given_at": _l("同意した日時"),
            "ended_at": _l("終わった日時"),
            "ended_by": _l("終わり方"),
            "wording_version": _l("同意文の版"),
            "wording": _l("同意文"),
            "wording_hash": _l("同意文のSHA-256"),
            "locale": _l("言語"),
            "ip": _l("通信元のネットワーク"),
            "agent": _l("ブラウザー"),
        },
        {
            "id": OURS,
            "company_id": _BY_NAME,
            "candidate_id": OURS,
            "profile_id": OURS,
            "related_company_id": _BY_NAME,
        },
        since="given_at",
        companies="company_id",
    ),
    CopiedTable(
        Outcome,
        _l("その後のこと（伝えた方と日時）"),
        {
            "partner_name": _l("伝えた紹介会社・学校（空欄はご本人）"),
            "kind": _l("内容"),
            "so": _l("あったこと（いいえは、取り消しか「違います」）"),
            "at": _l("伝えられた日時"),
        },
        {
            "id": OURS,
            "profile_id": OURS,
            "partner_id": _BY_NAME,
            "by_user_id": "who of the partner's people said it: the partner's to disclose",
        },
        since="at",
    ),
    CopiedTable(
        OutcomeConsent,
        _l("その後のことを企業に知らせることへの同意"),
        {
            "company": _l("企業"),
            "given_at": _l("同意した日時"),
            "ended_at": _l("終わった日時"),
            "wording_version": _l("同意文の版"),
            "wording": _l("同意文"),
            "wording_hash": _l("同意文のSHA-256"),
            "locale": _l("言語"),
            "ip": _l("通信元のネットワーク"),
            "agent": _l("ブラウザー"),
        },
        {"id": OURS, "company_id": _BY_NAME, "candidate_id": OURS, "profile_id": OURS},
        since="given_at",
        companies="company_id",
    ),
    CopiedTable(
        RelatedProvision,
        _l("関連会社に伝えた記録"),
        {
            "at": _l("日時"),
            "person_name": _l("氏名"),
            "items": _l("項目"),
            "consented_at": _l("同意した日時"),
            "company_snapshot": _l("提供元"),
            "recipient": _l("提供先"),
            "keep_until": _l("保管の期限"),
        },
        {
            "id": OURS,
            "company_id": _BY_NAME,
            "candidate_id": OURS,
            "profile_id": OURS,
            "consent_id": "its day stands beside it",
            "user_id": "who of the company's people took the file: the company's to disclose",
        },
        since="consented_at",
    ),
    CopiedTable(
        MistakenInvitation,
        _l("誤って送られた案内についての質問"),
        {"company": _l("企業"), "asked_at": _l("おたずねした日時"), "answered_at": _l("お答えになった日時")},
        {"id": OURS, "profile_id": OURS, "company_id": _BY_NAME, "relay_link_id": OURS},
        since="asked_at",
        companies="company_id",
    ),
    CopiedTable(
        ProvisionRecord,
        _l("情報の提供と閲覧の記録"),
        {
            "kind": _l("種類"),
            "at": _l("日時"),
            "person_name": _l("氏名"),
            "person_code": _l("照会番号"),
            "items": _l("項目"),
            "consented_at": _l("同意した日時"),
            "company_snapshot": _l("提供元"),
            "partner_snapshot": _l("提供先"),
            "keep_until": _l("保管の期限"),
        },
        {
            "id": OURS,
            "profile_id": OURS,
            "partner_id": _BY_NAME,
            "consent_id": "its day stands beside it",
            "company_id": _BY_NAME,
            "user_id": "who of the partner's people looked: the partner's to disclose",
            "api_key_id": "which of the partner's programs read it: the partner's to disclose",
        },
        since="consented_at",
    ),
    CopiedTable(
        EndedReference,
        _l("終わった同意と、登録先による消去の回答"),
        {
            "partner_name": _l("登録先"),
            "person_code": _l("照会番号"),
            "registered_at": _l("登録した日時"),
            "ended_at": _l("終わった日時"),
            "deleted_at": _l("登録先が、保存した情報を消去したと答えた日時"),
            "keep_until": _l("保管の期限"),
        },
        {
            "id": OURS,
            "profile_id": OURS,
            "partner_id": _BY_NAME,
            "deleted_by_user_id": "who of the partner's people answered: the partner's to disclose",
        },
        since="registered_at",
    ),
    CopiedTable(
        Message,
        _l("お送りしたメール"),
        {
            "subject": _l("件名"),
            "to_address": _l("宛先"),
            "created_at": _l("用意した日時"),
            "settled_at": _l("送った日時"),
            "state": _l("状態"),
            "last_error": _l("届かなかった理由"),
        },
        {
            "id": OURS,
            "company_id": "empty: mails to registered people belong to no company",
            "candidate_id": "empty: mails to registered people are about no application",
            "profile_id": OURS,
            "letter": "the kind of mail, which its subject says",
            "mail_class": "the kind of mail, which its subject says",
            "subject_kind": OURS,
            "subject_id": OURS,
            "template_version_id": "empty: such mails have one wording",
            "template_id": "empty: such mails have one wording",
            "values": "what is filled into the mail, which the person has",
            "once_per_subject": _OF_SENDING,
            "batch_id": "empty: such mails are written one by one",
            "reason": "empty: of result mails alone",
            "rejects": "empty: of result mails alone",
            "practice": "empty: of companies' mails alone",
            "due_at": _OF_SENDING,
            "attempts": _OF_SENDING,
            "lease_until": _OF_SENDING,
            "message_id": OURS,
            "failure": "the reason in a closed word; `last_error` says it",
            "by_user_id": "empty: nobody writes them by hand",
        },
        since="created_at",
    ),
)
PARTNER_RECORDS = CopiedList(
    "partner_records",
    _l("登録先が書いた記録（あることだけをお知らせします。内容は登録先のもので、開示は登録先へお求めください）"),
    {
        "partner_name": _l("登録先"),
        "contact": _l("連絡先"),
        "exists": _l("対応やメモ"),
        "contacted_on": _l("連絡済みと記録された日"),
    },
)
"""That partners keep something of their own about the person, by partner, and nothing of what it says."""
NOT_COPIED = {
    "partner_notes": "a partner's own words, which are its own to disclose; PARTNER_RECORDS says that they exist",
    "work_changes": "how far a partner is, which is its own to disclose; PARTNER_RECORDS says that they wrote, at most",
    "counted_outcomes": "that a word of the copy is in a number of ten and more, which says nothing more of the person",
    "partner_people": "the partner's order of whom it was given, drawn from the consents and shares of the copy",
    "events": "the log: ids and closed words about acts whose rows are all in the copy",
    "partner_people_words": "words by which a partner finds the person, made of the consents of the copy",
    "tokens": "hashes of links; nothing can be read from them, and the links themselves are in the person's mails",
}
"""Tables with a person's number that the copy leaves out, and why."""


Row = dict[str, Any]


def copy(session: Session, profile_id: int) -> Iterator[tuple[CopiedTable | CopiedList, Iterator[Row]]]:
    """Yield every table with the person's rows, oldest first, read from the reader's session while they are taken.

    Last comes which partners keep something of their own.
    """
    since = visible_since(session, profile_id)
    for table in TABLES:
        yield table, _rows(session, table, profile_id, since)
    yield PARTNER_RECORDS, _partner_records(session, profile_id, since)


def _partner_records(session: Session, profile_id: int, since: datetime) -> Iterator[Row]:
    for each in partner_records.of_profile(session, profile_id, since=since):
        exists = "kept-until-erased" if each.ended else "kept"
        yield {
            "partner_name": each.partner_name,
            "contact": each.contact,
            "exists": exists,
            "contacted_on": each.contacted_on,
        }


def _rows(session: Session, table: CopiedTable, profile_id: int, since: datetime) -> Iterator[Row]:
    """Read the rows in the scope of everyone, for two of the tables are the companies'; each row is the person's."""
    names: dict[int, str] = {}
    with scopes.everyone(session, OWN_COPY):
        for found in session.execute(_wanted(table, profile_id, since).execution_options(yield_per=ROWS_AT_ONCE)):
            stored, *of_consent = found
            beside = dict(zip(_OF_CONSENT, of_consent, strict=False))
            if table.companies:
                beside["company"] = _company(session, getattr(stored, table.companies), names)
            if table.model is Message:
                beside["subject"] = compose.render(session, stored, preview=True).subject
            if table.model is Profile:
                beside |= dict.fromkeys(stored.hidden_items)
            yield {name: beside[name] if name in beside else getattr(stored, name) for name in table.labels}


_OF_CONSENT = ("partner_name", "given_at")
"""What stands beside a row that rests on a consent."""


def _wanted(table: CopiedTable, profile_id: int, since: datetime) -> Select[Any]:
    model = table.model
    query = select(model).where(model.profile_id == profile_id).order_by(model.id)
    if "consent_id" in table.left_out and not table.since:
        query = query.join(Consent, Consent.id == model.consent_id).where(Consent.given_at >= since)
        return query.add_columns(*(getattr(Consent, name) for name in _OF_CONSENT))
    if table.since:
        query = query.where(getattr(model, table.since) >= since)
    if model is Outcome:
        named = select(Consent.partner_name).where(
            Consent.profile_id == profile_id, Consent.partner_id == Outcome.partner_id, Consent.given_at >= since
        )
        query = query.where(or_(Outcome.partner_id.is_(None), named.exists()))
        return query.add_columns(named.order_by(Consent.id.desc()).limit(1).scalar_subquery())
    if model is Message:
        query = query.where(Message.company_id.is_(None), Message.state != MessageState.DRAFT)
    return query


def _company(session: Session, company_id: int, names: dict[int, str]) -> str:
    if company_id not in names:
        names[company_id] = session.scalar(select(Company.name).where(Company.id == company_id)) or ""
    return names[company_id]
