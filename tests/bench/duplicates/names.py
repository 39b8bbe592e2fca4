"""Names about as common as in Japan: the head of the lists as counted, a long tail put together from their parts.

About one surname in seventy is 佐藤; two people drawn at random have the same full name once in a million times or two.
"""

from dataclasses import dataclass
from itertools import accumulate
from random import Random

# Surname, reading, people in 10,000.
_SURNAMES = """
佐藤 サトウ 150,鈴木 スズキ 143,高橋 タカハシ 113,田中 タナカ 107,伊藤 イトウ 85,渡辺 ワタナベ 84,山本 ヤマモト 83,
中村 ナカムラ 83,小林 コバヤシ 81,加藤 カトウ 70,吉田 ヨシダ 66,山田 ヤマダ 65,佐々木 ササキ 53,山口 ヤマグチ 51,
松本 マツモト 50,井上 イノウエ 49,木村 キムラ 46,林 ハヤシ 43,斎藤 サイトウ 43,清水 シミズ 42,山崎 ヤマザキ 38,
森 モリ 37,池田 イケダ 36,橋本 ハシモト 36,阿部 アベ 35,石川 イシカワ 34,山下 ヤマシタ 33,中島 ナカジマ 31,
石井 イシイ 31,小川 オガワ 30,前田 マエダ 30,岡田 オカダ 29,長谷川 ハセガワ 29,藤田 フジタ 28,後藤 ゴトウ 28,
近藤 コンドウ 27,村上 ムラカミ 27,遠藤 エンドウ 27,青木 アオキ 26,坂本 サカモト 26,斉藤 サイトウ 25,福田 フクダ 25,
太田 オオタ 25,西村 ニシムラ 24,藤井 フジイ 24,金子 カネコ 23,岡本 オカモト 23,藤原 フジワラ 23,三浦 ミウラ 23,
中野 ナカノ 22,中川 ナカガワ 22,原田 ハラダ 22,松田 マツダ 22,竹内 タケウチ 21,小野 オノ 21,田村 タムラ 21,
中山 ナカヤマ 20,和田 ワダ 20,石田 イシダ 20,森田 モリタ 19,上田 ウエダ 19,原 ハラ 19,内田 ウチダ 19,柴田 シバタ 19,
酒井 サカイ 18,宮崎 ミヤザキ 18,横山 ヨコヤマ 18,高木 タカギ 18,安藤 アンドウ 17,谷口 タニグチ 17,大野 オオノ 17,
工藤 クドウ 16,今井 イマイ 16,高田 タカダ 16,丸山 マルヤマ 16,増田 マスダ 16,杉山 スギヤマ 16,村田 ムラタ 16,
小島 コジマ 16,渡邊 ワタナベ 15,渡部 ワタナベ 14,大塚 オオツカ 15,新井 アライ 15,平野 ヒラノ 15,藤本 フジモト 15,
河野 コウノ 14,上野 ウエノ 14,武田 タケダ 14,野口 ノグチ 14,千葉 チバ 14,松井 マツイ 14,菅原 スガワラ 13,
久保 クボ 13,木下 キノシタ 13,佐野 サノ 13,野村 ノムラ 13,松尾 マツオ 13,渡邉 ワタナベ 12,菊地 キクチ 12,
浜田 ハマダ 11,広瀬 ヒロセ 10,桜井 サクライ 11,沢田 サワダ 6,黒田 クロダ 8,齋藤 サイトウ 9,荒井 アライ 7,荒木 アラキ 9
"""
_FRONTS = """
青 アオ,赤 アカ,秋 アキ,浅 アサ,朝 アサ,荒 アラ,有 アリ,飯 イイ,池 イケ,石 イシ,泉 イズミ,稲 イナ,岩 イワ,植 ウエ,
梅 ウメ,榎 エノキ,大 オオ,岡 オカ,奥 オク,小 オ,折 オリ,笠 カサ,片 カタ,金 カネ,上 カミ,亀 カメ,川 カワ,菊 キク,
北 キタ,草 クサ,国 クニ,熊 クマ,倉 クラ,栗 クリ,黒 クロ,桑 クワ,古 フル,坂 サカ,桜 サクラ,笹 ササ,沢 サワ,塩 シオ,
柴 シバ,島 シマ,下 シモ,白 シラ,杉 スギ,関 セキ,高 タカ,滝 タキ,竹 タケ,立 タテ,谷 タニ,種 タネ,玉 タマ,築 ツキ,
津 ツ,土 ツチ,角 ツノ,寺 テラ,時 トキ,徳 トク,富 トミ,豊 トヨ,鳥 トリ,直 ナオ,中 ナカ,永 ナガ,長 ナガ,夏 ナツ,
七 ナナ,成 ナリ,西 ニシ,野 ノ,萩 ハギ,橋 ハシ,蓮 ハス,畑 ハタ,花 ハナ,羽 ハ,浜 ハマ,早 ハヤ,原 ハラ,春 ハル,
東 ヒガシ,久 ヒサ,平 ヒラ,広 ヒロ,深 フカ,福 フク,藤 フジ,船 フナ,星 ホシ,堀 ホリ,本 モト,前 マエ,牧 マキ,松 マツ,
丸 マル,水 ミズ,南 ミナミ,宮 ミヤ,三 ミ,村 ムラ,室 ムロ,元 モト,森 モリ,八 ヤ,安 ヤス,柳 ヤナギ,山 ヤマ,湯 ユ,
横 ヨコ,吉 ヨシ,若 ワカ,鷲 ワシ,綿 ワタ
"""
_BACKS = """
田 ダ,川 カワ,山 ヤマ,村 ムラ,本 モト,野 ノ,原 ハラ,井 イ,木 キ,沢 ザワ,島 シマ,崎 サキ,口 グチ,谷 タニ,岡 オカ,
上 カミ,下 シタ,尾 オ,内 ウチ,橋 ハシ,林 バヤシ,森 モリ,塚 ヅカ,浦 ウラ,部 ベ,江 エ,辺 ベ,越 コシ,瀬 セ,場 バ,
松 マツ,倉 クラ,沼 ヌマ,葉 ハ,藤 フジ,坂 サカ,城 シロ,宮 ミヤ,屋 ヤ,淵 ブチ,見 ミ,重 シゲ,成 ナリ,丸 マル
"""
# Given name, reading, people in 10,000.
_GIVEN = """
翔太 ショウタ 45,大輔 ダイスケ 48,健太 ケンタ 40,拓也 タクヤ 36,直樹 ナオキ 38,蓮 レン 22,悠真 ユウマ 18,湊 ミナト 14,
陽翔 ハルト 18,誠 マコト 38,和也 カズヤ 30,達也 タツヤ 34,哲也 テツヤ 24,浩二 コウジ 22,一郎 イチロウ 10,隆 タカシ 30,
学 マナブ 14,亮 リョウ 20,剛 ツヨシ 22,修 オサム 20,健一 ケンイチ 30,健 ケン 16,健二 ケンジ 16,浩 ヒロシ 30,
茂 シゲル 22,大樹 ダイキ 24,翼 ツバサ 16,駿 シュン 12,大地 ダイチ 14,涼太 リョウタ 14,雄太 ユウタ 24,
祐介 ユウスケ 14,優 ユウ 12,
貴之 タカユキ 14,智也 トモヤ 16,裕太 ユウタ 14,康平 コウヘイ 14,洋平 ヨウヘイ 14,慎也 シンヤ 12,淳 ジュン 16,
美咲 ミサキ 36,陽菜 ヒナ 20,葵 アオイ 20,さくら サクラ 20,結衣 ユイ 22,愛 アイ 34,優子 ユウコ 30,恵 メグミ 34,
直美 ナオミ 30,由美 ユミ 24,智子 トモコ 34,裕子 ユウコ 22,裕子 ヒロコ 14,真由美 マユミ 28,千尋 チヒロ 16,彩 アヤ 26,
花子 ハナコ 6,凛 リン 12,楓 カエデ 12,莉子 リコ 14,明日香 アスカ 16,麻衣 マイ 30,愛美 マナミ 20,舞 マイ 18,萌 モエ 14,
美穂 ミホ 22,香織 カオリ 28,陽子 ヨウコ 34,久美子 クミコ 28,恵子 ケイコ 34,幸子 サチコ 24,和子 カズコ 24,
京子 キョウコ 22,純子 ジュンコ 22,典子 ノリコ 18,絵美 エミ 18,奈々 ナナ 14,七海 ナナミ 18,遥 ハルカ 20,
未来 ミク 12,桃子 モモコ 12,
瞳 ヒトミ 20,望 ノゾミ 14,友美 トモミ 18,里美 サトミ 16,早紀 サキ 14,彩香 アヤカ 22,綾子 アヤコ 16,涼子 リョウコ 12
"""
_MIDDLES = """
正 マサ,義 ヨシ,和 カズ,昭 アキ,明 アキ,英 ヒデ,秀 ヒデ,弘 ヒロ,博 ヒロ,宏 ヒロ,俊 トシ,敏 トシ,利 トシ,信 ノブ,
伸 ノブ,孝 タカ,隆 タカ,貴 タカ,文 フミ,史 フミ,光 ミツ,満 ミツ,康 ヤス,泰 ヤス,保 ヤス,雅 マサ,政 マサ,智 トモ,
知 トモ,友 トモ,清 キヨ,勝 カツ,克 カツ,直 ナオ,尚 ナオ,幸 ユキ,行 ユキ,之 ユキ,邦 クニ,辰 タツ,重 シゲ,久 ヒサ,
恒 ツネ,治 ハル,晴 ハル,春 ハル,夏 ナツ,千 チ,美 ミ,真 マ,麻 マ,理 リ,由 ユ,奈 ナ,沙 サ,亜 ア,恵 エ,絵 エ,
佳 ヨシ,香 カ,静 シズ,琴 コト,志 シ,紗 サ,彩 アヤ,結 ユイ,悠 ユウ,瑞 ミズ,朋 トモ,寛 ヒロ
"""
_ENDS = """
雄 オ,夫 オ,男 オ,彦 ヒコ,樹 キ,紀 ノリ,則 ノリ,徳 ノリ,也 ヤ,哉 ヤ,人 ト,斗 ト,太 タ,郎 ロウ,一 カズ,二 ジ,
三 ゾウ,治 ハル,志 シ,司 シ,平 ヘイ,介 スケ,輔 スケ,助 スケ,吾 ゴ,生 オ,史 フミ,文 フミ,美 ミ,実 ミ,子 コ,代 ヨ,
世 ヨ,江 エ,恵 エ,枝 エ,香 カ,花 カ,華 カ,里 リ,理 リ,莉 リ,奈 ナ,菜 ナ,那 ナ,穂 ホ,帆 ホ,希 キ,紀 キ,音 ネ,
乃 ノ,月 ツキ,葉 ハ,羽 ハ
"""
_HEAD_OF_SURNAMES = 0.36
_HEAD_OF_GIVEN = 0.22


