"""Map: verdict or final loss over two hyperparameters, and two exhibits; only the open tab is computed."""

from pages.parts.map import selection, tabs
from pages.parts.title import title

selection.current()
title("map")
tabs.show()
