"""The third generator: a crowded pool. Few names, so that a full name is forty people's; households behind one number
or one address, some of them father and son of one written name; names without a space or a reading in the originals.

Its noise is its own, too: old kanji, widths, every kind of hyphen, slips in the given name, another family name, slips
in the domain of a mail address, a number or an address that changed, readings by sound or by ear.
"""

import unicodedata
from collections.abc import Callable, Collection
from dataclasses import replace
from random import Random

import jaconv

from relay.candidates.facts import Facts
from tests.bench.duplicates.copies import Person, Pool, email, mixed, mobile
from tests.bench.duplicates.names import Named

_FAMILIES = """
佐藤 サトウ,鈴木 スズキ,高橋 タカハシ,田中 タナカ,渡辺 ワタナベ,伊藤 イトウ,山本 ヤマモト,中村 ナカムラ,
小林 コバヤシ,加藤 カトウ,吉田 ヨシダ,山田 ヤマダ,佐々木 ササキ,松本 マツモト,井上 イノウエ,木村 キムラ,
林 ハヤシ,斎藤 サイトウ,清水 シミズ,山崎 ヤマザキ,森 モリ,池田 イケダ,橋本 ハシモト,阿部 アベ,
石川 イシカワ,中島 ナカジマ,前田 マエダ,藤田 フジタ,後藤 ゴトウ,近藤 コンドウ,坂本 サカモト,福田 フクダ,
太田 オオタ,西村 ニシムラ,藤井 フジイ,金子 カネコ,三浦 ミウラ,原田 ハラダ,小野 オノ,中野 ナカノ,
東 アズマ,原 ハラ,長谷川 ハセガワ,安藤 アンドウ,宮崎 ミヤザキ,大塚 オオツカ,浜田 ハマダ,桜井 サクライ,
広瀬 ヒロセ,沢田 サワダ,黒沢 クロサワ,関 セキ,久保 クボ,菅原 スガワラ,島田 シマダ,上田 ウエダ,
杉山 スギヤマ,千葉 チバ,村上 ムラカミ
"""
_GIVENS = """
翔太 ショウタ,大輔 ダイスケ,健太 ケンタ,拓也 タクヤ,直樹 ナオキ,誠 マコト,健 ケン,健一 ケンイチ,
健二 ケンジ,亮 リョウ,陽翔 ハルト,蓮 レン,大樹 ダイキ,和也 カズヤ,浩二 コウジ,隆 タカシ,
学 マナブ,翼 ツバサ,優 ユウ,純一 ジュンイチ,美咲 ミサキ,陽菜 ヒナ,葵 アオイ,結衣 ユイ,
愛 アイ,優子 ユウコ,恵 メグミ,恵子 ケイコ,恵美 エミ,直美 ナオミ,由美 ユミ,智子 トモコ,
裕子 ユウコ,真由美 マユミ,彩 アヤ,花子 ハナコ,麻衣 マイ,陽子 ヨウコ,久美子 クミコ,幸子 サチコ,
和子 カズコ,京子 キョウコ,香織 カオリ,さくら サクラ,桃子 モモコ,千尋 チヒロ,美穂 ミホ,美香 ミカ,
瞳 ヒトミ,明日香 アスカ
"""
_OTHERWISE_READ = {
    "健": "タケシ",
    "優": "マサル",
    "裕子": "ヒロコ",
    "翼": "タスク",
    "愛": "マナ",
    "恵": "ケイ",
    "亮": "アキラ",
}
_OLD = "高髙 崎﨑 辺邊 斎齋 浜濱 沢澤 広廣 島嶋 桜櫻 真眞 恵惠 黒黑 関關 瀬瀨 国國 亜亞 栄榮 渡渡 万萬 条條"
_OLDER = {each[0]: each[1] for each in _OLD.split()}
_DASHES = "-‐‑‒–—―−－ー"
_DOMAINS_MISTYPED = {
    "gmail.com": ("gmail.con", "gmial.com", "gmai.com", "gmail.co", "gmail.jp"),
    "yahoo.co.jp": ("yahoo.co.jo", "yaho.co.jp", "yahoo.ne.jp", "yahoo.com"),
    "icloud.com": ("icoud.com", "iclould.com", "icloud.co"),
    "outlook.jp": ("outlok.jp", "outlook.com"),
    "docomo.ne.jp": ("docomo.nejp.jp", "docom.ne.jp", "docomo.co.jp"),
    "ezweb.ne.jp": ("ezweb.ne.jo", "exweb.ne.jp"),
    "softbank.ne.jp": ("softbank.jp", "sofbank.ne.jp"),
}
_WRONG_KANJI = "太犬大夫士土千干未末央失矢知如好妹姉木本休体人入友反石右左在存子孔字学享亨京涼"
_CONTACTS = {
    "other address",
    "other number",
    "no address",
    "no number",
    "domain mistyped",
    "address mistyped",
    "digit mistyped",
}
_BOTH_CHANGE = 0.25
_HOUSEHOLDS = 0.08
_ONE_NAME = 0.005
"""So many of those who live with another have the same written name: read otherwise, or with another address."""

