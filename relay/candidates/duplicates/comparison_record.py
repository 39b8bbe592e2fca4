"""The record by which people are compared: name, reading, mail and phone, brought into one form each."""

from datetime import date
from typing import NamedTuple

from relay.candidates.facts import Facts
from relay.text import fold, mail_key, mailbox_of, phone_key
from relay.text.sounds import sound, sound_of_parts

_MARKS = str.maketrans(dict.fromkeys("・,.、。", " ") | dict.fromkeys("-'’‐"))
_SHARED_MAILBOXES = frozenset({"info", "mail", "admin", "contact", "saiyo", "recruit", "office", "jinji"})


class Name(NamedTuple):
    """A name in one of its forms: the parts as far as spaces show them, and all of it without a space."""

    family: str = ""
    given: str = ""
    whole: str = ""

    @property
    def split(self) -> bool:
        """Return whether the two parts are known."""
        return bool(self.given)


NOBODY = Name()


class ComparisonRecord(NamedTuple):
    """One person, ready to be compared."""

    written: Name
    """In kanji; empty where the name was given in kana or Latin letters."""
    heard: Name
    """How it sounds (relay.text.sounds)."""
    mail: str
    local: str
    """The part before the @, without what a provider ignores."""
    domain: str
    phone: str
    birth_date: date | None


def comparison_record(facts: Facts) -> ComparisonRecord:
    """Bring the facts into the forms that are compared."""
    return described(facts.name, facts.kana, mail_key(facts.email), phone_key(facts.phone), facts.birth_date)


def described(name: str, kana: str, mail: str, phone: str, birth_date: date | None) -> ComparisonRecord:
    """Return the same from what a candidate's row holds: address and number as their keys."""
    parts = _parts(name)
    sounds = [sound(part) for part in parts]
    in_sounds = bool(sounds) and all(sounds)
    reading = [each for part in _parts(kana) if (each := sound(part))] if kana else []
    heard = reading or (sounds if in_sounds else [])
    local, _at, domain = mailbox_of(mail).partition("@")
    return ComparisonRecord(
        written=NOBODY if in_sounds else _name(parts, "".join(parts)),
        heard=_name(heard, sound_of_parts(heard)),
        mail=f"{local}@{domain}" if domain else "",
        local=local,
        domain=domain,
        phone=_digits(phone),
        birth_date=birth_date,
    )


def _parts(name: str) -> list[str]:
    return fold(name).translate(_MARKS).split()


def _name(parts: list[str], whole: str) -> Name:
    """Return the name's parts: the first is the family's, further ones belong to the given name."""
    return Name(parts[0], "".join(parts[1:]), whole) if parts else NOBODY


def _digits(key: str) -> str:
    """Return the number as it is dialled within the country; a country's code never tells two apart."""
    return f"0{key[3:]}" if key.startswith("+81") else key.removeprefix("+")


def is_shared_mailbox(local: str) -> bool:
    """Return whether the part before the @ names a desk rather than a person."""
    return local in _SHARED_MAILBOXES
