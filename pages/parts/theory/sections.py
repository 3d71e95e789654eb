"""The five sections of the page Theory: a control and a sentence, a chart and its numbers; formulas and sources are folded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from html import escape
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts import address, state
from pages.parts.controls import controls
from pages.parts.panel import panel as charts
from pages.parts.panel.panel import Chart, panel
from pages.parts.tables import html_table
from schedules import Run, from_token, to_token
from schedules.core.numbers import format_number
from schedules.core.params import Number
from schedules.core.spec import Source
from schedules.figures.best import best_figure
from schedules.figures.bound import bound_figure
from schedules.figures.chapter import chapter_figure
from schedules.figures.limits import limits_figure
from schedules.figures.rate import rate_figure
from schedules.figures.runs import Rates
from schedules.figures.sequences import STYLES, sequences_figure
from schedules.lessons import chapter
from schedules.theory.bound import SOURCES as BOUND_SOURCES
from schedules.theory.peak_ratio import peak_ratio
from schedules.theory.peak_sentences import rests_on, wants
from schedules.theory.subgradient import BoundedRun
from schedules.training import theory_results
from schedules.training.exact import LONGEST
from schedules.training.own_numbers import adopt
from schedules.training.problems import directions_of
from schedules.words import Sentence, keys, say

SLIDERS = {"kappa": theory_results.CONDITION, "beta": theory_results.MOMENTUM, "noise": theory_results.NOISE}
"""The page's own sliders by the query parameter that holds the value; the other controls are Streamlit's."""
KEYS = tuple(SLIDERS)
NAMES = ("valley", "limits", "bound", "best", "chapter")
"""The sections in their order."""
EXPLORE = "explore"
"""Option for the schedule of Explore among those whose bound is shown."""
WIDE = ("best", "chapter")
"""Sections with the numbers below the charts."""
NONE = "–"
"""Cell of a table without a number."""
TERMS = ("limit", "best", "expected", "noise", "seeds", "peak", "warmup")
"""Terms of Explore that mean the same in the sentences of this page."""
PLOTTED = "plotted"
"""Option for the chapter's figures as they are plotted."""
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
_optima = lru_cache(maxsize=64)(theory_results.optima)


@st.cache_resource(max_entries=256, show_spinner=False)
def _needed(condition: str) -> dict[str, int]:
    return theory_results.needed(float(condition))


@st.cache_resource(max_entries=64, show_spinner=False)
def _bound_of(token: str) -> BoundedRun | None:
    return theory_results.bound_of(from_token(token)[0].schedule)


@st.cache_resource(max_entries=64, show_spinner=False)
def _distance(token: str) -> theory_results.Distance | None:
    return theory_results.distance(from_token(token)[0])


class _Section(NamedTuple):
    """The name of a section and its containers, in their order: control and sentence, chart and numbers, and what is folded."""

    name: str
    control: DeltaGenerator
    sentence: DeltaGenerator
    chart: DeltaGenerator
    numbers: DeltaGenerator
    more: DeltaGenerator

    def fold(self) -> DeltaGenerator:
        """The closed fold at the end, mounted once the chart above it is: else it would move."""
        return self.more.expander(str(say("theory.more")), key=f"{self.name}_more")


class _Slider(NamedTuple):
    """A slider of the page: its value, its field, the key of its element, and the container of that."""

    value: float
    field: controls.Field
    element: str
    container: DeltaGenerator

    def mount(self) -> None:
        """Show the slider."""
        with self.container:
            controls.controls([self.field], key=self.element)


def follow() -> None:
    """Take the values of the sliders from the link if the browser opens one."""
    link, asks = address.follow("theory", KEYS)
    for key, param in SLIDERS.items():
        if asks or _record(key) not in st.session_state:
            st.session_state[_record(key)] = _linked(param, link.get(key, ""))


def contents() -> None:
    """Show links to the sections, and the glossary of the page in a popover."""
    with st.container(key="theory_contents", horizontal=True, vertical_alignment="center"):
        links = "".join(f'<a href="#{name}" target="_self">{escape(str(say(f"theory.{name}.title")))}</a>' for name in NAMES)
        st.html(f'<nav class="anneal-contents" aria-label="{escape(str(say("theory.contents")))}">{links}</nav>')
        words = st.popover(str(say("theory.words")), type="tertiary", key="theory_words", on_change="rerun")
        if words.open:
            words.markdown("\n".join(f"- {say(key)}" for key in keys() if key.startswith("theory.glossary.")))


