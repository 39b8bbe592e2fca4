"""Answers about a file that waits: the meaning of a word for a result, and the rows that stay behind."""

import re

from flask import flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.permissions import needs
from relay.extensions import db
from relay.intake.rows import mapping
from relay.intake.uploads import arrival
from relay.models import ApplicationResult
from relay.portal import portal
from relay.portal.imports.columns import waiting_or_404
from relay.text import plain_ascii
from relay.web import done

_MOST = 500
"""Rows that can be left out of one file."""
_LONGEST_RUN = 10_000
_LINE = re.compile("行目?")
_NUMBERS = re.compile(r"(\d{1,7})(?:\s*-\s*(\d{1,7}))?")


@portal.post("/pool/import/<int:import_id>/words")
@needs("import:run")
def import_words(import_id: int) -> AnyResponse:
    """Remember what words for results mean, for this file and every later one, and read it again."""
    row, reading = waiting_or_404(import_id)
    results = {result.value: result for result in ApplicationResult}
    typed = ((word, request.form.get(f"w{place}", "")) for place, (word, _count) in enumerate(reading.strange))
    said = {word: results[one] for word, one in typed if one in results}
    if said:
        mapping.learn(db.session(), said, by_user_id=member().user_id)
        db.session.commit()
        arrival.read_again(db.session(), row, reading.shape.fingerprint, by_user_id=member().user_id)
        flash(_("言葉の意味を覚えました。次のファイルからも、同じ意味として読み取ります。"))
    else:
        flash(_("言葉の意味が選ばれていません。選考中として読み取ったままです。"), "warning")
    return done(None, go_to=url_for(".import_show", import_id=import_id))


@portal.post("/pool/import/<int:import_id>/left-rows")
@needs("import:run")
def import_left_rows(import_id: int) -> AnyResponse:
    """Read the file again without the rows that were named; none named takes all of them again."""
    row, reading = waiting_or_404(import_id)
    rows = _rows_of(request.form.get("rows", ""))
    if rows is None:
        flash(
            _(
                "行の番号を読み取れませんでした。「6、12、20-25」のように、500行以内で書いてください。前の内容のままです。"
            ),
            "warning",
        )
        return done(None, go_to=url_for(".import_show", import_id=import_id))
    arrival.leave_out(db.session(), row, reading.shape.fingerprint, rows, by_user_id=member().user_id)
    flash(_("選んだ行を除いて読み取りました。") if rows else _("すべての行を読み取りました。"))
    return done(None, go_to=url_for(".import_show", import_id=import_id))


def _rows_of(typed: str) -> set[int] | None:
    """Return the rows of 「6、12、20-25」; None where that is no list of rows, or one too long."""
    text = _LINE.sub(" ", plain_ascii(typed))
    rows: set[int] = set()
    for part in filter(None, re.split(r"[\s,、;・]+", re.sub(r"\s*-\s*", "-", text))):
        found = _NUMBERS.fullmatch(part)
        if found is None:
            return None
        first, last = int(found[1]), int(found[2] or found[1])
        if not 0 <= last - first < _LONGEST_RUN:
            return None
        rows.update(range(first, last + 1))
    return rows if len(rows) <= _MOST else None
