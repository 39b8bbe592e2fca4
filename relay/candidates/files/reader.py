"""A program of its own: the file on standard input, the words in it on standard output. Started by `words` alone.

It imports nothing of Relay, knows no setting and no secret, and sets itself limits before it looks at the file.
"""

import io
import re
import resource
import sys
import zipfile
from collections.abc import Iterator

MEMORY = 1 << 30
SECONDS = 40
WRITTEN = 4 << 20
MAX_PAGES = 60
MAX_ROWS = 5_000
MAX_TEXT = 200_000
LARGEST_PART = 50 << 20

_WORD_PARTS = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml")
_DRAWINGS = re.compile(r"xl/drawings/drawing\d+\.xml")
_BROKEN_LINE = re.compile(
    "(?<=[\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff])\n(?=[\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff])"
)
"""A line that ends because the page does, not the sentence."""


def main(kind: str) -> None:
    """Read the file and print its words; any trouble ends the program with an error."""
    _limit()
    file = io.BytesIO(sys.stdin.buffer.read())
    text = "".join(_bounded({"pdf": _pdf, "docx": _docx, "xlsx": _xlsx}[kind](file)))
    sys.stdout.buffer.write(text.encode("utf-8", errors="ignore"))


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (WRITTEN, WRITTEN))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _bounded(pieces: Iterator[str]) -> Iterator[str]:
    taken = 0
    for piece in pieces:
        yield piece[: MAX_TEXT - taken]
        taken += len(piece)
        if taken >= MAX_TEXT:
            return


def _pdf(file: io.BytesIO) -> Iterator[str]:
    from pdfminer.high_level import extract_text

    yield _BROKEN_LINE.sub("", extract_text(file, maxpages=MAX_PAGES))


def _docx(file: io.BytesIO) -> Iterator[str]:
    with zipfile.ZipFile(file) as pack:
        yield from _parts(pack, _WORD_PARTS)


def _xlsx(file: io.BytesIO) -> Iterator[str]:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(file)
    for sheet in book.sheet_names:
        for row in book.get_sheet_by_name(sheet).to_python()[:MAX_ROWS]:
            yield "\t".join(str(cell) for cell in row if cell != "") + "\n"
    file.seek(0)
    with zipfile.ZipFile(file) as pack:
        yield from _parts(pack, _DRAWINGS)


def _parts(pack: zipfile.ZipFile, wanted: re.Pattern[str]) -> Iterator[str]:
    """Return the words of those parts of a Word or Excel file, in their order."""
    for part in pack.infolist():
        if wanted.fullmatch(part.filename):
            if part.file_size > LARGEST_PART:
                raise ValueError("a part larger than any document")
            with pack.open(part) as xml:
                yield from _words(xml)


def _words(xml: object) -> Iterator[str]:
    """Yield runs of text, a line for each paragraph. What is there a second time for old programs is passed over."""
    from defusedxml.ElementTree import iterparse

    in_copy = 0
    for moment, element in iterparse(xml, events=("start", "end"), forbid_dtd=True):
        name = element.tag.rpartition("}")[2]
        if name == "Fallback":
            in_copy += 1 if moment == "start" else -1
        if moment == "start" or in_copy:
            continue
        if name == "t":
            yield element.text or ""
        elif name in {"p", "br", "cr", "tab"}:
            yield "\t" if name == "tab" else "\n"
            element.clear()


if __name__ == "__main__":
    main(sys.argv[1])
