#!/bin/sh
# SPDX-License-Identifier: MIT
# The units in etc/ are what systemd takes without a word, and harden the service well.
set -eu

if ! command -v systemd-analyze >/dev/null 2>&1; then
    echo "left out: there is no systemd-analyze"
    exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
etc=$(cd "$(dirname "$0")/../../etc" && pwd)

# The programs need not be installed yet.
sed -e "s|@sbindir@/paceline|$PACELINE|" -e "s|@bindir@/pacelinectl|$PACELINECTL|" \
    "$etc/paceline.service.in" >"$folder/paceline.service"
cp "$etc/paceline.socket" "$folder"
grep -q "^ExecStart=$PACELINE\$" "$folder/paceline.service"
if grep '@.*@' "$folder/paceline.service"; then
    exit 1
fi

said=$(SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no \
    "$folder/paceline.service" "$folder/paceline.socket" 2>&1 | grep -F "$folder" || true)
if [ -n "$said" ]; then
    printf '%s\n' "$said"
    exit 1
fi
# An exposure of at most 2.0, of 10.
systemd-analyze security --offline=yes --threshold=20 --no-pager "$folder/paceline.service" \
    >"$folder/exposure" || { cat "$folder/exposure"; exit 1; }
