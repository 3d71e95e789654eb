"""Caffe and Darknet: the policies of their solver files."""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=31,
    version="1.0",
    source="github.com/BVLC/caffe, src/caffe/proto/caffe.proto, and github.com/AlexeyAB/darknet, cfg/",
    signatures={},
    keys={"burn_in": "warmup", "stepvalue": "multi_factor", "stepsize": "step"},
    settings={
        "lr_policy": {
            "fixed": "constant",
            "step": "StepLR",
            "multistep": "MultiStepLR",
            "exp": "ExponentialLR",
            "inv": "inverse_time_decay",
            "poly": "PolynomialLR",
        },
    },
)
