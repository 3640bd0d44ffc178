# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# Checks a model in Promela exhaustively, by spin. To be read in by MODEL.sh, the test of MODEL.pml:
#
#     check BOUNDS...              must hold, within these bounds (macros of the model)
#     check_long BOUNDS...         the same, only if MODEL_LONG is set (make check-model-long)
#     find MISTAKE FAULT BOUNDS... with BROKEN_MISTAKE defined it must not hold, and the first
#                                  assertion to fail must be the one named FAULT
#     finish                       closes the test
#
# A model asserts "!fault" for each fault that it knows, so that spin names the one it has found.
set -u
folder=$(cd "$(dirname "$0")" && pwd)
model=$(basename "$0" .sh)
: "${SPIN:=spin}" "${CC:=cc}"
failures=0

if ! command -v "$SPIN" >/dev/null; then
    echo "spin is not installed"
    [ -n "${SKIP_NOTHING-}${CI-}" ] && exit 1
    exit 77
fi
work=$(mktemp -d "$PWD/model-$model.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 1

# verify OPTIMISATION MACROS...: the verifier's whole answer is in out.
verify()
{
    optimisation=$1
    shift
    rm -f pan ./pan.* ./*.trail out
    "$SPIN" "-P$CC -E -x c" "$@" -a "$folder/$model.pml" >out 2>&1 || return 1
    # shellcheck disable=SC2086 # both may be several words
    $CC $optimisation -w -DSAFETY -DCOLLAPSE -DMEMLIM=8000 -o pan pan.c >>out 2>&1 || return 1
    ./pan -m500000 "-w${hash:-20}" >>out 2>&1
}

failed()
{
    echo "FAILED: $1: $2"
    sed -n '/^unreached/q; s/^/    /p' out
    failures=$((failures + 1))
}

# The steps that lead to what the verifier has found, as far as the log can bear it.
trail()
{
    [ -f "$model.pml.trail" ] || return
    "$SPIN" "-P$CC -E -x c" "$@" -p -g -l -k "$model.pml.trail" "$folder/$model.pml" |
        tail -n 200 | sed 's/^/    /'
}

states()
{
    sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' out
}

check()
{
    if ! verify "${level:--O1}" "$@"; then
        failed "$model $*" "spin, compiler or verifier stopped"
    elif grep -q '^pan:[0-9]\|^pan: reached\|[Nn]ot completed\|too small' out ||
        ! grep -q 'errors: 0$' out; then
        failed "$model $*" "does not hold"
        trail "$@"
    else
        echo "holds: $model $*: $(states) states"
    fi
}

check_long()
{
    [ -z "${MODEL_LONG-}" ] && return
    hash=26
    level=-O2
    check "$@"
    hash=20
    level=-O1
}

find()
{
    mistake=$1
    fault=$2
    shift 2
    if ! grep -q "BROKEN_$mistake\$" "$folder/$model.pml"; then
        : >out
        failed "$mistake" "the model has no such mistake"
    elif ! verify -O0 "-DBROKEN_$mistake" "$@"; then
        failed "$mistake" "spin, compiler or verifier stopped"
    elif ! grep -q "^pan:1: assertion violated  *!(*$fault)* " out; then
        failed "$mistake" "$fault expected"
    else
        echo "found: $mistake by $fault: $(states) states"
    fi
}

finish()
{
    # A mistake that nobody looks for would be a mistake of ours.
    sed -n 's/.*def BROKEN_\([A-Z_]*\)$/\1/p' "$folder/$model.pml" | sort -u >mistakes
    while read -r mistake; do
        if ! grep -q "^find $mistake " "$folder/$model.sh"; then
            echo "FAILED: $mistake: nothing tries to find it"
            failures=$((failures + 1))
        fi
    done <mistakes
    [ "$failures" -eq 0 ] || echo "$failures failed"
    exit $((failures > 0))
}
