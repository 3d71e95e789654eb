import numpy as np
import pytest

from schedules.core.params import Number
from schedules.core.spec import in_common
from schedules.policies import POLICIES
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.schedule import Schedule
from schedules.training import engine
from schedules.training.engine import BLOWN, _kept_noise, simulate
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS, AnalyticProblem
from schedules.training.problems.bowl import Bowl
from schedules.training.runs import Run
from tests.boxes import sample
from tests.training.cases import descent

ANALYTIC = [cls for cls in PROBLEMS.values() if issubclass(cls, AnalyticProblem)]
NARROW = [cls for cls in ANALYTIC if cls.keeps_path]


def constant(peak, steps):
    return Schedule(policy=Constant(), peak_lr=peak, total_steps=steps)


def random_run(rng, longest=60):
    """A random short run, at a rate that often does not blow up."""
    schedule = sample(
        Schedule, rng, total_steps=int(rng.integers(1, longest + 1)), peak_lr=10 ** rng.uniform(-3, 1), update_every=1
    )
    pick = [list(registry)[rng.integers(len(registry))] for registry in (ANALYTIC, list(OPTIMIZERS.values()))]
    seeds, first = (int(n) for n in rng.integers([1, 0], [13, 20]))
    return Run(schedule=schedule, problem=sample(pick[0], rng), optimizer=sample(pick[1], rng), seeds=seeds, first_seed=first)


def same(one, other):
    """Assert that two traces agree in every bit."""
    assert one.run == other.run
    for name in ("rates", "steps", "loss", "overflow_at", "path"):
        a, b = getattr(one, name), getattr(other, name)
        if a is None:
            assert b is None and not one.run.problem.keeps_path, name
            continue
        assert (a.shape, a.dtype) == (b.shape, b.dtype), name
        assert a.tobytes() == b.tobytes(), name


# A row of a batch equals that run alone


@pytest.mark.parametrize("batched", [1, 5, 400])
def test_a_run_in_a_batch_equals_that_run_alone(batched):
    rng = np.random.default_rng(batched)
    runs = [random_run(rng) for _ in range(batched)]
    together = simulate(runs)
    assert len(together) == batched
    for i in rng.permutation(batched)[:40]:
        same(together[i], simulate([runs[i]])[0])


@pytest.mark.parametrize("problem", NARROW, ids=lambda c: c.slug)
def test_a_seed_among_2500_equals_that_run_alone(problem):
    """All problems have the same size, so that they are trained as one batch."""
    rng = np.random.default_rng(0)
    size = {p.name: getattr(sample(problem, rng), p.name) for p in problem.params if not isinstance(p, Number) or p.shared}
    alone = [Run(schedule=constant(0.05, 40), problem=sample(problem, rng, **size), seeds=3) for _ in range(3)]
    batched = [
        Run(schedule=constant(p, 50), problem=sample(problem, rng, **size), seeds=1) for p in np.geomspace(1e-3, 1, 2_491)
    ]
    assert len({in_common(run.problem) for run in (*alone, *batched)}) == 1
    together = simulate([*batched[:1_000], *alone, *batched[1_000:]])
    assert sum(t.loss.shape[1] for t in together) == 2_500
    for run, trace in zip(alone, together[1_000:1_003], strict=True):
        same(trace, simulate([run])[0])


def test_more_seeds_do_not_change_the_first_ones():
    few, many = simulate([Run(seeds=2)])[0], simulate([Run(seeds=50)])[0]
    assert np.array_equal(many.loss[:, :2], few.loss)
    assert np.array_equal(many.path[:, :, :2], few.path)


@pytest.mark.parametrize("problem", ANALYTIC, ids=lambda c: c.slug)
def test_first_seed_shifts_the_seeds(problem):
    """In one batch with others, and for a large first seed."""
    run = Run(schedule=constant(0.1 * problem.default_peak, 45), problem=problem(), seeds=16)
    all_of_them, later, far = simulate([run, run.replace(first_seed=8, seeds=8), run.replace(first_seed=1_000_000, seeds=1)])
    assert np.isfinite(all_of_them.loss).all() and np.array_equal(later.loss, all_of_them.loss[:, 8:])
    assert not problem.keeps_path or np.array_equal(later.path, all_of_them.path[:, :, 8:])
    noisy = not np.array_equal(all_of_them.loss[:, 0], all_of_them.loss[:, 1])
    assert np.array_equal(far.loss[:, 0], all_of_them.loss[:, 0]) != noisy


