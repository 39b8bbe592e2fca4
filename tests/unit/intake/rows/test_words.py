"""The four results stay apart, whatever a file calls them."""

import pytest

from relay.intake.rows.words import rejection_reason_of, result_of, split_tags, tag_kind
from relay.models import ApplicationResult, RejectionReason, TagKind


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (
            ApplicationResult.REJECTED,
            "不採用 不合格 見送り お見送り 書類選考不合格 一次面接不通過 書類落ち 不採用(スキル) rejected Fail",
        ),
        (
            ApplicationResult.REJECTED,
            "× ✕ ✖ ｘ x 不 落 落ち 書類× 書類✕ 一次NG 1次ＮＧ 最終面接× 二次不可 お祈り お祈り済み お断り 却下"
            " 否決 選外 Declined Disqualified N.G. 採用不可 非採用",
        ),
        (
            ApplicationResult.WITHDREW,
            "応募取消 応募取り消し 取り下げ 取下げ 他社決定 他社に決定 他社内定 選考キャンセル CandidateDeclined"
            " declined_by_candidate RejectedOffer",
        ),
        (ApplicationResult.HIRED, "内定・採用 採用・内定 内定／採用"),
        (
            ApplicationResult.WITHDREW,
            "応募者辞退 辞退 内定辞退 選考辞退 入社辞退 書類選考辞退 refusedByCandidate Withdrawn",
        ),
        (ApplicationResult.DUPLICATE, "重複 重複応募 Duplicate"),
        (ApplicationResult.HIRED, "入社決定 入社 採用 内定承諾 入社済 採用決定 入社予定 Ｈｉｒｅｄ"),
        (
            ApplicationResult.OPEN,
            "選考中 書類選考中 面接調整中 連絡待ち 選考前 見送り予定 不採用検討中 内定 未対応 保留 Active",
        ),
    ],
)
def test_words_for_each_end(result: ApplicationResult, words: str) -> None:
    assert {word: result_of(word) for word in words.split()} == dict.fromkeys(words.split(), result)


def test_an_empty_cell_is_in_selection_and_a_strange_word_is_nobodys() -> None:
    assert result_of("  ") is ApplicationResult.OPEN
    assert result_of("グリーン") is None
    assert result_of("未") is ApplicationResult.OPEN


@pytest.mark.parametrize(
    "word", ["未採用", "不在", "電話不在", "見落とし", "内定取消", "採用ページ", "音信不通", "落ち着いた方"]
)
def test_a_word_inside_another_word_says_nothing(word: str) -> None:
    assert result_of(word) is None


@pytest.mark.parametrize(
    ("word", "result"),
    [
        ("キャンセル待ち", ApplicationResult.OPEN),
        ("採用検討", ApplicationResult.OPEN),
        ("不採用", ApplicationResult.REJECTED),
    ],
)
def test_the_whole_word_counts(word: str, result: ApplicationResult) -> None:
    assert result_of(word) is result


@pytest.mark.parametrize(
    ("kind", "tags"),
    [
        (
            TagKind.REASON,
            "スキル不足 条件不一致(給与) 条件不一致（勤務地） カルチャー不一致 充足済み 書類不備 経験不足",
        ),
        (TagKind.EVALUATION, "再スカウト候補 経験不足だがポテンシャル高 他職種向き 惜しい 次点"),
        (TagKind.FREE, "関西 2026春 Python"),
    ],
)
def test_tags_have_kinds(kind: TagKind, tags: str) -> None:
    assert {tag: tag_kind(tag) for tag in tags.split()} == dict.fromkeys(tags.split(), kind)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (
            RejectionReason.SKILLS,
            "スキル不足 経験不足 経験・スキル不足 経験が浅い 実務経験なし 要件外 資格を満たさない",
        ),
        (RejectionReason.COMPARISON, "他候補者との比較 他の応募者を優先 次点"),
        (RejectionReason.FILLED, "充足済み 採用枠充足 採用人数の都合 募集終了 定員に達したため"),
        (RejectionReason.CONDITIONS, "条件不一致(給与) 条件不一致（勤務地） 希望年収 シフトが合わない 入社時期"),
        (RejectionReason.DOCUMENTS, "書類不備 応募書類の不備 履歴書未提出"),
        (None, "カルチャー不一致 不採用 その他 経験豊富 年齢 家族の都合 条件面は問題ないが 書類不備なし 比較的良い"),
    ],
)
def test_a_companys_word_means_one_of_the_job_related_reasons(reason: RejectionReason | None, words: str) -> None:
    assert {word: rejection_reason_of(word) for word in words.split()} == dict.fromkeys(words.split(), reason)


def test_one_cell_holds_several_tags() -> None:
    assert split_tags("惜しい、条件不一致(給与)，PM/PL;惜しい\n関西 | 夜勤可") == [
        "惜しい",
        "条件不一致(給与)",
        "PM/PL",
        "関西",
        "夜勤可",
    ]
