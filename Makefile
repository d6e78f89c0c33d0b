# Targets for people; the study itself is the Snakefile.
.DEFAULT_GOAL := help
.SHELLFLAGS := -euo pipefail -c
SHELL := /bin/bash
.DELETE_ON_ERROR:

# The system's Python, even where .venv is activated: the environment itself has no pip.
PYTHON ?= $(shell PATH="$$(printf %s "$$PATH" | tr : '\n' | grep -vxF "$$(pwd -P)/.venv/bin" \
	| paste -sd :)" && command -v python3)
# As in pyproject.toml; TensorFlow has no build for 3.14.
PYTHONS := 3.11 3.12 3.13
CORES ?= all
# Files of tests at once; some of their studies take two cores themselves.
TESTS ?= 2
# What make compare compares, and with which of results/reference (else with the closest).
RESULTS ?= results/laptop
REFERENCE ?=
# More for Snakemake: make study ARGS='--config preset=ci'
ARGS ?=

VENV := .venv
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
# Snakemake wants a user with a name and a home, which containers may lack, and keeps a cache there.
export LOGNAME := $(or $(LOGNAME),$(shell id -un 2> /dev/null))
export HOME := $(shell test -w "$${HOME-}" && printf %s "$$HOME" || printf %s "$$(pwd -P)/.cache")
export XDG_CACHE_HOME ?= $(CURDIR)/.cache
# Packages belong into the environment, wherever a user lets pip put those of other projects.
unexport PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT PIP_DRY_RUN
# The system's pip installs into the environment: Debian's venv comes without one.
PIP := "$(PYTHON)" -m pip --disable-pip-version-check --python $(VENV)/bin/python
INSTALL := $(PIP) install --no-user --quiet --no-warn-script-location

.PHONY: help env study compare test test-slurm test-slow bench docs check format lock clean distclean

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

env: $(VENV)/study ## set up the locked environment in .venv

study: env ## run the study; ARGS='--config preset=ci' goes to Snakemake
	@snakemake --cores $(CORES) --rerun-incomplete $(ARGS)

compare: export RESULTS := $(RESULTS)
compare: export REFERENCE := $(REFERENCE)
compare: env ## set results beside the published ones; RESULTS=results/ci, REFERENCE=paper_cpu
	@python -m crossbreed.reference compare "$$RESULTS" $(if $(REFERENCE),--against "$$REFERENCE")

test: $(VENV)/development ## run the tests (8 minutes on two cores; real data, real training)
	pytest --numprocesses $(TESTS) --dist loadfile --no-loadscope-reorder --durations=15

test-slurm: $(VENV)/development ## install and start a Slurm here (root, Debian), submit and disturb a study
	pytest -m slurm --durations=5

test-slow: $(VENV)/development ## 30 kills, both engines on more runs, nanoGPT's setting (20 minutes)
	pytest -m slow --capture=no

bench: $(VENV)/development ## measure training, planning, studies and tests (half an hour)
	python -m benchmarks.performance

docs: env ## write the page of all keys anew, and copy published results into the pages
	python -m crossbreed.documentation

check: $(VENV)/development ## lint, types, formatting of code and workflow
	ruff check .
	ruff format --check .
	mypy
	snakefmt --check Snakefile workflow
	snakemake --lint
	snakemake --lint --config preset=paper
	for profile in workflow/profiles/*; do \
		snakemake --profile $$profile --dry-run --quiet all --config preset=ci > /dev/null; \
	done

format: $(VENV)/development ## format code and workflow
	ruff check --fix .
	ruff format .
	snakefmt Snakefile workflow

lock: ## resolve the newest allowed packages and pin them in envs/
	envs/lock.sh "$(PYTHON)"

# The slash behind results: it may be a link to a larger disk.
clean: ## delete your results; the data and the published results stay
	find results/ -mindepth 1 -maxdepth 1 ! -name README.md ! -name data ! -name reference \
		-exec rm -rf {} +
	rm -rf .snakemake .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis

distclean: clean ## delete the data and the environment too
	rm -rf results/data $(VENV) src/*.egg-info

$(VENV)/bin/python:
	@version=$$("$(PYTHON)" -c 'import sys; print("%d.%d" % sys.version_info[:2])') || version="not known"; \
	case " $(PYTHONS) " in *" $$version "*) ;; *) \
		echo "PYTHON=$(PYTHON): its version is $$version, allowed are $(PYTHONS);" \
			"name one that is here: make env PYTHON=/path/to/python3.12" >&2; exit 1 ;; esac
	"$(PYTHON)" -m venv --without-pip $(VENV)

$(VENV)/study: envs/study.txt envs/install.py pyproject.toml | $(VENV)/bin/python
	"$(PYTHON)" envs/install.py "$(PYTHON)" $(VENV) envs/study.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/development: envs/development.txt $(VENV)/study
	"$(PYTHON)" envs/install.py "$(PYTHON)" $(VENV) envs/development.txt
	touch $@
