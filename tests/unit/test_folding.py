"""Sentences that stand alone in a template are its text; all others are said when it is drawn."""

from jinja2 import DictLoader, Environment

from relay.folding import FoldedWords

SAID: list[str] = []


def drawn(source: str) -> tuple[str, list[str]]:
    """Draw a template; return it, and the sentences that were said meanwhile."""
    SAID.clear()
    templates = Environment(loader=DictLoader({"page": source}), extensions=[FoldedWords], autoescape=True)
    templates.globals["_"] = say
    return templates.get_template("page").render(name="小川"), list(SAID)


def say(text: str, **values: str) -> str:
    SAID.append(text)
    return text % values


def test_a_lone_sentence_is_text_wherever_it_is() -> None:
    source = '<a title="{{ _("登録する") }}">{{- _(\'消去する\') -}} </a>{% set x %}{{ _("保存") }}{% endset %}{{ x }}'
    assert drawn(source) == ('<a title="登録する">消去する</a>保存', [])


def test_what_a_request_decides_is_said_then() -> None:
    source = "{{ _('%(name)sさん', name=name) }}{{ _('保存')|upper }}{{ _('はい') if name else _('いいえ') }}"
    assert drawn(source) == ("小川さん保存はい", ["%(name)sさん", "保存", "はい"])


def test_a_sign_that_is_written_twice_is_one() -> None:
    assert drawn("{{ _('10%%') }}") == ("10%", [])
