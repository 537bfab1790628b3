# Everything runs in .venv, made from requirements.lock. Another Python: make reports PYTHON=python3.12
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
# No update notices and no questions; nothing else of pip's own settings is changed.
QUIET := --disable-pip-version-check --no-input
PIP := $(BIN)/python -m pip $(QUIET)
# Processes at a time; the results are the same to the byte.
JOBS ?= $(shell nproc 2> /dev/null || echo 1)
# make test-stack: the oldest releases that pyproject.toml allows, the newest when `make lock`
# was last called, or the locked ones.
STACK ?= oldest
NEEDS_oldest := --require-hashes --only-binary :all: -r requirements-oldest.txt
NEEDS_newest := --require-hashes --only-binary :all: -r requirements-newest.txt
NEEDS_locked := --require-hashes -r requirements.lock
# All but the peers of the benchmarks, which have an environment of their own.
EXTRAS := browser distributed docs geo lint notebook pdf tables test
# What the oldest and the newest stack are tested with.
TESTED := distributed geo pdf test
RESOLVE := build/uv/bin/uv pip compile pyproject.toml requirements.in --universal \
	--generate-hashes --no-header --no-emit-index-url \
	--no-emit-find-links --no-annotate --quiet

# make coverage: the share of the windows of real cities that is asked about, where they are at hand.
SAMPLE ?= 0.1

# Published studies and the packages that hold their tables, in an environment of their own.
TABLES := build/tables
HOLD_TABLES := causaldata==0.1.5 moderndid==0.2.0 synthdid-py==0.1.0
PUBLISHED := replication-castle replication-minimum-wage replication-proposition-99

.DEFAULT_GOAL := help
.PHONY: help install reports docs test test-stack lint check bench coverage sentences faults replications lock sbom sbom-check package clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

install: $(INSTALLED) ## make .venv from requirements.lock, and nothing else

reports: $(INSTALLED) ## install what is needed, run every analysis, write reports/
	$(BIN)/ceasefire run -j $(JOBS)
	$(BIN)/ceasefire power -j $(JOBS) -v > /dev/null
	$(BIN)/ceasefire report --pdf

docs: $(INSTALLED) ## make the documentation a site, build/docs/index.html; a warning is an error
	$(BIN)/python -m sphinx -q -W --keep-going -d build/doctrees docs build/docs

test: lint ## style, types and all tests
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

test-stack: ## all tests on another stack: PYTHON=python3.13 STACK=oldest, newest or locked
	@case "$(STACK)" in oldest | newest | locked) ;; *) \
		echo "STACK: '$(STACK)' is not known. Give oldest, newest or locked." >&2; exit 2 ;; esac
	$(PYTHON) -m venv --clear build/stacks/$(STACK)
	build/stacks/$(STACK)/bin/python -m pip $(QUIET) install --quiet $(NEEDS_$(STACK))
	build/stacks/$(STACK)/bin/python -m pip $(QUIET) install --quiet --no-deps \
		--no-build-isolation -e .
	build/stacks/$(STACK)/bin/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

lint: $(INSTALLED) ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: $(INSTALLED) ## do the committed results and pages reproduce?
	$(BIN)/ceasefire check

bench: $(INSTALLED) ## measure speed beside other packages, write docs/evidence/benchmarks*.md (minutes)
	$(BIN)/python -m benchmarks

coverage: $(INSTALLED) ## measure how often ranges hold the truth, write docs/ (some hours)
	$(BIN)/python -m benchmarks.coverage_its
	$(BIN)/python -m benchmarks.did_one_city
	$(BIN)/python -m benchmarks.did_clusters
	$(BIN)/python -m benchmarks.did_groups
	$(BIN)/python -m benchmarks.did_cities
	$(BIN)/python -m benchmarks.real_cities --sample $(SAMPLE)
	$(BIN)/python -m benchmarks.coverage_individual
	$(BIN)/python -m benchmarks.coverage_times
	$(BIN)/python -m benchmarks.coverage_survey

sentences: $(INSTALLED) ## are sentences that tell of a direction right? write sentences.md (half an hour)
	$(BIN)/python -m benchmarks.sentences -j $(JOBS)

faults: $(INSTALLED) ## fail, kill and interrupt every verb, spoil every file, write docs/evidence/reliability.md
	$(BIN)/python -m benchmarks.faults
	$(BIN)/python -m benchmarks.interruptions
	$(BIN)/python -m benchmarks.written_files

replications: $(INSTALLED) ## find published studies again, with tables from other packages
	$(PYTHON) -m venv $(TABLES)
	$(TABLES)/bin/python -m pip $(QUIET) install --quiet $(HOLD_TABLES)
	$(TABLES)/bin/python -m benchmarks.replications
	$(BIN)/ceasefire run -j $(JOBS) $(PUBLISHED)
	$(BIN)/ceasefire report $(PUBLISHED)

lock: ## resolve requirements.lock, requirements-oldest.txt and requirements-newest.txt anew
	@$(PYTHON) -m venv build/uv
	@build/uv/bin/python -m pip $(QUIET) install --quiet uv
	$(RESOLVE) --python-version 3.11 $(EXTRAS:%=--extra %) -o requirements.lock
	$(RESOLVE) --python-version 3.11 $(TESTED:%=--extra %) --resolution lowest-direct \
		-o requirements-oldest.txt
	$(RESOLVE) --python-version 3.13 $(TESTED:%=--extra %) --upgrade -o requirements-newest.txt

sbom: $(INSTALLED) ## write sbom.cdx.json and docs/reference/licences.md from the lock and what is installed
	$(BIN)/python -m release.inventory

sbom-check: $(INSTALLED) ## are they those of the lock?
	$(BIN)/python -m release.inventory --check

package: $(INSTALLED) ## wheel and sdist in dist/, the same bytes twice; the wheel tried in an empty environment
	$(BIN)/python -m release.build
	$(PYTHON) -m venv --clear build/wheel
	build/wheel/bin/python -m pip $(QUIET) install --quiet --require-hashes -r requirements.lock
	build/wheel/bin/python -m pip $(QUIET) install --quiet --no-deps --no-index dist/*.whl
	tried=$$(mktemp -d) && trap 'rm -rf "$$tried"' EXIT && cd "$$tried" && \
		PATH="$(CURDIR)/build/wheel/bin:$$PATH" && ceasefire init city --example && cd city && \
		ceasefire run && ceasefire report && ceasefire accept example --reason "A first look" && \
		ceasefire check && ceasefire --version

clean: ## delete .venv, build/ and caches; data, analyses and reports stay
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp is written last: an installation that was cut short is taken up again.
$(INSTALLED): requirements.lock pyproject.toml
	@command -v "$(PYTHON)" > /dev/null || \
		{ echo "$(PYTHON) is not installed. Python 3.11 or later is needed." >&2; exit 4; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$$($(PYTHON) --version) is too old. Python 3.11 or later is needed;" \
		"name it: make PYTHON=python3.12" >&2; exit 4; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || \
		{ echo "$(PYTHON) cannot make a virtual environment." \
		"On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 4; }
	$(PYTHON) -m venv .venv
	$(PIP) install --quiet --require-hashes -r requirements.lock
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@
