"""The kinds of refusals and the words servers say them with, in small letters and without names of people and hosts.

Our own choice of words, compared with the tables of Sisimai (BSD-2-Clause) and with what large senders publish about
Japanese carriers.
"""

import re
from enum import StrEnum


class Refusal(StrEnum):
    """The cause that kept a mail from arriving. Only the first counts against the address (C-26)."""

    NO_SUCH_ADDRESS = "no-such-address"
    MALFORMED = "malformed"
    """The server does not take the form of the address; it may well be in use."""
    MAILBOX_FULL = "mailbox-full"
    INACTIVE = "inactive"
    """The mailbox is suspended, and may come back."""
    FILTERED = "filtered"
    """By a filter, a policy or the person's own settings."""
    OUR_SETUP = "our-setup"
    """SPF, DKIM, DMARC, PTR, a relay that does not know us, a list that we are on."""
    UNREACHED = "unreached"
    """Nobody took it in time."""
    REFUSED = "refused"
    """For another reason, or none that could be understood."""


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


NAMES = _any(
    r"<[^<>\s]*>",
    r"\b[a-z]+://\S+",
    r"\S+@\S+",
    r"\b[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.[a-z][a-z0-9-]*\b(?:\[\S*\])?",
)
"""Addresses and names of hosts: words in them say nothing."""

SPEAKS_OF: tuple[tuple[Refusal, re.Pattern[str]], ...] = (
    (
        Refusal.MAILBOX_FULL,
        _any(
            r"quota|\bfull\b|storage|(?:dis[ck]|enough|out of) space|space has been used|too much mail data",
            r"mailbox (?:size )?(?:limit|exceed)|boite .*pleine",
        ),
    ),
    (
        Refusal.INACTIVE,
        _any(
            r"disabled|suspend|inactiv|deactivat|not active|\block(?:ed|out)|frozen|archive|discontinued",
            r"account (?:is |was |has been )?(?:temporarily |currently )?(?:limited|closed)",
        ),
    ),
    (
        Refusal.OUR_SETUP,
        _any(
            r"\bspf\b|\bdkim\b|\bdmarc\b|\bptr\b|reverse (?:dns|lookup|host)|\brdns\b|\b[eh][eh]lo\b|authentic",
            r"(?:sender|mail from|from:?|envelope) (?:address|domain|header|verif|rejected|denied|not)",
            r"(?:invalid|unknown|bad|null|unroutable|empty) (?:envelope )?(?:sender|from)",
            r"(?<!accept )mail from\b|return.?path|client host|open proxy|dynamic ip|relay host|registered",
            r"your (?:ip|isp|host|server|address|domain|network|mail ?server)\b|from mail server",
            r"relay(?:ing)? (?:access )?(?:denied|not|prohibited)|to relay|batv|rcpthosts",
            r"black.?list|block.?list|deny.?list|dnsbl|suppression|\brbl\b|spamhaus|spamcop|reputation",
            r"(?<!not )listed (?:at|by|in|on)|\btls\b|starttls|certificate",
        ),
    ),
    (
        Refusal.UNREACHED,
        _any(
            r"time[d-]? ?out|connection (?:was )?(?:refused|reset|dropped|lost|closed)|can(?:no|')t connect",
            r"unreachable|not reachable|no route|not respond|lookup (?:fail|time)|failing for|not connect",
            r"dns records|name server reply|resolve route|gateway|delivered for more|delivery attempts|been collected",
            r"try again|retry|\blater\b|temporar|expired|delayed|deferred|\bbusy\b",
            r"too many|\brate\b|throttl|gr[ea]y.?list|\bloop",
        ),
    ),
    (
        Refusal.FILTERED,
        _any(
            r"spam|junk|unsolicited|\bbulk\b|virus|malware|phish|content|filter|suspicious|abuse|complain",
            r"block|\bbann|\bden(?:y|ied)|prohibit|polic(?:y|ies)|restrict|violat|security|protect|\ballow",
            r"authori[sz]|permission|refus|accepting|accept (?:only|mail|message|e-?mail|new|from)",
            r"not (?:be )?accept|no longer accept|(?:user|recipient) reject|reject(?:ed)? by|preference",
            r"\bsender|subscri|members|mailing list|approved|not verified|confirm|low priority|mass mail",
            r"attachment|\bheader|multiple addresses|organi[sz]ational|bounced address|go away",
        ),
    ),
    (
        Refusal.REFUSED,
        _any(
            r"too (?:large|big|long)|size (?:limit|exceed)|exceed|\bhops?\b|ambiguous",
            r"configur|internal|local (?:error|problem)|(?:mailer|system) error|service currently",
            r"procmail|unrecogni[sz]ed command|command (?:failed|died|output)|transaction failed",
        ),
    ),
)
"""What a refusal may be about beside the address; any of these words is believed before a status and a code."""

_WHO = r"(?:users?|recipients?|mail ?box(?:es)?|(?:e-?mail )?(?:accounts?|address(?:es)?)|person|alias|local.?part)"
_NO_ROUTE = r"unroute?able (?:mail )?(?:address|domain)"
NOBODY = _any(
    rf"unknown (?:or illegal |virtual )?{_WHO}",
    rf"{_WHO} ?(?:is |was |were )?(?:unknown|not known)",
    rf"no such {_WHO}",
    rf"no {_WHO} (?:here|by that name|found)",
    rf"{_WHO}(?: [\w'-]+){{0,6}}? (?:does|do)(?:n.t| not) exist",
    rf"{_WHO}(?: [\w'-]+){{0,6}}? (?:is |was |were |could )?not (?:be )?found",
    rf"{_WHO} not exist|non-?existent {_WHO}|not a (?:valid|known|local) {_WHO}",
    r"does(?:n.t| not) have an?(?: \S+)? account|not (?:listed|present) in|invalid user\b",
    r"no (?:one|body) (?:at|by) th(?:is|at)",
    _NO_ROUTE,
)
"""Words that say there is nobody of that name."""
NOWHERE = _any(
    r"(?:host|domain)(?: name| or domain name)?(?: is)? (?:not found|unknown|does(?:n.t| not) exist)",
    r"(?:unknown|no such|non-?existent) (?:host|domain)|nxdomain|couldn.t find any host",
    _NO_ROUTE,
)
"""Words that say there is no such domain."""
MALFORMED = _any(
    r"syntax|malformed",
    r"(?:bad|invalid) (?:address|mailbox) format",
    r"not a valid rfc.?\d* address",
)
"""Words that say the form of the address was not understood."""

CARRIERS = re.compile(
    r"(?:.+\.)?(?:(?:docomo|ezweb|softbank|vodafone|pdx|emnet|emobile|ymobile1?|disney)\.ne\.jp|softbank\.jp"
    r"|au\.com|uqmobile\.jp|willcom\.com|mopera\.net|rakumail\.jp)"
)
"""Mail domains and servers of Japanese carriers. They say "user unknown" of addresses that do not exist and of people
who refuse mail by their settings, at RCPT and after the content alike, so it tells nothing of the address."""
