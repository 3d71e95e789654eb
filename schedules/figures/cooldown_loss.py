"""Chart of final losses over the cool-down at one peak, with a cosine beside them."""

from __future__ import annotations

from schedules.core.numbers import format_number
from schedules.figures import theme
from schedules.figures.theme import Figure
from schedules.theory.short_cooldowns import LossRow
from schedules.words import say

ROOM = 0.08
"""Share of the range of the losses that is left free below and above."""


def cooldown_loss_figure(row: LossRow, title: str, *, names: tuple[str, str]) -> Figure:
    """A line from the shortest cool-down on, with rings on the losses that tie for the lowest, and the cosine as a level.

    Args:
        row: the losses.
        title: what was trained.
        names: of the line and of the cosine, in the legend.
    """
    drawn = {share: loss for share, loss in row.losses.items() if share}
    shares, losses = list(drawn), theme.rounded(drawn.values())
    found = [*drawn.values(), row.cosine]
    room = ROOM * (max(found) - min(found))
    ends = (min(found) - room, max(found) + room)
    cooled = theme.line("run", "@run", shares, losses, name=names[0]) | theme.points("@run", 7)
    cosine = theme.line("cosine", "@run_3", [4, 104], theme.rounded([row.cosine] * 2), name=names[1], dash="dash")
    ring = {"symbol": "circle-open", "size": 14, "color": "@run", "line": {"width": 2}}
    tied = theme.line(
        "tied",
        "@run",
        list(row.tied),
        theme.rounded(row.losses[share] for share in row.tied),
        name=str(say("figure.cooldown_loss.tied", tolerance=row.tolerance)),
        dash="dot",
    )
    tied |= {"mode": "markers", "marker": ring}
    alt = say(
        "figure.alt.cooldown_loss",
        title=title,
        peak=row.peak,
        best=row.best,
        lowest=row.losses[row.best],
        cosine=row.cosine,
    )
    x = (4.0, 104.0)
    layout = theme.plain_layout(
        title,
        str(alt),
        subtitle=str(say("figure.cooldown_loss.peak", peak=row.peak)),
        x={"linear": list(x), "log": None, "scale": "linear"},
        y={"linear": list(ends), "log": None, "scale": "linear"},
        still=True,
    )
    layout |= {
        "margin": layout["margin"] | {"b": 40},
        "xaxis": theme.axis(
            type="linear",
            range=list(x),
            fixedrange=True,
            showline=True,
            title={"text": str(say("figure.worlds.cooldown"))},
            tickvals=shares,
            ticktext=[format_number(share) for share in shares],
        ),
        "yaxis": theme.y_axis(ends, None, fixedrange=True),
    }
    return {"data": [one | {"hoverinfo": "skip"} for one in (cosine, cooled, tied)], "layout": layout}
