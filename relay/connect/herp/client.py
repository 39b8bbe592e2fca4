"""One request to the public API of HERP Hire: a page of requisitions or of candidacies, or why there is none."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from relay import clock
from relay.connect import outbound
from relay.connect.outbound import OutboundAnswer, OutboundFailed, OutboundRefused
from relay.extensions import settings
from relay.models import HerpTrouble

MAX_ANSWER = 8_000_000
"""Bytes of a page of 100 applications with their texts."""
LONGEST_WAIT = timedelta(minutes=10)
"""HERP counts by the minute: a time further away that an answer names is not believed."""
_TROUBLES = {401: HerpTrouble.KEY, 403: HerpTrouble.PERMISSION, 429: HerpTrouble.LIMIT}


@dataclass(frozen=True, slots=True)
class HerpPage:
    """A page: its items, whether another follows, and until when nothing may be asked, if HERP says so."""

    items: list[dict[str, Any]]
    goes_on: bool
    not_before: datetime | None


class HerpFailed(Exception):
    """A request brought no page."""

    def __init__(self, trouble: HerpTrouble, not_before: datetime | None = None) -> None:
        self.trouble = trouble
        self.not_before = not_before
        super().__init__(trouble.value)


def page_of(key: str, what: str, number: int) -> HerpPage:
    """Ask for a page of `requisitions` or `candidacies`, oldest first, so that what comes in lands on the last one.

    Raises HerpFailed.
    """
    order = "createdAt" if what == "requisitions" else "appliedAt"
    url = f"{settings().herp_url}/{what}?page={number}&sort={order}&direction=asc"
    headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
    try:
        answer = outbound.of_installation().call("GET", url, headers=headers, max_body=MAX_ANSWER)
    except OutboundRefused as error:
        raise HerpFailed(HerpTrouble.ADDRESS) from error
    except OutboundFailed as error:
        raise HerpFailed(HerpTrouble.AWAY) from error
    if answer.status != 200:
        trouble = HerpTrouble.BUSY if answer.status >= 500 else _TROUBLES.get(answer.status, HerpTrouble.SHAPE)
        raise HerpFailed(trouble, _reset_at(answer) if answer.status == 429 else None)
    if not answer.whole:
        raise HerpFailed(HerpTrouble.SIZE)
    return _read(answer, what)


def _read(answer: OutboundAnswer, what: str) -> HerpPage:
    try:
        told = json.loads(answer.body)
        items, goes_on = told[what], told["hasNextPage"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise HerpFailed(HerpTrouble.SHAPE) from error
    whole = isinstance(items, list) and all(_is_item(item) for item in items)
    if not whole or not isinstance(goes_on, bool) or (goes_on and not items):
        raise HerpFailed(HerpTrouble.SHAPE)
    spent = answer.headers.get("x-remaining-request", "").strip() == "0"
    return HerpPage(items, goes_on, _reset_at(answer) if spent else None)


def _is_item(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("id"), str) and 0 < len(item["id"]) <= 100


def _reset_at(answer: OutboundAnswer) -> datetime:
    """Return when the requests are counted from 0 again; in a minute where that is not said, or not to be believed."""
    now = clock.now()
    try:
        at = datetime.fromisoformat(answer.headers["x-reset-at"].strip())
    except (KeyError, ValueError):
        return now + timedelta(minutes=1)
    if at.tzinfo is None or not now < at <= now + LONGEST_WAIT:
        return now + timedelta(minutes=1)
    return at
