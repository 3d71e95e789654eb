"""Links of every kind that existed at one commit still open the same settings.

`links.json` was written once, at the commit that it names, and is only extended. A link's expected values are those of
`defaults`, for the run and for the classes that it names, overridden by its own. A renamed field is looked up under its new
name in `RENAMED`; the link keeps the old one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pages.parts import state
from schedules import Run, Schedule
from schedules.core.params import Nested
from schedules.core.spec import Spec
from schedules.lessons import lessons

DATA = json.loads((Path(__file__).parent / "links.json").read_text(encoding="utf-8"))
RENAMED: Mapping[str, str] = {}
"""Fields renamed since that commit, from the old name to the new one."""
HOLDERS = ("policy", "problem", "optimizer", "feedback")


def fields(spec: Spec, prefix: str = "") -> dict[str, Any]:
    """The values of a declared object by their names in links, as they would be in JSON."""
    found: dict[str, Any] = {}
    for param in spec.params:
        value, key = getattr(spec, param.name), prefix + param.name
        if isinstance(param, Nested):
            found |= {} if param.flat else {key: value.slug}
            found |= fields(value, prefix if param.flat else f"{key}.")
        else:
            found[key] = json.loads(json.dumps(value))
    return found


def expected(given: Mapping[str, Any]) -> dict[str, Any]:
    """All values of a run that sets these."""
    usual = DATA["defaults"]["run"] | given
    for holder in HOLDERS:
        usual |= DATA["defaults"][f"{holder}:{usual[holder]}"]
    return usual | given


def same(link: object, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    for name, value in wanted.items():
        now = found.get(RENAMED.get(name, name), "nothing")
        assert now == value, f"{link}: {name} is {now}, and was {value}"


def same_rates(link: object, schedule: Schedule, rates: Mapping[str, float]) -> None:
    for step, rate in rates.items():
        now = float(schedule(int(step)))
        assert now == pytest.approx(rate, rel=1e-9, abs=1e-300), f"{link}: the rate at step {step} is {now}, and was {rate}"


@pytest.mark.parametrize("link", DATA["links"], ids=lambda link: link["kind"])
def test_old_links_open_the_same_setting(link):
    query = link["query"]
    setting, notices = state.read(query)
    assert not notices, f"{query}: {notices[0]}"
    same(query, fields(setting.run), expected(link["run"]))
    same_rates(query, setting.run.schedule, link["rates"])
    if "pin" in query:
        assert setting.pinned is not None, f"{query}: nothing is pinned"
        same(query, fields(Run(schedule=setting.pinned)), expected(link["pin"]))
        same_rates(query, setting.pinned, link["pin_rates"])
    if "units" in query:
        assert setting.units is not None, f"{query}: there are no units"
        same(query, fields(setting.units), DATA["defaults"]["units"] | link["units"])
    if "real" in query:
        assert setting.real is not None, f"{query}: there is no real run"
        same(query, fields(setting.real), DATA["defaults"]["real"] | link["real"])


@pytest.mark.parametrize("link", DATA["lessons"], ids=lambda link: f"{link['lesson']}-{link['step']}")
def test_old_lesson_links_open_the_same_question(link):
    step = lessons()[link["lesson"]].steps[link["step"] - 1]
    assert step.right == link["right"], f"{link['query']}: the answer is {step.right}, and was {link['right']}"


def test_every_kind_of_link_is_recorded():
    kinds = {link["kind"].partition(" ")[0] for link in DATA["links"]}
    assert kinds >= {"README", "button", "consideration", "lesson", "card", "policy", "problem", "optimizer", "feedback"}
    assert kinds >= {"schedule", "units", "pin", "real"}
