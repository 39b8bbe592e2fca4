"""The partnership (提携) of a company and a partner: begun under the sharing rules, ended for good.

The rules (共有のルール) are what both promise each other and the candidates. By inviting, the company accepts the
version in force; by joining, the partner accepts the same one. A change of any sentence is a new version; earlier ones
stay.
When a partnership ends, or another legal person takes a partner's place, the consents given to it end with it and the
people concerned are told at once; referrals, credits and records of provision stay (invariant 3, A-19).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, exists, func, insert, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import (
    Consent,
    ConsentWithdrawal,
    EventTag,
    Partner,
    Partnership,
    Profile,
    Share,
    record,
    scopes,
)
from relay.models.locking import lock_company
from relay.models.prepared import read
from relay.network import partner_letters, partner_people
from relay.text import clean

CHUNK_SIZE = 500
RULES_VERSION = "2026-11-30"
"""The version in force."""

NOBODY_ASKS = _l("企業は、選考の評価や見送りの理由を提携先に伝えません。企業も提携先も、理由をご本人に尋ねません。")
NO_JUDGEMENT = _l(
    "採用に至らなかったことは、ご本人への評価ではありません。提携先は、それをご本人の能力や適性の判断に使いません。"
)
NOT_HIRED = (NOBODY_ASKS, NO_JUDGEMENT)
"""The meaning of not having been hired, which partners learn (A-46): in these words in the rules and on their pages."""
ASKED_OF_NOBODY = _l("登録先は、選考の評価や結果の理由を、企業にもご本人にも尋ねない取り決めです。")
"""The same as candidates are told it, where the recipients are named."""


@dataclass(frozen=True)
class Rules:
    """One version of the rules, and the day it came into force."""

    version: str
    since: date
    points: tuple[str, ...]


def rules_of(version: str) -> Rules:
    """Return the rules of this version; those in force where the version is not known."""
    since, points = _VERSIONS.get(version, _VERSIONS[RULES_VERSION])
    return Rules(version if version in _VERSIONS else RULES_VERSION, since, points())


def _november_1st() -> tuple[str, ...]:
    return (
        _("提携先に見えるのは、候補者ご本人が、その提携先を選んで同意した範囲だけです。"),
        _("企業は、選考の評価や見送りの理由を提携先に伝えません。提携先も、企業やご本人に尋ねません。"),
        _("提携先は、ご本人に示した目的（紹介会社は求人の紹介、学校は講座の案内）のほかには使わず、ほかへ渡しません。"),
        _("同意の取り消しや期限、提携の終わりを知ったら、提携先は控えた情報の利用をやめ、すみやかに消去します。"),
        _("企業も提携先も、登録のお礼に金品やポイントを渡しません。登録するかどうかは、選考に影響しません。"),
        _(
            "紹介会社は、有効な許可を保ち、許可番号・名称・住所が変わったらRelayの内容も直します。企業は公的な登録を確かめてから案内します。"
        ),
        _("漏えいなどの事故に気づいたら、互いにすぐ知らせ、ご本人への連絡と法律上の報告に協力します。"),
        _("どちらからでも、いつでも提携を終えられます。終わると提供はその場で止まり、登録した方にお知らせします。"),
    )


def _november_28th() -> tuple[str, ...]:
    return (
        _(
            "提携先に見えるのは、候補者ご本人が、その提携先を選んで同意した範囲だけです。内容は同意の時点のもので、あとの変更は、ご本人があらためて同意したときだけ伝わります。"
        ),
        _("企業は、選考の評価や見送りの理由を提携先に伝えません。提携先も、企業やご本人に尋ねません。"),
        _("提携先は、ご本人に示した目的（紹介会社は求人の紹介、学校は講座の案内）のほかには使わず、ほかへ渡しません。"),
        _("同意の取り消しや期限、提携の終了を知ったら、提携先は保存した情報の利用を停止し、遅滞なく消去します。"),
        _("企業も提携先も、登録のお礼に金品やポイントを渡しません。登録するかどうかは、選考に影響しません。"),
        _(
            "紹介会社は、有効な許可を保ちます。許可番号・名称・住所に変更があったときは、Relayの登録内容も更新します。企業は公的な登録を確認してから案内し、変更のあとは14日以内にあらためて確認します。"
        ),
        _("同意は一つの法人に対するものです。提携先が別の法人に変わったときは、それまでの同意による提供を終えます。"),
        _("漏えいなどの事故に気づいたら、互いにすぐ知らせ、ご本人への連絡と法律上の報告に協力します。"),
        _(
            "どちらからの申し出でも、いつでも提携を終了できます。終了すると提供はその場で止まり、登録した方にお知らせします。"
        ),
    )


def _november_29th() -> tuple[str, ...]:
    """Say what not having been hired means, and that companies do not ask people for reasons either (A-46)."""
    shown, _reasons, *others = _november_28th()
    return (shown, *map(str, NOT_HIRED), *others)


def _november_30th() -> tuple[str, ...]:
    """Say that a school which notified may have a second purpose, where the person agreed to it by itself (B-33)."""
    purposes = {
        _(
            "提携先は、ご本人に示した目的（紹介会社は求人の紹介、学校は講座の案内）のほかには使わず、ほかへ渡しません。"
        ): _(
            "提携先は、ご本人に示した目的（紹介会社は求人の紹介、学校は講座の案内。職業安定法33条の2の届出をした学校は、"
            "ご本人が別に同意したときに限り、求人の紹介も）のほかには使わず、ほかへ渡しません。"
        )
    }
    return tuple(purposes.get(each, each) for each in _november_29th())


_VERSIONS: dict[str, tuple[date, Callable[[], tuple[str, ...]]]] = {
    "2026-11": (date(2026, 11, 1), _november_1st),
    "2026-11-28": (date(2026, 11, 28), _november_28th),
    "2026-11-29": (date(2026, 11, 29), _november_29th),
    "2026-11-30": (date(2026, 11, 30), _november_30th),
}


PARTNERSHIP_ENDED = "partnership-ended"
"""How a consent ended, as its row of withdrawal says."""
ANOTHER_PERSON = "another-person"
"""As PARTNERSHIP_ENDED: the partner's 法人番号 became another (A-43)."""


