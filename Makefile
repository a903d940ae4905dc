# Every target sets up what it needs; `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
PORT ?= 5000
UI_PORT ?= 4200
APPLICATION ?= report
BENCH ?=
STARTED := $(shell date +%s)

SYSTEM_PATH := $(PATH)
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHONUNBUFFERED := 1
# Telemetry off, also for the tools that do not start through flows/__init__.py.
export DO_NOT_TRACK := true
export DVC_NO_ANALYTICS := 1
export GX_ANALYTICS_ENABLED := false
export MLFLOW_DISABLE_TELEMETRY := true
export PREFECT_SERVER_ANALYTICS_ENABLED := false

.PHONY: help setup repository repro test test-all bench lint tune figures paper mlflow serve stop clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: ## create .venv and install the tested lock
	@PATH="$(SYSTEM_PATH)" $(PYTHON) .ci/install.py

repository:
	@git rev-parse --is-inside-work-tree >/dev/null 2>&1 || { \
	  echo "error: this folder is not a git repository, which DVC needs to version data; clone the project," \
	       "or run: git init && git add . && git commit -m Start" >&2; exit 1; }

repro: repository setup ## run the whole pipeline on the default configuration and print the comparison
	@python -m flows.repro --started $(STARTED)

test: lint ## everything that continuous integration needs; the same examples every time
	@python -m pytest -q -m "not slow" --hypothesis-profile=ci

test-all: lint ## the slow tests too; examples drawn at random
	@python -m pytest -q

bench: setup ## time, memory and accuracy against the peers, which it installs; BENCH=--quick: a few minutes
	@PATH="$(SYSTEM_PATH)" $(PYTHON) .ci/install.py --bench
	@python -m tests.benchmarks $(BENCH)

lint: repository setup ## ruff, formatting, types
	@ruff check .
	@ruff format --check .
	@mypy

tune: repository setup ## search the end model's hyperparameters on the development split
	@dvc --wait-for-lock repro embed@$(APPLICATION) gold@$(APPLICATION) fit@$(APPLICATION)-metal
	@python -m flows.tune --application $(APPLICATION)

paper: repository setup ## the paper's section 5 on the corpora at hand: OVERRIDES="corpus@entity=fewnerd ..."
	@python -m flows.paper_run $(OVERRIDES)

figures: repository setup ## simulate and draw the paper's Figure 4, and two figures more, in data/results/figure4
	@dvc --wait-for-lock repro flows/figure4/dvc.yaml

mlflow: setup ## open MLflow on this machine's loopback address
	@python -m flows.tracking --ui --port $(PORT)

serve: repository setup ## trigger and schedule runs: Prefect's server and a worker on loopback, UI_PORT=4200
	@python -m flows.serve --port $(UI_PORT) --mlflow-port $(PORT)

stop: setup ## end what make serve started
	@python -m flows.serve --stop

clean: ## remove the environment, resume state and tool caches; data and DVC's cache stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis data/scratch *.egg-info
