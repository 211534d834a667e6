#!/usr/bin/env bash
# Installs the independent peers that are written for Node.js, from their hash lock; the tests that need them skip without.
set -euo pipefail
cd "$(dirname "$0")/.."
target=.venv/node
if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
    echo "Missing here: node and npm; the tests that need them are skipped." >&2
    exit 0
fi
if [ -d "$target/node_modules" ] && cmp -s locks/node/package-lock.json "$target/package-lock.json"; then
    exit 0
fi
echo "Setting up: the independent peers" >&2
rm -rf "$target"
mkdir -p "$target"
cp locks/node/package.json "$target/"
cp locks/node/package-lock.json "$target/"
if ! (cd "$target" && npm ci --ignore-scripts --omit=optional --no-audit --no-fund --fetch-retries=1 --fetch-timeout=60000 >npm.log 2>&1); then
    echo "npm could not install them (its words are in $target/npm.log); the tests that need them are skipped." >&2
    rm -rf "$target/node_modules"
fi
