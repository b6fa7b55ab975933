# Agency payment portal. `make help` lists what there is.
.DEFAULT_GOAL := help
.PHONY: help env demo demo-shell demo-reset run worker upgrade upgrade-with shell-with backup restore \
	compose-env compose-up compose-upgrade compose-backup compose-restore test faults lint browser pictures bench texts lock clean

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
BINDHQ_PORT ?= 8003
SMTP_PORT ?= 8025
WEB_HOST ?= 127.0.0.1
WEB_WORKERS ?= 1
# Two for each core: half of the time a test waits, for a browser, a server or a clock.
TEST_PROCESSES ?= $(shell expr 2 \* $$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN))
BACKUP ?= var/backups/$(shell date -u +%Y%m%d-%H%M%S).backup
FAULT_SECONDS ?= 3000
FAULT_SEED ?= 20261121

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: ## make .env, with keys of its own; what is yours to fill in stays empty
	@$(PYTHON) scripts/make_env.py .env.example

demo: $(READY) ## the whole portal with sample data on this machine; Ctrl-C stops it
	@exec $(BIN)/python -m portal.cli.demo --web-port $(WEB_PORT) --stripe-port $(STRIPE_PORT) \
		--inbox-port $(INBOX_PORT) --smtp-port $(SMTP_PORT) --bindhq-port $(BINDHQ_PORT)

demo-shell: $(READY) ## a shell in which `flask COMMAND` works on the running demo's data; with the demo's ports
	@settings="$$($(BIN)/python -m portal.cli.demo --environment --web-port $(WEB_PORT) --stripe-port $(STRIPE_PORT) \
		--inbox-port $(INBOX_PORT) --smtp-port $(SMTP_PORT) --bindhq-port $(BINDHQ_PORT))" && eval "$$settings" && PATH="$(CURDIR)/$(BIN):$$PATH" && \
		export PATH && echo "flask COMMAND works on the demo's data; exit leaves." && exec $${SHELL:-sh}

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

# What an administrator's commands write stays in var/: the portal's own folder belongs to the portal's user.
upgrade-with: $(READY) ## the same with the settings in the files ENV, for a deployment by systemd
	@set -a && for file in $(ENV); do . $$file; done && PORTAL_DATA_DIR=var && $(BIN)/flask --app wsgi upgrade

shell-with: $(READY) ## a shell in which `flask COMMAND` works with the settings in the files ENV
	@set -a && for file in $(ENV); do . $$file; done && PORTAL_DATA_DIR=var && FLASK_APP=wsgi && PATH="$(CURDIR)/$(BIN):$$PATH" && exec $${SHELL:-sh}

backup: $(READY) ## the database into BACKUP, by default var/backups/<day and time>.backup
	@$(BIN)/flask --app wsgi backup $(BACKUP)

restore: $(READY) ## put BACKUP in the database's place; then: flask after-restore
	@test "$(origin BACKUP)" != file || { echo "Which one? make restore BACKUP=path/to/file"; exit 1; }
	@$(BIN)/flask --app wsgi restore $(BACKUP)

compose-env: ## make .env for compose.yaml, with keys and passwords of its own
	@$(PYTHON) scripts/make_env.py deploy/compose.env.example

compose-up: ## the whole portal by compose.yaml: database, two web processes, worker, proxy
	@docker compose up --detach --build --wait

compose-upgrade: ## a new version by compose.yaml: backup, migration, one process after the other
	@sh deploy/compose-upgrade.sh

compose-backup: ## the database of compose.yaml into BACKUP
	@test ! -e $(BACKUP) || { echo "$(BACKUP) is there already. Name another file: a backup is never overwritten."; exit 1; }
	@mkdir -p $(dir $(BACKUP)) && umask 077 && docker compose run --rm -T upgrade \
		sh -c 'flask backup /var/tmp/backup >&2 && cat /var/tmp/backup' > $(BACKUP).part && mv $(BACKUP).part $(BACKUP) && echo $(BACKUP) || \
		{ rm -f $(BACKUP).part; exit 1; }

