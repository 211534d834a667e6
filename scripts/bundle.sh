#!/usr/bin/env bash
# Writes one archive from which a machine without a network sets everything up: bundle.sh [FOLDER]. It holds this commit,
# in wheelhouse/ every package of the locks for this machine's kind and Python, in bom.cdx.json the bill of these
# materials, and in SHA256SUMS each file's hash. The same commit on the same kind of machine gives the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
folder=${1:-build}
if [ -n "$(git status --porcelain)" ]; then
    echo "There are changes that no commit holds: commit them first, a bundle is a commit." >&2
    exit 2
fi
[ -x .venv/tools/bin/python ] || scripts/environment.sh tools locks/tools.txt
# Neither who builds nor where may show in the bytes.
umask 022
export LC_ALL=C TZ=UTC
commit=$(git rev-parse HEAD)
at=$(git log -1 --format=%ct)
version=$("$python" -c 'import tomllib; print(tomllib.load(open("pyproject.toml", "rb"))["project"]["version"])')
kind=$("$python" -c 'import sys, sysconfig; print(f"{sysconfig.get_platform()}-cp{sys.version_info[0]}{sys.version_info[1]}")')
name=nengtan-$version-${commit:0:12}-$kind
mkdir -p "$folder"
staging=$(mktemp -d "$folder/.bundle-XXXXXX")
trap 'rm -rf "$staging"' EXIT
git archive --prefix="$name/" HEAD | tar -x -C "$staging"
echo "Fetching every package of the locks" >&2
for lock in uv pipeline bi; do
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
        -r "locks/$lock.txt" -d "$staging/$name/wheelhouse"
done
.venv/tools/bin/python -m scripts.supply.bill "$staging/$name/wheelhouse" \
    --version "$version" --commit "$commit" --at "$at" --output "$staging/$name/bom.cdx.json"
printf 'version %s\ncommit %s\nfor %s\n' "$version" "$commit" "$kind" >"$staging/$name/wheelhouse/BUNDLE"
(cd "$staging/$name" && find . -type f ! -name SHA256SUMS -print0 | sort -z | xargs -0 sha256sum) >"$staging/SHA256SUMS"
mv "$staging/SHA256SUMS" "$staging/$name/SHA256SUMS"
# Wheels are packed already: a second packing would cost minutes and save little.
tar --format=gnu --sort=name --owner=0 --group=0 --numeric-owner --mode=u+rwX,go+rX,go-w --mtime="@$at" \
    -C "$staging" -cf "$folder/$name.tar" "$name"
echo "$folder/$name.tar: $(du -h "$folder/$name.tar" | cut -f1); on the machine without a network: tar -xf, sha256sum -c SHA256SUMS, make run"
