"""The one file that the page needs and the app serves itself: Plotly's script, as the plotly package ships it."""

from __future__ import annotations

import gzip
from functools import cache
from importlib.metadata import distribution, version
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PLOTLY = f"assets/plotly-{version('plotly')}.min.js"
"""Its address on the page; the version is in it, so that browsers may keep it for good."""
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}


@cache
def plotly_script(packed: bool) -> bytes:
    """The script, gzipped once for all if `packed`: 1.5 MB instead of 4.8."""
    script = Path(str(distribution("plotly").locate_file("plotly/package_data/plotly.min.js"))).read_bytes()
    return gzip.compress(script, compresslevel=6, mtime=0) if packed else script


def plotly_route(base: str = "") -> Route:
    """The route that serves the script, under the server's base path."""
    return Route("/" + f"{base.strip('/')}/{PLOTLY}".lstrip("/"), _answer, name="plotly")


def _answer(request: Request) -> Response:
    packed = "gzip" in request.headers.get("accept-encoding", "")
    headers = FOREVER | ({"Content-Encoding": "gzip"} if packed else {})
    return Response(plotly_script(packed), media_type="text/javascript", headers=headers)
