"""The charts of Explore for one setting: from a finished study to the panel's charts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from zlib import crc32

from pages.parts.ghost import ghost_name, ghost_of
from pages.parts.panel.panel import Chart, Late
from pages.parts.readouts import (
    NamedRun,
    angle_readouts,
    decision_readouts,
    loss_readouts,
    loss_so_far_readouts,
    predicted_readouts,
    rate_readouts,
    regret_readouts,
)
from pages.parts.state import SHOWN, Setting
from schedules import Run, Schedule
from schedules.core.numbers import FloatArray
from schedules.core.params import Knots
from schedules.figures.accuracy import accuracy_figure
from schedules.figures.decision import decision_alt, decision_data, decision_figure
from schedules.figures.expected import expected_figure
from schedules.figures.fit import fit_figure
from schedules.figures.images import images_figure
from schedules.figures.loss import average_loss, loss_figure
from schedules.figures.path import path_data
from schedules.figures.predicted import Predicted, law_figure, parts_figure
from schedules.figures.rate import awaited_line, best_line, rate_figure
from schedules.figures.replay import replay_data, stops_data
from schedules.figures.runs import Measured, Rates, Trail
from schedules.figures.surface import contour_figure, landscape_figure
from schedules.figures.theme import Figure, in_epochs, in_schedule_steps
from schedules.measures import constant
from schedules.schedule import chosen_steps
from schedules.theory.best import BestSchedule
from schedules.training import own_sentences
from schedules.training.angles import early_angle
from schedules.training.drawing import Extent, decision, draw, first_step, trail, without_start
from schedules.training.engine import simulate
from schedules.training.exact import expected, find_best_schedule, has_best, has_expected, known_best
from schedules.training.images import shown
from schedules.training.own_numbers import steps_ratio, trained_step
from schedules.training.problems import Problem, analytic, edge
from schedules.training.runs import Trace, beside
from schedules.training.study import Study, Train, advised
from schedules.training.verdict.advice import Advice
from schedules.training.verdict.gaps import compare, has_learned, has_test
from schedules.training.verdict.judge import Verdict
from schedules.training.verdict.rules import GOAL, Kind
from schedules.training.verdict.stops import marked_cycle_ends, stops
from schedules.words import Sentence, Words, language, say


class Drawn(NamedTuple):
    """The part of a study that the page draws at once: a few kB to cache, while the study holds every step of every run.

    `used` are the rates that a feedback rule applied, as a mean over the seeds; None without a rule. `awaits` says whether the
    best possible schedule has still to be computed. `limit` is the stability limit, None where it varies or there is none.
    `offers` names what else can be shown (`SHOWN` of `state`).
    """

    verdict: Verdict
    charts: tuple[Chart, ...]
    replay: dict[str, Any]
    used: FloatArray | None
    awaits: bool
    limit: float | None = None
    offers: tuple[str, ...] = ()


def unfinished_charts(setting: Setting, traces: Sequence[Trace] = ()) -> tuple[Chart, ...]:
    """The charts of a network whose training is not finished: planned rates, and what was measured so far.

    Args:
        setting: the setting.
        traces: the traces of the run and of its ghost up to now; without them there is only the rate.
    """
    run, ghost = setting.run, ghost_of(setting)
    planned = {str(say("figure.this")): run} | ({ghost_name(setting): beside(run, ghost)} if ghost else {})
    rates = [
        scaled_rates(each, name, run) if setting.own_axis else Rates(name, each.trained_rates())
        for name, each in planned.items()
    ]
    figure = rate_figure(rates, **_axis_of(setting), **plan_marks(setting))
    charts = [Chart("rate", figure, readouts=rate_readouts(rates[0].rates, None))]
    if traces:
        by_run = {trace.run: trace for trace in traces}
        charts += _measured_so_far({name: by_run[each] for name, each in planned.items()}, setting.shown == "accuracy")
    rate, *measured = [_finished(chart, setting) for chart in charts]
    return (rate, measured[0], answers_chart(run.problem, None), *measured[1:]) if measured else (rate,)


def _measured_so_far(traces: Mapping[str, Trace], accuracy: bool) -> list[Chart]:
    """The charts of the loss, and the accuracy if wanted, up to the last measurement; their axis has the length of the runs.

    `traces` are those of the runs by their names.
    """
    first, *_ = traces.values()
    last, step = max(trace.run.trained_steps for trace in traces.values()), int(first.steps[-1])
    losses = [Measured(name, trace.steps, trace.loss) for name, trace in traces.items()]
    figure = loss_figure(losses, goal=0, cycles=marked_cycle_ends(first), last=last)
    mean = average_loss(first.loss)
    charts = [Chart("loss", figure, readouts=loss_so_far_readouts(float(mean[0]), step, float(mean[-1])))]
    shares = [
        Measured(name, trace.steps, trace.network.accuracy)
        for name, trace in traces.items()
        if accuracy and trace.network is not None and trace.network.accuracy is not None
    ]
    return [*charts, Chart("accuracy", accuracy_figure(shares, last=last))] if shares else charts


def scaled_rates(run: Run, name: str, main: Run) -> Rates:
    """The rates of a run's schedule in the units of the main run's, as many as the curve needs, at steps of the problem."""
    if run.rate_scale != main.rate_scale:
        return Rates(name, run.trained_rates() / main.rate_scale)
    steps = chosen_steps(run.schedule)
    return Rates(name, run.schedule(steps), trained_step(run, steps))


def _axis_of(setting: Setting) -> dict[str, Any]:
    """Arguments of `rate_figure` for the axis of the schedule."""
    run = setting.run
    return {"last": run.trained_steps, "steps": run.schedule.total_steps} if setting.own_axis else {}


def _finished(chart: Chart, setting: Setting) -> Chart:
    """A chart over steps with what its axis shows besides steps of the problem: epochs, or steps of the schedule."""
    run, epoch = setting.run, setting.steps_per_epoch
    if chart.slot == "rate":
        _with_knot_axes(chart.figure, setting)
    if not setting.own_axis:
        in_epochs(chart.figure, run.problem.steps_per_epoch if setting.own else epoch)
        return chart
    title, reading = own_sentences.axis_title(run), own_sentences.step_template(run, "{step}", "{trained}")
    in_schedule_steps(chart.figure, steps_ratio(run), str(title), str(reading))
    in_epochs(chart.figure, epoch and epoch / steps_ratio(run))
    return chart


def draw_study(study: Study, setting: Setting, shown: Collection[str] | None = None) -> Drawn:
    """The drawn part of the finished study of a setting.

    `shown` are those of `SHOWN` that the charts show, by default the one of the setting. What is not shown is not computed.
    """
    trace, shown = study.trace, (setting.shown,) if shown is None else shown
    awaits = "best" in shown and has_best(trace.run) and not setting.own_axis
    possible = known_best(trace.run) if awaits else None
    limit = None if study.limit is None else constant(study.limit)
    replay = replay_data(trace.steps, trace.loss, cycles=marked_cycle_ends(trace), until=study.verdict.blown_at)
    if trace.prediction:
        replay["hint"] = str(say("replay.hint_predicted"))
    used = None if trace.row_rates is None else trace.rates
    charts = all_charts(study, setting, shown, possible)
    return Drawn(study.verdict, charts, replay, used, awaits and possible is None, limit, _offers(trace, setting))


def _offers(trace: Trace, setting: Setting) -> tuple[str, ...]:
    """Those of `SHOWN` that exist for a run."""
    run = trace.run
    exist = {
        "best": has_best(run) and not setting.own_axis,
        "expected": has_expected(run),
        "angle": draw(run.problem) is not None and early_angle(trace) is not None,
        "goal": run.problem.trains and not run.problem.as_job,
        "accuracy": trace.network is not None and trace.network.accuracy is not None,
    }
    return tuple(name for name in SHOWN if exist[name])


def advice_on(study: Study, ghost: str, train: Train = simulate) -> tuple[Advice, ...]:
    """The advice on a study, tried where it has none yet, but for networks.

    For problems with a test set there is also a sentence that compares the overfitting of the run with that of the ghost, if
    both have learned.
    """
    if not study.advice and not study.trace.run.problem.as_job:
        study = advised(study, train)
    trace, advice = study.trace, study.advice
    ended = [found.kind is not Kind.DIVERGED for found in (study.verdict, study.ghost_verdict) if found]
    other = study.ghost
    if other is not None and all(ended) and all(has_test(each) and has_learned(each) for each in (trace, other)):
        advice += (Advice(compare(trace, other, ghost).sentence, None),)
    return advice


def stops_of(study: Study) -> dict[str, Any]:
    """The verdicts at the stops of the replay of a study, as `stops_data` packs them."""
    trace, blown = study.trace, study.verdict.blown_at
    also = marked_cycle_ends(trace) if blown is None else (*marked_cycle_ends(trace), blown)
    losses = dict(zip(trace.steps.tolist(), average_loss(trace.loss).tolist(), strict=True))
    stopped = stops(trace, study.limit, also)
    return stops_data([(step, losses[step], verdict.kind.value, str(verdict.line)) for step, verdict in stopped])


def best_possible(run: Run, stop: Callable[[], bool]) -> tuple[Late, ...]:
    """The additions to the charts once the best possible schedule is known: its line, and the comparison with the run."""
    best = known_best(run) or find_best_schedule(run, stop)
    if best is None:
        return ()
    return Late("rate", lines=[best_line(best.rates)]), Late("loss", readouts=regret_readouts(run, best))


def named_runs(study: Study, setting: Setting) -> list[NamedRun]:
    """The run of a study and its ghost, if it has one."""
    runs = [NamedRun(str(say("figure.this")), study.trace, study.verdict)]
    if study.ghost and study.ghost_verdict:
        runs.append(NamedRun(ghost_name(setting), study.ghost, study.ghost_verdict))
    return runs


def all_charts(
    study: Study, setting: Setting, shown: Collection[str], possible: BestSchedule | None = None
) -> tuple[Chart, ...]:
    """The panel's charts for the finished study of a setting: rate, loss and picture of the problem, and what is `shown`."""
    runs = named_runs(study, setting)
    trace, blown_at = study.trace, study.verdict.blown_at
    loss_charts = _predicted_charts(runs) if trace.prediction else [_loss_chart(runs, shown, possible)]
    over_steps = [_rate_chart(runs, study.limit, possible, shown, setting), *loss_charts]
    if "expected" in shown and (known := expected(trace.run, trace.rates)) is not None:
        figure = expected_figure(known.distance, known.noise, sampled=average_loss(trace.loss), diverged_at=blown_at)
        over_steps.append(Chart("expected", figure))
    if "accuracy" in shown:
        over_steps += _accuracy_chart(runs)
    rate, loss, *more = [_finished(chart, setting) for chart in over_steps]
    pictures = [*_decision_chart(trace, blown_at), *_path_chart(runs, "angle" in shown)]
    if trace.network is not None and trace.network.answers is not None:
        pictures.append(answers_chart(trace.run.problem, trace.network.answers))
    return (rate, loss, *pictures, *more)


