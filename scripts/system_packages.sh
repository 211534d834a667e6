#!/usr/bin/env bash
# Installs from the distribution what `make test` needs beside Python: a browser, fonts, brokers and independent peers.
set -euo pipefail
packages=(chromium fonts-noto-cjk mosquitto mosquitto-clients mbpoll postgresql mariadb-server poppler-utils openssl strace fonts-liberation libreoffice-writer-nogui libreoffice-calc-nogui)
programs=(chromium mosquitto mosquitto_pub mbpoll mariadbd pdftoppm openssl strace soffice)
missing=()
for program in "${programs[@]}"; do
    command -v "$program" >/dev/null 2>&1 || [ -x "/usr/sbin/$program" ] || missing+=("$program")
done
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
[ ${#missing[@]} -gt 0 ] || exit 0
if [ "$(id -u)" -eq 0 ] && grep -qE '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release 2>/dev/null; then
    echo "Installing from the distribution: ${packages[*]}" >&2
    export DEBIAN_FRONTEND=noninteractive
    # The tests start their own servers on free ports: forbid the packages to start theirs.
    policy=/usr/sbin/policy-rc.d
    [ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' > "$policy"; chmod +x "$policy"; trap 'rm -f "$policy"' EXIT; }
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
else
    echo "Missing here: ${missing[*]}; the tests that need them are skipped. Install ${packages[*]} from your distribution to run them all." >&2
fi
