# vodka's workshop. `make` alone lists what can be made; only Python (3.11 or newer) and make are needed to begin.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
LOCK := $(VENV)/lock
COMPILE := $(LOCK)/bin/uv pip compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	--python-version 3.11 --universal pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help setup demo dev test test-long check format bench screenshots lock migrate clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup: $(READY) ## Make .venv with everything pinned (done once; again when the pins change)

$(READY): requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "vodka needs Python 3.11 or newer: make PYTHON=…")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## Show everything: vodka, a mailbox and an example website, in one go
	$(BIN)/vodka demo

dev: setup ## Serve vodka on this machine, restarting when a file changes
	VODKA_PROFILE=development $(BIN)/vodka db upgrade
	VODKA_PROFILE=development $(BIN)/flask --app wsgi run --port 8000 --debug

test: setup ## Run the tests on all cores; every branch of vodka/ must be covered
	$(BIN)/pytest -n auto -m "not long" --cov=vodka $(ARGS)

test-long: setup ## Run the fault and race tests that take minutes
	$(BIN)/pytest -m long --timeout 900 $(ARGS)

check: setup ## Check format, lint, types, import contracts, templates and dead code
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/vulture

format: setup ## Put the code in its one format
	$(BIN)/ruff check --fix-only -q .
	$(BIN)/ruff format .

bench: setup ## Measure CPU and latency per request against a bare Flask route
	$(BIN)/python -m tests.bench $(ARGS)

screenshots: setup ## Take the README's pictures anew
	$(BIN)/python -m tests.journeys.screenshots

lock: ## Write requirements/*.txt anew from pyproject.toml
	$(PYTHON) -m venv $(LOCK)
	$(LOCK)/bin/pip install -q --disable-pip-version-check uv
	$(COMPILE) --extra redis -o requirements/base.txt
	$(COMPILE) --all-extras -o requirements/dev.txt
	rm -rf $(LOCK)

migrate: setup ## Write a migration for changed models: make migrate m="what changes"
	$(BIN)/vodka db revision -m "$(m)"

clean: ## Remove everything that was made here, .venv included
	rm -rf $(VENV) .coverage .coverage.* .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
