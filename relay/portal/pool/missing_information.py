"""What is missing (/pool/gaps): who lacks what, with the way to where it is put right."""

from flask import request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay.access import candidate_or_404, needs, signed_in
from relay.extensions import db
from relay.pool import asking as asked_for
from relay.pool import gaps as lacking
from relay.pool.gaps import Gap
from relay.portal import portal
from relay.portal.ui import conditions
from relay.portal.ui.company import own_company
from relay.portal.ui.labels import words
from relay.portal.ui.navigation import tab
from relay.text import format_phone
from relay.web import page

GAP_WORDS = {
    Gap.MAIL: _l("メールアドレスがない"),
    Gap.BOUNCED: _l("メールが届かない"),
    Gap.KANA: _l("ふりがながない"),
    Gap.REASON: _l("見送りの理由がない"),
    Gap.END: _l("結果がないまま半年"),
}
ADVICE = {
    Gap.MAIL: _l("アドレスがないと、結果のご連絡をお送りできません。電話などでうかがい、書き足してください。"),
    Gap.BOUNCED: _l("最後にお送りしたメールが届きませんでした。アドレスの打ち間違いがないか確かめてください。"),
    Gap.KANA: _l("ふりがながあると、読みで探せて、同じ方かどうかも確かめやすくなります。"),
    Gap.REASON: _l("見送りの理由は、次に合う求人が出たときに、声をかけるかどうかの手がかりになります。"),
    Gap.END: _l("応募から180日たっても選考中のままです。終わっていれば、結果を記録してください。"),
}
_PUT_RIGHT = (Gap.MAIL, Gap.BOUNCED, Gap.KANA)
"""What HR writes down, once the person has told it."""


@portal.get("/pool/gaps")
@needs("pool:read")
@tab(3, _l("情報が足りない方"))
def gaps() -> AnyResponse:
    """Who lacks one thing; how many lack each."""
    session = db.session()
    counted = lacking.counts(session)
    gap = _shown() or next((each for each in Gap if counted[each]), Gap.MAIL)
    before = next(iter(conditions.ids(request.args.getlist("before"))), None)
    found = lacking.listed(session, gap, before=before)
    most = lacking.COUNTED
    views = [
        {
            "url": url_for("portal.gaps", show=each.value),
            "label": GAP_WORDS[each],
            "n": f"{most:,}+" if counted[each] > most else f"{counted[each]:,}",
            "current": each is gap,
        }
        for each in Gap
    ]
    return page(
        "portal/pool/missing_information.html",
        gap=gap,
        views=views,
        title=GAP_WORDS[gap],
        advice=ADVICE[gap],
        people=found.people,
        to_facts=gap in _PUT_RIGHT,
        next_url=url_for("portal.gaps", show=gap.value, before=found.next) if found.next else "",
        first_url=url_for("portal.gaps", show=gap.value) if before else "",
        **words(),
    )


@portal.get("/pool/<int:candidate_id>/asking")
@needs("pool:write")
def gap_asking(candidate_id: int) -> AnyResponse:
    """A polite text that asks the person for what is missing; sent from HR's own mailbox, or read out."""
    candidate, gap = candidate_or_404(candidate_id), _shown()
    return page(
        "portal/pool/asking.html",
        back=url_for("portal.gaps", show=gap.value if gap else None),
        candidate=candidate,
        phone=format_phone(candidate.phone),
        asking=asked_for.asking(db.session(), candidate, own_company(), signed_in().name),
    )


def _shown() -> Gap | None:
    """Which list of the view somebody looks at or comes from."""
    asked = request.args.get("show", "")
    return Gap(asked) if asked in list(Gap) else None