def _rate_chart(
    runs: Sequence[NamedRun],
    limit: FloatArray | None,
    possible: BestSchedule | None,
    shown: Collection[str],
    setting: Setting,
) -> Chart:
    """The rate chart, with the limit and the plan of the first run; without lines of the problem on the schedule's axis."""
    trace, blown_at = runs[0].trace, runs[0].verdict.blown_at
    marks = plan_marks(setting)
    if setting.own_axis:
        scaled, used, scale = [_scaled(run, trace.run) for run in runs], trace.row_rates, trace.run.rate_scale
        said = None if limit is None else own_sentences.beside_limit(trace.run, trace.rates, limit)
        if said is not None:
            marks["caption"] = " ".join(filter(None, (str(said), marks.get("caption"))))
        used = None if used is None else used / scale
        figure = rate_figure(scaled, diverged_at=blown_at, used=used, **_axis_of(setting), **marks)
        return Chart("rate", figure, readouts=rate_readouts(scaled[0].rates, None))
    figure = rate_figure(
        [Rates(run.label, run.trace.rates) for run in runs],
        limit=limit,
        diverged_at=blown_at,
        used=trace.row_rates,
        best=possible.rates if possible else None,
        **marks,
    )
    if "best" in shown and possible is None and has_best(trace.run):  # so that the legend does not change later
        figure["data"].append(awaited_line())
    return Chart("rate", figure, readouts=rate_readouts(trace.rates, limit))


