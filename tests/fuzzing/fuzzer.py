"""One visitor after the other asks for one route after the other; what must never come back is kept as a fault."""

import http.client
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from urllib.parse import quote, quote_from_bytes

from flask import Flask
from werkzeug.routing import Rule

from relay.access.csrf import link_csrf
from relay.web import CSP, FILE_CSP, MAIL_CSP
from tests.fuzzing import odd
from tests.fuzzing.odd import Fields
from tests.fuzzing.served import Served
from tests.fuzzing.town import Town, is_mailed
from tests.fuzzing.visitors import OF_BOTH_HOUSES, OTHERS, Visitor, spelled
from tests.fuzzing.wire import Answer, Asked, Wire
from tests.web.test_headers import ALWAYS, FILES, MAIL_DOCUMENTS
from tests.web.world import POSITION

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND")
AT_HOME = {
    "portal": ("Adam", "Ada", "Mona", "Otto", "Vic"),
    "agency": ("Agnes", "Sho"),
    "my_account": ("Adam", "Agnes", "Sho"),
    "landing": ("candidate", "anonymous"),
    "account": ("anonymous", "half-way"),
}
"""Who is let in, on surfaces that do not ask in everybody."""
SAYS_SO = {("health.readyz", 503)}
"""Answers that are no fault of ours: the worker stands still, and that is asked for."""
WITHOUT = {
    "static": {"Cache-Control", "X-Robots-Tag"},
    "landing.careers_privacy": {"X-Robots-Tag"},
    "landing.receipt_public_keys": {"Cache-Control"},
}
"""What browsers may keep, and search engines show."""
HEADERS_MAX = 16 * 1024
"""Bytes; nginx answers 502 in place of an answer that has more (proxy_buffer_size in our recipe)."""
COOKIE_MAX = 4096
"""Bytes; a browser leaves a longer cookie aside, and with it whoever was signed in."""
LINE = 4000
"""Characters of an address; a server reads few more (gunicorn 4,094)."""


@dataclass(frozen=True)
class Request:
    """Who asks what of which route, and how that goes over the wire."""

    visitor: Visitor
    rule: Rule
    asked: Asked


