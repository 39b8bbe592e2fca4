"""The file of a list of people: its columns, and CSV in Windows Japanese with what that cannot write."""

from collections.abc import Iterable
from tempfile import TemporaryFile
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

from flask_babel import gettext as _

from relay.models.candidate_fields import EXPORTED_FIELDS
from relay.portal.candidates.facts import text_of
from relay.search.export import ExportedCandidate
from relay.text.spreadsheet import GETA, csv_lines, csv_utf8, in_cp932

_MAX_REPORTED = 1_000


def heading() -> list[str]:
    """Return the first row."""
    return [
        *(str(field.label) for field in EXPORTED_FIELDS), _("応募した求人"), _("応募日"), _("選考段階"), _("結果"),
        _("見送りの理由"), _("応募経路"), _("タグ"), _("今後の対応"), _("保管期限"),
    ]  # fmt: skip


def cells(person: ExportedCandidate) -> list[str]:
    """Return one person as a row of texts."""
    row = person.row
    return [
        *(text_of(field, person.facts[field.name]) for field in EXPORTED_FIELDS),
        row.position or "",
        row.applied_on.isoformat() if row.applied_on else "",
        row.stage or "",
        str(row.status.label) if row.status else "",
        str(row.reason.label) if row.reason else "",
        row.channel or "",
        "、".join(person.tags),
        str(person.follow_up.label) if person.follow_up else "",
        row.retain_until.isoformat() if row.retain_until else "",
    ]


def csv_cp932(rows: Iterable[list[str]]) -> tuple[IO[bytes], bool]:
    """Return CSV for programs that know Windows Japanese only.

    Where characters cannot be written a zip, with the list of what the geta replaces; the second value says so.
    """
    table = TemporaryFile()  # noqa: SIM115  (sent, then closed)
    missing: list[tuple[int, str]] = []
    for number, line in enumerate(csv_lines(rows), 1):
        written, unwritable = in_cp932(line)
        table.write(written)
        missing += [(number, character) for character in unwritable]
    table.seek(0)
    return (_zipped(table, missing), True) if missing else (table, False)


def _zipped(table: IO[bytes], missing: list[tuple[int, str]]) -> IO[bytes]:
    file = TemporaryFile()  # noqa: SIM115  (sent, then closed)
    with ZipFile(file, "w", ZIP_DEFLATED) as packed:
        with packed.open(_("候補者.csv"), "w") as inside:
            while part := table.read(1 << 16):
                inside.write(part)
        packed.writestr(_("書けなかった文字.csv"), _report(missing))
    file.seek(0)
    return file


def _report(missing: list[tuple[int, str]]) -> bytes:
    told = [[_("行"), _("文字"), _("文字の番号")]]
    told += [[str(line), character, f"U+{ord(character):04X}"] for line, character in missing[:_MAX_REPORTED]]
    told.append([_("この文字は「%(geta)s」に置き換えました（%(n)s文字）。", geta=GETA, n=len(missing)), "", ""])
    return b"".join(csv_utf8(told))
