"""Sentences that say what an import did, from the object of its report."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import format_datetime
from flask_babel import gettext as _

from relay.cli.imports.folder import shown
from relay.intake.reading.sources import label_of
from relay.intake.uploads.whole import Brought


def figures(report: Mapping[str, Any]) -> list[str]:
    """Return what the file holds, and what becomes of its people."""
    return [
        _(
            "%(source)s：%(rows)s行"
            "（選考中%(open)s・見送り%(rejected)s・辞退%(withdrew)s・重複%(duplicates)s・入社%(hired)s）",
            source=label_of(report["format"]),
            rows=report["rows"],
            open=report["in_selection"],
            rejected=report["rejected"],
            withdrew=report["withdrew"],
            duplicates=report["duplicates"],
            hired=report["hired"],
        ),
        _(
            "新しい方%(created)s名、内容が変わる方%(updated)s名、期限を過ぎている方%(past)s名"
            "（うち取り込まない方%(left)s名）、お知らせ%(notes)s件",
            created=report["created"],
            updated=report["updated"],
            past=report["past_date"],
            left=report["left_out"],
            notes=len(report["notes"]),
        ),
    ]


def remarks(said: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return problems or notes with their rows; row 0 is the file as a whole."""
    return [
        _("%(row)s行目の%(column)s：%(message)s", row=one["row"], column=one["column"] or "", message=one["message"])
        if one["row"]
        else one["message"]
        for one in said
    ]


def verdict(name: str, brought: Brought) -> str:
    """Return in one sentence what became of a file."""
    if brought.before is not None:
        return already(name, brought.before)
    if brought.is_refused:
        return _("「%(name)s」は取り込んでいません。修正して、もう一度置いてください。", name=shown(name))
    return _("「%(name)s」を取り込みました。メールは送られません。", name=shown(name))


def already(name: str, before: datetime) -> str:
    """Say that the same file was applied at that moment."""
    return _(
        "「%(name)s」と同じ内容のファイルは、%(before)sに取り込み済みです。もう一度は取り込んでいません。",
        name=shown(name),
        before=format_datetime(before),
    )


def whole_text(name: str, brought: Brought) -> list[str]:
    """Return the report of a file of a watched folder as a person reads it."""
    lines = [verdict(name, brought)]
    if brought.before is not None:
        lines.append(_("そのときの結果："))
    if not brought.is_refused:
        lines += figures(brought.report)
    return [*lines, *remarks(brought.report["problems"]), *remarks(brought.report["notes"])]
