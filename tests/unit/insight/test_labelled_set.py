"""The measure of an order, and that our own labelled set is the same set each time."""

from pathlib import Path

import pytest

from tests.bench.match import made
from tests.bench.match.measured import compared, ndcg, rows


def test_ndcg_is_one_for_the_best_order_and_less_for_any_other() -> None:
    grades = {1: 3, 2: 2, 3: 1}
    assert ndcg([1, 2, 3], grades) == 1
    assert ndcg([3, 2, 1], grades) == pytest.approx((1 + 3 / 1.5849625 + 7 / 2) / (7 + 3 / 1.5849625 + 1 / 2))
    assert ndcg([9], grades) == 0


def test_the_set_is_generated_alike_and_large_enough(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        made.write(tmp_path / folder, "first")
    for name in ("positions", "people", "judgements"):
        assert (tmp_path / "one" / f"{name}.jsonl").read_bytes() == (tmp_path / "two" / f"{name}.jsonl").read_bytes()
    assert len(rows(tmp_path / "one" / "positions.jsonl")) >= 150
    assert len(rows(tmp_path / "one" / "people.jsonl")) == 5_000


def test_a_set_of_another_is_read_as_the_format_says(tmp_path: Path) -> None:
    (tmp_path / "positions.jsonl").write_text('{"id": "p", "title": "溶接工"}\n', encoding="utf-8")
    (tmp_path / "people.jsonl").write_text(
        '{"id": "a", "notes": "経理事務"}\n{"id": "b", "files": ["電気溶接工として五年"]}\n', encoding="utf-8"
    )
    (tmp_path / "judgements.jsonl").write_text('{"position": "p", "person": "b", "grade": 3}\n', encoding="utf-8")
    assert compared(tmp_path)["Relay"] == 1
