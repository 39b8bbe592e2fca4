# Relay's everyday commands; `make help` lists them. Each prepares .venv by itself.

HOST ?= 127.0.0.1
PORT ?= 8000
# The distribution's Python first: it is built with optimisation, which one that pyenv built is not, and takes a third less.
FIT = import ensurepip, sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell /usr/bin/python3 -c '$(FIT)' 2>/dev/null && echo /usr/bin/python3 || echo python3)

BIN := .venv/bin
STAMP := .venv/.prepared
INSTALLED := .venv/.installed
NODE := tests/node/node_modules/.prepared
PIP := -m pip install --quiet --disable-pip-version-check

define CHECK_PYTHON
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
  || { echo "Python 3.11 or newer is needed; name one with PYTHON=python3.12" >&2; exit 1; }; \
$(PYTHON) -c 'import ensurepip' 2>/dev/null \
  || { echo "Python's venv module is missing: apt-get install python3-venv" >&2; exit 1; }
endef

# Python keeps what it compiled, so that not every process of the tests compiles Relay and the tests anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install setup run dev check fix test test-one soak lint bench bench-http shots lock sbom

help: ## Show these lines
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(INSTALLED) ## Prepare .venv for production: what Relay runs on, and no test tool
	@$(BIN)/python -m compileall -q relay # the services may not write beside the sources: each start would do it anew

$(INSTALLED): requirements.lock
	@$(CHECK_PYTHON)
	$(PYTHON) -m venv $(if $(wildcard $(STAMP)),--clear) .venv
	$(BIN)/python $(PIP) --require-hashes -r requirements.lock
	$(BIN)/python $(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(STAMP) ## Prepare .venv for development and tests (the targets below do it by themselves)

$(STAMP): requirements-dev.lock
	@$(CHECK_PYTHON)
	$(PYTHON) -m venv .venv
	$(BIN)/python $(PIP) --require-hashes -r requirements-dev.lock
	$(BIN)/python $(PIP) --no-deps --no-build-isolation --editable .
	@rm -f $(INSTALLED)
	@touch $@

$(NODE): tests/node/package.json tests/node/package-lock.json
	npm ci --prefix tests/node --no-audit --no-fund
	@touch $@

run: setup ## Start Relay with demo data on http://HOST:PORT (development only)
	@RELAY_ENV=development $(BIN)/relay run --host $(HOST) --port $(PORT)

dev: setup ## Start Relay like `make run`, and anew whenever a Python file changes; errors show their traceback
	@RELAY_ENV=development $(BIN)/watchfiles --filter python --sigint-timeout 15 \
	  "$(BIN)/relay run --host $(HOST) --port $(PORT)" relay

check: lint ## Run in a minute what needs no database and no browser: lint, unit tests, conventions
	$(BIN)/python -m pytest -q -n 2 tests/unit tests/conventions

fix: setup ## Put right what ruff can put right by itself, and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: setup $(if $(shell command -v npm),$(NODE)) ## Run every test: SQLite, PostgreSQL and a real browser
	$(BIN)/python -m pytest -n 2 --dist worksteal

test-one: setup ## Run the tests of one file, or one of them: make test-one T=tests/unit/test_config.py::test_…
	@test -n "$(T)" || { echo "Say which: make test-one T=path[::name]" >&2; exit 1; }
	$(BIN)/python -m pytest --both "$(T)"

soak: setup ## Run the long forms of the tests, by hand and before a release
	$(BIN)/python -m pytest -s tests/soak
	$(BIN)/python -m pytest -n 2 --dist worksteal --both tests/web

lint: setup ## Check style, types, floors and templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint --lint --quiet templates

bench: setup ## Measure the pages and the search; with MATCH=DIR, the order of people in a labelled set alone
ifdef MATCH
	$(BIN)/python -m tests.bench.match "$(MATCH)"
else
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench.duplicates
	$(BIN)/python -m tests.bench.answers
	$(BIN)/python -m tests.bench.partner
	$(BIN)/python -m tests.bench.api
	$(BIN)/python -m tests.bench.writing
	-$(BIN)/python -m tests.bench.sending
	$(BIN)/python -m tests.bench.match
endif

bench-http: setup ## Measure every page over HTTP, with a thousand and a million people
	$(BIN)/python -m tests.bench.http

shots: setup ## Take a picture of every page at 1440 and 390 px into shots/
	$(BIN)/python -m tests.browser.shots

lock: ## Choose both locks anew from pyproject.toml (needs the package index)
	@set -e; tools=$$(mktemp -d); trap 'rm -rf "$$tools"' EXIT; \
	$(PYTHON) -m venv "$$tools"; \
	"$$tools/bin/python" -m pip install --quiet --disable-pip-version-check uv; \
	compile="$$tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url"; \
	$$compile --no-header --extra install pyproject.toml -o requirements.lock; \
	$$compile --no-header --extra install --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

sbom: setup ## Write what production is made of into sbom.json (CycloneDX)
	$(BIN)/python -m tests.production.sbom sbom.json
