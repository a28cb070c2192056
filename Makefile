# Two commands are enough to begin: `make demo` and `make test`. Both set everything up first.
VENV ?= .venv
PYTHON ?= $(firstword $(foreach name,python3.13 python3.12 python3.11 python3,$(shell command -v $(name) 2>/dev/null)))
BIN := $(VENV)/bin

.PHONY: demo test sure bench lint clean

demo: $(VENV)/.demo
	@exec $(BIN)/python -m allegro_module.demo

test: $(VENV)/.test
	$(BIN)/pytest -q

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
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[demo]'
	@touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[test]'
	@touch $@ $(VENV)/.demo

clean:
	rm -rf $(VENV) var build dist screenshots .mypy_cache .pytest_cache .ruff_cache
