"""Schedules and optimizers compared on one problem: slots, final loss against peak, paired statistics, branches of one run."""
