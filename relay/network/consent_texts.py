"""The words a person agrees to, one function for each version, and what a consent keeps of them (A-9, A-11, B-6, F-23).

A change of any sentence is a new version with its own day; earlier ones stay as they were, for the consents given
under them (rules 0.6, A-43…A-47, B-19). What is shown is what is stored: a page prints the paragraphs, the consent row
keeps their text and its SHA-256.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from relay import clock
from relay.models import PartnerKind, RetentionBasis, scopes
from relay.network.credits import REFERRALS_PER_CREDIT
from relay.network.partners import PartnerCard
from relay.network.profiles import ITEMS, KEPT_DAYS
from relay.trust.terms import of_company

CONSENT_MONTHS = 12
REFUSING = _l("登録は任意です。登録してもしなくても、今回の結果にも、今後のご応募にも影響しません。")


@dataclass(frozen=True)
class ConsentContext:
    """The companies that provide and gain.

    `companies` are legal names; `operator` runs the installation and keeps the profile; `credits_honoured`: a partner
    of these companies honours their credits now (B-23).
    """

    companies: tuple[str, ...]
    operator: str
    credits_honoured: bool
    not_told: tuple[str, ...] = ()
    """Those of the companies whose own page led here, so that how their selection ended is neither said nor known."""


@dataclass(frozen=True)
class Paragraph:
    """One point of the terms, with its heading."""

    label: str
    text: str


@dataclass(frozen=True)
class Version:
    """One wording of the terms and the day it came into force."""

    name: str
    valid_from: date
    compose: Callable[[PartnerCard, ConsentContext], tuple[Paragraph, ...]]


def listed(words: Iterable[str]) -> str:
    """Several words as one phrase."""
    return str(_("、")).join(words)


def gain(context: ConsentContext) -> str:
    """Return what the companies gain by registrations, as far as it is so now (B-17, B-19, B-23)."""
    company = listed(context.companies)
    if not context.credits_honoured:
        return _(
            "紹介会社へのご登録が%(n)d名に達するごとに、%(company)sに無料紹介枠が1件記録されます。"
            "いま、この枠を使える紹介会社はありません。",
            n=REFERRALS_PER_CREDIT,
            company=company,
        )
    return _(
        "紹介会社へのご登録が%(n)d名に達するごとに、%(company)sは、紹介会社の職業紹介を1名分、手数料なしで利用できます。",
        n=REFERRALS_PER_CREDIT,
        company=company,
    )


def recipient(partner: PartnerCard) -> str:
    """Return the partner as the law wants it named (A-9, B-13)."""
    known = [partner.name, partner.address, _("代表者 %(name)s", name=partner.representative)]
    if partner.license_number:
        known.append(_("職業紹介事業 許可番号 %(number)s", number=partner.license_number))
    if partner.contact:
        known.append(_("連絡先 %(contact)s", contact=partner.contact))
    return listed(known)


def _november_1st(partner: PartnerCard, context: ConsentContext) -> tuple[Paragraph, ...]:
    agency = partner.kind is PartnerKind.AGENCY
    sharing_companies = listed(context.companies)
    return (
        Paragraph(_("情報をお渡しする相手"), recipient(partner)),
        Paragraph(
            _("お渡しする項目"),
            _(
                "%(items)sのうち、ご自身で記入されたもの。選考の評価、結果の理由、面接の記録、応募書類は含みません。",
                items=listed(str(label) for label in ITEMS.values()),
            ),
        ),
        Paragraph(
            _("相手先での使いみち"),
            _("あなたに合う求人を探し、ご連絡するためです。ほかの目的には使わない取り決めです。")
            if agency
            else _("あなたに合う講座やコースをご案内し、ご相談に答えるためです。ほかの目的には使わない取り決めです。"),
        ),
        Paragraph(
            _("あわせて伝わること"),
            _(
                "法律で求められる記録のため、%(companies)sのご案内から登録されたことと、その日付が伝わります。"
                "応募された職種や選考の経過は伝わりません。",
                companies=sharing_companies,
            ),
        ),
        Paragraph(
            _("期間"),
            _(
                "同意の日から%(n)dか月です。過ぎると、相手先の画面に表示されなくなります。"
                "お渡しした記録（相手、項目、日付、氏名）は、法律により3年間保管します。",
                n=CONSENT_MONTHS,
            ),
        ),
        Paragraph(
            _("取り消し"),
            _(
                "登録後にメールでお送りするご本人用のページから、いつでも取り消せます。"
                "すぐに相手先の画面から見えなくなり、すでに控えられた情報は消去を求めます。"
            ),
        ),
        Paragraph(_("登録しない場合"), _("登録は任意です。登録してもしなくても、選考の結果には影響しません。")),
        Paragraph(
            _("%(companies)sが受け取るもの", companies=sharing_companies),
            gain(replace(context, credits_honoured=True))
            if agency
            else _("この学校への登録で受け取るものはありません。"),
        ),
    )


def _november_28th(partner: PartnerCard, context: ConsentContext) -> tuple[Paragraph, ...]:
    agency = partner.kind is PartnerKind.AGENCY
    companies = listed(context.companies)
    return (
        Paragraph(_("情報の提供先"), listed([recipient(partner), *_corporate_number(partner)])),
        Paragraph(
            _("情報を提供する者"),
            _("%(companies)s（採用支援サービス「Relay」を通じて提供します）", companies=companies),
        ),
        Paragraph(
            _("提供する項目"),
            _(
                "%(items)sのうち、ご自身でご記入になったもの。伝わるのは同意の時点の内容です。"
                "あとで変わった内容は、その登録先にあらためて同意されたときだけ伝わります。"
                "選考の評価、結果の理由、面接の記録、応募書類は含みません。",
                items=listed(str(label) for label in ITEMS.values()),
            ),
        ),
        Paragraph(
            _("提供先での利用目的"),
            _("ご希望に合う求人を探し、ご連絡するためです。ほかの目的には使わない取り決めです。")
            if agency
            else _("ご希望に合う講座やコースをご案内し、ご相談に答えるためです。ほかの目的には使わない取り決めです。"),
        ),
        Paragraph(
            _("あわせて提供先に伝わること"),
            _(
                "登録先には、%(companies)sに応募し、採用に至らなかったことが分かります。職種・評価・理由は伝わりません。"
                "法律で求められる記録のため、登録された日付も伝わります。",
                companies=companies,
            ),
        ),
        Paragraph(_("%(companies)sに伝わること", companies=companies), _learned(companies, agency=agency)),
        Paragraph(
            _("期間"),
            _(
                "同意の日から%(months)dか月です。過ぎると、登録先の画面に表示されなくなります。"
                "登録された内容は、すべての同意が終わった日から%(days)d日で消去します。"
                "提供の記録（氏名、登録先、項目、日付）は、法律により3年間保管します。",
                months=CONSENT_MONTHS,
                days=KEPT_DAYS,
            ),
        ),
        Paragraph(_("登録内容を管理する者"), _keeper(context)),
        Paragraph(
            _("提供先の法人が変わったとき"),
            _(
                "同じ法人の名称や許可番号が変わったときは、提供が続きます。"
                "別の法人に変わったときは提供を終え、あらためておたずねします。"
            ),
        ),
        Paragraph(
            _("取り消し"),
            _(
                "登録後にメールでお送りするご本人専用ページから、いつでも取り消せます。"
                "取り消すと、すぐに登録先の画面に表示されなくなります。"
                "登録先がすでに保存した情報については、Relayから消去を求めます。"
            ),
        ),
        Paragraph(_("登録しない場合"), str(REFUSING)),
        Paragraph(
            _("%(companies)sが受ける便益", companies=companies),
            gain(context) if agency else _("この学校への登録で受ける便益はありません。"),
        ),
    )


def _november_29th(partner: PartnerCard, context: ConsentContext) -> tuple[Paragraph, ...]:
    """Return the terms where a company's own page led here: of its selection they say nothing, for it may still run."""
    agency = partner.kind is PartnerKind.AGENCY
    reached = _("あわせて提供先に伝わること")
    learned = _("%(companies)sに伝わること", companies=listed(context.companies))
    dated = _("法律で求められる記録のため、登録された日付も伝わります。")
    own_words = {
        reached: known(context) + dated,
        learned: _learned_by_page(context, agency=agency),
    }
    return tuple(
        Paragraph(each.label, own_words.get(each.label, each.text)) for each in _november_28th(partner, context)
    )


