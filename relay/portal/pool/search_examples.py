"""The language of the search box by example, for the sheet under it."""

from flask_babel import lazy_gettext as _l

from relay.text import Sentence

LASTING_EXAMPLES = (
    ("経理 松本", _l("どちらの言葉もある方")),
    ('"月次決算"', _l("この文字がそのまま続いている方")),
    ("-辞退", _l("この言葉や結果に当てはまる方を除く")),
    ("タグ:あと一歩,再スカウト候補", _l("どちらかのタグが付いた方（カンマは「または」）")),
    ("選考段階:最終", _l("選考段階に「最終」を含む方")),
    ("応募経路:Indeed", _l("応募経路")),
    ("求人:経理", _l("応募した求人")),
    ("理由:採用人数の都合", _l("見送りの理由")),
    ("結果:辞退", _l("結果（選考中・見送り・辞退・重複・入社）")),
    ("対応:再スカウト候補", _l("今後の対応（再スカウト候補・再応募を待つ・こちらからは連絡しない）")),
    ("評価:>=4", _l("評価が4以上の面接がある方")),
)
"""Those whose answer changes with a record alone, not as days go by: what a tag rule may ask for."""
EXAMPLES = (
    *LASTING_EXAMPLES,
    ("応募日:2026-10", _l("応募日がその月の方（「応募日:2026-04〜2026-09」「応募日:<6か月」も使えます）")),
    ("更新:<6か月", _l("この6か月に動きがあった方（日・週・か月・年）")),
)
"""The language of the search box by example; 「タグ:」「選考段階:」 and the like are understood too."""


def search_examples() -> tuple[tuple[str, Sentence], ...]:
    """Return what the sheet under the search box shows."""
    return EXAMPLES
