"""Checks of a company's mail text before it is kept: what it may not hold, and what a person should weigh.

Refusals are law or would break the mail; warnings ask once and are then the company's own decision.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l

from relay.outreach import placeholders
from relay.outreach.placeholders import INTERVIEWER, KNOWN, NAME, REMARK
from relay.text import sensitive_words
from relay.text.sentence import Sentence

MAX_SUBJECT = 60  # C-12
MAX_BODY = 5000
MAX_REMARK = 1000

# No gift for registering, by any name (B-16).
_GIFTS = re.compile(
    r"お?祝い金|ギフト(?:券|カード)|商品券|プレゼント|謝礼|ポイントを?(?:進呈|付与|差し上げ)|キャッシュバック|クーポン"
)
_LABEL = re.compile("不採用者")
_SORRY = re.compile("残念ながら")
_PERSONAL = re.compile(
    r"(?:印象|心)に残|おっしゃ|(?:話|語|聞か)[しっせ]?てくださ|志望動機|(?:面接|面談)で(?:は|の)、?[^。\n]{1,30}(?:お話|ご経験|姿勢|ご説明)"
)


@dataclass(frozen=True)
class Findings:
    """The findings in a text: why it cannot be kept, what to weigh before keeping it, and the words of A-22 in it."""

    refusals: list[tuple[str, Sentence]] = field(default_factory=list)
    """Pairs of the place (subject or body) and the sentence."""
    warnings: list[Sentence] = field(default_factory=list)


def check(subject: str, body: str, known: Sequence[str] = KNOWN) -> Findings:
    """Look through a template before it is saved; `known`: what it can be filled with (B-16, C-12, E-15, A-22)."""
    found = Findings()
    if not subject:
        found.refusals.append(("subject", _l("件名を入力してください。")))
    if not body:
        found.refusals.append(("body", _l("本文を入力してください。")))
    for place, text in (("subject", subject), ("body", body)):
        found.refusals.extend((place, sentence) for sentence in _refusals(text, known))
    if REMARK in placeholders.named(subject):
        found.refusals.append(("subject", _l("{{ひとこと}}は本文にだけ置けます。件名には入れられません。")))
    for place, text, most in (("subject", subject, MAX_SUBJECT), ("body", body, MAX_BODY)):
        if len(text) > most:
            found.refusals.append((place, too_long_sentence(len(text), most)))
    found.warnings.extend(_warnings(subject, body))
    return found


def too_long_sentence(length: int, most: int) -> Sentence:
    """Return how long a text may be, and how long it is."""
    return _l("%(most)s文字までにしてください（いま%(length)s文字）。", most=f"{most:,}", length=f"{length:,}")


def gifts(text: str) -> list[str]:
    """Return the words for gifts in a text, each once (B-16)."""
    return list(dict.fromkeys(hit.group() for hit in _GIFTS.finditer(unicodedata.normalize("NFKC", text))))


def gift_sentence(words: list[str]) -> Sentence:
    """Why a word for a gift cannot stay (B-16)."""
    return _l(
        "「%(words)s」は使えません。登録のお礼に金品やポイントを約束することは、法律の指針で禁じられています。",
        words="」「".join(words),
    )


def _refusals(text: str, known: Sequence[str]) -> list[Sentence]:
    refusals: list[Sentence] = []
    for name in placeholders.unknown(text, known):
        refusals.append(_unknown_sentence(name, known))
    if placeholders.has_stray_braces(text):
        refusals.append(_l("波かっこが片方だけ残っています。「{{氏名}}」のように、両側を2つずつで囲んでください。"))
    if words := gifts(text):
        refusals.append(gift_sentence(words))
    return refusals


def _unknown_sentence(name: str, known: Sequence[str]) -> Sentence:
    if name == INTERVIEWER:
        return _l("{{面接官}}は使えません。選考した人の名前は結果連絡に載せず、{{担当者}}を使ってください。")
    words = "、".join(f"{{{{{word}}}}}" for word in known)
    return _l("{{%(name)s}}という差し込みはありません。使えるのは、%(known)sです。", name=name[:40], known=words)


def _warnings(subject: str, body: str) -> list[Sentence]:
    warnings: list[Sentence] = []
    whole = f"{subject}\n{body}"
    if NAME not in placeholders.named(body):
        warnings.append(_l("本文に{{氏名}}がありません。どなた宛てのメールか、受け取った方に分からなくなります。"))
    if _LABEL.search(whole):
        warnings.append(_l("「不採用者」は、受け取った方を区分けする言葉に読めます。言い換えをおすすめします。"))
    if len(_SORRY.findall(whole)) > 1:
        warnings.append(_l("「残念ながら」が2回あります。結果は一度だけ伝えるほうが、読む方の負担が軽くなります。"))
    if _PERSONAL.search(placeholders.shared_text(body)):
        warnings.append(
            _l(
                "全員宛ての文面に、個人へ語りかけるような言葉があります。"
                "どの方にも当てはまるか確認し、個人宛ての言葉は{{ひとこと}}に書いてください。"
            )
        )
    if words := sensitive_words(whole):
        warnings.append(
            _l(
                "「%(words)s」は、選考で扱ってはいけない情報に触れているかもしれません。"
                "仕事の話など、問題のない内容か確認してください。",
                words="」「".join(words),
            )
        )
    return warnings