def known(context: ConsentContext) -> str:
    """Return what recipients know of a person by knowing which companies led them here."""
    told = [each for each in context.companies if each not in context.not_told]
    sentences = []
    if told:
        sentences.append(
            _(
                "登録先には、%(companies)sに応募し、採用に至らなかったことが分かります。職種・評価・理由は伝わりません。",
                companies=listed(told),
            )
        )
    if context.not_told:
        sentences.append(
            _(
                "登録先には、%(companies)sの採用選考をきっかけに登録されたことが分かります。"
                "選考中か、採用か、見送りか、また職種・評価・理由は伝わりません。",
                companies=listed(context.not_told),
            )
        )
    return "".join(sentences)


def _learned_by_page(context: ConsentContext, *, agency: bool) -> str:
    """Return what HR learns of a yes by its page: nothing of a person before it has rejected them (A-45)."""
    companies = listed(context.companies)
    if not agency:
        return _learned(companies, agency=False)
    return "".join(
        (
            _(
                "%(companies)sの採用担当の画面には、選考が見送りで終わった方のご応募と同じメールアドレスだと分かるまで、"
                "登録された方を区別できる表示はありません（確認待ちの件数を、10件ごとに表示します）。",
                companies=listed(context.not_told),
            ),
            _("同じだと分かったときと、先に見送りの結果をお伝えしているときは、次のとおりです。"),
            _learned(companies, agency=True),
        )
    )


