"""The long form of tests/unit/insight/test_learning.py: of 200 companies of each truth none loses more than 0.01."""

import sys

import pytest

from tests.bench.match.learned import SIZES, TRUTHS, differences, fields

COMPANIES = 200
MOST_LOST = 0.01


@pytest.mark.parametrize("truth", TRUTHS)
def test_no_company_loses_by_learning(truth: str) -> None:
    known = fields(80, 2_500)
    found = [differences(truth, seed, known) for seed in range(COMPANIES)]
    told = []
    for size in SIZES:
        of_size = [each[size] for each in found]
        told.append(f"{size}: {sum(of_size) / len(of_size):+.4f} ({min(of_size):+.4f})")
    sys.stdout.write(f"\n{truth:<12} mean (worst) after {'   '.join(told)}\n")
    assert min(min(each.values()) for each in found) >= -MOST_LOST
