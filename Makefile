# `make help` lists what can be made. Everything else stands in bin/, in manage.py's commands and in pyproject.toml.

.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN := .venv/bin

# Enough of an environment for commands that only read the code.
OFFLINE := SECRET_KEY=a-key-for-commands-that-only-read-the-code-and-serve-nobody DATA_DIR=var/make

.PHONY: help demo test test-fast test-faults benchmark screenshots lint licences format messages lock prepare-test

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: ## The whole site with demo data, until Ctrl-C (make demo PORT=8010 for another port)
	@$(PYTHON) bin/prepare.py demo
	@exec $(BIN)/python -m bin.demo --stop-with-parent $(if $(PORT),--port $(PORT))

test: prepare-test ## Everything that CI runs: linters, types, migrations, settings, all tests, on both databases where they ask one
	@$(BIN)/python bin/test.py all

test-fast: prepare-test ## The inner loop: tests on SQLite, without browser and without what takes seconds
	@$(BIN)/pytest -n 2 -q -m "not browser and not slow and not faults"

test-faults: prepare-test ## Kill processes and servers in the middle of things, at full size
	@TEST_DATABASE=postgres $(BIN)/pytest -m faults

benchmark: prepare-test ## What things cost, beside a bare Django and at full size (benchmarks/); takes a quarter of an hour
	@$(BIN)/python -m benchmarks.web
	@$(BIN)/python benchmarks/workbench.py
	@$(BIN)/python benchmarks/participant_lists.py
	@$(BIN)/python benchmarks/render_letter.py

screenshots: prepare-test ## Pictures of every public page in every state, on a phone and on a desk, into var/screenshots/
	@rm -rf var/screenshots && mkdir -p var/screenshots
	@SCREENSHOTS=$(CURDIR)/var/screenshots $(BIN)/pytest -q tests/browser/test_accessibility.py -k any_state

lint: prepare-test ## Linters, formatter, types, import direction
	@$(BIN)/python bin/test.py lint

licences: prepare-test ## What the product is made of, and under which licences
	@$(BIN)/python bin/licences.py

format: prepare-test ## Format the code and mend what linters can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

messages: prepare-test ## Collect the texts of code and templates into locale/, and compile them
	@$(OFFLINE) $(BIN)/python manage.py makemessages --locale da --no-location --no-obsolete --no-wrap \
		--ignore staticfiles --ignore tests --ignore var
	@msgfmt --check-format --output-file locale/da/LC_MESSAGES/django.mo locale/da/LC_MESSAGES/django.po

lock: prepare-test ## Lock the newest versions that requirements.in and requirements-dev.in allow, with hashes
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --upgrade requirements-dev.in -o requirements-dev.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --constraint requirements-dev.txt requirements.in -o requirements.txt

prepare-test:
	@$(PYTHON) bin/prepare.py test
