"""The first generator: people, and copies of them with one to four of the kinds of noise that files bring."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

import jaconv

from relay.candidates.facts import Facts
from tests.bench.duplicates.names import Named, Names

_DOMAINS = ("gmail.com", "yahoo.co.jp", "icloud.com", "outlook.jp", "docomo.ne.jp", "ezweb.ne.jp", "softbank.ne.jp")
_FORMS = (
    "高髙 崎﨑 辺邊邉 斎齋斉齊 浜濱 沢澤 広廣 島嶋 桜櫻 真眞 恵惠 徳德 富冨 竜龍 吉𠮷 国國 瀬瀨 渕淵 蔵藏 関關 黒黑 "
    "実實 寿壽 静靜 滝瀧 豊豐 与與"
)
_VARIANTS = {one: group for group in _FORMS.split() for one in group}
_LOOKALIKES = (
    "太大犬 未末 千干 土士 田由甲 木本 人入 力刀 子了 日目 平半 石右 今令 崎埼 治冶 絵給 穂稲 美実 菜奈 一二 和知 明朋"
)
_TYPOS = {one: group.replace(one, "") for group in _LOOKALIKES.split() for one in group}


@dataclass(frozen=True)
class Person:
    """Somebody, with the parts of the name apart."""

    family: Named
    given: Named
    email: str
    phone: str
    spaced: bool = True
    kana: bool = True
    turn: tuple[str, ...] = ()

    @property
    def facts(self) -> Facts:
        """As a file has them."""
        gap = " " if self.spaced else ""
        return Facts(
            name=f"{self.family.written}{gap}{self.given.written}",
            kana=f"{self.family.heard}{gap}{self.given.heard}" if self.kana else "",
            email=self.email,
            phone=self.phone,
        )


@dataclass
class Pool:
    """A pool with the pairs that are one person."""

    people: dict[int, Facts] = field(default_factory=dict)
    same: set[tuple[int, int]] = field(default_factory=set)


Noise = Callable[[Random, Names, Person, Facts], Facts]


def pool(originals: int, copies: int, *, seed: int) -> Pool:
    """People and noisy copies of them in one pool, in no order; someone may have been copied twice."""
    dice = Random(seed)  # noqa: S311  (no secret)
    names = Names(dice)
    everyone = strangers(dice, names, originals)
    made = [(place, each.facts) for place, each in enumerate(everyone)]
    for _ in range(copies):
        place = dice.randrange(originals)
        made.append((place, noisy(dice, names, everyone[place])))
    return mixed(dice, made)


def strangers(dice: Random, names: Names, count: int) -> list[Person]:
    """So many people; no two of them have one address or one number."""
    taken: set[str] = set()
    found: list[Person] = []
    while len(found) < count:
        somebody = person(dice, names)
        if taken.isdisjoint((somebody.email, somebody.phone)):
            taken |= {somebody.email, somebody.phone}
            found.append(somebody)
    return found


def mixed(dice: Random, made: list[tuple[int, Facts]]) -> Pool:
    """The rows in no order, and which of them are one person."""
    dice.shuffle(made)
    found = Pool()
    seen: dict[int, list[int]] = {}
    for number, (place, facts) in enumerate(made, start=1):
        found.people[number] = facts
        found.same.update((earlier, number) for earlier in seen.setdefault(place, []))
        seen[place].append(number)
    return found


def person(dice: Random, names: Names) -> Person:
    """Somebody with a name, an address made of it or not, and a number."""
    family, given = names.family(), names.given()
    return Person(family, given, email(dice, family, given), mobile(dice))


def email(dice: Random, family: Named, given: Named) -> str:
    """An address: often the name, sometimes with a number, sometimes a word of one's own."""
    last, first = (jaconv.kana2alphabet(jaconv.kata2hira(part.heard)).replace("-", "") for part in (family, given))
    tail = "".join(dice.choices("0123456789", k=dice.choice((0, 2, 2, 4, 4))))
    own = "".join(dice.choices("abcdefghijkmnoprstuvwxyz", k=dice.randrange(5, 10)))
    local = dice.choice((f"{first}.{last}{tail}", f"{last}.{first}{tail}", f"{first[0]}.{last}{tail}", f"{own}{tail}"))
    return f"{local}@{dice.choice(_DOMAINS)}"


