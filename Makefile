# Every target works on a bare machine with python3 (3.11 or newer), its venv module and make:
# the virtual environment is built from the lock file the first time, and again only when a lock changes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test check format bench crash-matrix screen-walk screenshots lock clean

demo: $(VENV)/.runtime  ## Open the cockpit in the middle of a simulated outage.
	@$(BIN)/cockpit demo $(ARGS)

test: $(VENV)/.dev  ## Run the whole test suite, fast tests first.
	@./scripts/test_servers.sh
	@$(BIN)/python -m pytest -m "not alone" --numprocesses auto --maxprocesses 4 --maxschedchunk 1 $(ARGS) || [ $$? -eq 5 ]
	@$(BIN)/python -m pytest -m alone $(ARGS) || [ $$? -eq 5 ]

check: $(VENV)/.dev  ## Lint, types, import layers.
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: $(VENV)/.dev  ## Rewrite the code in the project's format.
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/.dev  ## Measure the budgets of the design and say where they stand.
	@$(BIN)/python scripts/bench.py $(ARGS)

crash-matrix: $(VENV)/.dev  ## Kill the program at every record and inside every call, plan by plan (ARGS="--only plan-g"; may be cut short).
	@$(BIN)/python scripts/crash_matrix.py $(ARGS)

screen-walk: $(VENV)/.dev  ## Walk every plan through in a real terminal and check each screen (ARGS="--plan distro/aurora-pitr --size 120x40").
	@$(BIN)/python scripts/screen_walk.py $(ARGS)

screenshots: $(VENV)/.dev  ## Make screenshots/ anew (SVG and PNG) from the real program.
	@$(BIN)/python scripts/screenshots.py $(ARGS)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "cockpit needs Python 3.11 or newer; set PYTHON=...")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing the locked dependencies into $(VENV) (once) ..."
	@$(PIP) install --require-hashes --no-deps --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing the locked dependencies and the development tools into $(VENV) (once) ..."
	@$(PIP) install --require-hashes --no-deps --requirement requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.runtime

lock:  ## Resolve the dependencies anew (needs uv on PATH) and write both lock files.
	uv pip compile pyproject.toml --extra demo --group build --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet --output-file requirements.lock
	uv pip compile pyproject.toml --extra demo --group build --group dev --constraint requirements.lock --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet --output-file requirements-dev.lock

clean:  ## Remove the virtual environments and every cache.
	rm -rf .venv .venv-* dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
