"""Files of costs: chosen, looked at with their questions, applied whole or not at all, and taken back."""

from typing import Any

from flask import Response, abort, flash, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField

from relay import clock
from relay.access.context import member
from relay.access.markers import accepts_up_to
from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db
from relay.forms import longest
from relay.identity.roles import may
from relay.infra import limited
from relay.insight.costs import files, months
from relay.insight.costs.file_reading import MAX_BYTES, MAX_ROWS
from relay.insight.costs.files import CostPlan, CostReading, FileAnswers, FileProblems
from relay.intake.reading.refusals import MEGABYTE, FileRefused
from relay.models import CostFile, CostFileState, CostKind
from relay.portal import portal
from relay.portal.ui.labels import words
from relay.text import whole_number
from relay.text.spreadsheet import workbook
from relay.web import done, page

SHOWN = 100
"""So many sums of a file are on a page."""
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class CostFileForm(FlaskForm):  # type: ignore[misc]
    """Which file, and which of its sheets where it has several."""

    file = FileField(_l("費用のファイル"), validators=[FileRequired(_l("取り込むファイルを選んでください。"))])
    sheet = StringField(_l("シートの名前"), validators=[longest(100)])


@portal.get("/insights/costs/file")
@needs("insights:write")
def insights_cost_file_new() -> Response:
    """Choose a file; the newest that came in are below."""
    limited.get_ready(files.READER)
    return _choose(CostFileForm(None))


@portal.post("/insights/costs/file")
@needs("insights:write")
@accepts_up_to(MAX_BYTES)
def insights_cost_file_create() -> AnyResponse:
    """Read the file and keep its sums for a look; of one with problems nothing is kept, and they are shown."""
    form = CostFileForm()
    if not form.validate():
        return _choose(form, status=422)
    db.session.rollback()
    person = member()
    try:
        row = files.receive(
            db.session(),
            person.company_id,
            form.file.data.stream,
            sheet=form.sheet.data or "",
            by_user_id=person.user_id,
        )
    except FileProblems as refused:
        return _choose(form, status=422, problems=refused)
    except FileRefused as refused:
        return _choose(form, status=422, trouble=str(refused))
    db.session.commit()
    return done(None, go_to=url_for("portal.insights_cost_file", cost_file_id=row.id))


@portal.get("/insights/costs/file/template")
@needs("insights:write")
def insights_cost_file_template() -> Response:
    """Send a workbook with the columns that are read, and a line to write over."""
    this = months.month_of(clock.today())
    month = _("%(year)s年%(month)s月", year=this.year, month=this.month)
    rows = [
        [_("月"), _("経路"), _("費目"), _("金額")],
        [month, "", str(CostKind.ADVERTISING.label), ""],
        [month, "", str(CostKind.AGENCY_FEE.label), ""],
    ]
    response = send_file(workbook(rows), mimetype=_XLSX, as_attachment=True, download_name=_("採用の費用.xlsx"))
    response.headers["Cache-Control"] = "no-store"
    return response


@portal.get("/insights/costs/file/<int:cost_file_id>")
@needs("insights:write")
def insights_cost_file(cost_file_id: int) -> AnyResponse:
    """Show a file that waits: its questions, then sum by sum what it would do; of another, what it did."""
    return _show(_file_or_404(cost_file_id))


@portal.post("/insights/costs/file/<int:cost_file_id>")
@needs("insights:write")
def insights_cost_file_apply(cost_file_id: int) -> AnyResponse:
    """Apply the file with the answers given; a second press finds it applied and shows what it did."""
    row = _file_or_404(cost_file_id)
    try:
        files.apply(db.session(), row, _answers(row), by_user_id=member().user_id)
    except DomainError as refused:
        db.session.rollback()
        return _show(_file_or_404(cost_file_id), status=422, trouble=str(refused))
    db.session.commit()
    return done(None, go_to=url_for("portal.insights_cost_file", cost_file_id=cost_file_id))


@portal.post("/insights/costs/file/<int:cost_file_id>/discard")
@needs("insights:write")
def insights_cost_file_discard(cost_file_id: int) -> AnyResponse:
    """Drop a file that is not to be applied."""
    if not files.discard(db.session(), _file_or_404(cost_file_id)):
        return done(None, go_to=url_for("portal.insights_cost_file", cost_file_id=cost_file_id))
    db.session.commit()
    flash(_("読み取ったファイルを破棄しました。何も取り込んでいません。"))
    return done(None, go_to=url_for("portal.insights_cost_file_new"))


