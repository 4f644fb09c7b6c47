# The commands of feed2book for those who read its source. `make help` lists them.

VENV ?= .venv
PY = $(VENV)/bin/python
SHELL = /bin/sh
.SHELLFLAGS = -ec
# -n 2: the tests fit in two processes on a small machine; PYTEST_ARGS adds to them.
WORKERS ?= 2
OUT ?= out

.PHONY: help book samples test lint bench eval lock clean setup

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F '\t' '{printf "make %-8s %s\n", $$1, $$2}'

setup:
	@VENV=$(VENV) scripts/setup book

book: setup ## make an EPUB, a PDF and a digest in out/ of the sample blog, or of FEED=URL-or-file
	@$(PY) -m samples.make --out "$(OUT)" $(if $(FEED),"$(FEED)")

samples: setup ## the same for every feed in samples/
	@$(PY) -m samples.make --out "$(OUT)" --all

test: ## lint, type check and run all tests
	@VENV=$(VENV) scripts/setup test
	@$(MAKE) --no-print-directory lint
	@$(PY) -m pytest -q -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

lint: ## ruff and mypy
	@VENV=$(VENV) scripts/setup test
	@$(VENV)/bin/ruff check --quiet .
	@$(VENV)/bin/ruff format --quiet --check . || { echo "run: ruff format ." >&2; exit 1; }
	@$(VENV)/bin/mypy --no-error-summary

bench: setup ## measure time and memory (BENCH_ARGS="--sizes 7 100")
	@$(PY) -m bench $(BENCH_ARGS)

eval: setup ## what articles keep of real posts, against the floor (EVAL_ARGS=--raise-floor)
	@$(PY) -m bench.eval --check --worst 20 $(EVAL_ARGS)

lock: ## write requirements.lock anew from pyproject.toml (needs uv)
	@uv pip compile --quiet --universal --generate-hashes --no-header --upgrade --group dev pyproject.toml -o requirements.lock

clean: ## remove what these commands made, but not the environment
	@rm -rf "$(OUT)" build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
