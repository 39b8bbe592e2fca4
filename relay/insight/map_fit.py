"""A logistic regression by maximum a posteriori, solved by Newton's method. The worker alone imports this (numpy).

Each coefficient has a normal prior of its own, so the sum that is minimised is strictly convex: there is one answer,
the prior's own means where there are no cases, and the same one however often it is asked for.
"""

import os
from collections.abc import Sequence

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # else one for each processor, and a service may have 64 (TasksMax)

import numpy as np

_TOLERANCE = 1e-10
_ROUNDS = 100
_SHORTEST = 1e-6
"""The least share of a step that is tried; nearer than that to the answer, numbers are no finer."""


def fitted(
    rows: Sequence[Sequence[float]], agreed: Sequence[bool], means: Sequence[float], precisions: Sequence[float]
) -> list[float]:
    """Return the coefficients that are likeliest after these cases, each row with one value for each coefficient.

    `precisions` are the reciprocals of the variances of the priors, all above zero.
    """
    prior, weight = np.array(means), np.array(precisions)
    values, said = np.array(rows, dtype=np.float64).reshape(-1, len(prior)), np.array(agreed, dtype=np.float64)

    def cost(where: np.ndarray) -> float:
        odds = values @ where
        return float((np.logaddexp(0.0, odds) - said * odds).sum() + weight @ (where - prior) ** 2 / 2)

    at = prior
    for _round in range(_ROUNDS):
        likely = np.exp(-np.logaddexp(0.0, -(values @ at)))
        slope = values.T @ (likely - said) + weight * (at - prior)
        step = np.linalg.solve((values.T * (likely * (1 - likely))) @ values + np.diag(weight), slope)
        share = 1.0
        while share > _SHORTEST and cost(at - share * step) > cost(at):
            share /= 2
        at = at - share * step
        if np.abs(step).max(initial=0.0) < _TOLERANCE:
            break
    return [float(each) for each in at]
