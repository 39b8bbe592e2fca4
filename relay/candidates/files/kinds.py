"""The kind of a file: its ending, its first bytes and, for Word and Excel, the zip's directory must agree (E-18).

Nothing is unpacked here: a zip is judged by its directory alone.
"""

import zipfile
from typing import IO

from flask_babel import lazy_gettext as _l

from relay.errors import DomainError
from relay.models import FileKind
from relay.text import clean

LARGEST = 10 * 1024 * 1024
LARGEST_UNPACKED = 100 * 1024 * 1024
MAX_PARTS = 2_000
MAX_NAME = 150
MIMETYPES = {
    FileKind.PDF: "application/pdf",
    FileKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileKind.JPG: "image/jpeg",
    FileKind.PNG: "image/png",
}
ACCEPTED = ",".join((*(f".{kind}" for kind in FileKind), ".jpeg"))
"""For the file field of a page."""

_FIRST_BYTES = {
    FileKind.PDF: b"%PDF-",
    FileKind.DOCX: b"PK\x03\x04",
    FileKind.XLSX: b"PK\x03\x04",
    FileKind.JPG: b"\xff\xd8\xff",
    FileKind.PNG: b"\x89PNG\r\n\x1a\n",
}
_MAIN_PART = {FileKind.DOCX: "word/document.xml", FileKind.XLSX: "xl/workbook.xml"}
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Word and Excel of before 2007, and today's where a password locks them."""
_ENCRYPTED = 0x1


class KindUnknown(DomainError):
    """Raise for a kind of file that cannot be shown to be harmless."""

    code = "file-kind-unknown"
    message = _l("保存できるのは、PDF・Word（docx）・Excel（xlsx）・JPEG・PNGのファイルです。")


class TooLarge(DomainError):
    """Raise for a file of more than 10 MB."""

    code = "file-too-large"
    message = _l("10MBを超えています。画像を小さくするか、ファイルを分けてください。")


class Empty(DomainError):
    """Raise for a file without content."""

    code = "file-empty"
    message = _l("中身がありません。元のファイルを開いて確認してください。")


class NotWhatItSays(DomainError):
    """Raise where the extension and the content do not agree."""

    code = "file-kind-mismatch"
    message = _l("ファイルの中身が、拡張子の形式と違います。元のファイルを開き、保存し直してください。")


class Locked(DomainError):
    """Raise for a file with a password or in an old format."""

    code = "file-locked"
    message = _l("パスワードが付いているか、古い形式です。パスワードを外し、docxかxlsxで保存し直してください。")


class Overblown(DomainError):
    """Raise for a zip that unpacks to too much, or holds what no document does."""

    code = "file-content-too-large"
    message = _l("ファイルの中身が大きすぎるか、文書にはないものが入っています。PDFにして保存してください。")


def recognise(name: str, content: IO[bytes]) -> FileKind:
    """Return what the file is. Raises KindUnknown, Empty, TooLarge, NotWhatItSays, Locked, Overblown."""
    kind = _by_ending(name)
    size = size_of(content)
    if size == 0:
        raise Empty
    if size > LARGEST:
        raise TooLarge
    first = content.read(8)
    content.seek(0)
    if kind in _MAIN_PART and first.startswith(_OLD_OFFICE):
        raise Locked
    if not first.startswith(_FIRST_BYTES[kind]):
        raise NotWhatItSays
    if kind in _MAIN_PART:
        _refuse_odd_zip(content, _MAIN_PART[kind])
    return kind


def size_of(content: IO[bytes]) -> int:
    """Return how many bytes; the reading starts at the first one again."""
    content.seek(0, 2)
    size = content.tell()
    content.seek(0)
    return size


def shown_name(name: str, kind: FileKind) -> str:
    """Return the file's own name without any folder, as it is shown and offered for saving."""
    own = clean(name.replace("\\", "/").rsplit("/", 1)[-1])
    stem = own.rsplit(".", 1)[0].strip(". ")
    return f"{stem[:MAX_NAME] or 'file'}.{kind.value}"


def _by_ending(name: str) -> FileKind:
    _stem, dot, ending = clean(name).lower().rpartition(".")
    ending = "jpg" if ending == "jpeg" else ending
    if not dot or ending not in list(FileKind):
        raise KindUnknown
    return FileKind(ending)


def _refuse_odd_zip(content: IO[bytes], main_part: str) -> None:
    try:
        with zipfile.ZipFile(content) as pack:
            parts = pack.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as broken:
        raise NotWhatItSays from broken
    finally:
        content.seek(0)
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise Overblown
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise Locked
    names = [part.filename for part in parts]
    if main_part not in names:
        raise NotWhatItSays
    if len(set(names)) < len(names) or any(_is_odd(name) for name in names):
        raise Overblown


def _is_odd(name: str) -> bool:
    """Return whether a name is a path that leads outside, a macro or a program: no plain document has one."""
    path = name.replace("\\", "/")
    leads_out = path.startswith("/") or ".." in path.split("/") or ":" in path
    return leads_out or path.lower().endswith(
        ("vbaproject.bin", ".exe", ".dll", ".js", ".vbs", ".html", ".svg", ".hta")
    )