def _corporate_number(partner: PartnerCard) -> list[str]:
    """Return the number of the legal person that the consent is given to (A-43)."""
    return [_("法人番号 %(number)s", number=partner.corporate_number)] if partner.corporate_number else []


def _learned(companies: str, *, agency: bool) -> str:
    """Return what HR learns of a yes, and that a no tells it nothing (A-45)."""
    if not agency:
        return _(
            "学校への登録は、%(companies)sの採用担当の画面には表示されません。登録されないことも表示されません。",
            companies=companies,
        )
    return _(
        "ご自身が紹介会社に登録されたことと、その日付・通し番号が、%(companies)sの採用担当の画面に表示されます。"
        "どの紹介会社を選ばれたか、何をご記入になったかは表示されません。"
        "提携する紹介会社が1社だけのときは、登録先を推測できます。登録されないことは表示されません。"
        "短い時間に登録が続いたときなど、数え方の確認が必要な登録は、その旨が同社の管理者に表示されます。",
        companies=companies,
    )


def _keeper(context: ConsentContext) -> str:
    """Return who answers for profile and own page; where that is the hiring company itself, say so (A-44)."""
    if context.operator in context.companies:
        return _(
            "この仕組みは%(operator)sが運営しています。採用担当の画面には表示されませんが、法律上の責任者は同社です。",
            operator=context.operator,
        )
    return _("登録内容とご本人専用ページは、Relayの運営者である%(operator)sが管理します。", operator=context.operator)


def _november_30th(partner: PartnerCard, context: ConsentContext) -> tuple[Paragraph, ...]:
    """Return the terms of a school that introduces jobs, too: its courses alone, until the second tick is made."""
    purpose = _("提供先での利用目的")
    both = _(
        "ご希望に合う講座やコースをご案内し、ご相談に答えるためです。"
        "「求人の紹介」にも同意されたときだけ、その目的にも使います。ほかの目的には使わない取り決めです。"
    )
    compose = _november_29th if context.not_told else _november_28th
    return tuple(
        Paragraph(each.label, both if each.label == purpose else each.text) for each in compose(partner, context)
    )


def _placement(partner: PartnerCard) -> Paragraph:
    """Return what the second tick agrees to: a school may introduce its students and graduates alone (B-33)."""
    return Paragraph(
        _("求人の紹介"),
        _(
            "この学校は、職業安定法33条の2の届出（届出受理番号 %(number)s）をして、在学中の方と修了された方に、"
            "無料で求人を紹介しています。この学校で学ばれたときに、ご希望に合う求人を探し、ご連絡するためにも使います。",
            number=partner.notification_number,
        ),
    )


VERSIONS = (
    Version("2026-11", date(2026, 11, 1), _november_1st),
    Version("2026-11-28", date(2026, 11, 28), _november_28th),
)
COMPANY_LINK_VERSIONS = (Version("2026-11-29", date(2026, 11, 29), _november_29th),)
"""The wordings where a company's own page led here."""


SCHOOL_VERSIONS = (Version("2026-11-30", date(2026, 11, 30), _november_30th),)
"""The wordings of schools that introduce jobs, too."""


