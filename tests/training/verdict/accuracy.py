"""How often a verdict is contradicted: `python -m tests.training.verdict.accuracy [seed] [runs a family] [bowls] [shown]`.

On bowls under SGD the reference is the documented order of rules on the exact expected loss (`tests.training.exact`). On other
problems each run is repeated with 64 fresh seeds, continued for as many steps at the last rate, and for a fifth of them with
the rate decayed to zero; `contradictions` lists the results that contradict a verdict.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from schedules import POLICIES, Run, Schedule
from schedules.core.numbers import round_steps
from schedules.training.engine import _grouped, simulate
from schedules.training.limits import limit
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS
from schedules.training.problems.bowl import Bowl
from schedules.training.runs import Trace, to_token
from schedules.training.study import with_continuation
from schedules.training.verdict.judge import Verdict, judge
from tests.boxes import sample
from tests.training.exact import half_time, moments, truth

FRESH = 64
FIRST_FRESH = 5_000
AT_ONCE = 8_000_000
"""Numbers of a batch of traces: steps times seeds times parameters."""


# --- cases --------------------------------------------------------------------------------------------------------------


def schedule(rng: np.random.Generator, peak: float, steps: int) -> Schedule:
    """Four of ten are constant, two cosine or linear; the others are any policy at default or random hyperparameters."""
    kind = rng.integers(10)
    policy = POLICIES[
        "constant" if kind < 4 else ("cosine", "linear")[kind - 4] if kind < 6 else str(rng.choice(list(POLICIES)))
    ]
    return Schedule(
        policy=policy() if kind < 8 else sample(policy, rng),
        peak_lr=float(np.clip(peak, 1e-6, 100)),
        total_steps=steps,
        warmup=float(rng.choice([0, 0, 0.1, 0.3])),
        cooldown=float(rng.choice([0, 0, 0, 0.1, 0.2])),
        horizon=float(rng.choice([1, 1, 1, 1, 0.4, 2])),
    )


def _spread(rng: np.random.Generator, low: float, high: float) -> float:
    """A peak over these decades; half of the time only over the last one and a half, where runs bounce or diverge."""
    return float(10 ** rng.uniform(low if rng.random() < 0.5 else max(low, high - 1.5), high))


def _steps(rng: np.random.Generator, low: float, high: float) -> int:
    return round(10 ** rng.uniform(np.log10(low), np.log10(high)))


def _bowl(rng: np.random.Generator, dimensions: Sequence[int] = (2, 2, 3, 6), **fixed: Any) -> Bowl:
    noise = float(rng.choice([0, 10 ** rng.uniform(-2, 0.3), 10 ** rng.uniform(-2, 0.3), 0.5]))
    values = {
        "condition": 10 ** rng.uniform(0, 4),
        "noise": noise,
        "dimensions": int(rng.choice(dimensions)),
        "spectrum": str(rng.choice(["even", "easy", "hard"])),
        "start_x": rng.uniform(0.2, 4) * rng.choice([-1, 1]),
        "start_y": rng.uniform(0.1, 2),
    }
    return Bowl(**(values | fixed))


def exact_bowls(rng: np.random.Generator, count: int) -> list[Run]:
    """Any policy, 2 to 50 dimensions, peaks from 1e-4 to 3 times the limit 0.2, 50 to 2,000 steps, 8 seeds of SGD."""
    runs = []
    for i in range(count):
        policy = POLICIES[list(POLICIES)[i % len(POLICIES)]]
        schedule = Schedule(
            policy=policy() if rng.random() < 0.5 else sample(policy, rng),
            peak_lr=0.2 * 10 ** rng.uniform(-4, np.log10(3)),
            total_steps=_steps(rng, 50, 2_000),
            warmup=float(rng.choice([0, 0, 0.05, 0.3])),
            cooldown=float(rng.choice([0, 0, 0.2])),
            horizon=float(rng.choice([1, 1, 1, 0.4, 2])),
        )
        runs.append(Run(schedule=schedule, problem=_bowl(rng, (2, 2, 3, 5, 12, 30, 50)), seeds=8))
    return runs


def _on_bowl(slug: str) -> Callable[[np.random.Generator], Run]:
    """Another optimizer on bowls, from 20 to 2,000 steps."""

    def draw(rng: np.random.Generator) -> Run:
        optimizer = sample(OPTIMIZERS[slug], rng) if rng.random() < 0.3 else OPTIMIZERS[slug]()
        typical = optimizer.typical
        if typical is None:
            top = float(optimizer.limit(np.array(10.0)))
            peak = top * _spread(rng, -4, 0.3)
        else:
            peak = typical * _spread(rng, -2.5, 1.5)
        return Run(schedule=schedule(rng, peak, _steps(rng, 20, 2_000)), problem=_bowl(rng), optimizer=optimizer, seeds=8)

    return draw


def _on(slug: str, low: float, high: float, steps: tuple[float, float], optimizers: Sequence[str] = ("sgd",)):
    """Another problem, mostly under SGD, peaks between these."""

    def draw(rng: np.random.Generator) -> Run:
        problem = PROBLEMS[slug]() if rng.random() < 0.3 else sample(PROBLEMS[slug], rng)
        optimizer = OPTIMIZERS[str(rng.choice(optimizers))]()
        peak = _spread(rng, np.log10(low), np.log10(high))
        if optimizer.typical is not None:
            peak = optimizer.typical * _spread(rng, -2.5, 1)
        elif optimizer.slug == "momentum":
            peak *= 0.2
        return Run(schedule=schedule(rng, peak, _steps(rng, *steps)), problem=problem, optimizer=optimizer, seeds=8)

    return draw


def _bowl_of(low: float, high: float, **fixed: Any) -> Callable[[np.random.Generator], Run]:
    def draw(rng: np.random.Generator) -> Run:
        optimizer = OPTIMIZERS[str(rng.choice(["sgd", "sgd", "momentum", "nesterov", "adam"]))]()
        peak = 0.2 * _spread(rng, -4, 0.3) if optimizer.typical is None else optimizer.typical * _spread(rng, -2, 1)
        return Run(schedule=schedule(rng, peak, _steps(rng, low, high)), problem=_bowl(rng, **fixed), optimizer=optimizer)

    return draw


FAMILIES: dict[str, Callable[[np.random.Generator], Run]] = {
    **{slug: _on_bowl(slug) for slug in ("momentum", "nesterov", "adam", "lion", "rmsprop", "adagrad")},
    "valley": _on("valley", 1e-4, 1, (20, 2_000)),
    "double well": _on("double_well", 1e-4, 1, (20, 2_000)),
    "rosenbrock": _on("rosenbrock", 1e-5, 5e-3, (50, 4_000), ("sgd", "sgd", "momentum", "adam")),
    "logistic": _on("logistic", 1e-3, 20, (20, 2_000), ("sgd", "sgd", "momentum", "adam")),
    "least squares": _on("least_squares", 1e-4, 0.3, (20, 2_000), ("sgd", "sgd", "momentum", "nesterov", "adam")),
    "moons": _on("moons", 1e-3, 10, (30, 500), ("sgd", "momentum", "adam")),
    "1 to 20 steps": _bowl_of(1, 20),
    "5,000 steps": _bowl_of(5_000, 5_001),
    "no noise": _bowl_of(20, 2_000, noise=0),
    "kappa 1": _bowl_of(20, 2_000, condition=1),
}


def cases(rng: np.random.Generator, count: int) -> Iterator[tuple[str, Run]]:
    """A number of random runs of every family, without those that start at the minimum."""
    for name, draw in FAMILIES.items():
        made = 0
        while made < count:
            run = draw(rng)
            if not at_minimum(run):
                made += 1
                yield name, run


def at_minimum(run: Run) -> bool:
    """True if a single noisy step, or a single step of an adaptive optimizer, adds more loss than the initial loss."""
    known = run.problem.directions()
    if known is None:
        return False
    peak = float(run.schedule.lrs().max())
    start = 0.5 * (known.curvature * known.start**2).sum()
    made = 0.5 * (known.curvature * known.noise).sum() * min(peak, 0.2) ** 2
    if run.optimizer.typical is not None:
        made = 0.5 * known.curvature.sum() * min(peak, run.optimizer.typical) ** 2
    return bool(start <= made)


# --- bowls, against the exact expected loss --------------------------------------------------------------------------------


def judged(runs: Sequence[Run]) -> list[tuple[Trace, Verdict]]:
    """The runs' traces and verdicts, as Explore shows them at rest: with a probe and a continuation where they take one."""
    found = []
    for part in _batches(runs, 1):
        for trace in map(with_continuation, simulate(part, set(part))):
            found.append((trace, judge(trace, limit(trace.run, trace))))
    return found


