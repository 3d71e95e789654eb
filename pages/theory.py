"""Theory: what can be proved about learning rates, drawn beside what runs do."""

import streamlit as st

from pages.parts.explore.layout import title
from pages.parts.theory import sections

sections.follow()
title("theory")
with st.container(key="theory"):
    sections.glossary()
    st.fragment(sections.valley)()
    sections.limits()
    st.fragment(sections.bound)()
    sections.best()
