"""A company's own words for work (この会社の言い方): found in what counts of a text, and read as what they mean."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from relay.text.job_terms import Named, is_at, named, plain, vocabulary_words, words_in
from relay.text.protected import work_only


@dataclass(frozen=True)
class OwnWords:
    """The words of one company: plain word → what it means, as that was typed."""

    meanings: Mapping[str, str] = field(default_factory=dict)

    def added(self, texts: Iterable[str], *, is_list: bool = False) -> list[str]:
        """Return what the own words in these texts mean; of a clause that the law keeps out, nothing."""
        if not self.meanings:
            return []
        clauses = [plain(clause) for text in texts for clause in work_only(text, is_list=is_list)]
        return list(dict.fromkeys(meaning for clause in clauses for _word, meaning in self._in(clause)))

    def named(self, clause: str) -> Iterator[Named]:
        """Yield the own words in a plain clause, each with the terms of what it means."""
        for word, meaning in self._in(clause):
            yield Named(word, tuple(term for each in named(plain(meaning)) for term in each.terms))

    def _in(self, clause: str) -> Iterator[tuple[str, str]]:
        for word, meaning in self.meanings.items():
            at = clause.find(word)
            while at >= 0 and not is_at(clause, at, word):
                at = clause.find(word, at + 1)
            if at >= 0:
                yield word, meaning


NONE = OwnWords()


def is_about_work(text: str) -> bool:
    """Return whether the law keeps nothing of a text out, and it is one clause."""
    return [plain(clause) for clause in work_only(text)] == [plain(text)]


def is_known(text: str) -> bool:
    """Return whether the vocabulary knows a text: as an occupation, a qualification or a kind of work."""
    written = plain(text)
    words = words_in(written)
    return any(named(written)) or (bool(words) and vocabulary_words().issuperset(words))
