# Agency payment portal. `make help` lists what there is.
.DEFAULT_GOAL := help
.PHONY: help demo demo-reset run worker upgrade backup restore test faults lint browser pictures bench texts lock clean

# What Python and pytest have compiled is kept: compiling the tests anew costs each of their processes half a minute.
unexport PYTHONDONTWRITEBYTECODE

# The first Python that is new enough; PYTHON=/path/to/python overrides.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; exit; }; done; echo none)
BIN := .venv/bin
READY := .venv/.installed

WEB_PORT ?= 8000
STRIPE_PORT ?= 8001
INBOX_PORT ?= 8002
SMTP_PORT ?= 8025
WEB_HOST ?= 127.0.0.1
WEB_WORKERS ?= 1
# Two for each core: half of the time a test waits, for a browser, a server or a clock.
TEST_PROCESSES ?= $(shell expr 2 \* $$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN))
BACKUP ?= var/backups/$(shell date -u +%Y%m%d-%H%M%S).backup
FAULT_SECONDS ?= 3000
FAULT_SEED ?= 20261121

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY) ## the whole portal with sample data on this machine; Ctrl-C stops it
	@exec $(BIN)/python -m portal.cli.demo --web-port $(WEB_PORT) --stripe-port $(STRIPE_PORT) \
		--inbox-port $(INBOX_PORT) --smtp-port $(SMTP_PORT)

demo-reset: $(READY) ## forget the demo's data; the next `make demo` starts over
	@$(BIN)/python -m portal.cli.demo --reset

run: $(READY) ## the web server, with the settings of .env (WEB_HOST, WEB_PORT, WEB_WORKERS)
	@$(BIN)/flask --app wsgi check
	@exec $(BIN)/granian --interface wsgi --host $(WEB_HOST) --port $(WEB_PORT) --workers $(WEB_WORKERS) \
		--blocking-threads 8 --backpressure 64 --no-ws --respawn-failed-workers wsgi:app

worker: $(READY) ## the worker: mails, processor events, reconciling
	@exec $(BIN)/flask --app wsgi worker

upgrade: $(READY) ## bring the database up to date
	@$(BIN)/flask --app wsgi upgrade

backup: $(READY) ## the database into BACKUP, by default var/backups/<day and time>.backup
	@$(BIN)/flask --app wsgi backup $(BACKUP)

restore: $(READY) ## put BACKUP in the database's place; then: flask after-restore
	@test "$(origin BACKUP)" != file || { echo "Which one? make restore BACKUP=path/to/file"; exit 1; }
	@$(BIN)/flask --app wsgi restore $(BACKUP)

test: $(READY) ## everything: lint, migrations, tests on SQLite and PostgreSQL, browser tests
	@CHROMIUM="$$($(BIN)/python scripts/find_chromium.py --install)" && export CHROMIUM && \
		{ $(MAKE) --no-print-directory lint > .venv/lint.log 2>&1 & } && \
		{ $(BIN)/pytest -n $(TEST_PROCESSES) --dist loadgroup; tests=$$?; \
		wait $$!; lint=$$?; cat .venv/lint.log; exit $$((tests + lint)); }

browser: $(READY) ## the browser tests alone
	@CHROMIUM="$$($(BIN)/python scripts/find_chromium.py --install)" && export CHROMIUM && \
		$(BIN)/pytest tests/browser -n 2 --dist loadgroup

bench: $(READY) ## how fast it is: pages with 1,000 and with 100,000 invoices, page weight, charging; about ten minutes
	@exec $(BIN)/python -W 'ignore:XDG_RUNTIME_DIR is not set' -m benchmarks

pictures: $(READY) ## the README's pictures anew, of the running demo
	@CHROMIUM="$$($(BIN)/python scripts/find_chromium.py --install)" && export CHROMIUM && \
		$(BIN)/python -m scripts.take_pictures

faults: $(READY) ## payments with everything going wrong, FAULT_SECONDS at the most, and docs/fault-report.md; guessing guests
	@$(BIN)/python -W ignore -m tests.faults --seconds $(FAULT_SECONDS) --seed $(FAULT_SEED)
	@PORTAL_FULL_FAULTS=1 $(BIN)/pytest -s --timeout 0 tests/access/test_guest_attack.py \
		tests/payments/test_crowd.py tests/web/security/test_probing.py

lint: $(READY) ## style, types, security (bandit), layers, templates, lock file
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet . || { $(BIN)/ruff format --check .; exit 1; }
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive portal agency_branding scripts migrations wsgi.py 2>/dev/null || \
		{ $(BIN)/bandit --configfile pyproject.toml --recursive portal agency_branding scripts migrations wsgi.py; exit 1; }
	@$(BIN)/lint-imports --no-logo > .import-linter.log 2>&1 || { cat .import-linter.log; rm .import-linter.log; exit 1; }
	@rm .import-linter.log
	@$(BIN)/djlint --lint --quiet templates agency_branding
	@$(BIN)/python scripts/check_lock.py
	@echo "lint: clean"

texts: $(READY) ## bring the translations in step with the texts in the sources
	@$(BIN)/python scripts/texts.py

lock: ## resolve the dependencies of pyproject.toml anew into requirements.lock
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && $(PYTHON) -m venv "$$folder" && \
		"$$folder/bin/pip" install --quiet --disable-pip-version-check uv && \
		"$$folder/bin/uv" pip compile pyproject.toml --group dev --universal --python-version 3.11 --upgrade --quiet \
			--generate-hashes --no-emit-index-url --no-header --no-annotate -o requirements.lock && \
		$(PYTHON) scripts/check_lock.py

clean: ## remove the environment and what the tools left behind
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache test-results

$(READY): requirements.lock
	@test "$(PYTHON)" != none || { echo "This needs Python 3.11 or newer, and none was found. Install one, or name it: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "This needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Name another: make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { rm -rf .venv; echo "Python cannot make an environment here. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Installing the pinned packages into .venv; this happens once and takes about a minute."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@touch $(READY)
