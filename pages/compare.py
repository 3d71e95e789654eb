"""Compare: up to six schedules and optimizers on one problem, at every peak."""

from pages.parts.title import title

title("compare")