compose-restore: ## put BACKUP in the place of the database of compose.yaml, and read the payments since again
	@test "$(origin BACKUP)" != file || { echo "Which one? make compose-restore BACKUP=path/to/file"; exit 1; }
	@docker compose stop web-1 web-2 worker
	@docker compose run --rm -T upgrade \
		sh -c 'cat > /var/tmp/backup && flask restore --yes /var/tmp/backup && flask after-restore' < $(BACKUP)
	@docker compose up --detach --wait web-1 web-2 worker

test: $(READY) ## everything: lint, migrations, tests on SQLite and PostgreSQL, browser tests
	@CHROMIUM="$$($(BIN)/python scripts/find_chromium.py --install)" && export CHROMIUM && \
		{ $(MAKE) --no-print-directory lint > .venv/lint.log 2>&1 & } && \
		{ $(BIN)/pytest -n $(TEST_PROCESSES); tests=$$?; \
		wait $$!; lint=$$?; cat .venv/lint.log; exit $$((tests + lint)); }

browser: $(READY) ## the browser tests alone
	@CHROMIUM="$$($(BIN)/python scripts/find_chromium.py --install)" && export CHROMIUM && \
		$(BIN)/pytest tests/browser -n 2

bench: $(READY) ## how fast it is: pages beside 1,000 and 10,000,000 invoices, page weight, charging; an hour, 25 GB of disk
	@exec $(BIN)/python -W 'ignore:XDG_RUNTIME_DIR is not set' -m benchmarks

pictures: $(READY) ## the pictures of README and docs anew, of the running demo
	@CHROMIUM="$$($(BIN)/python scripts/find_chromium.py --install)" && export CHROMIUM && \
		$(BIN)/python -m scripts.take_pictures

faults: $(READY) ## payments with everything going wrong, FAULT_SECONDS at the most, and docs/fault-report.md; guessing guests; BindHQ
	@$(BIN)/python -W ignore -m tests.faults --seconds $(FAULT_SECONDS) --seed $(FAULT_SEED)
	@PORTAL_FULL_FAULTS=1 $(BIN)/pytest -s --timeout 0 tests/access/test_guest_attack.py \
		tests/payments/test_crowd.py tests/web/security/test_probing.py tests/statements/test_statements.py tests/policy_system/test_histories.py

lint: $(READY) ## style, types, security (bandit), layers, templates, lock file
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet . || { $(BIN)/ruff format --check .; exit 1; }
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive portal agency_branding scripts migrations wsgi.py 2>/dev/null || \
		{ $(BIN)/bandit --configfile pyproject.toml --recursive portal agency_branding scripts migrations wsgi.py; exit 1; }
	@$(BIN)/lint-imports --no-logo > .import-linter.log 2>&1 || { cat .import-linter.log; rm .import-linter.log; exit 1; }
	@rm .import-linter.log
	@$(BIN)/djlint --lint --quiet templates agency_branding
	@$(BIN)/python scripts/check_lock.py
	@$(BIN)/python scripts/runtime_lock.py --check
	@echo "lint: clean"

texts: $(READY) ## bring the translations in step with the texts in the sources
	@$(BIN)/python scripts/texts.py

lock: ## resolve the dependencies of pyproject.toml anew into requirements.lock
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && $(PYTHON) -m venv "$$folder" && \
		"$$folder/bin/pip" install --quiet --disable-pip-version-check uv && \
		"$$folder/bin/uv" pip compile pyproject.toml --group dev --universal --python-version 3.11 --upgrade --quiet \
			--generate-hashes --no-emit-index-url --no-header --no-annotate -o requirements.lock && \
		$(PYTHON) scripts/check_lock.py && echo "Then, with the new packages installed: $(BIN)/python scripts/runtime_lock.py"

clean: ## remove the environment and what the tools left behind
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache test-results

$(READY): requirements.lock
	@test "$(PYTHON)" != none || { echo "This needs Python 3.11 or newer, and none was found. Install one, or name it: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "This needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Name another: make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { rm -rf .venv; echo "Python cannot make an environment here. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Installing the pinned packages into .venv; this happens once and takes about a minute."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@touch $(READY)