@dataclass
class Fuzzer:
    """What was asked and answered so far, and the next request by chance; the same seed asks the same again."""

    app: Flask
    town: Town
    wire: Wire
    seed: str
    faults: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")
    """Seconds, and of which route."""
    met: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        self.served = Served(self.app)
        self.rules = sorted(self.app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
        self._rng = Random(self.seed)  # noqa: S311  (chance, no secret)

    def walk(self, *, everybody: bool = False) -> None:
        """Look at every page as it is meant to be looked at and keep its forms; everybody, or until one sees it."""
        for rule in (rule for rule in self.rules if "GET" in (rule.methods or ())):
            for visitor in self.town.visitors.values() if everybody else self._at_home(rule):
                path = self._path(rule, visitor, upset=False)
                answer = self._ask(Request(visitor, rule, self._sent(visitor, "GET", path, [])))
                if answer and answer.status_code == 200:
                    self.served.look_at(path, answer)
                    if not everybody:
                        break

    def sweep(self) -> Iterator[None]:
        """Send something odd to every route, once with each method that it answers."""
        for rule in self.rules:
            for method in sorted(rule.methods or ()):
                self._ask(self._by_chance(rule, method))
                yield

    def roam(self) -> Iterator[None]:
        """Send something odd somewhere, without end."""
        while True:
            rule = self._rng.choice(self.rules)
            own = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
            self._ask(self._by_chance(rule, self._rng.choice(own if self._rng.random() < 0.9 else METHODS)))
            yield

    def _at_home(self, rule: Rule) -> list[Visitor]:
        names = AT_HOME.get(rule.endpoint.split(".")[0], ("anonymous",))
        return [self.town.visitors[name] for name in names]

    def _by_chance(self, rule: Rule, method: str) -> Request:
        rng = self._rng
        visitor = rng.choice(self._at_home(rule) if rng.random() < 0.8 else list(self.town.visitors.values()))
        path = self._path(rule, visitor, upset=rng.random() < 0.2)
        return Request(visitor, rule, self._sent(visitor, method, path, self._fields(rule, visitor, path)))

    def _path(self, rule: Rule, visitor: Visitor, *, upset: bool) -> str:
        path, rng = rule.rule, self._rng
        for argument in sorted(rule.arguments):
            value = quote(self.town.value(rule, argument, of_other=visitor.of_other), safe="/")
            if upset:
                foreign = self.town.value(rule, argument, of_other=not visitor.of_other)
                value = rng.choice((quote_from_bytes(odd.value(rng), safe=""), foreign))
            for converter in ("int:", "path:", ""):
                path = path.replace(f"<{converter}{argument}>", value)
        return path[:LINE]

    def _fields(self, rule: Rule, visitor: Visitor, path: str) -> Fields:
        """What a form of this route holds, mostly disturbed; the values that open it mostly kept."""
        rng, served = self._rng, self.served.forms(rule.endpoint)
        fields = self._filled(rng.choice(served), visitor) if served else self._ids()
        if rng.random() < 0.9:
            upset = odd.flooded if rng.random() < 0.15 else odd.disturbed
            fields = upset(rng, fields, self.served.names)
        if rng.random() < 0.05:
            return fields
        token = path.split("/")[2] if is_mailed(rule) else ""
        keys = {"csrf_token": visitor.csrf, "link_csrf": link_csrf(token)}
        return [each for each in fields if each[0] not in keys] + [(key, value.encode()) for key, value in keys.items()]

    def _filled(self, form: Fields, visitor: Visitor) -> Fields:
        """One choice of each field; nothing that the visitor could not know."""
        choices: dict[str, Fields] = defaultdict(list)
        for name, value in form:
            secret = any(word.encode() in value for word in spelled(visitor.unseen))
            choices[name].append((name, b"" if secret else value))
        picked = [self._rng.choice(some) for some in choices.values()]
        return [(name, value or self._rng.choice((b"", b"x", b"1", b"2026-11-01"))) for name, value in picked]

    def _ids(self) -> Fields:
        """Ids of both companies under some of the names by which forms call them."""
        own, others = self.town.world.values, self.town.elsewhere
        values = [value for value in (*own.values(), *others.values()) if value.isdecimal()]
        names = self._rng.sample(self.served.names, 3)
        return [(name, self._rng.choice(values).encode()) for name in names]

    def _sent(self, visitor: Visitor, method: str, path: str, fields: Fields) -> Asked:
        """The request as it goes over the wire: fields in the address or in a body, headers odd now and then."""
        rng, headers = self._rng, {"Cookie": visitor.cookie}
        body = b""
        if fields and (method in {"GET", "HEAD", "OPTIONS", "TRACE"} or rng.random() < 0.05):
            path = f"{path}?{odd.query(fields)}"[:LINE]
        elif fields:
            headers["Content-Type"], body = self._body(fields)
        if fields and rng.random() < 0.4:
            headers["HX-Request"] = "true"
        for odd_header in rng.sample(sorted(odd.HEADERS), rng.choice((0, 0, 1, 2)) if fields else 0):
            headers[odd_header] = rng.choice(odd.HEADERS[odd_header])
        return Asked(method, path, tuple(headers.items()), body)

    def _body(self, fields: Fields) -> tuple[str, bytes]:
        rng, by_chance = self._rng, self._rng.random()
        if by_chance < 0.05:
            return rng.choice(odd.BODIES)
        if by_chance < 0.15 or self.served.files & {name for name, _value in fields}:
            return odd.form_with_files(rng, fields, self.served.files)
        return odd.form(fields)

    def _ask(self, request: Request) -> Answer | None:
        """Have it answered, and keep what was wrong with the answer."""
        self.met[request.rule.endpoint].add(request.asked.method)
        began = time.monotonic()
        try:
            answer = self.wire(request.asked)
        except (http.client.HTTPException, OSError) as error:
            self._found(request, f"no whole answer: {error!r}")
            return None
        self.statuses[answer.status_code] += 1
        self.slowest = max(self.slowest, (round(time.monotonic() - began, 1), request.rule.endpoint))
        for wrong in _wrong(request, answer):
            self._found(request, wrong)
        return answer

    def _found(self, request: Request, wrong: str) -> None:
        number = sum(self.statuses.values())
        self.faults.append(f"{wrong}\n  seed {self.seed}, request {number}, {request.visitor.name}: {request.asked}")


def _wrong(request: Request, answer: Answer) -> Iterator[str]:
    endpoint = request.rule.endpoint
    if answer.status_code >= 500 and (endpoint, answer.status_code) not in SAYS_SO:
        yield f"{answer.status_code} at {endpoint}"
    if answer.by_relay:
        yield from _unsafe(request, answer)
    if not endpoint.startswith("dev."):
        shown = [word for word in spelled(_unseen(request)) if word.encode() in answer.body]
        if shown:
            yield f"{shown} shown at {endpoint}"


def _unsafe(request: Request, answer: Answer) -> Iterator[str]:
    """Headers that are missing, and more of them than a proxy takes."""
    endpoint = request.rule.endpoint
    policies = {CSP, *([MAIL_CSP] if endpoint in MAIL_DOCUMENTS else []), *([FILE_CSP] if endpoint in FILES else [])}
    if answer.headers.get("Content-Security-Policy") not in policies:
        yield f"no policy at {endpoint}"
    if (size := sum(len(f"{name}: {value}\r\n") for name, value in answer.headers)) > HEADERS_MAX:
        yield f"{size} bytes of headers at {endpoint}"
    if any(len(cookie) > COOKIE_MAX for cookie in answer.headers.getlist("Set-Cookie")):
        yield f"a cookie that no browser keeps at {endpoint}"
    for name, value in ALWAYS.items():
        if answer.headers.get(name) != value and name not in WITHOUT.get(endpoint, ()):
            yield f"no {name} at {endpoint}"


def _unseen(request: Request) -> tuple[str, ...]:
    """The words that must not come back; a mailed link shows its holder's own name to whoever has it.

    That to an interview names the position, too.
    """
    if not is_mailed(request.rule):
        return request.visitor.unseen
    unseen = OTHERS if request.visitor.unseen == OTHERS else OF_BOTH_HOUSES
    is_interview = request.rule.rule.startswith("/interview/")
    return tuple(each for each in unseen if not (is_interview and each == POSITION))
