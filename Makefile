# make run    starts the app          make test   the one check, for people and CI
# make bench  prints speed ratios     make format tidies the code

PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test bench format

run: .venv/app
	$(BIN)/streamlit run app.py

test: .venv/tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest

bench: .venv/tests
	$(BIN)/python -m tests.bench

format: .venv/tests
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Each stamp says that a list was installed; touching the list installs it again.
.venv/app: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Anneal needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -r requirements.txt
	touch $@

.venv/tests: tests/requirements.txt tests/witnesses/requirements.txt .venv/app
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -r tests/requirements.txt
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-compile -r tests/witnesses/requirements.txt
	touch $@
