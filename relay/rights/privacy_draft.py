"""The privacy text Relay proposes to a company.

A beginning that becomes the company's own text; it says only what Relay itself does (A-1, A-2, A-6). For how long
people are kept is no part of it: the page prints that from the terms (relay/trust/retention_notice.py).
"""

from relay.identity import factor_rule
from relay.models import Company, Purpose, ResultsFrom
from relay.trust.privacy import Content, PrivacySection


def proposal(company: Company) -> Content:
    """Return what the editor begins with, by what the company said about itself and about where results leave from."""
    return Content(
        purposes={
            Purpose.SELECTION: SELECTION,
            Purpose.POOL: POOL,
            Purpose.PROVISION: PROVISION,
        },
        sections={
            PrivacySection.RETENTION: "",
            PrivacySection.SECURITY: _security(company),
            PrivacySection.REQUESTS: REQUESTS,
            PrivacySection.COMPLAINTS: COMPLAINTS,
        },
    )


SELECTION = (
    "ご応募いただいた職種の選考（書類の確認、面接の日程の調整と実施、採用するかどうかの判断）を行い、"
    "その結果をご連絡するために使用します。"
)
POOL = (
    "選考の結果が見送りとなったあとも、応募の記録を下の「保管期間」のあいだ保管し、"
    "ご経験に合う求人が出たときに、改めてご連絡するために使用します。"
    "保管の期限が近づいたときに、続けるかどうかを、メールで一度だけうかがうことがあります。"
)
RECORD = (
    "募集が出たとき、応募時の経験と選考の記録（進んだ段階、評価、見送りの理由）を見て、ご連絡する方を考えるために使用します。"
    "見るのは、この目的をお伝えしたあとにご応募いただいた方の選考の記録だけです。"
    "見ないでほしいという方は、当社からのメールのいちばん下にあるリンクから、いつでもお申し出いただけます。"
)
"""Proposed beside the others and in no proposal by itself: counsel looks at it first (A-42)."""
PROVISION = (
    "結果のご連絡に添えた案内から登録され、登録先ごとに同意された場合のみ、ご自身で選ばれた紹介会社・学校へ、"
    "ご記入の氏名、連絡先、希望職種、希望勤務地、これまでの経験を提供するために使用します。"
    "登録先には、当社に応募し、採用に至らなかったことが分かります。選考の評価や結果の理由は提供しません。"
)
FORM_LINE = "結果のご連絡に、紹介会社等への登録のご案内（任意）を添えることがあります"
"""One line for the company's application form, so that the offer in the result mail surprises nobody."""
RECORD_FORM_LINE = (
    "募集が出たとき、ご応募時の経験と選考の記録（進んだ段階、評価、見送りの理由）を見て、"
    "ご連絡する方を考えることがあります"
)
"""One line for the application form: whoever applies after it stands there was told (A-42)."""
REQUESTS = (
    "ご自身の情報について、利用目的の通知、開示、訂正・追加・削除、利用の停止・消去、紹介会社や学校への提供の停止、"
    "提供した記録の開示を請求いただけます。当社からのメールのいちばん下にあるリンクか、このページの連絡先からお申し出ください。\n"
    "ご本人であることは、ご応募のときのメールアドレスへの確認のご連絡などで確認します。"
    "遅滞なく、通常は2週間以内にお答えします。手数料はいただきません。"
)
COMPLAINTS = "個人情報の取扱いについての苦情やご相談は、このページの連絡先で承ります。"


def _security(company: Company) -> str:
    login = (
        "一人ひとりのパスワードと、スマートフォンに出る確認コード"
        if factor_rule.is_required(company)
        else "一人ひとりのパスワード"
    )
    return _list(
        "採用に関する記録は、採用に携わる者だけが閲覧できるようにし、役割ごとに操作の範囲を定めています。",
        "誰がいつ記録を開いたかを残しています。",
        f"通信を暗号化し、ログインには{login}を使っています。",
        "保管期間が過ぎた記録は、自動で消去しています。",
        _systems(company),
    )


def _systems(company: Company) -> str:
    """Return with what the company works, as it said at the start."""
    if company.results_from is ResultsFrom.ATS:
        with_what = f"採用管理システム（{company.ats_name}）" if company.ats_name else "採用管理システム"
        return f"応募の受付と選考には{with_what}を、結果のご連絡と記録の管理にはRelayを使っています。"
    if company.results_from is ResultsFrom.MAIL:
        return "応募の方とのやり取りには自社のメールを、結果のご連絡と記録の管理にはRelayを使っています。"
    return "結果のご連絡と記録の管理にはRelayを使っています。"


def _list(*lines: str) -> str:
    return "\n".join(f"・{line}" for line in lines)
