"""The app with the language of `tests.pseudo` beside English."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
import streamlit as st

import app as anneal
from tests import pseudo

pseudo.install(Path(tempfile.mkdtemp()), pytest.MonkeyPatch(), pseudo.pseudo())
built = vars(anneal.app)
app = st.App(anneal.__file__, lifespan=anneal.ready, routes=built["_user_routes"], middleware=built["_user_middleware"])
