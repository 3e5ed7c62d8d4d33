# Every target works on a fresh machine that has make and Python 3.11 or newer:
# what is missing is set up first, in .venv, and again when pyproject.toml changes.

BIN := .venv/bin

# The first of these that runs, is new enough and can make environments. The versions that are
# tried regularly come first. Name another with `make PYTHON=/path/to/python`.
CANDIDATES := python3.13 python3.12 python3.11 python3 python
USABLE := import ensurepip, sys; sys.exit(sys.version_info < (3, 11))

# What the extra "book" names, a line each.
BOOKS := import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["book"], sep="\n")

# Further options for the build, as in `make book BOOKFLAGS="--all -W -n --keep-going"`.
BOOKFLAGS :=

.PHONY: help book test slow execute check bench lab clean

help:
	@echo "make book     build the book into _build/html"
	@echo "make test     run tests, doctests and notebooks"
	@echo "make slow     run the rest: notebooks alone, sweeps that are killed, all that opens a browser"
	@echo "make execute  refresh the outputs stored in the notebooks (NOTEBOOKS=... for some of them)"
	@echo "make check    lint, format, types, import contracts, workflows"
	@echo "make bench    measure speed against the usual loops"
	@echo "make lab      install JupyterLab, Notebook and nbgrader in .venv-lab, for slow tests"
	@echo "make clean    remove .venv, .venv-lab and _build"

book: .venv/.book
	$(BIN)/jupyter-book build book $(BOOKFLAGS)

test: .venv/.course
	$(BIN)/pytest --nbval

slow: .venv/.course
	$(BIN)/pytest -m slow

execute: .venv/.course
	$(BIN)/python scripts/execute.py $(NOTEBOOKS)

check: .venv/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/actionlint -shellcheck= -pyflakes= .github/workflows/*.yml

bench: .venv/.dev
	set -e; for script in benchmarks/*.py; do $(BIN)/python $$script; done

# Apart from .venv, which has other versions of what it needs. `make slow` does without it, too.
lab: .venv-lab/.installed

.venv-lab/.installed: | .venv/.course
	$(BIN)/python -m venv --clear .venv-lab
	.venv-lab/bin/pip install --quiet 'jupyterlab>=4.4,<5' 'notebook>=7.4,<8' 'nbgrader>=0.9.5,<0.10'
	@touch $@

clean:
	rm -rf .venv .venv-lab _build

.venv/bin/pip:
	@for python in $(or $(PYTHON),$(CANDIDATES)); do \
	    if $$python -c '$(USABLE)' >/dev/null 2>&1; then \
	        echo "$$python -m venv .venv"; \
	        exec $$python -m venv --clear .venv; \
	    fi; \
	done; \
	echo "The course needs Python 3.11 or newer, with venv (on Debian and Ubuntu: python3-venv)." >&2; \
	echo "None was found among: $(or $(PYTHON),$(CANDIDATES)). Name one: make PYTHON=/path/to/python" >&2; \
	exit 1

# The pages are built from stored outputs, so this takes no PyTorch and not the package.
.venv/.book: pyproject.toml | .venv/bin/pip
	$(BIN)/python -c '$(BOOKS)' > .venv/book.txt
	$(BIN)/pip install --quiet --requirement .venv/book.txt
	@touch $@

.venv/.course: pyproject.toml | .venv/bin/pip
	$(BIN)/pip install --editable '.[book,test]'
	@touch $@

.venv/.dev: .venv/.course
	$(BIN)/pip install --editable '.[dev]'
	@touch $@
