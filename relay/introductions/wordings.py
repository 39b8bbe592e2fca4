"""The text a person says yes to behind an introduction link, composed once for the page and for what is kept of it.

It says who introduces, what is guaranteed and what is not, what goes to whom, and what the company gains by it (B-19,
B-23, B-25, B-26). A changed sentence is a new version.
"""

from dataclasses import dataclass

from flask_babel import gettext as _

from relay.introductions.accepting import REAPPLICATION, IntroductionWording
from relay.introductions.links import LiveLink
from relay.introductions.requests import INTERVIEW_DAYS
from relay.network.consent_texts import Paragraph

VERSION = "2026-11-30"


@dataclass(frozen=True)
class IntroductionTerms:
    """The paragraphs of the page, by what they are about."""

    guarantee: tuple[Paragraph, ...]
    introducer: tuple[Paragraph, ...]
    data: tuple[Paragraph, ...]

    @property
    def wording(self) -> IntroductionWording:
        """Return them as they are kept: version, and the text whose hash stays with the yes."""
        paragraphs = (*self.guarantee, *self.introducer, *self.data)
        return IntroductionWording(VERSION, "\n".join(f"{each.label}\n{each.text}" for each in paragraphs))


def terms(link: LiveLink, company: str) -> IntroductionTerms:
    """Return the terms behind a live link, for a company of this name."""
    return IntroductionTerms(_guaranteed(link, company), _introducer(link), _data(link, company))


def _guaranteed(link: LiveLink, company: str) -> tuple[Paragraph, ...]:
    request = link.request
    return (
        Paragraph(
            _("書類選考"),
            _("通過した扱いです。「%(kind)s」が、お選びの日時に行われます。", kind=request.guarantee.label),
        ),
        Paragraph(
            _("お会いする人"),
            _("%(who)s。やむを得ないときは、代わりの者がお会いします。", who=request.meets_with),
        ),
        Paragraph(
            _("長さと形"),
            _(
                "%(form)sで、%(minutes)s分。場所は、候補日時ごとのものが表示されます。",
                minutes=request.minutes,
                form=request.form.label,
            ),
        ),
        Paragraph(_("いつまでに"), _("希望された日から%(days)s日以内に行われます。", days=INTERVIEW_DAYS)),
        Paragraph(
            _("面談が取り消されたとき"),
            _(
                "%(company)sの都合で取り消すときは、メールでお知らせします。ほかの候補日時をご案内できるときは、選び直していただけます。"
                "希望された日から%(days)s日を過ぎても日時が決まらないときは、この約束は終わります。"
                "面談が取り消されても、ご応募は取り消しになりません。",
                company=company,
                days=INTERVIEW_DAYS,
            ),
        ),
        Paragraph(
            _("約束でないこと"),
            _("約束するのは面談までです。採用や、その後の選考の結果を約束するものではありません。"),
        ),
    )


def _introducer(link: LiveLink) -> tuple[Paragraph, ...]:
    partner = link.partner
    return (
        Paragraph(_("紹介する会社"), f"{partner.name}（{partner.address}）"),
        Paragraph(_("職業紹介事業の許可番号"), partner.license_number or ""),
        Paragraph(_("お問い合わせ"), partner.contact),
    )


def _data(link: LiveLink, company: str) -> tuple[Paragraph, ...]:
    partner = link.partner.name
    return (
        Paragraph(
            _("%(company)sに伝わること", company=company),
            _(
                "希望すると、ご記入の氏名・フリガナ・メールアドレス・電話番号と、お選びの日時、%(partner)sの紹介であることが、"
                "%(company)sに伝わります。ほかの会社には伝わりません。",
                partner=partner,
                company=company,
            ),
        ),
        Paragraph(
            _("利用目的"),
            _(
                "%(company)sが、この求人の選考と、そのご連絡に使います。ほかの求人のご案内には使いません。"
                "以前から%(company)sに保管されている記録がある方は、その記録の空いている項目にだけ書き加わり、"
                "その記録の利用目的のとおりに扱われます。",
                company=company,
            ),
        ),
        Paragraph(
            _("保管"),
            _(
                "選考のあいだ保管します。そのあとの期限と、消去の申し出先は、%(company)sの「個人情報の取扱い」にあります。"
                "掲載がないときは、%(company)sにお問い合わせください。",
                company=company,
            ),
        ),
        Paragraph(
            _("取り消すとき"),
            _(
                "希望されたあとも、面談は、始まる時刻まで、ご案内のメールのリンクから取り消せます。"
                "ご応募の取り消しは、%(company)sにご連絡ください。",
                company=company,
            ),
        ),
        Paragraph(
            _("紹介会社に伝わること"),
            _(
                "%(partner)sの画面には、このリンクがもう使えないことと、面談の予定があるかどうかが表示されます。"
                "ご記入の内容や理由は表示されません。",
                partner=partner,
            ),
        ),
        Paragraph(
            _("%(company)sが受ける便益", company=company),
            _("この紹介に手数料はかかりません。%(company)sは、無料紹介枠を1件使います。", company=company),
        ),
        Paragraph(
            _("以前に応募された方"),
            _(
                "この%(months)sか月のあいだに%(company)sへ応募されたことがある方は、再応募として受け付けます。面談は同じように行われ、"
                "%(company)sの無料紹介枠は使われません。応募されたことがあるかどうかは、%(partner)sには伝わりません。",
                months=REAPPLICATION.years * 12 + REAPPLICATION.months,
                company=company,
                partner=partner,
            ),
        ),
        Paragraph(
            _("希望しない場合"),
            _("希望するかどうかは自由です。見送っても、不利になることはありません。"),
        ),
    )