def _scaled(run: NamedRun, main: Run) -> Rates:
    """The rates of a drawn run in the units of the main run's schedule."""
    trace = run.trace
    if trace.row_rates is None:
        return scaled_rates(trace.run, run.label, main)
    return Rates(run.label, trace.rates / trace.run.rate_scale)


def _loss_chart(runs: Sequence[NamedRun], shown: Collection[str], possible: BestSchedule | None) -> Chart:
    """The loss chart; the goal is not drawn for networks, which are far from it after five epochs."""
    trace = runs[0].trace
    compared = "best" in shown and has_best(trace.run)
    regrets = regret_readouts(trace.run, possible) if possible else ()
    figure = loss_figure(
        [Measured(label, trace.steps, trace.loss, verdict.blown_at) for label, trace, verdict in runs],
        goal=GOAL if "goal" in shown and not trace.run.problem.as_job else 0,
        cycles=marked_cycle_ends(trace),
    )
    return Chart("loss", figure, readouts=loss_readouts(runs, start=not compared) + regrets)


def _predicted_charts(runs: Sequence[NamedRun]) -> list[Chart]:
    """The charts of a predicted loss: with its error and a second law, and in two parts."""
    trace, last = runs[0].trace, max(len(run.trace.rates) for run in runs)
    known = trace.prediction
    assert known is not None
    losses = [Predicted(run.label, run.trace.steps, run.trace.loss[:, 0]) for run in runs]
    figure = law_figure(losses, second=known.second, error=None if known.outside else known.law.end_error, last=last)
    parts = parts_figure(trace.steps, *known.parts, last=last)
    return [Chart("loss", figure, readouts=predicted_readouts(runs)), Chart("expected", parts)]


