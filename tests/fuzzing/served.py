"""What the served pages ask for: their forms, by the route they are sent to, and the names in their links."""

from collections import defaultdict
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from flask_wtf import FlaskForm
from werkzeug.exceptions import HTTPException
from wtforms.fields.core import UnboundField

from tests.fuzzing.odd import Fields
from tests.fuzzing.wire import Answer
from tests.web.test_impossible_values import NAMES


class Served:
    """Forms and names, as far as they were seen."""

    def __init__(self, app: Flask) -> None:
        self._routes = app.url_map.bind("127.0.0.1")
        self._forms: dict[str, list[Fields]] = defaultdict(list)
        self._names = {*_declared_names(), *NAMES}
        self.files: set[str] = set()

    def look_at(self, path: str, answer: Answer) -> None:
        """Keep what a page asks for."""
        if "text/html" not in answer.headers.get("Content-Type", ""):
            return
        seen = _Page(answer.text)
        self._names |= {name for _method, _action, fields in seen.forms for name, _value in fields}
        self.files |= seen.files
        for link in seen.links:
            self._names |= {name for name, _value in parse_qsl(urlsplit(link).query, keep_blank_values=True)}
        for method, action, fields in seen.forms:
            if endpoint := self._endpoint(method, action or path):
                self._forms[endpoint].append(fields)

    def forms(self, endpoint: str) -> list[Fields]:
        """The forms that are sent there."""
        return self._forms.get(endpoint, [])

    @property
    def names(self) -> list[str]:
        """Every name of a field or an argument, in a fixed order."""
        return sorted(self._names)

    def _endpoint(self, method: str, action: str) -> str | None:
        try:
            return str(self._routes.match(urlsplit(action).path, method)[0])
        except HTTPException:
            return None


class _Page(HTMLParser):
    """The forms and links of one page; a field outside its form names it by id."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, str, Fields]] = []
        self.links: list[str] = []
        self.files: set[str] = set()
        self._open: Fields = []
        self._by_id: dict[str, Fields] = defaultdict(list)
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = {name: value or "" for name, value in attrs}
        self.links += [got[name] for name in ("href", "hx-get", "hx-post") if name in got]
        if tag == "form":
            self._open = self._by_id[got["id"]] if "id" in got else []
            self.forms.append((got.get("method", "get").upper(), got.get("action", ""), self._open))
        elif self._open and (elsewhere := got.get("formaction") or got.get("hx-post")):
            self.forms.append(("POST", elsewhere, self._open))
        if tag == "option" and self._select:
            self._keep(self._select, got)
        elif got.get("name") and tag in {"input", "select", "textarea", "button"}:
            self._select = got["name"] if tag == "select" else ""
            self._keep(got["name"], got)
            self.files |= {got["name"]} if got.get("type") == "file" else set()

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = []

    def _keep(self, name: str, got: dict[str, str]) -> None:
        fields = self._by_id[got["form"]] if "form" in got else self._open
        fields.append((name, got.get("value", "").encode()))


def _declared_names(base: Any = FlaskForm) -> Iterator[str]:
    """The fields of every form class."""
    yield from (name for name in dir(base) if isinstance(getattr(base, name), UnboundField))
    for each in base.__subclasses__():
        yield from _declared_names(each)
