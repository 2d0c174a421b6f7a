# One entry for everything; `make` alone prints this list. Needs Python 3.11 or newer and nothing else.

VENV    ?= .venv
WORKERS ?= 2
PORT    ?= 3000
PYTHON  ?=
CANDIDATES = $(if $(PYTHON),$(PYTHON),python3.11 python3.12 python3.13 python3.14 python3)

BIN   := $(VENV)/bin
PY    := $(BIN)/python
READY := $(VENV)/.ready
TESTS := ecom_platform_tests

# With S3=1, what follows it works in a bucket of a server on this machine.
IN_BUCKET = $(if $(S3),s3="$$($(BIN)/ecom s3 up)" && eval "$$s3" && )

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo demo-cdc test test-long test-quick dev lint format docs bench constraints clean clean-lake

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: $(READY)-run $(if $(S3),$(READY)-s3) ## Thirty days of shop events from landing to marts and a dashboard (S3=1: in a bucket)
	@$(IN_BUCKET)$(BIN)/ecom demo

demo-cdc: $(READY)-oltp ## The shop's own PostgreSQL, its changes as by AWS DMS, and the lake beside it
	@$(BIN)/ecom oltp demo

test: $(READY)-test ## The test suite (WORKERS=2)
	@$(PY) -m pytest -n $(WORKERS) --dist loadfile -m "not slow" $(TESTS) $(ARGS)

test-long: $(READY)-test ## The test suite, and the tests that take minutes each
	@$(PY) -m pytest -n $(WORKERS) --dist loadfile $(TESTS) $(ARGS)

test-quick: $(READY)-test ## The test suite without the tests that start a JVM
	@$(PY) -m pytest -n $(WORKERS) --dist loadfile -m "not slow and not java" $(TESTS) $(ARGS)

# Plain `dagster dev` works too, but announces a temporary home that will be removed, although the
# dagster.yaml here keeps all state. The warning that is silenced recommends `dg dev`: works as well.
dev: $(READY)-run $(if $(S3),$(READY)-s3) ## The Dagster user interface and daemon on http://127.0.0.1:3000 (PORT=3000, S3=1)
	@$(IN_BUCKET)DAGSTER_HOME=$(CURDIR) PYTHONWARNINGS='ignore:Function `dev_command`' \
	  $(BIN)/dagster dev -h 127.0.0.1 -p $(PORT) -w workspace.yaml

lint: $(READY)-dev ## ruff check, ruff format --check, mypy, ecom docs --check
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(BIN)/ecom docs --check

format: $(READY)-dev ## Let ruff fix and format the code
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

docs: $(READY)-run ## Write docs/data_dictionary.md from the contracts and checks
	@$(BIN)/ecom docs

bench: $(READY)-bench ## Measure speed and memory, stage by stage (ARGS="...")
	@$(PY) -m bench $(ARGS)

constraints: $(READY)-dev ## Write constraints.txt from .venv, after an upgrade that you tested
	@{ sed -n '/^#/p' constraints.txt; \
	  $(PY) -m pip freeze --exclude-editable --exclude ecom_platform; } > constraints.txt.new
	@mv constraints.txt.new constraints.txt
	@touch $(READY)-*
	@echo "constraints.txt: $$(grep -vc '^#' constraints.txt) packages"

clean: ## Remove Dagster's state, caches and build leftovers (keeps the lake and .venv)
	@rm -rf .dagster_state .tmp_dagster_home_* .logs_queue logs .mypy_cache .pytest_cache .ruff_cache \
	  .hypothesis build dist *.egg-info spark-warehouse metastore_db derby.log
	@find ecom_platform $(TESTS) -name __pycache__ -type d -prune -exec rm -rf {} +

clean-lake: clean ## Remove ./lake as well: landing files and every published table
	@rm -rf lake

# --- The virtual environment. One stamp a set of extras: a second call does nothing.

EXTRAS_run  :=
EXTRAS_s3   := [s3]
EXTRAS_oltp := [oltp]
EXTRAS_test := [test]
EXTRAS_bench := [bench]
EXTRAS_dev  := [dev]

$(READY)-%: $(PY) setup.py constraints.txt
	@echo "Installing ecom_platform$(EXTRAS_$*) into $(VENV) (about a minute the first time) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".$(EXTRAS_$*)"
	@touch $@

# Kept when it exists: its time stamp says nothing about what is installed in it.
.PRECIOUS: $(READY)-%
$(PY):
	@for python in $(CANDIDATES); do \
	  if $$python -c 'import sys, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' \
	    >/dev/null 2>&1; then \
	    echo "Creating $(VENV) with $$($$python --version) ..."; \
	    exec $$python -m venv --clear $(VENV); \
	  fi; \
	done; \
	echo "No Python between 3.11 and 3.14 with venv was found (tried: $(CANDIDATES))." >&2; \
	echo "Install one (Debian: apt install python3 python3-venv) or name it: make PYTHON=/path/to/python3.11" >&2; \
	exit 1
