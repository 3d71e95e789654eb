"""The four sections of the page Theory, each with a chart, a sentence on how to read it, its formula and its sources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts import address, state
from pages.parts.controls import controls
from pages.parts.panel import panel as charts
from pages.parts.panel.panel import Chart, panel
from schedules import Run, to_token
from schedules.core.numbers import format_number
from schedules.core.spec import Source
from schedules.figures.best import best_figure
from schedules.figures.bound import bound_figure
from schedules.figures.limits import limits_figure
from schedules.figures.rate import rate_figure
from schedules.figures.runs import Rates
from schedules.figures.sequences import STYLES, sequences_figure
from schedules.training import theory_results
from schedules.words import Sentence, keys, say

KEYS = ("kappa",)
"""Query parameters of a link, besides those of Streamlit's own widgets."""
DASHES = {"solid": "solid", "dash": "dashed", "dot": "dotted"}

SILVER = Source("Altschuler & Parrilo", 2023, "Acceleration by Stepsize Hedging", "arXiv:2309.07879, arXiv:2309.16530")
FRACTAL = Source("Agarwal, Goel & Zhang", 2021, "Acceleration via Fractal Learning Rate Schedules", "arXiv:2103.01338")
GOH = Source("Goh", 2017, "Why Momentum Really Works", "doi:10.23915/distill.00006")
LESSARD = Source(
    "Lessard, Recht & Packard",
    2016,
    "Analysis and Design of Optimization Algorithms via Integral Quadratic Constraints",
    "arXiv:1408.3595",
)
DEFAZIO = Source(
    "Defazio, Cutkosky, Mehta & Mishchenko",
    2023,
    "Optimal Linear Decay Learning Rate Schedules and Further Refinements",
    "arXiv:2310.07831",
)
SCHAIPP = Source(
    "Schaipp et al.",
    2025,
    "The Surprising Agreement Between Convex Optimization Theory and Learning-Rate Scheduling for Large Model Training",
    "arXiv:2501.18965",
)
LI = Source(
    "Li et al.",
    2026,
    "Optimal Learning-Rate Schedules under Functional Scaling Laws: Power Decay and Warmup-Stable-Decay",
    "arXiv:2602.06797",
)
BORDELON = Source(
    "Bordelon & Mori",
    2026,
    "Theory of Optimal Learning Rate Schedules and Scaling Laws for a Random Feature Model",
    "arXiv:2602.04774",
)

_needed_over = cache(theory_results.needed_over)
_limits = cache(theory_results.limits)
_bound_examples = cache(theory_results.bound_examples)
_optima = cache(theory_results.optima)


@st.cache_resource(max_entries=256, show_spinner=False)
def _needed(condition: str) -> dict[str, int]:
    return theory_results.needed(float(condition))


def follow() -> None:
    """Take the condition number from the link if the browser opens one."""
    link, asks = address.follow("theory", KEYS)
    if asks or "theory_kappa" not in st.session_state:
        st.session_state["theory_kappa"] = _linked(link.get("kappa", ""))


def glossary() -> None:
    """Show the glossary of the page in a popover."""
    words = st.popover(str(say("theory.words")), type="tertiary", key="theory_words", on_change="rerun")
    if words.open:
        words.markdown("\n".join(f"- {say(key)}" for key in keys() if key.startswith("theory.glossary.")))


def valley() -> None:
    """Show the steps that each method needs over the condition number, and in a table at the slider's value."""
    condition = _condition()
    fields = [controls.field(theory_results.CONDITION, condition, key="condition")]
    counts = _needed(theory_results.CONDITION.encode(condition))
    numbers = {"constant": counts["constant_best"], "momentum": counts["heavy_ball_tuned"], "fewest": counts["chebyshev"]}
    left, right = _section("valley", say("theory.valley.reading", kappa=condition, **numbers))
    conditions, lines = _needed_over()
    with left:
        _panel("valley", Chart("sequences", sequences_figure(conditions, lines, at=condition)))
    with right:
        at = controls.container("theory_condition", fields)
        entries = [(_named(method, *STYLES[method]), format_number(count)) for method, count in counts.items()]
        _table("valley", (say("theory.valley.method"), say("theory.valley.needed")), entries)
        _formula("valley", r"\max_{\mu \le \lambda \le L} \; \prod_{t=0}^{n-1} (1 - \eta_t \lambda)^2")
        st.caption(str(say("theory.valley.note")))
        _sources(SILVER, FRACTAL)
        with at:
            controls.controls(fields, key="theory_condition")


