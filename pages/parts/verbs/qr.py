"""The route that answers with the QR code of a link, which the row of verbs draws after a click."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pages.parts.assets import compact, plain_route
from schedules.words import say

PATH = "qr"
"""URL path of the route below the root of the app."""
MOST = 2_953
"""Bytes that the largest QR code holds, with the lowest level of error correction."""


def qr_route(base: str = "") -> Route:
    """The route, under the server's base path."""
    return plain_route(base, PATH, _answer)


def _answer(request: Request) -> Response:
    """The code as JSON; a link that no code can hold gets status 400 and a sentence as `error`."""
    try:
        status, found = 200, qr_code(request.query_params.get("link", ""))
    except ValueError as error:
        status, found = 400, {"error": str(error)}
    return Response(compact(found), status, media_type="application/json", headers={"Cache-Control": "no-store"})


def qr_code(link: str) -> dict[str, Any]:
    """The modules on a side of the QR code of a link, and its dark ones as an SVG path without a margin.

    Raises ValueError for an empty link and for one of more than `MOST` bytes.
    """
    size = len(link.encode())
    if not 1 <= size <= MOST:
        raise ValueError(str(say("explore.share.qr_too_long", bytes=size, most=MOST)))
    import segno  # noqa: PLC0415  # only once a code is requested

    matrix = segno.make_qr(link, error="L").matrix
    path = ""
    for y, row in enumerate(matrix):
        for dark, run in groupby(range(len(row)), row.__getitem__):
            start, *rest = run
            path += f"M{start} {y}h{1 + len(rest)}v1h-{1 + len(rest)}" if dark else ""
    return {"side": len(matrix), "path": path}