def _accuracy_chart(runs: Sequence[NamedRun]) -> list[Chart]:
    """The accuracy chart in a list; an empty list if accuracies were not measured."""
    measured = [
        Measured(label, trace.steps, trace.network.accuracy, verdict.blown_at)
        for label, trace, verdict in runs
        if trace.network is not None and trace.network.accuracy is not None
    ]
    return [Chart("accuracy", accuracy_figure(measured))] if measured else []


def _decision_chart(trace: Trace, blown_at: int | None) -> list[Chart]:
    """The chart of a network's decision regions in a list; an empty list if the network has none."""
    regions = decision(trace, marked_cycle_ends(trace), blown_at)
    if not regions:
        return []
    frame, token = _frame(trace.run.problem, language.get())
    right = float(regions.right[-1])
    data = decision_data(regions.steps, regions.chance, regions.extent)
    return [Chart("path", frame, decision_readouts(right), data, token, decision_alt(int(regions.steps[-1]), right))]


def _path_chart(runs: Sequence[NamedRun], angle: bool) -> list[Chart]:
    """The chart of the paths over the first run's problem in a list; an empty list if it has no drawing.

    With `angle` the direction of the first steps stands under it.
    """
    trace = runs[0].trace
    ground = surface(trace.run.problem)
    trails = [Trail(points, verdict.blown_at) for _, trace, verdict in runs if (points := trail(trace)) is not None]
    if not ground or len(trails) < len(runs):
        return []
    figure, ends, token = ground
    data = path_data(trails, ends, on_curve=trace.run.problem.drawing == "landscape", keep=marked_cycle_ends(trace))
    if step := first_step(trace):
        data["first_step"] = step._asdict()
    return [Chart("path", figure, readouts=angle_readouts(trace) if angle else (), path=data, token=token)]


def answers_chart(problem: Problem, answers: FloatArray | None) -> Chart:
    """The chart of the first seed's predictions on the test images, or of the curves that the networks have fitted.

    `answers` are None before the end of the training.
    """
    if problem.drawing == "fit":
        return Chart("answers", fit_figure(edge.points(), edge.inputs(), answers))
    return Chart("answers", images_figure(*shown(), None if answers is None else answers[:, 0]))


def phase_name(schedule: Schedule, name: str) -> Words:
    """The name of a phase on screen."""
    return schedule.policy.text("title") if name == "policy" else say(f"explore.phase.{name}")


