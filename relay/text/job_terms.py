"""The words of work in a text: the vocabulary of occupations and qualifications, found by their longest match.

A text becomes terms, a set of short words: pairs of characters, Latin words, and the occupations (O26), classes
(C14_091) and qualifications (Q…) that it names. What a person wrote as a fact counts whole; of memos and files only
what the vocabulary knows counts. Everything runs through `work_only` first.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from relay.text.occupations import Occupation, occupations
from relay.text.protected import work_only
from relay.text.variants import FOLD, KATAKANA

MAX_TERMS = 400
"""Of one person; what is beyond is not counted."""

_MOST_MEANINGS = 6
"""A word that names more occupations than this names none."""
_FOLD = {code: to for code, to in FOLD.items() if code not in KATAKANA}
_GRADE = re.compile("([一二三四])(?=[級種等類])")
_GRADED = re.compile("([1-4])級")
_GRADES = str.maketrans("一二三四", "1234")
_INSIDE = re.compile(r"[（(]([^（()）]*)[)）]")
_ALTERNATIVES = re.compile("[、/／]")
_ENDS = re.compile(
    "(?<=....)(?:設備オペレーター|オペレーター|作業員|従事者|技術者|担当者|事務員|製造工|組立工|販売員|店員|職員|係員|スタッフ|担当|職人)$"
    "|(?<=....)[工員者係]$"
)
_SHORT_NAMES = ("mr", "ot", "pt")
_SYNONYM = re.compile("[a-z]+|[ァ-ヶー]+")
_RUNS = re.compile("[a-z][a-z0-9+#.]*[a-z0-9+#]|[一-龯々〆]+|[ァ-ヺー]+")
_SKILLS = """
python java javascript typescript php ruby go rust kotlin swift c++ c# sql html css react vue node.js aws azure gcp
linux docker
kubernetes oracle sap salesforce excel word powerpoint access vba photoshop illustrator figma autocad jw_cad solidworks
catia revit plc toeic iso haccp gmp rpa seo git excel 英語 中国語 韓国語 新規開拓 法人営業 個人営業 ルート営業
営業企画 企画営業
月次決算 年次決算 連結決算 原価計算 管理会計 税務申告 給与計算 労務管理 採用 契約書 知的財産 購買 調達 在庫管理 物流
貿易 通関 生産技術 生産管理
品質管理 品質保証 工程改善 機械設計 電気設計 回路設計 組込 研究開発 施工管理 積算 測量 設備保全 溶接 旋盤 研削
射出成形 プレス 要件定義 基本設計
詳細設計 保守運用 データ分析 機械学習 接客 店舗運営 発注 電話応対 データ入力 介護 看護 調理 配送 運転 フォークリフト
玉掛け クレーン 電気工事 配管
"""
"""Words of postings beside the official names: tools and kinds of work, closed."""


@dataclass(frozen=True)
class Named:
    """A stretch of a text that the vocabulary knows: the stretch, and its terms."""

    text: str
    terms: tuple[str, ...]


def plain(text: str) -> str:
    """Return the text as vocabulary and texts are compared: NFKC, small letters, one form per variant, 一級 as 1級.

    Hiragana stay, for とび is a trade and what is between words is written in them.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_FOLD)
    return _GRADE.sub(lambda grade: grade[1].translate(_GRADES), folded)


def named(text: str) -> Iterator[Named]:
    """Yield what the vocabulary knows in a text, longest match first from the left; the text is plain already."""
    known, at = _known(), 0
    while at < len(text) - 1:
        found = next((word for word in known.get(text[at : at + 2], ()) if is_at(text, at, word)), None)
        if found is None:
            at += 1
            continue
        yield Named(found, _meanings()[found])
        at += len(found)


def terms_of(facts: Iterable[str], told: Iterable[str]) -> list[str]:
    """Return the terms of one person, sorted: every word of the facts; of what was told, the vocabulary's alone."""
    found: set[str] = set()
    for fact in facts:
        found.update(_terms_of_fact(fact))
    for text in told:
        found.update(_terms_of_told(text))
    return sorted(found)[:MAX_TERMS]


def words_in(text: str) -> list[str]:
    """Return the pairs and Latin words of a plain text, in order."""
    return [word for run in runs_in(text) for word in _words_of_run(run)]


def runs_in(text: str) -> list[str]:
    """Return the stretches of one script in a plain text: Latin words, kanji, katakana."""
    return list(_RUNS.findall(text))


def qualification_terms(name: str) -> list[str]:
    """Return the terms any of which shows a qualification: its own, and those of its higher grades."""
    written = plain(name)
    higher = [_GRADED.sub(f"{grade}級", written, count=1) for grade in _grades_above(written)]
    terms = [term for way in (written, *higher) for each in named(way) for term in each.terms if term[0] == "Q"]
    return list(dict.fromkeys(terms))


def _grades_above(written: str) -> list[str]:
    found = _GRADED.search(written)
    return ["特", *map(str, range(1, int(found[1])))] if found else []


