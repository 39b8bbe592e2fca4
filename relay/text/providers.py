"""Domains of mail that many people have, and the one a typed domain is a slip of the pen away from."""

from rapidfuzz.distance import OSA

PROVIDERS = (
    "gmail.com",
    "yahoo.co.jp",
    "docomo.ne.jp",
    "ezweb.ne.jp",
    "softbank.ne.jp",
    "i.softbank.jp",
    "ymobile.ne.jp",
    "icloud.com",
    "outlook.jp",
    "outlook.com",
    "hotmail.com",
    "hotmail.co.jp",
    "rakuten.jp",
    "biglobe.ne.jp",
)
"""Long names only: of a short one, another firm's real domain is one letter away."""


def meant_domain(domain: str) -> str:
    """Return the one provider a domain misses by a letter too many, too few, wrong or swapped; '' where it is none."""
    if domain in PROVIDERS:
        return ""
    near = [known for known in PROVIDERS if OSA.distance(domain, known, score_cutoff=1) == 1]
    return near[0] if len(near) == 1 else ""
