"""Tags that a company may want and need not invent: about work and selection alone, never a person's life (B-1)."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from relay.models import TagColour, TagKind


@dataclass(frozen=True)
class PresetTag:
    """A tag that is ready, and what it is for."""

    name: LazyString
    kind: TagKind
    colour: TagColour
    meaning: LazyString


PRESET_TAGS = (
    PresetTag(
        _l("再スカウト候補"), TagKind.EVALUATION, TagColour.OCHRE, _l("ポジションが空いたら、まず声をかけたい方")
    ),
    PresetTag(
        _l("経験不足だがポテンシャル高"),
        TagKind.EVALUATION,
        TagColour.GREEN,
        _l("今回は経験が足りず、1〜2年後にもう一度お会いしたい方"),
    ),
    PresetTag(_l("他職種向き"), TagKind.ROLE, TagColour.BLUE, _l("応募された職種より、ほかの職種で力を出せそうな方")),
    PresetTag(_l("あと一歩"), TagKind.EVALUATION, TagColour.VIOLET, _l("最後まで迷った方")),
    PresetTag(_l("時期が合えば"), TagKind.REASON, TagColour.PLAIN, _l("採用の人数や時期だけが合わなかった方")),
    PresetTag(_l("条件が合えば"), TagKind.REASON, TagColour.PLAIN, _l("勤務地や働き方などの条件だけが合わなかった方")),
)
