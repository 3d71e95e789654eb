"""Assets of the app: Plotly's script, the JavaScript modules of the pages, and the style in the head of every page."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Collection
from functools import cache
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schedules.figures.colors import PALETTES

PLOTLY = f"assets/plotly-{version('plotly')}.min.js"
"""URL path of Plotly's script; it contains the version, so that browsers may cache it forever."""
HERE = Path(__file__).parent
STYLES = (
    *("page", "verdict/verdict", "verbs/verbs", "explore/own_numbers", "explore/training", "gallery/gallery"),
    *(
        "theory/theory",
        "drive/drive",
        "your_run/your_run",
        "compare/compare",
        "compare/sections/peaks",
        "map/map",
        "map/exhibits/exhibits",
    ),
    *("panel/panel", "panel/replay", "controls/controls", "lessons/lessons", "navigation", "phone", "terms"),
)
"""Style sheets, later ones over earlier ones."""
HEAD_SCRIPT = "head.js"
"""The only script that is not a module: it is in the head of a page and runs before anything is drawn."""
MODULES = {
    path.relative_to(HERE).as_posix(): path.read_bytes() for path in sorted(HERE.rglob("*.js")) if path.name != HEAD_SCRIPT
}
"""The source of every module by its path below this folder."""
MODULES_HASH = hashlib.sha256(b"".join(name.encode() + b"\0" + text + b"\0" for name, text in MODULES.items())).hexdigest()[:12]
"""A hash of all modules: the name of their folder on the page, so that browsers may keep them and imports stay relative."""
LATER = ("compare/", "drive/", "lessons/", "map/", "your_run/")
"""Folders whose modules are fetched when an element of them is mounted, so that a first visit to Explore is lighter."""
LOST = "lost"
"""Query parameter that reports an address without a page."""
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}


@cache
def plotly_script(packed: bool) -> bytes:
    """Plotly's script; gzipped if `packed` (1.5 MB instead of 4.8 MB), compressed once."""
    script = Path(str(distribution("plotly").locate_file("plotly/package_data/plotly.min.js"))).read_bytes()
    return gzip.compress(script, compresslevel=6, mtime=0) if packed else script


def plotly_route(base: str = "") -> Route:
    """The route that serves Plotly's script, under the server's base path."""
    return plain_route(base, PLOTLY, lambda request: _answer(request, plotly_script(_takes_gzip(request))))


def module_address(name: str) -> str:
    """The address of a module from the root of the app; an unknown name raises KeyError.

    >>> module_address("numbers.js") == f"assets/{MODULES_HASH}/numbers.js"
    True
    """
    if name not in MODULES:
        raise KeyError(f"there is no module {name!r}; known are {', '.join(MODULES)}")
    return f"assets/{MODULES_HASH}/{name}"


@cache
def _packed_module(name: str) -> bytes:
    return gzip.compress(MODULES[name], mtime=0)


def modules_route(base: str = "") -> Route:
    """The route that serves the modules, under the server's base path; any other name below it is not found."""
    return plain_route(base, f"assets/{MODULES_HASH}/{{name:path}}", _answer_module)


def routes(base: str = "") -> list[Route]:
    """All routes of the app, under the server's base path."""
    return [plotly_route(base), modules_route(base)]


def plain_route(base: str, path: str, answer: Callable[[Request], Response]) -> Route:
    """The route of a path below the root of the app, under the server's base path; `answer` is called in a thread pool."""
    return Route("/" + f"{base.strip('/')}/{path}".lstrip("/"), answer)


def _answer_module(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in MODULES:
        return Response(status_code=404)
    return _answer(request, _packed_module(name) if _takes_gzip(request) else MODULES[name])


def _takes_gzip(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")


def _answer(request: Request, script: bytes) -> Response:
    headers = FOREVER | ({"Content-Encoding": "gzip"} if _takes_gzip(request) else {})
    return Response(script, media_type="text/javascript", headers=headers)


def component(name: str, module: str, *, draw: str, remove: str = "", html: str = "<span hidden></span>") -> Callable[..., Any]:
    """A function that mounts a components-v2 element whose script is a served module: `mount(key=, data=)`, and events.

    `data` is anything that JSON holds, or JSON text. It is passed as bytes: Streamlit writes other data as JSON twice.

    Args:
        name: name of the element, unique among all.
        module: path of the module below this folder.
        draw: the module's function that is called with Streamlit's component, at first and for each change of its data.
        remove: its function that is called with the component when it leaves the page.
        html: the initial content of the element.
    """
    end = f"return () => loaded.then(([mounting, module]) => mounting.removeElement(rest, module.{remove}));" if remove else ""
    script = f"""
export default function ({{ data, ...rest }}) {{
  const addresses = ['{module_address("mounting.js")}', '{module_address(module)}'];
  const loaded = Promise.all(addresses.map((address) => import(new URL(address, document.baseURI))));
  loaded.then(([mounting, module]) => mounting.drawElement({{ data, ...rest }}, module.{draw}));
  {end}
}}
"""
    element = st.components.v2.component(name, html=html, js=script, isolate_styles=False)

    def mount(*, key: str, data: Any, **events: Any) -> Any:
        return element(key=key, data=(data if isinstance(data, str) else compact(data)).encode(), **events)

    return mount


def compact(data: Any) -> str:
    """Data as JSON text without spaces."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)


@cache
def head() -> bytes:
    """HTML for the head of a page: preloads of the scripts of Explore, head.js, both palettes as `--a-` colors, the style.

    The modules are fetched after what Streamlit requests in order to connect; nothing needs them before.
    """
    light, dark = PALETTES["light"], PALETTES["dark"]
    colors = "".join(f"--a-{name}:light-dark({light[name]},{dark[name]});" for name in light)
    style = "".join((HERE / f"{name}.css").read_text(encoding="utf-8") for name in STYLES)
    preload = f'<link rel="preload" as="script" href="./{PLOTLY}">'
    first = (module_address(name) for name in MODULES if not name.startswith(LATER))
    preload += "".join(f'<link rel="modulepreload" fetchpriority="low" href="./{address}">' for address in first)
    script = (HERE / HEAD_SCRIPT).read_text(encoding="utf-8")
    return f"{preload}<script>{{{script}}}</script><style>.stApp{{{colors}}}{style}</style>".encode()


class HeadMiddleware:
    """ASGI middleware that inserts `head()` into every HTML page; a style sent with the script's messages would arrive too
    late.

    An address that is not in `pages` is redirected to the first page, which shows a notice; Streamlit would cover it with a
    dialog.
    """

    def __init__(self, app: ASGIApp, pages: Collection[str] = (), base: str = "") -> None:
        self.app = app
        self.base = "/" + f"{base.strip('/')}/".lstrip("/")
        self.known = {self.base, self.base.rstrip("/"), *(self.base + page for page in pages)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        if any(name == b"accept" and b"text/html" in value for name, value in scope["headers"]):  # request it uncompressed
            scope = dict(scope) | {"headers": [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]}
        begun: list[Message] = []
        page = bytearray()

        async def send_with_head(message: Message) -> None:
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
            for stamp in ("etag", "last-modified"):  # their values describe the original page
                del headers[stamp]
            await send(begun[0])
            await send({"type": "http.response.body", "body": body})

        await self.app(scope, receive, send_with_head)


def _is_page(start: Message) -> bool:
    headers = MutableHeaders(scope=start)
    return headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers
