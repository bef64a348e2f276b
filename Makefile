# The manual: `make manual` builds it and shows it on this machine. `make help` lists everything.

PYTHON ?= python3
PORT ?= 8000
EXPLORE_PORT ?= 8866
PLACES ?= 60
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready.txt
HTML := _build/html
PDF := _build/manual.pdf
WORKERS ?= 2
APP := book/apps/case-explorer.ipynb

# Notebooks run with this environment's kernel, whatever kernels the reader has installed elsewhere.
export JUPYTER_PREFER_ENV_PATH := 1

.NOTPARALLEL:
.PHONY: help manual book pdf explore notebooks reproducible test quick one bench mutants lint clean setup chromium

help:
	@echo "make manual   builds the book and shows it on this machine (PORT=$(PORT))"
	@echo "make book     builds the book into $(HTML)"
	@echo "make pdf      prints the whole book to $(PDF), solutions open"
	@echo "make explore  starts the case explorer (Voila)"
	@echo "make test     checks code and text, builds the book and runs all tests, notebooks and browser included"
	@echo "make quick    checks code and text and runs the tests that need no browser, no built book and not much time"
	@echo "make one T=splint  runs what bears on one decision table, calculator or topic"
	@echo "make bench    measures the engine and the audit beside others, as ratios within one run"
	@echo "make mutants  changes modules in a copy, one small change at a time, and lists what no test notices (MODULES=periods)"
	@echo "make notebooks  runs the case notebooks anew and stores their outputs"
	@echo "make reproducible  builds the book twice and compares every file"
	@echo "make lint     checks code and text alone"
	@echo "make clean    removes the built book; the environment in $(VENV) stays"

manual: book
	@$(BIN)/python -m omsnb.site.serve $(HTML) --port $(PORT)

book: $(READY)
	$(BIN)/jupyter-book build . -n -W --keep-going
	$(BIN)/python tools/build_live.py $(HTML)

pdf: chromium book
	$(BIN)/python tools/make_pdf.py $(HTML) $(PDF)

explore: $(READY)
	@echo "The case explorer: http://localhost:$(EXPLORE_PORT)  (Ctrl-C ends it; $(PLACES) readers at once)"
	OMSNB_PLACES=$(PLACES) OMSNB_MANUAL=http://localhost:$(PORT) \
		$(BIN)/voila $(APP) --Voila.config_file_paths=voila --port $(EXPLORE_PORT)

test: $(READY) chromium lint book
	OMSNB_HTML=$(HTML) $(BIN)/python -m pytest tests $(wildcard book/cases/*.ipynb book/claims/*.ipynb book/charts/*.ipynb) \
		-n $(WORKERS) --dist loadfile --nbval --nbval-current-env --nbval-cell-timeout=120 --durations=25

# The inner loop. What is slow, wants a browser or reads the built book runs in `make test` alone.
quick: $(READY)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/python -m pytest tests -q -m "not slow" --ignore=tests/browser --ignore=tests/test_site.py -n $(WORKERS) --dist loadfile

one: $(READY)
	@test -n "$(T)" || { echo "Name a topic, for example: make one T=splint"; exit 2; }
	$(BIN)/python -m pytest tests/test_tables.py tests/test_decisions.py tests/test_forms.py -q -k "$(T)"

bench: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r bench/requirements.txt
	$(BIN)/python bench/start.py
	$(BIN)/python bench/engine.py
	$(BIN)/python bench/audit.py
	$(BIN)/python bench/notes.py

mutants: $(READY)
	@test -x $(VENV)-mutants/bin/cosmic-ray || $(PYTHON) -m venv $(VENV)-mutants
	$(VENV)-mutants/bin/python -m pip install --quiet --disable-pip-version-check -r bench/mutants-requirements.txt
	$(BIN)/python tools/mutants.py $(VENV)-mutants/bin/cosmic-ray $(MODULES)

notebooks: $(READY)
	$(BIN)/python tools/run_notebooks.py book/cases/*.ipynb book/claims/*.ipynb book/charts/*.ipynb

reproducible: $(READY)
	rm -rf _build/first _build/second
	for one in first second; do \
		$(BIN)/jupyter-book build . -n -W --keep-going --path-output _build/$$one && \
		$(BIN)/python tools/build_live.py _build/$$one/_build/html || exit 1; done
	diff -r _build/first/_build/html _build/second/_build/html
	@echo "Two builds gave the same files."

lint: $(READY)
	$(BIN)/ruff check --no-cache .
	$(BIN)/mypy --cache-dir=/dev/null
	$(BIN)/codespell

clean:
	rm -rf _build

setup: $(READY)

chromium:
	@sh tools/need-chromium.sh

$(READY): requirements.txt requirements-lock.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "This manual needs Python 3.11 or newer as $(PYTHON). Name another one: make PYTHON=/path/to/python3.12"; \
		exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { \
		echo "Python could not make an environment in $(VENV). On Debian: apt-get install python3-venv"; \
		rm -rf $(VENV); exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-lock.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@date > $(READY)
