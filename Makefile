# `make demo` and `make test` do everything on a machine that has only Python 3.11 and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
JOBS   ?= auto

.PHONY: demo test check lint types contract bench eval-api eval-exercise eval-scaffold pins picture docs clean help
.DEFAULT_GOAL := help

help:           ## show the targets
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

$(STAMP): pyproject.toml pins.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint pins.txt --editable '.[backend]' --group dev
	touch $(STAMP)

demo: $(STAMP)  ## rehearse a bundled flawed project and show the evidence
	$(BIN)/backend-architect demo

test: $(STAMP)  ## the whole test suite, in parallel
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --cov --cov-report=term:skip-covered

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(STAMP)
	$(BIN)/mypy

contract: $(STAMP)
	$(BIN)/lint-imports

check: lint types contract test  ## everything that must be green: lint, types, import contract, tests

bench: $(STAMP)  ## ratios against squawk, psql, bare and hand-written servers, each measured in one run
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.realworld
	$(BIN)/python -m benchmarks.scaffolded
	$(BIN)/python -m benchmarks.workload
	$(BIN)/python -m benchmarks.api_review
	$(BIN)/python -m benchmarks.api_diff

eval-api: $(STAMP)  ## API review and contract diff beside other linters, stacks with planted faults
	$(BIN)/python -m benchmarks.api_linters
	$(BIN)/python -m benchmarks.eval_api_diff
	$(BIN)/python -m benchmarks.stack_faults

eval-exercise: $(STAMP)  ## plant every bug in the scaffolded shop and see which check finds it
	$(BIN)/python -m benchmarks.eval_exercise

eval-scaffold: $(STAMP)  ## random blueprints, upgrades over edits, kill -9: what scaffolding promises, at length
	$(BIN)/python -m benchmarks.eval_scaffold

pins: $(STAMP)  ## write down the versions that are installed now
	$(BIN)/python -m pip freeze --exclude-editable | grep -E '^[A-Za-z0-9._-]+==' > pins.txt

picture: $(STAMP)  ## draw the picture of the demo in the README again
	$(BIN)/python -m docs.picture

docs: $(STAMP)  ## write the generated pages and tables again
	$(BIN)/python -m docs.generate

clean:          ## remove the virtual environment and caches
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
