"""Sentences of templates that say nothing of a request, folded into their text when they compile.

Half of all sentences stand alone, `{{ _('…') }}`, and say the same on each page: to look one up takes longer than to
write it. What is folded is the sentence in the language of the sources; a second language takes an environment of its
own (jinja.palletsprojects.com, `Extension.filter_stream`).
"""

from collections.abc import Iterator

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

_ALONE = ("variable_begin", "name", "lparen", "string", "rparen", "variable_end")


class FoldedWords(Extension):
    """Turns each `{{ _('…') }}` with nothing to put into it into plain text."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Yield the tokens of a template, its lone sentences as data."""
        tokens, at = list(stream), 0
        while at < len(tokens):
            some = tokens[at : at + len(_ALONE)]
            if tuple(each.type for each in some) == _ALONE and some[1].value == "_":
                yield Token(some[0].lineno, "data", some[3].value.replace("%%", "%"))
                at += len(_ALONE)
            else:
                yield tokens[at]
                at += 1
