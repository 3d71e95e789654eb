"""Verdicts against exact expectations and fresh seeds; `tests.training.verdict.accuracy` measures more of the same."""

from collections import Counter

import numpy as np
import pytest

from tests.training.exact import moments
from tests.training.verdict.accuracy import against_exact, cases, contradictions, exact_bowls, fresh, judged, measure_outside


def test_verdicts_on_random_bowls_match_the_exact_expected_loss():
    """Any policy, 2 to 50 dimensions; over 2,000 runs 99.3 % and, away from thresholds, 99.8 % or more."""
    found = against_exact(exact_bowls(np.random.default_rng(101), 800))
    assert min(found.kinds.values()) > 10  # every kind occurs
    assert found.right >= 0.985, found.wrong
    assert found.clear_right >= 0.995, found.wrong


def test_verdicts_on_other_problems_are_rarely_contradicted_by_fresh_seeds_or_longer_runs():
    """At most an eighth of each kind in this small sample; the long measurement has a table of the actual shares."""
    tried = list(cases(np.random.default_rng(102), 40))
    kinds, against, fewer, of_claims = measure_outside([case for case in tried if case[1].schedule.total_steps < 1_000])
    assert sum(kinds.values()) > 500 and len(kinds) == 5
    assert sum(map(len, against.values())) <= 0.06 * sum(kinds.values()), against
    assert sum(map(len, of_claims.values())) <= 0.05 * sum(kinds.values()), of_claims
    assert sum(each.avoidable for found in fewer.values() for each in found) <= 0.05 * sum(kinds.values()), fewer


@pytest.mark.parametrize(("kind", "other"), [("converged", "bouncing"), ("stalled", "improving"), ("diverged", "converged")])
def test_a_wrong_verdict_is_contradicted(kind, other):
    """The measurement detects wrong verdicts: most runs of one kind contradict another kind."""
    tried = [
        run for _, run in cases(np.random.default_rng(103), 6) if run.schedule.total_steps < 600 and run.problem.keeps_path
    ]
    mine = [run for run, (_, verdict) in zip(tried, judged(tried), strict=True) if verdict.kind.value == kind]
    found = Counter(bool(contradictions(run, other, each)) for run, each in zip(mine, fresh(mine), strict=True))
    assert len(mine) > 3 and found[True] > found[False]


def test_numbers_behind_why_are_those_of_the_exact_expected_loss():
    """The noise share at the end, and the step since which the loss stays within a factor of its level: eight seeds of it."""
    runs = exact_bowls(np.random.default_rng(104), 400)
    shares, factors = [], []
    for (_, verdict), (distance, noise) in zip(judged(runs), moments(runs), strict=True):
        loss = distance + noise
        if verdict.noise_share is not None and noise[-1] > 0:
            shares.append(verdict.noise_share - noise[-1] / loss[-1])
        for sentence in verdict.why:
            values = dict(sentence.values)
            if sentence.key == "verdict.why.flat":
                flat = loss[values["since"] :] / values["level"]
                factors.append(max(flat.max(), 1 / flat.min()))
    assert len(shares) > 200 and np.quantile(np.abs(shares), 0.95) < 0.15
    assert len(factors) > 100 and np.quantile(factors, 0.95) < 2
