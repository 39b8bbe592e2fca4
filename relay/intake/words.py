"""The meaning of the words in a selection column and in a tag.

The four results stay apart (B-4): a withdrawal is never read as a rejection.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from relay.models import ApplicationResult, Reapply, RejectionReason, TagKind

_REMEMBERED = 4_096
"""So many different words: a file says the same few in all of its rows."""
_SHORT = 60
"""Longer ones are no words, and not remembered."""
_STEP = r"(?:書類|面接|面談|筆記|適性|試験|(?:\d{1,2}|[一二三四五六七八九])次|最終|選考)(?:選考|面接|審査|試験)?"
# In this order: 内定辞退 withdrew before 内定 is open, 採用見送り is rejected before 採用 is hired.
_RESULTS: tuple[tuple[re.Pattern[str], ApplicationResult], ...] = (
    (re.compile(r"予定なし|(?<!入社)予定$|検討中?$|候補$|^(?:未|まだ)$"), ApplicationResult.OPEN),
    (
        re.compile(
            r"辞退|取り?下げ|(?:応募|選考|エントリー|申込み?|面接)(?:の)?(?:取り?消し?|キャンセル)$|^(?:取り?消し?|キャンセル)$"
            r"|他社(?:に|へ|で)?(?:決定|内定|入社|就職|承諾)(?:済み?)?$"
            r"|withdraw|withdrew|refusedbycandidate|theyrejectedus|(?:candidate|offer)(?:declined|rejected)"
            r"|(?:declined|rejected|refused)(?:by(?:candidate|applicant)|(?:the|our)?offer)|(?:took|accepted)another"
        ),
        ApplicationResult.WITHDREW,
    ),
    (
        re.compile(
            r"不採用|不合格|不通過|非採用|見送り?|お祈り|お断り|却下|否決|落選|選外|落第|採用(?:不可|せず|しない)|要件外のため終了"
            rf"|{_STEP}(?:ng|x|不可?|落ち?)$|^(?:fail(?:ed)?|reject(?:ed)?|wereject(?:ed)?them|n\.?g\.?|x|否|不|不可|不合|落ち?|だめ|ダメ|バツ)$"
            r"|declined|disqualified|turneddown|notselected|unsuccessful|notpassed|nothired|nolonger(?:under)?consider"
        ),
        ApplicationResult.REJECTED,
    ),
    (re.compile(r"重複|^duplicated?$"), ApplicationResult.DUPLICATE),
    (
        re.compile(
            r"^(?:入社(?:決定|済み?|予定|承諾)?|(?:本)?採用(?:決定|済み?|確定|/?内定)?|内定(?:承諾|受諾)(?:済み?)?|内定/?採用|hired|offeraccepted)$"
        ),
        ApplicationResult.HIRED,
    ),
    (
        re.compile(
            r"(?:中|待ち|前|予定|保留)$|^(?:未対応|未選考|未定|未着手|応募|新規|新着|内定|オファー|open|active|new|inprogress|ongoing)$"
        ),
        ApplicationResult.OPEN,
    ),
)
_CROSSES = str.maketrans(dict.fromkeys("×✕✖✗✘❌╳⨯☓", "x") | dict.fromkeys("／", "/"))

_ASIDE = re.compile(r"\(([^()]*)\)$")
_EVALUATIONS = re.compile(r"ポテンシャル|候補$|向き$|惜しい|優秀|次点|高評価|有望|再応募歓迎|即戦力")
_REASONS = re.compile(r"不足|不一致|ミスマッチ|充足|不備|要件外|条件|他の?候補者|人数の?都合|採用枠")

_DECISIONS: tuple[tuple[re.Pattern[str], RejectionReason], ...] = (
    (re.compile(r"不備|(?:書類|資料|履歴書|職務経歴書)(?:が|の)?(?:不足|未提出|未着)"), RejectionReason.DOCUMENTS),
    (
        re.compile(
            r"充足|定員|採用枠|枠(?:が|の)?(?:埋|都合)|人数の?都合|(?:募集|求人)(?:を|の)?(?:終了|締切|停止|充足)|filled"
        ),
        RejectionReason.FILLED,
    ),
    (re.compile(r"他の?(?:候補|応募)者|比較|相対評価|次点"), RejectionReason.COMPARISON),
    (
        re.compile(r"(?:条件|給与|年収|報酬|待遇|勤務地|勤務時間|勤務日|シフト|入社時期|入社日|雇用形態)"),
        RejectionReason.CONDITIONS,
    ),
    (
        re.compile(
            r"(?:スキル|経験|経歴|知識|技術|能力|実績|資格)(?:が|の|・|、|や|に)?.{0,6}(?:不足|不一致|ミスマッチ|未満|足りな|浅|なし|不十分|満たさ)"
            r"|要件(?:外|未満|を満たさ)|underqualified|lacksskills"
        ),
        RejectionReason.SKILLS,
    ),
)
"""The first that fits counts; what a company means by カルチャー不一致 is for HR to say."""
_LABELLED = {str(reason.label): reason for reason in RejectionReason if reason is not RejectionReason.OTHER}
"""A company's その他 is for HR to read."""
_NO_FAULT = re.compile(r"問題(?:は|が)?な|不備(?:は|が)?な|不足(?:は|が)?な|比較的|申し分")


