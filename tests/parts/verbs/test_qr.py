"""The route that draws QR codes, against segno's own matrix."""

from __future__ import annotations

import re

import numpy as np
import pytest
import segno
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.parts.verbs.qr import MOST, PATH, qr_route

RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1h-(\d+)")


def modules(side: int, path: str) -> np.ndarray:
    """The dark modules that an SVG path draws, as a matrix of 0 and 1."""
    found = np.zeros((side, side), dtype=int)
    assert RUN.sub("", path) == ""
    for x, y, right, back in RUN.findall(path):
        assert right == back
        found[int(y), int(x) : int(x) + int(right)] += 1
    return found


def ask(link: str):
    return TestClient(Starlette(routes=[qr_route("anneal")])).get(f"/anneal/{PATH}", params={"link": link})


@pytest.mark.parametrize("link", ["https://example.org/?run=1~policy-cosine", "https://example.org/?lang=ü&run=1", "x" * MOST])
def test_the_path_draws_the_code_of_the_link(link):
    answer = ask(link)
    assert answer.status_code == 200
    found = modules(**answer.json())
    assert found.tolist() == [list(row) for row in segno.make_qr(link, error="L").matrix]


@pytest.mark.parametrize("link", ["", "x" * (MOST + 1), "ü" * (MOST // 2 + 1)])
def test_a_link_that_no_code_holds_is_refused_with_a_sentence(link):
    answer = ask(link)
    assert answer.status_code == 400
    assert "2,953" in answer.json()["error"]