def limits() -> None:
    """Show stability limits over momentum."""
    momentum, heavy_ball, nesterov = _limits()
    shown = {beta: int(abs(momentum - beta).argmin()) for beta in (0, 0.5, 0.9, 0.99)}
    left, right = _section("limits", say("theory.limits.reading", nesterov=float(nesterov[shown[0.9]])))
    with left:
        _panel("limits", Chart("limits", limits_figure(momentum, heavy_ball, nesterov)))
    with right:
        entries = [
            (format_number(beta), format_number(float(heavy_ball[at])), format_number(float(nesterov[at])))
            for beta, at in shown.items()
        ]
        _table("limits", [say(f"theory.limits.{word}") for word in ("momentum", "heavy_ball", "nesterov")], entries)
        st.caption(str(say("theory.limits.note")))
        _formula(
            "limits",
            r"\eta < \frac{2}{\lambda}, \qquad \eta < \frac{2 + 2\beta}{\lambda}, \qquad "
            r"\eta < \frac{2 + 2\beta}{(1 + 2\beta)\,\lambda}",
        )
        _sources(GOH, LESSARD)


def bound() -> None:
    """Show the bound of a schedule and its runs."""
    met = _bound_examples()
    left, right = _section("bound")
    with right:
        chosen = st.segmented_control(
            str(say("theory.bound.choose")),
            list(met),
            default="wsd",
            required=True,
            format_func=lambda name: str(say(f"theory.schedule.{name}")),
            key="promise",
            bind="query-params",
        )
    shown = met[chosen or "wsd"]
    times = float(shown.bound[-1] / shown.losses[-1].mean())
    with left:
        st.markdown(str(say("theory.bound.reading", times=times, seeds=theory_results.SEEDS)))
        figure = bound_figure(shown.stops, shown.losses, shown.bound, over=shown.over)
        _panel("bound", Chart("rate", rate_figure([Rates(str(say("figure.this")), shown.rates)])), Chart("loss", figure))
    with right:
        columns = say("theory.bound.schedule"), say("theory.bound.end_bound"), say("theory.bound.end_loss")
        entries = [
            (
                escape(str(say(f"theory.schedule.{name}"))),
                format_number(float(one.bound[-1])),
                format_number(float(one.losses[-1].mean())),
            )
            for name, one in met.items()
        ]
        _table("bound", columns, entries, chosen=list(met).index(chosen or "wsd"))
        st.caption(str(say("theory.bound.problem", steps=theory_results.STEPS)) + " " + str(say("theory.bound.rank")))
        _formula(
            "bound",
            r"\frac{D^2 + Q_1}{2 S_1} + \frac{1}{2} \sum_{k=1}^{T-1} \frac{\eta_k}{S_{k+1}} \frac{Q_k}{S_k}",
            r"S_k = \sum_{t=k}^{T} \eta_t, \qquad Q_k = G^2 \sum_{t=k}^{T} \eta_t^2",
        )
        _sources(DEFAZIO, SCHAIPP)


def best() -> None:
    """Show the best schedules of an easy and of a hard bowl, each with the common schedule whose loss is closest."""
    optima = _optima()
    closest = {name: str(say(f"theory.schedule.{found.closest}")) for name, found in optima.items()}
    worst = max(found.regrets[found.closest] for found in optima.values()) - 1
    left, right = _section("best", say("theory.best.reading", worst=worst))
    with left:
        drawn = []
        for name, found in optima.items():
            rival = theory_results.COMPARED_WITH_BEST[found.closest].replace(peak_lr=found.peaks[found.closest]).lrs()
            title = str(say(f"theory.best.{name}"))
            drawn.append(Chart(name, best_figure(title, found.rates, (closest[name], rival), found.limit)))
        _panel("best", *drawn)
    with right:
        entries = [
            (
                escape(str(say(f"theory.schedule.{name}"))),
                *(str(say("theory.best.times", times=o.regrets[name])) for o in optima.values()),
            )
            for name in theory_results.COMPARED_WITH_BEST
        ]
        _table("best", (say("theory.bound.schedule"), *(say(f"theory.best.{name}") for name in optima)), entries)
        st.caption(str(say("theory.best.table")))
        for name, found in optima.items():
            _link(name, found)
        _formula(
            "best",
            r"\eta_t = \frac{\sum_i p_i \lambda_i A_i}{\sum_i p_i \, (\lambda_i^2 A_i + c_i)}",
            r"p_i \leftarrow (1 - \eta_t \lambda_i)^2 p_i",
        )
        st.caption(str(say("theory.best.noise")))
        _sources(LI, BORDELON)


