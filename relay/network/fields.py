"""What a person may write about themselves: few fields, kept as typed, without what is not text (F-11…F-13, F-17)."""

from dataclasses import dataclass

from relay.network.outcomes import NameMissing
from relay.text import clean, clean_block, normalise_phone, to_katakana

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
        """As it is stored: control characters gone, kana in katakana, the phone as digits. Raises NameMissing."""
        name = clean(self.name)[: LENGTHS["name"]]
        if not name:
            raise NameMissing
        typed_phone = clean(self.phone)
        return ProfileFields(
            name=name,
            kana=to_katakana(clean(self.kana))[: LENGTHS["kana"]],
            phone=(normalise_phone(typed_phone).value or typed_phone)[: LENGTHS["phone"]],
            desired_role=clean(self.desired_role)[: LENGTHS["desired_role"]],
            place=clean(self.place)[: LENGTHS["place"]],
            experience=clean_block(self.experience)[: LENGTHS["experience"]],
        )
