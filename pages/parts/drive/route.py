"""The route that answers with the points of a run that is being driven; it keeps nothing between two requests."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pages.parts.assets import compact, plain_route
from pages.parts.studies import study_lock
from schedules.core.numbers import FloatArray
from schedules.figures.path import path_codes
from schedules.figures.theme import rounded
from schedules.training import driving
from schedules.training.cost import cost, fitted
from schedules.training.problems import analytic
from schedules.training.runs import Run, from_token
from schedules.words import say

PATH = "drive"
"""URL path of the route below the root of the app."""


def drive_route(base: str = "") -> Route:
    """The route, under the server's base path. Starlette calls a plain function in its thread pool."""
    return plain_route(base, PATH, _answer)


def _answer(request: Request) -> Response:
    """The points as JSON; a request that cannot be answered gets status 400 and a sentence as `error`."""
    query = request.query_params
    try:
        status, found = 200, _points(query.get("run", ""), query.get("levels", ""), query.get("known", "0"))
    except ValueError as error:
        status, found = 400, {"error": str(error)}
    return Response(compact(found), status, media_type="application/json", headers={"Cache-Control": "no-store"})


def _points(token: str, levels: str, known: str) -> dict[str, Any]:
    """The points of the run of a token, repaired as on a page, at these levels; raises ValueError if there are none."""
    run = fitted(from_token(token)[0])[0]
    if refused := driving.refusal(run):
        raise ValueError(str(refused))
    read, before = driving.read_levels(levels), driving.read_levels(known)
    if len(before) > 1:
        raise ValueError(str(say("drive.refused.known", most=len(read))))
    with study_lock(cost(run).work, lambda: None):
        found = driving.points(run, read, *before)
    data = {
        "end": found.end,
        "rates": rounded(found.rates),
        "steps": found.steps.tolist(),
        "loss": rounded(found.loss),
    }
    data |= {} if found.limit is None else {"limit": rounded(found.limit)}
    path = found.path
    return data if path is None else data | {"path": codes(run, path)}


def codes(run: Run, path: FloatArray) -> list[int]:
    """Positions of the first seed, shape (k, 2), as the numbers of the path chart: x and y in turn, or x alone on a curve."""
    problem = analytic(run.problem)
    extent = problem.extent()
    return path_codes(path[:, : len(extent)], (extent[0], extent[-1])).ravel().tolist()
