"""Decorations around a name or a position in people's sheets: 様, （再応募）, ★, 〃, 氏名非公開.

Found by `odd_in_name` and `odd_in_position`, taken off a name by `plain_name`. A name without any costs one search.
"""

import re
import unicodedata
from enum import StrEnum
from typing import NamedTuple

from flask_babel import lazy_gettext as _l

from relay.text.names import clean
from relay.text.sentence import Sentence, quoted


class OddityKind(StrEnum):
    """The oddity of a name or a position as it was typed."""

    TITLE = "title"
    """様, さん, 氏: a letter adds its own."""
    ASIDE = "aside"
    """Something in brackets, or behind ※: （再応募）, ※要連絡."""
    READING = "reading"
    """The reading, typed beside the name."""
    MARK = "mark"
    """★, ●, a number in front."""
    DITTO = "ditto"
    """〃, 同上: as above."""
    LOST = "lost"
    """A character that was lost when the file was written: ?, 〓."""
    WITHHELD = "withheld"
    """No name at all: 氏名非公開, 匿名, A.K."""
    LAYOUT = "layout"
    """A line of the sheet, no person: 合計, 以上, 【営業】."""


class Oddity(NamedTuple):
    """One thing that is odd, and the characters it was seen by."""

    kind: OddityKind
    text: str


class PlainName(NamedTuple):
    """A name without what was written around it, and what that was."""

    name: str
    taken_off: tuple[Oddity, ...] = ()
    reading: str = ""
    """The reading that stood beside the name."""

    @property
    def says(self) -> tuple[str, ...]:
        """Give what was taken off and tells something about the person; an age in brackets tells nothing to keep."""
        return tuple(
            one.text for one in self.taken_off if one.kind is OddityKind.ASIDE and not _AGE.fullmatch(one.text)
        )


_OPEN, _CLOSE = r"(（\[［【〈《「『〔{", r")）\]］】〉》」』〕}"
_BRACKETS = re.compile(rf"[{_OPEN}]([^{_OPEN}{_CLOSE}]*)[{_CLOSE}]")
_MARKS = "★☆◎○〇●◆◇■□▲△▼▽※＊*♪♡♥✓✔×✕✖→⇒・,、。"
_LEADING = re.compile(
    rf"^[\s{_MARKS}]*[{_MARKS}][\s{_MARKS}]*|^(?:no\.?\s*)?\d{{1,5}}\s*[.．)）:：、]\s*|^[①-⑳]\s*", re.I
)
_TRAILING = re.compile(rf"[\s{_MARKS}]*[{_MARKS}][\s{_MARKS}]*$")
_REMARK = re.compile(r"\s*※\s*(.+)$", re.DOTALL)
_BESIDE = re.compile(r"^(.+?)\s*[/／|｜]\s*([ぁ-ゖァ-ヺーｦ-ﾟ・\s]+)$", re.DOTALL)
_KANA_ALONE = re.compile(r"[ぁ-ゖァ-ヺーｦ-ﾟ・\s]+")
_TITLES = re.compile(
    r"(?:\s*様|(?:(?<=[^ぁ-ん])|(?<=[ぁ-ん]{2}))\s*(?:さま|さん|くん|ちゃん)|(?<=\S{2})\s*先生"
    r"|(?<=\S{2})殿|\s+(?:氏|殿)|(?<=\S\s\S{2})\s+君|(?<=\S{4})氏|(?<=\s\S{2})氏)$"
)
_ENGLISH_TITLE = re.compile(r"^(?:mr|mrs|ms|miss|mx)\.?\s+(?=\S)", re.IGNORECASE)
_CAPTION = re.compile(r"^(?:お|ご)?(?:氏名|名前)\s*[:：]\s*")
_AGE_BEHIND = re.compile(r"\s+\d{2}(?:歳|才)$")
_MAIL_BEHIND = re.compile(r"\s*[<＜]\S+@\S+[>＞]$")
_LATIN_BESIDE = re.compile(r"(?<=[ぁ-ゖァ-ヺ一-鿿])\s*[/／|｜]\s*[A-Za-z .'’-]+$")
_AGE = re.compile(r"(?:満?\d{1,3}(?:歳|才)?|男性?|女性?)")
_LOST = re.compile("[?？\ufffd〓]")
DITTO = frozenset(
    '〃 〃〃 〃〃〃 ″ 〻 仝 々 々々 ゞ ヾ " "" ” “ ”” 〝 同上 同じ 上に同じ 上同じ 同右 同左 上記同様 上記に同じ'
    " ↓ ↓↓ ↑ ⇓ ⇑ ditto Ditto DITTO".split()
)
"""What a cell says that means no more than 「as above」."""
_WITHHELD = re.compile(
    r"(?:氏名|名前|姓名|候補者名|応募者名)?(?:は)?(?:非公開|匿名|非開示|未公開|マスキング|伏せ字|秘匿)(?:希望|です|中)?"
    r"|(?:氏名|名前)(?:不明|未記入|未定|なし)|anonymous|confidential|withheld|n/?a"
    r"|[a-z][.・]\s?[a-z]\.?|[●○〇■*＊x×]{2,}",
    re.IGNORECASE,
)
_LAYOUT = re.compile(
    r"(?:総?合計|小計|総計|累計|平均|件数|人数|総数|計|total|subtotal|sum)[:：]?(?:[\d,]+(?:名|人|件|社)?)?"
    r"|.*[部課店室場社]計|(?:\d{4}年)?\d{1,2}月(?:分|度|中|末|(?:応募|入社)(?:者|分)?)?|\d{4}年度?|\d+(?:名|人|件)"
    r"|[-‐–—―ー=_~〜…・.]{2,}|-?\d+(?:/\d+)?(?:ページ|頁|page)?-?|(?:印刷|作成|更新|出力|集計|抽出)(?:日時?|者)?:.*"
    r"|以上|以下余白|以下空白|以下同じ|余白|次ページへ?(?:続く)?|つづく|続く|記入例|入力例|見本|サンプル|例",
    re.IGNORECASE,
)
_WHOLLY_BRACKETED = re.compile(rf"[{_OPEN}][^{_OPEN}{_CLOSE}]*[{_CLOSE}]")
_BEGINS_A_LINE = re.compile("[※■◆●▼▲【]")
_SUSPECT = re.compile(
    rf"[{_OPEN}{_CLOSE}{_MARKS}0-9０-９①-⑳/／|｜?？\ufffd〓〃″〻仝々\"”“↓↑.．]|様|殿|先生|(?:さま|さん|くん|ちゃん|氏|君)\s*$"
    r"|^[-‐–—―=_~〜…]|印刷|作成|更新|出力|集計|抽出|同|合|計|以|余|続|つづ|例|見本|サンプル|匿|非|氏名|名前|総|累|平均|人数|件数"
    r"|anonymous|confidential|withheld|total|ditto|\b(?:mrs?|ms|miss|mx)\b",
    re.IGNORECASE,
)
_BEFORE_A_POSITION = re.compile(rf"^\s*(?:[{_MARKS}]|[\[［【〈《「『〔{{(（])")


