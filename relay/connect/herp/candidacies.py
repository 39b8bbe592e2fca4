"""Applications as HERP's API tells them, written as the file that HERP exports: what the import reads."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from relay import clock
from relay.infra.keyed_hash import keyed

COLUMNS = (
    *("応募ID", "応募時刻", "名前", "メールアドレス", "電話番号", "応募経路", "応募経路詳細"),
    *("選考ステップ", "募集職種", "選考終了理由", "選考終了日", "タグ", "メモ"),
)
STEPS = {
    "entry": "エントリー",
    "casualInterview": "カジュアル面談",
    "resumeScreening": "書類選考",
    "firstInterview": "一次面接",
    "secondInterview": "二次面接",
    "thirdInterview": "三次面接",
    "finalInterview": "最終面接",
    "offered": "オファー",
    "offerAccepted": "オファー承諾",
}
ENDS = {"hired": "入社決定", "refusedByCandidate": "辞退", "rejected": "見送り", "notEligible": "選考対象外"}
CHANNELS = {"media": "求人媒体", "agent": "人材紹介", "referral": "リファラル", "direct": "自社サイト"}


def row_of(candidacy: Mapping[str, Any], titles: Mapping[str, str]) -> list[str]:
    """Return the cells of an application; a word that HERP has added since is left as HERP writes it."""
    found = candidacy.get("channel")
    channel = found if isinstance(found, Mapping) else {}
    details = (_text(channel, name) for name in ("mediaName", "agentName", "description"))
    ended = _text(candidacy, "terminationReason")
    tags = candidacy.get("tags")
    return [
        _text(candidacy, "id"),
        _moment(candidacy, "appliedAt"),
        _text(candidacy, "name"),
        _text(candidacy, "email"),
        _text(candidacy, "telephoneNumber"),
        CHANNELS.get(_text(channel, "type"), _text(channel, "type")),
        next(filter(None, details), ""),
        STEPS.get(_text(candidacy, "step"), _text(candidacy, "step")),
        titles.get(_text(candidacy, "requisitionId"), ""),
        ENDS.get(ended, ended),
        _moment(candidacy, "terminatedAt")[:10],
        ",".join(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else "",
        _text(candidacy, "note"),
    ]


def file_of(rows: Iterable[list[str]]) -> bytes:
    """Return these applications as HERP would export them."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def key_of(candidacy_id: str) -> str:
    """Return what an application is known by again, without naming it."""
    return keyed("herp-candidacy", candidacy_id)


def digest_of(row: list[str]) -> str:
    """Return what tells whether an application changed, in anything that is brought."""
    return keyed("herp-contents", json.dumps(row, ensure_ascii=False))


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return value.replace("\0", "") if isinstance(value, str) else ""


def _moment(told: Mapping[str, Any], name: str) -> str:
    written = _text(told, name)
    try:
        at = datetime.fromisoformat(written)
        return f"{at.astimezone(clock.JAPAN):%Y/%m/%d %H:%M}" if at.tzinfo else f"{at:%Y/%m/%d %H:%M}"
    except (ValueError, OverflowError):
        return written
