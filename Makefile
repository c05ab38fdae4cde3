# `make help` says what there is. The environment in .venv is made by whatever needs it, once.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help ask test lint corpus bench clean

BIN := .venv/bin
READY := .venv/.ready
# The question as it was typed: a $ or a quote in it is the reader's, not make's or the shell's.
export QUESTION := $(value Q)

help: ## Say what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */  make \1\t/'

ask: $(READY) ## Answer a question: make ask Q="What did the service centre cost a month?"
	@$(BIN)/factdesk ask -- "$$QUESTION" || test $$? -eq 3

test: $(READY) ## Run the tests
	@$(BIN)/python -m pytest -q

lint: $(READY) ## Check style, types and the direction of imports
	@mkdir -p .build/typing && ln -sfn ../.. .build/typing/factdesk
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

corpus: $(READY) ## Make the shipped documents from their sources
	@$(BIN)/python -m factdesk.corpus.editions.build

bench: $(READY) ## Measure speed, ingest, scale and three others on the same work: about an hour
	@$(BIN)/python benchmarks/speed.py
	@$(BIN)/python benchmarks/ingest.py
	@$(BIN)/python benchmarks/scale.py
	@$(BIN)/python benchmarks/peers.py

clean: ## Remove caches and build output; .venv stays
	rm -rf .build build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .grimp_cache
	find . -path ./.venv -prune -o -name __pycache__ -type d -exec rm -rf {} +

# A pip that works tells a whole environment from one that an interruption left.
$(READY): pyproject.toml constraints.txt
	@set -e; \
	if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		for python in python3.11 python3; do \
			if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
		done; \
		if [ -z "$${found:-}" ]; then echo "factdesk: no Python 3.11 or later; install python3.11" >&2; exit 1; fi; \
		echo "Making the environment .venv: once, some minutes" >&2; \
		$$found -m venv --clear .venv; \
	fi; \
	$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[dev,plot]' >&2
	@touch $(READY)
