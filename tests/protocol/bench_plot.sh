#!/bin/sh
# SPDX-License-Identifier: MIT
#
# paceline-bench compare --plot draws what it should, and says so where it cannot.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail()
{
    echo "FAILED: $*"
    [ ! -f "$folder/err" ] || cat "$folder/err"
    exit 1
}

compare()
{
    "$PACELINE_BENCH" compare --models none --rounds 1 --warmup 0.02 --seconds 0.1 \
        --server "raw loop='$BENCH_PROGRAMS/raw_epoll' --threads {threads}" \
        --server "it's \"another\"='$BENCH_PROGRAMS/raw_epoll'" "$@" \
        >"$folder/out" 2>"$folder/err"
}

# Without gnuplot nothing is measured, and the reason is named.
mkdir "$folder/empty"
if env PATH="$folder/empty" "$PACELINE_BENCH" compare --plot "$folder/none" 2>"$folder/err"; then
    fail "it needs no gnuplot"
fi
grep -q 'gnuplot, which is not installed' "$folder/err" || fail "no reason is given"

if ! command -v gnuplot >/dev/null; then
    echo "there is no gnuplot"
    [ -n "${SKIP_NOTHING:-}" ] || exit 77
    exit 1
fi

compare --connections 1,2,4 --threads 1,2 --plot "$folder/plots" || fail "it does not draw"
[ ! -s "$folder/err" ] || fail "gnuplot complains"
for name in echo-throughput echo-cpu echo-p99; do
    for kind in '' -by-connections -by-threads; do
        picture=$folder/plots/$name$kind
        for end in gp dat svg png; do
            [ -s "$picture.$end" ] || fail "no $name$kind.$end"
        done
        head -c 8 "$picture.png" | od -An -tx1 | grep -q '89 50 4e 47' ||
            fail "$name$kind.png is no PNG"
        grep -q '</svg>' "$picture.svg" || fail "$name$kind.svg has no end"
        grep -q 'raw loop' "$picture.svg" || fail "$name$kind.svg names no server"
    done
done
grep -q 'raw loop' "$folder/plots/echo-throughput-by-connections.txt" || fail "no plain text"
grep -q 'thousand lines per second' "$folder/plots/echo-throughput.svg" || fail "no unit"

# A person draws it again, elsewhere.
mv "$folder/plots" "$folder/moved"
rm "$folder/moved/echo-p99.svg"
(cd "$folder/moved" && gnuplot echo-p99.gp) || fail "it cannot be drawn again"
[ -s "$folder/moved/echo-p99.svg" ] || fail "nothing was drawn again"
