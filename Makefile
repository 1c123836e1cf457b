# Each command of the project is defined here once; CI, pre-commit and people call the same targets.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
SOURCES := src tests hatch_build.py
# Two cores are the smallest machine that the product is made for.
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo test check types nightly bench docs install bundle encoder packages constraints format

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: install encoder ## start everything with a demo company, and print where to sign in
	$(BIN)/caseloom demo

test: packages install encoder check ## what CI runs: install, build, check, all tests but the nightly ones
	$(BIN)/python -m pytest -n $(WORKERS)

check: install types ## style, types, import rules
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/lint-imports

types: install
	$(BIN)/mypy

nightly: packages install encoder ## the tests that run for long: docs/nightly.md
	$(BIN)/python -m pytest -m nightly -n $(WORKERS) --durations=20

bench: install ## measure the door, the desk, the intake and the rules
	$(BIN)/caseloom bench door
	$(BIN)/caseloom bench desk
	$(BIN)/caseloom bench intake
	$(BIN)/caseloom bench rules

docs: install ## make the reference from code and check the documents
	$(BIN)/caseloom reference docs/reference
	$(BIN)/python -m pytest tests/house/test_documents.py

install: $(STAMP) bundle

$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

encoder: $(STAMP)
	@$(BIN)/caseloom encoder build >/dev/null || echo "Without the sentence encoder: messages are read by words alone."

bundle: $(STAMP)
	@$(BIN)/python hatch_build.py

packages:
	@.ci/packages

constraints: $(STAMP) ## pin the newest versions of all dependencies
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --upgrade \
		--no-header --no-annotate --quiet -o constraints.txt

format: install ## bring the sources into the house style
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)
