# Two verbs for a newcomer: `make run` and `make test`. Everything they need, they set up.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
export PYTHON
# Where a machine forbids it, every start would compile every library anew: half of the time of a run.
unexport PYTHONDONTWRITEBYTECODE
PIPELINE := .venv/pipeline/bin
TOOLS := .venv/tools/bin
STAMPS := .venv/.stamps
QUIET := DAGSTER_TELEMETRY_ENABLED=false DBT_SEND_ANONYMOUS_USAGE_STATS=false DO_NOT_TRACK=1 SCARF_ANALYTICS=false PYTHONUTF8=1

.PHONY: help setup run test serve lint format docs soak bundle release audit licences clean system peers

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMPS)/pipeline $(STAMPS)/bi ## the environments, and nothing else

run: $(STAMPS)/pipeline $(STAMPS)/bi ## set up, then the reference park from its meters to published marts and dashboards
	@$(QUIET) $(PIPELINE)/python -m examples.reference_park

serve: $(STAMPS)/pipeline $(STAMPS)/bi ## orchestrator, dashboards, entry portal and exchange host; prints their addresses
	@$(QUIET) $(PIPELINE)/nengtan serve

test: system peers $(STAMPS)/test $(STAMPS)/bi $(STAMPS)/docs lint ## set up, then every test
	$(QUIET) $(PIPELINE)/python -m pytest -m "not soak" --numprocesses 3 --dist loadfile --no-loadscope-reorder

soak: system peers $(STAMPS)/test $(STAMPS)/bi ## the long proofs; figures go to docs/proofs.md by hand
	$(QUIET) $(PIPELINE)/python -m pytest -m soak --timeout 7200

lint: $(STAMPS)/tools $(STAMPS)/pipeline ## every rule a machine can check without running the product
	$(TOOLS)/ruff check .
	$(TOOLS)/ruff format --check .
	$(TOOLS)/lint-imports
	$(TOOLS)/mypy --python-executable $(PIPELINE)/python
	$(TOOLS)/sqlfmt --check dbt_project
	$(PIPELINE)/python scripts/portable_sql.py
	$(PIPELINE)/python -m scripts.pages --check

format: $(STAMPS)/tools $(STAMPS)/pipeline ## rewrite what a formatter can, and the pages that are made from something else
	$(PIPELINE)/python -m scripts.pages
	$(PIPELINE)/python -m tests.graph.asset_graph
	$(TOOLS)/ruff check --fix .
	$(TOOLS)/ruff format .
	$(TOOLS)/sqlfmt dbt_project

docs: $(STAMPS)/docs $(STAMPS)/pipeline ## the documentation site in both languages, in build/docs/site; opened from there or by nengtan serve
	@$(QUIET) $(PIPELINE)/python -m scripts.docs

bundle: $(STAMPS)/tools ## one archive for a machine without a network: this commit, every package and their bill, in build/
	@scripts/bundle.sh

release: $(STAMPS)/tools ## the bundle of a tagged commit, signed: make release KEY=…
	@scripts/release.sh "$(KEY)"

audit: $(STAMPS)/tools ## known vulnerabilities of the locked packages, asked and recorded in locks/audit.json
	@$(TOOLS)/python -m scripts.supply.audit

licences: $(STAMPS)/tools $(STAMPS)/test $(STAMPS)/bi $(STAMPS)/docs ## the licence of every locked package, in locks/licences.csv
	@$(TOOLS)/python -m scripts.supply.licences

system:
	@scripts/system_packages.sh

peers:
	@scripts/node_peers.sh

clean: ## remove what runs made (the lake too), keep the environments
	rm -rf build lake/raw lake/payloads lake/quarantine lake/ref lake/marts lake/build lake/tenants lake/locks lake/evidence lake/keys lake/marts_asof lake/superset lake/portal lake/exchange lake/lake.json lake/collector.json lake/*.duckdb lake/uplink.sqlite* lake/notices.sqlite* lake/exchange.sqlite* dbt_project/target dbt_project/logs

$(STAMPS)/pipeline: locks/pipeline.txt pyproject.toml | $(STAMPS)
	@scripts/environment.sh pipeline locks/pipeline.txt
	@touch $@

$(STAMPS)/test: locks/test.txt $(STAMPS)/pipeline | $(STAMPS)
	@scripts/environment.sh pipeline locks/pipeline.txt locks/test.txt
	@touch $@

$(STAMPS)/bi: locks/bi.txt | $(STAMPS)
	@scripts/environment.sh bi locks/bi.txt
	@touch $@

$(STAMPS)/docs: locks/docs.txt | $(STAMPS)
	@scripts/environment.sh docs locks/docs.txt
	@touch $@

$(STAMPS)/tools: locks/tools.txt | $(STAMPS)
	@scripts/environment.sh tools locks/tools.txt
	@touch $@

$(STAMPS):
	@mkdir -p $@
