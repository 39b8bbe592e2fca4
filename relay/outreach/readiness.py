"""The checks before real sending, and the act that begins it.

Six checks; the first four must be green (issue: a real company starts). A company without a partner goes live too: its
mails carry no relay part.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.identity import factor_rule, installation
from relay.mail import practice
from relay.models import Company, EventTag, User, event_data, record
from relay.network.partners import active_partners
from relay.trust import privacy


@dataclass(frozen=True)
class GoLiveCheck:
    """One thing to be ready; `sentence` says what to do, `endpoint` is the page where."""

    key: str
    label: LazyString
    done: bool
    sentence: LazyString
    endpoint: str
    required: bool


class NotReady(DomainError):
    """Raise where a check of going live fails; the company practises on."""

    code = "not-ready-to-go-live"

    def __init__(self, missing: Iterable[GoLiveCheck]) -> None:
        names = "」「".join(str(check.label) for check in missing)
        super().__init__(
            _l(
                "「%(names)s」がまだです。本番の送信は始まっていません。済ませてから、もう一度押してください。",
                names=names,
            )
        )


class SecondFactorMissing(DomainError):
    """Raise where the company requires a second factor and the person who goes live has none."""

    code = "second-factor-missing"
    message = _l("本番の送信を始める前に、二段階認証を設定してください。本番の送信は始まっていません。")


def go_live_checks(session: Session, company: Company) -> list[GoLiveCheck]:
    """Return the six checks, in the order one sees to them; in the scope of the company."""
    named = all((company.name, company.address, company.representative, company.contact))
    return [
        GoLiveCheck(
            "company",
            _l("会社の情報"),
            named,
            _l("正式名称、住所、代表者、お問い合わせ先を入力すると、メールの末尾に載ります。"),
            "portal.settings_company",
            required=True,
        ),
        GoLiveCheck(
            "reply",
            _l("返信先のアドレス"),
            bool(company.reply_to),
            _l("候補者がそのまま返信したときに届くアドレスを決めます。"),
            "portal.settings_company",
            required=True,
        ),
        GoLiveCheck(
            "sending",
            _l("送信のテスト"),
            company.mail_tested_at is not None,
            _l("テストのメールを自分宛てに送り、届いた番号を入力します。"),
            "portal.settings_mail",
            required=True,
        ),
        GoLiveCheck(
            "privacy",
            _l("個人情報の取扱い"),
            privacy.is_published(session, company.id),
            _l("下書きを確認して公開すると、候補者向けのページができます。"),
            "portal.settings_privacy",
            required=True,
        ),
        GoLiveCheck(
            "partner",
            _l("許可を確認した提携先"),
            bool(active_partners(session, company.id)),
            _l("紹介会社を招待し、許可番号を確認します。まだのあいだ、結果連絡にリレーの案内は付きません。"),
            "portal.settings_partners",
            required=False,
        ),
        _operator(session, company),
    ]


def missing(every: Iterable[GoLiveCheck]) -> list[GoLiveCheck]:
    """Return those without which real sending does not begin."""
    return [check for check in every if check.required and not check.done]


def needs_second_factor(session: Session, company: Company, user_id: int) -> bool:
    """Return whether this member has to enrol a second factor before going live."""
    if not factor_rule.is_required(company):
        return False
    return not session.scalars(select(User.totp_secret).where(User.id == user_id)).one_or_none()


def go_live(session: Session, company: Company, *, by_user_id: int) -> None:
    """Begin real sending, and delete what was practised; drafts stay. Doing it twice changes nothing.

    Raises NotReady naming what is missing, SecondFactorMissing (E-5).
    """
    if company.live_since is not None:
        return
    if red := missing(go_live_checks(session, company)):
        raise NotReady(red)
    if needs_second_factor(session, company, by_user_id):
        raise SecondFactorMissing
    company.live_since = clock.now()
    session.flush()
    mails = practice.forget(session, company.id)
    record(
        session,
        EventTag.WENT_LIVE,
        company_id=company.id,
        subject=("company", company.id),
        data=event_data.WentLive(practice_mails=mails),
    )


def _operator(session: Session, company: Company) -> GoLiveCheck:
    sentence = (
        _l("募集情報等提供の届出について、届出受理番号か、届出が不要と確認したことを記録します。")
        if company.runs_installation
        else _l("Relayを運営する会社の管理者が、届出について記録します。")
    )
    return GoLiveCheck(
        "operator",
        _l("運営者の届出の確認"),
        installation.is_answered(session),
        sentence,
        "portal.settings_operator",
        required=False,
    )
