#!/usr/bin/env bash
# Makes a release of the tagged commit: release.sh KEY [FOLDER]. KEY signs with ssh-keygen: a private key, or the public
# half of one that an agent or a token holds. Writes the bundle, its signature and its bill of materials.
set -euo pipefail
key=$(realpath "${1:?name the key that signs: make release KEY=…}")
folder=$(realpath -m "${2:-build}")
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
version=$("$python" -c 'import tomllib; print(tomllib.load(open("pyproject.toml", "rb"))["project"]["version"])')
refuse() {
    echo "No release: $1" >&2
    exit 1
}
[ "$(git rev-parse --verify --quiet "v$version^{commit}")" = "$(git rev-parse HEAD)" ] ||
    refuse "the tag v$version is not at this commit; tag it, or raise the version in pyproject.toml."
grep -qE "^## ${version//./\\.} \([0-9]{4}-[0-9]{2}-[0-9]{2}\)\$" CHANGELOG.md ||
    refuse "CHANGELOG.md has no heading '## $version (YYYY-MM-DD)'."
[ -x .venv/tools/bin/python ] || scripts/environment.sh tools locks/tools.txt
.venv/tools/bin/python -m scripts.supply.audit --offline || refuse "the audit above has something open."
scripts/bundle.sh "$folder"
archive=$(ls -t "$folder/nengtan-$version-$(git rev-parse --short=12 HEAD)"-*.tar | head -1)
name=$(basename "$archive" .tar)
rm -f "$archive.sig"
ssh-keygen -q -Y sign -f "$key" -n nengtan-release "$archive"
tar -xOf "$archive" "$name/bom.cdx.json" >"${archive%.tar}.cdx.json"
echo "Signed: $archive.sig; scripts/install.sh verifies it on the machine that it is for."
