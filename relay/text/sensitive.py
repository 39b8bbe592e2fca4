"""Words that the law keeps out of free text about applicants (rules A-22, B-1, B-2).

A check that asks, never one that forbids: it finds words, and the person decides. Ordinary words of work
(病院, システム障害, 多国籍 …) are passed over, since a warning that is mostly wrong is soon ignored.
"""

import re
import unicodedata

# 要配慮個人情報 (APPI 2条3項), then what job seekers may not be asked for (指針 第5, 公正な採用選考).
_WORDS = r"""
障害|障がい|障碍|病気|病歴|病名|持病|難病|疾病|疾患|抑?うつ病|抑うつ|うつ(?=症|状態|傾向|気味)|鬱病?|病|メンタル不調|双極性|統合失調
|てんかん|癌|がん(?=治療|を患|の手術|サバイバー)|闘病|通院|入院|既往歴|服薬|診断書|健診結果|健康診断の?結果|カウンセリング中
|妊娠|不妊|流産|中絶|前科|犯罪歴|犯歴|逮捕|服役|執行猶予|少年院|犯罪|犯罪被害
|国籍|人種|民族|肌の色|部落|同和|社会的身分|門地|家柄|本籍|出生地|宗教|信仰|信者|入信|支持政党|政治活動|思想|信条|人生観
|労働組合|労組|学生運動|社会運動|尊敬する人物|愛読書|購読新聞|身元調査|家族構成|親の職業|性自認|性的指向|性同一性
"""
_UTSU_END = r"(?=[でのにがを症]|っぽ|[\s、。,.・)」]|$)"
_UTSU_ALONE = rf"(?<![ぁ-ん])うつ{_UTSU_END}|(?<![ァ-ン])ウツ病?{_UTSU_END}"

# What the same characters mean in the language of work.
_ORDINARY = r"""
(?:システム|サーバー?|ネットワーク|回線|通信|機器|設備|本番|重大|大規模|軽微な|技術的な)障害
|(?:クラウド|アプリ|db|データベース|電源|ハード(?:ウェア)?)障害
|障害(?:対応|復旧|調査|報告書?|切り?分け|管理|検知|監視|発生時?|時|一次|解析|原因|訓練)
|障害(?:件数|率|対策|通知|連絡|の(?:切り?分け|復旧|一次|対応|原因))
|障(?:害|がい|碍)(?:福祉|[者児](?:福祉|支援|施設|就労支援|デイ|グループホーム|スポーツ指導))
|病(?:院|棟|床|理|児|後児|診連携|害虫)|看病|傷病手当金?|白血病治療薬|糖尿病療養指導士|臨床病理|疾病予防|疾患領域
|入院(?:患者|病棟|料|基本料|受付|会計|事務|業務|案内|対応)|通院(?:介助|送迎|支援|同行)|服薬(?:指導|管理|支援|介助)
|犯罪(?:収益|捜査|心理学?)|多国籍|無国籍料理|宗教法人|(?:設計|デザイン|開発)思想
|(?:労働組合|労組)(?:対応|との?(?:折衝|交渉|協議|窓口)|担当)|部落(?:史|問題研究)|民族(?:楽器|衣装|料理|学)|がん(?:診療|検診|保険)
"""


def _pattern(words: str) -> str:
    return "".join(words.split())


# Ordinary words first: where both begin or overlap, they win and are dropped.
_SCAN = re.compile(f"(?P<ordinary>{_pattern(_ORDINARY)})|(?P<word>{_pattern(_WORDS)}|{_UTSU_ALONE})")
_PERHAPS = re.compile("うつ|ウツ|" + _pattern(_WORDS).replace("抑?うつ病|抑うつ|うつ(?=症|状態|傾向|気味)|", ""))
"""In every text that holds a word; its choices begin with a letter each, which `re` looks for (bench: relay import)."""


def sensitive_words(text: str) -> list[str]:
    """Give the words of a text that the law keeps out, each once, in order; empty when there are none (A-22)."""
    folded = unicodedata.normalize("NFKC", text).lower()
    if not _PERHAPS.search(folded):
        return []
    return list(dict.fromkeys(found["word"] for found in _SCAN.finditer(folded) if found["word"]))