def result_of(word: str, special: Mapping[str, ApplicationResult] | None = None) -> ApplicationResult | None:
    """Give the end a word names; an empty cell is in selection, None means the word is not known.

    `special` is what words mean in one kind of file only. 選考終了(不採用) says it in the brackets.
    """
    said, aside = _said(word) if len(word) <= _SHORT else _compared(word)
    if not said:
        return ApplicationResult.OPEN
    if special and said in special:
        return special[said]
    known = _ended if len(word) <= _SHORT else _result_in
    return known(said) or (known(aside) if aside else None)


def _compared(word: str) -> tuple[str, str]:
    """Return a word as it is compared, and what is in brackets behind it."""
    plain = re.sub(r"[\s_・]", "", unicodedata.normalize("NFKC", word)).lower().translate(_CROSSES)
    aside = _ASIDE.search(plain)
    return (plain[: aside.start()], aside[1]) if aside else (plain, "")


_said = lru_cache(maxsize=_REMEMBERED)(_compared)
_SIGN = re.compile(r"[^\w]|[xo○◯]|[合否可不未済]")


def is_spoken_result(word: str) -> bool:
    """Tell whether a cell says in words, not by a mere sign, how a selection ended."""
    plain = unicodedata.normalize("NFKC", word).strip().lower()
    return len(plain) > 1 and not _SIGN.fullmatch(plain) and result_of(word) not in (None, ApplicationResult.OPEN)


def _result_in(plain: str) -> ApplicationResult | None:
    return next((result for pattern, result in _RESULTS if pattern.search(plain)), None)


_ended = lru_cache(maxsize=_REMEMBERED)(_result_in)


_REAPPLY: tuple[tuple[re.Pattern[str], Reapply], ...] = (
    (re.compile(r"なし|無|いいえ|希望しない|考えていない|否|不可|^(?:no|×|✕)$"), Reapply.NO),
    (re.compile(r"機会|検討|条件|場合|次第|わからない|未定|どちら|いずれ|^(?:maybe|later|△)$"), Reapply.MAYBE),
    (re.compile(r"あり|有|はい|希望|したい|可|歓迎|^(?:yes|○|◯|◎)$"), Reapply.YES),
)


def reapply_of(word: str) -> Reapply | None:
    """Give the person's own answer whether they would apply again; None where the word is not known."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", word)).lower()
    return next((answer for pattern, answer in _REAPPLY if pattern.search(plain)), None)


_QUALIFICATION = re.compile(
    r"[0-9一二三四]級|級$|[士師]$|士\(|免許|検定|資格|認定|簿記|主任者|管理者|技術者|フォークリフト|運転|toeic|toefl|英検"
    r"|実務者研修|初任者研修|certified|license",
    re.IGNORECASE,
)


def is_qualification(entry: str) -> bool:
    """Return whether an entry among skills names something that one holds (日商簿記2級, 正看護師)."""
    return _QUALIFICATION.search(unicodedata.normalize("NFKC", entry)) is not None


def tag_kind(tag: str) -> TagKind:
    """Tell an assessment (他職種向き) from a finer reason (スキル不足) and from any other label."""
    plain = unicodedata.normalize("NFKC", tag)
    if _EVALUATIONS.search(plain):
        return TagKind.EVALUATION
    return TagKind.REASON if _REASONS.search(plain) else TagKind.FREE


def rejection_reason_of(word: str) -> RejectionReason | None:
    """Give the job-related reason (B-4) that a company's own word for it means; None where it names none of them."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", word)).lower()
    if _NO_FAULT.search(plain):
        return None
    return next((reason for pattern, reason in _DECISIONS if pattern.search(plain)), _LABELLED.get(plain))


def split_tags(text: str) -> list[str]:
    """Give the tags of one cell, each once; 条件不一致(給与) and PM/PL stay whole."""
    return list(dict.fromkeys(tag.strip() for tag in re.split(r"[,，、;；|｜\n\t]", text) if tag.strip()))
