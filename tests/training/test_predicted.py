"""Predicted runs: what is locked, which losses a trace has, and that any link gives one."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules import Run, Schedule, from_token, to_token
from schedules.core.quantities import Steps
from schedules.feedback import FEEDBACK
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.factor import Factor
from schedules.policies.warm_restarts import WarmRestarts
from schedules.theory.loss_laws import CALIBRATED_PEAK, CALIBRATED_WARMUP, LOSS_LAWS
from schedules.training import limits
from schedules.training.cost import fitted
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.own_numbers import adopt
from schedules.training.predicted import (
    calibrated,
    calibrated_pin,
    exact_end,
    predict,
    with_usual_warmup,
)
from schedules.training.problems.bowl import Bowl
from schedules.training.problems.language_model import LanguageModel
from schedules.training.study import study
from schedules.training.verdict.rules import Kind
from schedules.training.verdict.stops import stops
from tests.boxes import PATIENT, sample

STEPS = 24_000


def language_run(policy=None, size="100M", steps=STEPS, **more):
    shape = {"warmup": CALIBRATED_WARMUP / STEPS, "warmup_progress": "from_one_to_last"} | more
    schedule = Schedule(policy=policy or Constant(), peak_lr=CALIBRATED_PEAK, total_steps=steps, **shape)
    return Run(schedule=schedule, problem=LanguageModel(size=size), seeds=1)


def judged(run):
    return study(run, advice=False)


@pytest.mark.parametrize("size", LOSS_LAWS)
def test_the_end_of_a_trace_is_the_full_sum_and_its_parts_add_up(size):
    run = language_run(size=size, cooldown=0.2)
    [trace] = predict([run])
    assert trace.loss[-1, 0] == exact_end(run)
    np.testing.assert_allclose(trace.prediction.parts.loss, trace.loss[:, 0], rtol=1e-12)
    assert trace.steps[0] == CALIBRATED_WARMUP and trace.steps[-1] == STEPS, "no loss where the law was not fitted"
    assert trace.prediction.second.shape == trace.steps.shape
    assert limits.limit(run, trace) is None


def test_the_chart_is_within_a_thousandth_of_the_full_sum():
    run = language_run(Cosine(floor=0.1))
    [trace] = predict([run])
    at = trace.steps[::20] - 1
    exact = run.problem.law.law.exact(run.trained_rates(), at).loss
    np.testing.assert_allclose(trace.loss[::20, 0], exact, atol=1e-3)


def test_the_line_says_the_end_and_the_difference_from_cosine():
    assert str(judged(language_run(cooldown=0.2, cooldown_floor=0.1)).verdict.line) == (
        "Predicted, not run: loss 2.94 at step 24,000, 0.05 below cosine to 10 %."
    )
    assert (
        str(judged(language_run()).verdict.line) == "Predicted, not run: loss 3.03 at step 24,000, 0.04 above cosine to 10 %."
    )
    line = str(judged(language_run(Cosine(floor=0.1))).verdict.line)
    assert line == "Predicted, not run: loss 2.99 at step 24,000. This is cosine to 10 % itself."


@pytest.mark.parametrize("size", LOSS_LAWS)
def test_a_difference_within_the_tolerance_is_called_none(size):
    verdict = judged(language_run(Cosine(), size)).verdict
    assert verdict.kind is Kind.PREDICTED
    assert str(verdict.line) == f"Predicted, not run: loss {verdict.end:.2f}; the law cannot tell it from cosine to 10 %."
    prediction = judged(language_run(Cosine(), size)).trace.prediction
    tolerance, cosine = LOSS_LAWS[size].tolerance, prediction.cosine
    assert prediction.difference(cosine + 0.99 * tolerance) == 0 == prediction.difference(cosine - 0.99 * tolerance)
    assert prediction.difference(cosine - 1.01 * tolerance) < 0 < prediction.difference(cosine + 1.01 * tolerance)


def test_why_says_what_the_law_said_of_real_runs_and_what_was_measured():
    said = [str(sentence) for sentence in judged(language_run()).verdict.why]
    assert said[0] == (
        "Multi-Power Law, 100M, peak 3e-4. Of the shapes really run it put cosine to 10 % and a 17 % cool-down 0.053 apart; "
        "measured 0.026."
    )
    assert "A difference below 0.03 counts as none." in said[1]


def test_the_second_law_is_compared_with_its_prediction_for_cosine():
    """Not beside the cosine of the first law: the two laws are apart by more than some shapes."""
    found = judged(language_run(cooldown=0.2))
    law = LOSS_LAWS["100M"].second
    own = [law.loss(each.schedule.lrs(), CALIBRATED_WARMUP)[-1] for each in (found.trace.run, language_run(Cosine(floor=0.1)))]
    said = next(str(each) for each in found.verdict.why if each.key == "verdict.why.law.second")
    assert said == f"A second law, with fewer constants, says {own[0]:.3f}, and {own[1]:.3f} for cosine to 10 %."


@pytest.mark.parametrize(
    ("run", "outside"),
    [
        (language_run(), ()),
        (language_run(Cosine()), ()),
        (language_run(WarmRestarts()), ("rises",)),
        (language_run(steps=10_000, warmup=0.216), ("short",)),
        (language_run(warmup=0.0), ("warmup",)),
        (language_run(steps=72_000, warmup=0.03), ()),
        (language_run(Factor(gamma=0.99)), ("low",)),
        (language_run(Constant(), cooldown=0.9), ()),
        (language_run(Cosine(floor=0.1), cooldown=0.2), ()),
    ],
)
def test_a_run_outside_of_the_fit_is_said_to_be(run, outside):
    found = judged(run)
    assert found.trace.prediction.outside == outside
    said = {sentence.key for sentence in found.verdict.why}
    assert {f"verdict.why.law.{reason}" for reason in outside} == {
        key for key in said if key.endswith((".rises", ".short", ".warmup", ".low"))
    }
    if outside:
        assert str(found.verdict.line).startswith("Outside of the law's fit, a guess")
        assert not re.search(r"\d\.\d", str(found.verdict.line)), "the line claims a loss"
        assert "verdict.why.law.ends" not in said, "no difference from cosine is told"


@pytest.mark.parametrize("steps", [1, 2, 100])
def test_a_very_short_run_prints_no_loss(steps):
    found = judged(language_run(steps=steps, warmup=0.09))
    said = " ".join(map(str, (found.verdict.line, *found.verdict.why)))
    assert f"{found.verdict.end:.3g}" not in said and found.trace.prediction.outside[0] == "short"


def test_the_usual_warm_up_stays_when_the_run_gets_longer():
    run = with_usual_warmup(language_run(steps=24_000))
    longer = run.replace(schedule=run.schedule.replace(total_steps=72_000))
    assert [np.argmax(each.trained_rates()) + 1 for each in (run, longer)] == 2 * [CALIBRATED_WARMUP]
    assert judged(longer).trace.prediction.outside == ()


@pytest.mark.parametrize("size", LOSS_LAWS)
def test_beside_a_difference_stands_what_was_measured_of_real_runs(size):
    gap = LOSS_LAWS[size].gap
    for run in (language_run(size=size), language_run(size=size, cooldown=0.2, cooldown_floor=0.1)):
        [(sentence, changed)] = study(run).advice
        assert changed is None and str(sentence) == (
            f"Really run, a 17 % cool-down ended {gap.measured} below cosine to 10 %; the law said {gap.law}."
        )


@pytest.mark.parametrize(
    "run", [language_run(Cosine()), language_run(WarmRestarts()), language_run(steps=10_000, warmup=0.216)]
)
def test_without_a_claimed_difference_nothing_is_said_of_real_runs(run):
    assert study(run).advice == ()


def test_a_predicted_run_has_one_verdict_and_no_changed_run_as_advice():
    found = study(language_run(), language_run(Cosine()).schedule)
    assert all(each.run is None for each in found.advice)
    assert found.ghost_verdict.kind is Kind.PREDICTED and found.limit is None
    assert [stop.step for stop in stops(found.trace, None)] == [STEPS]


def test_nothing_that_cannot_matter_is_kept():
    run = language_run().replace(optimizer=OPTIMIZERS["adam"](), feedback=FEEDBACK["plateau"](), seeds=8, first_seed=3)
    assert calibrated(run) == language_run()
    assert calibrated(run.replace(schedule=run.schedule.replace(peak_lr=0.1))) == language_run()
    bowl = Run(problem=Bowl())
    assert calibrated(bowl) == bowl and with_usual_warmup(bowl) == bowl


def test_a_persons_own_numbers_keep_their_peak():
    run = adopt(Run(schedule=Schedule(policy=Cosine(), peak_lr=2e-3, total_steps=350_000), problem=LanguageModel(), seeds=1))
    assert run.trained_peak == pytest.approx(CALIBRATED_PEAK) and run.trained_steps == STEPS
    assert calibrated(run) == run and with_usual_warmup(run) == run
    [trace] = predict([run])
    assert trace.rates.max() == pytest.approx(CALIBRATED_PEAK, rel=1e-6)


def test_a_pin_is_read_at_the_locked_peak():
    run = language_run()
    pin = Schedule(policy=Cosine(), peak_lr=0.1)
    assert calibrated_pin(pin, run).peak_lr == CALIBRATED_PEAK
    assert calibrated_pin(Run(schedule=pin), run).replace(problem=run.problem).trained_peak == pytest.approx(CALIBRATED_PEAK)
    assert calibrated_pin(pin, Run()) == pin
    said = [str(notice) for notice in fitted(run, pin)[2]]
    assert said == ["The pinned schedule had another peak. It is predicted at 3e-4 like the run."]
    assert fitted(run, pin.replace(peak_lr=CALIBRATED_PEAK))[2] == ()


def test_a_warmup_outside_of_the_fit_is_said_in_steps_of_the_prediction():
    """The person's own 2,160 steps are 518 of the 24,000."""
    schedule = Schedule(policy=Cosine(), peak_lr=3e-4, total_steps=100_000, warmup=Steps(CALIBRATED_WARMUP))
    found = judged(adopt(Run(schedule=schedule, problem=LanguageModel(), seeds=1)))
    assert found.trace.prediction.climb == 518
    assert "2,160 steps of warm-up, this one has 518" in str(found.verdict.why[0])
    assert judged(language_run()).trace.prediction.climb == CALIBRATED_WARMUP


@PATIENT
@given(number=st.integers(0, 10_000), steps=st.sampled_from([1, 2, 3, 700, 24_000, 72_000, 10_000_000]))
def test_any_link_gives_a_predicted_run(number, steps):
    rng = np.random.default_rng(number)
    run = sample(Run, rng, problem=sample(LanguageModel, rng), schedule=sample(Schedule, rng, total_steps=steps))
    again, _ = from_token(to_token(run))
    fits, pin, _ = fitted(again, again.schedule)
    assert fits.trained_peak == pytest.approx(CALIBRATED_PEAK)
    verdict = judged(fits).verdict
    assert verdict.kind is Kind.PREDICTED and np.isfinite(verdict.end)
    assert "unknown" not in " ".join(map(str, (verdict.line, *verdict.why)))
    assert study(fits, pin, advice=False).ghost is not None
