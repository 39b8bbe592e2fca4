"""The three texts a new company starts with. Result once and plainly, true for whoever reads them (F-22)."""

from typing import NamedTuple


class StandardText(NamedTuple):
    """A template of a result mail that each company begins with."""

    name: str
    subject: str
    body: str


AFTER_DOCUMENTS = StandardText(
    "書類選考後",
    "書類選考の結果のご連絡（{{会社名}}）",
    """{{氏名}} 様

{{会社名}}の{{担当者}}です。このたびは{{応募職種}}にご応募いただき、ありがとうございました。

ご応募の内容をもとに社内で検討しました結果、今回は次の選考へのご案内を見送らせていただくことになりました。ご期待に沿えず、申し訳ございません。

{{ひとこと}}

応募のご準備に時間を割いてくださったことに、あらためてお礼を申し上げます。これからのお仕事が実り多いものとなりますよう、願っております。

{{会社名}} 採用担当
{{担当者}}""",
)

AFTER_INTERVIEW = StandardText(
    "面接後・ていねい",
    "選考結果のご連絡（{{会社名}}）",
    """{{氏名}} 様

{{会社名}}の{{担当者}}です。{{応募職種}}の選考では、お忙しいなか面接のお時間をいただき、ありがとうございました。

社内で検討を重ねた結果、今回は採用を見送らせていただくことになりました。ご期待に沿えず、申し訳ございません。

{{ひとこと}}

今回の募集に限った判断であることを、申し添えます。

これからのお仕事が実り多いものとなりますよう、願っております。

{{会社名}} 採用担当
{{担当者}}""",
)

SHORT = StandardText(
    "短く",
    "選考結果のご連絡（{{会社名}}）",
    """{{氏名}} 様

{{会社名}}の{{担当者}}です。このたびは{{応募職種}}にご応募いただき、ありがとうございました。

選考の結果、今回は採用を見送らせていただくことになりました。ご期待に沿えず、申し訳ございません。

{{ひとこと}}

{{会社名}} 採用担当
{{担当者}}""",
)

TEXTS = (AFTER_DOCUMENTS, AFTER_INTERVIEW, SHORT)
