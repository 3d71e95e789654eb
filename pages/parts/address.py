"""The address bar: every page writes its state into the query parameters, and reads it back where the browser opens a link.

The browser sends its address with every message, and keeps sending the old one until it has received a new one. So the address
counts as a link to open only at the start of a session, at a history navigation (Back, Forward), where a link leads here from
another page, and where the address was not written by this session.

A history navigation to an address without parameters of the page opens nothing where the page was never opened by such an
address, or where it has those of another page: it is a history entry that Streamlit made on the way to another address, and the
page keeps its state.

Only a full run of a page calls `follow`: the address that a fragment sees may be outdated.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import parse_qs, urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.parts import language
from pages.parts.assets import LOST, component

PROJECTOR = "projector"
TRACKER = re.compile(r"utm_|\w+clid$")
"""Names of query parameters that mail programs and social networks add to links."""
_BAR = "address_bar"

_restored = component("anneal_address", "address.js", draw="replaceAddress")


@dataclass(slots=True)
class _Bar:
    """The state of the address bar in one session.

    Attributes:
        page: the current page; None before the first one.
        links: by page, its own query parameters as last read or written.
        projector: whether projector mode is on.
        seen: the app's parameters in recent addresses; the browser may still send any of them.
        bare: the address without parameters with which the browser returned to a page, until `restore` has replaced it.
        restored: how many times that has happened.
        opened: the pages that were opened by an address without parameters of theirs.
        keys: by page, the names of the query parameters that it reads and writes.
    """

    page: str | None = None
    links: dict[str, dict[str, str]] = field(default_factory=dict)
    projector: bool = False
    seen: deque[dict[str, str]] = field(default_factory=partial(deque, maxlen=200))
    bare: dict[str, str] | None = None
    restored: int = 0
    opened: set[str] = field(default_factory=set)
    keys: dict[str, Collection[str]] = field(default_factory=dict)

    def query(self) -> dict[str, str]:
        """All query parameters that belong to the app."""
        return self.links[self.page or ""] | ({PROJECTOR: "on"} if self.projector else {})


def follow(page: str, keys: Collection[str]) -> tuple[dict[str, str], bool]:
    """Return a page's query parameters, and whether the browser opens them as a link; if not, they are those of the last run.

    Args:
        page: the page's name.
        keys: the names of the query parameters that it reads and writes.
    """
    language.follow()  # a page that runs alone, as in tests, has no app around it
    bar, context = _bar(), get_script_run_ctx()
    query = st.query_params.to_dict()
    link = {key: query[key] for key in keys if key in query}
    asked = link | ({PROJECTOR: "on"} if query.get(PROJECTOR) == "on" else {})
    arrives = page != bar.page
    back = context is not None and context.is_history_navigation
    first = bar.page is None
    bar.keys[page] = keys
    others = {key for other, known in bar.keys.items() if other != page for key in known}
    stray = back and not link and page in bar.links and (page not in bar.opened or _foreign(query) or bool(others & {*query}))
    asks = not stray and (first or back or (bool(link) if arrives else asked not in bar.seen))
    if asks:
        bar.links[page], bar.projector = link, PROJECTOR in asked
    bar.page = page
    bar.links.setdefault(page, {})
    if not bar.links[page]:
        bar.opened.add(page)
    wanted = bar.query()
    if arrives or stray:
        bar.bare = None if asks or asked == wanted else asked
        bar.restored += bar.bare is not None
    bar.seen += [asked, wanted]
    if bar.bare != asked:
        bar.bare = None
        if asked != wanted or (asks and not arrives):  # on arrival the browser still shows the previous page
            _send(query, wanted, keys)
    return dict(bar.links[page]), asks


def unread() -> tuple[str, ...]:
    """The names of the query parameters that the current page does not read, without those that trackers add to links."""
    bar = _bar()
    read = {*bar.links[bar.page or ""], PROJECTOR, LOST, language.PARAMETER}
    return tuple(name for name in st.query_params.to_dict() if name not in read and not TRACKER.match(name))


def write(link: Mapping[str, str], keys: Collection[str], pages: Collection[str] = ()) -> None:
    """Replace all query parameters in `keys` of the current page by `link`.

    `pages` show the same setting; if the current page is none of them, only what they are next opened with changes.
    """
    bar = _bar()
    carry(link, pages)
    if bar.page is None or bar.links[bar.page] == link or (pages and bar.page not in pages):
        return
    bar.links[bar.page] = dict(link)
    _rewrite(keys)


def carry(link: Mapping[str, str], pages: Collection[str]) -> None:
    """Set the query parameters with which these pages are next opened; those of the current page stay."""
    bar = _bar()
    for page in pages:
        if page != bar.page:
            bar.links[page] = dict(link)


def own(page: str) -> bool:
    """True if a page has query parameters of its own."""
    return bool(_bar().links.get(page))


def projector() -> bool:
    """True if projector mode is on: large type, the charts first, the controls beside them."""
    return _bar().projector


def switch_projector() -> None:
    """Turn the projector mode on or off."""
    bar = _bar()
    bar.projector = not bar.projector
    _rewrite(())


def kept_query() -> dict[str, str]:
    """The query parameters that links to other settings and pages carry on."""
    return {PROJECTOR: "on"} if projector() else {}


def restore() -> None:
    """Add the page's parameters to an address without any to which the browser returned; called at the end of a full run.

    It replaces the history entry: a message by Streamlit would add one, and Back would end on the address without parameters.
    The component's key changes each time, because with the same key and data the browser would not run its script again.
    """
    bar = _bar()
    if bar.bare is not None:
        _restored(key=f"address_restored_{bar.restored}", data={"query": urlencode(bar.query())})


def _bar() -> _Bar:
    bar: _Bar = st.session_state.setdefault(_BAR, _Bar())
    return bar


def _foreign(query: Mapping[str, str]) -> bool:
    """True if the browser sent a parameter of another page's widget, which Streamlit has removed from `query`.

    Streamlit restores such widgets when their page is opened again. Its message may reach the browser before that page's
    address does, and then adds a history entry with the previous page and the other page's parameter.
    """
    context = get_script_run_ctx()
    sent = parse_qs(context.query_string, keep_blank_values=True) if context is not None else {}
    return not sent.keys() <= {*query, "embed", "embed_options"}  # Streamlit always hides these two


def _rewrite(keys: Collection[str]) -> None:
    bar = _bar()
    bar.seen.append(bar.query())
    _send(st.query_params.to_dict(), bar.query(), keys)


def _send(query: dict[str, str], wanted: dict[str, str], keys: Collection[str]) -> None:
    """Change the address with a single message, because each message adds an entry to the browser's history.

    Streamlit does not allow setting the parameters of its own widgets, which it updates itself.
    """
    removed = [key for key in query if key in {*keys, PROJECTOR} and key not in wanted]
    rest = {key: value for key, value in query.items() if key not in removed}
    if not removed:
        st.query_params.update(wanted)
    elif len(removed) == 1 and rest | wanted == rest:
        del st.query_params[removed[0]]
    else:
        st.query_params.from_dict(rest | wanted)
