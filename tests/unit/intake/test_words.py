"""The four ends stay apart, whatever a file calls them."""

import pytest

from relay.intake.result import End
from relay.intake.words import end_of, split_tags, tag_kind
from relay.models import TagKind


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (
            End.REJECTED,
            "不採用 不合格 見送り お見送り 書類選考不合格 一次面接不通過 書類落ち 不採用(スキル) rejected Fail",
        ),
        (End.WITHDREW, "応募者辞退 辞退 内定辞退 選考辞退 入社辞退 書類選考辞退 refusedByCandidate Withdrawn"),
        (End.DUPLICATE, "重複 重複応募 Duplicate"),
        (End.HIRED, "入社決定 入社 採用 内定承諾 入社済 採用決定 入社予定 Ｈｉｒｅｄ"),
        (End.OPEN, "選考中 書類選考中 面接調整中 連絡待ち 選考前 見送り予定 不採用検討中 内定 未対応 保留 Active"),
    ],
)
def test_words_for_each_end(end: End, words: str) -> None:
    assert {word: end_of(word) for word in words.split()} == dict.fromkeys(words.split(), end)


def test_an_empty_cell_is_in_selection_and_a_strange_word_is_nobodys() -> None:
    assert end_of("  ") is End.OPEN
    assert end_of("グリーン") is None


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


def test_one_cell_holds_several_tags() -> None:
    assert split_tags("惜しい、条件不一致(給与)，PM/PL;惜しい\n関西 | 夜勤可") == [
        "惜しい",
        "条件不一致(給与)",
        "PM/PL",
        "関西",
        "夜勤可",
    ]