def _batches(runs: Sequence[Run], times: float) -> Iterator[list[Run]]:
    part: list[Run] = []
    weight = 0.0
    for run in runs:
        given = times * run.schedule.total_steps * run.seeds * (run.problem.size if run.problem.keeps_path else 1)
        if part and weight + given > AT_ONCE:
            yield part
            part, weight = [], 0.0
        part.append(run)
        weight += given
    if part:
        yield part


@dataclass(frozen=True)
class Exact:
    """Random bowls judged against the exact expected loss: all that are wrong, and those of them that are clear."""

    runs: int
    wrong: list[tuple[Run, str, str, bool]]
    clear: int
    kinds: Counter[str]

    @property
    def right(self) -> float:
        return 1 - len(self.wrong) / self.runs

    @property
    def clear_right(self) -> float:
        return 1 - sum(clear for *_, clear in self.wrong) / self.clear


def against_exact(runs: Sequence[Run]) -> Exact:
    """The verdicts on bowls against the documented order of rules on the exact expected loss."""
    runs = sorted(runs, key=lambda run: (run.problem.dimensions, run.problem.spectrum))
    wrong, sure, kinds = [], 0, Counter[str]()
    for i in range(0, len(runs), 200):
        part = runs[i : i + 200]
        for (trace, verdict), parts in zip(judged(part), moments(part), strict=True):
            kind, clear = truth(trace.run, *parts)
            kinds[kind] += 1
            sure += clear
            if verdict.kind.value != kind:
                wrong.append((trace.run, kind, verdict.kind.value, clear))
    return Exact(len(runs), wrong, sure, kinds)