def valley() -> None:
    """Show the steps that each method needs over the condition number, and in a table at the slider's value."""
    section = _section("valley")
    slider = _slider("kappa", section.control)
    condition = slider.value
    counts = _needed(theory_results.CONDITION.encode(condition))
    numbers = {"constant": counts["constant_best"], "momentum": counts["heavy_ball_tuned"], "fewest": counts["chebyshev"]}
    _say(section.sentence, say("theory.valley.reading", kappa=condition, **numbers))
    conditions, lines = _needed_over()
    with section.chart:
        _panel("valley", Chart("sequences", sequences_figure(conditions, lines, at=condition)))
    with section.numbers:
        entries = [(_named(method, *STYLES[method]), format_number(count)) for method, count in counts.items()]
        _table("valley", (say("theory.valley.method"), say("theory.valley.needed")), entries)
    with section.fold():
        _formula("valley", r"\max_{\mu \le \lambda \le L} \; \prod_{t=0}^{n-1} (1 - \eta_t \lambda)^2")
        st.caption(str(say("theory.valley.note")))
        _sources(SILVER, FRACTAL)
    slider.mount()


def limits() -> None:
    """Show stability limits over momentum, and in a table at the slider's value."""
    section = _section("limits")
    slider = _slider("beta", section.control)
    reached = theory_results.limits_at(slider.value)
    _say(section.sentence, say("theory.limits.reading", beta=slider.value, **reached))
    with section.chart:
        _panel("limits", Chart("limits", limits_figure(*_limits(), at=slider.value)))
    with section.numbers:
        known = directions_of(state.latest().run.problem)
        steepest = float(known.curvature.max()) if known else None
        head = [say("theory.valley.method"), say("theory.limits.times")]
        head += [say("theory.limits.here", steepest=steepest)] if steepest else []
        entries = [
            (escape(str(say(f"theory.limits.{name}"))), *(format_number(limit / over) for over in (1.0, steepest) if over))
            for name, limit in reached.items()
        ]
        _table("limits", head, entries)
    with section.fold():
        _formula(
            "limits",
            r"\eta < \frac{2}{\lambda}, \qquad \eta < \frac{2 + 2\beta}{\lambda}, \qquad "
            r"\eta < \frac{2 + 2\beta}{(1 + 2\beta)\,\lambda}",
        )
        st.caption(str(say("theory.limits.note")))
        _sources(GOH, LESSARD)
    slider.mount()


def bound() -> None:
    """Show the bound of a schedule and its runs: that of Explore, or a common one."""
    section = _section("bound")
    met: dict[str, BoundedRun | None] = {EXPLORE: _bound_of(to_token(state.latest().run)), **_bound_examples()}
    with section.control:
        chosen = st.segmented_control(
            str(say("theory.bound.choose")),
            list(met),
            default=EXPLORE,
            required=True,
            format_func=lambda name: str(say(f"theory.schedule.{name}")),
            key="promise",
            bind="query-params",
        )
    shown = met[chosen or EXPLORE]
    if shown is None:
        _say(section.sentence, say("theory.bound.no_step"))
    else:
        end = float(shown.losses[-1].mean())
        times = float(shown.bound[-1]) / end
        _say(section.sentence, say("theory.bound.reading", loss=end, times=times, seeds=theory_results.SEEDS))
    if shown is not None:
        with section.chart:
            figure = bound_figure(shown.stops, shown.losses, shown.bound, over=shown.over)
            _panel("bound", Chart("rate", rate_figure([Rates(str(say("figure.this")), shown.rates)])), Chart("loss", figure))
    with section.numbers:
        columns = say("theory.bound.schedule"), say("theory.bound.end_bound"), say("theory.bound.end_loss")
        entries = [
            (
                escape(str(say(f"theory.schedule.{name}"))),
                format_number(float(one.bound[-1])) if one else NONE,
                format_number(float(one.losses[-1].mean())) if one else NONE,
            )
            for name, one in met.items()
        ]
        _table("bound", columns, entries, chosen=list(met).index(chosen or EXPLORE))
        given = theory_results.BOUND_EXAMPLES.get(chosen or EXPLORE, state.latest().run.schedule)
        ratio = peak_ratio(given)
        if ratio is not None:
            st.container(key="bound_peak").caption(f"{wants(ratio)} {rests_on(ratio)}")
    with section.fold():
        st.markdown(str(say("theory.bound.about")))
        _formula(
            "bound",
            r"\frac{D^2 + Q_1}{2 S_1} + \frac{1}{2} \sum_{k=1}^{T-1} \frac{\eta_k}{S_{k+1}} \frac{Q_k}{S_k}",
            r"S_k = \sum_{t=k}^{T} \eta_t, \qquad Q_k = G^2 \sum_{t=k}^{T} \eta_t^2",
        )
        st.caption(str(say("theory.bound.problem", steps=theory_results.STEPS)) + " " + str(say("theory.bound.rank")))
        _sources(*BOUND_SOURCES)


