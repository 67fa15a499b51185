# Kervan. `make run` is the way in: it sets everything up, starts the local stack and plays the demo.
# Needs Python 3.11+ and make; everything else comes from the package registries into .venv and node_modules.
.DEFAULT_GOAL := help
.PHONY: help setup run stop clean-stack lint test test-long calls bench scale reliability faults mutate synth openapi commands release-fixtures bootstrap deploy lock clean

STAGE ?= dev
PY := .venv/bin/python
CDK := node_modules/.bin/cdk
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Compiled modules are kept, whatever the surroundings say: compiling boto3 and CDK anew takes longer than most tests.
export PYTHONDONTWRITEBYTECODE :=
# CONTEXT passes settings on to CDK: make deploy STAGE=prod CONTEXT="-c sender=hello@example.com"
CONTEXT ?=
# TRY names a trial of `make faults`, with its numbers: make faults TRY="kill --events 20000 --messages 2000"
TRY ?=
# AGAIN=--again writes the data of a version anew that was not released yet: make release-fixtures AGAIN=--again
AGAIN ?=

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install everything into .venv and node_modules (instant when done)
	@sh requirements/install.sh

run: setup ## start the local stack, deploy to it, publish definitions/, play the demo
	@$(PY) -m cli.run

stop: ## end the local stack; the next `make run` goes on with it
	@if [ -x .venv/bin/kervan ]; then .venv/bin/kervan stop; else echo "kervan: nothing is running"; fi

clean-stack: ## end the local stack and remove its customers, messages and clock
	@if [ -x .venv/bin/kervan ]; then .venv/bin/kervan stop --clean; else echo "kervan: nothing is running"; fi

lint: setup ## ruff, mypy --strict, import-linter
	@ruff check . && ruff format --check . && lint-imports --no-logo && mypy

test: setup ## linters and every test except the long ones; pytest says how long each part took
	@$(PY) -m tests.run_tiers

test-long: setup ## the tests that take minutes
	@KERVAN_LONG=1 $(PY) -m pytest -q -n 2 -m long

calls: setup ## record which AWS calls functions make, for tests/infra/test_recorded_calls.py
	@rm -f tests/data/aws_calls.json
	@KERVAN_RECORD_CALLS=1 $(PY) -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not long" tests/e2e

bench: setup ## requests, units and dollars per event, CPU and import times
	@$(PY) -m benchmarks

scale: setup ## which limit is met first, and a Black Friday in virtual time, into docs/scale.md
	@$(PY) -m benchmarks.scale

reliability: setup ## every call of the functions with every fault, into docs/reliability.md (minutes)
	@$(PY) -m benchmarks.reliability --all

mutate: setup ## change the rules one by one and list what no test notices: make mutate MODULES="identity facts"
	@$(PY) -m benchmarks.mutation $(MODULES)

faults: setup ## the local stack under faults, into docs/reliability.md (half an hour; TRY names one and its numbers)
	@$(PY) -m benchmarks.trials $(TRY)

synth: setup ## production templates into cdk.out, checked by cfn-lint
	@$(CDK) synth --quiet -c stage=prod $(CONTEXT) --output cdk.out
	@cfn-lint cdk.out/*.template.json && echo "kervan: cdk.out holds the production templates; cfn-lint found no error"

release-fixtures: setup ## keep what this version stores in tests/data/releases, once before its release
	@$(PY) -m tests.flow.releases.write $(AGAIN)

openapi: setup ## describe the HTTP API anew in docs/openapi.json
	@$(PY) -m cli.openapi

commands: setup ## describe the command kervan anew in docs/commands.md
	@$(PY) -m cli.command_reference

bootstrap: setup ## once per AWS account and region, before the first deploy
	@$(CDK) bootstrap -c stage=$(STAGE)

deploy: setup ## deploy to your AWS account: make deploy STAGE=prod
	@mkdir -p .kervan
	@$(CDK) deploy -c stage=$(STAGE) $(CONTEXT) --outputs-file .kervan/$(STAGE).outputs.json

lock: setup ## resolve pyproject.toml anew into requirements/*.txt
	@sh requirements/lock.sh $(UPGRADE)

clean: ## remove what was built (not .venv, not the local stack's data)
	@rm -rf build cdk.out .mypy_cache .ruff_cache .pytest_cache .hypothesis
