"""The mail after an act on the own page: what was done and when; no partner, no company, no number of them (C-25).

Acts within ten minutes share one mail, and an act that changed nothing has none. What was agreed to in detail is on the
receipt, behind the number. A verb of the own page without a letter of its own calls `tell`, with a kind listed here.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from flask_babel import format_datetime
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.models import MailClass, Message, MessageState, Profile, TokenPurpose, scopes
from relay.models.locking import lock_profile
from relay.network import letters
from relay.text.sentence import Sentence

DONE_ON_OWN_PAGE = "done-on-own-page"
GATHERED = timedelta(minutes=10)
"""How long the mail waits for what else the person does."""
ACROSS = "network: mail to a registered person, which belongs to no company"


class OwnAct(StrEnum):
    """The kinds of acts on the own page that have no letter of their own."""

    CONSENT_GIVEN = "consent-given"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    CONTENTS_TOLD = "contents-told"
    CONTENTS_KEPT = "contents-kept"
    OPENINGS_ASKED = "openings-asked"
    OPENINGS_ENDED = "openings-ended"
    RELATED_AGREED = "related-agreed"
    RELATED_ENDED = "related-ended"
    OUTCOME_SAID = "outcome-said"
    OUTCOMES_AGREED = "outcomes-agreed"
    OUTCOMES_ENDED = "outcomes-ended"
    NUMBER_CHOSEN = "number-chosen"
    FACTS_CORRECTED = "facts-corrected"
    ADDRESS_CHANGED = "address-changed"
    FACTS_CONFIRMED = "facts-confirmed"
    ITEMS_CHOSEN = "items-chosen"
    PURPOSE_ADDED = "purpose-added"
    PURPOSE_TAKEN_BACK = "purpose-taken-back"
    RENEWED = "renewed"
    PAUSED = "paused"
    RESUMED = "resumed"


LABELS: dict[OwnAct, Sentence] = {
    OwnAct.CONSENT_GIVEN: _l("登録先への情報の提供に同意"),
    OwnAct.CONSENT_WITHDRAWN: _l("登録先への同意を取り消し"),
    OwnAct.CONTENTS_TOLD: _l("新しい内容を、これまでの登録先にも伝えることに同意"),
    OwnAct.CONTENTS_KEPT: _l("新しい内容は、これまでの登録先には伝えないと回答"),
    OwnAct.OPENINGS_ASKED: _l("企業からのお知らせと、応募の記録の保管に同意"),
    OwnAct.OPENINGS_ENDED: _l("企業からのお知らせと保管への同意を取り消し"),
    OwnAct.RELATED_AGREED: _l("企業から関連会社へ知らせることに同意"),
    OwnAct.RELATED_ENDED: _l("企業が関連会社に知らせることへの同意を取り消し"),
    OwnAct.OUTCOME_SAID: _l("その後のことを入力"),
    OwnAct.OUTCOMES_AGREED: _l("企業にその後のことを知らせることに同意"),
    OwnAct.OUTCOMES_ENDED: _l("企業にその後のことを知らせることへの同意を取り消し"),
    OwnAct.NUMBER_CHOSEN: _l("新しい暗証番号を選択"),
    OwnAct.FACTS_CORRECTED: _l("登録された内容を訂正"),
    OwnAct.ADDRESS_CHANGED: _l("登録のメールアドレスを変更"),
    OwnAct.FACTS_CONFIRMED: _l("登録された内容が、いまもそのとおりであることを確認"),
    OwnAct.ITEMS_CHOSEN: _l("登録先に伝える項目を変更"),
    OwnAct.PURPOSE_ADDED: _l("学校からの求人の紹介にも同意"),
    OwnAct.PURPOSE_TAKEN_BACK: _l("学校からの求人の紹介への同意だけを取り消し"),
    OwnAct.RENEWED: _l("登録先への情報の提供を、続けることに同意"),
    OwnAct.PAUSED: _l("登録先への表示を休止"),
    OwnAct.RESUMED: _l("登録先への表示を再開"),
}


def tell(session: Session, profile_id: int, act: OwnAct) -> None:
    """Mail the person that they did this just now, with what they do within ten minutes; each kind is listed once.

    Holds the profile; the caller holds the companies it needs.
    """
    lock_profile(session, profile_id)
    done = [act.value, clock.now().isoformat()]
    waiting = _waiting(session, profile_id)
    if waiting is None:
        with scopes.profile(session, profile_id):
            profile = session.scalars(select(Profile)).one()
        letters.send(session, DONE_ON_OWN_PAGE, profile, values={"acts": [done]}, due_at=clock.now() + GATHERED)
    elif act not in {kind for kind, _at in waiting.values["acts"]}:
        waiting.values = {"acts": [*waiting.values["acts"], done]}
        session.flush()


def _waiting(session: Session, profile_id: int) -> Message | None:
    """Return the mail that still gathers, held, so that the worker does not take it meanwhile."""
    with scopes.everyone(session, ACROSS):
        gathering = select(Message).where(
            Message.company_id.is_(None),
            Message.letter == DONE_ON_OWN_PAGE,
            Message.profile_id == profile_id,
            Message.state == MessageState.SCHEDULED,
            Message.due_at > clock.now(),
        )
        held = gathering.with_for_update().execution_options(populate_existing=True)
        return session.scalars(held.order_by(Message.id).limit(1)).one_or_none()


def _context(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    acts = [(LABELS[OwnAct(kind)], datetime.fromisoformat(at)) for kind, at in message.values.get("acts", [])]
    return {
        "acts": [f"{format_datetime(at, _('M月d日 H:mm'))} {label}" for label, at in acts],
        "own_url": link(TokenPurpose.OWN_PAGE),
    }


LETTERS = (
    Letter(
        name=DONE_ON_OWN_PAGE,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_context,
        mint=letters.mint_own_page,
        link=letters.OWN_PAGE_LINK,
    ),
)
