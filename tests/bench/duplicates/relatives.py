"""The second generator, with noise of its own: names the other way round or in Latin letters, swapped digits,
another kind of phone, what a mailbox ignores, characters misread by a scanner; and families who share a phone or a
mail address.
"""

from collections.abc import Callable
from dataclasses import replace
from random import Random

import jaconv

from relay.candidates.facts import Facts
from tests.bench.duplicates.copies import Person, Pool, email, mixed, mobile, strangers
from tests.bench.duplicates.names import Names

_MISREAD = dict(
    pair
    for pair in (
        "太大 大太 間問 井丼 田由 木本 本木 村材 美羊 崎埼 人入 未末 千干 也地 輔捕 介个 優憂 健建 恵惠 子了 口ロ 二ニ "
        "八ハ 力カ 夕タ 江汀 治冶 幸辛 島鳥 野埜 渡度 和知"
    ).split()
)
_AREAS = ("03-{}-{}", "06-{}-{}", "052-{:.3}-{}", "0266-{:.2}-{}", "045-{:.3}-{}")
FAMILIES = 0.06

Noise = Callable[[Random, Person, Facts], Facts]


def pool_with_families(originals: int, copies: int, *, seed: int) -> Pool:
    """People, six in a hundred of whom live with another in the pool, and copies with one to three kinds of noise."""
    dice = Random(seed)  # noqa: S311  (no secret)
    names = Names(dice)
    relatives = int(originals * FAMILIES)
    everyone = strangers(dice, names, originals - relatives)
    everyone += [_relative(dice, names, dice.choice(everyone)) for _ in range(relatives)]
    made = [(place, each.facts) for place, each in enumerate(everyone)]
    for _ in range(copies):
        place = dice.randrange(originals)
        facts = everyone[place].facts
        for kind in dice.sample(sorted(NOISE), k=dice.randrange(1, 4)):
            facts = NOISE[kind](dice, everyone[place], facts)
        made.append((place, facts))
    return mixed(dice, made)


def _relative(dice: Random, names: Names, of: Person) -> Person:
    """Of the same family name, with a given name of their own, behind the same phone, the same address, or both."""
    given = names.given()
    while given.written == of.given.written or given.heard == of.given.heard:
        given = names.given()
    shared = dice.choice(("phone", "mail", "both"))
    return Person(
        family=of.family,
        given=given,
        email=email(dice, of.family, given) if shared == "phone" else of.email,
        phone=mobile(dice) if shared == "mail" else of.phone,
    )


def _swapped(_dice: Random, person: Person, facts: Facts) -> Facts:
    return replace(
        facts,
        name=f"{person.given.written} {person.family.written}",
        kana=f"{person.given.heard} {person.family.heard}",
    )


def _latin(dice: Random, person: Person, facts: Facts) -> Facts:
    given, family = (
        jaconv.kana2alphabet(jaconv.kata2hira(part.heard)).replace("-", "") for part in (person.given, person.family)
    )
    if dice.random() < 0.5:
        given, family = given.replace("ou", "o").title(), family.replace("ou", "o").upper()
    return replace(facts, name=dice.choice((f"{given} {family}", f"{family} {given}")), kana="")


def _swapped_digits(dice: Random, _person: Person, facts: Facts) -> Facts:
    phone = facts.phone.replace("-", "")
    if not phone:
        return facts
    place = dice.randrange(3, len(phone) - 1)
    return replace(facts, phone=phone[:place] + phone[place + 1] + phone[place] + phone[place + 2 :])


def _landline(dice: Random, _person: Person, facts: Facts) -> Facts:
    pattern = dice.choice(_AREAS)
    return replace(facts, phone=pattern.format(str(dice.randrange(2000, 9000)), f"{dice.randrange(10000):04d}"))


def _mailbox(dice: Random, _person: Person, facts: Facts) -> Facts:
    """Dots that Gmail ignores, and a label behind a plus sign."""
    local, _at, domain = facts.email.partition("@")
    if domain == "gmail.com":
        place = dice.randrange(1, len(local))
        local = f"{local[:place]}.{local[place:]}".replace("..", ".") if dice.random() < 0.5 else local.replace(".", "")
    return replace(facts, email=f"{local}{dice.choice(('', '+saiyo', '+job'))}@{domain}")


def _other_mail(dice: Random, person: Person, facts: Facts) -> Facts:
    return replace(facts, email=email(dice, person.family, person.given))


def _misread(dice: Random, _person: Person, facts: Facts) -> Facts:
    places = [place for place, each in enumerate(facts.name) if each in _MISREAD]
    if not places:
        return facts
    place = dice.choice(places)
    return replace(facts, name=facts.name[:place] + _MISREAD[facts.name[place]] + facts.name[place + 1 :])


def _no_phone(_dice: Random, _person: Person, facts: Facts) -> Facts:
    return replace(facts, phone="")


NOISE: dict[str, Noise] = {
    "swapped names": _swapped,
    "Latin letters": _latin,
    "swapped digits": _swapped_digits,
    "landline": _landline,
    "mailbox": _mailbox,
    "other mail": _other_mail,
    "misread kanji": _misread,
    "no phone": _no_phone,
}