def test_traces_are_in_order_with_the_documented_shapes():
    runs = [random_run(np.random.default_rng(7)) for _ in range(30)]
    for run, trace in zip(runs, simulate(runs), strict=True):
        steps, seeds = run.schedule.total_steps, run.seeds
        assert trace.run is run
        assert trace.rates.shape == (steps,)
        assert trace.steps.tolist() == run.problem.measured_at(steps).tolist()
        assert run.problem.measure_every > 1 or len(trace.steps) == steps + 1
        assert trace.loss.shape == (len(trace.steps), seeds)
        if run.problem.keeps_path:
            assert trace.path.shape == (len(trace.steps), run.problem.size, seeds)
        assert trace.overflow_at.shape == (seeds,)
        assert trace.network is None


def test_a_network_is_refused():
    with pytest.raises(ValueError, match="which simulate"):
        simulate([Run(problem=PROBLEMS["digits"]())])


def test_no_runs_give_no_traces():
    assert simulate([]) == []


@pytest.mark.parametrize("policy", POLICIES.values(), ids=lambda c: c.slug)
def test_training_uses_exactly_the_scheduled_rates(policy):
    schedule = Schedule(policy=policy(), peak_lr=0.05, total_steps=50, warmup=0.1, cooldown=0.2)
    trace = simulate([Run(schedule=schedule, problem=Bowl(noise=0, start_x=0, start_y=1), seeds=1)])[0]
    assert np.array_equal(trace.rates, schedule.lrs())
    y = np.cumprod(np.concatenate([[1.0], 1 - 10 * schedule.lrs()]))
    assert np.allclose(trace.path[:, 1, 0], y, rtol=1e-12, atol=0)


# Noise


@pytest.mark.parametrize("problem", ANALYTIC, ids=lambda c: c.slug)
def test_noise_does_not_depend_on_the_block_size(problem):
    rng = np.random.default_rng(0)
    for spec in (problem(), sample(problem, rng), sample(problem, rng)):
        stream, blocks = spec.stream(3), [1, 7, 64, 128, 2, 998]
        found = np.concatenate([stream(steps) for steps in blocks])
        assert found.shape == (1_200, spec.draws)
        assert np.array_equal(found, spec.draw_noise(3, 1_200))


@pytest.mark.parametrize("block", [1, 500])
@pytest.mark.parametrize("problem", ANALYTIC, ids=lambda c: c.slug)
def test_a_run_does_not_depend_on_cached_noise(problem, block, monkeypatch):
    run = Run(schedule=constant(0.01, 90), problem=problem(), seeds=3)
    kept = simulate([run])[0]
    monkeypatch.setattr(engine, "KEPT_NOISE", 0)
    monkeypatch.setattr(engine, "NOISE_BLOCK", block)
    monkeypatch.setattr(engine, "BLOCK", 7 * 3 * run.problem.size)
    same(simulate([run])[0], kept)


def test_noise_differs_between_seeds_and_is_normal():
    noises = np.stack([Bowl().draw_noise(seed, 2_000) for seed in range(16)])
    n = noises.size
    assert abs(noises.mean()) < 4 / np.sqrt(n)
    assert abs(noises.var() - 1) < 4 * np.sqrt(2 / n)
    assert np.abs(np.corrcoef(noises.reshape(16, -1)) - np.eye(16)).max() < 5 / np.sqrt(4_000)


def test_noise_of_many_seeds_is_stacked_and_read_only():
    noises = _kept_noise(Bowl(), (0, 1, 2, 9), 40)
    assert all(np.array_equal(noises[:, :, i], Bowl().draw_noise(seed, 40)) for i, seed in enumerate((0, 1, 2, 9)))
    with pytest.raises(ValueError, match="read-only"):
        noises[0] = 0


def test_noise_depends_on_seed_and_step_only():
    """Two different settings have the same noise, recovered from their paths."""

    def noise(run):
        trace = simulate([run])[0]
        x = trace.path[:-1]
        slope = np.stack([10 / run.problem.condition * x[:, 0], 10 * x[:, 1]], axis=1)
        return ((x - trace.path[1:]) / trace.rates[:, None, None] - slope) / run.problem.noise

    one = noise(Run(schedule=constant(0.05, 60), problem=Bowl(noise=0.5), seeds=4))
    other = noise(Run(schedule=constant(0.15, 90), problem=Bowl(noise=2, condition=3, start_x=-1), seeds=9))
    assert np.allclose(one, other[:60, :, :4], atol=1e-12 / 0.05)


