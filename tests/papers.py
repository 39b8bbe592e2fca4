"""Files as applicants send them, and as nobody should: made byte by byte, so that a test says what is in them."""

import zipfile
import zlib
from io import BytesIO

CONTENT_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
JPG = b"\xff\xd8\xff\xe0" + bytes(40)
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
HTML = b"<!doctype html><script>alert(1)</script>"


def pdf(text: str) -> bytes:
    """One page with this text, set in a Japanese font that is not embedded, as many programs write it."""
    shown = text.encode("utf-16-be").hex()
    stream = f"BT /F1 12 Tf 72 720 Td <{shown}> Tj ET".encode()
    return _assembled(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiMin-W3 /Encoding /UniJIS-UTF16-H /DescendantFonts [6 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiMin-W3 /FontDescriptor 7 0 R"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 5 >> >>",
        b"<< /Type /FontDescriptor /FontName /HeiseiMin-W3 /Flags 4 >>",
    )


def _assembled(*objects: bytes) -> bytes:
    """A PDF of these objects, the first being its catalogue."""
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    return body + b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        count,
        table,
        count,
        len(body),
    )


def thick_pdf(pages: int, pieces: int, mark: str) -> bytes:
    """A small file that takes long to read: so many pages, each of so many pieces of text. `mark` makes it another."""
    stream = zlib.compress(b"BT /F1 9 Tf " + b"1 0 0 1 72 700 Tm (abc) Tj " * pieces + b"ET", 9)
    first = 5
    kids = b" ".join(b"%d 0 R" % (first + number) for number in range(pages))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 3 0 R"
    page += b" /Resources << /Font << /F1 4 0 R >> >> >>"
    return _assembled(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages),
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> % " + mark.encode(),
        *[page] * pages,
    )


def docx(*paragraphs: str) -> bytes:
    """A Word file of these paragraphs."""
    rows = "".join(f"<w:p><w:r><w:t>{each}</w:t></w:r></w:p>" for each in paragraphs)
    document = (
        f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{WORD}"><w:body>{rows}</w:body></w:document>'
    )
    return zipped({"[Content_Types].xml": CONTENT_TYPES, "word/document.xml": document})


def xlsx(*rows: tuple[str, ...]) -> bytes:
    """An Excel file of these rows."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packed = "http://schemas.openxmlformats.org/package/2006/relationships"
    cells = "".join("<row>" + "".join(map(_cell, row)) + "</row>" for row in rows)
    sheet = '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets>'
    return zipped(
        {
            "[Content_Types].xml": CONTENT_TYPES,
            "_rels/.rels": f'<Relationships xmlns="{packed}"><Relationship Id="rId1" '
            f'Type="{links}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{links}">{sheet}</workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packed}"><Relationship Id="rId1" '
            f'Type="{links}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
        }
    )


def _cell(text: str) -> str:
    return f'<c t="inlineStr"><is><t>{text}</t></is></c>'


def zipped(parts: dict[str, str | bytes]) -> bytes:
    """A zip of these parts."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in parts.items():
            pack.writestr(name, content)
    return file.getvalue()


def bomb() -> bytes:
    """A Word file of some kilobytes that unpacks to more than a hundred megabytes."""
    return zipped({"[Content_Types].xml": CONTENT_TYPES, "word/document.xml": bytes(101 << 20)})


def crowd() -> bytes:
    """A Word file of thousands of parts."""
    return zipped({"word/document.xml": "x"} | {f"word/{number}.xml": "" for number in range(2_001)})


def quiet_bomb() -> bytes:
    """A Word file whose text itself is small when packed and large when read: entities that repeat each other."""
    layers = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    document = f'<?xml version="1.0"?><!DOCTYPE d [{layers}]><w:document xmlns:w="{WORD}"><w:t>&a9;</w:t></w:document>'
    return zipped({"[Content_Types].xml": CONTENT_TYPES, "word/document.xml": document})