def mobile(dice: Random) -> str:
    """A mobile number with hyphens."""
    return f"0{dice.choice('789')}0-{dice.randrange(1000, 10000)}-{dice.randrange(10000):04d}"


def noisy(dice: Random, names: Names, somebody: Person) -> Facts:
    """A copy with one to four kinds of noise."""
    facts = somebody.facts
    for kind in dice.sample(sorted(NOISE), k=dice.randrange(1, 5)):
        facts = NOISE[kind](dice, names, somebody, facts)
    return facts


def _variants(dice: Random, _names: Names, _person: Person, facts: Facts) -> Facts:
    return replace(facts, name="".join(dice.choice(_VARIANTS.get(each, each)) for each in facts.name))


def _width(dice: Random, _names: Names, _person: Person, facts: Facts) -> Facts:
    kana = jaconv.z2h(facts.kana, kana=True, digit=False, ascii=False)
    return replace(facts, kana=kana, name=facts.name.replace(" ", "　"), phone=jaconv.h2z(facts.phone, digit=True))


def _hiragana(_dice: Random, _names: Names, _person: Person, facts: Facts) -> Facts:
    return replace(facts, kana=jaconv.kata2hira(unicodedata.normalize("NFKC", facts.kana)))


def _no_space(_dice: Random, _names: Names, _person: Person, facts: Facts) -> Facts:
    return replace(facts, name="".join(facts.name.split()), kana="".join(facts.kana.split()))


def _new_mail(dice: Random, _names: Names, person: Person, facts: Facts) -> Facts:
    if dice.random() < 0.3:  # the same name at another provider
        return replace(facts, email=f"{facts.email.partition('@')[0]}@{dice.choice(_DOMAINS)}")
    return replace(facts, email=email(dice, person.family, person.given))


def _new_phone(dice: Random, _names: Names, _person: Person, facts: Facts) -> Facts:
    return replace(facts, phone=mobile(dice))


def _abroad(_dice: Random, _names: Names, _person: Person, facts: Facts) -> Facts:
    return replace(facts, phone=f"+81-{facts.phone.lstrip('0０')}" if facts.phone[:1] in "0０" else facts.phone)


def _typo(dice: Random, _names: Names, _person: Person, facts: Facts) -> Facts:
    places = [place for place, each in enumerate(facts.name) if each in _TYPOS]
    if places and dice.random() < 0.5:
        place = dice.choice(places)
        wrong = dice.choice(_TYPOS[facts.name[place]])
        return replace(facts, name=facts.name[:place] + wrong + facts.name[place + 1 :])
    field_name = dice.choice(("kana", "email", "phone"))
    return replace(facts, **{field_name: _slip(dice, getattr(facts, field_name))})


def _slip(dice: Random, text: str) -> str:
    """One letter left out or doubled, or two that changed places."""
    end = text.find("@") if "@" in text else len(text)
    if end < 4:
        return text
    place = dice.randrange(1, end - 1)
    slip = dice.randrange(3)
    if slip == 0:
        return text[:place] + text[place + 1 :]
    if slip == 1:
        return text[:place] + text[place] + text[place:]
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def _no_kana(_dice: Random, _names: Names, _person: Person, facts: Facts) -> Facts:
    return replace(facts, kana="")


def _upper_mail(_dice: Random, _names: Names, _person: Person, facts: Facts) -> Facts:
    return replace(facts, email=facts.email.upper())


def _married(_dice: Random, names: Names, person: Person, facts: Facts) -> Facts:
    family = names.family()
    gap, kana = (" " if " " in facts.name else ""), bool(facts.kana)
    return replace(
        facts,
        name=f"{family.written}{gap}{person.given.written}",
        kana=f"{family.heard}{gap}{person.given.heard}" if kana else "",
    )


NOISE: dict[str, Noise] = {
    "variants": _variants,
    "width": _width,
    "hiragana": _hiragana,
    "no space": _no_space,
    "new mail": _new_mail,
    "new phone": _new_phone,
    "+81": _abroad,
    "typo": _typo,
    "no kana": _no_kana,
    "upper-case mail": _upper_mail,
    "changed surname": _married,
}
