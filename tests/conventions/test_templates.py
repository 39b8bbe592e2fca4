"""Templates: nothing inline (E-10), unescaped or from elsewhere; one root per fragment; Japanese sentences."""

import re
from html.parser import HTMLParser
from io import BytesIO

import pytest
from jinja2 import Environment, meta
from jinja2.ext import babel_extract

from relay.config import ROOT
from tests.conventions.conftest import read, sources, templates

PAGES = {name: text for name, text in templates().items() if name.endswith(".html") and not name.startswith("mail/")}
MAILS = {name: text for name, text in templates().items() if name.startswith("mail/")}
ROOT_ELSEWHERE = {
    "components/_icon.html": "one drawing among words; htmx swaps none for it",
    "components/_error.html": "relay.js shows it above the target; it replaces nothing",
    "portal/imports/_answered.html": "its roots are those of the outcome and the question it includes",
    "portal/pool/_row.html": "the pattern of a row, which is filled for a list",
    "portal/pool/_row_tag.html": "the pattern of a tag in such a row",
    "portal/pool/_row_tags.html": "its root is the macro's that also makes the list's rows",
}
_NAMED_IN_VIEWS = set(re.findall(r'"([^"\n]+\.html)"', "\n".join(read(path) for path in sources())))
FRAGMENTS = {
    name: text
    for name, text in PAGES.items()
    if "/_" in name and name not in ROOT_ELSEWHERE and name in _NAMED_IN_VIEWS
}
"""What views answer with to htmx; other files with a leading underscore are pieces that pages include."""
STYLED = "".join(
    path.read_text(encoding="utf-8") for path in (ROOT / "static").rglob("*") if path.suffix in (".css", ".js")
)
"""What styles and scripts name."""
LETTERS = sorted({name.split("/")[1] for name in MAILS if name.count("/") == 2})

INLINE = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.DOTALL),
    "a style element": re.compile(r"<style\b"),
    "a script without src": re.compile(r"<script(?![^>]*\bsrc=)"),
    "an event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.DOTALL),
    "code for htmx": re.compile(r"\bhx-(on|vars)\b|\bhx-vals=[\"']js:|\bhx-trigger=\"[^\"]*\["),
    "a javascript link": re.compile(r"javascript:", re.IGNORECASE),
    "a placeholder": re.compile(r"<[^>]*\splaceholder\s*=", re.DOTALL),
}
UNESCAPED = {"mail/_parts.html": 2}
"""Templates that use |safe, and how often: on constants of their own, never on what anyone typed."""
JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠々〇]")
LETTERLESS = re.compile(r"[、。・「」（）\s]*(%\(\w+\)s)?[、。・「」（）\s]*|[A-Z]{2,5}")
"""Ids that need no Japanese letter: Japanese punctuation, and names such as PDF."""
IN_TITLES = {"_", "if", "else", "get", "title", "company_name", "state", "text"}
"""What titles may be made of: sentences, the company on a candidate's page, and conditions that choose among them."""
SAYS_NOTHING = {"_", "drawn_icon", "request", "sprite_url", "static_url", "url_for"}
"""What a part that is drawn once may use besides its values: words and addresses, which are those of everybody."""
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_inline(name: str) -> None:
    found = [what for what, pattern in INLINE.items() if pattern.search(_without_comments(PAGES[name]))]
    assert not found, f"{name} has {found}; the policy forbids it"


@pytest.mark.parametrize("name", PAGES)
def test_a_modifier_is_one_of_the_styles(name: str) -> None:
    text = re.sub(r"\{[{%#].*?[}%#]\}", "~", PAGES[name], flags=re.DOTALL)  # what is put together is not looked at
    classes = {each for named in re.findall(r'class="([^"]*)"', text) for each in named.split()}
    modifiers = {each for each in classes if re.fullmatch(r"[\w-]+--\w[\w-]*", each)}
    assert sorted(each for each in modifiers if f".{each}" not in STYLED) == []


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_holds_styles_but_no_code(name: str) -> None:
    forbidden = ("a script without src", "an event handler", "a javascript link")
    assert not [what for what in forbidden if INLINE[what].search(MAILS[name])]
    assert "<img" not in MAILS[name], "no pictures, no tracking (C-15)"


def test_nothing_goes_unescaped_but_what_is_listed() -> None:
    found = {name: len(re.findall(r"\|\s*safe\b|autoescape\s+false", text)) for name, text in templates().items()}
    assert {name: count for name, count in found.items() if count} == UNESCAPED


def test_what_is_drawn_once_uses_its_values_alone() -> None:
    """Nothing of a request goes in but where the application stands: what is kept is shown to everybody."""
    together = "\n".join([*templates().values(), *map(read, sources())])
    once = re.findall(r"drawn_once\(\s*['\"]([^'\"]+)['\"]([^)]*)\)", together)
    assert len({name for name, _values in once}) >= 10
    for name, values in once:
        used = meta.find_undeclared_variables(Environment().parse(templates()[name]))  # noqa: S701
        found = used - SAYS_NOTHING - set(re.findall(r"(\w+)=", values)) - {"form"}
        assert not found, f"{name}: {sorted(found)}"
        assert set(re.findall(r"request\.(\w+)", templates()[name])) <= {"script_root"}, name


