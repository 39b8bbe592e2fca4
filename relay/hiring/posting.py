"""Items a posting must say of the conditions of work (B-21), each declared once: name, label, source, hint.

The items are asked of what a company writes about a position; nothing is guessed. What is missing keeps the link
to pass on from being made (relay.hiring.passing_on), and stops nothing else.
"""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from relay.models import Position
from relay.text import Sentence

LAW = _l("職業安定法5条の3・同法施行規則4条の2第3項")


@dataclass(frozen=True)
class PostingItem:
    """One item: written into its own field, or said by a column of the position."""

    name: str
    """The key in `Position.posting`, or the column."""
    label: Sentence
    source: Sentence
    """Where the law asks for it."""
    hint: Sentence = ""
    """How it is written; empty where a column of the position says it."""

    @property
    def is_written(self) -> bool:
        """Return whether the item has a field of its own."""
        return bool(self.hint)

    def is_met(self, position: Position) -> bool:
        """Return whether the position says it."""
        value = position.posting.get(self.name) if self.is_written else getattr(position, self.name)
        return bool(value)


ITEMS = (
    PostingItem("description", _l("業務の内容"), _l("1号")),
    PostingItem("duties_change", _l("業務の変更の範囲"), _l("1号"), _l("例：変更なし、会社の定める業務")),
    PostingItem("contract_period", _l("契約期間"), _l("2号"), _l("例：期間の定めなし、2027年3月31日まで")),
    PostingItem(
        "renewal",
        _l("契約の更新と、その上限"),
        _l("2号関係"),
        _l("例：更新あり（通算3年まで）。期間の定めがなければ「なし」"),
    ),
    PostingItem("trial_period", _l("試用期間"), _l("2号関係"), _l("例：3か月（条件の変更なし）。なければ「なし」")),
    PostingItem("place", _l("就業の場所"), _l("3号")),
    PostingItem("workplace_change", _l("就業の場所の変更の範囲"), _l("3号"), _l("例：変更なし、会社の定める事業所")),
    PostingItem("working_hours", _l("就業時間"), _l("4号"), _l("例：9:00〜18:00")),
    PostingItem("breaks", _l("休憩時間"), _l("4号"), _l("例：12:00〜13:00の60分")),
    PostingItem("holidays", _l("休日"), _l("4号"), _l("例：土日・祝日、年末年始")),
    PostingItem("overtime", _l("時間外労働"), _l("4号"), _l("例：あり（月平均20時間）")),
    PostingItem("salary_from", _l("賃金の額"), _l("5号")),
    PostingItem(
        "fixed_overtime",
        _l("固定残業代"),
        _l("5号"),
        _l("例：月4万円（20時間分）、超えた分は追加で支給。なければ「なし」"),
    ),
    PostingItem("insurance", _l("加入する保険"), _l("6号"), _l("例：健康保険、厚生年金、労災保険、雇用保険")),
    PostingItem("recruiter", _l("募集者の氏名または名称"), _l("7号"), _l("雇用する会社の正式な名称")),
    PostingItem("employment", _l("派遣労働者としての雇用かどうか"), _l("8号")),
    PostingItem(
        "smoking", _l("受動喫煙を防止するための措置"), _l("9号"), _l("例：敷地内禁煙、屋内禁煙（屋外に喫煙場所あり）")
    ),
)
"""In the order of the law."""
WRITTEN = tuple(item.name for item in ITEMS if item.is_written)


def missing(position: Position) -> list[PostingItem]:
    """Return the items the position does not say yet, in their order."""
    return [item for item in ITEMS if not item.is_met(position)]
