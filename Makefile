# Everything a person or CI does with Greenroom. `make` alone lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What is installed already: a file for each lock, newer than the lock.
DEMO := $(VENV)/.demo
RUN := $(VENV)/.run
DEV := $(VENV)/.dev
# What loads the packages of the demo: the bot in it, the child that listens, the charts.
LOADED := bot demo.world analyzer.engines.local.hearing matplotlib.figure matplotlib.backends.backend_agg
PIN := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url

BENCHMARKS := $(filter-out %_data table measured_bot,$(sort $(basename $(notdir $(wildcard benchmarks/[a-z]*.py)))))

.DEFAULT_GOAL := help
.PHONY: bench help install demo test retest coverage lint nodelint hooks audit fuzz format run check docs pictures lock clean

help:  ## list these commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(DEV)  ## make .venv with all that demo, bot, tests and linters need

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Greenroom needs Python 3.11 or newer.")'
	@echo "Making $(VENV)"
	@$(PYTHON) -m venv $(VENV)

# All three install the same versions of what they share, so each adds to the others.
$(DEMO): requirements/demo.lock | $(BIN)/pip
	@$(BIN)/python -m tools.install $< --about "750 MB" --used $(LOADED)
	@touch $@

$(RUN): requirements/local.lock | $(BIN)/pip
	@$(BIN)/python -m tools.install $< --about "850 MB"
	@touch $@

$(DEV): requirements/dev.lock | $(BIN)/pip
	@$(BIN)/python -m tools.install $< --about "1.4 GB"
	@touch $(DEMO) $(RUN) $@

demo: $(DEMO)  ## try the bot in the browser, without any account
	$(BIN)/python bot.py demo

run: $(RUN)  ## run the bot; .env says which
	$(BIN)/python bot.py run

check: $(RUN)  ## check the settings, the token and the key
	$(BIN)/python bot.py check

test: install  ## run the whole test suite
	$(BIN)/python -m pytest

retest: install  ## run what failed last once more, one test after another
	$(BIN)/python -m pytest --numprocesses=0 --last-failed --last-failed-no-failures=none

coverage: install  ## the same, and say what it reaches; fails below the floor in pyproject.toml
	$(BIN)/python -m pytest --cov --cov-report=term

hooks: install  ## check what changed at every commit from now on
	$(BIN)/pre-commit install

lint: install audit  ## style, types, the Dockerfile, the workflows, and known holes in packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/hadolint Dockerfile
	$(BIN)/zizmor --quiet --offline .github
	@$(MAKE) --no-print-directory nodelint

# Only what Node.js checks; whoever changes no script and no workflow can do without it.
NODE_OLDEST := 20
NODE := node -e 'process.exit(parseInt(process.versions.node) < $(NODE_OLDEST) ? 1 : 0)' 2>/dev/null
NODE_STAMP := node_modules/.package-lock.json

nodelint:  ## types and style of the page's scripts, and the workflows; skipped without Node.js
	@if $(NODE) && command -v npm >/dev/null; then $(MAKE) --silent --no-print-directory $(NODE_STAMP) && \
	    for check in types lint workflows; do npm run --silent $$check || exit 1; done; \
	else echo "Node.js $(NODE_OLDEST) or newer is not installed: scripts of the page and workflows are not checked."; fi

$(NODE_STAMP): package-lock.json
	npm ci --loglevel=error --no-audit --no-fund
	@touch $@

audit: install  ## look for known holes in the packages; skipped where nobody can be asked
	$(BIN)/python -m tools.audit requirements/dev.lock

fuzz: install  ## look for inputs that break what takes outside text, a minute each
	$(BIN)/python -m tests.fuzz

bench: install  ## run every benchmark, one after another; best on a machine that does nothing else
	@for name in $(BENCHMARKS); do echo "== $$name" && $(BIN)/python -m benchmarks.$$name || exit 1; done

format: install  ## let ruff mend what it can, and Biome the page's scripts where Node.js is
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	@if [ -d node_modules ]; then npm run --silent format; fi

docs: install  ## write docs/commands.md anew from the command tree
	$(BIN)/python -m tools.command_docs

pictures: install  ## take the README's pictures anew; needs Chromium
	$(BIN)/python -m tools.pictures
	$(BIN)/python -m tools.studio_pictures

lock: install  ## pin the newest versions that the requirements allow
	$(PIN) requirements/dev.txt -o requirements/dev.lock
	$(PIN) requirements.txt requirements/postgres.txt -c requirements/dev.lock -o requirements/bot.lock
	$(PIN) requirements.txt requirements/postgres.txt requirements/local.txt -c requirements/dev.lock -o requirements/local.lock
	$(PIN) requirements/demo.txt --excludes requirements/demo-without.txt -c requirements/dev.lock -o requirements/demo.lock

clean:  ## remove what make made
	rm -rf $(VENV) node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
