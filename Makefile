# make lab   all the set-up, then JupyterLab on the first lesson
# make test  all the set-up, then the tests, the notebooks among them
# The rest is for those who change the kit: test-all, lint, refresh, notebooks, slides, picture, bench, soak,
# address, clean.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

PARALLEL := --numprocesses=2 --dist=loadfile

# In CI nothing may be missing; on a laptop the tests need only Python packages.
TEST_EXTRAS := test
ifdef CI
TEST_EXTRAS := test,lab,ci
endif

.PHONY: lab test test-all lint refresh notebooks slides picture bench soak address clean

lab: $(VENV)/lab
	$(BIN)/jupyter lab --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb $(ROOT_FLAG) $(BROWSER_FLAG)

# pyproject.toml says which tests are the quick ones.
test: $(VENV)/$(TEST_EXTRAS)
	$(BIN)/pytest -q $(PARALLEL)

# Also what need not be repeated on every machine: damage, floods, other programs, imitated machines.
test-all: $(VENV)/$(TEST_EXTRAS)
	$(BIN)/pytest -q -m "not serial and not soak" $(PARALLEL)
	$(BIN)/pytest -q -m "serial and not soak"

# Kills, flips and floods, many times over: about half an hour. docs/reliability.md has the figures.
soak: $(VENV)/$(TEST_EXTRAS)
	$(BIN)/pytest -q -m soak --durations=0 tests/soak tests/system

lint: $(VENV)/$(TEST_EXTRAS)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

refresh: $(VENV)/lab
	$(BIN)/python tools/workshop.py refresh

notebooks: $(VENV)/lab
	$(BIN)/python tools/workshop.py cut

# Into build/slides/: npm is needed once, and then no network.
slides: $(VENV)/lab
	$(BIN)/python tools/slides.py

# The README's picture of the page, taken again.
picture: $(VENV)/lab,ci
	$(BIN)/python tools/page_picture.py

bench: $(VENV)/test
	PYTHONPATH=tests $(BIN)/python -m bench

address:
	$(PYTHON) tools/address.py $(if $(filter undefined,$(origin URL)),--help,$(URL))

clean:
	rm -rf $(VENV) .tools build dist

# One environment; a file in it remembers each set of extras that was installed.
$(VENV)/%: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 10) or sys.exit("This needs Python 3.10 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable ".[$*]"
	@touch $@

# Jupyter refuses to run as root, as in a container, unless told to.
ROOT_FLAG = $(if $(filter 0,$(shell id -u)),--allow-root)
# Without a display there is no browser to open: Jupyter prints the address.
BROWSER_FLAG = $(if $(or $(DISPLAY),$(WAYLAND_DISPLAY),$(filter Darwin,$(shell uname))),,--no-browser)
