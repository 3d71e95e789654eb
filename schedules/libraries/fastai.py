"""fastai: fastai.callback.schedule.

Counting, read in fastai/callback/schedule.py at 0a049e8:

* Batch k of N reads the share k / N, in single precision, and pieces need not be whole steps. fit_one_cycle and fit_flat_cos
  end at lr / div_final one step after the run. fine_tune runs two of fit_one_cycle.
"""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=14,
    version="2.8.12",
    source="github.com/fastai/fastai, fastai/callback/schedule.py",
    signatures={
        "SchedLin": ("start", "end"),
        "SchedCos": ("start", "end"),
        "SchedNo": ("start", "end"),
        "SchedExp": ("start", "end"),
        "SchedPoly": ("start", "end", "power"),
        "combine_scheds": ("pcts", "scheds"),
        "combined_cos": ("pct", "start", "middle", "end"),
        "fit_one_cycle": ("n_epoch", "lr_max", "div", "div_final", "pct_start"),
        "fine_tune": ("epochs", "base_lr", "pct_start", "div"),
        "fit_flat_cos": ("n_epoch", "lr", "div_final", "pct_start"),
        "fit_sgdr": ("n_cycles", "cycle_len", "lr_max", "cycle_mult"),
        "LRFinder": ("start_lr", "end_lr", "num_it", "stop_div"),
        "lr_find": ("start_lr", "end_lr", "num_it", "stop_div"),
    },
    cards={
        "SchedLin": ("linear",),
        "SchedCos": ("cosine",),
        "SchedNo": ("constant",),
        "SchedExp": ("factor", "delayed_exponential"),
        "SchedPoly": ("polynomial",),
        "combine_scheds": ("knots",),
        "combined_cos": ("one_cycle",),
        "fit_one_cycle": ("one_cycle", "one_cycle_fastai"),
        "fine_tune": ("one_cycle", "one_cycle_fastai"),
        "fit_flat_cos": ("cooldown",),
        "fit_sgdr": ("warm_restarts",),
        "LRFinder": ("range_test",),
        "lr_find": ("range_test",),
    },
    keys={
        "div_final": "one_cycle",
        "lr_max": "one_cycle",
        "n_epoch": "plan",
        "cycle_len": "warm_restarts",
    },
)