# Blowing up


def test_a_diverging_run_is_recorded_up_to_the_overflow():
    run = Run(schedule=constant(1.0, 60), problem=Bowl(noise=0, condition=1, start_x=0, start_y=1), seeds=2)
    trace = simulate([run])[0]
    exact = 5 * 81.0 ** np.arange(61)  # each step multiplies y by 1 - 1 * 10
    expected = int(np.argmax(exact >= BLOWN))
    assert trace.overflow_at.tolist() == [expected, expected]
    assert np.allclose(trace.loss[:expected, 0], exact[:expected], rtol=1e-12)
    assert np.all(np.isfinite(trace.loss[:expected]))
    assert np.all(np.isfinite(trace.path[:expected]))
    assert np.all(np.isnan(trace.loss[expected:]))
    assert np.all(np.isnan(trace.path[expected:]))


def test_an_overflowed_run_stays_nan_as_the_rate_decays():
    schedule = Schedule(policy=Cosine(), peak_lr=0.4, total_steps=90)
    y = np.cumprod(np.concatenate([[1.0], 1 - 10 * schedule.lrs()]))
    assert 5 * y[-1] ** 2 < 1e-20
    trace = simulate([Run(schedule=schedule, problem=Bowl(noise=0, start_x=0, start_y=1), seeds=1)])[0]
    overflowed = int(np.argmax(5 * y**2 >= BLOWN))
    assert trace.overflow_at.tolist() == [overflowed]
    assert np.all(np.isnan(trace.loss[overflowed:]))
    assert np.all(np.isnan(trace.path[overflowed:]))


def test_overflow_warns_of_nothing_and_does_not_change_other_rows():
    fine = Run(schedule=constant(0.05, 300), seeds=3)
    wild = Run(schedule=constant(100, 400), optimizer=descent(0.99), seeds=3)
    first, second, third = simulate([wild, fine, wild])
    same(second, simulate([fine])[0])
    same(first, third)
    assert np.all(second.overflow_at == -1)
    assert np.all(first.overflow_at > 0)


def test_a_run_that_ends_before_the_overflow_is_finite():
    exact = 5 * 81.0 ** np.arange(60)
    last = int(np.argmax(exact >= BLOWN))
    problem = Bowl(noise=0, condition=1, start_x=0, start_y=1)
    before, at, after = simulate([Run(schedule=constant(1.0, last + i), problem=problem, seeds=1) for i in (-1, 0, 5)])
    assert (before.overflow_at[0], at.overflow_at[0], after.overflow_at[0]) == (-1, last, last)
    assert np.all(np.isfinite(before.loss))


def test_losses_are_finite_before_the_overflow_and_nan_after_it():
    rng = np.random.default_rng(11)
    traces = simulate([random_run(rng) for _ in range(300)])
    overflowed = 0
    for trace in traces:
        for seed, at in enumerate(trace.overflow_at):
            end = len(trace.steps) if at < 0 else int(np.searchsorted(trace.steps, at))
            assert at < 0 or trace.steps[end] == at
            overflowed += at >= 0
            assert np.all(trace.loss[:end, seed] < BLOWN)
            assert np.all(np.isnan(trace.loss[end:, seed]))
            if trace.path is not None:
                assert np.all(np.isfinite(trace.path[:end, :, seed]))
                assert np.all(np.isnan(trace.path[end:, :, seed]))
    assert 0 < overflowed < sum(t.run.seeds for t in traces)


# Theorems on the bowl


@pytest.mark.parametrize("condition", [1, 20, 1e4])
@pytest.mark.parametrize("eta_lambda", [0.01, 0.5, 1.0, 1.9, 2.0, 2.2])
def test_without_noise_each_direction_shrinks_by_one_minus_eta_lambda(condition, eta_lambda):
    run = Run(schedule=constant(eta_lambda / 10, 150), problem=Bowl(noise=0, condition=condition), seeds=1)
    trace = simulate([run])[0]
    k = np.arange(151)
    x, y = 3 * (1 - eta_lambda / condition) ** k, (1 - eta_lambda) ** k
    loss = 5 * (x * x / condition + y * y)
    assert np.allclose(trace.path[:, 0, 0], x, rtol=1e-11, atol=1e-300)
    assert np.allclose(trace.path[:, 1, 0], y, rtol=1e-11, atol=1e-300)
    assert np.allclose(trace.loss[:, 0], loss, rtol=1e-11, atol=1e-300)


