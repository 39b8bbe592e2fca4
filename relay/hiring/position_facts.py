"""A position as people read it: what each of its contents is called, and what is written under it."""

from collections.abc import Iterator, Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from relay.hiring import occupations, posting
from relay.models import Position
from relay.text import Sentence, yen_words

LABELS: Mapping[str, Sentence] = {
    "occupation": _l("職種"),
    "description": _l("仕事の内容"),
    "required_skills": _l("必要な経験・スキル"),
    "welcome_skills": _l("あると望ましい経験・スキル"),
    "required_qualifications": _l("必要な資格"),
    "welcome_qualifications": _l("あると望ましい資格"),
    "place": _l("勤務地"),
    "employment": _l("雇用形態"),
    "headcount": _l("採用人数"),
}
"""What pages and mails call the contents of a position, but for the items that only a posting says."""
_TEXTS = ("description", "required_skills", "welcome_skills", "required_qualifications", "welcome_qualifications")

Fact = tuple[Sentence, str]
"""A label, and the text under it."""


def salary_words(position: Position) -> str:
    """Return the range of the salary: 年収400万円〜600万円."""
    if position.salary_per is None or not (position.salary_from or position.salary_to):
        return ""
    low, high = (yen_words(each) if each else "" for each in (position.salary_from, position.salary_to))
    return f"{position.salary_per.label}{low if low == high else f'{low}〜{high}'}"


def terms(position: Position) -> list[Fact]:
    """Return where, as what and for how much one would work, as far as it is written."""
    employment = str(position.employment.label) if position.employment else ""
    salary = salary_words(position)
    found = ((LABELS["place"], position.place), (LABELS["employment"], employment), (_("給与"), salary))
    return [(label, text) for label, text in found if text]


def contents(position: Position) -> list[Fact]:
    """Return everything a person who is written to may read of the position: terms, work, items of the posting."""
    return [*_occupation(position), *terms(position), *texts(position), *posted(position)]


def published(position: Position) -> list[Fact]:
    """Return everything a posting shows to anybody: what a person who is written to reads, and how many are hired."""
    headcount = _("%(n)s名", n=f"{position.headcount:,}") if position.headcount else ""
    hired = [(LABELS["headcount"], headcount)] if headcount else []
    return [*_occupation(position), *terms(position), *hired, *texts(position), *posted(position)]


def texts(position: Position) -> list[Fact]:
    """Return what is written of the work and of who can do it."""
    return [(LABELS[name], getattr(position, name)) for name in _TEXTS if getattr(position, name)]


def posted(position: Position) -> list[Fact]:
    """Return the items that only a posting says (B-21)."""
    return [(item.label, position.posting[item.name]) for item in posting.ITEMS if item.name in position.posting]


def _occupation(position: Position) -> Iterator[Fact]:
    occupation = occupations.get(position.occupation_id)
    if occupation is not None:
        yield LABELS["occupation"], occupation.title
