"""Fragments: what every one of them does besides its function."""

from __future__ import annotations

import pytest
import streamlit as st
from streamlit.errors import StreamlitInvalidLayoutContextError

from pages.parts.fragments import fragment
from schedules.core import pace


@pytest.fixture(autouse=True)
def _without_session(monkeypatch):
    monkeypatch.setattr(st, "fragment", lambda function: function)


def test_a_fragment_whose_layout_was_rebuilt_requests_a_rerun(monkeypatch):
    reruns = []
    monkeypatch.setattr(st, "rerun", lambda: reruns.append(True))

    def write():
        raise StreamlitInvalidLayoutContextError("the container was removed")

    fragment(write)()
    assert reruns == [True]


def test_other_threads_pause_only_while_a_fragment_runs():
    marks = []
    fragment(lambda: marks.append(pace._free.is_set()))()
    assert marks == [False] and pace._free.is_set()