def plan_marks(setting: Setting) -> dict[str, Any]:
    """Arguments of `rate_figure` that show the plan: its phases, its end inside the run, and a caption if it does not fit the
    run.

    Positions are in steps of the problem; the caption has the numbers of the axis that is shown.
    """
    run, schedule = setting.run, setting.run.schedule
    phases, steps = schedule.phases(), schedule.total_steps
    ends = schedule.plan.cooldown or schedule.after == "drop"
    if schedule.policy.anytime and not ends:  # its curve continues past the plan's end
        phases = tuple(part._replace(end=max(part.end, steps)) if part.name == "policy" else part for part in phases)
    named = [
        (part.name, str(phase_name(schedule, part.name)), trained_step(run, part.start), trained_step(run, part.end))
        for part in phases
    ]
    end = phases[-1].end if phases else 0
    scale, ratio = (1.0, 1.0) if setting.own_axis else (run.rate_scale, steps_ratio(run))
    if (misfit := _misfit(schedule, ratio)) is not None:
        return {"phases": named, "caption": str(misfit)}
    if not schedule.reads_plan or not 0 < end != steps:
        return {"phases": named}
    if end < steps:
        rate = scale * float(schedule(end))
        caption = say(f"explore.plan.{schedule.after}", end=round(end / ratio), rate=rate)
        return {"phases": named, "plan_end": trained_step(run, end), "caption": str(caption)}
    missing = round((end - steps) / ratio)
    caption = say("explore.plan.longer", missing=missing, rate=scale * float(schedule(end - 1)))
    return {"phases": named} | ({"caption": str(caption)} if missing else {})


def _misfit(schedule: Schedule, ratio: float) -> Sentence | None:
    """The sentence on a length in steps that does not fit the plan or an update.

    Args:
        ratio: steps of the schedule per step of the axis.
    """
    if (cut := schedule.cut_phase()) is not None:
        name, given, left = cut
        return say("explore.plan.cut", phase=say(f"explore.phase.{name}"), given=round(given / ratio), left=round(left / ratio))
    if (short := schedule.short_length()) is not None:
        label = schedule.policy.param(short[0]).text("label")
        return say("explore.plan.short", label=label, given=round(short[1] / ratio), every=round(schedule.update_every / ratio))
    return None


def _with_knot_axes(figure: Figure, setting: Setting) -> None:
    """Add the layout of a hand-drawn curve's knots to the rate chart: first step, length in steps of the problem, peak."""
    run, schedule = setting.run, setting.run.schedule
    if any(isinstance(param, Knots) for param in schedule.policy.params):
        _, warmup, length, _, hold = schedule.plan
        first = (hold if schedule.warmup_over else warmup + hold) - schedule.first_step
        every, peak = schedule.update_every, schedule.peak_lr if setting.own_axis else run.trained_peak
        start, steps = trained_step(run, first * every), trained_step(run, length * every)
        figure["layout"]["meta"]["knots"] = {"start": start, "steps": steps, "peak": peak}


class Surface(NamedTuple):
    """The surface under the path of a problem: its figure, the ranges of x and y, and a token that identifies it."""

    figure: Figure
    extent: Extent
    token: str


def surface(problem: Problem) -> Surface | None:
    """The surface under the path of a problem; None where there is none."""
    return _surface(without_start(problem), language.get())


def surface_of(problem: Problem) -> dict[str, Figure]:
    """The surface under the path of a problem by its token; empty where there is none."""
    found = surface(problem)
    return {found.token: found.figure} if found else {}


@lru_cache(maxsize=64)
def _surface(problem: Problem, spoken: str) -> Surface | None:
    """The surface below the path in the language of the context; the extent of the picture, and a token that identifies it.

    None for a problem without a drawing.
    """
    drawing = draw(problem)
    if drawing is None:
        return None
    token = f"{problem.slug}-{crc32(drawing.z.tobytes() + repr(drawing.extent).encode()):x}"
    axes = [str(name) for name in problem.axis_names()]
    if drawing.y is not None:
        return Surface(contour_figure(drawing.x, drawing.y, drawing.z, axes), drawing.extent, token)
    return Surface(landscape_figure(drawing.x, drawing.z, axes, height=drawing.extent[1]), drawing.extent, token)


@lru_cache(maxsize=16)
def _frame(problem: Problem, spoken: str) -> tuple[Figure, str]:
    """The figure below the decision regions of networks in the language of the context, and a token that identifies it."""
    simulated = analytic(problem)
    points, labels = simulated.examples()
    (x, y), token = simulated.extent(), f"{problem.slug}-{crc32(points.tobytes() + labels.tobytes()):x}"
    return decision_figure(points, labels, (x, y), [str(name) for name in problem.axis_names()]), token
