"""Looks for a person wherever Relay writes: every table, index and file, and the log, in every form of writing.

What is found is folded before it is compared: width, case, the two syllabaries, spaces and hyphens make no difference,
and neither does how it was wrapped (percent, HTML, JSON, quoted-printable, base64, a compressed file).
"""

import base64
import binascii
import gzip
import html
import logging
import quopri
import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote_plus
from zipfile import BadZipFile, ZipFile

from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}(?:\s*[A-Za-z0-9+/_-]{4,})*={0,2}")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_UNHEARD = re.compile(r"[\s\-‐‑‒–—―−ー・._()'\"\\]+")
_DEPTH = 3
"""So many wrappings lie around each other at most: a word in a quoted JSON in a mail in base64."""


@dataclass(frozen=True)
class WrittenPerson:
    """What a person is known by, as the scan compares it."""

    words: tuple[str, ...]

    @classmethod
    def known_by(cls, *words: str) -> "WrittenPerson":
        """Look for what a space, a dot or an @ parts by itself; a number without its 0, which +81 stands for."""
        parts = (part for word in words for part in re.split(r"[\s@.]+", word) if part not in {"mail", "example"})
        return cls(tuple(sorted({fold(part).lstrip("0") for part in parts})))

    def is_in(self, said: str | bytes) -> bool:
        """Return whether any of it stands in these characters, however they are written."""
        return _is_in(self.words, said)


@lru_cache(maxsize=1 << 16)  # the same scan is done before and after
def _is_in(words: tuple[str, ...], said: str | bytes) -> bool:
    return any(word in folded for folded in map(fold, unwrapped(said)) for word in words)


def fold(said: str) -> str:
    """Take away what people do not hear: width, case, which kana, and what parts words and numbers."""
    wide = unicodedata.normalize("NFKC", said).casefold().translate(_HIRAGANA)
    return _UNHEARD.sub("", wide)


def unwrapped(said: str | bytes, depth: int = _DEPTH) -> Iterator[str]:
    """Yield these characters, and what they are when each usual wrapping is taken off."""
    for once in _texts(said) if isinstance(said, bytes) else (said,):
        yield once
        if depth:
            for inner in _inside(once):
                yield from unwrapped(inner, depth - 1)


def _texts(data: bytes) -> Iterator[str]:
    for encoding in ("utf-8", "cp932", "iso-2022-jp", "utf-16-le"):
        yield data.decode(encoding, "ignore")
    if data.startswith(b"PK"):
        try:
            with ZipFile(BytesIO(data)) as archive:
                yield from (name for name in archive.namelist())
                yield from (archive.read(name).decode("utf-8", "ignore") for name in archive.namelist())
        except BadZipFile:
            return
    for opened in (gzip.decompress, zlib.decompress):
        try:
            yield opened(data).decode("utf-8", "ignore")
        except (OSError, EOFError, zlib.error):
            continue


def _inside(said: str) -> Iterator[str | bytes]:
    """Yield what is inside each wrapping that leaves a mark."""
    if "%" in said:
        yield unquote_plus(said)
    if "&" in said:
        yield html.unescape(said)
    if "\\" in said:
        yield _ESCAPED.sub(lambda code: chr(int(code[1] or code[2], 16)), said)
    if re.search(r"=[0-9A-F]{2}|=\r?\n", said):
        yield quopri.decodestring(said.encode())
    for run in _BASE64.findall(said):
        packed = re.sub(r"\s", "", run).rstrip("=").translate(str.maketrans("-_", "+/"))
        try:
            yield base64.b64decode(packed + "=" * (-len(packed) % 4))
        except binascii.Error:
            continue


def places(session: Session, person: WrittenPerson, folder: Path, lines: Iterable[str]) -> set[str]:
    """Return where the person stands: tables, files below the folder of the installation, the log."""
    found = tables(session, person) | files(person, folder)
    return found | ({"log"} if any(person.is_in(line) for line in set(lines)) else set())


def tables(session: Session, person: WrittenPerson) -> set[str]:
    """Return every table that holds the person in any column, those that only the database knows among them."""
    connection = session.connection()
    found = set()
    for name in inspect(connection).get_table_names():
        rows = connection.execute(text(f'SELECT * FROM "{name}"'))
        said = {each if isinstance(each, bytes) else str(each) for row in rows for each in row if each is not None}
        if any(person.is_in(each) for each in said):
            found.add(name)
    session.rollback()
    return found


def files(person: WrittenPerson, folder: Path) -> set[str]:
    """Return the folders that hold the person in the name or bytes of a file; SQLite's own hold the tables."""
    found = set()
    for path in folder.rglob("*"):
        if (
            path.is_file()
            and ".sqlite" not in path.name
            and (person.is_in(path.name) or person.is_in(path.read_bytes()))
        ):
            found.add(str(path.relative_to(folder).parent) if path.parent != folder else path.name)
    return found


class EveryLine(logging.Handler):
    """Keeps every line that anything logs, at any level, with its error."""

    def __init__(self) -> None:
        super().__init__(level=1)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record) + repr(record.args))
