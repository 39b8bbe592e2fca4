"""The words of the glossary: what a screen or a mail no longer says, what it says instead, and where a word may stand.

Read by tests/conventions/test_words.py. A word is a regular expression, looked for in every message id, in every
Japanese literal of relay/ and in every line of static/js.
"""

import re
from dataclasses import dataclass, field

VERSIONED = {
    "relay/network/consent_texts.py": "earlier versions stay as they were agreed to",
    "relay/network/rules.py": "earlier versions stay as they were agreed to",
}
"""Texts that somebody agreed to: a word there changes with the next version."""
FILES = {
    "relay/intake/": "headings and values that other systems write",
    "relay/models/candidate_fields.py": "headings that other systems write",
    "relay/demo/": "a file as another system writes it",
}
"""What stands in the files of others."""
SENTENCES_OF_INTAKE = (
    "relay/intake/above.py",
    "relay/intake/apply.py",
    "relay/intake/facts.py",
    "relay/intake/plan.py",
    "relay/intake/refusals.py",
    "relay/intake/rows.py",
)
"""Modules of intake that only speak to people: FILES does not excuse them."""


@dataclass(frozen=True)
class FormerWord:
    """A word that is no longer said: `pattern`, the term to use instead, and path → why it may stand there."""

    pattern: re.Pattern[str]
    instead: str
    allowed: dict[str, str] = field(default_factory=dict)

    def may_stand_in(self, path: str) -> bool:
        """Return whether the file, or the folder it is in, may keep the word."""
        return any(
            path.startswith(place) and not (place in FILES and path in SENTENCES_OF_INTAKE) for place in self.allowed
        )


def _former(pattern: str, instead: str, allowed: dict[str, str] | None = None) -> FormerWord:
    return FormerWord(re.compile(pattern), instead, allowed or {})


FORMER_WORDS = (
    # Concepts (section 1 of the glossary)
    _former("出口", "今後の対応", {"relay/text/query.py": "a former operator of saved searches"}),
    _former("送り出", "こちらからは連絡しない", {"relay/models/pool.py": "a former word of saved searches"}),
    _former("操作の記録", "一括操作の履歴 (bulk acts) or 操作ログ (who did what)"),
    _former("設置", "このRelay or 運営者"),
    _former("相手", "提携先 (HR), 登録先・紹介会社・学校 (candidate), 宛先 (mail), 確認先", VERSIONED),
    _former("先方", "提携先"),
    _former("足りない項目", "情報が足りない方"),
    _former("自動のルール", "タグの自動設定"),
    _former(
        "(?<!紹介)(?<!採用)枠(?!の中)",
        "無料紹介枠 at the first mention, then 紹介枠",
        VERSIONED
        | {
            "relay/intake/words.py": "reasons that files carry",
            "relay/models/selection.py": "a former word for a reason, in saved searches",
        },
    ),
    _former(
        "預か",
        "保管する (data) or 確保する (紹介枠)",
        {
            "templates/landing/": "what a company says to its candidate",
            "templates/mail/": "what a company says to its candidate",
            "relay/pool/information_request.py": "what a company says to its candidate",
            "relay/rights/privacy_draft.py": "what a company says to its candidate",
            "relay/models/pool.py": "a former word of saved searches",
        },
    ),
    _former("応募者|応募した方", "候補者", FILES),
    _former(
        "不採用",
        "見送り",
        FILES
        | {
            "relay/outreach/wording.py": "the word a template is asked not to use",
            "relay/models/selection.py": "a former word for a result, in files and saved searches",
        },
    ),
    _former("(?<!結果を)まだ伝えていない方", "結果をまだ伝えていない方, 未連絡"),
    _former("見送り済み", "見送り（未連絡）"),
    _former("送れなかったもの", "届いていない結果連絡"),
    _former("リレーのご案内", "リレーの案内 (HR) or 登録のご案内 (candidate)"),
    _former("次の出会い", "登録のご案内"),
    _former("紹介完了", "リレー完了"),
    _former("あなた専用の|ご本人用の|ご本人のページ", "ご本人専用ページ", VERSIONED),
    _former("符号", "照会番号"),
    _former("(?<!差し)控え", "保存した情報, 写し or 確認のメール", VERSIONED),
    _former("使いみち", "利用目的", VERSIONED),
    _former("お渡し", "提供する or 伝える", VERSIONED),
    _former("お約束", "秘密保持 (partners); 約束 does not take an お"),
    _former("2段階", "二段階認証", {"relay/portal/settings/mail_recipes.py": "the name another service gives it"}),
    # Verbs (section 2)
    _former("確かめ", "確認する", VERSIONED),
    _former(
        "(?<![りびみきいしけれじべせてち見手])直[しすさせ](?!接)", "編集する (records) or 修正する (errors)", VERSIONED
    ),
    _former("変え[たてなまよらるれ]", "変更する"),
    _former(
        "(?<!取り)(?<!取)消[しすさそ]", "削除する (things), 消去する (personal data), 解除する (conditions)", FILES
    ),
    _former("捨て", "破棄する"),
    _former("(?<![てで])しま[いうえっ]", "使用を終了する"),
    _former("取りやめ|やめ[たてまよるれ]", "キャンセル (leave), 停止する, 終了する or 取り消す", VERSIONED),
    _former("提携を終え|ログイン[^。]{0,6}終[えわ]", "提携を終了する, ログアウトする", VERSIONED),
    _former("(?<!チェック)を入れて(?:くだ|か)", "を入力してください"),
    _former("印を付|印のところ", "チェックを入れる; 印 is not named by its look"),
    _former("大丈夫", "任意, or say what happens"),
    _former("はじめの設定", "初期設定"),
    _former("ログインの安全", "ログインのセキュリティ"),
    _former("のあいだ(?:受け入れ|開け|使え)", "有効期限"),
    # Spelling (section 3)
    _former("弊社|御社", "当社 (to candidates), 自社 (screens), 貴社 (to partners)"),
    _former("だれ", "誰"),
    _former("わか[らりるっ]", "分か", FILES),
    _former("ひとつ|(?<![0-9,.])1つ", "一つ"),
    _former("おひとり", "お一人"),
    _former("[あ宛]て先|(?<=[様んた])あて(?=[のにでメ])|(?<=自分)あて", "宛先, 宛て"),
    _former("きょう(?![うだいりよ])", "今日"),
    _former("個所|カ所|ヶ所", "か所 after a figure, 箇所 alone"),
    _former("フォルダ(?!ー)", "フォルダー"),
    _former("差込", "差し込み"),
    _former("ふりがな", "フリガナ", FILES | {"relay/models/candidate_fields.py": "headings that other systems write"}),
    _former("頁", "ページ"),
    _former("例:", "例："),
    _former("[ぁ-んァ-ヶ一-龠々ー）」]: |: [ぁ-んァ-ヶ一-龠]", "：, the full-width colon"),
    _former(
        r"[ぁ-んァ-ヶ一-龠々ー]\(|\([^)A-Z]*[ぁ-んァ-ヶ一-龠々ー]",
        "（）, full-width parentheses",
        FILES
        | {
            "relay/text/": "patterns that are looked for",
        },
    ),
    _former("Relay [ぁ-んァ-ヶ一-龠]", "Relayは, without a space"),
    _former("[—―]| – ", "a full stop, or two sentences: no dashes"),
    _former(" · ", "・"),
)
