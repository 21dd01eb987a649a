# make lab     opens the workbook      (options for JupyterLab: make lab ARGS="--no-browser --port 9999")
# make test    tests everything        (options for pytest: make test ARGS="-k masks")
# make test-all  the same with the chapters on applications, which take minutes each
# make bench   measures the speed      (rows by name: make bench ARGS="curve opening"; see benchmarks/README.md)
# make dist    builds the package      (and checks the wheel; see CONTRIBUTING.md, "Release")
# make docs    builds the documentation  (build/docs/index.html)
# make hosts   tests the views in other notebook programs  (some: make hosts ARGS="voila marimo"; see docs/hosts.md)
# make graders runs chapters 01 and 05 in the real nbgrader and otter-grader  (one: make graders ARGS=01)
# make site    builds the workbook as pages  (build/site/index.html; make site ARGS=--check opens every page)
# All make .venv from requirements.lock first, once. Another Python: make lab PYTHON=python3.12

PYTHON ?= python3
RUN := .venv/bin/python

.PHONY: lab test test-all bench dist docs graders hosts site environment lock

lab: environment
	@$(RUN) tools/lab.py $(ARGS)

test: environment
	@$(RUN) tools/browser.py
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy
	@$(RUN) tools/javascript.py
	@TF_CPP_MIN_LOG_LEVEL=2 $(RUN) tools/tests.py $(ALL) $(ARGS)

test-all: ALL := --all
test-all: test

bench: environment
	@$(RUN) tools/browser.py || true
	@$(RUN) -m benchmarks $(ARGS)

dist: environment
	@$(RUN) tools/dist.py $(ARGS)

docs: environment
	@TF_CPP_MIN_LOG_LEVEL=2 $(RUN) -m sphinx -W --keep-going --quiet docs build/docs
	@echo "The documentation is in build/docs/index.html"

hosts: environment
	@$(RUN) tools/browser.py
	@$(RUN) -m tools.hosts $(ARGS)

graders: environment
	@$(RUN) -m tools.graders $(ARGS)

site: environment
	@TF_CPP_MIN_LOG_LEVEL=2 $(RUN) -m tools.site $(ARGS)

environment:
	@"$(PYTHON)" -c "import sys; assert sys.version_info > (3, 6)" 2>/dev/null || \
		{ echo "$(PYTHON) is missing or too old. Install Python 3.11, 3.12 or 3.13, or name yours: make lab PYTHON=..."; exit 1; }
	@"$(PYTHON)" tools/environment.py

# For maintainers: pin every dependency again, for all platforms at once.
lock: environment
	$(RUN) -m uv pip compile pyproject.toml --extra tensorflow --extra lab --extra onnx --extra applications --extra sweeps --extra dev --extra docs \
		--universal --python-version 3.11 --fork-strategy fewest --generate-hashes --no-annotate --upgrade \
		--custom-compile-command "make lock" --output-file requirements.lock --quiet
