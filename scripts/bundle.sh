#!/usr/bin/env bash
# Writes one archive from which a machine without a network sets everything up: bundle.sh [FOLDER]. It holds this commit
# and, in wheelhouse/, every package of the locks for this machine's kind and Python; make run and make serve need no more.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
folder=${1:-build}
if [ -n "$(git status --porcelain)" ]; then
    echo "There are changes that no commit holds: commit them first, a bundle is a commit." >&2
    exit 2
fi
commit=$(git rev-parse --short=12 HEAD)
kind=$("$python" -c 'import sys, sysconfig; print(f"{sysconfig.get_platform()}-cp{sys.version_info[0]}{sys.version_info[1]}")')
name=nengtan-$commit-$kind
mkdir -p "$folder"
staging=$(mktemp -d "$folder/.bundle-XXXXXX")
trap 'rm -rf "$staging"' EXIT
git archive --prefix="$name/" HEAD | tar -x -C "$staging"
echo "Fetching every package of the locks" >&2
for lock in uv pipeline bi; do
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
        -r "locks/$lock.txt" -d "$staging/$name/wheelhouse"
done
printf 'commit %s\nfor %s\n' "$(git rev-parse HEAD)" "$kind" >"$staging/$name/wheelhouse/BUNDLE"
(cd "$staging/$name" && find . -type f ! -name SHA256SUMS -print0 | sort -z | xargs -0 sha256sum) >"$staging/SHA256SUMS"
mv "$staging/SHA256SUMS" "$staging/$name/SHA256SUMS"
# Wheels are packed already; the same commit gives the same archive.
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$(git log -1 --format=%ct)" -C "$staging" -cf "$folder/$name.tar" "$name"
echo "$folder/$name.tar: $(du -h "$folder/$name.tar" | cut -f1); on the machine without a network: tar -xf, sha256sum -c SHA256SUMS, make run"
