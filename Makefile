# The words that people and CI use. Each one sets up what it lacks.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check --no-input
LOCKED := --require-hashes --no-deps
SIZES  ?= 4k,100k
export Q TEXT
.DEFAULT_GOAL := help
.PHONY: help setup ask check bot test soak lint bench train lock clean

help:  ## 列出这些命令
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-9s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# jieba comes as source only, so its build backend is installed first, locked like the rest.
# A virtual environment without pip is what an interrupted or failed start leaves: made again.
$(VENV)/.run: requirements/build.txt requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo '需要 Python 3.11 到 3.14；装好后用 make setup PYTHON=python3.12 指定' >&2; exit 1; }
	@echo '首次运行：正在准备环境（一分钟左右）……' >&2
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || \
	  { echo '建不了虚拟环境；Debian/Ubuntu 上先装 python3-venv' >&2; exit 1; }
	@$(PIP) install $(LOCKED) -r requirements/build.txt
	@$(PIP) install $(LOCKED) --no-build-isolation -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	@$(PIP) install $(LOCKED) --no-build-isolation -r requirements/dev.txt
	@touch $@

$(VENV)/.bench: $(VENV)/.dev requirements/bench.txt
	@$(PIP) install $(LOCKED) --no-build-isolation -r requirements/bench.txt
	@touch $@

setup: $(VENV)/.run  ## 准备运行环境

ask: $(VENV)/.run  ## 问一个问题：make ask Q='……'
	@$(BIN)/qingxing ask -- "$$Q"

check: $(VENV)/.run  ## 核对一条帖子：make check TEXT='……'
	@$(BIN)/qingxing check -- "$${TEXT:-$$Q}"

bot: $(VENV)/.run  ## 运行 Telegram 机器人（先看 .env.example）
	@$(BIN)/qingxing bot

test: $(VENV)/.dev  ## 全部测试
	@$(BIN)/python -m pytest -q -n auto -m 'not soak'

soak: $(VENV)/.dev  ## 长时间的故障测试
	@$(BIN)/python -m pytest -q -m soak

lint: $(VENV)/.dev  ## 格式、静态检查、类型
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

bench: $(VENV)/.bench  ## 并排计时：make bench SIZES=4k,100k,1M
	@$(BIN)/python -m benchmarks --sizes '$(SIZES)'

train: $(VENV)/.dev  ## 用标注集重新训练两个模型（约十分钟）
	@$(BIN)/python -m bot.eval.train_guard
	@$(BIN)/python -m bot.eval.train_answer

# Needs uv, a maintainer's tool; nobody else has to have it.
lock:  ## 重新锁定依赖版本（维护者）
	@printf 'setuptools\nwheel\n' | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements/build.txt
	@uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements/run.txt
	@uv pip compile pyproject.toml --extra dev -c requirements/run.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements/dev.txt
	@uv pip compile pyproject.toml --extra bench -c requirements/dev.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements/bench.txt

clean:
	@rm -rf $(VENV) build dist *.egg-info
