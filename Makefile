# Everything a developer does; `make` alone lists it. `make install` makes .venv once and is quick afterwards.
SHELL := /bin/sh
.DEFAULT_GOAL := help
BIN := .venv/bin
DATA ?= .data
PORT ?= 8080
MLLP_PORT ?= 2575
AT = PASSERELLE_DATA=$(DATA) PASSERELLE_PORT=$(PORT) PASSERELLE_MLLP_PORT=$(MLLP_PORT)
PYTEST_OPTIONS ?= -n auto --dist loadfile --no-loadscope-reorder
UV := uv==0.13.9

# The first Python of PYTHON, python3, python3.13... that is 3.11 to 3.13 and can make environments.
PYTHON ?=
FIND_PYTHON = for one in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	"$$one" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && { echo "$$one"; break; }; done

.PHONY: help install run test lint bench profiles soak lock form clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

.venv/installed: pyproject.toml requirements-dev.lock
	@python=$$($(FIND_PYTHON)); test -n "$$python" || { echo "Passerelle needs Python 3.11, 3.12 or 3.13 with venv (on Debian: apt install python3-venv), or name one: make install PYTHON=/path/to/python3.12" >&2; exit 1; }; \
	echo "Making .venv with $$($$python --version)"; "$$python" -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

install: .venv/installed  ## make .venv with the locked dependencies, fetch the definitions of R4
	@$(BIN)/passerelle packages fetch

run: install  ## start the server with demonstration data on http://127.0.0.1:8080
	@$(AT) $(BIN)/passerelle demo load
	@exec env $(AT) $(BIN)/passerelle serve

test: install  ## all tests
	@$(BIN)/python -m pytest $(PYTEST_OPTIONS)

lint: install  ## ruff and mypy --strict
	@$(BIN)/ruff check .
	@$(BIN)/mypy

bench: install  ## measurements, each beside a bare floor (benchmarks/README.md)
	@$(BIN)/python -m benchmarks

profiles: install  ## compile the implementation guide: profiles/input/fsh to profiles/package (needs node)
	@$(BIN)/python profiles/build.py

soak: install  ## the long fault, load and fuzz runs
	@PASSERELLE_SOAK=1 $(BIN)/python -m pytest -m "soak or slow" --no-header -p no:cacheprovider

lock:  ## choose the newest dependencies that pyproject.toml allows, for all platforms
	@python=$$($(FIND_PYTHON)); test -d .venv-lock || "$$python" -m venv .venv-lock
	@.venv-lock/bin/python -m pip install --quiet --disable-pip-version-check "$(UV)"
	@set -e; for lock in requirements.lock requirements-dev.lock; do \
		case $$lock in *dev*) more="--group dev --constraint requirements.lock";; *) more="";; esac; \
		.venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade \
			--custom-compile-command "make lock" $$more pyproject.toml --output-file $$lock; done

form:  ## the form page's script out of fhir_server/console/form (needs Node 20 and npm; the script is in the repository)
	@rm -rf build/form/src && mkdir -p build/form && cp -R fhir_server/console/form/. build/form
	@cd build/form && npm ci --no-audit --no-fund --ignore-scripts && node build.mjs "$(CURDIR)/fhir_server/console/static"

clean:  ## remove what was made here: .venv, caches, build results, demonstration data
	rm -rf .venv .venv-lock .venv-audit $(DATA) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
