"""Fields a person may fill in: few, kept as typed, without what is not text (F-11…F-13, F-17)."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from relay.network.outcomes import RegistrantNameMissing
from relay.text import clean, clean_block, normalise_phone, to_katakana

ITEMS = {
    "name": _l("氏名"),
    "kana": _l("フリガナ"),
    "email": _l("メールアドレス"),
    "phone": _l("電話番号"),
    "desired_role": _l("希望職種"),
    "place": _l("希望勤務地"),
    "experience": _l("これまでの経験"),
}
"""What may be provided, by column of the profile; a consent lists those that were filled in."""

LENGTHS = {"name": 200, "kana": 200, "phone": 40, "desired_role": 100, "place": 100, "experience": 4000}


@dataclass(frozen=True)
class ProfileFields:
    """The form of a registration; only the name is needed."""

    name: str
    kana: str = ""
    phone: str = ""
    desired_role: str = ""
    place: str = ""
    experience: str = ""

    def cleaned(self) -> "ProfileFields":
        """Return the fields as stored: no control characters, katakana, phone as digits.

        Raises RegistrantNameMissing.
        """
        name = clean(self.name)[: LENGTHS["name"]]
        if not name:
            raise RegistrantNameMissing
        typed_phone = clean(self.phone)
        return ProfileFields(
            name=name,
            kana=to_katakana(clean(self.kana))[: LENGTHS["kana"]],
            phone=(normalise_phone(typed_phone).value or typed_phone)[: LENGTHS["phone"]],
            desired_role=clean(self.desired_role)[: LENGTHS["desired_role"]],
            place=clean(self.place)[: LENGTHS["place"]],
            experience=clean_block(self.experience)[: LENGTHS["experience"]],
        )


def item_label(code: str) -> str:
    """Return the item as a person reads it."""
    return str(ITEMS[code])


def item_labels(codes: Iterable[str]) -> list[str]:
    """Return the items as a person reads them, in the order of the form."""
    wanted = set(codes)
    return [str(label) for code, label in ITEMS.items() if code in wanted]
