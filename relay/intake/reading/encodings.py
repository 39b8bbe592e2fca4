"""From bytes to text: the encoding is found by the bytes, never guessed; what is no text is named and refused."""

import codecs
import re

from flask_babel import lazy_gettext as _l

from relay.intake.reading import refusals
from relay.text import Sentence

_LOOK_AHEAD = 4_096
_ZERO_SHARE = 64
_DAMAGE_WITHIN = 1_000_000
_NEVER_IN_CP932 = re.compile("[\x80\uf8f0-\uf8f3]")  # Python maps the bytes 80, A0, FD–FF to these; no text holds them
_NEVER_IN_TEXT = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_LINE_END = re.compile("[\r\n]")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]{2}")
_HALF_WIDTH_ONLY = re.compile("[\x00-\x7f\uff61-\uff9f]*")
_VENDORS = "relay.euc-jp-vendors"
_TO_KANJI = b"\x1b$"  # the escape by which a text in ISO-2022-JP changes to kanji

_KINDS: tuple[tuple[bytes, Sentence], ...] = (
    (b"pk\x03\x04", _l("圧縮ファイル")),
    (b"pk\x05\x06", _l("圧縮ファイル")),
    (b"\xd0\xcf\x11\xe0", _l("古い形式のExcelブックかWord文書、または保護されたファイル")),
    (b"%pdf", _l("PDF")),
    (b"\x89png", _l("画像")),
    (b"\xff\xd8\xff", _l("画像")),
    (b"gif8", _l("画像")),
    (b"\x1f\x8b", _l("圧縮ファイル")),
    (b"{\\rtf", _l("リッチテキスト文書")),
    (b"<!doctype", _l("ウェブページ")),
    (b"<html", _l("ウェブページ")),
    (b"<?xml", _l("XML文書")),
    *((mark, _l("JSONファイル（.json）")) for mark in (b'{"', b"{\n", b"{\r", b"{ ", b"[{", b"[\n", b"[\r", b"[ {")),
    (b"begin:vcard", _l("連絡先のファイル（.vcf）")),
)


def is_zip(data: bytes) -> bool:
    """Return whether the bytes are those of an archive, which is what an Excel workbook is."""
    return data.startswith(b"PK\x03\x04")


def decode(data: bytes) -> tuple[str, str]:
    """Give text and encoding: UTF-8, EUC-JP, then CP932, each strictly; UTF-16 by its mark or its zero bytes.

    ISO-2022-JP is known by its escapes (RFC 1468).

    Raises FileEmpty, NotATableFile or NotDecodable. Never guesses: a wrong guess would store garbled names.
    """
    if not data.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise refusals.FileEmpty
    _refuse_other_kinds(data)
    for encoding in _encodings(data):
        try:
            text = data.decode(encoding, errors=_VENDORS if encoding == "euc_jp" else "strict")
        except UnicodeDecodeError:
            continue
        if encoding.startswith("utf-16-") and (_NEVER_IN_TEXT.search(text) or not _LINE_END.search(text)):
            continue
        if encoding == "cp932" and not _is_really_cp932(data, text):
            continue
        if encoding == "euc_jp" and not _is_really_euc(data, text):
            continue
        return text, encoding
    raise refusals.NotDecodable


def _refuse_other_kinds(data: bytes) -> None:
    start = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for mark, kind in _KINDS:
        if start.startswith(mark):
            raise refusals.NotATableFile(kind)


def _encodings(data: bytes) -> tuple[str, ...]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    if data.startswith(codecs.BOM_UTF8):
        return ("utf-8-sig",)
    if _TO_KANJI in data and data.isascii():
        return ("iso2022_jp_ext",)
    start = data[:_LOOK_AHEAD]
    if start.count(0) * _ZERO_SHARE > len(start):  # the upper half of each tab, comma, digit and line end
        little = start[1::2].count(0) > start[::2].count(0)
        return ("utf-16-le" if little else "utf-16-be", "utf-8", "cp932")
    return ("utf-8", "euc_jp", "cp932")


def _is_really_cp932(data: bytes, text: str) -> bool:
    """Tell CP932 from UTF-8 with a few damaged bytes, most of which CP932 would decode too, into other characters."""
    if _NEVER_IN_CP932.search(text):
        return False
    as_utf8 = data[:_DAMAGE_WITHIN].decode("utf-8", errors="replace")
    damaged = as_utf8.count("\ufffd")
    intact = sum(character > "\u3000" for character in as_utf8) - damaged
    return damaged > intact


def _as_vendors_wrote(error: UnicodeError) -> tuple[str, int]:
    """Return a vendor's character such as ① or 髙, which EUC-JP itself lacks, from its place in CP932."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    pair = error.object[error.start : error.start + 2]
    if len(pair) < 2 or min(pair) < 0xA1:
        raise error
    row, cell = pair[0] - 0xA1, pair[1] - 0xA1
    lead = (0x81 if row < 62 else 0xC1) + row // 2
    trail = cell + 0x9F if row % 2 else cell + (0x40 if cell < 63 else 0x41)
    return bytes((lead, trail)).decode("cp932"), error.start + 2


codecs.register_error(_VENDORS, _as_vendors_wrote)


def _is_really_euc(data: bytes, text: str) -> bool:
    """Tell EUC-JP from the Chinese and Korean encodings made like it, and from CP932 in half-width katakana alone."""
    if not _KANA.search(text):
        return False
    try:
        return not _HALF_WIDTH_ONLY.fullmatch(data.decode("cp932"))
    except UnicodeDecodeError:
        return True
