"""A step of a lesson that trains a network: its training is a job, and its loss grows on the panel."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from pages.parts import address, charts
from pages.parts.explore import jobs, networks
from pages.parts.lessons.covered import covered_charts
from pages.parts.panel.panel import panel
from pages.parts.state import Setting
from schedules.training.study import Study
from schedules.words import say


def trained(setting: Setting, verdict: DeltaGenerator, drawn: DeltaGenerator, key: str) -> Study | None:
    """The study of a setting once its networks are trained; until then show the training in these containers.

    Args:
        setting: the setting; the first call starts its training.
        verdict: the container of the verdict, for the progress.
        drawn: the container of the panel.
        key: of the panel.
    """
    training = networks.training(setting, advice=False)
    networks.say_progress(training, setting, verdict)
    if training.study is None:
        so_far = training.snapshot.traces if training.snapshot else ()
        shown = charts.unfinished_charts(setting, so_far) if so_far else covered_charts(setting, str(say("lessons.training")))
        with drawn:
            panel(*shown, of=setting.key, large=address.projector(), key=key)
    jobs.watch(setting, networks.draw(setting, key))
    return training.study
