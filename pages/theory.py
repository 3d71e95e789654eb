"""Theory: what can be proved about learning rates, drawn beside what runs do."""

import streamlit as st

from pages.parts import theory
from pages.parts.places import title

theory.follow()
title("theory")
with st.container(key="theory"):
    theory.glossary()
    st.fragment(theory.valley)()
    theory.limits()
    st.fragment(theory.bound)()
    theory.best()
