"""What Explore draws for one setting, from a finished study to the panel's charts."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple
from zlib import crc32

from pages.parts.panel import Chart
from pages.parts.state import Setting
from schedules import Constant, Schedule
from schedules.core.numbers import FloatArray, people
from schedules.figures.accuracy import accuracy_figure
from schedules.figures.decision import decision_alt, decision_data, decision_figure
from schedules.figures.loss import loss_figure
from schedules.figures.path import path_data
from schedules.figures.rate import rate_figure
from schedules.figures.replay import replay_data, stops_data
from schedules.figures.surface import contour_figure, landscape_figure
from schedules.figures.theme import Figure, in_epochs
from schedules.measures import highest_ratio, measure, steps_above
from schedules.training.drawing import View, decision, draw, trail
from schedules.training.problems import Problem
from schedules.training.stops import cycle_ends, stops
from schedules.training.study import Study, advised
from schedules.training.verdicts import GOAL, Verdict
from schedules.units import slip_in, slipped
from schedules.words import Sentence, say


class Drawn(NamedTuple):
    """What the page draws of a study at once: a few kB to keep, where the study itself holds every step of every run."""

    verdict: Verdict
    charts: tuple[Chart, ...]
    replay: dict[str, Any]


class Later(NamedTuple):
    """What it says once more was tried and looked at: advice, and what the replay says where it is stopped."""

    advice: tuple[Sentence, ...]
    stops: dict[str, Any]


def ghost_of(setting: Setting) -> Schedule | None:
    """The schedule drawn in grey; None when it would hide under the curve, unless it was pinned just now."""
    schedule, units = setting.run.schedule, setting.units
    plain = Schedule(policy=Constant(), peak_lr=schedule.peak_lr, total_steps=schedule.total_steps)
    match ghost_kind(setting):
        case "pinned":
            ghost = setting.pinned or plain
        case "meant":
            ghost = schedule.replace(horizon=1.0)
        case "constant":
            ghost = plain
        case slip:
            ghost = slipped(schedule, units.steps_per_epoch, slip) if units else plain
    return None if ghost == schedule and not (setting.pinned or setting.run.feedback.acts) else ghost


def ghost_kind(setting: Setting) -> str:
    """What is drawn in grey: a slip of units, where a person asks for it; the pinned schedule; what was probably meant, where
    the schedule looks like a slip of units; or else constant at the same peak.
    """
    if setting.units and setting.units.slip != "none":
        return setting.units.slip
    if setting.pinned:
        return "pinned"
    return "constant" if slip_of(setting) == "none" else "meant"


def slip_of(setting: Setting) -> str:
    """The slip of units that the schedule looks like it has, where an epoch is known; else "none"."""
    epoch = setting.steps_per_epoch
    return slip_in(setting.run.schedule, epoch, setting.units.epochs if setting.units else None) if epoch else "none"


def ghost_name(setting: Setting) -> str:
    """What the legend calls the ghost."""
    return str(say(f"explore.ghost_{ghost_kind(setting)}"))


def planned(setting: Setting) -> tuple[Chart, ...]:
    """The rate alone, while the run is not done."""
    schedule = setting.run.schedule
    rates = schedule.lrs()
    rate = in_epochs(rate_figure(rates, **plan(schedule)), setting.steps_per_epoch)
    return (Chart("rate", rate, facts=_rate_facts(rates, None)),)


def drawn(study: Study, setting: Setting) -> Drawn:
    """What the page draws of the finished study of a setting."""
    trace = study.trace
    replay = replay_data(trace.steps, trace.loss, cycles=cycle_ends(trace), until=study.verdict.blown_at)
    return Drawn(study.verdict, charts(study, setting), replay)


def later(study: Study) -> Later:
    """What the page says of a study later: advice is tried where the study has none yet, but for networks."""
    if not study.advice and not study.trace.run.problem.net:
        study = advised(study)
    trace, blown = study.trace, study.verdict.blown_at
    also = cycle_ends(trace) if blown is None else (*cycle_ends(trace), blown)
    said = [(s.step, s.loss, s.verdict.kind.value, str(s.verdict.sentence)) for s in stops(trace, study.limit, also)]
    return Later(study.advice, stops_data(said))


def charts(study: Study, setting: Setting) -> tuple[Chart, ...]:
    """The panel's charts for the finished study of a setting."""
    trace, ghost, name, epoch = study.trace, study.ghost, ghost_name(setting), setting.steps_per_epoch
    until = study.verdict.blown_at
    ghost_until = study.ghost_verdict.blown_at if study.ghost_verdict else None
    rate = rate_figure(
        trace.rates,
        ghost=(name, ghost.rates) if ghost else None,
        limit=study.limit,
        diverged_at=until,
        used=trace.row_rates,
        **plan(trace.run.schedule),
    )
    loss = loss_figure(
        trace.steps,
        trace.loss,
        ghost=(name, ghost.steps, ghost.loss) if ghost else None,
        diverged_at=until,
        ghost_diverged_at=ghost_until,
        goal=0 if trace.run.problem.net else GOAL,  # five epochs of a network are far from it
        cycles=cycle_ends(trace),
    )
    found = [
        Chart("rate", in_epochs(rate, epoch), facts=_rate_facts(trace.rates, study.limit)),
        Chart("loss", in_epochs(loss, epoch), facts=_loss_facts(study.verdict, study.ghost_verdict)),
    ]
    if trace.accuracy is not None:
        beside = (name, ghost.steps, ghost.accuracy) if ghost and ghost.accuracy is not None else None
        found.append(Chart("accuracy", in_epochs(accuracy_figure(trace.steps, trace.accuracy, ghost=beside), epoch)))
    if said := decision(trace, cycle_ends(trace), until):
        frame, token = _frame(trace.run.problem)
        right = float(said.right[-1])
        data = decision_data(said.steps, said.chance, said.view)
        facts = _facts({"right": str(say("explore.facts.right_share", right=right))})
        found.append(Chart("path", frame, facts, data, token, decision_alt(int(said.steps[-1]), right)))
    surface, path = _surface(trace.run.problem), trail(trace)
    if surface and path is not None:
        figure, ends, token = surface
        marks = path_data(
            path,
            ends,
            ghost=trail(ghost) if ghost else None,
            until=until,
            ghost_until=ghost_until,
            on_curve=trace.run.problem.drawing == "landscape",
            keep=cycle_ends(trace),
        )
        found.append(Chart("path", figure, path=marks, token=token))
    return tuple(found)


