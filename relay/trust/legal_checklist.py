"""The legal checklist (法務の確認): open questions of law, who looks after each, and when it was confirmed (0.5).

Relay says what the question is; the answer is counsel's or the labour office's. An item without a day is open.
"""

from dataclasses import dataclass
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import EventTag, LegalCheck, LegalItem, event_data, record, scopes
from relay.models.upsert import upsert
from relay.text.sentence import Sentence
from relay.trust import record_use

MAX_OWNER = 60
QUESTIONS: dict[LegalItem, tuple[Sentence, Sentence]] = {
    LegalItem.NO_REWARD: (
        _l("提携先との手数料と報酬"),
        _l(
            "紹介会社の手数料表に0円の場合があること、それが不当な差別的取扱いに当たらないこと、"
            "当社が人の紹介について報酬を受け取らないことの確認（職業安定法30条・32条の3）。"
        ),
    ),
    LegalItem.UNIFORM_RULE: (
        _l("案内する方を選ばないこと"),
        _l(
            "リレーの案内は、見送りとなった方全員に同じ決まりで送り、当社が人を選んで提携先へ勧めないことの確認"
            "（選んで提供すると、職業紹介に当たり得ます。職業安定法4条）。"
        ),
    ),
    LegalItem.CONTACT_AGAIN: (
        _l("見送りのあとの連絡"),
        _l(
            "募集のお知らせは、同意のある方か、応募のときに目的をお伝えした方へ一通ずつ確認して送ることと、"
            "送信者の表示・受け取りの停止についての確認（特定電子メール法3条・4条）。"
        ),
    ),
    LegalItem.SELECTION_RECORD: (
        _l("選考の記録の利用"),
        _l(
            "進んだ段階・評価・見送りの理由を、次の募集でご連絡する方を考えるために使うときの、"
            "利用目的の定め方の確認（個人情報保護法17条・18条）。"
        ),
    ),
    LegalItem.RELATED_COMPANIES: (
        _l("関連会社に知らせること"),
        _l(
            "ご本人の同意のもとで、候補者の連絡先を関連会社に伝えるときの、同意の取り方（個人情報保護法27条）と、"
            "職業紹介に当たらない伝え方（職業安定法4条）の確認。"
        ),
    ),
}
"""What is to be confirmed, by its title and in a sentence (B-18, 0.3, C-2, A-42, A-48), in the order of the page."""


@dataclass(frozen=True)
class LegalEntry:
    """One item with its owner and its day."""

    item: LegalItem
    owner: str = ""
    confirmed_on: date | None = None


_KEPT = select(LegalCheck.item, LegalCheck.owner, LegalCheck.confirmed_on)


@scopes.in_company
def entries(session: Session, company_id: int) -> list[LegalEntry]:
    """Return every item in the order of QUESTIONS, those that nobody touched yet as open."""
    rows = session.execute(_KEPT)
    kept = {row.item: LegalEntry(row.item, row.owner, row.confirmed_on) for row in rows}
    return [kept.get(item) or LegalEntry(item) for item in QUESTIONS]


@scopes.in_company
def save(session: Session, company_id: int, entry: LegalEntry, *, by_user_id: int | None) -> None:
    """Keep who looks after an item and when it was confirmed; without that day selection records are not used."""
    values = {
        "owner": entry.owner,
        "confirmed_on": entry.confirmed_on,
        "changed_at": clock.now(),
        "by_user_id": by_user_id,
    }
    kept = upsert(session, LegalCheck).values(company_id=company_id, item=entry.item, **values)
    session.execute(kept.on_conflict_do_update(index_elements=["company_id", "item"], set_=values))
    day = entry.confirmed_on.isoformat() if entry.confirmed_on else None
    data = event_data.LegalCheckChanged(item=entry.item.value, confirmed_on=day)
    record(session, EventTag.LEGAL_CHECK_CHANGED, company_id=company_id, data=data)
    if entry.item is LegalItem.SELECTION_RECORD and entry.confirmed_on is None:
        record_use.end(session, company_id)
