# The words that people and CI use. Each one sets up what it lacks.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check --no-input
LOCKED := --require-hashes --no-deps
export Q TEXT
.DEFAULT_GOAL := help
.PHONY: help setup ask check bot test soak lint bench lock clean

help:  ## 列出这些命令
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# jieba comes as source only, so its build backend is installed first, locked like the rest.
$(VENV)/.run: requirements/build.txt requirements/run.txt pyproject.toml
	@echo '首次运行：正在准备环境（约半分钟）……' >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install $(LOCKED) -r requirements/build.txt
	@$(PIP) install $(LOCKED) --no-build-isolation -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	@$(PIP) install $(LOCKED) --no-build-isolation -r requirements/dev.txt
	@touch $@

setup: $(VENV)/.run  ## 准备运行环境

ask: $(VENV)/.run  ## 问一个问题：make ask Q='……'
	@$(BIN)/qingxing ask -- "$$Q"

check: $(VENV)/.run  ## 核对一条帖子：make check TEXT='……'
	@$(BIN)/qingxing check -- "$$TEXT"

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

bench: $(VENV)/.dev  ## 并排计时
	@$(BIN)/python -m benchmarks

# Needs uv, a maintainer's tool; nobody else has to have it.
lock:  ## 重新锁定依赖版本（维护者）
	@printf 'setuptools\nwheel\n' | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements/build.txt
	@uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements/run.txt
	@uv pip compile pyproject.toml --extra dev -c requirements/run.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements/dev.txt

clean:
	@rm -rf $(VENV) build dist *.egg-info
