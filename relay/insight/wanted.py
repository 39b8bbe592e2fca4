"""Terms of an open position: forty words at most with their weights, its roles and qualifications in the vocabulary."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from relay.text.job_terms import named, plain, qualification_terms, runs_in, surfaces, words_in
from relay.text.occupations import occupations
from relay.text.own_words import NONE, OwnWords
from relay.text.protected import work_only

MAX_TERMS = 40
_OF_TITLE, _OF_SKILLS, _OF_THE_REST = 3, 2, 1


@dataclass(frozen=True)
class PositionText:
    """The parts of a position that say whom it is for."""

    title: str
    occupation_id: int | None = None
    description: str = ""
    skills: str = ""
    """Required and welcome ones."""
    required: tuple[str, ...] = ()
    """Qualifications, each as it was typed."""
    welcome: tuple[str, ...] = ()


@dataclass(frozen=True)
class Qualification:
    """A qualification a position names, and the terms one of which shows that a person holds it."""

    name: str
    terms: frozenset[str]
    words: frozenset[str]
    """Where the vocabulary knows none: all these words together show it."""

    def is_held(self, terms: Iterable[str]) -> bool:
        """Return whether these terms of a person show it."""
        held = set(terms)
        return not self.terms.isdisjoint(held) or (bool(self.words) and self.words <= held)


@dataclass(frozen=True)
class Wanted:
    """A position as what people are measured by."""

    words: tuple[tuple[str, int], ...]
    """Words with their weights, the heaviest first."""
    runs: tuple[str, ...]
    """The stretches of its text, to be quoted."""
    roles: frozenset[str]
    """Occupations in the vocabulary (O26)."""
    classes: frozenset[str]
    required: tuple[Qualification, ...]
    welcome: tuple[Qualification, ...]
    own: OwnWords = NONE
    """The company's words by which it was read, and people are."""

    @cached_property
    def terms(self) -> frozenset[str]:
        """Return every term one of which makes a person worth a look."""
        of_qualifications = (term for each in (*self.required, *self.welcome) for term in (*each.terms, *each.words))
        return frozenset((*(word for word, _ in self.words), *self.roles, *self.classes, *of_qualifications))


def wanted(asked: PositionText, own: OwnWords = NONE) -> Wanted:
    """Return what the position asks for, read by the company's `own` words; what the law keeps out is in none of it."""
    runs = _runs(asked)
    asked = _spelled_out(asked, own)
    known, roles = occupations(), _roles(asked)
    return Wanted(
        words=_words(asked, roles),
        runs=runs,
        roles=frozenset(f"O{number}" for number in roles),
        classes=frozenset(f"C{known[number].middle_class}" for number in roles),
        required=tuple(_qualification(name, own) for name in asked.required),
        welcome=tuple(_qualification(name, own) for name in asked.welcome),
        own=own,
    )


def _spelled_out(asked: PositionText, own: OwnWords) -> PositionText:
    """Return the position with what the company's own words in its texts mean beside them."""
    title, description, skills = (
        "\n".join((text, *own.added([text]))) for text in (asked.title, asked.description, asked.skills)
    )
    return replace(asked, title=title, description=description, skills=skills)


def _words(asked: PositionText, roles: Iterable[int]) -> tuple[tuple[str, int], ...]:
    """Return the words with their weights: of the title, of the rest, and of the other names of its occupations."""
    weights: dict[str, int] = {}
    parts = ((asked.title, _OF_TITLE), (asked.skills, _OF_SKILLS), (asked.description, _OF_THE_REST))
    for text, weight in (*parts, *((name, _OF_THE_REST) for name in (*asked.required, *asked.welcome))):
        for clause in map(plain, work_only(text)):
            for word in words_in(clause):
                weights.setdefault(word, weight)
    for word in _other_names(roles):
        weights.setdefault(word, _OF_THE_REST)
    return tuple(sorted(weights.items(), key=lambda each: -each[1])[:MAX_TERMS])


def _runs(asked: PositionText) -> tuple[str, ...]:
    chosen = occupations().get(asked.occupation_id) if asked.occupation_id is not None else None
    texts = (asked.title, asked.skills, asked.description, chosen.title if chosen else "")
    found = (run for text in texts for clause in work_only(text) for run in runs_in(plain(clause)))
    return tuple(dict.fromkeys(run for run in found if len(run) > 1))


def _other_names(roles: Iterable[int]) -> list[str]:
    """Return the words of what these occupations are called, those of most names first."""
    names = {name for number in sorted(roles) for name in surfaces(occupations()[number])}
    counted = Counter(word for name in sorted(names) for word in dict.fromkeys(words_in(name)))
    return [word for word, _ in sorted(counted.items(), key=lambda each: (-each[1], each[0]))]


def _roles(asked: PositionText) -> set[int]:
    """Return the occupations a position is about: the one HR chose, else those its title names, else its text."""
    if asked.occupation_id in occupations():
        return {asked.occupation_id}
    for text in (asked.title, asked.description):
        terms = [term for clause in work_only(text) for each in named(plain(clause)) for term in each.terms]
        if found := {int(term[1:]) for term in terms if term[0] == "O"}:
            return found
    return set()


def _qualification(name: str, own: OwnWords) -> Qualification:
    terms = [term for each in (name, *own.added([name])) for term in qualification_terms(each)]
    words = [word for clause in work_only(name) for word in words_in(plain(clause))]
    return Qualification(name, frozenset(terms), frozenset() if terms else frozenset(words))
