# Two commands for a new user: `make run` and `make test`. Everything else is listed by `make help`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PYTEST_OPTIONS ?=

.PHONY: help run install browser test check test-long chaos breaks lint lock docs bench-latency bench-processor bench-sdk bench-collector python-there clean
.DEFAULT_GOAL := help

help: ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## / — /'

run: $(INSTALLED) browser ## everything on this machine, until Ctrl-C
	@$(BIN)/python -m rumstream up

install: $(INSTALLED) ## the environment in .venv, from requirements.lock
browser: $(INSTALLED) ## the browser files, if a source has changed
	@$(BIN)/python browser/build.py

$(INSTALLED): requirements.lock pyproject.toml | python-there
	@echo "Installing into $(VENV) (the first time takes a minute or two)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation --quiet -e .
	@touch $@

python-there:
	@command -v $(PYTHON) > /dev/null || { \
	  echo "rumstream needs Python 3.11 or newer, and there is no $(PYTHON) here. Another one: make run PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "rumstream needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Another one: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2> /dev/null || { \
	  echo "$(PYTHON) cannot make environments: its venv module is missing (Debian, Ubuntu: apt install python3-venv)"; exit 1; }

test: ## all checks and every test but the long ones, in a fresh environment
	@rm -rf .venv-test
	@$(MAKE) --no-print-directory VENV=.venv-test check

check: $(INSTALLED) lint ## the same in the environment that is there
	@$(BIN)/python browser/build.py --lighthouse
	@$(BIN)/python -m pytest $(PYTEST_OPTIONS)

test-long: $(INSTALLED) browser ## the tests that take more than a minute each
	@$(BIN)/python -m pytest -m long $(PYTEST_OPTIONS)

chaos: $(INSTALLED) ## two workers, FAULTS=30 kills, stops and lost disks drawn by SEED=n, every row compared
	@$(BIN)/python -m tests.lab.chaos --faults $(or $(FAULTS),30) $(if $(SEED),--seed $(SEED))

breaks: $(INSTALLED) ## break each rule in a copy of the tree and see its test fail; ONLY=text chooses
	@$(BIN)/python -m tests.lab.breaks $(if $(ONLY),--only "$(ONLY)")

lint: $(INSTALLED) ## ruff, mypy --strict, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pre-commit validate-config

docs: $(INSTALLED) ## docs/settings.md from the settings, the tables of breaks in docs/testing.md
	@$(BIN)/python -m rumstream.settings_table
	@$(BIN)/python -m tests.lab.breaks_table

lock: python-there ## requirements.lock from pyproject.toml
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && $(PYTHON) -m venv "$$folder" \
	  && "$$folder/bin/pip" install --disable-pip-version-check --quiet uv \
	  && "$$folder/bin/uv" pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	     --no-annotate --all-extras pyproject.toml -o requirements.lock --custom-compile-command "make lock"

bench-latency: $(INSTALLED) browser ## POST to ClickHouse row and to gauge, p50 and p99
	@$(BIN)/python -m benchmarks.latency

bench-processor: $(INSTALLED) ## events per CPU second, beside Kafka Streams, Bytewax and Faust's tables
	@$(BIN)/python -m benchmarks.processor

bench-collector: $(INSTALLED) ## beacons per CPU second, beside plain FastAPI and the OpenTelemetry Collector
	@$(BIN)/python -m benchmarks.collector

bench-sdk: $(INSTALLED) browser ## the SDK's CPU time on a page's main thread; Lighthouse with it and without
	@$(BIN)/python -m benchmarks.sdk

clean: ## what was built; the data and the cache stay
	@rm -rf .venv .venv-test browser/dist browser/node_modules browser/test/react-18/node_modules \
	  tests/browser/clients/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