# --- other problems, compared with fresh seeds and longer runs --------------------------------------------------------------


@dataclass(frozen=True)
class Fresh:
    """A run with 64 fresh seeds, continued after its end.

    Attributes:
        steps: steps of the measurements, shape (K,): to the end of the run, and for as many steps again at its last rate.
        curve: loss over the seeds at these steps, shape (K,): the mean on convex problems, the median on others.
        cooled: the same after another fifth of the run's steps with the rate decayed to zero.
        improved_share: the share of seeds that ended the run below half of their start and never rose above 100 times it.
        medians: the same with the median on every problem; None on these themselves.
    """

    steps: np.ndarray
    curve: np.ndarray
    cooled: float
    improved_share: float
    medians: Fresh | None = None

    def mean(self, step: int, width: int) -> float:
        """The mean over a number of steps up to one step."""
        inside = (self.steps > step - width) & (self.steps <= step)
        return float(self.curve[inside].mean()) if inside.any() else self.at(step)

    def at(self, step: int) -> float:
        return float(self.curve[np.searchsorted(self.steps, step)])


def fresh(runs: Sequence[Run]) -> list[Fresh]:
    """Each run with 64 fresh seeds, 24 if no path is recorded, continued from its end."""
    found = []
    for part in _batches(runs, 3.2 * FRESH / 8):
        wanted, rates = [], []
        for run in part:
            given = run.schedule.lrs()
            count = fifth(len(given))
            branches = (np.full(len(given), given[-1]), given[-1] * (1 - np.arange(1, count + 1) / (count + 1)))
            for branch in branches:
                longer = run.schedule.replace(total_steps=len(given) + len(branch))
                seeds = FRESH if run.problem.keeps_path else 24
                wanted.append(run.replace(schedule=longer, seeds=seeds, first_seed=FIRST_FRESH))
                rates.append(np.concatenate([given, branch]))
        traces = _grouped(wanted, rates, (), False)
        found += [_summed(run, on, cooled) for run, on, cooled in zip(part, traces[::2], traces[1::2], strict=True)]
    return found


def fifth(steps: int) -> int:
    return max(1, int(round_steps(0.2, steps)))


def _summed(run: Run, on: Trace, cooled: Trace) -> Fresh:
    given = on.loss[on.steps <= run.schedule.total_steps]
    with np.errstate(all="ignore"):
        fine = np.isfinite(given).all(axis=0) & (given[-1] < 0.5 * given[0]) & (given.max(axis=0) <= 100 * given[0])
    share = float(fine.mean())
    medians = Fresh(on.steps, _median(on.loss), float(_median(cooled.loss)[-1]), share)
    return Fresh(on.steps, _central(run, on.loss), float(_central(run, cooled.loss)[-1]), share, medians)