def plan(schedule: Schedule) -> dict[str, Any]:
    """What `rate_figure` shows of the plan: its phases, where it ends inside the run, and in words where it does not fit it."""
    titles = {"policy": schedule.policy.title} | {part: str(say(f"explore.phase.{part}")) for part in ("warmup", "cooldown")}
    phases, run = schedule.phases(), schedule.total_steps
    if schedule.policy.anytime and not schedule.plan.cooldown:  # its curve goes on as if there were no plan
        phases = tuple(part._replace(end=max(part.end, run)) if part.name == "policy" else part for part in phases)
    named = [(part.name, titles[part.name], part.start, part.end) for part in phases]
    end = phases[-1].end if phases else 0
    if not schedule.reads_plan or not 0 < end != run:
        return {"phases": named}
    if end < run:
        caption = say(f"explore.plan.{schedule.after}", end=end, rate=float(schedule(end)))
        return {"phases": named, "plan_end": end, "caption": str(caption)}
    word = "longer_one" if end == run + 1 else "longer"
    caption = say(f"explore.plan.{word}", missing=end - run, rate=float(schedule(end - 1)))
    return {"phases": named, "caption": str(caption)}


@lru_cache(maxsize=64)
def _surface(problem: Problem) -> tuple[Figure, View, str] | None:
    """What lies under the path, the ends of the picture, and a name that problems of the same picture share.

    None for a problem that is not drawn.
    """
    found = draw(problem)
    if found is None:
        return None
    token = f"{problem.slug}-{crc32(found.z.tobytes() + repr(found.view).encode()):x}"
    if found.y is not None:
        return contour_figure(found.x, found.y, found.z, found.axes), found.view, token
    return landscape_figure(found.x, found.z, found.axes, height=found.view[1]), found.view, token


@lru_cache(maxsize=16)
def _frame(problem: Problem) -> tuple[Figure, str]:
    """What lies under the decisions of networks on a problem, and a name that problems of the same points share."""
    points, labels = problem.examples()
    (x, y), token = problem.view(), f"{problem.slug}-{crc32(points.tobytes() + labels.tobytes()):x}"
    return decision_figure(points, labels, (x, y), problem.axes), token


def _rate_facts(rates: FloatArray, limit: FloatArray | None) -> tuple[tuple[str, str], ...]:
    """What is printed under the rate: label and value."""
    found = measure(rates)
    values = {"first": people(found.first), "peak": people(found.peak), "last": people(found.last)}
    if limit is not None:
        values |= {"above": people(steps_above(rates, limit)), "ratio": people(highest_ratio(rates, limit), 2)}
    return _facts(values)


def _loss_facts(verdict: Verdict, ghost: Verdict | None) -> tuple[tuple[str, str], ...]:
    """What is printed under the loss: the mean over all seeds that did not diverge, for both runs alike.

    A verdict may speak for a part of them, where they ended in different places.
    """
    ends = {"end": verdict} | ({"ghost": ghost} if ghost else {})
    values = {"start": people(verdict.start)}
    for name, found in ends.items():
        lived = [end for end in found.ends if end is not None]
        gone = found.end is None or not lived
        values[name] = str(say("explore.facts.diverged")) if gone else people(sum(lived) / len(lived))
    return _facts(values)


def _facts(values: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((str(say(f"explore.facts.{name}")), value) for name, value in values.items())
