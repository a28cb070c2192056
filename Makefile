# Two commands are enough to begin: `make demo` and `make test`. Both set everything up first.
VENV ?= .venv
# The first that runs and is new enough: a name on the PATH alone proves nothing (pyenv's shims).
CANDIDATES := python3 python3.13 python3.12 python3.11
WORKS := import sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for each in $(CANDIDATES); do $$each -c '$(WORKS)' 2>/dev/null && echo $$each && break; done)
BIN := $(VENV)/bin

.PHONY: demo test sure bench lint clean

demo: $(VENV)/.demo
	@exec $(BIN)/python -m allegro_module.demo

test: $(VENV)/.test
	$(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder

sure: $(VENV)/.test lint test

lint: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config setup.cfg
	$(BIN)/deptry allegro_module

bench: $(VENV)/.test
	$(BIN)/python -m bench

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer (with venv) is needed"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[demo]'
	@touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[test]'
	@touch $@ $(VENV)/.demo

clean:
	rm -rf $(VENV) var build dist screenshots .mypy_cache .pytest_cache .ruff_cache
