"""Map: verdict or final loss over two hyperparameters."""

from pages.parts.title import title

title("map")
