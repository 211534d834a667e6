#!/usr/bin/env bash
# Renews the hash locks from locks/*.in. Versions and hashes only: where a machine downloads from is its own affair.
set -euo pipefail
cd "$(dirname "$0")/../locks"
uv=../.venv/uv/bin/uv
export UV_PYTHON_DOWNLOADS=never UV_CUSTOM_COMPILE_COMMAND=scripts/lock.sh
compile() { "$uv" pip compile --quiet --python python3 --universal --generate-hashes --no-emit-index-url "$@"; }
compile uv.in -o uv.txt
compile pipeline.in -o pipeline.txt
compile test.in -c pipeline.txt -o test.txt
compile bi.in -o bi.txt
compile tools.in -o tools.txt
compile docs.in -o docs.txt