def _median(loss: np.ndarray) -> np.ndarray:
    return np.median(np.where(np.isfinite(loss), loss, 1e30), axis=1)


def _central(run: Run, loss: np.ndarray) -> np.ndarray:
    """Loss over the seeds at each step: the mean on convex problems, where seeds differ in noise only; else the median."""
    return loss.mean(axis=1) if run.problem.convex and (loss < 1e30).all() else _median(loss)


def contradictions(run: Run, kind: str, found: Fresh) -> list[str]:
    """The results of fresh seeds, more steps or a cool-down that contradict a verdict; levels are means over 5 % of the run.

    not diverged: the fresh seeds end above 10 times the start.
    diverged: most fresh seeds end below half of the start and never rose above 100 times it.
    converged: the fresh loss, or that after more steps or a cool-down, is above twice the goal.
    bouncing: a cool-down ends no lower than 0.95 times holding the rate for as long, or more steps at it halve the loss.
    stalled: more steps at the last rate halve the loss; it fell by more than 30 % in the last fifth; or a cool-down leaves less
    than 0.4 of what holding the rate leaves.
    improving: over some tenth of the run before, the loss was half of what it is over the last tenth; the second half left more
    than 0.7 times 1.25, at its end and in the mean of its last fifth; or, with a live rate, more steps at it leave more than
    0.95. In parentheses, and not counted: at a single step before, the loss was half of its end.
    """
    if kind == "diverged":
        return ["fresh: most end below half"] if found.improved_share > 0.5 else []
    rates = run.schedule.lrs()
    steps, n, width, tenth = len(rates), fifth(len(rates)), max(1, len(rates) // 20), max(1, len(rates) // 10)
    start, end, half = found.at(0), found.at(steps), half_time(run)
    more, held = found.mean(2 * steps, width), found.mean(steps + n, width)
    said = []
    if end > 10 * start:
        said.append("fresh: above ten times the start")
    if kind == "converged":
        said += ["fresh: above twice the goal"] * (end > 2e-3 * start)
        said += ["more: above twice the goal"] * (more > 2e-3 * start)
        said += ["cool: above twice the goal"] * (found.cooled > 2e-3 * start)
    elif kind == "bouncing":
        said += ["cool: no lower"] * (found.cooled >= 0.95 * held)
        said += ["more: halved"] * (more <= 0.5 * found.mean(steps, width))
    elif kind == "stalled":
        said += ["more: halved"] * (more <= 0.5 * end)
        said += ["fresh: fell in the last fifth"] * bool(half == steps // 2 and end <= 0.7 * found.at(steps - n))
        said += ["cool: much lower"] * (found.cooled <= 0.4 * held and n > 1)
    else:
        before = [found.mean(step, tenth) for step in range(tenth, steps - tenth + 1)]
        if min(before, default=np.inf) <= 0.5 * found.mean(steps, tenth):
            said.append("fresh: was lower before")
        elif found.curve[found.steps <= steps - width].min() <= 0.5 * end:
            said.append("(fresh: was lower at a step before)")
        lower = end <= 0.875 * min(start, found.at(half)) or found.mean(steps, n) <= 0.875 * min(start, found.mean(half, n))
        said += ["fresh: no lower than at half-time"] * (not lower)
        finite = bool(min(rates[-1], float(run.schedule(steps))) >= 0.02 * rates.max())
        said += ["more: no lower"] * bool(finite and more > 0.95 * end)
    return said


FEWER = (
    "fresh: above ten times the start",
    "fresh: most end below half",
    "fresh: above twice the goal",
    "fresh: was lower before",
    "(fresh: was lower at a step before)",
    "fresh: fell in the last fifth",
    "cool: no lower",
    "more: halved",
)
"""The contradictions of the first audit of the verdicts; its levels are medians over the fresh seeds."""


def fewer_contradictions(run: Run, kind: str, found: Fresh) -> list[str]:
    """Those of `contradictions` in FEWER, with medians over the fresh seeds."""
    return [each for each in contradictions(run, kind, found.medians or found) if each in FEWER]


def more_contradictions(run: Run, kind: str, found: Fresh) -> list[str]:
    """Those of `contradictions` that count: all that are not in parentheses."""
    return [each for each in contradictions(run, kind, found) if not each.startswith("(")]


def claim_contradictions(run: Run, verdict: Verdict, found: Fresh) -> list[str]:
    """Those of `more_contradictions`; where a trial of more steps decided, whether more steps do the same with fresh seeds.

    Such a verdict says nothing of the second half: it is still improving if the trial halved the loss, whatever came before.
    """
    if verdict.decided_by != "going_on":
        return more_contradictions(run, verdict.kind.value, found)
    steps = run.schedule.total_steps
    left = found.mean(2 * steps, max(1, steps // 20)) / max(found.at(steps), 1e-300)
    wrong = left > 0.7 if verdict.kind.value == "improving" else left < 0.7
    return ["more: other than in the trial"] * bool(wrong)


def avoidable(run: Run, kind: str, found: Fresh, ask: Callable[[Run, str, Fresh], list[str]]) -> bool:
    """True if another kind would not be contradicted; "diverged" only if the fresh seeds end above 10 times the start."""
    others = {"converged", "bouncing", "improving", "stalled"} - {kind}
    medians = found.medians or found
    far = medians.at(run.schedule.total_steps) > 10 * medians.at(0)
    return any(not ask(run, other, found) for other in (others | {"diverged"} if far else others))


@dataclass(frozen=True)
class Contradicted:
    """A contradicted verdict: its family and run, what contradicts it, and whether another kind would not be contradicted."""

    family: str
    run: Run
    said: list[str]
    avoidable: bool


Table = dict[str, list[Contradicted]]
"""The contradicted verdicts by kind."""


def measure_outside(tried: Sequence[tuple[str, Run]]) -> tuple[Counter[str], Table, Table, Table]:
    """The number of verdicts of each kind, and the contradicted ones: by `more_contradictions`, by the fewer, and by those of
    the verdict's claim.
    """
    kinds, tables = Counter[str](), (defaultdict(list), defaultdict(list), defaultdict(list))
    runs = [run for _, run in tried]
    for (name, run), (_, verdict), found in zip(tried, judged(runs), fresh(runs), strict=True):
        kind = verdict.kind.value
        kinds[kind] += 1
        for table, ask in zip(tables[:2], (more_contradictions, fewer_contradictions), strict=True):
            if said := ask(run, kind, found):
                table[kind].append(Contradicted(name, run, said, avoidable(run, kind, found, ask)))
        if said := claim_contradictions(run, verdict, found):
            tables[2][kind].append(Contradicted(name, run, said, avoidable(run, kind, found, more_contradictions)))
    return kinds, *map(dict, tables)


def main(seed: int = 1, count: int = 100, bowls: int = 2_000, shown: int = 0) -> None:
    """Prints the tables, and the links of the first few runs of each kind that are contradicted."""
    if bowls:
        exact = against_exact(exact_bowls(np.random.default_rng([seed, 0]), bowls))
        print(f"bowls: {exact.runs} runs {dict(exact.kinds)}")
        print(f"right {exact.right:.2%}, away from thresholds {exact.clear_right:.2%} of {exact.clear}")
        for (is_kind, said, clear), times in Counter(wrong[1:] for wrong in exact.wrong).most_common():
            print(f"  {times:4d} {is_kind} said {said}{' (clear)' if clear else ''}")
    tried = list(cases(np.random.default_rng([seed, 1]), count))
    kinds, *tables = measure_outside(tried)
    for title, table in zip(
        ("all contradictions", "those of the first audit", "those of what the verdict claims"), tables, strict=True
    ):
        print(title)
        for kind, number in kinds.most_common():
            found = table.get(kind, [])
            spared = sum(each.avoidable for each in found)
            print(f"  {kind}: {len(found)} of {number} ({len(found) / number:.1%}); avoidable {spared} ({spared / number:.1%})")
            reasons = Counter((said, each.family) for each in found for said in each.said)
            for reason in sorted({said for said, _ in reasons}):
                families = ", ".join(f"{name} {times}" for (said, name), times in reasons.most_common() if said == reason)
                total = sum(times for (said, _), times in reasons.items() if said == reason)
                print(f"      {reason}: {total} ({families})")
            for each in found[:shown]:
                print(f"          {each.family}: {', '.join(each.said)}: {to_token(each.run)}")


if __name__ == "__main__":
    main(*(int(value) for value in sys.argv[1:]))
