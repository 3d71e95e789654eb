"""The address bar: every page writes what it shows into it, and reads it where the browser asks for a link.

The browser sends its address with every message, and goes on sending the old one until it has heard of a new one. So an
address asks for a link only at the start of a session, at a step of the browser's history, where a link on this page was
followed (it carries `FOLLOWED`), where a link leads here from another page, and where it is not one that was written before.
A step of the history to a bare address asks for nothing where the page was never opened by one: it is an entry that Streamlit
made on its way to another address, and the page shows what it showed before.
Only a full run of a page calls `follow`: what a fragment sees of the address may be old.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import parse_qs, urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.parts import language

PROJECTOR = "projector"
FOLLOWED = {"open": "here"}
"""What a link adds to its query where it leads to the page that it stands on; the address never keeps it."""
_BAR = "address_bar"

_restored = st.components.v2.component(
    "anneal_address",
    html="<span hidden></span>",
    js="""
export default function ({ data, parentElement }) {
  if (parentElement.isConnected) history.replaceState(history.state, '', `${location.pathname}?${data}${location.hash}`);
}
""",
    isolate_styles=False,
)


@dataclass(slots=True)
class _Bar:
    """What the address says in this session.

    Attributes:
        page: the page shown; None before the first one.
        links: by page, its own parameters as last read or written.
        projector: whether the pages are shown on a wall.
        seen: all parameters that are ours in the last addresses; the browser may still send any of them.
        bare: the address with which the browser came back to a page without the page's own, until it has got that.
        restored: how often that has happened.
        opened: the pages that were shown by an address without parameters of theirs.
    """

    page: str | None = None
    links: dict[str, dict[str, str]] = field(default_factory=dict)
    projector: bool = False
    seen: deque[dict[str, str]] = field(default_factory=partial(deque, maxlen=200))
    bare: dict[str, str] | None = None
    restored: int = 0
    opened: set[str] = field(default_factory=set)

    def query(self) -> dict[str, str]:
        """All parameters that are ours."""
        return self.links[self.page or ""] | ({PROJECTOR: "on"} if self.projector else {})


def follow(page: str, keys: Collection[str]) -> tuple[dict[str, str], bool]:
    """The parameters of a page to show now, and whether the browser asks for them; else they are those shown before.

    Args:
        page: the page's name.
        keys: the names of the parameters that it reads and writes.
    """
    language.follow()  # a page that runs alone, as in tests, has no app around it
    bar, context = _bar(), get_script_run_ctx()
    query = st.query_params.to_dict()
    link = {key: query[key] for key in keys if key in query}
    asked = link | ({PROJECTOR: "on"} if query.get(PROJECTOR) == "on" else {})
    arrives, marked = page != bar.page, FOLLOWED.items() <= query.items()
    back = context is not None and context.is_history_navigation
    first = bar.page is None
    stray = back and not link and page in bar.links and (page not in bar.opened or _foreign(query))
    asks = not stray and (first or back or marked or (bool(link) if arrives else asked not in bar.seen))
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
        if marked or asked != wanted or (asks and not arrives):  # where it arrives, the browser is not on the new page yet
            _send(query, wanted, keys)
    return dict(bar.links[page]), asks


def write(link: Mapping[str, str], keys: Collection[str]) -> None:
    """Put these parameters of the present page into the address, in place of all of `keys`."""
    bar = _bar()
    if bar.page is None or bar.links[bar.page] == link:
        return
    bar.links[bar.page] = dict(link)
    _rewrite(keys)


def projector() -> bool:
    """Whether the page is shown on a wall: large type, the charts first, the controls below them."""
    return _bar().projector


def switch_projector() -> None:
    """Turn the projector mode on or off."""
    bar = _bar()
    bar.projector = not bar.projector
    _rewrite(())


def kept_query() -> dict[str, str]:
    """What a link to another setting or page keeps of the address."""
    return {PROJECTOR: "on"} if projector() else {}


def restore() -> None:
    """Where a person came back to a page by a bare address, put the page's own in its place; the last thing of a full run.

    A message of Streamlit's own would add an entry to the browser's history, and Back would end on the bare page. The key is
    another one each time: with the same key and query the browser would not run the script again.
    """
    bar = _bar()
    if bar.bare is not None:
        _restored(key=f"address_restored_{bar.restored}", data=urlencode(bar.query()))


def _bar() -> _Bar:
    bar: _Bar = st.session_state.setdefault(_BAR, _Bar())
    return bar


def _foreign(query: Mapping[str, str]) -> bool:
    """Whether the browser sent a parameter of another page's widget, which Streamlit has left out of this query.

    Streamlit restores such widgets when their page is opened again; its message may reach the browser before the address of
    that page does, and then makes an entry of the browser's history with the page before and the other page's parameter.
    """
    context = get_script_run_ctx()
    sent = parse_qs(context.query_string, keep_blank_values=True) if context is not None else {}
    return not sent.keys() <= {*query, "embed", "embed_options"}  # Streamlit hides these two always


def _rewrite(keys: Collection[str]) -> None:
    bar = _bar()
    bar.seen.append(bar.query())
    _send(st.query_params.to_dict(), bar.query(), keys)


def _send(query: dict[str, str], wanted: dict[str, str], keys: Collection[str]) -> None:
    """Make one message of what changes in the address: each is an entry of the browser's history.

    Streamlit does not let us name the parameters of its own widgets, which it keeps up to date itself.
    """
    gone = [key for key in query if key in {*keys, PROJECTOR, *FOLLOWED} and key not in wanted]
    rest = {key: value for key, value in query.items() if key not in gone}
    if not gone:
        st.query_params.update(wanted)
    elif len(gone) == 1 and rest | wanted == rest:
        del st.query_params[gone[0]]
    else:
        st.query_params.from_dict(rest | wanted)