@portal.post("/insights/costs/file/<int:cost_file_id>/undo")
@needs("insights:write")
def insights_cost_file_undo(cost_file_id: int) -> AnyResponse:
    """Put every sum back as it was before the file; where one changed since, nothing is, and it is named."""
    row = _file_or_404(cost_file_id)
    try:
        undone = files.take_back(db.session(), row, by_user_id=member().user_id)
    except DomainError as refused:
        db.session.rollback()
        return _show(_file_or_404(cost_file_id), status=409, trouble=str(refused))
    db.session.commit()
    if undone:
        flash(_("取り込みを取り消しました。費用は、取り込む前の金額に戻っています。"))
    return done(None, go_to=url_for("portal.insights_cost_file", cost_file_id=cost_file_id))


def _file_or_404(cost_file_id: int) -> CostFile:
    return files.find(db.session(), cost_file_id) or abort(404)


def _choose(
    form: CostFileForm, *, status: int = 200, trouble: str = "", problems: FileProblems | None = None
) -> Response:
    return page(
        "portal/insights/costs_file_new.html",
        status=status,
        form=form,
        trouble=trouble,
        problems=problems,
        uploads=files.listed(db.session()),
        states=CostFileState,
        megabytes=MAX_BYTES // MEGABYTE,
        max_rows=MAX_ROWS,
        **words(),
    )


def _show(row: CostFile, *, status: int = 200, trouble: str = "") -> AnyResponse:
    if row.state is not CostFileState.PREVIEWED:
        return page(
            "portal/insights/costs_file_done.html",
            status=status,
            row=row,
            trouble=trouble,
            states=CostFileState,
            may_write=may(member().role, "insights:write"),
            **words(),
        )
    session, reading, answers = db.session(), CostReading(row.reading), _answers(row)
    plan = None
    try:
        plan = files.plan(session, row, answers)
    except DomainError as refused:
        trouble, status = str(refused), 422
    number = whole_number(request.args.get("page", "1")) or 1
    return page(
        "portal/insights/costs_file.html",
        status=status,
        row=row,
        reading=reading,
        answers=answers,
        asked=_asked(row, reading, answers),
        plan=plan,
        shown=plan.costs[(number - 1) * SHOWN : number * SHOWN] if plan else (),
        number=number,
        pages=_pages(plan),
        here=_here(row, answers),
        trouble=trouble,
        missing=plan is None and "answer" in request.values and not trouble,
        kinds=list(CostKind),
        name_of=files.name_of,
        **words(),
    )


def _answers(row: CostFile) -> FileAnswers:
    """Return what was answered so far: in the address of the look, and in the form that applies the file."""
    if row.state is not CostFileState.PREVIEWED:
        return FileAnswers()
    rest = request.values.get("rest", "")
    strange = CostReading(row.reading).strange
    said = ((word, request.values.get(f"kind-{place}", "") or rest) for place, word in enumerate(strange))
    kinds = {word: CostKind(kind) for word, kind in said if kind in list(CostKind)}
    return FileAnswers(whole_number(request.values.get("amount", "")), kinds)


def _asked(row: CostFile, reading: CostReading, answers: FileAnswers) -> list[tuple[str, str, CostKind | None]]:
    """Return the field of each word whose kind is asked, the word, and what is chosen: the usual kind at first."""
    usual = {} if "answer" in request.values else files.usual_kinds(db.session(), reading.strange)
    chosen = usual | dict(answers.kinds or {})
    return [(f"kind-{place}", word, chosen.get(word)) for place, word in enumerate(reading.strange)]


def _here(row: CostFile, answers: FileAnswers) -> dict[str, Any]:
    """Return the address of the look with these answers, for its further pages and the form that applies it."""
    strange = CostReading(row.reading).strange
    kinds = answers.kinds or {}
    said = {f"kind-{place}": kinds[word].value for place, word in enumerate(strange) if word in kinds}
    return said | ({} if answers.amount is None else {"amount": str(answers.amount)})


def _pages(plan: CostPlan | None) -> int:
    return -(-len(plan.costs) // SHOWN) if plan else 0