def exact_moments(run):
    """E x and Var x of each direction of the noisy bowl at every step, shape (2, T + 1, 2), by the heavy ball's recursion."""
    beta, c = getattr(run.optimizer, "momentum", 0.0), run.problem.noise**2
    lam = np.array([10 / run.problem.condition, 10.0])
    x, v = np.array([run.problem.start_x, run.problem.start_y]), np.zeros(2)
    var_x, cov, var_v = np.zeros(2), np.zeros(2), np.zeros(2)
    moments = [(x, var_x)]
    for eta in run.schedule.lrs():
        v = beta * v + lam * x
        x = x - eta * v
        var_v = beta**2 * var_v + 2 * beta * lam * cov + lam**2 * var_x + c
        cov = beta * cov + lam * var_x
        var_x, cov = var_x - 2 * eta * cov + eta**2 * var_v, cov - eta * var_v
        moments.append((x, var_x))
    return np.array(moments).transpose(1, 0, 2)


@pytest.mark.parametrize("momentum", [0, 0.9])
@pytest.mark.parametrize("policy", [Constant(), Cosine()], ids=["constant", "cosine"])
def test_with_noise_the_mean_over_seeds_matches_the_exact_expectation(policy, momentum):
    """1,000 seeds; over 250 correlated steps the largest deviation may be a little over 4 standard errors."""
    seeds = 1_000
    schedule = Schedule(policy=policy, peak_lr=0.1, total_steps=250, warmup=0.1)
    run = Run(schedule=schedule, optimizer=descent(momentum), seeds=seeds)
    trace = simulate([run])[0]
    mean, var = exact_moments(run)
    lam = np.array([0.5, 10.0])

    z_mean = (trace.path.mean(axis=2) - mean)[2:] / np.sqrt(var[2:] / seeds)
    assert np.abs(z_mean).max() < 4.5
    z_var = (trace.path.var(axis=2, ddof=1) - var)[2:] / (var[2:] * np.sqrt(2 / (seeds - 1)))
    assert np.abs(z_var).max() < 4.5
    loss = 0.5 * (lam * (mean**2 + var)).sum(axis=1)
    spread = np.sqrt((lam**2 * (0.5 * var**2 + mean**2 * var)).sum(axis=1) / seeds)  # Var of (m + s xi)^2 is 2 s^4 + 4 m^2 s^2
    assert np.abs((trace.loss.mean(axis=1) - loss)[2:] / spread[2:]).max() < 4.5
    assert trace.loss[0] == pytest.approx(loss[0], rel=1e-12)


# Compared with PyTorch


@pytest.mark.parametrize("momentum", [0, 0.5, 0.9])
@pytest.mark.parametrize("noise", [0, 0.5])
def test_sgd_matches_torch_at_every_step(momentum, noise):
    import torch

    schedule = Schedule(policy=Cosine(floor=0.01), peak_lr=0.15, total_steps=300, warmup=0.1)
    run = Run(schedule=schedule, problem=Bowl(noise=noise), optimizer=descent(momentum), seeds=1)
    rates, drawn = schedule.lrs(), torch.tensor(np.array(Bowl().draw_noise(0, 300)))

    x = torch.nn.Parameter(torch.tensor([3.0, 1.0], dtype=torch.float64))
    curvature = torch.tensor([0.5, 10.0], dtype=torch.float64)
    optimizer = torch.optim.SGD([x], lr=schedule.peak_lr, momentum=momentum)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: rates[min(k, 299)] / schedule.peak_lr)
    path = [x.detach().clone()]
    for k in range(300):
        optimizer.zero_grad()
        (0.5 * (curvature * x * x).sum() + noise * (drawn[k] * x).sum()).backward()
        optimizer.step()
        scheduler.step()
        path.append(x.detach().clone())

    expected = torch.stack(path).numpy()
    size = np.abs(expected).max(axis=0)
    assert np.all(np.abs(simulate([run])[0].path[:, :, 0] - expected) <= 1e-12 * size)