Noise = Callable[[Random, Person, Facts], Facts]


def crowded(originals: int, copies: int, *, seed: int, kinds: Collection[str] = ()) -> Pool:
    """People of few names, one in twelve of whom lives with another, and copies with one to three of these kinds."""
    dice = Random(seed)  # noqa: S311  (no secret)
    families, givens = _parts(_FAMILIES), _parts(_GIVENS)
    everyone: list[Person] = []
    taken: set[str] = set()
    for place in range(originals):
        housemate = place > originals * (1 - _HOUSEHOLDS)
        everyone.append(
            _housemate(dice, taken, givens, dice.choice(everyone))
            if housemate
            else _somebody(dice, taken, families, givens)
        )
    made = [(place, _as_entered(dice, each)) for place, each in enumerate(everyone)]
    names = sorted(kinds or NOISE)
    for _ in range(copies):
        place = dice.randrange(originals)
        facts = made[place][1]
        for kind in _turn(dice, names):
            facts = NOISE[kind](dice, everyone[place], facts)
        made.append((place, facts))
    return mixed(dice, made)


def _turn(dice: Random, names: list[str]) -> list[str]:
    """One to three kinds of noise; number and address seldom change at once."""
    turn = dice.sample(names, k=dice.choice((1, 1, 2, 2, 3)))
    changes = [kind for kind in turn if kind in _CONTACTS]
    return turn if len(changes) < 2 or dice.random() < _BOTH_CHANGE else [each for each in turn if each != changes[0]]


def _parts(listed: str) -> list[Named]:
    return [Named(*each.split()) for each in listed.replace("\n", "").split(",")]


def _somebody(dice: Random, taken: set[str], families: list[Named], givens: list[Named]) -> Person:
    family, given = dice.choice(families), dice.choice(givens)
    return Person(family, given, _own_mail(dice, taken, family, given), mobile(dice))


def _own_mail(dice: Random, taken: set[str], family: Named, given: Named) -> str:
    """An address that nobody else has."""
    while (found := email(dice, family, given)) in taken:
        pass
    taken.add(found)
    return found


def _housemate(dice: Random, taken: set[str], givens: list[Named], of: Person) -> Person:
    """Of the same family name behind the same number, the same address or both; seldom of the same written name."""
    if dice.random() < _ONE_NAME:
        read = Named(of.given.written, _OTHERWISE_READ.get(of.given.written, of.given.heard))
        return replace(of, given=read, email=_own_mail(dice, taken, of.family, read))
    given = dice.choice([each for each in givens if each.heard != of.given.heard])
    shared = dice.choice(("phone", "phone", "mail", "both"))
    own = _own_mail(dice, taken, of.family, given)
    return Person(
        of.family, given, own if shared == "phone" else of.email, mobile(dice) if shared == "mail" else of.phone
    )


def _as_entered(dice: Random, who: Person) -> Facts:
    """What the first file held: not every name has a space, not everybody a reading, a number and an address."""
    facts = replace(who, spaced=dice.random() < 0.75, kana=dice.random() < 0.8).facts
    missing = dice.random()
    if missing < 0.04:
        return replace(facts, phone="")
    return replace(facts, email="") if missing < 0.06 else facts


def _old_kanji(_dice: Random, _who: Person, facts: Facts) -> Facts:
    return replace(facts, name="".join(_OLDER.get(each, each) for each in facts.name))


def _widths(_dice: Random, _who: Person, facts: Facts) -> Facts:
    half = jaconv.z2h(facts.kana, kana=True, digit=False, ascii=False)
    wide = jaconv.h2z(facts.email, ascii=True, digit=True)
    return replace(facts, kana=half, email=wide, phone=jaconv.h2z(facts.phone, digit=True, ascii=True))


def _hyphens(dice: Random, _who: Person, facts: Facts) -> Facts:
    dash = dice.choice((*_DASHES, "", " ", "."))
    return replace(facts, phone=facts.phone.replace("-", dash))


def _abroad(dice: Random, _who: Person, facts: Facts) -> Facts:
    lead = dice.choice(("+81 ", "+81(0)", "0081-"))
    return replace(facts, phone=f"{lead}{facts.phone[1:]}" if facts.phone.startswith("0") else facts.phone)


