"""The row of verbs over the charts of Explore: four menus of presets, Drive, Pin, Undo, Show, Share, Projector.

One element shows them all, because each element costs server time at every rerun. `mount` sends their texts once in a full run;
`verbs_data` is what changes as sliders move, and comes with the charts (`live.send`). A press is a `Change` of the element, as
of sliders: its key is the verb, its value what was chosen in a menu.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from pages.parts import address, state
from pages.parts.assets import component
from pages.parts.controls.controls import Change, latest
from pages.parts.explore.presets import PRESETS, SHAPE_MENU, SHAPES
from pages.parts.state import SHOWN, Setting
from pages.parts.verbs import qr
from schedules import Run
from schedules.lessons import ALL, Lesson, considered, lessons
from schedules.training.driving import levels_of, refusal
from schedules.words import say

VERBS = "verbs"
"""The key of the element."""
SHORT = ("undo", "share", "projector")
"""The verbs of the short row of another page."""
BUTTONS = ("drive", "pin", "undo", "show", "share", "projector")
"""The verbs after the menus of presets, in their order; `verbs.js` has a function for those with a menu."""
_verbs = component(
    "anneal_verbs",
    "verbs/verbs.js",
    draw="drawVerbs",
    remove="removeVerbs",
    html='<div class="anneal-verbs" role="toolbar"></div>',
)


def mount(setting: Setting) -> None:
    """Mount the row with its texts; a picture of the charts is named after the setting."""
    heard = pressed()
    data = {
        "label": str(say("explore.verbs.all")),
        "menus": _menus(setting),
        "buttons": {name: _texts(f"explore.verbs.{name}") for name in BUTTONS},
        "unpin": _texts("explore.verbs.unpin"),
        "drive_again": _texts("explore.verbs.drive_again"),
        "show": {name: _texts(f"explore.show.{name}") for name in SHOWN},
        "share": _share(_picture_name(setting.run)),
        "projector": address.projector(),
        "heard": heard.seq if heard else 0,
    }
    _verbs(key=VERBS, data=data, on_move_change=lambda: None)


def mount_short(
    panel: str,
    file: str,
    *,
    undoes: bool | None = None,
    menus: Sequence[Mapping[str, Any]] = (),
    query: Mapping[str, str] | None = None,
) -> None:
    """Mount the row of `SHORT` verbs.

    Args:
        panel: the key of the charts that a picture shows.
        file: the name of the picture.
        undoes: whether there is a change to undo; by default of the setting of Explore and Your run.
        menus: menus of presets before the verbs, as for `verbs.js`.
        query: the query of the link to share; by default that of the address, which a page that was only opened does not set.
    """
    heard = pressed()
    data = {
        "label": str(say("explore.verbs.all")),
        "menus": list(menus),
        "buttons": {name: _texts(f"explore.verbs.{name}") for name in SHORT},
        "share": _share(file, panel, query),
        "projector": address.projector(),
        "heard": heard.seq if heard else 0,
        "state": {"undoes": state.undoes() if undoes is None else undoes, "offers": []},
    }
    _verbs(key=VERBS, data=data, on_move_change=lambda: None)


def verbs_data(setting: Setting, offers: tuple[str, ...]) -> dict[str, Any]:
    """The part of the row that changes with the setting; `offers` is what can be shown."""
    refused = refusal(setting.run)
    return {
        "drives": state.drives(),
        "drivable": setting.run.problem.trains,
        "driven": levels_of(setting.run) is not None,
        "refused": "" if refused is None else str(refused),
        "pinned": setting.pinned is not None,
        "undoes": state.undoes(),
        "offers": list(offers),
        "shown": setting.shown,
    }


def pressed() -> Change | None:
    """The last press, readable before the row is mounted."""
    return latest(VERBS)


def new_press() -> Change | None:
    """The last press if it is new, which is then marked as handled; else None."""
    press = pressed()
    return press if press is not None and state.is_new(VERBS, press.seq) else None


def _texts(key: str) -> dict[str, str]:
    """The label of a verb or of an entry, and its explanation."""
    return {"label": str(say(key)), "help": str(say(f"{key}_help"))}


def _share(file: str, panel: str = "", query: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Data of the menu to share; the sentence on a link that is too long is filled by the browser.

    `panel` is the key of the charts on a picture; empty for those of Explore. `query` is that of the link, by default that of
    the address.
    """
    key = "explore.share"
    plain = ("copy_link", "copied", "by_hand", "qr", "qr_alt", "qr_failed", "picture", "saved", "no_picture")
    words = {name: str(say(f"{key}.{name}")) for name in plain}
    words["qr_too_long"] = str(say(f"{key}.qr_too_long", bytes="{bytes}", most=qr.MOST))
    link = urlencode(query) if query else ""
    return {"address": qr.PATH, "most": qr.MOST, "file": file, "key": panel, "query": link, "words": words}


def _picture_name(run: Run) -> str:
    names = {"policy": run.schedule.policy.slug, "problem": run.problem.slug, "optimizer": run.optimizer.slug}
    return str(say("explore.share.file", **names))


def _menus(setting: Setting) -> list[dict[str, Any]]:
    """The menus of presets; one menu of shapes where a loss is predicted, because the others speak of what is trained."""
    if not setting.run.problem.trains:
        return [_menu(0, SHAPE_MENU, SHAPES, [lessons()["short_cooldown"]])]
    return [_menu(number, name, PRESETS[name], [*considered(name), *considered(ALL)]) for number, name in enumerate(PRESETS, 1)]


def _menu(number: int, consideration: str, presets: Iterable[str], taught: Iterable[Lesson]) -> dict[str, Any]:
    """A menu of presets, with what to look at and the lessons on it."""
    key = f"explore.presets.{consideration}"
    links = [
        {
            "key": lesson.slug,
            "label": str(say("lessons.link", title=lesson.title)),
            "href": "lessons?" + urlencode(address.kept_query() | {"lesson": lesson.slug}),
        }
        for lesson in taught
    ]
    return {
        "key": consideration,
        "label": str(say(f"{key}.verb", number=number)),
        "title": str(say(f"{key}.title")),
        "look": str(say(f"{key}.look")),
        "presets": [{"key": f"{consideration}.{name}", "label": str(say(f"{key}.{name}"))} for name in presets],
        "lessons": links,
    }
