"""`relay import`: a file of applicants, of up to 50,000 rows, whole or not at all; or a folder of such files."""

import gc
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from relay import clock
from relay.cli.act import one_act, with_app
from relay.cli.imports import watching
from relay.cli.imports.words import figures, remarks
from relay.identity import companies
from relay.intake.planning.plan import Answers, Past, draw
from relay.intake.reading.refusals import MAX_ROWS
from relay.intake.reading.sources import FORMATS
from relay.intake.reading.table import HEADER_WITHIN, NamedPlace
from relay.intake.rows import mapping
from relay.intake.rows.reader import read_rows
from relay.intake.rows.row import Reading
from relay.intake.writing.applying import ImportReport, RowsRefused, prepare_and_apply, report_of
from relay.models import Import, ImportState, RetentionBasis, scopes


@click.command("import", help="候補者のファイルを取り込みます。")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--watch",
    "folder",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="DIRに置かれるファイルを、止められるまで取り込み続ける",
)
@click.option(
    "--settle",
    default=10.0,
    show_default=True,
    type=click.FloatRange(0.1, 3600),
    help="--watch で、ファイルが変わらなくなってから取り込むまでの秒数",
)
@click.option("--company", "slug", required=True, metavar="SLUG", help="企業の短い名前")
@click.option(
    "--basis", required=True, type=click.Choice([basis.value for basis in RetentionBasis]), help="保管してよい理由"
)
@click.option(
    "--told", type=click.Choice(["yes", "no"]), default="yes", help="見送りの方に、結果をもう伝えたか（既定は yes）"
)
@click.option(
    "--past",
    type=click.Choice([past.value for past in Past]),
    default=Past.KEEP.value,
    help="期限を過ぎている方を、30日だけ保管するか（keep、既定）取り込まないか（leave）",
)
@click.option("--format", "source", metavar="NAME", help=f"ファイルの形式（{'・'.join(FORMATS)}。なければ見分けます）")
@click.option("--sheet", default="", metavar="NAME", help="取り込むシート（候補者の表が一つだけなら、なくてもよい）")
@click.option(
    "--header-row", default=0, type=click.IntRange(0, HEADER_WITHIN), help="見出しの行（0は、見つけた行。既定）"
)
@click.option("--words-checked", is_flag=True, help="気をつけたい言葉のあるメモとタグも、確認したものとして取り込む")
@click.option("--dry-run", is_flag=True, help="何も書かずに、取り込むとどうなるかだけを示す")
@click.option("--json", "as_json", is_flag=True, help="結果をJSONで出す")
@with_app
def command(
    file: Path | None,
    folder: Path | None,
    settle: float,
    slug: str,
    basis: str,
    told: str,
    past: str,
    source: str | None,
    sheet: str,
    header_row: int,
    words_checked: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Bring in the one file, or those of a folder until SIGTERM or SIGINT, finishing the file in hand."""
    answers = Answers(RetentionBasis(basis), told == "yes", Past(past), words_checked)
    place = NamedPlace(sheet, header_row)
    if file is not None and folder is None:
        _bring_file(file, slug, answers, source, place, dry_run=dry_run, as_json=as_json)
        return
    if file is not None or folder is None:
        raise click.UsageError(_("取り込むファイルか、「--watch」とフォルダーの、どちらか一つを指定してください。"))
    if dry_run or as_json:
        raise click.UsageError(_("「--dry-run」と「--json」は、「--watch」と一緒には使えません。"))
    watching.watch(folder, slug, answers, source, place, settle=settle)


@one_act
def _bring_file(
    session: Session,
    file: Path,
    slug: str,
    answers: Answers,
    source: str | None,
    place: NamedPlace,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Read first, so that nobody else waits; then apply in one transaction. A large file's words follow (worker)."""
    company_id = companies.by_slug(session, slug).id
    session.rollback()
    with _nothing_collected():
        reading = read_rows(
            file.read_bytes(),
            filename=file.name,
            today=clock.today(),
            format=source,
            max_rows=MAX_ROWS,
            chosen=lambda shape: _chosen(session, company_id, shape),
            named=place,
        )
        if reading.refused:
            _refuse(reading, as_json)
        report = (
            _plan(session, company_id, reading, answers) if dry_run else _apply(session, company_id, reading, answers)
        )
    _say(report, as_json, dry_run)


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Leave the garbage where it is: millions of small things are made, and all stay until the file is in."""
    gc.disable()  # tricks: import
    try:
        yield
    finally:
        gc.enable()


@scopes.in_company
def _chosen(session: Session, company_id: int, shape: str) -> dict[str, str]:
    """Return what HR said of the columns of such files on the page."""
    said = mapping.chosen(session, shape)
    session.rollback()
    return said


@scopes.in_company
def _plan(session: Session, company_id: int, reading: Reading, answers: Answers) -> ImportReport:
    return report_of(reading, draw(session, reading, answers))


def _apply(session: Session, company_id: int, reading: Reading, answers: Answers) -> ImportReport:
    report = prepare_and_apply(
        session,
        company_id,
        reading,
        answers,
        by_user_id=None,
        import_id=None,
        find_import=lambda import_id: _import(session, company_id, reading, import_id),
    )
    assert report is not None
    return report


def _import(session: Session, company_id: int, reading: Reading, import_id: int | None) -> Import:
    """Return a new import, which nobody else knows of."""
    with scopes.company(session, company_id):
        row = Import(id=import_id, state=ImportState.PREVIEWED, format=reading.format, created_at=clock.now())
        session.add(row)
        session.flush()
    return row


def _refuse(reading: Reading, as_json: bool) -> None:
    """Show every problem, then the reason in one line, and leave with 1."""
    if as_json:
        click.echo(_json(report_of(reading)))
    else:
        for line in remarks([problem.as_json() for problem in reading.problems]):
            click.echo(line)
    click.echo(str(RowsRefused(len(reading.problems))), err=True)
    sys.exit(1)


def _say(report: ImportReport, as_json: bool, dry_run: bool) -> None:
    if as_json:
        click.echo(_json(report))
        return
    for line in figures(report.as_json()):
        click.echo(line)
    click.echo(
        _("確認しただけで、何も取り込んでいません。") if dry_run else _("取り込みました。メールは送られません。")
    )


def _json(report: ImportReport) -> str:
    return json.dumps(report.as_json(), ensure_ascii=False, indent=2)
