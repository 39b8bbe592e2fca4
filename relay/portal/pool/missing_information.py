"""Missing information (/pool/missing): who lacks it, with the way to where it is put right."""

from flask import request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import signed_in
from relay.access.getters import candidate_or_404
from relay.access.permissions import needs
from relay.candidates.information_request import write_request
from relay.extensions import db
from relay.portal import portal
from relay.portal.ui.company import own_company
from relay.portal.ui.labels import words
from relay.portal.ui.navigation import tab
from relay.search import missing_information as lacking
from relay.search.missing_information import MissingInformation
from relay.text import format_phone
from relay.web import page

MISSING_WORDS = {
    MissingInformation.MAIL: _l("メールアドレスなし"),
    MissingInformation.BOUNCED: _l("メール不達"),
    MissingInformation.KANA: _l("フリガナなし"),
    MissingInformation.REASON: _l("見送りの理由なし"),
    MissingInformation.RESULT: _l("半年間結果なし"),
}
ADVICE = {
    MissingInformation.MAIL: _l("アドレスがないと、結果連絡を送れません。電話などでうかがい、入力してください。"),
    MissingInformation.BOUNCED: _l(
        "最後に送ったメールが届きませんでした。アドレスの打ち間違いがないか確認してください。"
    ),
    MissingInformation.KANA: _l("フリガナがあると、読みで探せて、同じ方かどうかも確認しやすくなります。"),
    MissingInformation.REASON: _l("見送りの理由は、次に合う求人が出たときに、声をかけるかどうかの手がかりになります。"),
    MissingInformation.RESULT: _l("応募から180日たっても選考中のままです。終わっていれば、結果を記録してください。"),
}
_PUT_RIGHT = (MissingInformation.MAIL, MissingInformation.BOUNCED, MissingInformation.KANA)
"""What HR writes down, once the person has told it."""


@portal.get("/pool/missing")
@needs("pool:read")
@tab(3, _l("情報が足りない方"))
def missing() -> AnyResponse:
    """Show who lacks one thing, and how many lack each."""
    session = db.session()
    counted = lacking.counts(session)
    kind = _shown() or next((each for each in MissingInformation if counted[each]), MissingInformation.MAIL)
    found = lacking.listed(session, kind, after=request.args.get("before", ""))
    most = lacking.COUNT_CAP
    views = [
        {
            "url": url_for("portal.missing", show=each.value),
            "label": MISSING_WORDS[each],
            "n": f"{most:,}+" if counted[each] > most else f"{counted[each]:,}",
            "current": each is kind,
        }
        for each in MissingInformation
    ]
    return page(
        "portal/pool/missing_information.html",
        kind=kind,
        views=views,
        title=MISSING_WORDS[kind],
        advice=ADVICE[kind],
        people=found.rows,
        to_facts=kind in _PUT_RIGHT,
        next_url=url_for("portal.missing", show=kind.value, before=found.next) if found.next else "",
        first_url="" if found.at_top else url_for("portal.missing", show=kind.value),
        **words(),
    )


@portal.get("/pool/<int:candidate_id>/information-request")
@needs("pool:write")
def information_request(candidate_id: int) -> AnyResponse:
    """Show a polite text that asks the person for what is missing; sent from HR's own mailbox, or read out."""
    candidate, kind = candidate_or_404(candidate_id), _shown()
    return page(
        "portal/pool/information_request.html",
        back=url_for("portal.missing", show=kind.value if kind else None),
        candidate=candidate,
        phone=format_phone(candidate.phone),
        letter=write_request(db.session(), candidate, own_company(), signed_in().name),
    )


def _shown() -> MissingInformation | None:
    """Return the list that is shown, or that a form was sent from."""
    kind = request.args.get("show", "")
    return MissingInformation(kind) if kind in list(MissingInformation) else None
