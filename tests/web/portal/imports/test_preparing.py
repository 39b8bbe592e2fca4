"""The template that can be filled in, and the page about preparing a file."""

from io import BytesIO

import openpyxl
from flask.testing import FlaskClient

from relay.intake.rows.reader import read_rows
from relay.portal.imports.preparing import COLUMNS
from tests.unit.intake.files import TODAY


def test_every_column_of_the_template_is_read_as_what_it_is_called(ada: FlaskClient) -> None:
    book = openpyxl.load_workbook(BytesIO(ada.get("/pool/import/template").data))
    sheet = book.active
    assert sheet is not None
    for place in range(1, len(COLUMNS) + 1):
        sheet.cell(2, place).value = "秋山 澪" if place == 1 else ""
    filled = BytesIO()
    book.save(filled)
    reading = read_rows(filled.getvalue(), filename="x.xlsx", today=TODAY)
    assert [column.field for column in reading.taken] == list(COLUMNS)
    assert [row.name for row in reading.rows] == ["秋山 澪"]


def test_the_way_there_and_back(ada: FlaskClient, vic: FlaskClient) -> None:
    assert 'href="/pool/import/preparing"' in ada.get("/pool/import").text
    page = ada.get("/pool/import/preparing")
    for words in ("ひな形をダウンロードする", "HERP", "HRMOS", "ジョブカン採用管理", "doda"):
        assert words in page.text
    assert vic.get("/pool/import/template").status_code == 403