def _link(name: str, optimum: theory_results.Optimum) -> None:
    """Show a link to Explore with the closest common schedule on this bowl."""
    bowl = theory_results.BOWLS[name]
    schedule = theory_results.COMPARED_WITH_BEST[optimum.closest].replace(peak_lr=optimum.peaks[optimum.closest])
    title = str(say("theory.try", title=say(f"theory.best.{name}_link")))
    query = address.kept_query() | {"run": to_token(Run(schedule=schedule, problem=bowl))}
    st.page_link("pages/explore.py", label=title, query_params=query)


def _condition() -> float:
    """The condition number to show, with the user's last change of its slider."""
    fields = [controls.field(theory_results.CONDITION, theory_results.CONDITION.default, key="condition")]
    change = controls.latest("theory_condition")
    if change is not None and state.is_new("theory_condition", change.seq):
        value = controls.accept(change, fields)
        if value is not None:
            st.session_state["theory_kappa"] = value
            if change.final:
                address.write({"kappa": theory_results.CONDITION.encode(value)}, KEYS)
    return float(st.session_state["theory_kappa"])


def _linked(text: str) -> float:
    try:
        return float(theory_results.CONDITION.repair(theory_results.CONDITION.decode(text)))
    except ValueError:
        return float(theory_results.CONDITION.default)


def _section(name: str, reading: Sentence | None = None) -> tuple[DeltaGenerator, DeltaGenerator]:
    """A heading with a wide and a narrow column under it, which are returned; the sentence stands above the chart."""
    with st.container(key=f"theory_{name}"):
        st.subheader(str(say(f"theory.{name}.title")), anchor=name)
        wide, narrow = st.columns([5, 3], gap="medium")
    if reading is not None:
        wide.markdown(str(reading))
    return wide, narrow


def _panel(name: str, *drawn: Chart) -> None:
    with charts.container(f"{name}_charts"):
        panel(*drawn, large=address.projector(), key=f"{name}_charts")


def _formula(name: str, *lines: str) -> None:
    st.markdown(str(say(f"theory.{name}.formula")))
    with st.container(key=f"{name}_formula", gap=None):
        for latex in lines:
            st.latex(latex)


def _sources(*sources: Source) -> None:
    st.caption("  \n".join(str(say("theory.source", source=str(source))) for source in sources))


def _named(method: str, color: str, dash: str) -> str:
    """The name of a method after a sample of its line, as HTML."""
    style = f"border-top: 2px {DASHES[dash]} var(--a-{color.removeprefix('@')})"
    return f'<i style="{style}"></i>{escape(str(say(f"theory.method.{method}")))}'


def _table(name: str, head: Sequence[Sentence], entries: Iterable[Sequence[str]], *, chosen: int | None = None) -> None:
    """Show a small table: the first column is HTML, the others are numbers."""
    cells = "".join(f"<th scope='col'>{escape(str(cell))}</th>" for cell in head)
    lines = "".join(
        f"<tr{' aria-current=true' if i == chosen else ''}><th scope='row'>{line[0]}</th>"
        + "".join(f"<td>{escape(cell)}</td>" for cell in line[1:])
        + "</tr>"
        for i, line in enumerate(entries)
    )
    st.container(key=f"{name}_table").html(
        f'<table class="anneal-table"><thead><tr>{cells}</tr></thead><tbody>{lines}</tbody></table>'
    )
