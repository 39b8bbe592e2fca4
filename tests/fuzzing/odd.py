"""Values, headers and bodies that no page of ours sends."""

import json
from random import Random
from urllib.parse import quote, quote_from_bytes

from tests.papers import HTML, OLD_OFFICE, PNG, pdf

Fields = list[tuple[str, bytes]]

DIGITS = b"9" * 5000
NUMBERS = (
    b"0",
    b"-1",
    b"+1",
    b"007",
    b"1_0",
    b"1.5",
    b"1e309",
    b"nan",
    b"%d" % 2**31,
    b"%d" % (2**63 - 1),
    b"%d" % 2**63,
    b"9" * 30,
    DIGITS,
    b"-" + DIGITS,
    "１２".encode(),
    "٣".encode(),
    "²".encode(),
    "½".encode(),
)
"""Whole numbers, and what some reader of numbers takes for one."""
TEXTS = (
    b"",
    b" ",
    b"a\0b",
    b"\0",
    b"\xff\xfe",
    b"\xed\xa0\x80",  # half of a surrogate pair
    b"\xc0\xaf",
    "\u202e逆\ufeff\u200b".encode(),
    "か\u3099🏳️‍🌈".encode(),
    b"a\r\nSet-Cookie: odd=1",
    b"\t\x0b\x1b[31m",
    b"<script>alert(1)</script>",
    b"\"'><img src=x onerror=alert(1)>",
    b"{{7*7}}${7*7}%s%(x)s%n",
    b"' OR 1=1 --",
    b"../../../../etc/passwd",
    b"//evil.example",
    b"javascript:alert(1)",
    b"https://evil.example/",
    b"true",
    b"null",
    b"[]",
    b'{"id": 1}',
    b"0000-00-00",
    b"9999-12-31",
    b"2026-02-30",
    "令和99年13月".encode(),
    b"@",
    b"a@" + b"b" * 300 + b".example",
    b"a@[127.0.0.1]",
    b"((((((((" * 40,
    b'"' * 301,
    b"-" * 1000,
    b"or " * 700,
    "あ".encode() * 10_000,
)
FILES = (
    b"",
    b"\0" * 100,
    HTML,
    PNG,
    OLD_OFFICE,
    pdf("x"),
    "氏名,メール\n\0,\udcff".encode(errors="replace"),
    b"PK\3\4",
)
FILE_NAMES = (
    "",
    "a.csv",
    "a.xlsx",
    "a.pdf",
    "a.png",
    "../../a.csv",
    'a"b\\.pdf',
    "長" * 300 + ".pdf",
    "a\0.csv",
    "con",
)

HEADERS = {
    "If-None-Match": ("*", 'W/"x"', '"', "\xff" * 50, '"a",' * 500),
    "If-Modified-Since": ("0", "Thu, 99 Foo 99999 99:99:99 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"),
    "If-Match": ("*", "x"),
    "If-Range": ("x", '"x"'),
    "Range": ("bytes=0-", "bytes=9-1", "bytes=-1", "bytes=" + "0-1," * 500, "lines=1-2", "bytes=" + "9" * 5000 + "-"),
    "Cookie": ("relay=x", "relay=" + "9" * 5000, "=;;=\xff", "own-page=x; relay=.x.x", "a" * 4000),
    "Content-Type": ("", "x", "text/html; charset=x", "multipart/form-data", "application/json", "\xff"),
    "HX-Request": ("true", "false", "\xff"),
    "HX-Boosted": ("true",),
    "HX-History-Restore-Request": ("true",),
    "HX-Target": ("list-body", "<x>", "9" * 5000),
    "HX-Trigger": ("\xff", "x" * 4000),
    "HX-Current-URL": ("http://[", "//evil.example", "http://127.0.0.1:99999999/?" + "a" * 4000),
    "HX-Prompt": ("%00", "<b>"),
    "Accept": ("", "*/*;q=x", "application/json", "\xff"),
    "Accept-Language": ("xx", "en;q=9", "ja," * 500, "../../etc"),
    "Accept-Encoding": ("gzip", "x;q=-1"),
    "Authorization": ("Basic \xff", "Basic " + "A" * 4000, "Bearer x", "Digest x"),
    "Origin": ("null", "https://evil.example", "http://["),
    "Referer": ("http://[", "https://evil.example/", "\xff"),
    "Sec-Fetch-Site": ("cross-site", "same-origin", "x"),
    "User-Agent": ("", "\xff" * 300, "x" * 5000),
    "X-CSRFToken": ("x", "\xff"),
    "X-Forwarded-For": ("x", "127.0.0.1, " * 300, "::1"),
    "X-Forwarded-Host": ("evil.example",),
    "X-Forwarded-Proto": ("x", "https"),
    "X-HTTP-Method-Override": ("DELETE",),
    "X-Requested-With": ("XMLHttpRequest",),
}
"""What a header may say as it crosses the wire: any byte as one character of Latin-1, but no control character."""

