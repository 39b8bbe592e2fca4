"""Characters that are written in several forms but mean the same name.

Only keys and search tokens are folded with these tables, never a stored name (rules F-13, F-14).
"""

import unicodedata

# One group per line: the first form is the one the others fold to. NFKC leaves all of these apart.
_KANJI_GROUPS = """
高髙 崎﨑嵜 辺邊邉 斉齋齊斎 吉𠮷 浜濵濱 沢澤 広廣 国國圀 島嶋嶌 桜櫻 竜龍 真眞 恵惠 徳德 渕淵渊 館舘 桑桒
柳栁桺 橋槗 鶴靏靍 富冨 峰峯 穂穗 瀬瀨 条條 将將 円圓 栄榮 寿壽 豊豐 蔵藏 滝瀧 万萬 与與 礼禮 弥彌 応應
学學 実實 宝寶寳 鉄鐵 塩鹽 関關 会會 来來 児兒 内內 呉吳 黒黑 静靜 清淸 曽曾 増增 薮藪 桧檜 頼賴 磯礒 彦彥
顕顯 亘亙 昇曻 巌巖 土圡 栃杤 凛凜 遥遙 尭堯 槙槇 瑶瑤 祇祗 籠篭 恒恆 横橫 郎郞 朗朖 黄黃 緑綠 録錄 歩步
晃晄 検檢 参參 双雙 台臺 団團 図圖 圧壓 岳嶽 岩嵒 巣巢 帯帶 従從 徴徵 戸戶 拝拜 挙擧 晋晉 暁曉 楽樂 様樣
権權 気氣 沖冲 渋澁澀 温溫 灯燈 焼燒 猪豬 画畫 当當 県縣 研硏 秋秌 称稱 稲稻 粋粹 糸絲 経經 継繼
総總 縁緣 縦縱 繁緐 聡聰 芸藝 茎莖 荘莊 薫薰 蛍螢 装裝 覚覺 観觀 訳譯 読讀 諌諫 譲讓 転轉
遅遲 郷鄕 酔醉 釈釋 銭錢 鎌鐮 鎮鎭 陥陷 随隨 隠隱 霊靈 青靑 顔顏 駅驛 駿騄 験驗 鴎鷗 鴬鶯 麦麥 麺麵 齢齡
亀龜 仏佛 仮假 伝傳 俊儁 倹儉 偽僞 写寫 処處 剣劍劔 勲勳 勧勸 単單 厳嚴 収收 叙敍 壮壯 壱壹 変變 奥奧
妍姸 嬢孃 寛寬 専專 尚尙 届屆 峡峽 弁辨瓣辯 弐貳 弾彈 悦悅 戯戲 戦戰 抜拔 担擔 拠據 捜搜 掲揭 欅﨔
ケヶ カヵ
"""

_LATIN_LETTERS = {
    "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "þ": "th", "ŋ": "n", "ŧ": "t",
}  # fmt: skip


def _kanji() -> dict[int, str]:
    return {ord(form): group[0] for group in _KANJI_GROUPS.split() for form in group[1:]}


def _katakana() -> dict[int, str]:
    table = {code: chr(code + 0x60) for code in range(0x3041, 0x3097)}
    return table | {0x309D: "ヽ", 0x309E: "ヾ"}


def _latin() -> dict[int, str]:
    table = {ord(letter): plain for letter, plain in _LATIN_LETTERS.items()}
    for code in (*range(0x00C0, 0x0250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii() and base.isalpha():
            table.setdefault(code, base.lower())
    return table


def _unseen() -> dict[int, None]:
    """Variation selectors (IVS among them), combining accents, joiners: they never tell two names apart."""
    ranges = (range(0x0300, 0x0370), range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0), (0x00AD, 0x034F, 0x200B, 0x200C))
    return {code: None for codes in ranges for code in (*codes, 0x200D)}


def _fold_table() -> dict[int, str | None]:
    table: dict[int, str | None] = {**_unseen(), **_latin(), **_katakana(), **_kanji()}
    # Small ゖ and ゕ turn into ヶ and ヵ first, and those fold once more.
    return table | {0x3095: "カ", 0x3096: "ケ"}


KATAKANA = _katakana()
FOLD = _fold_table()
