"""The public API of HERP Hire 1.5.0, emulated: a real HTTP server with its pages, its limit and its failures.

It speaks the documented shapes: Bearer key, pages of 100, `hasNextPage`, `x-remaining-request`, `x-reset-at`, 429. The
minute is counted by the clock of the tests (relay.clock), so that a test may move it.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from relay import clock
from tests.listening import Listener, Request, listening

KEY = "herp-key-of-acme"
PAGE_SIZE = 100
A_MINUTE = 100
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Herp:
    """What HERP knows of one tenant; `fails` answers a request in its place where it returns something."""

    candidacies: dict[str, dict[str, Any]] = field(default_factory=dict)
    requisitions: dict[str, str] = field(default_factory=lambda: {"r-1": "経理", "r-2": "人事"})
    key: str = KEY
    fails: Callable[[str, int], Answer | None] = lambda _what, _page: None
    asked: list[tuple[datetime, str, int]] = field(default_factory=list)
    now: Callable[[], datetime] = clock.now
    listener: Listener | None = None

    @property
    def url(self) -> str:
        """Where it is asked."""
        assert self.listener is not None
        return f"http://127.0.0.1:{self.listener.port}/hire/v1"

    def add(self, number: int, **told: Any) -> str:
        """Somebody applies; returns the number of the application."""
        one = f"{number:08d}-0000-4000-8000-000000000000"
        applied = datetime(2026, 9, 1, 9, tzinfo=clock.JAPAN) + timedelta(minutes=number)
        self.candidacies[one] = {
            "id": one,
            "name": f"山田 {number}",
            "status": "active",
            "requisitionId": "r-1",
            "appliedAt": applied.isoformat(),
            "step": "resumeScreening",
            "stepUpdatedAt": applied.isoformat(),
            "email": f"y{number}@mail.example",
            "telephoneNumber": "090-1111-2222",
            "channel": {"type": "media", "mediaName": "求人サイト"},
            "note": "",
            "tags": [],
        } | told
        return one

    def end(self, one: str, reason: str = "rejected") -> None:
        """Their selection ends today."""
        ended = {"status": "terminated", "terminationReason": reason, "terminatedAt": self.now().isoformat()}
        self.candidacies[one] |= ended

    def answer(self, request: Request) -> Answer:
        """Answer as the documentation says."""
        url = urlsplit(request.path)
        what, page = url.path.rpartition("/")[2], int(parse_qs(url.query).get("page", ["1"])[0])
        now = self.now()
        minute = now.replace(second=0, microsecond=0)
        self.asked.append((now, what, page))
        spent = sum(at.replace(second=0, microsecond=0) == minute for at, _what, _page in self.asked)
        headers = {
            "x-remaining-request": str(max(0, A_MINUTE - spent)),
            "x-reset-at": (minute + timedelta(minutes=1)).astimezone(clock.JAPAN).isoformat(),
            "content-type": "application/json",
        }
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return 401, headers, b'{"message":"Unauthorized"}'
        if spent > A_MINUTE:
            return 429, headers, b'{"message":"Too Many Requests"}'
        if (failed := self.fails(what, page)) is not None:
            return failed
        return 200, headers, json.dumps(self._page(what, page), ensure_ascii=False).encode()

    def most_in_a_minute(self) -> int:
        """Return how many requests came in the fullest minute."""
        return max(Counter(at.replace(second=0, microsecond=0) for at, _what, _page in self.asked).values())

    def _page(self, what: str, page: int) -> dict[str, Any]:
        items: list[dict[str, Any]] = (
            [{"id": one, "name": name} for one, name in self.requisitions.items()]
            if what == "requisitions"
            else sorted(self.candidacies.values(), key=lambda each: str(each["appliedAt"]))
        )
        shown = items[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        return {what: shown, "hasNextPage": len(items) > page * PAGE_SIZE}


@contextmanager
def herp(**told: Any) -> Iterator[Herp]:
    """Let HERP answer while the block lasts."""
    tenant = Herp(**told)
    with listening(tenant.answer) as listener:
        tenant.listener = listener
        yield tenant