class RecipientPurpose(StrEnum):
    """The purposes for which a recipient may use the data."""

    INTRODUCE_JOBS = "introduce-jobs"
    PRESENT_COURSES = "present-courses"


PURPOSE_LABELS = {
    RecipientPurpose.INTRODUCE_JOBS: _l("求人の紹介"),
    RecipientPurpose.PRESENT_COURSES: _l("講座・コースの案内"),
}


def purposes_of(kept: str) -> tuple[RecipientPurpose, ...]:
    """Return the purposes as a consent keeps them."""
    return tuple(RecipientPurpose(each) for each in kept.split())


def purpose_words(kept: str) -> str:
    """Return the purposes that a consent keeps, in words."""
    return listed(str(PURPOSE_LABELS[each]) for each in purposes_of(kept))


def recorded_purposes(recipient: Mapping[str, Any]) -> str:
    """Return in words what a record of provision says of the purpose; those before 2026-11-30 had that of the kind."""
    agency = recipient.get("kind") == PartnerKind.AGENCY.value
    of_kind = RecipientPurpose.INTRODUCE_JOBS if agency else RecipientPurpose.PRESENT_COURSES
    return purpose_words(" ".join(recipient.get("purposes") or [of_kind.value]))


@dataclass(frozen=True)
class SharingCompany:
    """A company as it must be named: it provides the data, and gains by it (A-6, A-17)."""

    id: int
    name: str
    address: str
    representative: str
    contact: str
    credits_honoured: bool
    """Whether one of its partners takes its credits now (B-23)."""
    told_result: bool = True
    """Whether its result mail led here; else its own page did, and the selection may still run."""


@dataclass(frozen=True)
class Terms:
    """The exact words for one partner; `hash` is the SHA-256 of `text`."""

    version: str
    purposes: tuple[RecipientPurpose, ...]
    paragraphs: tuple[Paragraph, ...]

    @property
    def text(self) -> str:
        """Return the paragraphs as one text, as a consent keeps it."""
        return "\n".join(f"{each.label}: {each.text}" for each in self.paragraphs)

    @property
    def hash(self) -> str:
        """SHA-256 of the text in hex: tells whether two people were shown the same (A-11)."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def terms(partner: PartnerCard, context: ConsentContext, day: date) -> Terms:
    """Return the terms in force on `day` for providing to `partner` in this context, for the purpose of its kind."""
    if partner.notification_number is not None:
        version = in_force(day, SCHOOL_VERSIONS)
    else:
        version = in_force(day, COMPANY_LINK_VERSIONS if context.not_told else VERSIONS)
    purpose = (
        RecipientPurpose.INTRODUCE_JOBS if partner.kind is PartnerKind.AGENCY else RecipientPurpose.PRESENT_COURSES
    )
    return Terms(version.name, (purpose,), version.compose(partner, context))


def terms_with_jobs(partner: PartnerCard, own: Terms) -> Terms | None:
    """Return the terms with the second tick of a school made, whose last paragraph is what that adds; else None."""
    if partner.notification_number is None:
        return None
    both = (*own.purposes, RecipientPurpose.INTRODUCE_JOBS)
    return Terms(own.version, both, (*own.paragraphs, _placement(partner)))


def in_force(day: date, versions: Sequence[Version] = VERSIONS) -> Version:
    """Return the newest version valid on that day; before the first, the first."""
    return max(
        (each for each in versions if each.valid_from <= day), key=lambda each: each.valid_from, default=versions[0]
    )


@scopes.in_company
def openings_words(session: Session, company_id: int, company: str) -> tuple[str, str]:
    """Return the words beside the box of next openings, and what a tick agrees to: together what a consent keeps.

    They name the months that are in force at the company today.
    """
    months = of_company(session, company_id).months(RetentionBasis.CONSENTED, clock.today())
    label = _("%(company)sの次の募集を知らせてほしい（応募の記録を%(n)dか月保管）", company=company, n=months)
    explanation = _(
        "チェックを入れると、%(company)sが応募の記録を今日から%(n)dか月保管し、次の募集をお知らせすることに同意されたことになります。"
        "%(company)sの画面に、ご本人の同意とその日付が表示されます。紹介会社や学校には伝わりません。"
        "ご本人専用ページから、いつでも取り消せます。",
        company=company,
        n=months,
    )
    return label, explanation