def end_sharing(session: Session, partnership: Partnership) -> None:
    """Close what was shared through a partnership that has just ended; each person gets one mail, the agents another.

    The caller holds the company, so nobody registers through it meanwhile.
    """
    with scopes.partner(session, partnership.partner_id):
        people, gone = _close(session, partnership.partner_id, [partnership.company_id], PARTNERSHIP_ENDED)
    if people:
        partner_letters.tell_of_the_end(session, partnership, people, gone=gone)


def end_for_another_person(session: Session, partner_id: int, company_ids: Sequence[int]) -> None:
    """Close everything a partner was given, through all of these companies: it is another legal person now (A-43).

    Each person gets one mail that asks them again. The caller holds the companies.
    """
    with scopes.partner(session, partner_id):
        people, gone = _close(session, partner_id, company_ids, ANOTHER_PERSON)
    partner_letters.tell_of_another_person(session, partner_id, people, company_ids, gone=gone)


def _close(
    session: Session, partner_id: int, company_ids: Sequence[int], way: str
) -> tuple[Sequence[Any], Sequence[str]]:
    """End the consents that stand through these companies; returns whose they were, and the references that ended."""
    people = _people(session, company_ids)
    if not people:
        return people, []
    _withdraw(session, partner_id, company_ids, way)
    now = clock.now()
    gone = partner_people.end_shares(session, lambda share: and_(share.company_id.in_(company_ids), share.until >= now))
    partner_people.close(session, company_ids)
    partner_people.end_records(session, partner_id)
    return people, gone


def _people(session: Session, company_ids: Sequence[int]) -> Sequence[Any]:
    """Return who shares with the partner through them now; their rows are held, so no consent slips in between."""
    sharing = select(Share.profile_id).where(Share.company_id.in_(company_ids), Share.until >= clock.now())
    return session.execute(
        select(Profile.id, Profile.code, Profile.email, Profile.name)
        .where(Profile.id.in_(sharing))
        .order_by(Profile.id)
        .with_for_update(of=Profile, key_share=True)
    ).all()


def _withdraw(session: Session, partner_id: int, company_ids: Sequence[int], way: str) -> None:
    sharing = select(Share.profile_id).where(Share.company_id.in_(company_ids), Share.until >= clock.now())
    standing = session.execute(
        select(Consent.id, Consent.profile_id).where(
            Consent.via_company_id.in_(company_ids),
            Consent.profile_id.in_(sharing),
            ~exists().where(ConsentWithdrawal.consent_id == Consent.id),
        )
    ).all()
    now = clock.now()
    for start in range(0, len(standing), CHUNK_SIZE):
        ended = [
            {"profile_id": each.profile_id, "partner_id": partner_id, "consent_id": each.id, "at": now, "way": way}
            for each in standing[start : start + CHUNK_SIZE]
        ]
        session.execute(insert(ConsentWithdrawal), ended)


LOOKED_UP = frozenset({"name", "address", "corporate_number", "license_number", "license_until", "notification_number"})
"""What is compared with the public register: a change of these by the partner itself wants a new look-up (B-11)."""


_UNCHECKED = (Partnership.ended_at.is_(None), Partnership.checked_on.is_(None), Partner.checked_on.is_(None))
NEVER_CHECKED_ROWS = (
    select(func.count(Partnership.id))
    .join(Partner, Partner.id == Partnership.partner_id)
    .where(*_UNCHECKED, Partnership.look_up_by.is_(None))
)
CHECK_AGAIN_ROWS = (
    select(func.count(Partnership.id), func.min(Partnership.look_up_by))
    .join(Partner, Partner.id == Partnership.partner_id)
    .where(*_UNCHECKED, Partnership.look_up_by.is_not(None))
)


class PartnershipGone(DomainError):
    """Raise where the partnership has ended meanwhile."""

    code = "partnership-ended"
    message = _l("この提携は、すでに終わっています。確認は記録していません。")


