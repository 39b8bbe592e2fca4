"""The program of the guide to spreadsheets: it reads the applications, without names, into a sheet of Google's."""

from flask import json
from flask_babel import gettext as _

from relay.models import ApplicationResult

FUNCTION = "relayApplications"
KEY_PROPERTY = "RELAY_API_KEY"
"""Where the program finds the API key."""
_PROGRAM = """\
const API = __API__;
const SHEET = __SHEET__;
const COLUMNS = __COLUMNS__;
const RESULTS = __RESULTS__;

function readAll(path) {
  const key = PropertiesService.getScriptProperties().getProperty("RELAY_API_KEY");
  const rows = [];
  let cursor = "";
  do {
    const from = cursor ? "&cursor=" + encodeURIComponent(cursor) : "";
    const answer = UrlFetchApp.fetch(API + path + "?limit=200" + from, { headers: { Authorization: "Bearer " + key } });
    const page = JSON.parse(answer.getContentText());
    rows.push(...page.data);
    cursor = page.next_cursor;
  } while (cursor);
  return rows;
}

function relayApplications() {
  const titles = {};
  readAll("/positions").forEach((each) => { titles[each.id] = each.title; });
  const lines = readAll("/applications").map((each) => {
    const told = { ...each, position: titles[each.position_id], status: RESULTS[each.status] };
    return COLUMNS.map(([name]) => (told[name] ? "'" + told[name] : "")); // ' : a text, never a formula
  });
  const book = SpreadsheetApp.getActiveSpreadsheet();
  const sheet = book.getSheetByName(SHEET) || book.insertSheet(SHEET);
  const cells = [COLUMNS.map(([, heading]) => heading), ...lines];
  sheet.clearContents();
  sheet.getRange(1, 1, cells.length, COLUMNS.length).setValues(cells);
}
"""


def sheet_name() -> str:
    """Return the sheet that the program writes."""
    return _("Relayの応募")


def program(api_url: str) -> str:
    """Return the program for the API at this address."""
    columns = [
        ("id", _("応募の番号")),
        ("position", _("求人")),
        ("applied_on", _("応募日")),
        ("channel", _("応募経路")),
        ("stage", _("段階")),
        ("status", _("選考の結果")),
        ("decided_on", _("結果の日")),
    ]
    filled = {
        "__API__": api_url,
        "__SHEET__": sheet_name(),
        "__COLUMNS__": columns,
        "__RESULTS__": {result.value: str(result.label) for result in ApplicationResult},
    }
    text = _PROGRAM
    for place, value in filled.items():
        text = text.replace(place, json.dumps(value, ensure_ascii=False, sort_keys=False))
    return text
