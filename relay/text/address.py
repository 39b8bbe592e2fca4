"""Mail addresses: what is stored, what is odd about it, and the keys on which two are equal (rule F-18).

An address is stored plain (`taro..x@docomo.ne.jp`); `addr_spec` gives the form that servers and headers take.
"""

import re
import unicodedata
from email.utils import quote, unquote
from enum import StrEnum
from typing import NamedTuple

from flask_babel import lazy_gettext as _l

from relay.text.names import clean
from relay.text.sentence import Sentence, quoted

_MAX_LENGTH = 254  # RFC 5321 4.5.3.1.3: a path of 256 octets, less its angle brackets
_MAX_LOCAL = 64  # RFC 5321 4.5.3.1.1
_WRAPPED = re.compile(r"^(?:mailto:|[^<>@]*<)([^<>]+)>?$", re.IGNORECASE)
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_DOT_ATOM = re.compile(rf"{_ATEXT}(?:\.{_ATEXT})*")
_LOCAL = re.compile(rf"(?:{_ATEXT}|\.)+")
_QUOTED_LOCAL = re.compile(r'("(?:[^"\\]|\\.)+")@([^@"]+)')
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}")
_PLAIN = re.compile(rf"{_DOT_ATOM.pattern}@(?:{_LABEL}\.)+{_LABEL}")
"""What most are like: nothing to put right, nothing odd (bench: relay import)."""
_SEPARATORS = re.compile(r"[\s,;、，；]")

ONE_MAILBOX = ("gmail.com", "googlemail.com")
"""The provider that ignores dots in the part before the @, under the names of its one domain."""


class MailFault(StrEnum):
    """The fault of an address as typed."""

    NO_AT = "no-at"
    SEVERAL = "several"
    UNUSABLE = "unusable"
    ODD = "odd"


class MailReading(NamedTuple):
    """An address as it is stored ('' when it cannot be used) and what is wrong with it."""

    value: str
    fault: MailFault | None = None


def normalise_mail(typed: str) -> MailReading:
    """Read a mail address: full-width forms and the domain's case are put right, the local part stays (F-18).

    Old carrier addresses such as `taro..x@docomo.ne.jp` are kept and called odd, also where they were typed with the
    quotes a server wants. Several addresses, line breaks and what no server accepts give an empty value, so nothing
    unsafe reaches a mail header.
    """
    if len(typed) <= _MAX_LOCAL and _PLAIN.fullmatch(typed):
        return MailReading(typed)
    text = unicodedata.normalize("NFKC", typed).strip()
    if not text:
        return MailReading("")
    if "@" not in text:
        return MailReading("", MailFault.NO_AT)
    wrapped = _WRAPPED.match(text)
    text = wrapped.group(1).strip() if wrapped else text
    if as_quoted := _QUOTED_LOCAL.fullmatch(text):
        return _read_parts(unquote(as_quoted[1]), as_quoted[2])
    if text.count("@") > 1 or _SEPARATORS.search(text):
        return MailReading("", MailFault.SEVERAL)
    return _read_parts(*clean(text).split("@"))


def _read_parts(local: str, domain: str) -> MailReading:
    domain = domain.lower().removesuffix(".")
    value = f"{local}@{domain}"
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        return MailReading("", MailFault.UNUSABLE)
    if len(value) > _MAX_LENGTH or len(local) > _MAX_LOCAL:
        return MailReading("", MailFault.UNUSABLE)
    is_odd = ".." in local or local[0] == "." or local[-1] == "." or "." not in domain
    return MailReading(value, MailFault.ODD if is_odd else None)


def mail_key(typed: str) -> str:
    """Give the key on which two addresses are the same: all in lower case; '' when there is none to use (F-18)."""
    return normalise_mail(typed).value.lower()


def addr_spec(address: str) -> str:
    """Return the address as servers and headers take it: a local part that is no dot-atom is quoted.

    RFC 5321 4.1.2 and RFC 5322 3.4.1. The standard library quotes other characters but never for a dot's place.
    """
    local, at, domain = address.rpartition("@")
    return address if not at or _DOT_ATOM.fullmatch(local) else f'"{quote(local)}"@{domain}'


def mailbox_of(key: str) -> str:
    """Return the mailbox that an address leads to, from its `mail_key`; '' for ''.

    Drop a +tag; where the provider ignores them (ONE_MAILBOX), drop dots and use one name of its domain.
    """
    local, at, domain = key.partition("@")
    plain = local.partition("+")[0] or local
    if domain in ONE_MAILBOX:
        plain, domain = plain.replace(".", "") or plain, ONE_MAILBOX[0]
    return f"{plain}{at}{domain}"


def mail_domain(address: str) -> str:
    """Return the mail domain of an address, as keys have it; '' where there is none."""
    return mail_key(address).partition("@")[2]


def mailbox_spellings(typed: str) -> tuple[str, ...]:
    """Return the plain spellings of the mailbox an address leads to, one for each name of its domain."""
    mailbox = mailbox_of(mail_key(typed))
    local, _at, domain = mailbox.partition("@")
    domains = ONE_MAILBOX if domain in ONE_MAILBOX else (domain,)
    return tuple(f"{local}@{each}" for each in domains) if mailbox else ()


def mail_sentence(fault: MailFault, typed: str) -> Sentence:
    """Say what is wrong with an address, and what to do about it."""
    sentence: Sentence = _l(
        "「%(typed)s」は見慣れない形のアドレスです。届くかどうか確認してください。", typed=quoted(typed)
    )
    if fault is MailFault.NO_AT:
        sentence = _l("「%(typed)s」には @ がありません。メールアドレスを確認してください。", typed=quoted(typed))
    elif fault is MailFault.SEVERAL:
        sentence = _l(
            "「%(typed)s」には、アドレスが2つ以上あるか、空白が入っています。一つだけ書いてください。",
            typed=quoted(typed),
        )
    elif fault is MailFault.UNUSABLE:
        sentence = _l("「%(typed)s」は、メールを送れる形ではありません。", typed=quoted(typed))
    return sentence
