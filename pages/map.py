"""Map: verdict or final loss over two hyperparameters, and two exhibits; only the open tab is computed."""

from pages.parts.map import tabs, view
from pages.parts.title import title

view.current()
title("map")
tabs.show()
