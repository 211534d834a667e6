#!/usr/bin/env bash
# Makes one environment from its hash lock: environment.sh NAME LOCK [LOCK...]. Uses this machine's own python3.
set -euo pipefail
cd "$(dirname "$0")/.."
name=$1
shift
python=${PYTHON:-python3}
if ! "$python" -c 'import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
    echo "Nengtan needs Python 3.11, 3.12 or 3.13; $python is $("$python" --version 2>&1 || true): install one of them, or name it with PYTHON=…" >&2
    exit 2
fi
if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    echo "$python has no venv module: install it (Debian and Ubuntu: the package python3-venv), then run this again." >&2
    exit 2
fi
export UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=${UV_LINK_MODE:-hardlink} UV_NO_PROGRESS=1
uv=.venv/uv/bin/uv
# A bundle brings every package along (scripts/bundle.sh): where it lies, nothing is asked of a network.
offline=()
if [ -d wheelhouse ]; then
    offline=(--no-index --find-links "$PWD/wheelhouse")
fi
if [ ! -x "$uv" ]; then
    echo "Setting up: the installer" >&2
    "$python" -m venv .venv/uv
    .venv/uv/bin/python -m pip install --quiet --disable-pip-version-check "${offline[@]}" --require-hashes -r locks/uv.txt
fi
# A mirror that pip was told about is the mirror of this machine.
if [ ${#offline[@]} -eq 0 ] && [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
    mirror=$(.venv/uv/bin/python -m pip config get global.index-url 2>/dev/null || true)
    [ -z "$mirror" ] || export UV_DEFAULT_INDEX="$mirror"
fi
target=.venv/$name
[ -x "$target/bin/python" ] || "$uv" venv --quiet --python "$python" "$target"
echo "Setting up: the $name environment" >&2
requirements=()
for lock in "$@"; do requirements+=(-r "$lock"); done
"$uv" pip install --quiet --python "$target/bin/python" "${offline[@]}" --require-hashes "${requirements[@]}"
if [ "$name" = pipeline ]; then
    "$uv" pip install --quiet --python "$target/bin/python" --no-deps --no-build-isolation --editable .
fi
