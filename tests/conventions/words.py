"""The words of the glossary: what a screen or a mail no longer says, what it says instead, and where a word may stand.

Read by tests/conventions/test_words.py. A word is a regular expression, looked for in every message id, in every
Japanese literal of relay/ and in every line of static/js.
"""

import re
from dataclasses import dataclass

MAY_KEEP = {
    "relay/demo/": "writes a file as another system does",
    "relay/intake/": "reads headings and values that other systems write",
    "relay/models/candidate_fields.py": "reads headings that other systems write",
    "relay/models/candidates.py": "knows former words of saved searches",
    "relay/models/hiring.py": "knows former words of files and saved searches",
    "relay/network/consent_texts.py": "keeps earlier versions as they were agreed to",
    "relay/network/partnerships.py": "keeps earlier versions as they were agreed to",
    "relay/outreach/wording.py": "asks not to use the word in a template",
    "relay/candidates/information_request.py": "is what a company says to its candidate",
    "relay/portal/settings/mail_recipes.py": "names a thing as another service does",
    "relay/rights/privacy_draft.py": "is what a company says to its candidate",
    "relay/text/": "holds patterns that are looked for",
    "relay/text/query.py": "knows a former word of saved searches",
    "templates/landing/": "is what a company says to its candidate",
    "templates/mail/": "is what a company says to its candidate",
}
"""Files and folders that may keep a word of the table, and why."""
SENTENCES_OF_INTAKE = (
    "relay/intake/planning/plan.py",
    "relay/intake/reading/refusals.py",
    "relay/intake/rows/facts.py",
    "relay/intake/rows/reader.py",
    "relay/intake/rows/row.py",
    "relay/intake/writing/applying.py",
)
"""Modules of relay/intake/ that speak to people alone, and so keep no word."""


@dataclass(frozen=True)
class FormerWord:
    """A word that is no longer said, the term to use instead, and the places of MAY_KEEP where it still stands."""

    pattern: re.Pattern[str]
    instead: str
    places: tuple[str, ...]

    def may_stand_in(self, path: str) -> bool:
        """Return whether the file, or the folder it is in, keeps the word."""
        return path not in SENTENCES_OF_INTAKE and path.startswith(self.places)


def _former(pattern: str, instead: str, *places: str) -> FormerWord:
    return FormerWord(re.compile(pattern), instead, places)


FORMER_WORDS = (
    # Concepts (section 1 of the glossary)
    _former("出口", "今後の対応", "relay/text/query.py"),
    _former("送り出", "こちらからは連絡しない", "relay/models/candidates.py"),
    _former("操作の記録", "一括操作の履歴 (bulk acts) or 操作ログ (who did what)"),
    _former("設置", "このRelay or 運営者"),
    _former(
        "相手", "提携先 (HR), 登録先・紹介会社・学校 (candidate), 宛先 (mail), 確認先", "relay/network/consent_texts.py"
    ),
    _former("先方", "提携先"),
    _former("足りない項目", "情報が足りない方"),
    _former("自動のルール", "タグの自動設定"),
    _former(
        "(?<!紹介)(?<!採用)枠(?!の中)",
        "無料紹介枠 at the first mention, then 紹介枠",
        "relay/network/consent_texts.py",
        "relay/models/hiring.py",
    ),
    _former(
        "預か",
        "保管する (data) or 確保する (紹介枠)",
        "templates/landing/",
        "templates/mail/",
        "relay/candidates/information_request.py",
        "relay/models/candidates.py",
    ),
    _former("応募者|応募した方", "候補者", "relay/intake/", "relay/models/candidate_fields.py", "relay/demo/"),
    _former("不採用", "見送り", "relay/intake/", "relay/demo/", "relay/outreach/wording.py", "relay/models/hiring.py"),
    _former("(?<!結果を)まだ伝えていない方", "結果をまだ伝えていない方, 未連絡"),
    _former("見送り済み", "見送り（未連絡）"),
    _former("送れなかったもの", "届いていない結果連絡"),
    _former("リレーのご案内", "リレーの案内 (HR) or 登録のご案内 (candidate)"),
    _former("次の出会い", "登録のご案内"),
    _former("紹介完了", "リレー完了"),
    _former("あなた専用の|ご本人用の|ご本人のページ", "ご本人専用ページ", "relay/network/consent_texts.py"),
    _former("符号", "照会番号"),
    _former(
        "(?<!差し)(?<!意の)控え",
        "保存した情報, 写し or 確認のメール",
        "relay/network/consent_texts.py",
        "relay/network/partnerships.py",
    ),
    _former("使いみち", "利用目的", "relay/network/consent_texts.py"),
    _former("お渡し", "提供する or 伝える", "relay/network/consent_texts.py"),
    _former("お約束", "秘密保持 (partners); 約束 does not take an お"),
    _former("2段階", "二段階認証", "relay/portal/settings/mail_recipes.py"),
    # Verbs (section 2)
    _former("確かめ", "確認する", "relay/network/partnerships.py"),
    _former(
        "(?<![りびみきいしけれじべせてち見手])直[しすさせ](?!接)",
        "編集する (records) or 修正する (errors)",
        "relay/network/partnerships.py",
    ),
    _former("変え[たてなまよらるれ]", "変更する"),
    _former("(?<!取り)(?<!取)消[しすさそ]", "削除する (things), 消去する (personal data), 解除する (conditions)"),
    _former("捨て", "破棄する"),
    _former("(?<![てで])しま[いうえっ]", "使用を終了する"),
    _former("取りやめ|やめ[たてまよるれ]", "キャンセル (leave), 停止する, 終了する or 取り消す"),
    _former("提携を終え|ログイン[^。]{0,6}終[えわ]", "提携を終了する, ログアウトする", "relay/network/partnerships.py"),
    _former("(?<!チェック)を入れて(?:くだ|か)", "を入力してください"),
    _former("印を付|印のところ", "チェックを入れる; 印 is not named by its look"),
    _former("大丈夫", "任意, or say what happens"),
    _former("はじめの設定", "初期設定"),
    _former("ログインの安全", "ログインのセキュリティ"),
    _former("のあいだ(?:受け入れ|開け|使え)", "有効期限"),
    # Spelling (section 3)
    _former("弊社|御社", "当社 (to candidates), 自社 (screens), 貴社 (to partners)"),
    _former("だれ", "誰"),
    _former("わか[らりるっ]", "分か"),
    _former("ひとつ|(?<![0-9,.])1つ", "一つ"),
    _former("おひとり", "お一人"),
    _former("[あ宛]て先|(?<=[様んた])あて(?=[のにでメ])|(?<=自分)あて", "宛先, 宛て"),
    _former("きょう(?![うだいりよ])", "今日"),
    _former("個所|カ所|ヶ所", "か所 after a figure, 箇所 alone"),
    _former("フォルダ(?!ー)", "フォルダー"),
    _former("差込", "差し込み"),
    _former("ふりがな", "フリガナ", "relay/intake/"),
    _former("頁", "ページ"),
    _former("例:", "例："),
    _former("[ぁ-んァ-ヶ一-龠々ー）」]: |: [ぁ-んァ-ヶ一-龠]", "：, the full-width colon"),
    _former(
        r"[ぁ-んァ-ヶ一-龠々ー]\(|\([^)A-Z]*[ぁ-んァ-ヶ一-龠々ー]",
        "（）, full-width parentheses",
        "relay/intake/",
        "relay/text/",
    ),
    _former("Relay [ぁ-んァ-ヶ一-龠]", "Relayは, without a space"),
    _former("[—―]| – ", "a full stop, or two sentences: no dashes"),
    _former(" · ", "・"),
)
