"""How the record of acts says what was done: one sentence for each act of the journal."""

from typing import Any

from flask_babel import gettext as _

from relay.models import Act, Exit, JournalEntry, StepKind
from relay.portal.applications.progress_forms import PROGRESS_WORDS
from relay.selection.progress import STEP_WORDS, Progress


def said(entry: JournalEntry, tag_names: dict[int, str], conditions: dict[int, str]) -> str:
    """What the act did to how many people; a tag or rule that is gone has no words any more."""
    n = f"{entry.people:,}"
    return {
        Act.TAGGED: _("%(n)s名に「%(tag)s」を付けた", n=n, tag=_tag(entry, "tag_id", tag_names)),
        Act.UNTAGGED: _("%(n)s名から「%(tag)s」を外した", n=n, tag=_tag(entry, "tag_id", tag_names)),
        Act.EXIT_SET: _("%(n)s名の出口を「%(exit)s」にした", n=n, exit=_exit(entry.data)),
        Act.TAGS_MERGED: _("タグを「%(into)s」にまとめた（%(n)s名）", n=n, into=_tag(entry, "into_id", tag_names)),
        Act.TAG_DROPPED: _("タグを消した（%(n)s名から外れた）", n=n),
        Act.RULE_APPLIED: _("自動のルール「%(rule)s」を%(n)s名に使った", n=n, rule=_rule(entry, conditions)),
        Act.IMPORTED: _("ファイルから%(n)s名を取り込んだ", n=n),
        Act.MERGED: _("同じ方の記録を一つにまとめた"),
        Act.EDITED: _("%(n)s名の記録を直した", n=n),
        Act.RESULT_RECORDED: _recorded(entry.data),
    }[entry.act]


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


def _exit(data: dict[str, Any]) -> str:
    word = data.get("exit", "")
    return str(Exit(word).label) if word else _("決めていない")