MEDIA = "multipart/form-data; boundary=x"
BODIES = (
    ("application/json", json.dumps({"id": [1, {"a": None}], "name": "9" * 5000}).encode()),
    ("application/json", b"[" * 5000),
    ("text/xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"),
    (MEDIA, b"--x\r\n"),
    (MEDIA, b"--x\r\nContent-Disposition: form-data\r\n\r\nodd\r\n--x--"),
    (MEDIA, b'--x\r\nContent-Disposition: form-data; name="\xff"; filename="\xff"\r\n\r\nodd\r\n--x--\r\n'),
    ("multipart/form-data; boundary=" + "b" * 300, b"--x--"),
    ("application/x-www-form-urlencoded; charset=utf-7", b"id=+AGE-&name=%"),
    ("application/x-www-form-urlencoded", b"\xff\xfe=\0&&&=;%zz=%u1234&id"),
    ("application/x-www-form-urlencoded", b"&".join(b"id=%d" % number for number in range(3000))),
)


def value(rng: Random) -> bytes:
    """A number or another text, each as often."""
    return rng.choice(rng.choice((NUMBERS, TEXTS)))


def disturbed(rng: Random, fields: Fields, names: list[str]) -> Fields:
    """The fields with one to three of them odd, missing, twice, many or more than asked for."""
    fields = list(fields)
    for _turn in range(rng.randint(1, 3)):
        at = rng.randrange(len(fields)) if fields else None
        name = rng.choice(names) if at is None or rng.random() < 0.3 else fields[at][0]
        way, one = rng.randrange(6), value(rng)
        if at is not None and way < 3:
            fields[at] = (fields[at][0], one)
        elif at is not None and way == 3:
            del fields[at]
        elif way == 4:
            fields += [(name, value(rng)) for _each in range(rng.choice((2, 40)))]
        else:
            fields.append((rng.choice((name, f"{name}[]", f"{name}[0][x]")), one))
    return fields


def flooded(rng: Random, fields: Fields, names: list[str]) -> Fields:
    """One value under every name there is, within what a form may have."""
    one = value(rng)[: len(DIGITS)]
    return [(name, one) for name in dict.fromkeys([name for name, _value in fields] + names)]


def query(fields: Fields) -> str:
    """The fields in an address."""
    return "&".join(f"{quote(name, safe='')}={quote_from_bytes(content, safe='')}" for name, content in fields)


def form(fields: Fields) -> tuple[str, bytes]:
    """The fields as most forms send them."""
    return "application/x-www-form-urlencoded", query(fields).encode()


def form_with_files(rng: Random, fields: Fields, files: set[str]) -> tuple[str, bytes]:
    """The fields as forms with files send them, something odd in each file."""
    body = b""
    for name, content in fields:
        label = f'Content-Disposition: form-data; name="{quote(name, safe="[]-_")}"'.encode()
        if name in files:
            label += f'; filename="{rng.choice(FILE_NAMES)}"\r\nContent-Type: text/csv'.encode()
            content = rng.choice(FILES)
        body += b"--x\r\n" + label + b"\r\n\r\n" + content + b"\r\n"
    return MEDIA, body + b"--x--\r\n"
