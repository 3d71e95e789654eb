"""A page with one run whose replay requests its verdicts, and a record of the requests."""

from __future__ import annotations

import streamlit as st
from starlette.middleware import Middleware

from pages.parts.assets import HeadMiddleware, routes
from pages.parts.panel.panel import Chart, container, panel, stops, wants_stops
from schedules import Run
from schedules.figures.loss import loss_figure
from schedules.figures.replay import replay_data, stops_data
from schedules.figures.runs import Measured
from schedules.training.engine import simulate

STOPS = stops_data([(10, 1.5, "stalled", "Stalled at 10."), (400, 0.5, "converged", "Converged at 400.")])


def main() -> None:
    st.set_page_config(page_title="Replay", layout="wide")
    asked = st.session_state.setdefault("asked", [])
    if (of := wants_stops("panel")) is not None:
        asked.append(of)
    trace = simulate([Run()])[0]
    with container("panel"):
        panel(
            Chart("loss", loss_figure([Measured("this", trace.steps, trace.loss)])),
            replay=replay_data(trace.steps, trace.loss),
            of="this",
            asks=True,
        )
        stops(STOPS if "this" in asked else {}, of="this")
    st.text(f"asked for {asked}")


if __name__ == "__main__":
    main()
else:
    app = st.App(__file__, routes=routes(), middleware=[Middleware(HeadMiddleware)])