class PartnerChangedMeanwhile(DomainError):
    """Raise where the partner's details are no longer those that were checked."""

    code = "partner-changed"
    message = _l("提携先の情報が、たったいま変わりました。下の内容をもう一度確認してから、記録してください。")


def unchecked_count(session: Session) -> int:
    """Return how many standing partnerships nobody has ever looked up; candidates are not shown these partners
    (B-11)."""
    [(count,)] = read(session, NEVER_CHECKED_ROWS)
    return int(count)


def look_ups_again(session: Session) -> tuple[int, date | None]:
    """Return how many partners are to be looked up again since they renewed or changed, and the first day of those.

    After that day the partner does not see the company's people any more until it is done (A-43).
    """
    [(count, first)] = read(session, CHECK_AGAIN_ROWS)
    return count, first


def start_partnership(
    session: Session,
    company_id: int,
    partner_id: int,
    *,
    free_introductions_per_year: int | None = None,
    rules_version: str = RULES_VERSION,
    **accepted: Any,
) -> Partnership:
    """Start the partnership of a company to a partner under the sharing rules; an open partnership is returned as
    it is.

    `accepted` are the columns that say which side accepted the rules, on which day and by whom.
    """
    with scopes.company(session, company_id):
        if (standing := _standing_partnership(session, partner_id)) is not None:
            return standing
        partnership = Partnership(
            company_id=company_id,
            partner_id=partner_id,
            rules_version=rules_version,
            accepted_on=clock.today(),
            free_introductions_per_year=free_introductions_per_year,
            created_at=clock.now(),
            **accepted,
        )
        session.add(partnership)
        session.flush()
        _record_partnership(session, EventTag.PARTNERSHIP_STARTED, partnership)
        return partnership


def check_partnership(
    session: Session, company_id: int, partner_id: int, *, seen: str, note: str, by_user_id: int | None
) -> None:
    """Record that the company looked the partner up today, and found what `seen` (a fingerprint) says (B-11).

    Raises PartnershipGone, PartnerChangedMeanwhile.
    """
    with scopes.company(session, company_id):
        if (partnership := _standing_partnership(session, partner_id)) is None:
            raise PartnershipGone
        if fingerprint(held(session, partner_id)) != seen:
            raise PartnerChangedMeanwhile
        partnership.checked_on, partnership.checked_by_user_id, partnership.checked_note = (
            clock.today(),
            by_user_id,
            clean(note)[:200],
        )
        partnership.look_up_by = None
        session.flush()
        _record_partnership(session, EventTag.PARTNERSHIP_CHECKED, partnership)


def held(session: Session, partner_id: int) -> Partner:
    """Return the partner as it is now, kept from changing until this transaction ends.

    Else it could change between the comparing and the record of it, and stand as looked up.
    """
    wanted = select(Partner).where(Partner.id == partner_id).with_for_update(key_share=True)
    return session.scalars(wanted.execution_options(populate_existing=True)).one()


def fingerprint(partner: Partner) -> str:
    """Return a short mark of the particulars that are looked up: another mark means that they changed."""
    looked_up = "\n".join(f"{name}={getattr(partner, name)}" for name in sorted(LOOKED_UP))
    return sha256(looked_up.encode()).hexdigest()[:16]


def end_partnership(session: Session, company_id: int, partner_id: int, *, by_partner: bool = False) -> bool:
    """End the partnership: nothing that came through this company is shown to the partner with the next request.

    The consents given through it end for good, and the people concerned are told by mail; the company's administrators
    too where the partner ends it. False where it had ended already, and nothing is done again.
    """
    lock_company(session, company_id)
    with scopes.company(session, company_id):
        if (partnership := _standing_partnership(session, partner_id)) is None:
            return False
        partnership.ended_at = clock.now()
        session.flush()
        _record_partnership(session, EventTag.PARTNERSHIP_ENDED, partnership)
        end_sharing(session, partnership)
    if by_partner:
        partner_letters.tell_of_leaving(session, partnership)
    return True


def end_all(session: Session, partner_id: int) -> None:
    """End every partnership of a partner that has become another legal person, which is invited again
    (A-43).

    The consents given to it end for good. The caller holds the companies.
    """
    with scopes.partner(session, partner_id):
        partnerships = session.scalars(select(Partnership).where(Partnership.ended_at.is_(None))).all()
        for partnership in partnerships:
            partnership.ended_at, partnership.look_up_by = clock.now(), None
        session.flush()
    for partnership in partnerships:
        _record_partnership(session, EventTag.PARTNERSHIP_ENDED, partnership)
    end_for_another_person(session, partner_id, [partnership.company_id for partnership in partnerships])


def _standing_partnership(session: Session, partner_id: int) -> Partnership | None:
    return session.scalars(
        select(Partnership).where(Partnership.partner_id == partner_id, Partnership.ended_at.is_(None))
    ).one_or_none()


def _record_partnership(session: Session, tag: EventTag, partnership: Partnership) -> None:
    record(
        session,
        tag,
        company_id=partnership.company_id,
        partner_id=partnership.partner_id,
        subject=("partnership", partnership.id),
    )
