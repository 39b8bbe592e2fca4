"""Taking people along in a file: whom a partner sees at this very request, each recorded as a provision (A-16, B-14).

A person who is not seen any more is left out and named by reference alone; nothing is recorded then, so that the
partner asks again for the others, knowing of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from relay.errors import DomainError
from relay.models import EventTag, event_data, record
from relay.models.locking import lock_profiles
from relay.network import partner_people, sharing
from relay.network.sharing import OPENINGS_AN_HOUR, SharedPerson
from relay.tokens import parse_code
from relay.trust import provisions

MAX_PEOPLE = OPENINGS_AN_HOUR
"""People in a file: as many as are opened in an hour without a word to the operator."""


class TakingReason(StrEnum):
    """The reasons for which a partner takes people along: a closed list, because the log holds no free text (A-27)."""

    REGISTER = "register"
    CONTACT = "contact"
    COLLEAGUE = "colleague"
    REQUEST = "request"


REASONS = {
    TakingReason.REGISTER: _l("法律で求められる帳簿に記録する"),
    TakingReason.CONTACT: _l("ご連絡・面談の準備をする"),
    TakingReason.COLLEAGUE: _l("社内の担当者に引き継ぐ"),
    TakingReason.REQUEST: _l("ご本人からの請求に応じる"),
}


class NoReason(DomainError):
    """Raise where the reason of a file is not said (E-16)."""

    code = "no-reason-to-take-along"
    message = _l("書き出す理由を選んでください。まだ書き出していません。")


class NobodyToTakeAlong(DomainError):
    """Raise where no reference was given, or none that could be one."""

    code = "nobody-to-take-along"
    message = _l("どなたも選ばれていません。一覧で書き出す方にチェックを入れてから、もう一度お試しください。")


class TooManyChosen(DomainError):
    """Raise where more people are chosen than one file takes."""

    code = "too-many-chosen"

    def __init__(self, chosen: int) -> None:
        super().__init__(
            _(
                "一度に書き出せるのは%(most)s名までです。%(chosen)s名が選ばれていたため、書き出していません。"
                "分けて書き出してください。",
                most=MAX_PEOPLE,
                chosen=chosen,
            )
        )


@dataclass(frozen=True)
class TakenAlong:
    """The people who were chosen: those in the file, and the references of those who are not shown any more."""

    people: Sequence[SharedPerson]
    left_out: Sequence[str]


def take_out(
    session: Session, partner_id: int, typed: Sequence[str], user_id: int | None, *, reason: str
) -> TakenAlong:
    """Return the chosen people and record each as written out, in the partner's scope; none where one is left out.

    They are held meanwhile: a withdrawal is before the file, or waits for it.
    The log says how many and why (E-16). Raises NobodyToTakeAlong, TooManyChosen, NoReason.
    """
    codes = list(dict.fromkeys(code for each in typed if (code := parse_code(each))))
    if not codes:
        raise NobodyToTakeAlong
    if len(codes) > MAX_PEOPLE:
        raise TooManyChosen(len(codes))
    if reason not in list(TakingReason):
        raise NoReason
    lock_profiles(session, [consent.profile_id for _person, consent in sharing.shown_people(session, codes)])
    found = sharing.shown_people(session, codes)
    seen = {person.code for person, _consent in found}
    left_out = [code for code in codes if code not in seen]
    if not left_out:
        profile_ids = [consent.profile_id for _person, consent in found]
        sharing.count_taken_along(session, partner_id, profile_ids)
        partner_people.note_opened(session, profile_ids, user_id)
        written = provisions.exported(session, [(person.code, consent) for person, consent in found], user_id)
        if written:
            record(
                session,
                EventTag.PROFILES_EXPORTED,
                partner_id=partner_id,
                subject=("partner", partner_id),
                data=event_data.TakenOut(count=len(written), reason=reason),
            )
    return TakenAlong([person for person, _consent in found], left_out)