@lru_cache(maxsize=8_192)  # facts that many people have in common, in an import
def _terms_of_fact(text: str) -> frozenset[str]:
    """Return the terms of a fact that many have in common (a tag, a qualification, the title of a position)."""
    found: set[str] = set()
    for clause in map(plain, work_only(text, is_list=True)):
        found.update(words_in(clause))
        found.update(term for each in named(clause) for term in each.terms)
    return frozenset(found)


def _terms_of_told(text: str) -> Iterator[str]:
    for clause in map(plain, work_only(text)):
        yield from (word for word in words_in(clause) if word in vocabulary_words())
        yield from (term for each in named(clause) for term in each.terms)


def _words_of_run(run: str) -> Iterable[str]:
    if run[0].isascii():
        return (run,)
    if "ァ" <= run[0] <= "ー":
        return (run,) if len(run) <= 3 else [run[at : at + 3] for at in range(len(run) - 2)]
    return [run[at : at + 2] for at in range(len(run) - 1)]


def is_at(text: str, at: int, word: str) -> bool:
    """Return whether the word is there, and is no part of a longer one in Latin letters or katakana."""
    if not text.startswith(word, at):
        return False
    end = at + len(word)
    return not (_runs_on(text[at - 1 : at], word[0]) or _runs_on(word[-1], text[end : end + 1]))


def _runs_on(before: str, after: str) -> bool:
    if not before or not after:
        return False
    if before.isascii() and after.isascii():
        return before.isalnum() and after.isalnum()
    return "ァ" <= before <= "ー" and "ァ" <= after <= "ー"


@lru_cache(maxsize=1)  # the vocabulary is part of the product and never changes
def _known() -> Mapping[str, list[str]]:
    """Return the words of the vocabulary by their first two characters, longest first."""
    by_start: dict[str, list[str]] = defaultdict(list)
    for word in sorted(_meanings(), key=lambda each: (-len(each), each)):
        by_start[word[:2]].append(word)
    return by_start


@lru_cache(maxsize=1)  # the vocabulary is part of the product and never changes
def _meanings() -> Mapping[str, tuple[str, ...]]:
    """Return the terms of each word of the vocabulary."""
    roles: dict[str, set[int]] = defaultdict(set)
    stems: dict[str, set[int]] = defaultdict(set)
    for each in occupations().values():
        for surface in surfaces(each):
            roles[surface].add(each.id)
            stems[_ENDS.sub("", surface)].add(each.id)
    for stem, ids in stems.items():
        if stem not in roles and re.search("[一-龯]{2}", stem):
            roles[stem] |= ids
    found = {word: _role_terms(ids) for word, ids in roles.items() if len(word) > 1 and len(ids) <= _MOST_MEANINGS}
    for surface, term in _qualifications().items():
        found[surface] = (*found.get(surface, ()), term)
    return found


def surfaces(occupation: Occupation) -> Iterator[str]:
    """Yield how an occupation is called, plain: its title and aliases, without what is in brackets."""
    for name in (occupation.title, *occupation.aliases):
        for one in _ALTERNATIVES.split(_INSIDE.sub("", name)):
            if one.strip():
                yield plain(one.strip())
        for inside in _INSIDE.findall(name):
            if _SYNONYM.fullmatch(word := plain(inside)) and (len(word) > 2 or word in _SHORT_NAMES):
                yield word


def _role_terms(ids: Iterable[int]) -> tuple[str, ...]:
    known = occupations()
    classes = {f"C{known[number].middle_class}" for number in ids}
    return (*(f"O{number}" for number in sorted(ids)), *sorted(classes))


@lru_cache(maxsize=1)  # the vocabulary is part of the product and never changes
def _qualifications() -> Mapping[str, str]:
    """Return the term of each way to write a qualification."""
    names = sorted({plain(each) for one in occupations().values() for each in one.qualifications})
    found: dict[str, str] = {}
    for name in names:
        term = "Q" + re.sub(r"\s", "", name)
        for surface in (name, _INSIDE.sub("", name).strip(), *_shorter(name)):
            if len(surface) > 1:
                found.setdefault(surface, term)
    return found


def _shorter(name: str) -> Iterator[str]:
    """Yield how people shorten a qualification: 簿記2級 of 日商簿記2級, フォークリフト of its course."""
    if name.startswith("日商簿記"):
        yield name.removeprefix("日商")
        yield name.replace("簿記", "簿記検定")
    yield from (name.removesuffix(end) for end in ("技能講習", "免許", "資格") if name.endswith(end) and len(name) > 6)


@lru_cache(maxsize=1)  # the vocabulary is part of the product and never changes
def vocabulary_words() -> frozenset[str]:
    """Return the pairs and words that the names of the vocabulary are made of."""
    texts = [surface for each in occupations().values() for surface in surfaces(each)]
    texts += [plain(word) for word in _SKILLS.split()]
    return frozenset(word for text in (*texts, *_qualifications()) for word in words_in(text))
