"""A page with one control of every kind, which prints the values and changes that it received."""

from __future__ import annotations

import json
import time

import streamlit as st
from starlette.middleware import Middleware

from pages.parts.assets import HeadMiddleware, routes
from pages.parts.controls.controls import accept, container, controls, field, latest
from schedules.core.params import Choice, Knots, Number, Spans, Switch
from schedules.core.quantities import Rate, Steps, mapped

PARAMS = {
    "peak_lr": Number(
        label="Peak rate", symbol=r"\eta_0", default=0.1, low=1e-8, high=100, scale="log",
        doc="The largest learning rate of the run.", names=("lr", "max_lr", "base_lr"),
    ),
    "policy.floor": Number(
        label="Floor", symbol=r"\phi", default=0.0, low=0.0, high=0.5, kind="ratio", quantity=Rate,
        doc="Where the decay ends, as a ratio of the peak.", names=("eta_min", "alpha"),
    ),
    "policy.gamma": Number(
        label="Factor per update", symbol=r"\gamma", default=0.99, low=0.01, high=0.999999, scale="log1m",
        doc="What every update multiplies the height by.",
    ),
    "warmup": Number(
        label="Warm-up", symbol="W", default=0.1, low=0.0, high=1.0, kind="span", unit="of the run", quantity=Steps,
        doc="The first part of the plan.", names=("num_warmup_steps",),
    ),
    "total_steps": Number(
        label="Steps", symbol="N", default=500, low=1, high=10_000_000, scale="log", integer=True, unit="steps",
        doc="Length of the run in optimizer steps.", names=("T_max",),
    ),
    "start_x": Number(label="Start x", symbol="x_0", default=3, low=-4, high=4, doc="Start along the flat direction."),
    "after": Choice(
        label="After the plan", default="hold", options=("hold", "continue", "restart"), doc="What happens after the plan."
    ),
    "shape": Choice(
        label="Cool-down shape", default="linear", options=("linear", "cosine", "one_minus_sqrt", "square"),
        labels=("Linear", "Cosine", "1 - sqrt", "Square"), doc="How the rate falls during the cool-down.",
    ),
    "over": Switch(label="Warm-up over the policy", default=False, doc="Whether the policy's clock runs during the warm-up."),
    "policy.points": Knots(
        label="Knots", symbol="v_i", default=((0.0, 0.2), (0.2, 1.0), (1.0, 0.0)), doc="Where the curve passes through."
    ),
    "policy.milestones": Spans(label="Milestones", symbol="m_k", default=(0.5, 0.75), doc="Moments at which the rate falls."),
}  # fmt: skip
PRESET = {"peak_lr": 3e-4, "policy.floor": 0.25, "warmup": 0.2, "after": "restart", "policy.milestones": (0.1, 0.2, 0.9)}


def main() -> None:
    st.set_page_config(page_title="Controls", layout="wide")
    values = st.session_state.setdefault("values", {key: param.default for key, param in PARAMS.items()})
    heard = st.session_state.setdefault("heard", [])
    steps = int(st.query_params.get("n", "500"))
    shown = st.session_state.get("shown", list(PARAMS))

    def fields():
        peaks = {"policy.floor": values["peak_lr"]}
        return [field(PARAMS[key], values[key], key=key, steps=steps, steps_per_epoch=22, peak=peaks.get(key)) for key in shown]

    change = latest("controls")
    if change and change.seq > st.session_state.get("seen", 0):
        st.session_state["seen"] = change.seq
        value = accept(change, fields())
        heard.append([change.key, change.value, change.final])
        values |= {} if value is None else {change.key: value}
    left, right = st.columns([2, 5])
    slot = left.container()
    with right:
        if st.button("Set everything"):
            values |= PRESET
        if st.button("Another policy"):
            shown = [key for key in PARAMS if key != "policy.floor"] if "policy.floor" in shown else list(PARAMS)
            st.session_state["shown"] = shown
        if "work" in st.query_params:
            time.sleep(float(st.query_params["work"]))
        printed = {key: mapped(value, str) for key, value in values.items()}
        st.text(json.dumps({"values": printed, "heard": heard}))
    with slot, container("controls"):
        controls(fields(), key="controls")


if __name__ == "__main__":
    main()
else:
    app = st.App(__file__, routes=routes(), middleware=[Middleware(HeadMiddleware)])
