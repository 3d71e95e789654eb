"""What the app serves itself: Plotly's script, as the plotly package ships it, and the style in the head of every page."""

from __future__ import annotations

import gzip
from collections.abc import Collection
from functools import cache
from importlib.metadata import distribution, version
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schedules.figures.theme import PALETTES

PLOTLY = f"assets/plotly-{version('plotly')}.min.js"
"""Its address on the page; the version is in it, so that browsers may keep it for good."""
STYLES = ("page.css", "verdict/verdict.css", "gallery/gallery.css", "theory/theory.css")
LOST = "lost"
"""The query parameter that says that the address led to no page."""
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


@cache
def head() -> bytes:
    """What goes into the head of a page: Plotly's preload, head.js, both palettes as `--a-` colors, the style."""
    light, dark = PALETTES["light"], PALETTES["dark"]
    colors = "".join(f"--a-{name}:light-dark({light[name]},{dark[name]});" for name in light)
    style = "".join((Path(__file__).parent / name).read_text(encoding="utf-8") for name in STYLES)
    preload = f'<link rel="preload" as="script" href="./{PLOTLY}">'
    script = (Path(__file__).parent / "head.js").read_text(encoding="utf-8")
    return f"{preload}<script>{{{script}}}</script><style>.stApp{{{colors}}}{style}</style>".encode()


class Dressed:
    """Puts `head()` into every page that the server sends: a style that came with the script's messages would come too late.

    An address that is none of `pages` leads to the first page, which says so: Streamlit's own dialog would stand over it.
    """

    def __init__(self, app: ASGIApp, pages: Collection[str] = (), base: str = "") -> None:
        self.app = app
        self.base = "/" + f"{base.strip('/')}/".lstrip("/")
        self.known = {self.base, self.base.rstrip("/"), *(self.base + page for page in pages)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        if any(name == b"accept" and b"text/html" in value for name, value in scope["headers"]):  # so that it comes unpacked
            scope = dict(scope) | {"headers": [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]}
        begun: list[Message] = []
        page = bytearray()

        async def dress(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_page(message):
                begun.append(message)
                return
            if not begun:
                await send(message)
                return
            page.extend(message.get("body", b""))
            if message.get("more_body", False):
                return
            if scope["path"].rstrip("/") not in self.known and scope["path"] != self.base:
                query = scope["query_string"].decode("latin-1")
                lost = f"{self.base}?{query and query + '&'}{LOST}=1"
                await RedirectResponse(lost)(scope, receive, send)
                return
            body = bytes(page).replace(b"</head>", head() + b"</head>", 1)
            headers = MutableHeaders(scope=begun[0])
            headers["content-length"] = str(len(body))
            for stamp in ("etag", "last-modified"):  # those of the undressed file
                del headers[stamp]
            await send(begun[0])
            await send({"type": "http.response.body", "body": body})

        await self.app(scope, receive, dress)


def _is_page(start: Message) -> bool:
    headers = MutableHeaders(scope=start)
    return headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers
