"""Purposes of a company's use of personal data: three and one optional, apart, in versions (A-1, A-2, A-5, A-42).

One purpose does not cover another: to keep a person after a rejection, or to hand them to a partner, is not
part of choosing whom to hire; to keep them is not to go by how their selection went.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import EventTag, Purpose, PurposeText, event_data, record, scopes
from relay.text import clean_block
from relay.text.sentence import Sentence

WORDS = {
    Purpose.SELECTION: _l("採用選考"),
    Purpose.POOL: _l("見送り後の保管と再連絡"),
    Purpose.RECORD: _l("選考の記録を見て、ご連絡する方を考えること"),
    Purpose.PROVISION: _l("提携する紹介会社・学校への提供"),
}
"""The purposes as pages call them, in the order in which they are read."""
OPTIONAL = frozenset({Purpose.RECORD})
"""What a company may do without: a text that says nothing of it does not name it."""
SHORTEST = 20
MAX_LENGTH = 600

_EMPTY = re.compile(
    r"募集情報等提供のため|採用活動の?(?:ため|に(?:使|利)用)|(?:当社の)?(?:事業|業務|サービス)の?(?:運営|遂行|向上|提供)?の?ため"
    r"|必要に応じて|適切な範囲|当社が(?:適当|必要)と認め|(?:その他|それ以外の?)[^。\n]{0,20}(?:目的|ため|業務)"
    r"|(?:など|等)の(?:目的|ため|用途)"
)
"""Words from which nobody can tell what will happen to their data (A-2)."""
_SAYS = {
    Purpose.SELECTION: (re.compile("選考|面接|書類"), _l("何の選考のために使うのかを書いてください。")),
    Purpose.POOL: (
        re.compile("(?:保管|保存|登録|残)[^。]*(?:連絡|案内|声)|(?:連絡|案内|声)[^。]*(?:保管|保存|登録|残)"),
        _l("見送りのあとも保管することと、どんなときに連絡するのかを書いてください。"),
    ),
    Purpose.RECORD: (
        re.compile("(?:選考の記録|段階|評価|理由)[^。]*(?:連絡|案内|声)"),
        _l("選考の記録のうち何を見て、どんなときに連絡する方を考えるのかを書いてください。"),
    ),
    Purpose.PROVISION: (
        re.compile(
            "(?:紹介会社|学校|教育機関|提携先)[^。]*(?:提供|渡)|(?:提供|渡)[^。]*(?:紹介会社|学校|教育機関|提携先)"
        ),
        _l("誰に渡すのか（紹介会社や学校）と、提供することを書いてください。"),
    ),
}


@dataclass(frozen=True)
class Wording:
    """One version of one purpose."""

    purpose: Purpose
    version: int
    text: str


def faults(purpose: Purpose, text: str) -> list[Sentence]:
    """Why this text cannot stand as the purpose: a person must be able to foresee the use from it (A-2)."""
    flat = unicodedata.normalize("NFKC", text)
    if not flat.strip():
        if purpose in OPTIONAL:
            return []
        return [_l("%(purpose)sの利用目的を書いてください。", purpose=WORDS[purpose])]
    if len(text) > MAX_LENGTH:
        return [_l("%(most)d文字までにしてください（いま%(length)d文字）。", most=MAX_LENGTH, length=len(text))]
    found: list[Sentence] = []
    if vague := list(dict.fromkeys(hit.group() for hit in _EMPTY.finditer(flat))):
        found.append(
            _l(
                "「%(words)s」では、何に使われるのかを読む方が思い描けません。することを具体的に書いてください。",
                words="」「".join(vague),
            )
        )
    pattern, missing = _SAYS[purpose]
    if not pattern.search(flat):
        found.append(missing)
    elif len(flat.strip()) < SHORTEST:
        found.append(_l("短すぎて、何に使うのかが伝わりません。%(n)d文字以上で書いてください。", n=SHORTEST))
    return found


@scopes.in_company
def standing(session: Session, company_id: int) -> dict[Purpose, Wording]:
    """Return the newest version of each purpose the company has written."""
    return _versions(session, company_id, None)


@scopes.in_company
def in_versions(session: Session, company_id: int, versions: Mapping[Purpose, int]) -> dict[Purpose, Wording]:
    """Return the purposes in the versions that a published text names."""
    return _versions(session, company_id, versions)


def keep(
    session: Session, company_id: int, texts: Mapping[Purpose, str], by_user_id: int | None
) -> dict[Purpose, Wording]:
    """Keep each changed text as the next version of its purpose (A-5); returns what is in force then.

    The same text again makes no version; an optional purpose without a text is in force no more. The caller has looked
    through the texts and holds the company's row.
    """
    kept = standing(session, company_id)
    with scopes.company(session, company_id):
        for purpose, typed in texts.items():
            text, before = clean_block(typed), kept.get(purpose)
            if (before is not None and before.text == text) or (not text and purpose in OPTIONAL):
                continue
            kept[purpose] = _add(session, company_id, purpose, before.version + 1 if before else 1, text, by_user_id)
    in_force = {purpose for purpose in WORDS if purpose not in OPTIONAL or texts.get(purpose, "").strip()}
    return {purpose: kept[purpose] for purpose in WORDS if purpose in kept and purpose in in_force}


def _add(
    session: Session, company_id: int, purpose: Purpose, version: int, text: str, by_user_id: int | None
) -> Wording:
    row = PurposeText(purpose=purpose, version=version, text=text, created_at=clock.now(), by_user_id=by_user_id)
    session.add(row)
    session.flush()
    record(
        session,
        EventTag.PURPOSE_CHANGED,
        company_id=company_id,
        subject=("purpose", row.id),
        data=event_data.PurposeChanged(purpose=purpose.value, version=version),
    )
    return Wording(purpose, version, text)


def _versions(session: Session, company_id: int, wanted: Mapping[Purpose, int] | None) -> dict[Purpose, Wording]:
    chosen = select(PurposeText.purpose, PurposeText.version, PurposeText.text)
    if wanted is None:
        newest = (
            select(PurposeText.purpose, func.max(PurposeText.version).label("version"))
            .group_by(PurposeText.purpose)
            .subquery()
        )
        chosen = chosen.join(
            newest, (newest.c.purpose == PurposeText.purpose) & (newest.c.version == PurposeText.version)
        )
    else:
        chosen = chosen.where(PurposeText.version.in_(set(wanted.values())))
    with scopes.company(session, company_id):
        rows = {
            (row.purpose, row.version): Wording(*row) for row in session.execute(chosen.limit(len(WORDS) * len(WORDS)))
        }
    return {
        purpose: found
        for purpose in WORDS
        for (of, version), found in rows.items()
        if of is purpose and (wanted is None or wanted.get(purpose) == version)
    }
