"""How the activity says what was done: one sentence for each act of the journal."""

from typing import Any

from flask_babel import gettext as _

from relay.bulk.actions import ACTIONS, ActivityNames
from relay.hiring.progress import STEP_WORDS, Progress
from relay.models import ActionKind, JournalEntry, StepKind
from relay.portal.applications.progress_forms import PROGRESS_WORDS


def said(entry: JournalEntry, names: ActivityNames) -> str:
    """Return what the act did to how many people; a tag or rule that is gone has no words any more."""
    n = f"{entry.people:,}"
    if action := ACTIONS.get(entry.action):
        return action.read(entry.data).activity(n, names)
    return {
        ActionKind.IMPORTED: _("ファイルから%(n)s名を取り込んだ", n=n),
        ActionKind.MERGED: _("同じ方の記録を一つにまとめた"),
        ActionKind.EDITED: _("%(n)s名の記録を編集した", n=n),
        ActionKind.RESULT_RECORDED: _recorded(entry.data),
    }[entry.action]


def _recorded(data: dict[str, Any]) -> str:
    """Only that act has these values."""
    what = data.get("what", "")
    if what == Progress.STEP:
        return _("応募を次の段階（%(step)s）へ進めた", step=STEP_WORDS[StepKind(data["step"])])
    return _("応募の結果（%(what)s）を記録した", what=PROGRESS_WORDS[Progress(what)]) if what else ""