def test_a_part_that_is_filled_decides_nothing_by_what_is_put_into_it() -> None:
    """Its pattern is kept for everybody: beside its values it names its own texts, and those in no condition."""
    together = "\n".join([*templates().values(), *map(read, sources())])
    parts = re.findall(r"filled\(\s*['\"]([^'\"]+)['\"],\s*\{(.*?)\}([^)]*)\)", together)
    assert {name for name, _own, _values in parts} >= {"components/_account_menu.html", "components/_idle.html"}
    for name, texts, values in parts:
        own = set(re.findall(r"['\"](\w+)['\"]:", texts))
        used = meta.find_undeclared_variables(Environment().parse(templates()[name]))  # noqa: S701
        assert used - SAYS_NOTHING - own <= set(re.findall(r"(\w+)=", values)), name
        assert own <= used, name
        decided = " ".join(re.findall(r"\{%(.*?)%\}", templates()[name], re.DOTALL))
        assert not own & set(re.findall(r"\w+", re.sub(r"'[^']*'|\"[^\"]*\"", "", decided))), name
        assert set(re.findall(r"request\.(\w+)", templates()[name])) <= {"script_root"}, name


def test_nothing_is_loaded_from_elsewhere() -> None:
    """Names of XML vocabularies are not addresses; licences may name their authors."""
    files = [path for folder in ("static", "templates") for path in (ROOT / folder).rglob("*") if path.is_file()]
    for path in files:
        if path.suffix in {".woff2", ".png"} or path.name in {"LICENSE", "README.md"}:
            continue
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/", "")
        assert not re.search(r"(https?:)?//[a-z0-9-]+\.[a-z]{2,}", _without_comments(text)), path


@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_fragment_has_one_root_with_an_id(name: str) -> None:
    roots = Roots()
    roots.feed(_without_comments(FRAGMENTS[name]))
    assert roots.found, f"{name}: write the root element here, so that its id can be seen"
    assert all("id" in attributes for _tag, attributes in roots.found), f"{name}: {roots.found}: the root needs an id"
    in_place = [tag for tag, attributes in roots.found if "hx-swap-oob" not in attributes]
    assert len(in_place) <= 1, f"{name}: htmx swaps one element, found {in_place}"


@pytest.mark.parametrize("name", PAGES)
def test_titles_name_no_person(name: str) -> None:
    for title in re.findall(r"\{% block title %\}(.*?)\{% endblock %\}", PAGES[name], re.DOTALL):
        for expression in re.findall(r"\{\{(.*?)\}\}", title, re.DOTALL):
            words = set(re.findall(r"[a-zA-Z_]\w*", re.sub(r"'[^']*'", "", expression)))
            assert words <= IN_TITLES, f"{name}: {sorted(words - IN_TITLES)} may name somebody (invariant 12)"


@pytest.mark.parametrize("letter", LETTERS)
def test_a_letter_has_its_three_templates(letter: str) -> None:
    there = {name.rsplit("/", 1)[1] for name in MAILS if name.startswith(f"mail/{letter}/")}
    assert {"subject.txt", "body.txt", "body.html"} <= there
    assert all(name.startswith("_") for name in there - {"subject.txt", "body.txt", "body.html"})


@pytest.mark.parametrize("letter", LETTERS)
def test_a_subject_begins_with_who_writes(letter: str) -> None:
    """With the service's or the company's name; the subject of a result is the company's own text."""
    for sentence in _said(f"mail/{letter}/subject.txt"):
        assert sentence.startswith(("【Relay】", "【%(company)s】")), sentence


@pytest.mark.parametrize("letter", LETTERS)
def test_the_text_of_a_mail_says_the_sentences_of_its_html(letter: str) -> None:
    assert _said(f"mail/{letter}/body.txt") <= _said(f"mail/{letter}/body.html")


def test_every_folder_of_mail_is_a_letter_and_every_letter_has_one(organisation: object) -> None:
    from relay.mail import letters

    assert set(LETTERS) == set(letters.names())


@pytest.mark.parametrize("name", templates())
def test_sentences_are_translatable_and_their_ids_are_japanese(name: str) -> None:
    said = babel_extract(BytesIO(templates()[name].encode()), ("_", "gettext", "ngettext"), (), {"silent": "false"})
    for line, _function, message, _comments in said:
        for sentence in message if isinstance(message, tuple) else (message,):
            assert sentence is None or is_japanese(sentence), f"{name}:{line}: {sentence}"


def _said(name: str) -> set[str]:
    said = babel_extract(BytesIO(templates()[name].encode()), ("_",), (), {"silent": "false"})
    return {message for _line, _function, message, _comments in said if isinstance(message, str)}


@pytest.mark.parametrize("name", templates())
def test_no_japanese_stands_outside_gettext(name: str) -> None:
    bare = _without_comments(_outside_jinja(templates()[name]))
    assert not JAPANESE.findall(bare), f"{name}: {''.join(JAPANESE.findall(bare))[:60]}"


def is_japanese(sentence: str) -> bool:
    """Whether a message id is written in Japanese."""
    return bool(JAPANESE.search(sentence) or LETTERLESS.fullmatch(sentence))


class Roots(HTMLParser):
    """The outermost elements of a fragment, with the names of their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.found: list[tuple[str, set[str]]] = []

    def feed(self, data: str) -> None:
        super().feed(_outside_jinja(data))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.depth == 0:
            self.found.append((tag, {name for name, _value in attrs}))
        if tag not in VOID:
            self.depth += 1

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.depth -= 1


def _outside_jinja(text: str) -> str:
    """The text between the tags of a template, with an x where a value is printed."""
    tokens = Environment(autoescape=True).lex(text)
    return "".join(
        value if kind == "data" else "x" for _line, kind, value in tokens if kind in {"data", "variable_begin"}
    )


def _without_comments(text: str) -> str:
    return re.sub(r"\{#.*?#\}|/\*.*?\*/", "", text, flags=re.DOTALL)
