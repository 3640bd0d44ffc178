#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The shared library exports what the headers declare and nothing else.
set -eu

tests=$(cd "$(dirname "$0")" && pwd)
headers=$(cd "$tests/../../include" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# As libtool has built it, in the build folder, where tests run.
library=.libs/$(sed -n "s/^dlname='\(.*\)'/\1/p" libpaceline.la)
if [ "$library" = .libs/ ]; then
    echo "there is no shared library"
    exit 77
fi

# The version of the symbols is one itself, of type A.
nm -D --defined-only "$library" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' |
    sort >"$folder/exported"
for header in "$headers"/*.h "$headers"/paceline/*.h; do
    awk -v what=prototypes -f "$tests/interface.awk" "$header"
done | sed 's/(.*//; s/.*[ *]//' | sort >"$folder/declared"

[ -s "$folder/declared" ] || { echo "the headers declare nothing"; exit 1; }
diff "$folder/declared" "$folder/exported" ||
    { echo "declared (<) and exported (>) differ"; exit 1; }
