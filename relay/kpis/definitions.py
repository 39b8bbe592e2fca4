"""The written definitions of the numbers: of each case when it counts and on which day, of each rate what is divided.

Pages show these sentences one click beside a number; tests/independent/kpis.py computes the numbers from them.
"""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from relay.models import CaseKind
from relay.models.labels import Labelled
from relay.text import Sentence

_PEOPLE, _PIECES = _l("名"), _l("件")


@dataclass(frozen=True)
class CaseDefinition:
    """When a case counts, and the day by which it falls into a month."""

    counts: Sentence
    day: Sentence
    unit: Sentence = _PEOPLE


_APPLIED_ON, _DECIDED_ON = _l("応募日"), _l("結果が決まった日")
_HIRED_ON = _l("入社日（「入社」の結果の日として記録した日）")

CASES: dict[CaseKind, CaseDefinition] = {
    CaseKind.APPLIED: CaseDefinition(
        _l("応募日のある応募。結果が「重複」のものは数えません。同じ方の別の応募は、それぞれ数えます。"),
        _APPLIED_ON,
        _PIECES,
    ),
    CaseKind.COMPLETED: CaseDefinition(
        _l("応募日があり、結果が「見送り」「辞退」「入社」のいずれかに決まった応募。選考中と「重複」は数えません。"),
        _APPLIED_ON,
        _PIECES,
    ),
    CaseKind.RUNNING: CaseDefinition(_l("応募日があり、まだ結果が決まっていない応募。"), _APPLIED_ON, _PIECES),
    CaseKind.INTERVIEWED: CaseDefinition(
        _l(
            "「結果が出た応募」のうち、面接まで進んだもの。一次・二次・最終・内定のいずれかを選んで段階を記録した、"
            "段階の名前に「面接」「面談」「最終」「内定」が含まれる、または結果が「入社」の応募です。"
        ),
        _APPLIED_ON,
        _PIECES,
    ),
    CaseKind.ENTERED: CaseDefinition(_l("「結果が出た応募」のうち、結果が「入社」のもの。"), _APPLIED_ON, _PIECES),
    CaseKind.HIRED: CaseDefinition(_l("結果が「入社」の応募。入社日がこれからのものも、その月に数えます。"), _HIRED_ON),
    CaseKind.HIRED_AGAIN: CaseDefinition(
        _l(
            "「入社」のうち、その応募より前に「見送り」か「辞退」になった応募のある方（結果の日が今回の応募日より前）、"
            "または再スカウトへの「話を聞きたい」から始まった応募の方。"
        ),
        _HIRED_ON,
    ),
    CaseKind.REACHED_6: CaseDefinition(_l("「入社」のうち、入社日から6か月が過ぎたもの。"), _HIRED_ON),
    CaseKind.THERE_6: CaseDefinition(
        _l(
            "「入社から6か月」のうち、6か月後の在籍について最後の記録が「在籍している」のもの。"
            "在籍の記録がまだない方は、ここには数えません。"
        ),
        _HIRED_ON,
    ),
    CaseKind.SAID_6: CaseDefinition(
        _l("「入社から6か月」のうち、6か月後の在籍について、在籍か退職かの記録があるもの。"), _HIRED_ON
    ),
    CaseKind.UNSAID_6: CaseDefinition(
        _l("「入社から6か月」のうち、6か月後の在籍について、まだ何も記録していないもの。"), _HIRED_ON
    ),
    CaseKind.REACHED_12: CaseDefinition(_l("「入社」のうち、入社日から12か月が過ぎたもの。"), _HIRED_ON),
    CaseKind.THERE_12: CaseDefinition(
        _l(
            "「入社から12か月」のうち、12か月後の在籍について最後の記録が「在籍している」のもの。"
            "在籍の記録がまだない方は、ここには数えません。"
        ),
        _HIRED_ON,
    ),
    CaseKind.SAID_12: CaseDefinition(
        _l("「入社から12か月」のうち、12か月後の在籍について、在籍か退職かの記録があるもの。"), _HIRED_ON
    ),
    CaseKind.UNSAID_12: CaseDefinition(
        _l("「入社から12か月」のうち、12か月後の在籍について、まだ何も記録していないもの。"), _HIRED_ON
    ),
    CaseKind.REJECTED: CaseDefinition(_l("結果が「見送り」の応募。"), _DECIDED_ON, _PIECES),
    CaseKind.REJECTED_RETURNED: CaseDefinition(
        _l(
            "「見送り」のうち、同じ方の別の応募があり、その応募日が見送りの日より後のもの。"
            "結果が「重複」の応募は数えません。"
        ),
        _DECIDED_ON,
        _PIECES,
    ),
    CaseKind.REJECTED_REUSED: CaseDefinition(
        _l(
            "「見送り」のうち、同じ方に次のいずれかがあるもの：見送りの日より後の応募、見送りの日以後に送った"
            "再スカウトのメール、見送りの日以後のリレー完了。"
            "結果が「重複」の応募、届かずに戻ったメール、取り消されたリレー完了は数えません。"
        ),
        _DECIDED_ON,
        _PIECES,
    ),
    CaseKind.REAPPLIED: CaseDefinition(
        _l(
            "「応募」のうち、同じ方の別の応募が先に「見送り」か「辞退」になっていて、"
            "その結果の日が今回の応募日より前のもの。"
        ),
        _APPLIED_ON,
        _PIECES,
    ),
    CaseKind.STEP: CaseDefinition(
        _l(
            "日付のある段階から、同じ応募の次の日付のある段階まで（次がなければ「見送り」「辞退」の結果の日まで）の"
            "日数。入社日は段階の終わりとしません。終わりの日が分からないもの、日付が前後しているものは数えません。"
        ),
        _l("終わりの日"),
        _PIECES,
    ),
    CaseKind.NOTIFIED: CaseDefinition(
        _l(
            "Relayで見送りを決め、Relayのメールで結果を伝えた応募の、結果の日からメールを送った日までの日数。"
            "日付が前後しているものは数えません。"
        ),
        _l("メールを送った日"),
        _PIECES,
    ),
    CaseKind.WAITING: CaseDefinition(
        _l("まだ結果が決まっていない応募。日数は、その応募の記録が最後に変わった日から今日までです。"),
        _l("最後に変わった日"),
    ),
    CaseKind.CONTACTED: CaseDefinition(
        _l("送信が済んだ再スカウトのメール。届かずに戻ったものは数えません。"), _l("送った日"), _PIECES
    ),
    CaseKind.POOLED: CaseDefinition(_l("いま人材プールに保管している方。"), _l("Relayに記録した日")),
    CaseKind.OPEN_TO_RETURN: CaseDefinition(
        _l(
            "いま人材プールに保管している方のうち、再応募意向が「また応募したい」「条件が合えば応募したい」の方、"
            "今後の対応が「再応募を待つ」の方、新しい求人のお知らせに同意している方。"
            "再応募意向が「いまは考えていない」の方、連絡を止めている方、選考中の応募か「入社」の応募がある方は"
            "数えません。"
        ),
        _l("Relayに記録した日"),
    ),
    CaseKind.REFERRED: CaseDefinition(
        _l("リレー完了に数えられた登録。取り消されたものは数えません。"), _l("リレー完了の日")
    ),
    CaseKind.CREDIT_EARNED: CaseDefinition(
        _l("獲得した紹介枠。取り消されたものは数えません。"), _l("獲得した日"), _PIECES
    ),
    CaseKind.CREDIT_USED: CaseDefinition(
        _l("紹介に使用した紹介枠。使用のあとで戻されたものは数えません。"), _l("使用した日"), _PIECES
    ),
    CaseKind.INTRODUCED: CaseDefinition(_l("紹介枠での紹介のうち、面談が行われたもの。"), _l("面談の日"), _PIECES),
    CaseKind.INTRODUCED_HIRED: CaseDefinition(_l("「紹介枠での面談」のうち、結果が「採用」のもの。"), _l("面談の日")),
}


