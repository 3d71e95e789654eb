"""Theory: proved results about learning rates, drawn beside simulated runs, and the figures of the chapter."""

import streamlit as st

from pages.parts.fragments import fragment
from pages.parts.theory import sections
from pages.parts.title import title

sections.follow()
title("theory")
with st.container(key="theory"):
    sections.contents()
    for section in (sections.valley, sections.limits, sections.bound, sections.best, sections.replayed):
        fragment(section)()