def best() -> None:
    """Show the best schedules of two bowls, each with the closest common schedule, and the one of the run on Explore."""
    section, run = _section("best"), state.latest().run
    slider = _slider("noise", section.control, live=False)  # half a second of computation
    level = slider.value
    optima, met = _optima(level), _distance(to_token(run))
    closest = {name: str(say(f"theory.schedule.{found.closest}")) for name, found in optima.items()}
    numbers = {f"{name}_more": found.regrets[found.closest] - 1 for name, found in optima.items()}
    _say(section.sentence, say("theory.best.reading", **closest, **numbers))
    with section.chart:
        drawn = []
        for name, found in optima.items():
            rival = theory_results.COMPARED_WITH_BEST[found.closest].replace(peak_lr=found.peaks[found.closest]).lrs()
            title = str(say(f"theory.best.{name}"))
            drawn.append(Chart(name, best_figure(title, found.rates, (closest[name], rival), found.limit)))
        if met is not None:
            compared = str(run.schedule.policy.text("title")), met.rates
            drawn.append(Chart(EXPLORE, best_figure(str(say("theory.schedule.explore")), met.best, compared, met.limit)))
        _panel("best", *drawn)
    with section.numbers:
        entries = [
            (
                escape(str(say(f"theory.schedule.{name}"))),
                *(str(say("theory.best.times", times=o.regrets[name])) for o in optima.values()),
            )
            for name in theory_results.COMPARED_WITH_BEST
        ]
        table, links = st.columns(2, gap="medium")
        with table:
            _table("best", (say("theory.bound.schedule"), *(say(f"theory.best.{name}") for name in optima)), entries)
        below = links.container(key="best_links")
        with below:
            _say(below, _distance_sentence(met))
            st.caption(str(say("theory.best.table")))
            for name, found in optima.items():
                _link(name, found, level)
    with section.fold():
        st.markdown(str(say("theory.best.about")))
        _formula(
            "best",
            r"\eta_t = \frac{\sum_i p_i \lambda_i A_i}{\sum_i p_i \, (\lambda_i^2 A_i + c_i)}",
            r"p_i \leftarrow (1 - \eta_t \lambda_i)^2 p_i",
        )
        st.caption(str(say("theory.best.noise")))
        _sources(LI, BORDELON)
    slider.mount()


def replayed() -> None:
    """Show the five figures of the chapter, with the rates that its published runs used."""
    section = _section("chapter")
    with section.control:
        chosen = st.segmented_control(
            str(say("chapter.choose")),
            [PLOTTED, *chapter.FRAMEWORKS],
            default=PLOTTED,
            required=True,
            format_func=lambda name: str(say(f"chapter.framework.{name}")),
            key="used",
            bind="query-params",
        )
    framework = chosen if chosen in chapter.FRAMEWORKS else None
    if framework is None:
        _say(section.sentence, say("theory.chapter.reading"))
    else:
        name = say(f"chapter.framework.{framework}")
        count = chapter.changed(framework)
        _say(section.sentence, say("theory.chapter.used", framework=name, count=count, runs=len(chapter.FIGURES) - 1))
    with section.chart:
        _panel("chapter", *(_chapter_chart(number, figure, framework) for number, figure in enumerate(chapter.FIGURES, 1)))
        with st.container(key="chapter_links", horizontal=True):
            for figure in chapter.FIGURES:
                query = address.kept_query() | state.Setting(adopt(Run(schedule=figure.schedule))).link()
                label = str(say("theory.try", title=say(f"chapter.title.{figure.slug}")))
                st.page_link("pages/explore.py", label=label, query_params=query)
    with section.fold():
        st.markdown(str(say("theory.chapter.about")))
        st.caption(str(say("theory.chapter.note")))
        _sources(*chapter.SOURCES)


