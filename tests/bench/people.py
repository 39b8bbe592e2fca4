"""Synthetic applicants: seeded, so that a set built anew is the same set."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

FAMILY = (
    "佐藤 サトウ,鈴木 スズキ,高橋 タカハシ,髙橋 タカハシ,田中 タナカ,伊藤 イトウ,渡辺 ワタナベ,"
    "渡邉 ワタナベ,山本 ヤマモト,中村 ナカムラ,小林 コバヤシ,加藤 カトウ,吉田 ヨシダ,山田 ヤマダ,"
    "佐々木 ササキ,山口 ヤマグチ,松本 マツモト,井上 イノウエ,木村 キムラ,林 ハヤシ,斎藤 サイトウ,"
    "齋藤 サイトウ,清水 シミズ,山崎 ヤマザキ,山﨑 ヤマザキ,森 モリ,池田 イケダ,橋本 ハシモト,"
    "阿部 アベ,石川 イシカワ,前田 マエダ,藤田 フジタ,後藤 ゴトウ,小川 オガワ,岡田 オカダ,"
    "村上 ムラカミ,長谷川 ハセガワ,近藤 コンドウ,石井 イシイ,坂本 サカモト,遠藤 エンドウ,青木 アオキ,"
    "藤井 フジイ,西村 ニシムラ,福田 フクダ,太田 オオタ,三浦 ミウラ,岡本 オカモト,松田 マツダ,"
    "中川 ナカガワ"
)
GIVEN = (
    "翔太 ショウタ,大輔 ダイスケ,健太 ケンタ,拓也 タクヤ,直樹 ナオキ,蓮 レン,悠真 ユウマ,"
    "湊 ミナト,陽翔 ハルト,誠 マコト,和也 カズヤ,達也 タツヤ,哲也 テツヤ,浩二 コウジ,"
    "一郎 イチロウ,隆 タカシ,学 マナブ,亮 リョウ,剛 ツヨシ,修 オサム,美咲 ミサキ,"
    "陽菜 ヒナ,葵 アオイ,さくら サクラ,結衣 ユイ,愛 アイ,優子 ユウコ,恵 メグミ,"
    "直美 ナオミ,由美 ユミ,智子 トモコ,裕子 ヒロコ,真由美 マユミ,千尋 チヒロ,彩 アヤ,"
    "花子 ハナコ,凛 リン,楓 カエデ,莉子 リコ,明日香 アスカ"
)
POSITIONS = (
    "法人営業,個人営業,営業企画,経理,人事,総務,法務,生産技術,品質保証,機械設計,電気設計,社内SE,"
    "バックエンドエンジニア,フロントエンドエンジニア,データ分析,カスタマーサポート,購買,物流管理,店舗運営,施工管理"
).split(",")
SKILLS = (
    "Python,Java,C#,SQL,AWS,Excel,簿記2級,TOEIC 800,SolidWorks,AutoCAD,NC旋盤,フォークリフト,英語商談,新規開拓,"
    "月次決算,原価計算,労務管理,契約書レビュー,惜しい,再スカウト候補,経験不足だがポテンシャル高,他職種向き,リーダー経験,夜勤可"
).split(",")
STAGES = ("書類選考", "一次面接", "二次面接", "最終面接")
CHANNELS = ("Indeed", "doda", "ハローワーク", "自社サイト", "社員紹介", "エージェント", "リクナビNEXT")
PLACES = ("東京都", "大阪府", "長野県松本市", "愛知県名古屋市", "福岡県福岡市", "リモート中心")
WORK = (
    "前職では{position}を担当し、{skill}を使って{year}年間働きました。",
    "{skill}の経験が{year}年あり、後輩の指導も任されていました。",
    "関西の拠点で{position}の立ち上げに加わりました。",
    "繁忙期の工程を見直し、残業を減らしました。",
    "{place}での勤務を希望しています。",
)
_FAMILY = [tuple(each.split()) for each in FAMILY.split(",")]
_GIVEN = [tuple(each.split()) for each in GIVEN.split(",")]


@dataclass(frozen=True)
class Somebody:
    """One applicant, before any table knows them."""

    number: int
    name: str
    kana: str
    email: str
    phone: str
    position: int
    skills: tuple[int, ...]
    stage: str
    channel: str
    place: str
    note: str

    @property
    def words(self) -> Iterable[str]:
        """What else they are found by, as a search row has it: tags, application, memo."""
        texts = [SKILLS[skill] for skill in self.skills]
        texts += [POSITIONS[self.position], self.stage, self.channel]
        return [*texts, self.note] if self.note else texts


def somebody(dice: Random, number: int) -> Somebody:
    """The next applicant; every third has a memo of some length."""
    family, given = dice.choice(_FAMILY), dice.choice(_GIVEN)
    position, place = dice.randrange(len(POSITIONS)), dice.choice(PLACES)
    skills = tuple(dice.sample(range(len(SKILLS)), dice.randrange(1, 3)))
    note = ""
    if dice.random() < 1 / 3:
        told = {
            "position": POSITIONS[position],
            "skill": SKILLS[skills[0]],
            "place": place,
            "year": dice.randrange(1, 20),
        }
        note = "".join(sentence.format(**told) for sentence in dice.sample(WORK, 4))
    return Somebody(
        number=number,
        name=f"{family[0]} {given[0]}",
        kana=f"{family[1]} {given[1]}",
        email=f"person{number}@mail.example",
        phone=f"090{number % 100_000_000:08d}",
        position=position,
        skills=skills,
        stage=dice.choice(STAGES),
        channel=dice.choice(CHANNELS),
        place=place,
        note=note,
    )
