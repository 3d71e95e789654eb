# make run    starts the app          make test   runs all checks, as CI does
# make bench  prints speed ratios     make quick  runs them without browser, other libraries and networks
# make format formats the code

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PYTEST := $(BIN)/pytest -n 2 --dist worksteal

.PHONY: run lint test quick bench format

run: .venv/app
	$(BIN)/streamlit run app.py

lint: .venv/tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

test: lint
	$(PYTEST)

quick: lint
	$(PYTEST) -m "not browser and not witness and not network"

bench: .venv/tests
	$(BIN)/python -m tests.bench

format: .venv/tests
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# On Linux, PyPI's torch is the CUDA build of several GB; PyTorch's own index has a CPU build of 200 MB. The timer limits the
# check whether that index can be reached to 1.5 seconds.
CPU_INDEX := https://download.pytorch.org/whl/cpu
REACHED := import signal, urllib.request as web; signal.setitimer(signal.ITIMER_REAL, 1.5); web.urlopen("$(CPU_INDEX)/torch/")

# Stamp files: each records that its requirements were installed; they are installed again when the list is newer.
.venv/app: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Anneal needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	@torch=$$(grep '^torch==' requirements.txt); \
	if [ "$$(uname)" = Linux ] && ! $(PIP) freeze | grep -q "^$$torch"; then \
	  { $(BIN)/python -c '$(REACHED)' && $(PIP) install --quiet --retries 0 --no-deps --index-url $(CPU_INDEX) "$$torch"; } 2>/dev/null \
	  || echo "PyTorch's index of CPU builds was not reached: pip looks for $$torch in its usual index"; \
	fi
	$(PIP) install --quiet -r requirements.txt
	touch $@

.venv/tests: tests/requirements.txt tests/witnesses/requirements.txt .venv/app
	$(PIP) install --quiet -r tests/requirements.txt
	$(PIP) install --quiet --no-deps --no-compile -r tests/witnesses/requirements.txt
	touch $@
