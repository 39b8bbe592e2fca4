"""The answer to a request as it is drafted for HR, who reads it, puts right what is not so, and sends it."""

from flask_babel import gettext as _
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from relay.models import Candidate, DataRequest, RequestKind
from relay.network import letters
from relay.rights.requests import BACKUP_DAYS

_NAME = select(Candidate.name).where(Candidate.id == bindparam("person"))


def draft(session: Session, request: DataRequest) -> str:
    """Return the answer to this request, as far as it is known; paragraphs are apart by an empty line."""
    name = session.scalar(_NAME, {"person": request.candidate_id})
    greeting = _("%(name)s 様", name=name) if name else _("ご請求くださった方へ")
    return "\n\n".join((greeting, *_body(request, known=name is not None)))


def _body(request: DataRequest, *, known: bool) -> tuple[str, ...]:
    if request.kind is RequestKind.COMPLAINT:
        return (_("ご意見をお寄せいただき、ありがとうございます。社内で確認し、次のとおりお答えします。"),)
    if request.kind is RequestKind.PROVISIONS:
        return (
            _(
                "紹介会社や学校に伝わった内容は、当社の採用担当には見えません。ご登録のある方は、ご本人専用ページでご覧ください。"
            ),
            letters.find_url(),
            _("このほかに、当社からあなたの情報を第三者に提供した記録はありません。"),
        )
    if not known:
        return (
            _("このメールアドレスの記録が当社にないことを確認しました。"),
            _("別のアドレスで応募された場合は、お手数ですが、そのアドレスからもう一度ご請求ください。"),
        )
    return _WITH_A_RECORD[request.kind]()


def _disclosed() -> tuple[str, ...]:
    return (_("当社が保管している、あなたの記録をお知らせします。"),)


def _corrected() -> tuple[str, ...]:
    return (_("ご請求の内容を確認し、記録を訂正しました。"),)


def _stopped() -> tuple[str, ...]:
    return (
        _(
            "あなたの記録の利用を停止しました。今後、当社からご案内や募集のお知らせはお送りしません。選考の結果など、必要なご連絡は引き続きお届けします。"
        ),
    )


def _erased() -> tuple[str, ...]:
    return (
        _("当社が保管していたあなたの記録を、消去しました。"),
        _("バックアップからも、遅くとも%(days)s日後に消えます。", days=BACKUP_DAYS),
        _(
            "紹介会社や学校にご自身で登録されている場合、その登録は続いています。取り消すときは、次のページからお手続きください。"
        ),
        letters.find_url(),
    )


_WITH_A_RECORD = {
    RequestKind.DISCLOSURE: _disclosed,
    RequestKind.CORRECTION: _corrected,
    RequestKind.STOP: _stopped,
    RequestKind.ERASURE: _erased,
}
