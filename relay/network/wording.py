"""The words a person agrees to, in versions with the day they came into force (rules 0.6, A-9, B-6, B-19, F-23).

What is shown is what is stored: a page prints the paragraphs, the consent row keeps their text and its SHA-256.
A change of any sentence is a new version with its own `valid_from`; earlier ones stay, for consents given under them.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from relay.models import PartnerKind
from relay.network.credits import REFERRALS_PER_CREDIT
from relay.network.partners import PartnerCard

CONSENT_MONTHS = 12

ITEMS = {
    "name": _l("氏名"),
    "kana": _l("フリガナ"),
    "email": _l("メールアドレス"),
    "phone": _l("電話番号"),
    "desired_role": _l("希望職種"),
    "place": _l("希望勤務地"),
    "experience": _l("これまでの経験"),
}
"""What may be provided, by column of the profile; a consent lists those that were filled in."""

REFUSING = _l("登録は任意です。登録してもしなくても、選考の結果には影響しません。")
EVALUATIONS = _l("選考の評価や結果の理由が、紹介会社や学校に伝わることはありません。")


class Purpose(StrEnum):
    """What the recipient may use the data for."""

    INTRODUCE_JOBS = "introduce-jobs"
    PRESENT_COURSES = "present-courses"


@dataclass(frozen=True)
class Giver:
    """A company as it must be named: it provides the data, and gains by it (A-6, A-17)."""

    id: int
    name: str
    address: str
    representative: str
    contact: str


@dataclass(frozen=True)
class Paragraph:
    """One point of the terms, with its heading."""

    label: str
    text: str


@dataclass(frozen=True)
class Terms:
    """The exact words for one partner; `hash` is the SHA-256 of `text`."""

    version: str
    purpose: Purpose
    paragraphs: tuple[Paragraph, ...]

    @property
    def text(self) -> str:
        """The paragraphs as one text, as a consent keeps it."""
        return "\n".join(f"{each.label}: {each.text}" for each in self.paragraphs)

    @property
    def hash(self) -> str:
        """SHA-256 of the text in hex: tells whether two people were shown the same (A-11)."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class Version:
    """One wording of the terms and the day it came into force."""

    name: str
    valid_from: date
    compose: Callable[[PartnerCard, Sequence[str]], tuple[Paragraph, ...]]


def terms(partner: PartnerCard, companies: Sequence[str], day: date) -> Terms:
    """The terms in force on `day` for providing to `partner`, through the links of these companies (legal names)."""
    version = in_force(day)
    purpose = Purpose.INTRODUCE_JOBS if partner.kind is PartnerKind.AGENCY else Purpose.PRESENT_COURSES
    return Terms(version.name, purpose, version.compose(partner, companies))


def in_force(day: date) -> Version:
    """The newest version valid on that day; before the first, the first."""
    return max(
        (each for each in VERSIONS if each.valid_from <= day), key=lambda each: each.valid_from, default=VERSIONS[0]
    )


def item_label(code: str) -> str:
    """The item as a person reads it."""
    return str(ITEMS[code])


def item_labels(codes: Iterable[str]) -> list[str]:
    """The items as a person reads them, in the order of the form."""
    wanted = set(codes)
    return [str(label) for code, label in ITEMS.items() if code in wanted]


def listed(words: Iterable[str]) -> str:
    """Several words as one phrase."""
    return str(_("、")).join(words)


def gain(company: str) -> str:
    """What the company gets out of registrations, said openly (B-19, B-17)."""
    return _(
        "紹介会社へのご登録が%(n)d名に達するごとに、%(company)sは、紹介会社の職業紹介を1名分、手数料なしで利用できます。",
        n=REFERRALS_PER_CREDIT,
        company=company,
    )


def _november_2026(partner: PartnerCard, companies: Sequence[str]) -> tuple[Paragraph, ...]:
    agency = partner.kind is PartnerKind.AGENCY
    givers = listed(companies)
    return (
        Paragraph(_("情報をお渡しする相手"), _recipient(partner)),
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
                companies=givers,
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
        Paragraph(_("登録しない場合"), str(REFUSING)),
        Paragraph(
            _("%(companies)sが受け取るもの", companies=givers),
            gain(givers) if agency else _("この学校への登録で受け取るものはありません。"),
        ),
    )


def _recipient(partner: PartnerCard) -> str:
    known = [partner.name, partner.address, _("代表者 %(name)s", name=partner.representative)]
    if partner.license_number:
        known.append(_("職業紹介事業 許可番号 %(number)s", number=partner.license_number))
    if partner.contact:
        known.append(_("連絡先 %(contact)s", contact=partner.contact))
    return listed(known)


VERSIONS = (Version("2026-11", date(2026, 11, 1), _november_2026),)