@dataclass(frozen=True)
class TotalDefinition:
    """A total of people who are known to nobody: when one counts, and what is told of it. It opens no list."""

    label: Sentence
    counts: Sentence
    told: Sentence


RATING = TotalDefinition(
    _l("案内が役に立ったか"),
    _l(
        "リレーの案内から登録された方が、登録のすぐあとの画面で、任意の質問「ご案内は、役に立ちましたか」に"
        "押した答え。案内1件につき1回で、答えない方は数えません。"
    ),
    _l("答えごとに10名単位で、1日に1回だけ改めます。合計は、いつもリレー完了の人数より少なくします。"),
)


class Kpi(Labelled):
    """The rates that have a name of their own (指標)."""

    REAPPLICATION = "reapplication", _l("再応募率")
    REUSE = "reuse", _l("再活用率")
    RETRY = "retry", _l("再チャレンジ層")
    CREDIT = "credit", _l("無料紹介枠獲得率")
    COST_CUT = "cost-cut", _l("採用単価削減率")


@dataclass(frozen=True)
class KpiDefinition:
    """The parts of a rate in words: what is divided by what, when a case counts, and over which days."""

    numerator: Sentence
    denominator: Sentence
    counts: Sentence


_OF_12_MONTHS = _l("この12か月（今月と、その前の11か月）。最近見送りになった方は、これから増えることがあります。")

KPIS: dict[Kpi, KpiDefinition] = {
    Kpi.REAPPLICATION: KpiDefinition(_l("見送りのあとの再応募"), _l("見送り"), _OF_12_MONTHS),
    Kpi.REUSE: KpiDefinition(_l("見送りのあとの再活用"), _l("見送り"), _OF_12_MONTHS),
    Kpi.RETRY: KpiDefinition(_l("再チャレンジ層"), _l("人材プールの方"), _l("いま保管している方。")),
    Kpi.CREDIT: KpiDefinition(
        _l("これまでに獲得した紹介枠の数の10倍（もとになったリレー完了の人数）"),
        _l("これまでにリレーを案内した人数"),
        _l("案内した人数は、10名増えるごとに、一日一回改める合計です。"),
    ),
    Kpi.COST_CUT: KpiDefinition(
        _l("Relayを使う前の採用単価と、この12か月の採用単価の差"),
        _l("Relayを使う前の採用単価"),
        _l("採用単価は、記入された採用の費用の合計を「入社」の人数で割ったものです。費用のない月は0円とみなしません。"),
    ),
}