def _no_space(_dice: Random, _who: Person, facts: Facts) -> Facts:
    return replace(facts, name="".join(facts.name.split()), kana="".join(facts.kana.split()))


def _no_kana(_dice: Random, _who: Person, facts: Facts) -> Facts:
    return replace(facts, kana="")


def _kana_only(dice: Random, who: Person, facts: Facts) -> Facts:
    heard = f"{who.family.heard} {who.given.heard}"
    return replace(facts, name=dice.choice((heard, jaconv.kata2hira(heard))), kana="")


def _by_ear(_dice: Random, _who: Person, facts: Facts) -> Facts:
    """ナカジマ and ナカシマ: voiced or not."""
    return replace(
        facts, kana=facts.kana.replace("ジ", "シ").replace("ザ", "サ").replace("ダ", "タ").replace("ゴ", "コ")
    )


def _given_mistyped(dice: Random, who: Person, facts: Facts) -> Facts:
    given = who.given.written
    place = dice.randrange(len(given))
    wrong = given[:place] + dice.choice(_WRONG_KANJI) + given[place + 1 :]
    return replace(facts, name=facts.name[: -len(given)] + wrong if facts.name.endswith(given) else facts.name)


def _other_family(dice: Random, who: Person, facts: Facts) -> Facts:
    family = dice.choice([each for each in _parts(_FAMILIES) if each.written != who.family.written])
    gap = " " if " " in facts.name else ""
    kana = f"{family.heard}{' ' if ' ' in facts.kana else ''}{who.given.heard}" if facts.kana else ""
    return replace(facts, name=f"{family.written}{gap}{who.given.written}", kana=kana)


def _domain_mistyped(dice: Random, _who: Person, facts: Facts) -> Facts:
    local, at, domain = unicodedata.normalize("NFKC", facts.email).partition("@")
    return replace(facts, email=f"{local}{at}{dice.choice(_DOMAINS_MISTYPED.get(domain, (domain,)))}")


def _local_mistyped(dice: Random, _who: Person, facts: Facts) -> Facts:
    local, at, domain = unicodedata.normalize("NFKC", facts.email).partition("@")
    if len(local) < 5:
        return facts
    place = dice.randrange(1, len(local) - 1)
    here, after = local[place], local[place + 1]
    slip = dice.choice((after, here * 2 + after, after + here))
    return replace(facts, email=f"{local[:place]}{slip}{local[place + 2 :]}{at}{domain}")


def _digit_mistyped(dice: Random, _who: Person, facts: Facts) -> Facts:
    places = [place for place, each in enumerate(facts.phone) if each.isdigit() and place > 3]
    if not places:
        return facts
    place = dice.choice(places)
    return replace(facts, phone=f"{facts.phone[:place]}{dice.randrange(10)}{facts.phone[place + 1 :]}")


def _other_mail(dice: Random, who: Person, facts: Facts) -> Facts:
    local, at, domain = email(dice, who.family, who.given).partition("@")
    return replace(facts, email=f"{local}{dice.randrange(100, 1000)}{at}{domain}")


def _other_number(dice: Random, _who: Person, facts: Facts) -> Facts:
    return replace(facts, phone=mobile(dice))


def _no_mail(_dice: Random, _who: Person, facts: Facts) -> Facts:
    return replace(facts, email="") if facts.phone else facts


def _no_number(_dice: Random, _who: Person, facts: Facts) -> Facts:
    return replace(facts, phone="") if facts.email else facts


def _other_way_round(_dice: Random, who: Person, facts: Facts) -> Facts:
    kana = f"{who.given.heard} {who.family.heard}" if facts.kana else ""
    return replace(facts, name=f"{who.given.written} {who.family.written}", kana=kana)


def _latin(dice: Random, who: Person, facts: Facts) -> Facts:
    given, family = (jaconv.kana2alphabet(jaconv.kata2hira(part.heard)) for part in (who.given, who.family))
    names = (given.title(), family.upper())
    return replace(facts, name=" ".join(names if dice.random() < 0.5 else names[::-1]), kana="")


NOISE: dict[str, Noise] = {
    "old kanji": _old_kanji,
    "widths": _widths,
    "hyphens": _hyphens,
    "+81": _abroad,
    "no space": _no_space,
    "no reading": _no_kana,
    "reading only": _kana_only,
    "reading by ear": _by_ear,
    "given name mistyped": _given_mistyped,
    "other family name": _other_family,
    "domain mistyped": _domain_mistyped,
    "address mistyped": _local_mistyped,
    "digit mistyped": _digit_mistyped,
    "other address": _other_mail,
    "other number": _other_number,
    "no address": _no_mail,
    "no number": _no_number,
    "other way round": _other_way_round,
    "Latin letters": _latin,
}
