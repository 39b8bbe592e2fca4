"""Text about work alone: what says something the law keeps out falls away before a word of it is counted.

Stricter than the check that asks (relay.text.sensitive): there a person decides, here nobody looks. A clause goes
with such a word in it, for what is beside it belongs to it; where it is about relatives, beliefs or origin, all up
to the end of the sentence goes, since a trade named there is another's (A-22, B-1, B-2, sex and looks).
"""

import re
import unicodedata

from relay.text.sensitive import sensitive_words

_KANJI = "一-龯々"
_TO_THE_END = rf"""
(?<![{_KANJI}])(?:父|母|夫|妻|兄|弟|姉|妹|親|娘|孫)(?![{_KANJI}])
|父親|母親|両親|父母|祖父|祖母|兄弟|姉妹|長男|次男|長女|次女|息子|配偶者|奥さん|旦那|義[父母兄弟姉妹]|[叔伯][父母]|いとこ|従[兄弟姉妹]|[甥姪]|嫁|姑|舅|養子|里親|親族|親戚|親類|家族
|身内|実家|生家|家業|家系|世帯|扶養
|家庭(?!教師|裁判|用|向け|料理|科|系|ごみ|訪問)|母子家庭|父子家庭|シングル(?:マザー|ファザー)
|(?:子ども|子供|お子さん)(?:が|は|[0-9一二三四]人|あり|なし|います|いる)|[0-9一二三四]児の
|独身|既婚|未婚|結婚(?!式|相談)|離婚|バツ(?:イチ|ニ)|婚約|再婚|同棲|同居|一人暮らし|単身世帯
|持ち家|持家|借家|住宅ローンが|住宅事情|間取り|賃貸(?:住まい|暮らし|アパート|に住)|社宅に住|公営住宅に住
|仏教|キリスト|クリスチャン|カトリック|プロテスタント|イスラ[ムー]|ムスリム|ユダヤ|ヒンド|創価|神道|教会(?!音楽)
|信教|洗礼|礼拝|天理教|真宗|檀家|エホバ|教団
|自民|立憲民主|民主党|共産|公明党|維新の会|社民|政党|左翼|右翼|党員|政治|選挙(?:運動|の応援)|後援会|デモ(?:に|活動|行進)
|座右の銘|尊敬|愛読|購読|好きな(?:本|作家|新聞|雑誌)|新聞を(?:読|取|と)
|組合(?:活動|員|役員|の)|ユニオン|ストライキ|市民運動
|出身|生まれ|生い立ち|育ち|戸籍|在日|帰化|外国籍|日本国籍|ハーフ|混血|[韓国朝鮮中台湾比泰越伯]国人|韓国人|朝鮮人
|台湾人|ベトナム人|フィリピン人|ネパール人|ブラジル人|ペルー人
|[黒白]人(?![一-龯])|アイヌ|琉球|被差別|移民|難民|永住|在留|資産(?:家|状況|があ|を持)|預金|借金|年金生活
"""
_OF_A_CLAUSE = rf"""
男性|女性|男子|女子|(?<![{_KANJI}])(?:男|女)(?![{_KANJI}])|主婦|主夫|性別|産休|育休|出産|子育て中|育児中|lgbt
|トランスジェンダー|同性愛|ゲイ|レズビアン
|身長|体重|容姿|外見|美人|美男|イケメン|スリーサイズ|肥満|痩せ|血液型
|障害者?手帳|手帳[0-9一二三]級|療育手帳|車[椅い][子す](?:を|の|利用|使用|生活)|難聴|色覚|弱視|全盲|義足|聴覚|視覚
|下肢|肢体|糖尿|透析|高血圧|喘息|ぜんそく|アレルギー|アトピー|腰痛|ヘルニア|腫瘍|hiv|エイズ|肝炎
|パニック|適応障|発達障|adhd|asd|アスペルガー|自閉|ptsd|依存症|精神科(?!病棟|病院|医|看護)|心療内科|メンタル|休職
|療養中|療養の|(?:手術|治療)(?:を受|歴|中|した)|体調|病み|更年期|つわり
|血圧(?!計|測定)|服用(?!指導|方法|支援)|罰金|受刑|補導|保護観察|示談|被害(?:者|に|届)|刑務所に|有罪|起訴|健康診断|ワクチン|感染
"""


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile("".join(words.split()))


_SENTENCE_ENDS, _BREAKS, _CLAUSES = (
    re.compile(r"[。．！？!?\n]+"),
    re.compile(r"[、，,／/;；]+"),
    re.compile(r"[（）()「」]+"),
)
_WITHHELD_TO_THE_END, _WITHHELD = _pattern(_TO_THE_END), _pattern(_OF_A_CLAUSE)


def work_only(text: str, *, is_list: bool = False) -> list[str]:
    """Return the clauses of a text, in NFKC, that say nothing the law keeps out of a decision.

    Of a list, each entry is a sentence of its own.
    """
    plain = unicodedata.normalize("NFKC", text)
    sentences = _SENTENCE_ENDS.split(plain)
    if is_list:
        sentences = [entry for sentence in sentences for entry in _BREAKS.split(sentence)]
    return [clause for sentence in sentences for clause in _clauses(sentence)]


def _clauses(sentence: str) -> list[str]:
    kept: list[str] = []
    for part in _BREAKS.split(sentence):
        for clause in _CLAUSES.split(part):
            lowered = clause.lower()
            if _WITHHELD_TO_THE_END.search(lowered):
                return kept
            if clause and not _WITHHELD.search(lowered) and not sensitive_words(clause):
                kept.append(clause)
    return kept
