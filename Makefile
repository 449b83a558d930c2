# Every command a newcomer needs; `make` alone lists them. Needs make, bash and Python 3.11 or newer with venv.

PYTHON ?= python3
VENV := .venv
RELAY_VENV := build/relay-alone
BIN := $(VENV)/bin

# Material that stands beside this repository and is no part of it; tests that want it say so when it is absent.
CASES ?= ../shared/cases
VECTORS ?= ../shared/vectors
DOMAINS ?= ../shared/domains
# A folder named by hand must be there; one of the defaults above is passed on only if it is.
named = $(if $(filter file,$(origin $(1))),$(wildcard $($(1))),$($(1)))
OUTSIDE = BACKCHANNEL_CASES="$(call named,CASES)" BACKCHANNEL_VECTORS="$(call named,VECTORS)" \
          BACKCHANNEL_DOMAINS="$(call named,DOMAINS)"

OUT ?= bench/out/deals.json
DEMO = kept/demo-$(shell date +%Y%m%d-%H%M%S)
# One more than two cores: tests wait for relays and browsers part of their time.
WORKERS ?= 3
FUZZ_SECONDS ?= 60
CODE = $(wildcard src tests bench fuzz)
PIP_INSTALL = -m pip install -qq --disable-pip-version-check
step = @printf '  %-9s %s\n'

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help dev demo test test-deep check bench bench-deals screens guides fuzz relay-alone lock clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

dev: $(BIN)/backchannel $(VENV)/.dev  ## set up .venv with everything a developer needs

demo: $(BIN)/backchannel  ## play the missile crisis of October 1962 on real desks over a real relay
	@$(BIN)/backchannel play cuba-1962 --narrate --keep $(DEMO) --open

test: check  ## the checks and the whole default suite
	$(step) test "the suite, $(WORKERS) at a time"
	@$(OUTSIDE) $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-deep: check  ## the suite again with many more examples and schedules
	$(step) test "the deep suite, $(WORKERS) at a time"
	@$(OUTSIDE) BACKCHANNEL_DEEP=1 $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder --timeout 7200

check: dev  ## style, types, imports and the rules of the tree
	$(step) ruff "$(CODE)"
	@$(BIN)/ruff check -q $(CODE)
	@$(BIN)/ruff format -q --check $(CODE)
	$(step) mypy "strict"
	@$(BIN)/mypy --no-error-summary
	$(step) imports "the contracts of pyproject.toml"
	@$(BIN)/lint-imports --no-cache >$(VENV)/imports.log 2>&1 || { cat $(VENV)/imports.log; exit 1; }
	$(step) tree "requirements, links, sizes"
	@$(BIN)/python tests/tree.py

bench: dev $(VENV)/.bench  ## measure the relay, the desks, their pages and soundings; prints medians and ratios
	@for measure in $(filter-out bench/deals.py,$(wildcard bench/*.py)); do $(BIN)/python "$$measure"; done

bench-deals: dev $(VENV)/.bench  ## search for packages in the domains of DOMAINS, beside negmas; rows and means go to OUT
	@$(BIN)/python bench/deals.py --domains "$(DOMAINS)" --out "$(OUT)"

guides: dev  ## write the pages and take the pictures of the guides, from the desks of a play; needs Chromium
	@$(BIN)/python tests/guide_pages.py
	@$(BIN)/python tests/guide_pictures.py

screens: dev  ## take a picture of every page of a desk, in every language, into build/screens; needs Chromium
	@$(BIN)/python tests/screens.py

fuzz: dev $(VENV)/.fuzz  ## feed every parser random bytes for FUZZ_SECONDS (60)
	@$(BIN)/python fuzz/run.py --seconds $(FUZZ_SECONDS)

relay-alone: $(RELAY_VENV)/bin/backchannel  ## install the relay by itself and prove that it holds no cryptography
	@$(RELAY_VENV)/bin/python tests/relay_alone.py

lock:  ## write requirements/*.txt anew from requirements/*.in; needs pip-tools
	@command -v pip-compile >/dev/null || { echo "pip-compile is missing: install pip-tools, then run make lock again."; exit 1; }
	@cd requirements && for name in runtime relay build dev fuzz bench; do \
	  CUSTOM_COMPILE_COMMAND="make lock" PIP_CONFIG_FILE=/dev/null PIP_FIND_LINKS= \
	  pip-compile -q --no-config --generate-hashes --allow-unsafe --strip-extras --no-emit-options \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o $$name.txt $$name.in; done

clean:  ## remove all that these commands made
	@rm -rf $(VENV) build dist kept .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Each step below leaves a file, so it runs once and again only when its requirements change.

define make_venv
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Backchannel needs Python 3.11 or newer: install one, or name it with make PYTHON=python3.12."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv module is missing: on Debian or Ubuntu run sudo apt-get install python3-venv, then make again."; exit 1; }
	@$(PYTHON) -m venv $(1)
endef

$(VENV)/.made:
	$(step) python "$(VENV)"
	$(call make_venv,$(VENV))
	@touch $@

$(VENV)/.runtime: $(VENV)/.made requirements/runtime.txt requirements/build.txt
	$(step) install "what a desk needs to run"
	@$(BIN)/python $(PIP_INSTALL) --require-hashes -r requirements/runtime.txt -r requirements/build.txt
	@touch $@

$(BIN)/backchannel: $(VENV)/.runtime pyproject.toml
	$(step) install "backchannel itself, from src"
	@$(BIN)/python $(PIP_INSTALL) --no-index --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	$(step) install "what the tests need"
	@$(BIN)/python $(PIP_INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.fuzz: $(VENV)/.dev requirements/fuzz.txt
	$(step) install "the fuzzer"
	@$(BIN)/python $(PIP_INSTALL) --require-hashes -r requirements/fuzz.txt
	@touch $@

$(VENV)/.bench: $(VENV)/.dev requirements/bench.txt
	$(step) install "what deals are compared with"
	@$(BIN)/python $(PIP_INSTALL) --require-hashes -r requirements/bench.txt
	@touch $@

$(RELAY_VENV)/bin/backchannel: requirements/relay.txt requirements/build.txt pyproject.toml
	$(step) python "$(RELAY_VENV)"
	@rm -rf $(RELAY_VENV)
	$(call make_venv,$(RELAY_VENV))
	$(step) install "what the relay needs to run"
	@$(RELAY_VENV)/bin/python $(PIP_INSTALL) --require-hashes -r requirements/relay.txt -r requirements/build.txt
	@$(RELAY_VENV)/bin/python $(PIP_INSTALL) --no-index --no-deps --no-build-isolation --editable .
	@touch $@