@dataclass(frozen=True)
class Named:
    """One part of a name with its reading."""

    written: str
    heard: str


class Names:
    """Draws names; a given die draws the same names in the same order."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice
        self._families = _weighted(_SURNAMES, _FRONTS, _BACKS, _HEAD_OF_SURNAMES)
        self._given = _weighted(_GIVEN, _MIDDLES, _ENDS, _HEAD_OF_GIVEN)

    def family(self) -> Named:
        """A surname."""
        return self._drawn(self._families)

    def given(self) -> Named:
        """A given name."""
        return self._drawn(self._given)

    def _drawn(self, names: tuple[list[Named], list[float]]) -> Named:
        return self._dice.choices(names[0], cum_weights=names[1])[0]


def _weighted(head: str, fronts: str, backs: str, share: float) -> tuple[list[Named], list[float]]:
    """The counted names with their share of people, and all put-together ones, ever rarer, with the rest."""
    counted = [line.split() for line in head.replace("\n", "").split(",")]
    total = sum(int(people) for *_name, people in counted)
    names = [Named(written, heard) for written, heard, _people in counted]
    weights = [share * int(people) / total for *_name, people in counted]
    known = {name.written for name in names}
    firsts, seconds = ([part.split() for part in parts.replace("\n", "").split(",")] for parts in (fronts, backs))
    made = [Named(a + b, x + y) for a, x in firsts for b, y in seconds if a != b and a + b not in known]
    Random(4).shuffle(made)  # noqa: S311  (no secret)
    tail = [1 / (80 + rank) for rank in range(len(made))]
    names += made
    weights += [(1 - share) * each / sum(tail) for each in tail]
    return names, list(accumulate(weights))
