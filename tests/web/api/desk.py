"""What a partner's desk shows of a person, read off its pages, in the shape of what the API answers."""

import html
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask.testing import FlaskClient

from relay import clock
from relay.network.consent_texts import RecipientPurpose
from relay.network.profiles import item_label
from relay.text import format_phone

_PURPOSES = {
    RecipientPurpose.INTRODUCE_JOBS.value: "ご本人に合う求人を探し、ご連絡するため",
    RecipientPurpose.PRESENT_COURSES.value: "ご本人に合う講座やコースをご案内し、ご相談に答えるため",
}


def list_of(desk: FlaskClient) -> list[tuple[str, str, str, str, str]]:
    """The rows of the list, from page to page: reference, role, place, moment of registration, day of the contents."""
    rows: list[tuple[str, str, str, str, str]] = []
    address = "/agency/people"
    while address:
        page = desk.get(address).text
        for row in re.findall(r'<tr id="p-.*?</tr>', page, re.DOTALL):
            code, role = _one(r'<tr id="p-([\w-]+)"', row), _plain(_one(r'<a class="who"[^>]*>(.*?)<span', row))
            place = _plain(_one(r'</th>\s*<td class="col-x1">(.*?)</td>', row))
            at, as_of = _one(r'<time class="num" datetime="(.*?)"', row), _one(r'<span class="sub">([\d/]+)時点', row)
            unsaid = ("職種の記入なし", "お名前だけのご登録")
            rows.append((code, "" if role in unsaid else role, "" if place == "記入なし" else place, at, as_of))
        address = html.unescape(
            next(iter(re.findall(r'href="([^"]+)" rel="next"|rel="next" href="([^"]+)"', page)), [""])[-1]
        )
    return rows


def listed_by_api(person: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    """A row of the API, as the desk's list writes it."""
    at = datetime.fromisoformat(person["registered_at"])
    year, month, day = (int(each) for each in person["as_of"].split("-"))
    return person["code"], person["desired_role"], person["place"], f"{at:%Y-%m-%dT%H:%M:%S}", f"{year}/{month}/{day}"


def record_of(page: str) -> dict[str, Any]:
    """Everything that the page of a person says of them."""
    said = {
        html.unescape(name): _plain(value)
        for name, value in re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL)
    }
    head = _one(r"<h1>(.*?)</h1>", page)
    name, _mark, kana = head.partition('<span class="kana">')
    sources = re.findall(r"<div><strong>(.*?)</strong>(.*?)</div>", _section(page, "source-h"), re.DOTALL)
    code = _one(r'照会番号 <span class="code">([\w-]+)</span>', page)
    return {
        "code": code,
        "name": _plain(name).removesuffix("さん") if _plain(name) != code else "",
        "kana": _plain(kana),
        "as_of": _one(r"([\d年月日]+)時点の内容です", page),
        "desired_role": said.get("希望職種", ""),
        "place": said.get("希望勤務地", ""),
        "experience": _plain(_one(r'<p class="pre mt-2 measure">(.*?)</p>', page)),
        "email": said.get("メール", ""),
        "phone": said.get("電話", ""),
        "items": said["項目"],
        "purposes": said["利用目的"],
        "registered_at": said["登録日"],
        "until": said["期限"],
        "wording_version": said["同意文"].removesuffix("版"),
        "sources": [
            (_plain(name), *(_plain(each) for each in re.findall(r'class="sub">(.*?)</span>', rest)))
            for name, rest in sources
        ],
    }


def record_by_api(person: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of the API, as the page of a person writes it; a field that the page does not know fails."""
    days = {name: _day(person[name]) for name in ("as_of", "registered_at", "until")}
    return (
        dict(person)
        | days
        | {
            "phone": format_phone(person["phone"]),
            "items": "、".join(item_label(each) for each in person["items"]),
            "purposes": "、".join(_PURPOSES[each] for each in person["purposes"]),
            "sources": [
                (
                    each["name"],
                    each["address"] + (f"・代表者 {each['representative']}" if each["representative"] else ""),
                    f"{_day(each['registered_at'])}、ご本人が登録ページで記入",
                )
                for each in person["sources"]
            ],
        }
    )


def _day(written: str) -> str:
    day = datetime.fromisoformat(written)
    day = day.astimezone(clock.JAPAN) if day.tzinfo else day
    return f"{day.year}年{day.month}月{day.day}日"


def _section(page: str, named: str) -> str:
    return page.partition(f'id="{named}"')[2].partition("</section>")[0]


def _plain(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", markup)).strip()


def _one(pattern: str, text: str) -> str:
    return next(iter(re.findall(pattern, text, re.DOTALL)), "")
