#!/usr/bin/env bash
# Installs a release beside what runs: install.sh ARCHIVE [PARENT FOLDER]. Nothing is unpacked before the signature
# ARCHIVE.sig holds against a key that this machine was told to trust, and nothing is set up before every file is what
# SHA256SUMS says. The keys stand in the file that NENGTAN_SIGNERS names (ssh-keygen's form: NAME KEY-TYPE KEY).
set -euo pipefail
archive=$(realpath "${1:?name the archive}")
parent=${2:-/opt}
signers=${NENGTAN_SIGNERS:-/etc/nengtan/release_signers}
refuse() {
    echo "Not installed: $1" >&2
    exit 1
}
command -v ssh-keygen >/dev/null || refuse "ssh-keygen is missing; install the distribution's OpenSSH client."
[ -f "$signers" ] || refuse "$signers is missing; it names the keys whose releases this machine takes."
[ -f "$archive.sig" ] || refuse "$archive.sig is missing; carry the signature over with the archive."
who=$(ssh-keygen -Y find-principals -f "$signers" -s "$archive.sig" 2>/dev/null | head -1) ||
    refuse "no key of $signers made $archive.sig."
ssh-keygen -Y verify -f "$signers" -I "$who" -n nengtan-release -s "$archive.sig" <"$archive" >/dev/null 2>&1 ||
    refuse "$archive is not what $who signed; fetch it again from where it was released."
name=$(basename "$archive" .tar)
[ ! -e "$parent/$name" ] || refuse "$parent/$name is there already; it may be in use."
mkdir -p "$parent"
staging=$(mktemp -d "$parent/.install-XXXXXX")
trap 'rm -rf "$staging"' EXIT
tar --no-same-owner -xf "$archive" -C "$staging"
(cd "$staging/$name" && sha256sum --check --quiet --strict SHA256SUMS) || refuse "a file is not what SHA256SUMS says."
mv "$staging/$name" "$parent/$name"
make -C "$parent/$name" setup || {
    rm -rf "${parent:?}/$name"
    refuse "its environments could not be set up; the words above say why."
}
echo "Signed by $who, installed in $parent/$name. Next: docs/releases.md, 'Upgrade'."
