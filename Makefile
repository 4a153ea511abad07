# Two commands are enough: `make run` searches, `make test` tests. Both prepare .venv first.

PYTHON ?= python3
VENV := .venv
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps
AUDIT := archive_rate archive_share archive_scale inclusion_proof tampering kill_writer power_cut replay
BENCHMARKS := $(filter-out noop_% $(AUDIT),$(notdir $(basename $(wildcard benchmarks/*.py))))
LOCK := uv pip compile --universal --quiet --generate-hashes --no-header --no-emit-index-url

.PHONY: run test full checkers hostile install lint bench audit-bench lock clean

run: install ## the default search: a cap set in Z_3^8, one minute, no key, no server
	$(VENV)/bin/funsearch run

test: $(VENV)/.tests ## all tests that are fast
	$(VENV)/bin/python -m pytest -n auto --dist worksteal -m "not slow" $(TESTS)

full: $(VENV)/.tests ## all tests, slow ones included, an attack on every evaluator, all benchmarks
	$(VENV)/bin/python -m pytest $(TESTS)
	$(VENV)/bin/funsearch problem check --all
	$(MAKE) bench audit-bench

checkers: $(VENV)/.tests ## every small change of a checker, and whether its tests notice
	$(VENV)/bin/python -m pytest -q -m slow tests/problems/test_checkers.py

hostile: $(VENV)/.tests ## all hostile programs, twice in a row in every mode, and a table of what they got
	$(VENV)/bin/python -m tests.hostile

bench: install ## every benchmark but those of the archive; each prints one line of JSON
	set -e; for name in $(BENCHMARKS); do $(VENV)/bin/python -m benchmarks.$$name; done

audit-bench: $(VENV)/.tests ## every figure that is claimed of the archive; about an hour
	set -e; for name in $(AUDIT); do $(VENV)/bin/python -m benchmarks.$$name; done

install: $(VENV)/.installed ## only prepare .venv

lint: $(VENV)/.tests ## style, types, and which floor imports which
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/pyright
	$(VENV)/bin/lint-imports --no-cache

lock: ## the pinned versions anew; needs uv
	$(LOCK) --group build -o requirements-build.lock
	$(LOCK) pyproject.toml --group build -o requirements.lock
	$(LOCK) pyproject.toml --group build --group dev --extra local --extra plots -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV)

$(VENV)/.installed: pyproject.toml requirements-build.lock requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "funsearch needs Python 3.11 or later; name one: make PYTHON=python3.12")'
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements-build.lock
	$(PIP) --no-build-isolation --require-hashes -r requirements.lock
	$(PIP) --no-build-isolation --editable .
	touch $@

$(VENV)/.tests: $(VENV)/.installed requirements-dev.lock
	$(PIP) --no-build-isolation --require-hashes -r requirements-dev.lock
	touch $@
