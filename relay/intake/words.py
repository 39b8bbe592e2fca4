"""What the words in a selection column and in a tag mean.

The four ends stay apart (blueprint, section 1): a withdrawal is never read as a rejection.
"""

import re
import unicodedata

from relay.intake.result import End
from relay.models import TagKind

# In this order: 内定辞退 withdrew before 内定 is open, 採用見送り is rejected before 採用 is hired.
_ENDS: tuple[tuple[re.Pattern[str], End], ...] = (
    (re.compile(r"予定なし|(?<!入社)予定$|検討中?$|候補$"), End.OPEN),
    (re.compile(r"辞退|withdraw|withdrew|refusedbycandidate"), End.WITHDREW),
    (re.compile(r"不採用|不合格|不通過|見送り?|選考落ち|書類落ち|落選|^(?:fail(?:ed)?|rejected)$"), End.REJECTED),
    (re.compile(r"重複|^duplicated?$"), End.DUPLICATE),
    (
        re.compile(
            r"^(?:入社(?:決定|済み?|予定|承諾)?|(?:本)?採用(?:決定|済み?|確定)?|内定(?:承諾|受諾)(?:済み?)?|hired)$"
        ),
        End.HIRED,
    ),
    (
        re.compile(
            r"(?:中|待ち|前|予定|保留)$|^(?:未対応|未選考|未定|応募|新規|新着|内定|オファー|open|active|new|inprogress)$"
        ),
        End.OPEN,
    ),
)

_EVALUATIONS = re.compile(r"ポテンシャル|候補$|向き$|惜しい|優秀|次点|高評価|有望|再応募歓迎|即戦力")
_REASONS = re.compile(r"不足|不一致|ミスマッチ|充足|不備|要件外|条件|他の?候補者|人数の?都合|採用枠")


def end_of(word: str) -> End | None:
    """Give the end a word names; an empty cell is in selection, None means the word is not known."""
    plain = re.sub(r"[\s_・]", "", unicodedata.normalize("NFKC", word)).lower()
    plain = re.sub(r"\([^()]*\)$", "", plain)
    if not plain:
        return End.OPEN
    return next((end for pattern, end in _ENDS if pattern.search(plain)), None)


def tag_kind(tag: str) -> TagKind:
    """Tell an assessment (他職種向き) from a finer reason (スキル不足) and from any other label."""
    plain = unicodedata.normalize("NFKC", tag)
    if _EVALUATIONS.search(plain):
        return TagKind.EVALUATION
    return TagKind.REASON if _REASONS.search(plain) else TagKind.FREE


def split_tags(text: str) -> list[str]:
    """Give the tags of one cell, each once; 条件不一致(給与) and PM/PL stay whole."""
    return list(dict.fromkeys(tag.strip() for tag in re.split(r"[,，、;；|｜\n\t]", text) if tag.strip()))