def _chapter_chart(number: int, figure: chapter.ChapterFigure, framework: chapter.Framework | None) -> Chart:
    used = figure.used(framework) if framework else None
    drawn = chapter_figure(
        f"{number} {say(f'chapter.title.{figure.slug}')}",
        figure.plotted,
        str(say(f"chapter.{framework or 'as_plotted'}.{figure.slug}")),
        used=used,
        framework=str(say(f"chapter.framework.{framework}")) if framework else "",
        constant=chapter.CONSTANT if figure.slug == "square_root" else None,
    )
    return Chart(figure.slug, drawn)


def _distance_sentence(met: theory_results.Distance | None) -> Sentence:
    """Show the distance of the run on Explore from the best possible schedule of its problem."""
    if met is None:
        return say("theory.best.unknown", steps=LONGEST)
    if met.tuned is None:
        return say("theory.best.nothing")
    if met.regret is None:
        return say("theory.best.above", peak=met.peak, tuned=met.tuned)
    return say("theory.best.distance", times=met.regret, peak=met.peak, tuned=met.tuned)


def _link(name: str, optimum: theory_results.Optimum, noise: float) -> None:
    """Show a link to Explore with the closest common schedule on this bowl."""
    bowl = theory_results.BOWLS[name].replace(noise=noise)
    schedule = theory_results.COMPARED_WITH_BEST[optimum.closest].replace(peak_lr=optimum.peaks[optimum.closest])
    title = say(f"theory.best.{name}_link", schedule=say(f"theory.schedule.{optimum.closest}"))
    query = address.kept_query() | {"run": to_token(Run(schedule=schedule, problem=bowl))}
    st.page_link("pages/explore.py", label=str(say("theory.try", title=title)), query_params=query)


def _slider(key: str, container: DeltaGenerator, *, live: bool = True) -> _Slider:
    """A slider with the user's last change, not mounted yet: that comes last (see `controls`).

    With `live=False` a change counts once the slider is released.
    """
    param = SLIDERS[key]
    element, record = f"theory_{param.name}", _record(key)
    change = controls.latest(element)
    if change is not None and (live or change.final) and state.is_new(element, change.seq):
        value = controls.accept(change, [controls.field(param, param.default, key=param.name)])
        if value is not None:
            st.session_state[record] = value
            if change.final:
                address.write(_link_of_sliders(), KEYS)
    value = float(st.session_state[record])
    field = controls.field(param, value, key=param.name)
    with container:
        return _Slider(value, field, element, controls.container(element, [field]))


def _link_of_sliders() -> dict[str, str]:
    """The query parameters of the sliders that were moved from their defaults."""
    values = {key: (param, float(st.session_state[_record(key)])) for key, param in SLIDERS.items()}
    return {key: param.encode(value) for key, (param, value) in values.items() if value != param.default}


def _record(key: str) -> str:
    return f"theory_value_{key}"


def _linked(param: Number, text: str) -> float:
    try:
        return float(param.repair(param.decode(text)))
    except ValueError:
        return float(param.default)


def _section(name: str) -> _Section:
    """Show the heading of a section, and return the section with its containers, which are still empty."""
    with st.container(key=f"theory_{name}"):
        st.subheader(str(say(f"theory.{name}.title")), anchor=name)
        control, sentence = st.columns([3, 5], gap="medium")
        chart, numbers = st.columns([5, 3], gap="medium") if name not in WIDE else (st.container(), st.container())
        more = st.container()
    with sentence:
        sentence = st.container(key=f"{name}_reading")
    return _Section(name, control, sentence, chart, numbers, more)


def _say(container: DeltaGenerator, sentence: Sentence) -> None:
    """Show a sentence in which the browser marks the terms that mean the same on this page."""
    container.html(f'<p data-terms="{" ".join(TERMS)}">{escape(str(sentence))}</p>')


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
    st.container(key=f"{name}_table").html(html_table(head, entries, chosen=chosen))
