"""Tags that a company may want and need not invent: about work and selection alone, never a person's life (B-1)."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from relay.models import FollowUp, TagColour, TagKind


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
        _l("経験を積めば"),
        TagKind.EVALUATION,
        TagColour.GREEN,
        _l("今回は経験が足りず、1〜2年後にもう一度お会いしたい方"),
    ),
    PresetTag(_l("他職種向き"), TagKind.ROLE, TagColour.BLUE, _l("応募された職種より、ほかの職種で力を出せそうな方")),
    PresetTag(_l("あと一歩"), TagKind.EVALUATION, TagColour.VIOLET, _l("最後まで迷った方")),
    PresetTag(_l("時期が合えば"), TagKind.REASON, TagColour.PLAIN, _l("採用の人数や時期だけが合わなかった方")),
    PresetTag(_l("条件が合えば"), TagKind.REASON, TagColour.PLAIN, _l("勤務地や働き方などの条件だけが合わなかった方")),
)


@dataclass(frozen=True)
class PresetRule:
    """A rule that is ready to be looked at and switched on."""

    condition: LazyString
    tag: LazyString
    follow_up: FollowUp | None
    meaning: LazyString


PRESET_RULES = (
    PresetRule(
        _l("結果:見送り 段階:最終 評価:>=4"),
        _l("再スカウト候補"),
        FollowUp.SCOUT,
        _l("最終まで進み、評価が4以上だった方を、再スカウト候補にします。"),
    ),
    PresetRule(
        _l("結果:見送り 理由:経験・スキル 評価:>=4"),
        _l("経験を積めば"),
        FollowUp.REAPPLY,
        _l("経験・スキルの理由で見送り、評価は4以上だった方に付けます。"),
    ),
    PresetRule(
        _l("結果:見送り 理由:充足"),
        _l("時期が合えば"),
        None,
        _l("採用人数の都合で見送った方に付けます。"),
    ),
    PresetRule(
        _l("結果:見送り 理由:条件"),
        _l("条件が合えば"),
        None,
        _l("勤務条件が合わず、見送りとなった方に付けます。"),
    ),
)
