"""The boxes 「関連会社にも知らせてよい」, as the own page and the page of 再スカウト send them."""

from flask import request


def chosen() -> dict[int, str]:
    """Return the ticked related companies, each with the hash of the words that were shown beside its box."""
    return {each: request.form.get(f"shown-{each}", "") for each in request.form.getlist("related", type=int)}
