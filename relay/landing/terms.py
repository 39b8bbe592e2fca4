"""The terms of several partners on one page, each sentence once."""

from collections.abc import Sequence
from typing import NamedTuple

from relay.models import PartnerKind
from relay.network.consent_texts import Paragraph
from relay.network.partner_options import PartnerOption


class Group(NamedTuple):
    """Paragraphs that hold for every partner of a kind, or, where `kind` is None, for all of them."""

    kind: PartnerKind | None
    paragraphs: tuple[Paragraph, ...]


def gathered(partners: Sequence[PartnerOption]) -> list[Group]:
    """Return what the partners' terms have in common: first by kind, then for all.

    The first paragraph of any terms names the recipient; its card shows that, and whatever no group holds.
    So the page holds every paragraph that a consent keeps (A-11), and none twice.
    """
    for_all = _common(partners)
    groups = [
        Group(
            kind, tuple(each for each in _common([one for one in partners if one.kind is kind]) if each not in for_all)
        )
        for kind in PartnerKind
    ]
    return [group for group in (*groups, Group(None, for_all)) if group.paragraphs]


def _common(partners: Sequence[PartnerOption]) -> tuple[Paragraph, ...]:
    if not partners:
        return ()
    first, *others = partners
    return tuple(
        paragraph
        for paragraph in first.terms.paragraphs[1:]
        if all(paragraph in other.terms.paragraphs for other in others)
    )
