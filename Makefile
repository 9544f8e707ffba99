# make run: the demo, whole, then how to see it.   make test: lint, types, layers and every test.
# Both need only Python 3.11 or later (with venv) and make; what else they need they install into .venv, checked by hash.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
DESK := .venv/.desk
SCALE := .venv/.scale

.PHONY: run test suite desk scale lint format demo lock audit clean

run: $(READY)
	@$(BIN)/thinkwatch demo --dir demo

test: lint suite

# In the order of tests/conftest.py, the longest files first: xdist would take those with the most tests.
suite: $(DESK)
	$(BIN)/pytest -q -n auto --dist loadfile --no-loadscope-reorder

# What `thinkwatch desk` needs besides: some 180 MB that nothing else uses.
desk: $(DESK)

# What the store past one machine needs besides (docs/scaling.md): some 340 MB that nothing else uses.
scale: $(SCALE)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyrefly check
	$(BIN)/lint-imports --no-cache
	VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/dg check defs

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

install = { command -v uv >/dev/null && uv pip install -q --compile-bytecode --python $(BIN)/python --no-deps --require-hashes -r $(1); } || \
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r $(1)

# uv where it is, else the pip of the virtual environment; both refuse a file whose hash is not in the lock. The lock is
# whole, so nothing is resolved here: pip before 24 stumbles over extras such as gql[requests] when it checks hashes.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Thinkwatch needs Python 3.11 or later; set PYTHON=…")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing into .venv (some minutes the first time)"
	@$(call install,requirements.lock)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(DESK): requirements-desk.lock $(READY)
	@echo "installing what the desk needs into .venv"
	@$(call install,requirements-desk.lock)
	@touch $@

$(SCALE): requirements-scale.lock $(READY)
	@echo "installing what the store past one machine needs into .venv"
	@$(call install,requirements-scale.lock)
	@touch $@

# The lock holds hashes and no addresses: it works with any index. duckdb stays at 1.5 until its extensions are out for 2.0.
lock:
	uv pip compile --universal --generate-hashes --python-version 3.11 --group dev --no-header -q -o requirements.lock -c constraints.txt pyproject.toml
	uv pip compile --universal --generate-hashes --python-version 3.11 --group desk --no-header -q -o requirements-desk.lock -c requirements.lock
	uv pip compile --universal --generate-hashes --python-version 3.11 --group scale --no-header -q -o requirements-scale.lock -c requirements.lock

# Known holes in what the lock pins; asks a service outside, so CI does not depend on it. Red too when it could not look.
audit: $(READY)
	@for lock in requirements*.lock; do $(BIN)/python -m bench.audit $$lock || exit; done

clean:
	rm -rf .venv demo .pytest_cache .ruff_cache .hypothesis
