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
from pages.parts import language
from pages.parts.address import restore
from pages.parts.assets import LOST, Dressed, plotly_script, routes
from pages.parts.notice import notice
from schedules.words import say

PAGES = ("schedules", "lessons", "theory")
"""The pages beside the first one: scripts in the folder, and addresses."""
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
    language.follow()
    pages = [
        st.Page(f"pages/{name}.py", title=str(say(f"pages.{name}")), default=name == "explore") for name in ("explore", *PAGES)
    ]
    page = st.navigation(pages, position="top")
    if LOST in st.query_params:
        notice(say("explore.no_such_page"))
    page.run()
    restore()
else:
    PagesManager.uses_pages_directory = (
        False  # the folder's scripts are pages of the navigation above, for the first visitor too
    )
    base = st.get_option("server.baseUrlPath")
    app = st.App(__file__, lifespan=ready, routes=routes(base), middleware=[Middleware(Dressed, pages=PAGES, base=base)])
