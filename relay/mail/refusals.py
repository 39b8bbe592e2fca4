"""The meaning of a refusal (RFC 5321 4.2.2, RFC 3463): whether the address does not exist, else what was in the way.

One reading for a server's answer while sending and for the mail that comes back later. "It does not exist" stops every
further mail to a person, so it needs a statement that says so and nothing that speaks against it; whatever is about
space, filters, the network or our own set-up does not count against anybody (C-26).
"""

import re
from typing import NamedTuple

from relay.mail import refusal_words
from relay.mail.refusal_words import Refusal as Refusal

_STATUS = re.compile(r"(?<![\d.])([45])\.(\d{1,3}\.\d{1,3})(?!\.?\d)")
_GONE = frozenset({"1.1", "1.2", "1.6", "1.10"})
"""Bad mailbox, bad domain, moved away, no mail taken here (RFC 7505)."""
_VAGUE = frozenset({"", "0.0", "1.0"})
_NO_DOMAIN = _VAGUE | {"1.2", "4.0", "4.4", "4.310"}
"""What is said where a domain cannot be found: bad domain, unable to route, and Microsoft's own."""
_OF_OURS = frozenset({"1.7", "1.8", *(f"7.{number}" for number in (20, 21, 22, 23, 24, 25, 26, 27, 30))})
"""Our sender's address or domain; DKIM, SPF, PTR and several of them together (RFC 7372), and Google's own."""
_SYNTAX = frozenset({"1.3", "5.1", "5.2", "5.4"})
"""Bad address syntax, invalid command, syntax error, invalid arguments."""
_SYNTAX_CODES = frozenset({500, 501, 555})
"""A command or its parameters were not understood."""


class ServerAnswer(NamedTuple):
    """The words of a server about a mail, with what the server that reports them made of them."""

    words: str
    """Without the reply code; with the server's own enhanced status, where it gave one."""
    code: int = 0
    """The reply code; 0 where no server was spoken to."""
    status: str = ""
    """The status of a delivery report, such as 5.0.0."""
    after_content: bool = False
    """Whether it came when the whole mail was handed over, not only the address."""
    server: str = ""
    """The name of the host that gave it, where a report says so."""


def meaning(answer: ServerAnswer, to: str) -> Refusal:
    """Return what a refusal of a mail to this address means."""
    words = " ".join(refusal_words.NAMES.sub(" ", answer.words.lower()).split())
    for refusal, said in refusal_words.SPEAKS_OF:
        if said.search(words):
            return refusal
    statuses = [found for text in (answer.words, answer.status) for found in _STATUS.finditer(text)]
    details = {found[2] for found in statuses}
    if _is_of_syntax(answer, words, details):
        return Refusal.MALFORMED
    if answer.code // 100 == 4 or any(found[1] == "4" for found in statuses):
        return Refusal.UNREACHED
    for known in map(_by_status, sorted(details)):
        if known is not None:
            return known
    if _is_no_domain(answer, words, details):
        return Refusal.NO_SUCH_ADDRESS
    if any(refusal_words.CARRIERS.fullmatch(host.lower()) for host in (to.rpartition("@")[2], answer.server)):
        return Refusal.FILTERED
    return Refusal.NO_SUCH_ADDRESS if _is_nobody(answer, words, details) else Refusal.REFUSED


def _is_of_syntax(answer: ServerAnswer, words: str, details: set[str]) -> bool:
    """Return whether the form of the address was not understood, which says nothing of whether it is in use."""
    if answer.after_content:
        return "1.3" in details
    if answer.code in _SYNTAX_CODES:
        return True
    return bool(details & _SYNTAX) if details - _VAGUE else bool(refusal_words.MALFORMED.search(words))


def _by_status(detail: str) -> Refusal | None:
    """Return what a status alone says, where it speaks of something else than the address."""
    if detail in _OF_OURS:
        return Refusal.OUR_SETUP
    if detail == "2.1":
        return Refusal.INACTIVE
    if detail == "2.2":
        return Refusal.MAILBOX_FULL
    return Refusal.FILTERED if detail.startswith("7.") or detail == "2.0" else None


def _is_no_domain(answer: ServerAnswer, words: str, details: set[str]) -> bool:
    """Return whether there is no such domain: by a status, or by words of our own side, which looked for it."""
    if not details <= _NO_DOMAIN:
        return False
    of_routing = bool(details - _VAGUE) or not answer.code
    return "1.2" in details or (of_routing and bool(refusal_words.NOWHERE.search(words)))


def _is_nobody(answer: ServerAnswer, words: str, details: set[str]) -> bool:
    """Return whether there is nobody of that name: by the server's own status, else by its words.

    Of another server's refusal the reporting one guesses a status by the step where it came (Sendmail: 5.1.1 of any at
    RCPT), so then the words have to say it. After the content, words alone mean a filter.
    """
    if not details <= _GONE | _VAGUE:
        return False
    own = {found[2] for found in _STATUS.finditer(answer.words)}
    if own & _GONE or (not answer.code and details & _GONE):
        return True
    return not answer.after_content and bool(refusal_words.NOBODY.search(words))
