"""Words that the law keeps out of free text about applicants: asked about before it is saved (A-22)."""

from flask_babel import lazy_gettext as _l

from relay.errors import DomainError
from relay.text import sensitive_words


class SensitiveWords(DomainError):
    """Raise for words the law keeps out, until a person confirms that they belong there; `words` lists them."""

    code = "sensitive-words"

    def __init__(self, words: list[str]) -> None:
        self.words = words
        quoted = "".join(f"「{word}」" for word in words)
        super().__init__(
            _l(
                "%(words)sは、法律で集めることが制限されている内容かもしれません。"
                "選考の判断に必要のないことは書き直し、仕事の話など問題のない内容であれば、確認してから保存してください。",
                words=quoted,
            )
        )


def refuse_sensitive(text: str, confirmed: bool) -> None:
    """Raise SensitiveWords unless the text is free of them or a person has confirmed it."""
    if not confirmed and (words := sensitive_words(text)):
        raise SensitiveWords(words)
