# Everything a person or CI does with Greenroom. `make` alone lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIN := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url

BENCHMARKS := $(filter-out %_data table measured_bot,$(sort $(basename $(notdir $(wildcard benchmarks/[a-z]*.py)))))

.DEFAULT_GOAL := help
.PHONY: bench help install demo test lint audit format run check docs pictures lock clean

help:  ## list these commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(STAMP)  ## make .venv with all that demo, tests and bot need
	@du -sh $(VENV) | cut -f1 | sed 's/^/Installed into $(VENV): /'

$(STAMP): requirements/dev.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Greenroom needs Python 3.11 or newer.")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@touch $(STAMP)

demo: install  ## try the bot in the browser, without any account
	$(BIN)/python bot.py demo

run: install  ## run the bot; .env says which
	$(BIN)/python bot.py run

check: install  ## check the settings, the token and the key
	$(BIN)/python bot.py check

test: install  ## run the whole test suite
	$(BIN)/python -m pytest

lint: install audit  ## style, types, the Dockerfile, and known holes in packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/hadolint Dockerfile

audit: install  ## look for known holes in the packages; skipped where nobody can be asked
	$(BIN)/python -m tools.audit requirements/dev.lock

fuzz: install  ## look for inputs that break what takes outside text, a minute each
	$(BIN)/python -m tests.fuzz

bench: install  ## run every benchmark, one after another; best on a machine that does nothing else
	@for name in $(BENCHMARKS); do echo "== $$name" && $(BIN)/python -m benchmarks.$$name || exit 1; done

format: install  ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: install  ## write docs/commands.md anew from the command tree
	$(BIN)/python -m tools.command_docs

pictures: install  ## take the README's pictures anew; needs Chromium
	$(BIN)/python -m tools.pictures
	$(BIN)/python -m tools.studio_pictures

lock: install  ## pin the newest versions that the requirements allow
	$(PIN) requirements/dev.txt -o requirements/dev.lock
	$(PIN) requirements.txt requirements/postgres.txt -c requirements/dev.lock -o requirements/bot.lock
	$(PIN) requirements.txt requirements/postgres.txt requirements/local.txt -c requirements/dev.lock -o requirements/local.lock

clean:  ## remove what make made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
