"""Theory: what can be proved about learning rates, drawn beside what runs do."""

import streamlit as st

from pages.parts import theory
from schedules.words import say

theory.follow()
st.html(f'<h1 class="anneal-title"><b>{say("theory.title")}</b> {say("theory.what")}</h1>')
theory.glossary()
st.fragment(theory.valley)()
theory.limits()
st.fragment(theory.bound)()
theory.best()
