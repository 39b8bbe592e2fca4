"""How the activity says what was done: one sentence for each act of the journal."""

from typing import Any

from flask_babel import gettext as _

from relay.models import ActionKind, FollowUp, JournalEntry, StepKind
from relay.portal.applications.progress_forms import PROGRESS_WORDS
from relay.selection.progress import STEP_WORDS, Progress


def said(entry: JournalEntry, tag_names: dict[int, str], conditions: dict[int, str]) -> str:
    """Return what the act did to how many people; a tag or rule that is gone has no words any more."""
    n = f"{entry.people:,}"
    return {
        ActionKind.TAGGED: _("%(n)s名に「%(tag)s」を付けた", n=n, tag=_tag(entry, "tag_id", tag_names)),
        ActionKind.UNTAGGED: _("%(n)s名から「%(tag)s」を外した", n=n, tag=_tag(entry, "tag_id", tag_names)),
        ActionKind.FOLLOW_UP_SET: _(
            "%(n)s名の今後の対応を「%(follow_up)s」にした", n=n, follow_up=_follow_up(entry.data)
        ),
        ActionKind.TAGS_MERGED: _(
            "タグを「%(into)s」にまとめた（%(n)s名）", n=n, into=_tag(entry, "into_id", tag_names)
        ),
        ActionKind.TAG_DROPPED: _("タグを削除した（%(n)s名から外れた）", n=n),
        ActionKind.RULE_APPLIED: _("タグの自動設定「%(rule)s」を%(n)s名に適用した", n=n, rule=_rule(entry, conditions)),
        ActionKind.IMPORTED: _("ファイルから%(n)s名を取り込んだ", n=n),
        ActionKind.MERGED: _("同じ方の記録を一つにまとめた"),
        ActionKind.EDITED: _("%(n)s名の記録を編集した", n=n),
        ActionKind.RESULT_RECORDED: _recorded(entry.data),
    }[entry.action]


def _tag(entry: JournalEntry, which: str, tag_names: dict[int, str]) -> str:
    return tag_names.get(entry.data.get(which, 0), _("いまはないタグ"))


def _rule(entry: JournalEntry, conditions: dict[int, str]) -> str:
    return conditions.get(entry.data.get("rule_id", 0), _("いまはないルール"))


def _recorded(data: dict[str, Any]) -> str:
    """Only that act has these values."""
    what = data.get("what", "")
    if what == Progress.STEP:
        return _("応募を次の段階（%(step)s）へ進めた", step=STEP_WORDS[StepKind(data["step"])])
    return _("応募の結果（%(what)s）を記録した", what=PROGRESS_WORDS[Progress(what)]) if what else ""


def _follow_up(data: dict[str, Any]) -> str:
    word = data.get("follow_up", "")
    return str(FollowUp(word).label) if word else _("決めていない")
