# Two commands matter: "make run" and "make test". Needs Python 3.11 or later, and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := im gql web workers operations adapters models domain simulators
PIP := $(BIN)/pip install --quiet --disable-pip-version-check

# A stamp carries the hash of what was installed: only a changed lock installs again.
sum = $(shell cat $(1) | cksum | tr ' ' '-')
RUN_STAMP := $(VENV)/.run-$(call sum,requirements/run.txt requirements/build.txt pyproject.toml)
DEV_STAMP := $(VENV)/.dev-$(call sum,requirements/dev.txt)
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header

.DEFAULT_GOAL := help
.PHONY: help run test check form bench schema migration simulate hooks lock clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

run: $(RUN_STAMP) ## Start everything with a demo, and print its URL and token
	@exec $(BIN)/im run --demo --with-parent

test: form ## Install all, check, and run every test with its coverage
	@rm -f .coverage
	@$(BIN)/pytest -n auto --maxprocesses 4 --dist worksteal -m 'not bench' $(PACKAGES:%=--cov=%) --cov-report=term:skip-covered --cov-report=xml --cov-report=json:.coverage.json
	@$(BIN)/python -m tools.coverage_badge .coverage.json docs/coverage.svg

check: form ## Look at form, types, imports and rules
	@$(BIN)/pytest -q tests/domain tests/architecture

form: $(DEV_STAMP)
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/mypy

bench: $(DEV_STAMP) ## Measure the figures of the budget table
	@$(BIN)/python -m tests.bench.run $(ARGS)

schema: $(RUN_STAMP) ## Write schema.graphql, and give GraphiQL the documented examples
	@$(BIN)/im schema > $(VENV)/schema.draft && mv $(VENV)/schema.draft schema.graphql
	@cp docs/reference/examples.graphql web/static/graphiql/examples.graphql

migration: $(RUN_STAMP) ## Write a migration: make migration name=what_it_adds
	@test -n "$(name)" || { echo 'make migration name=what_it_adds' >&2; exit 2; }
	@$(BIN)/tortoise makemigrations --name "$(name)"

simulate: $(DEV_STAMP) ## Play more seeds: of a mirror, make simulate SEEDS=1000 VENDOR=jira; of both sides, without VENDOR
	@$(BIN)/python -m tests.acceptance.$(if $(VENDOR),paging --vendor $(VENDOR),convergence) --seeds $(or $(SEEDS),1000)

hooks: ## Let git run "make check" before each commit
	@git config core.hooksPath .githooks

lock: ## Pin the dependencies again, with uv
	@$(LOCK) pyproject.toml -o requirements/run.txt
	@$(LOCK) pyproject.toml --group dev -o requirements/dev.txt
	@printf 'hatchling\neditables\n' | $(LOCK) - -o requirements/build.txt

clean: ## Remove the environment and what tools left; the data in .watchpane stays
	@rm -rf $(VENV) .coverage* coverage.xml .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo 'Watchpane needs Python 3.11 or later: make PYTHON=/path/to/python3.11' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): | $(BIN)/python
	@echo 'Installing into $(VENV) ...'
	@$(PIP) --require-hashes -r requirements/build.txt
	@$(PIP) --require-hashes -r requirements/run.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/.run-* && touch $@

$(DEV_STAMP): $(RUN_STAMP)
	@$(PIP) --require-hashes -r requirements/dev.txt
	@rm -f $(VENV)/.dev-* && touch $@
