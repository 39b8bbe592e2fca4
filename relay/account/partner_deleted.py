"""The partner's word that it deleted what it had kept of people whom it sees no more (A-13, A-35)."""

from flask import flash, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import agent
from relay.access.permissions import needs
from relay.account import my_account
from relay.account.partner_joining import own_partner
from relay.account.shared_people import back_to
from relay.extensions import db
from relay.models import PartnerKind
from relay.network import ended_references
from relay.tokens import parse_code
from relay.web import page


@my_account.post("/people/deleted")
@needs("people:export")
def partner_deleted() -> AnyResponse:
    """Note it for one reference, or for all that the page counted; said twice, it changes nothing.

    For many at once it is asked first, with their number: it cannot be taken back, and each person reads it.
    """
    session, asker, up_to = db.session(), agent(), request.form.get("up_to", default=0, type=int)
    if up_to and "sure" not in request.form and (count := ended_references.count_up_to(session, up_to)):
        return page("account/people_deleted.html", count=count, up_to=up_to, back=back_to(), register=_keeps_register())
    if up_to:
        said = ended_references.answer_all(session, asker.partner_id, up_to, by_user_id=asker.user_id)
    else:
        code = parse_code(request.form.get("code", "")) or ""
        said = ended_references.answer(session, asker.partner_id, code, by_user_id=asker.user_id)
    session.commit()
    if said:
        flash(_("%(n)s件に、消去したと回答しました。ご本人が専用ページで見られます。", n=said))
    else:
        flash(_("回答は、すでに記録されているか、照会番号が一覧にありません。何も変わっていません。"), "warning")
    return redirect(back_to(), 303)


def _keeps_register() -> bool:
    return own_partner().kind is PartnerKind.AGENCY
