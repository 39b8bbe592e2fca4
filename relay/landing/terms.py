"""The terms of several partners on one page, each sentence once."""

from collections.abc import Sequence

from relay.network.offers import PartnerOffer
from relay.network.wording import Paragraph


def shared_terms(partners: Sequence[PartnerOffer]) -> tuple[Paragraph, ...]:
    """The paragraphs that read the same for every partner, in their order.

    The first paragraph of any terms names the recipient, which its card shows; what is neither first nor shared
    stands on the card. So the page holds every paragraph that a consent keeps (A-11).
    """
    if not partners:
        return ()
    first, *others = partners
    return tuple(
        paragraph
        for paragraph in first.terms.paragraphs[1:]
        if all(paragraph in other.terms.paragraphs for other in others)
    )
