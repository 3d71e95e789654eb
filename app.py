"""Anneal, the app: `streamlit run app.py`.

This file is read twice over: once by the server, which takes `app` from it, and by each visitor's session, as `__main__`.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.pages_manager import PagesManager

import schedules  # noqa: F401  (NumPy and the library are loaded before the first visitor comes)
from pages.parts.address import restore
from pages.parts.assets import Dressed, plotly_route, plotly_script

SWITCH = 5e-4
"""Seconds after which a thread that computes lets another one in. What is sent waits for that at every step of its way: with
Python's 5 ms the charts would come several times as much later."""


@asynccontextmanager
async def ready(_: st.App) -> AsyncIterator[None]:
    """What the first visitor would wait for: Plotly's script is packed, and loaded is what Streamlit's components need."""
    import pandas  # type: ignore[import-untyped]  # noqa: F401, PLC0415

    plotly_script(packed=True)
    sys.setswitchinterval(SWITCH)
    yield


if __name__ == "__main__":
    icon = Path(__file__).parent / "pages/parts/icon.svg"  # set before the navigation: else an icon comes from another host
    st.set_page_config(page_title="Anneal", page_icon=icon, layout="wide")
    pages = [
        st.Page("pages/explore.py", title="Explore", default=True),
        st.Page("pages/schedules.py", title="Schedules"),
        st.Page("pages/lessons.py", title="Lessons"),
        st.Page("pages/theory.py", title="Theory"),
    ]
    st.navigation(pages, position="top").run()
    restore()
else:
    PagesManager.uses_pages_directory = (
        False  # the folder's scripts are pages of the navigation above, for the first visitor too
    )
    routes = [plotly_route(st.get_option("server.baseUrlPath"))]
    app = st.App(__file__, lifespan=ready, routes=routes, middleware=[Middleware(Dressed)])
