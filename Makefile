# Two commands: `make run` and `make test`. Everything lives in .venv; nothing else on the machine is touched.
PYTHON ?= python3
BIN := .venv/bin
BENCH ?= all --seconds 60
READY := .venv/.ready
# LOCK=requirements.lock sets up with exactly the versions written there; without it, with the newest that fit.
LOCK ?=

PART ?=

.PHONY: run test coverage test-slow nightly mutants check lint format docs dist lock reports bench clean help

help:  ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## / - /'

$(READY): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(addprefix -c ,$(LOCK)) -e '.[test]'
	touch $(READY)

run: $(READY)  ## solve the shipped Paris instance and write its plan and report to runs/paris-2026-01
	$(BIN)/forcegen check instances/paris-2026-01
	$(BIN)/forcegen solve instances/paris-2026-01 --scenario settlement-us-backstop --time-limit 60 --force --out runs/paris-2026-01 || test $$? -eq 5
	$(BIN)/forcegen report runs/paris-2026-01 --html runs/paris-2026-01/report.html --xlsx runs/paris-2026-01/report.xlsx

test: $(READY)  ## all tests but the long campaigns
	$(BIN)/python -m pytest -n 2 --dist worksteal -q -m 'not slow'

coverage: $(READY)  ## the same, and which lines and branches no test runs
	$(BIN)/python -m pytest -n 2 --dist worksteal -q -m 'not slow' --cov=optimizer --cov-branch --cov-report=term:skip-covered

test-slow: $(READY)  ## the long random campaigns
	$(BIN)/python -m pytest -n 2 -q -m slow

nightly: test-slow  ## everything random at length: campaigns, signals, a hundred thousand broken inputs
	$(BIN)/python -m tests.campaigns.mutate_inputs 0 50000 & first=$$!; \
	$(BIN)/python -m tests.campaigns.mutate_inputs 50000 100000; second=$$?; wait $$first && test $$second -eq 0

mutants: $(READY)  ## plant faults in what guards plans: a test must notice each (hours; PART="optimizer/plan/rules" for a part)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[mutants]'
	$(BIN)/python -m tests.mutants.run $(PART)

check lint: $(READY)  ## linters, types, and the corridor's direction
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)  ## rewrite the code in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY)  ## the manual, in docs/_build/html
	$(BIN)/sphinx-build -W -E -q --keep-going docs docs/_build/html

dist: $(READY)  ## wheel and source archive in dist/, the manual inside
	$(BIN)/sphinx-build -W -q docs optimizer/manual
	rm -rf optimizer/manual/.doctrees optimizer/manual/_sources
	$(BIN)/python -m pip install --quiet --disable-pip-version-check build
	$(BIN)/python -m build --outdir dist .

lock:  ## write down what a fresh environment gets on this Python: requirements.lock
	rm -rf build/lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --disable-pip-version-check '.[test]'
	build/lock/bin/python -c 'import sys; print("# Python %d.%d on %s. Made by `make lock`; used by `make LOCK=requirements.lock run` and `test`." % (*sys.version_info[:2], sys.platform))' > build/requirements.lock
	build/lock/bin/python -m pip freeze | grep -v ' @ ' >> build/requirements.lock
	mv build/requirements.lock requirements.lock
	rm -rf build/lock

reports: $(READY)  ## rebuild the published reports (about two hours; a stopped run goes on)
	$(BIN)/python -m publications.tutorial
	$(BIN)/python -m publications.paris

bench: $(READY)  ## measure, peers included (about two hours; BENCH="anytime S --seconds 10" for a part)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	$(BIN)/python -m benchmarks $(BENCH)

clean:  ## remove what can be made again
	rm -rf .venv build dist docs/_build optimizer/manual runs .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
