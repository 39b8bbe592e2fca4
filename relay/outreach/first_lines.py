"""How a mail begins: whom it greets, and its first lines, to be looked at before many leave."""

from typing import NamedTuple

from relay.outreach import placeholders, results
from relay.outreach.draft_rows import DraftRow

LENGTH = 120
"""Characters of the first lines that are shown."""


class FirstLines(NamedTuple):
    """The greeting of one mail and what follows it."""

    greeting: str
    text: str


def first_lines(row: DraftRow, company: str, sender: str) -> FirstLines:
    """Fill the person's text as it would leave, and give its beginning; no query."""
    values = results.merge_values(row.name, row.position, company, sender, row.remark)
    body = placeholders.paragraphs(row.template.body, values) if row.template else []
    greeting, _, rest = "\n".join(body).partition("\n")
    text = " ".join(rest.split())
    return FirstLines(greeting, text if len(text) <= LENGTH else f"{text[: LENGTH - 1]}…")
