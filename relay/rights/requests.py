"""Deletion of one candidate before their day: asked for by the person, or because the record should not be here.

The one place from which the company's record alone goes while the person's own registration goes on.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import holds
from relay.models import Candidate, Event, EventTag, scopes
from relay.models.retention import BACKUP
from relay.network import own_pages
from relay.rights.erasure import erase_candidates

BACKUP_DAYS = BACKUP.number
"""Days a backup may be kept: an erased person must be gone from the last one by then (A-26)."""


class ErasureReason(StrEnum):
    """The reason why a person is erased before their day; the log keeps this word, and nothing of the person."""

    ASKED = "asked"
    MISTAKEN = "mistaken"
    OTHER = "other"


GOES = {
    "candidates": _l("氏名・連絡先・生年月日などの記録"),
    "applications": _l("応募、選考の段階と評価、結果と理由"),
    "application_steps": _l("応募、選考の段階と評価、結果と理由"),
    "stays": _l("入社後の在籍の記録"),
    "interview_invitations": _l("面談のご案内と日時"),
    "introductions": _l("紹介会社からのご紹介との結び付きと、お返事への会社の説明"),
    "rescouts": _l("再スカウトへのお返事"),
    "costs": _l("入社1名の紹介手数料とこの方との結び付き（金額は費用として残ります）"),
    "notes": _l("メモと、返信の記録"),
    "attachments": _l("履歴書などの書類"),
    "candidate_tags": _l("タグ"),
    "data_requests": _l("個人情報についての請求の内容と、回答の本文"),
    "messages": _l("送ったメールの宛先と文面"),
    "source_records": _l("取り込んだファイルにあったこの方の内容"),
    "journal_images": _l("操作を元に戻すための記録"),
    "merges": _l("操作を元に戻すための記録"),
    "relay_links": _l("リレーの案内とこの方との結び付き"),
    "mistakes": _l("誤って送った記録とこの方との結び付き"),
    "referrals": _l("リレーの案内とこの方との結び付き"),
    "tokens": _l("リレーの案内とこの方との結び付き"),
    "pending_registrations": _l("リレーの案内とこの方との結び付き"),
    "holds": _l("消去の保留の記録"),
    "openings_consents": _l("次の募集のお知らせへの同意"),
    "related_consents": _l("関連会社に知らせることへの同意"),
    "outcome_consents": _l("その後のことを読むことへの同意とこの方との結び付き"),
    "candidate_orders": _l("検索・重複・ルール・お知らせのための見出し"),
    "listed_applications": _l("検索・重複・ルール・お知らせのための見出し"),
    "candidate_search": _l("検索・重複・ルール・お知らせのための見出し"),
    "match_keys": _l("検索・重複・ルール・お知らせのための見出し"),
    "match_checks": _l("検索・重複・ルール・お知らせのための見出し"),
    "duplicate_pairs": _l("検索・重複・ルール・お知らせのための見出し"),
    "different_people": _l("検索・重複・ルール・お知らせのための見出し"),
    "rule_checks": _l("検索・重複・ルール・お知らせのための見出し"),
    "alert_checks": _l("検索・重複・ルール・お知らせのための見出し"),
    "alert_hits": _l("検索・重複・ルール・お知らせのための見出し"),
    "rule_hits": _l("検索・重複・ルール・お知らせのための見出し"),
}
"""What an erasure takes out of each table that declares one for candidates (__erasure__), in HR's words."""


def goes_now() -> list[str]:
    """Return what goes, each thing once, in the order of GOES."""
    return list(dict.fromkeys(str(words) for words in GOES.values()))


def declaring() -> Iterator[str]:
    """Return the tables out of which the erasure of a candidate takes something."""
    for name, model in scopes.models_by_table().items():
        if any(rule.person == "candidate" and rule.act != "keep" for rule in model.__erasure__):  # type: ignore[attr-defined]
            yield name


def erase_on_request(
    session: Session, company_id: int, candidate_id: int, *, reason: ErasureReason, asked_on: date | None = None
) -> bool:
    """Erase one candidate as the company knew them; False where the company has nobody with this id.

    The Event keeps the reason and the day of the request. Mails that have not left are cancelled; who shares with
    partners is told that this goes on, with the link to end it. Raises ErasureHeld while a hold is in force, also where
    the person asked: a company may keep what a claim needs (APPI 35条), and ending the hold is an act of its own.
    """
    with scopes.company(session, company_id):
        holds.refuse_held(session, [candidate_id])
        email_key = session.scalar(select(Candidate.email_key).where(Candidate.id == candidate_id))
    day = (asked_on or clock.today()).isoformat()
    companys = reason is not ErasureReason.ASKED
    gone = erase_candidates(session, company_id, [candidate_id], reason=reason.value, asked_on=day, own_wish=companys)
    erased = gone == 1
    if erased and email_key:
        own_pages.tell_that_sharing_goes_on(session, email_key)
    return erased


def erase_people(
    session: Session, company_id: int, candidate_ids: Sequence[int], *, reason: ErasureReason, asked_on: date | None
) -> int:
    """Erase several candidates as `erase_on_request` does one, and return how many there were.

    Raises ErasureHeld while a hold on one of them is in force; then nobody is erased.
    """
    with scopes.company(session, company_id):
        holds.refuse_held(session, candidate_ids)
        keys = set(session.scalars(select(Candidate.email_key).where(Candidate.id.in_(candidate_ids))))
    day = (asked_on or clock.today()).isoformat()
    companys = reason is not ErasureReason.ASKED
    gone = erase_candidates(session, company_id, candidate_ids, reason=reason.value, asked_on=day, own_wish=companys)
    for email_key in keys - {""}:
        own_pages.tell_that_sharing_goes_on(session, email_key)
    return gone


@scopes.in_company
def was_erased(session: Session, company_id: int, candidate_id: int) -> bool:
    """Return whether the company has erased the one candidate that had this id."""
    told = select(Event.id).where(
        Event.company_id == company_id,
        Event.subject_kind == "candidate",
        Event.subject_id == candidate_id,
        Event.tag == EventTag.CANDIDATE_ERASED.value,
    )
    return session.scalars(told.limit(1)).first() is not None
