"""Applicants of the demo: names with their readings, awkward characters included, and what they bring."""

from dataclasses import dataclass
from random import Random

FAMILY = [
    ("髙橋", "タカハシ", "takahashi"), ("𠮷野", "ヨシノ", "yoshino"), ("渡邉", "ワタナベ", "watanabe"),
    ("齋藤", "サイトウ", "saito"), ("勅使河原", "テシガワラ", "teshigawara"), ("小鳥遊", "タカナシ", "takanashi"),
    ("五十嵐", "イガラシ", "igarashi"), ("佐藤", "サトウ", "sato"), ("鈴木", "スズキ", "suzuki"),
    ("伊藤", "イトウ", "ito"), ("中村", "ナカムラ", "nakamura"), ("小林", "コバヤシ", "kobayashi"),
    ("山﨑", "ヤマザキ", "yamazaki"), ("森", "モリ", "mori"), ("百瀬", "モモセ", "momose"),
    ("小口", "オグチ", "oguchi"), ("宮坂", "ミヤサカ", "miyasaka"), ("林", "ハヤシ", "hayashi"),
    ("武井", "タケイ", "takei"), ("花岡", "ハナオカ", "hanaoka"),
]  # fmt: skip
GIVEN = [
    ("遥", "ハルカ", "haruka"), ("直人", "ナオト", "naoto"), ("美穂", "ミホ", "miho"), ("蓮", "レン", "ren"),
    ("さくら", "サクラ", "sakura"), ("翔太", "ショウタ", "shota"), ("あゆみ", "アユミ", "ayumi"),
    ("健", "ケン", "ken"), ("陽菜", "ヒナ", "hina"), ("大輔", "ダイスケ", "daisuke"), ("優子", "ユウコ", "yuko"),
    ("悠真", "ユウマ", "yuma"), ("凛", "リン", "rin"), ("拓也", "タクヤ", "takuya"), ("智美", "トモミ", "tomomi"),
    ("慎一郎", "シンイチロウ", "shinichiro"), ("薫", "カオル", "kaoru"), ("和也", "カズヤ", "kazuya"),
]  # fmt: skip
AWKWARD = [
    ("Nguyễn Thị Mai", "グエン ティ マイ", "mai.nguyen"),
    ("Zoë O'Brien-Łęcka", "ゾーイ オブライエン レンツカ", "zoe.obrien"),
    ("朴 成俊", "パク ソンジュン", "park.seongjun"),
    ("マリア・クルス", "マリア クルス", "maria.cruz"),
    ("𠮷田 雲平󠄀", "ヨシダ ウンペイ", "yoshida.unpei"),
]
POSITIONS = {
    "生産技術エンジニア": ["治具設計", "SolidWorks", "設備保全", "工程改善"],
    "品質保証": ["ISO9001", "三次元測定", "内部監査", "統計的品質管理"],
    "機械設計": ["AutoCAD", "公差設計", "試作評価", "SolidWorks"],
    "法人営業": ["新規開拓", "既存深耕", "英語商談", "見積作成"],
    "経理": ["日商簿記2級", "月次決算", "原価計算", "固定資産"],
    "購買・調達": ["価格交渉", "納期管理", "海外調達", "在庫管理"],
    "社内SE": ["ネットワーク", "Python", "基幹システム", "ヘルプデスク"],
    "製造オペレーター": ["NC旋盤", "フォークリフト", "検査", "段取り替え"],
}
CHANNELS = ["Indeed", "doda", "ハローワーク", "自社サイト", "社員紹介", "エージェント", "リクナビNEXT"]
STAGES = ["書類選考", "一次面接", "二次面接", "最終面接"]
PLACES = ["長野県岡谷市", "長野県諏訪市", "長野県松本市", "山梨県甲府市", "リモート中心", "東京都"]


@dataclass(frozen=True)
class Applicant:
    """One applicant as the demo's spreadsheet lists them."""

    number: int
    name: str
    kana: str
    email: str
    phone: str
    position: str
    skills: tuple[str, ...]
    channel: str
    stage: str


def applicant(chance: Random, number: int) -> Applicant:
    """Return the next applicant; every thirtieth has a name that breaks careless software."""
    if number % 30 == 7:
        name, kana, local = AWKWARD[number // 30 % len(AWKWARD)]
    else:
        family, given = chance.choice(FAMILY), chance.choice(GIVEN)
        name, kana = f"{family[0]} {given[0]}", f"{family[1]} {given[1]}"
        local = f"{family[2]}.{given[2]}"
    position = chance.choice(list(POSITIONS))
    return Applicant(
        number=number,
        name=name,
        kana=kana,
        email=f"{local}{number}@mail.example",
        phone=f"090-0000-{number:04d}",
        position=position,
        skills=tuple(chance.sample(POSITIONS[position], 2)),
        channel=chance.choice(CHANNELS),
        stage=chance.choice(STAGES),
    )
