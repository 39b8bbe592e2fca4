"""Files that would take the memory, the time or the threads of whoever reads them, each made on the spot."""

import io
import zipfile
from collections.abc import Callable

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_TOP = '<row r="1"><c r="A1" t="inlineStr"><is><t>氏名</t></is></c></row>'
MEGABYTE = 1 << 20


def workbook(
    sheet: str,
    *others: str,
    at: str = "worksheets/sheet1.xml",
    beside: dict[str, bytes] | None = None,
) -> bytes:
    """A workbook whose first sheet stands in a part of our choice."""
    parts = {at: sheet} | {f"worksheets/other{number}.xml": other for number, other in enumerate(others)}
    names = ["応募者", *(f"別紙{number}" for number in range(len(others)))]
    sheets = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="b{n}"/>' for n, name in enumerate(names, start=1))
    targets = "".join(
        f'<Relationship Id="b{n}" Type="{_OFFICE}/worksheet" Target="{part}"/>' for n, part in enumerate(parts, start=1)
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="a" Type="{_OFFICE}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        pack.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'
        )
        pack.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{_PACKAGE}">{targets}</Relationships>')
        for part, markup in parts.items():
            pack.writestr(f"xl/{part}", markup)
        for name, content in (beside or {}).items():
            pack.writestr(name, content)
    return out.getvalue()


def sheet(rows: str, after: str = "") -> str:
    """The markup of a sheet that begins with a column of names."""
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{_TOP}{rows}</sheetData>{after}</worksheet>'


def _far(cell: str) -> str:
    return sheet(f'<row r="1048576">{cell}</row>')


def _nested() -> bytes:
    inner = b"\0" * (8 * MEGABYTE)
    for _layer in range(5):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
            for number in range(4):
                pack.writestr(f"{number}.zip", inner)
        inner = out.getvalue()
    return inner


def _many_parts() -> bytes:
    return workbook(sheet(""), beside={f"xl/worksheets/s{number}.xml": b"" for number in range(20_000)})


def _merges(count: int) -> str:
    merges = "".join(f'<mergeCell ref="A{row}:B{row}"/>' for row in range(count))
    return f"<mergeCells>{merges}</mergeCells>"


def _entities() -> str:
    layers = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    body = sheet('<row r="2"><c r="A2" t="inlineStr"><is><t>&e9;</t></is></c></row>')
    return f'<!DOCTYPE worksheet [<!ENTITY e0 "氏名">{layers}]>{body}'


FILES: dict[str, Callable[[], bytes]] = {
    "a cell without a style": lambda: workbook(_far('<c r="XFD1048576"><v>1</v></c>')),
    "single quotes": lambda: workbook(_far("<c r='XFD1048576'><v>1</v></c>").replace('"1048576"', "'1048576'")),
    "another folder": lambda: workbook(_far('<c r="XFD1048576"><v>1</v></c>'), at="ws/s.xml"),
    "another spelling": lambda: workbook(_far('<c r="XFD1048576"><v>1</v></c>'), at="Worksheets/Sheet1.XML"),
    "an area just below the worst": lambda: workbook(sheet('<row r="40000"><c r="ZZ40000"><v>1</v></c></row>')),
    "cells that never close": lambda: workbook("<c " * 100_000),
    "markup nested deep": lambda: workbook(sheet("<row>" * 200_000)),
    "half a million merges": lambda: workbook(sheet("", _merges(500_000))),
    "a merge over everything": lambda: workbook(sheet("", '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')),
    "a dimension that lies": lambda: workbook(
        f'<worksheet xmlns="{_MAIN}"><dimension ref="A1:XFD1048576"/><sheetData>{_TOP}</sheetData></worksheet>'
    ),
    "a sheet that swells": lambda: workbook(sheet(" " * (400 * MEGABYTE))),
    "texts that swell": lambda: workbook(
        sheet(""), beside={"xl/sharedStrings.xml": b"<sst><si><t>" + b"a" * (200 * MEGABYTE) + b"</t></si></sst>"}
    ),
    "entities within entities": lambda: workbook(_entities()),
    "archives within archives": _nested,
    "thousands of parts": _many_parts,
    "one cell without end": lambda: "氏名,メモ\n山田,".encode() + b"a" * (40 * MEGABYTE),
    "commas": lambda: b"," * (50 * MEGABYTE - 1),
    "commas and lines": lambda: "氏名\n".encode() + (b"," * 199 + b"\n") * (49 * MEGABYTE // 200),
    "empty lines": lambda: "氏名\n".encode() + b"\n" * (49 * MEGABYTE),
    "quotes": lambda: "氏名\n".encode() + b'"' * (49 * MEGABYTE),
    "quotes and commas": lambda: "氏名\n".encode() + b'",' * (24 * MEGABYTE),
    "a quote left open": lambda: '氏名,メモ\n"'.encode() + b"a,b\n" * (10 * MEGABYTE),
    "line breaks in quotes": lambda: "氏名,メモ\n".encode() + (b'x,"' + b"\n" * 9 + b'"\n') * (3 * MEGABYTE),
    "odd bytes of EUC-JP": lambda: (
        "氏名,メモ\n".encode("euc-jp") + b"\xa4\xa2\x8f\xff\xb0\xa1,\n" * (20 * MEGABYTE // 8)
    ),
    "signs only vendors have in EUC-JP": lambda: (
        "氏名,メモ\n".encode("euc-jp") + b"\xad\xa1" * (10 * MEGABYTE) + "\nあア".encode("euc-jp")
    ),
    "odd bytes of ISO-2022-JP": lambda: b"\x1b$B\x1b(B" * (3 * MEGABYTE),
    "nulls": lambda: b"\0" * (49 * MEGABYTE),
}
"""Every one is to be answered with a sentence; they are made when wanted, for some are large."""
TELLING = (
    *("a cell without a style", "single quotes", "another folder", "another spelling", "cells that never close"),
    *("half a million merges", "archives within archives", "commas", "empty lines", "odd bytes of EUC-JP"),
)
"""One of each kind of trouble; all of them take too long for everyday."""
