#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Runs irc_framework.mjs with what npm installs for it, in the versions that package-lock.json
# names, in the folder tests/clients/npm of the build.
set -u
folder=$(cd "$(dirname "$0")" && pwd)

# Nothing may be skipped where everything was to be installed.
skip() # WHY
{
    echo "$*"
    [ -n "${SKIP_NOTHING-}${CI-}" ] && exit 1
    exit 77
}

command -v node >/dev/null || skip "node is not installed"
command -v npm >/dev/null || skip "npm is not installed"
mkdir -p tests/clients/npm && cd tests/clients/npm || exit 1
cp -f "$folder/package.json" "$folder/package-lock.json" "$folder/irc_framework.mjs" . || exit 1
timeout 240 npm ci --ignore-scripts --no-audit --no-fund </dev/null ||
    skip "npm did not install irc-framework"
exec timeout --kill-after=10 240 node irc_framework.mjs </dev/null
