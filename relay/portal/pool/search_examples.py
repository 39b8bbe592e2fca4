"""The language of the search box by example, for the sheet under it."""

from flask_babel import lazy_gettext as _l

EXAMPLES = (
    ("経理 松本", _l("どちらの言葉もある方")),
    ('"月次決算"', _l("この文字がそのまま続いている方")),
    ("-辞退", _l("この言葉や結果に当てはまる方を除く")),
    ("tag:惜しい,再スカウト候補", _l("どちらかのタグが付いた方（カンマは「または」）")),
    ("stage:最終", _l("選考段階に「最終」を含む方")),
    ("channel:Indeed", _l("応募経路")),
    ("position:経理", _l("応募した求人")),
    ("reason:充足", _l("見送りの理由")),
    ("end:辞退", _l("結果（選考中・見送り・辞退・重複・入社）")),
    ("exit:再スカウト", _l("出口（再応募・リレー・再スカウト）")),
    ("score:>=4", _l("評価が4以上の面接がある方")),
    ("updated:<6m", _l("この6か月に動きがあった方（d 日・w 週・m 月・y 年）")),
)
"""The language of the search box by example; 「タグ:」「選考段階:」 and the like are understood too."""
