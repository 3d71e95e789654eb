"""Anneal, the app: `streamlit run app.py`.

This file is executed in two roles: the server imports it and takes `app` from it, and each session runs it as `__main__`.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.pages_manager import PagesManager

import schedules  # noqa: F401  (imports NumPy and the library before the first visitor connects)
from pages.parts import language, navigation
from pages.parts.address import restore
from pages.parts.assets import LOST, HeadMiddleware, plotly_script, routes
from pages.parts.drive.route import drive_route
from pages.parts.explore import jobs
from pages.parts.notice import notice
from pages.parts.verbs.qr import qr_route
from pages.parts.your_run.log import forget as forget_log
from schedules.words import say

PAGES = ("lessons", "compare", "map", "schedules", "your_run", "theory")
"""Pages other than Explore in the order of the menu: the names of their scripts in `pages/` and their URL paths."""
GIL_SWITCH_INTERVAL = 5e-4
"""GIL switch interval in seconds. With Python's default of 5 ms, Streamlit's sender waits behind the simulation at every thread
hand-over, and charts arrive several times as late."""


@asynccontextmanager
async def ready(_: st.App) -> AsyncIterator[None]:
    """Do the first visitor's slow work at server start: compress Plotly's script, import Explore, and pandas for Streamlit."""
    import pandas  # type: ignore[import-untyped]  # noqa: F401, PLC0415

    from pages.parts.explore import layout, rate_finder, result  # noqa: F401, PLC0415

    plotly_script(packed=True)
    sys.setswitchinterval(GIL_SWITCH_INTERVAL)
    yield


if __name__ == "__main__":
    icon = Path(__file__).parent / "pages/parts/icon.svg"  # set before the navigation: else an icon is loaded from another host
    st.set_page_config(page_title="Anneal", page_icon=icon, layout="wide")
    language.follow()
    pages = {
        name: st.Page(f"pages/{name}.py", title=str(say(f"pages.{name}")), default=name == "explore")
        for name in ("explore", *PAGES)
    }
    page = st.navigation(list(pages.values()), position="top")
    navigation.menu(pages)
    if LOST in st.query_params:
        notice(say("explore.no_such_page"))
    if unknown := language.unknown():
        notice(unknown)
    if page is not pages["your_run"]:
        forget_log()
    page.run()
    if page is pages["explore"]:
        navigation.ways_in(pages)
    restore()
else:
    PagesManager.uses_pages_directory = (
        False  # pages/ holds the pages of the navigation above, not pages that Streamlit finds itself
    )
    base = st.get_option("server.baseUrlPath")
    middleware = [Middleware(HeadMiddleware, pages=PAGES, base=base)]
    own_routes = [*routes(base), drive_route(base), jobs.route(base), qr_route(base)]
    app = st.App(__file__, lifespan=ready, routes=own_routes, middleware=middleware)