def looks_plain(text: str) -> bool:
    """Tell at little cost whether nothing odd can be in a cleaned name: no mark, bracket, figure or title."""
    return not _SUSPECT.search(text)


def is_ditto(text: str) -> bool:
    """Tell whether a cell says no more than 「as above」."""
    return text.strip() in DITTO


def is_layout(text: str) -> bool:
    """Tell whether a cell is a line of the sheet itself: 合計, 以上, 【営業】, ※…."""
    if not _SUSPECT.search(text):
        return False
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    if _LAYOUT.fullmatch(plain):
        return True
    inner = _inside(plain)
    if inner and _WITHHELD.fullmatch(inner):
        return False
    return _WHOLLY_BRACKETED.fullmatch(plain) is not None or _BEGINS_A_LINE.match(plain) is not None


def plain_name(typed: str) -> PlainName:
    """Take off a name what is no part of it; where nothing would be left it stays as typed.

    A name that is withheld, a ditto mark or a line of the sheet stays as well: `odd_in_name` tells of it.
    """
    name = clean(typed)
    if not _SUSPECT.search(name) or name.startswith(("=", "＝")) or _stands_for_no_name(name):
        return PlainName(name)
    peeled = _Peeling(name)
    peeled.remarks()
    peeled.brackets()
    peeled.edges()
    if not peeled.name or not any(map(str.isalpha, peeled.name)):
        return PlainName(name)
    return PlainName(peeled.name, tuple(peeled.taken_off), peeled.reading)


def odd_in_name(name: str) -> tuple[Oddity, ...]:
    """Return everything that should not be where a letter greets a person; empty for a name as it should be."""
    name = clean(name)
    if not _SUSPECT.search(name):
        return ()
    if kind := _stands_for_no_name(name):
        return (Oddity(kind, name),)
    return (*plain_name(name).taken_off, *_lost_in(name))


def odd_in_position(title: str) -> tuple[Oddity, ...]:
    """Give what should not stand where a letter names a position: a ditto, a lost character, [中途] or ★ in front.

    Brackets behind it are how positions are called: 営業（正社員）.
    """
    title = clean(title)
    if is_ditto(title):
        return (Oddity(OddityKind.DITTO, title),)
    found = list(_lost_in(title))
    if begun := _BEFORE_A_POSITION.match(title):
        bracket = _BRACKETS.match(title.lstrip())
        kind = OddityKind.ASIDE if bracket else OddityKind.MARK
        found.insert(0, Oddity(kind, bracket[0] if bracket else begun[0].strip()))
    return tuple(found)


def odd_sentence(oddity: Oddity) -> Sentence:
    """Give what is odd as a sentence."""
    return _SENTENCES[oddity.kind] % {"text": quoted(oddity.text)}


_SENTENCES = {
    OddityKind.TITLE: _l("敬称「%(text)s」が付いています。"),
    OddityKind.ASIDE: _l("「%(text)s」という書き添えがあります。"),
    OddityKind.READING: _l("フリガナ「%(text)s」が並べて書かれています。"),
    OddityKind.MARK: _l("記号や番号「%(text)s」が付いています。"),
    OddityKind.DITTO: _l("「%(text)s」は「上と同じ」の印のようです。"),
    OddityKind.LOST: _l("失われた文字「%(text)s」があるようです。"),
    OddityKind.WITHHELD: _l("氏名が伏せられています（%(text)s）。"),
    OddityKind.LAYOUT: _l("「%(text)s」は見出しや合計のようで、氏名には見えません。"),
}


class _Peeling:
    """A name that loses what is around it, piece by piece."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.reading = ""
        self.taken_off: list[Oddity] = []

    def remarks(self) -> None:
        """Take off ※要連絡 to the end, and a reading behind a stroke."""
        if (remark := _REMARK.search(self.name)) and remark.start():
            self._note(OddityKind.ASIDE, remark[1])
            self.name = self.name[: remark.start()]
        if beside := _BESIDE.match(self.name):
            self.reading = beside[2].strip()
            self._note(OddityKind.READING, self.reading)
            self.name = beside[1]

    def brackets(self) -> None:
        """Take off everything in brackets, before, behind or within the name."""
        for found in _BRACKETS.finditer(self.name):
            inner = found[1].strip()
            if inner and _KANA_ALONE.fullmatch(inner):
                self.reading = self.reading or inner
                self._note(OddityKind.READING, inner)
            else:
                self._note(OddityKind.ASIDE, inner)
        self.name = " ".join(_BRACKETS.sub(" ", self.name).split()) if self.taken_off else self.name

    def edges(self) -> None:
        """Take off marks and numbers in front, marks behind, and titles, as often as there are any."""
        before = ""
        while before != self.name:
            before = self.name
            for pattern, kind in _EDGES:
                found = pattern.search(self.name)
                if found and (rest := (self.name[: found.start()] + self.name[found.end() :]).strip()):
                    self._note(kind, found[0])
                    self.name = rest

    def _note(self, kind: OddityKind, text: str) -> None:
        if text.strip():
            self.taken_off.append(Oddity(kind, clean(text)))


_EDGES = (
    (_CAPTION, OddityKind.MARK),
    (_LEADING, OddityKind.MARK),
    (_AGE_BEHIND, OddityKind.MARK),
    (_MAIL_BEHIND, OddityKind.MARK),
    (_LATIN_BESIDE, OddityKind.MARK),
    (_TRAILING, OddityKind.MARK),
    (_ENGLISH_TITLE, OddityKind.TITLE),
    (_TITLES, OddityKind.TITLE),
)


def _stands_for_no_name(name: str) -> OddityKind | None:
    plain = unicodedata.normalize("NFKC", name)
    if is_ditto(name):
        return OddityKind.DITTO
    if _WITHHELD.fullmatch(_inside(plain) or plain):
        return OddityKind.WITHHELD
    return OddityKind.LAYOUT if is_layout(name) and _nobody_beside(plain) else None


def _nobody_beside(plain: str) -> bool:
    """Tell whether a line that begins like a heading names nobody: ※個人情報 does not, ★山川 四郎 does."""
    rest = _LEADING.sub("", plain)
    return plain[0] in "※【[" or len(rest) == len(plain)


def _inside(plain: str) -> str:
    """Return what is between the brackets of a text that is wholly bracketed; '' for any other."""
    return plain[1:-1].strip() if _WHOLLY_BRACKETED.fullmatch(plain) else ""


def _lost_in(text: str) -> tuple[Oddity, ...]:
    found = _LOST.search(text)
    return (Oddity(OddityKind.LOST, found[0]),) if found else ()
