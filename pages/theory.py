"""Theory: proved results about learning rates, drawn beside simulated runs."""

import streamlit as st

from pages.parts.language import fragment
from pages.parts.theory import sections
from pages.parts.title import title

sections.follow()
title("theory")
with st.container(key="theory"):
    sections.glossary()
    fragment(sections.valley)()
    sections.limits()
    fragment(sections.bound)()
    sections.best()
