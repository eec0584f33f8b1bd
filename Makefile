# Two commands matter: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
WORKERS ?= 2
PY := $(VENV)/bin/python
export PYTHONDONTWRITEBYTECODE ?= 1

.PHONY: install run test lint evals bench train up lock

install: $(VENV)/.installed

$(VENV)/.installed: requirements/test.txt
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check uv
	$(PY) -m uv pip install --quiet --compile-bytecode --python $(PY) --no-deps --require-hashes -r requirements/test.txt \
	  || $(PY) -m pip install --disable-pip-version-check --no-deps --require-hashes -r requirements/test.txt
	touch $@

run: install
	@exec $(PY) -m api

test: install
	$(PY) -m pytest -n $(WORKERS) --dist loadfile
	$(MAKE) --no-print-directory lint

lint: install
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

evals: install
	$(PY) -m evals run real_messages

bench: install
	$(PY) -m evals bench turn

# Grow the underwriting model again: make train DATA=<folder with the public credit sets>
train: install
	$(PY) -m uv pip install --quiet --python $(PY) --no-deps --require-hashes -r requirements/train.txt
	$(PY) -m ledger_core.underwriting.train --data $(DATA)

up:
	docker compose up --build

lock:
	$(PY) -m uv pip compile pyproject.toml --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --override requirements/overrides.txt -o requirements/app.txt
	$(PY) -m uv pip compile pyproject.toml --quiet --group test --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --override requirements/overrides.txt -c requirements/app.txt -o requirements/test.txt
	$(PY) -m uv pip compile --quiet --group train --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -c requirements/app.txt -o requirements/train.txt
