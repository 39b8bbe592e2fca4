"""Files of applicants as no two companies keep them, made from a seed, each column with what it truly is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from relay.intake.fields import Field

FAMILIES = "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 越前 金 李".split()
GIVENS = "花子 太郎 さくら 健 凛 蓮 翔太 陽菜 一 ジェシカ 美咲 大輔".split()
ROMAN_FAMILIES, ROMAN_GIVENS = "SATO SUZUKI TAKAHASHI TANAKA ITO".split(), "Hanako Taro Sakura Ken Rin".split()
KANA_FAMILIES, KANA_GIVENS = "サトウ スズキ タカハシ タナカ イトウ".split(), "ハナコ タロウ サクラ ケン リン".split()
PARTIES = """エージェント 紹介会社 人材紹介会社 保護者 親権者 面接官 採用担当者 担当者 紹介者 推薦者 緊急連絡先 配偶者
    会社 勤務先 コーディネーター 担任 上司 店長 登録者""".split()
ENGLISH_PARTIES = (
    "Agent Agency Recruiter Guardian Interviewer Referrer Spouse Emergency Company Coordinator Manager".split()
)
STRANGE = "RA CA 東京 山本 A社 その他".split()
"""Words beside a field that nobody can know."""
OWN, ENGLISH_OWN = "本人 ご本人 応募者 候補者".split(), "Candidate Applicant".split()
WORDS = {
    Field.EMAIL: ("メールアドレス メール Eメール".split(), "Email E-mail EmailAddress".split()),
    Field.PHONE: ("電話番号 電話 携帯電話".split(), "Phone Mobile PhoneNumber".split()),
    Field.NAME: ("氏名 お名前 名前".split(), "Name FullName".split()),
    Field.BIRTH_DATE: ("生年月日 誕生日".split(), "BirthDate DateOfBirth".split()),
}
PLAIN = {
    Field.RESULT: "結果 選考結果 ステータス 合否 Status Result".split(),
    Field.APPLIED_ON: "応募日 応募日時 AppliedOn ApplicationDate".split(),
    Field.POSITION: "応募職種 求人名 募集職種 JobTitle".split(),
    Field.SOURCE_ID: "応募ID 応募番号 ApplicationID".split(),
    Field.PERSON_ID: "応募者ID 候補者番号 CandidateID".split(),
    Field.CHANNEL: "応募経路 応募媒体 Channel".split(),
    Field.MEMO: "備考 メモ Notes".split(),
}
NOISE = """更新日 部署 学校名 面接官 担当者 URL 最終学歴 現住所 性別 年齢 国籍 入社可能日 希望年収 会社名 旧姓 項番
    並び順""".split()
RESULTS = "不採用 見送り 辞退 採用 選考中 お祈り 書類NG 内定辞退".split()


@dataclass
class Column:
    """A column: its header, what it truly is (None: nothing the candidate is known by), how a cell is made."""

    header: str
    truth: Field | None
    cell: Callable[[Random, int], str]


@dataclass
class File:
    """A generated file."""

    columns: list[Column] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    unclear: set[Field] = field(default_factory=set)
    """Fields that nobody can tell the column of."""

    @property
    def header(self) -> list[str]:
        return [column.header for column in self.columns]


def generate(seed: int) -> File:
    """Make the file of a seed: the candidate's columns, other parties', ids and noise, in any order."""
    dice = Random(seed)  # noqa: S311  (dice, not a secret)
    english = dice.random() < 0.3
    columns, unclear = _who(dice, english)
    columns += [_own(dice, kind, english) for kind in (Field.PHONE, Field.BIRTH_DATE) if dice.random() < 0.6]
    columns += [_plain(dice, kind) for kind in PLAIN if kind is not Field.RESULT and dice.random() < 0.5]
    columns.append(_result(dice))
    for _ in range(dice.randrange(4)):
        columns.append(_anothers(dice, english))
    if dice.random() < 0.15:
        columns.append(_strange(dice))
    if dice.random() < 0.3:
        dated = any(column.truth is Field.APPLIED_ON for column in columns)
        columns.append(Column(dice.choice(["登録日", "受付日", "登録日時"]), None if dated else Field.APPLIED_ON, _day))
    columns += [Column(header, None, _noise) for header in dice.sample(NOISE, dice.randrange(4))]
    known: dict[str, Column] = {}
    for column in columns:
        known.setdefault(column.header, column)
    columns = list(known.values())
    dice.shuffle(columns)
    rows = [[column.cell(dice, number) for column in columns] for number in range(dice.choice([1, 3, 8]))]
    return File(columns, rows, unclear)


def _who(dice: Random, english: bool) -> tuple[list[Column], set[Field]]:
    """Give the columns of names and addresses, now and then such that only HR can tell which is which."""
    columns = [*_names(dice, english), _own(dice, Field.EMAIL, english)]
    chance = dice.random()
    if chance < 0.03:
        columns[-1] = Column(f"メール（{dice.choice(STRANGE)}）", None, CELLS[Field.EMAIL])
        return columns, {Field.EMAIL}
    if chance < 0.06:
        columns[-1] = Column(dice.choice(["ユーザー名", "宛て", "アカウント"]), None, CELLS[Field.EMAIL])
        return columns, {Field.EMAIL}
    if chance < 0.09:
        pair = ("氏名", "お名前")
        return [*(Column(word, None, CELLS[Field.NAME]) for word in pair), columns[-1]], {Field.NAME}
    return columns, set()


def _names(dice: Random, english: bool) -> list[Column]:
    found = _split(dice) if dice.random() < 0.4 else [_own(dice, Field.NAME, english)]
    whole = found[0].truth is Field.NAME
    if dice.random() < 0.3 and not english:
        found.append(
            Column(dice.choice(["氏名（ローマ字）", "氏名（英）", "ローマ字氏名", "Name (English)"]), None, _roman)
        )
    if dice.random() < 0.4 and whole:
        found.append(Column(dice.choice(["フリガナ", "氏名（カナ）", "氏名カナ", "ふりがな"]), Field.KANA, _kana))
    return found


def _split(dice: Random) -> list[Column]:
    family, given = dice.choice(
        [("姓", "名"), ("氏名（姓）", "氏名（名）"), ("LastName", "FirstName"), ("応募者名（姓）", "応募者名（名）")]
    )
    found = [
        Column(family, Field.FAMILY, lambda dice, _number: dice.choice(FAMILIES)),
        Column(given, Field.GIVEN, lambda dice, _number: dice.choice(GIVENS)),
    ]
    if dice.random() < 0.6:
        sei, mei = dice.choice(
            [("セイ", "メイ"), ("氏名（セイ）", "氏名（メイ）"), ("姓（カナ）", "名（カナ）"), ("せい", "めい")]
        )
        found.append(Column(sei, Field.FAMILY_KANA, lambda dice, _number: dice.choice(KANA_FAMILIES)))
        found.append(Column(mei, Field.GIVEN_KANA, lambda dice, _number: dice.choice(KANA_GIVENS)))
    return found


def _own(dice: Random, kind: Field, english: bool) -> Column:
    word = dice.choice(WORDS[kind][english])
    if dice.random() < 0.4:
        word = _beside(dice, word, dice.choice(ENGLISH_OWN if english else OWN), english)
    elif dice.random() < 0.2:
        word = f"【必須】{word}"
    return Column(word, kind, CELLS[kind])


def _anothers(dice: Random, english: bool) -> Column:
    kind = dice.choice(list(WORDS))
    word = dice.choice(WORDS[kind][english])
    header = _beside(dice, word, dice.choice(ENGLISH_PARTIES if english else PARTIES), english)
    return Column(header, None, CELLS[kind])


def _strange(dice: Random) -> Column:
    kind = dice.choice([Field.EMAIL, Field.NAME])
    return Column(f"{dice.choice(WORDS[kind][0])}（{dice.choice(STRANGE)}）", None, CELLS[kind])


def _beside(dice: Random, word: str, whose: str, english: bool) -> str:
    forms: Sequence[str] = (
        "{word}（{whose}）",
        "{whose}{word}",
        "{whose}の{word}",
        "{word}_{whose}",
        "【{whose}】{word}",
    )
    if english:
        forms = ("{whose} {word}", "{word} ({whose})", "{whose}_{word}", "{whose}'s {word}")
    return dice.choice(forms).format(word=word, whose=whose)


def _plain(dice: Random, kind: Field) -> Column:
    return Column(dice.choice(PLAIN[kind]), kind, CELLS[kind])


def _result(dice: Random) -> Column:
    header = (
        dice.choice(PLAIN[Field.RESULT]) if dice.random() < 0.8 else dice.choice(["区分", "最後", "○×", "どうなったか"])
    )
    return Column(header, Field.RESULT, CELLS[Field.RESULT])


def _roman(dice: Random, _number: int) -> str:
    return f"{dice.choice(ROMAN_FAMILIES)} {dice.choice(ROMAN_GIVENS)}"


def _kana(dice: Random, _number: int) -> str:
    return f"{dice.choice(KANA_FAMILIES)} {dice.choice(KANA_GIVENS)}"


def _day(dice: Random, _number: int) -> str:
    return f"2026/{dice.randrange(1, 11)}/{dice.randrange(1, 28)}"


def _noise(dice: Random, number: int) -> str:
    return dice.choice([str(number), "", "あり", "総務部", "2026/3/1", "東京都"])


CELLS: dict[Field, Callable[[Random, int], str]] = {
    Field.EMAIL: lambda dice, number: f"{dice.choice('abcdefgh')}{number}{dice.randrange(999)}@mail.example",
    Field.PHONE: lambda dice, _number: f"090-{dice.randrange(1000, 9999)}-{dice.randrange(1000, 9999)}",
    Field.NAME: lambda dice, _number: f"{dice.choice(FAMILIES)} {dice.choice(GIVENS)}",
    Field.BIRTH_DATE: lambda dice, _number: (
        f"19{dice.randrange(60, 99)}/{dice.randrange(1, 12)}/{dice.randrange(1, 28)}"
    ),
    Field.RESULT: lambda dice, _number: dice.choice(RESULTS),
    Field.APPLIED_ON: _day,
    Field.POSITION: lambda dice, _number: dice.choice(["営業", "経理", "店長候補", "製造"]),
    Field.SOURCE_ID: lambda _dice, number: f"A-{1000 + number}",
    Field.PERSON_ID: lambda dice, _number: f"P-{dice.randrange(5)}",
    Field.CHANNEL: lambda dice, _number: dice.choice(["Indeed", "ハローワーク", "自社サイト"]),
    Field.MEMO: lambda dice, _number: dice.choice(["", "経理5年", "簿記2級"]),
}
